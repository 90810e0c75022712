"""The bytes of a BigWig: sections under an R-tree, chromosome B+ tree, zoom levels, summary.

Kent et al. 2010 (Bioinformatics 26:2204, supplement). Values are encoded in whole numpy blocks and
compressed with libdeflate; runs of equal values become bedGraph sections where that is smaller than
fixedStep.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

import deflate
import numpy as np
from numpy.typing import NDArray

from core.errors import SighthoundError

BIGWIG_MAGIC = 0x888FFC26
CHROMOSOME_TREE_MAGIC = 0x78CA8C91
R_TREE_MAGIC = 0x2468ACE0
HEADER_BYTES, ZOOM_HEADER_BYTES, SUMMARY_BYTES = 64, 24, 40
BEDGRAPH, FIXED_STEP = 1, 3

ITEMS_PER_SECTION = 1024
ZOOM_RECORDS_PER_SECTION = 512
TREE_FANOUT = 256
COMPRESSION_LEVEL = 1  # a higher level saves 3 % of the bytes and doubles the time
FIRST_ZOOM_BINS = 16  # the finest zoom level, in bins ...
FIRST_ZOOM_BASES = (
    256  # ... but not finer than this, or zooms of single-base tracks outgrow the data
)
ZOOM_FACTOR = 4
MAX_ZOOM_LEVELS = 10  # the limit in UCSC's own code
TILE_BINS = 1 << 18  # bins encoded at once: bounds temporary memory to some megabytes
SECTION_OVERHEAD_BYTES = 64  # header, index entry and lost compression of one more section

ZOOM_RECORD = np.dtype(
    [
        ("chrom", "<u4"),
        ("start", "<u4"),
        ("end", "<u4"),
        ("covered", "<u4"),
        ("min", "<f4"),
        ("max", "<f4"),
        ("sum", "<f4"),
        ("sum_squares", "<f4"),
    ]
)
BEDGRAPH_RECORD = np.dtype([("start", "<u4"), ("end", "<u4"), ("value", "<f4")])
INDEX_LEAF = np.dtype([("span", "<u4", 4), ("offset", "<u8"), ("size", "<u8")])
INDEX_BRANCH = np.dtype([("span", "<u4", 4), ("offset", "<u8")])


class BigWigEncoder:
    """One BigWig being written: data go to the file at once, zooms wait (compressed) for
    `finish`."""

    def __init__(self, file: BinaryIO, lengths: Mapping[str, int], step: int) -> None:
        self.file, self.lengths, self.step = file, lengths, step
        self.chrom_ids = {name: rank for rank, name in enumerate(sorted(lengths, key=str.encode))}
        self.added: set[str] = set()
        self.largest_section = 0
        self.sections: list[
            tuple[int, int, int, int, int]
        ] = []  # chromosome id, start, end, offset, size
        self.covered = 0
        self.minimum, self.maximum, self.sum, self.sum_squares = np.inf, -np.inf, 0.0, 0.0
        self.zoom_bins = _zoom_levels(max(lengths.values(), default=0), step)
        self.zoom_sections: list[dict[int, list[tuple[int, int, bytearray]]]] = [
            {} for _ in self.zoom_bins
        ]
        self.zoom_counts = [0] * len(self.zoom_bins)

        file.write(bytes(HEADER_BYTES + ZOOM_HEADER_BYTES * len(self.zoom_bins)))
        self.summary_offset = file.tell()
        file.write(bytes(SUMMARY_BYTES))
        self.chromosome_tree_offset = file.tell()
        _write_chromosome_tree(file, self.chrom_ids, lengths)
        self.data_offset = file.tell()
        file.write(bytes(8))

    def add_chromosome(self, chrom: str, values: NDArray[np.float32]) -> None:
        if chrom in self.added:
            raise SighthoundError(f"{chrom}: values given twice; expected each chromosome once")
        self.added.add(chrom)
        chrom_id, length = self.chrom_ids[chrom], self.lengths[chrom]
        tiles = [
            self._add_tile(chrom_id, length, first, values[first : first + TILE_BINS])
            for first in range(0, len(values), TILE_BINS)
        ]
        if not tiles:
            return
        level = _Statistics.concatenate(tiles)
        self._add_to_summary(level)
        for rank, bins in enumerate(self.zoom_bins):
            if rank:
                level = level.coarser(bins // self.zoom_bins[rank - 1])
            self._add_zoom(
                rank, chrom_id, length, level.records(chrom_id, bins * self.step, length)
            )

    def _add_tile(
        self, chrom_id: int, length: int, first: int, values: NDArray[np.float32]
    ) -> _Statistics:
        """Write the bins from `first` on; return their statistics on the finest zoom's grid."""
        step = self.step
        bits = values.view(np.uint32)
        has_data = ~np.isnan(values)
        complete = bool(has_data.all())
        changes = bits[1:] != bits[:-1]
        if complete:
            gap_edges = np.zeros(0, np.int64)
        else:
            gap_edges = np.flatnonzero(has_data[1:] != has_data[:-1]) + 1
            changes &= has_data[1:] | has_data[:-1]
        edges = np.concatenate([[0], gap_edges, [len(values)]])
        stretches = (
            [(int(a), int(b)) for a, b in itertools.pairwise(edges) if has_data[a]]
            if len(edges) < len(values) // 4 + 3
            else None
        )
        n_values = int(has_data.sum())
        n_stretches = len(edges) // 2
        n_runs = int(np.count_nonzero(changes)) + 1
        fixed_bytes = values.itemsize * n_values + SECTION_OVERHEAD_BYTES * n_stretches
        if stretches is None or BEDGRAPH_RECORD.itemsize * n_runs < fixed_bytes:
            self._write_runs(chrom_id, length, first, values, has_data, np.flatnonzero(changes) + 1)
        else:
            for start, end in stretches:
                self._write_fixed_steps(chrom_id, length, first + start, values[start:end])
        bases = np.full(len(values), step, np.int64)
        bases[-1] = min(step, length - (first + len(values) - 1) * step)
        return _Statistics.of_bins(values, has_data, bases, complete, self.zoom_bins[0])

    def _write_fixed_steps(
        self, chrom_id: int, length: int, first: int, values: NDArray[np.float32]
    ) -> None:
        step = self.step
        whole = len(values) if (first + len(values)) * step <= length else len(values) - 1
        pieces = [
            (at, min(at + ITEMS_PER_SECTION, whole), step)
            for at in range(0, whole, ITEMS_PER_SECTION)
        ]
        if whole < len(values):
            pieces.append((whole, whole + 1, length - (first + whole) * step))
        for at, until, span in pieces:
            start = (first + at) * step
            end = start + (until - at) * span
            header = struct.pack(
                "<IIIIIBBH", chrom_id, start, end, span, span, FIXED_STEP, 0, until - at
            )
            self._write_section(chrom_id, start, end, header + values[at:until].tobytes())

    def _write_runs(
        self,
        chrom_id: int,
        length: int,
        first: int,
        values: NDArray[np.float32],
        has_data: NDArray[np.bool_],
        changes: NDArray[np.int64],
    ) -> None:
        run_starts = np.concatenate([[0], changes])
        run_ends = np.concatenate([changes, [len(values)]])
        kept = has_data[run_starts]
        runs = np.empty(int(kept.sum()), BEDGRAPH_RECORD)
        runs["start"] = (first + run_starts[kept]) * self.step
        runs["end"] = np.minimum((first + run_ends[kept]) * self.step, length)
        runs["value"] = values[run_starts[kept]]
        for at in range(0, len(runs), ITEMS_PER_SECTION):
            section = runs[at : at + ITEMS_PER_SECTION]
            start, end = int(section["start"][0]), int(section["end"][-1])
            header = struct.pack("<IIIIIBBH", chrom_id, start, end, 0, 0, BEDGRAPH, 0, len(section))
            self._write_section(chrom_id, start, end, header + section.tobytes())

    def _write_section(self, chrom_id: int, start: int, end: int, raw: bytes) -> None:
        self.largest_section = max(self.largest_section, len(raw))
        packed = deflate.zlib_compress(raw, COMPRESSION_LEVEL)
        self.sections.append((chrom_id, start, end, self.file.tell(), len(packed)))
        self.file.write(packed)

    def _add_to_summary(self, level: _Statistics) -> None:
        covered = level.covered > 0
        if covered.any():
            self.covered += int(level.covered.sum())
            self.minimum = min(self.minimum, float(level.minimum[covered].min()))
            self.maximum = max(self.maximum, float(level.maximum[covered].max()))
            self.sum += float(level.sum.sum())
            self.sum_squares += float(level.sum_squares.sum())

    def _add_zoom(self, rank: int, chrom_id: int, length: int, records: NDArray[np.void]) -> None:
        sections = self.zoom_sections[rank].setdefault(chrom_id, [])
        self.zoom_counts[rank] += len(records)
        for at in range(0, len(records), ZOOM_RECORDS_PER_SECTION):
            section = records[at : at + ZOOM_RECORDS_PER_SECTION]
            self.largest_section = max(self.largest_section, section.nbytes)
            packed = deflate.zlib_compress(section.tobytes(), COMPRESSION_LEVEL)
            sections.append((int(section["start"][0]), int(section["end"][-1]), packed))

    def finish(self) -> None:
        """Write the index, the zoom levels with theirs, and at last the header."""
        file = self.file
        index_offset = file.tell()
        _write_r_tree(file, self.sections, index_offset)
        zoom_headers = b""
        for bins, by_chromosome, count in zip(
            self.zoom_bins, self.zoom_sections, self.zoom_counts, strict=True
        ):
            zoom_offset = file.tell()
            file.write(struct.pack("<I", count))
            entries = []
            for chrom_id in sorted(by_chromosome):
                for start, end, packed in by_chromosome[chrom_id]:
                    entries.append((chrom_id, start, end, file.tell(), len(packed)))
                    file.write(packed)
            zoom_index_offset = file.tell()
            _write_r_tree(file, entries, zoom_index_offset)
            zoom_headers += struct.pack(
                "<IIQQ", bins * self.step, 0, zoom_offset, zoom_index_offset
            )
        file.write(struct.pack("<I", BIGWIG_MAGIC))
        header = struct.pack(
            "<IHHQQQHHQQIQ",
            BIGWIG_MAGIC,
            4,  # format version
            len(self.zoom_bins),
            self.chromosome_tree_offset,
            self.data_offset,
            index_offset,
            0,  # field counts and autoSql: of bigBed only
            0,
            0,
            self.summary_offset,
            self.largest_section,
            0,  # no extension
        )
        file.seek(0)
        file.write(header + zoom_headers)
        minimum, maximum = (self.minimum, self.maximum) if self.covered else (0.0, 0.0)
        file.seek(self.summary_offset)
        file.write(
            struct.pack("<Qdddd", self.covered, minimum, maximum, self.sum, self.sum_squares)
        )
        file.seek(self.data_offset)
        file.write(struct.pack("<Q", len(self.sections)))


@dataclass(frozen=True)
class _Statistics:
    """What a zoom level keeps of each of its bins; sums are over bases, float64."""

    covered: NDArray[np.int64]
    minimum: NDArray[np.float32]
    maximum: NDArray[np.float32]
    sum: NDArray[np.float64]
    sum_squares: NDArray[np.float64]

    @classmethod
    def of_bins(
        cls,
        values: NDArray[np.float32],
        has_data: NDArray[np.bool_],
        bases: NDArray[np.int64],
        complete: bool,
        group: int,
    ) -> _Statistics:
        """Statistics of each `group` neighbouring values, of `bases` bases each."""
        starts = np.arange(0, len(values), group)
        low = high = values
        weights: NDArray[np.floating] = bases.astype(np.float64)
        if not complete:
            low, high = np.where(has_data, values, np.inf), np.where(has_data, values, -np.inf)
            values = np.where(has_data, values, np.float32(0))
            bases = np.where(has_data, bases, 0)
        exact_values = values.astype(np.float64)
        weighted = exact_values * weights
        return cls(
            np.add.reduceat(bases, starts),
            np.minimum.reduceat(low, starts),
            np.maximum.reduceat(high, starts),
            np.add.reduceat(weighted, starts),
            np.add.reduceat(weighted * exact_values, starts),
        )

    @classmethod
    def concatenate(cls, parts: list[_Statistics]) -> _Statistics:
        columns = zip(
            *((p.covered, p.minimum, p.maximum, p.sum, p.sum_squares) for p in parts), strict=True
        )
        return cls(*(np.concatenate(column) for column in columns))

    def coarser(self, factor: int) -> _Statistics:
        starts = np.arange(0, len(self.covered), factor)
        return _Statistics(
            np.add.reduceat(self.covered, starts),
            np.minimum.reduceat(self.minimum, starts),
            np.maximum.reduceat(self.maximum, starts),
            np.add.reduceat(self.sum, starts),
            np.add.reduceat(self.sum_squares, starts),
        )

    def records(self, chrom_id: int, bases: int, length: int) -> NDArray[np.void]:
        """Zoom records of the bins (each `bases` wide) that have data."""
        covered = np.flatnonzero(self.covered)
        records = np.empty(len(covered), ZOOM_RECORD)
        records["chrom"] = chrom_id
        records["start"] = covered * bases
        records["end"] = np.minimum((covered + 1) * bases, length)
        records["covered"] = self.covered[covered]
        records["min"] = self.minimum[covered]
        records["max"] = self.maximum[covered]
        with np.errstate(over="ignore"):
            records["sum"] = self.sum[covered]
            records["sum_squares"] = self.sum_squares[covered]
        return records


def _zoom_levels(longest: int, step: int) -> list[int]:
    """Zoom levels in bins, finest first, until one record holds the longest chromosome."""
    finest = max(FIRST_ZOOM_BINS, FIRST_ZOOM_BASES // step)
    finest = 1 << (finest - 1).bit_length()  # a power of two: tiles hold whole zoom bins
    levels = [finest]
    while len(levels) < MAX_ZOOM_LEVELS and levels[-1] * step < longest:
        levels.append(levels[-1] * ZOOM_FACTOR)
    return [level for level in levels if level * step < 1 << 32]


def _write_chromosome_tree(
    file: BinaryIO, chrom_ids: Mapping[str, int], lengths: Mapping[str, int]
) -> None:
    names = list(chrom_ids)
    key_bytes = max((len(name.encode()) for name in names), default=1)
    fanout = max(1, min(TREE_FANOUT, len(names)))
    keys = [name.encode().ljust(key_bytes, b"\0") for name in names]
    leaves = [
        key + struct.pack("<II", chrom_ids[name], lengths[name])
        for key, name in zip(keys, names, strict=True)
    ]
    file.write(struct.pack("<IIIIQQ", CHROMOSOME_TREE_MAGIC, fanout, key_bytes, 8, len(names), 0))
    _write_tree(
        file, leaves, lambda first, _last, offset: keys[first] + struct.pack("<Q", offset), fanout
    )


def _write_r_tree(
    file: BinaryIO, entries: list[tuple[int, int, int, int, int]], data_end: int
) -> None:
    """Index sections given as (chromosome id, start, end, file offset, size)."""
    table = np.array(sorted(entries), np.uint64).reshape(-1, 5)
    leaves = np.empty(len(table), INDEX_LEAF)
    leaves["span"] = table[:, [0, 1, 0, 2]]
    leaves["offset"], leaves["size"] = table[:, 3], table[:, 4]
    spans = leaves["span"]
    whole = (*spans[0, :2].tolist(), *spans[-1, 2:].tolist()) if len(spans) else (0, 0, 0, 0)
    file.write(
        struct.pack("<IIQIIIIQII", R_TREE_MAGIC, TREE_FANOUT, len(leaves), *whole, data_end, 1, 0)
    )

    def branch(first: int, last: int, offset: int) -> bytes:
        span = (*spans[first, :2].tolist(), *spans[last, 2:].tolist())
        return np.array([(span, offset)], INDEX_BRANCH).tobytes()

    _write_tree(file, [leaf.tobytes() for leaf in leaves], branch, TREE_FANOUT)


def _write_tree(
    file: BinaryIO, leaves: list[bytes], branch: Callable[[int, int, int], bytes], fanout: int
) -> None:
    """Write a tree of nodes (leaf flag, 0, item count, items), root first, level by level.

    `branch(first, last, offset)` encodes an inner item: the leaves it spans and where its child
    node lies.
    """
    # levels[0] are the leaf nodes; a node is the range of nodes (or leaves) below it
    levels = [_ranges(len(leaves), fanout)]
    while len(levels[-1]) > 1:
        levels.append(_ranges(len(levels[-1]), fanout))
    spans = [levels[0]]
    for nodes in levels[1:]:
        spans.append([(spans[-1][a][0], spans[-1][b - 1][1]) for a, b in nodes])
    leaf_bytes = len(leaves[0]) if leaves else 0
    branch_bytes = len(branch(0, 0, 0)) if len(levels) > 1 else 0
    node_offsets: list[list[int]] = [[] for _ in levels]
    offset = file.tell()
    for depth in reversed(range(len(levels))):
        for first, last in levels[depth]:
            node_offsets[depth].append(offset)
            offset += 4 + (last - first) * (branch_bytes if depth else leaf_bytes)
    for depth in reversed(range(len(levels))):
        for first, last in levels[depth]:
            file.write(struct.pack("<BBH", depth == 0, 0, last - first))
            if depth == 0:
                file.write(b"".join(leaves[first:last]))
            else:
                below, offsets = spans[depth - 1], node_offsets[depth - 1]
                file.write(
                    b"".join(
                        branch(below[i][0], below[i][1] - 1, offsets[i]) for i in range(first, last)
                    )
                )


def _ranges(count: int, size: int) -> list[tuple[int, int]]:
    return [(first, min(first + size, count)) for first in range(0, count, size)] or [(0, 0)]


def round_mantissa(values: NDArray[np.float32], bits: int) -> NDArray[np.float32]:
    """Round float32 values to `bits` binary digits after the leading one: they compress better."""
    dropped = 23 - bits
    if dropped == 0:
        return values
    raw = values.view(np.uint32)
    keep = np.uint32(0xFFFFFFFF << dropped & 0xFFFFFFFF)
    rounded = ((raw + np.uint32(1 << (dropped - 1))) & keep).view(np.float32)
    overflowed = np.isinf(rounded)
    if overflowed.any():
        rounded[overflowed] = (raw[overflowed] & keep).view(np.float32)
    rounded[np.isnan(values)] = np.nan
    return rounded
