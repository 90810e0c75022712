"""The bytes of a BigWig: header, total summary, data sections, zoom levels.

Kent et al. 2010 (Bioinformatics 26:2204, supplement). Values are encoded in whole numpy blocks and
compressed with libdeflate; runs of equal values become bedGraph sections where that is smaller than
fixedStep.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterable, Mapping
from typing import BinaryIO

import deflate
import numpy as np
from numpy.typing import NDArray

from core.bigwig_trees import Sections, write_chromosome_tree, write_r_tree
from core.bigwig_zooms import ZoomStatistics, zoom_levels
from core.errors import SighthoundError

BIGWIG_MAGIC = 0x888FFC26
HEADER_BYTES, ZOOM_HEADER_BYTES, SUMMARY_BYTES = 64, 24, 40
BEDGRAPH, FIXED_STEP = 1, 3

ITEMS_PER_SECTION = 4096  # 1,024 would compress 6 % worse and take a fifth longer
ZOOM_RECORDS_PER_SECTION = 512
COMPRESSION_LEVEL = 1  # a higher level saves 3 % of the bytes and doubles the time
TILE_BINS = 1 << 18  # bins encoded at once: bounds temporary memory to some megabytes
SECTION_OVERHEAD_BYTES = 64  # header, index entry and lost compression of one more section

BEDGRAPH_RECORD = np.dtype([("start", "<u4"), ("end", "<u4"), ("value", "<f4")])


class BigWigEncoder:
    """One BigWig being written to `file`; zoom levels wait in `spill`, a temporary file.

    They belong behind the data, and would outgrow memory with the genome.
    """

    def __init__(
        self, file: BinaryIO, spill: BinaryIO, lengths: Mapping[str, int], step: int
    ) -> None:
        self.file, self.spill, self.lengths, self.step = file, spill, lengths, step
        self.chrom_ids = {name: rank for rank, name in enumerate(sorted(lengths, key=str.encode))}
        self.added: set[str] = set()
        self.largest_section = 0
        self.sections = Sections()
        self.covered = 0
        self.minimum, self.maximum, self.sum, self.sum_squares = np.inf, -np.inf, 0.0, 0.0
        self.zoom_bins = zoom_levels(max(lengths.values(), default=0), step)
        self.spilled = [Sections() for _ in self.zoom_bins]
        self.zoom_counts = [0] * len(self.zoom_bins)

        file.write(bytes(HEADER_BYTES + ZOOM_HEADER_BYTES * len(self.zoom_bins)))
        self.summary_offset = file.tell()
        file.write(bytes(SUMMARY_BYTES))
        self.chromosome_tree_offset = file.tell()
        write_chromosome_tree(file, self.chrom_ids, lengths)
        self.data_offset = file.tell()
        file.write(bytes(8))

    def add_chromosome(self, chrom: str, values: NDArray[np.float32]) -> None:
        starts = range(0, len(values), TILE_BINS)
        self.add_tiles(chrom, 0, (values[first : first + TILE_BINS] for first in starts))

    def add_tiles(self, chrom: str, first: int, values: Iterable[NDArray[np.float32]]) -> None:
        """Add a chromosome's bins from `first` on, a multiple of `TILE_BINS`, so many at a time."""
        if chrom in self.added:
            raise SighthoundError(f"{chrom}: values given twice; expected each chromosome once")
        self.added.add(chrom)
        chrom_id, length = self.chrom_ids[chrom], self.lengths[chrom]
        tiles = [ZoomStatistics.of_nothing(first // self.zoom_bins[0])] if first else []
        for tile in values:
            tiles.append(self._add_tile(chrom_id, length, first, tile))
            first += len(tile)
        if not tiles:
            return
        finest = ZoomStatistics.concatenate(tiles)
        self._add_to_summary(finest)
        for rank, level in enumerate(finest.levels(self.zoom_bins)):
            self._spill_zoom(
                rank, chrom_id, level.records(chrom_id, self.zoom_bins[rank] * self.step, length)
            )

    def _add_tile(
        self, chrom_id: int, length: int, first: int, values: NDArray[np.float32]
    ) -> ZoomStatistics:
        """Write the bins from `first` on; return their statistics on the finest zoom's grid."""
        step = self.step
        bits = values.view(np.uint32)
        has_data = ~np.isnan(values)
        changes = bits[1:] != bits[:-1]
        if has_data.all():
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
        last_bases = min(step, length - (first + len(values) - 1) * step)
        return ZoomStatistics.of_bins(values, step, last_bases, self.zoom_bins[0])

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
        self.sections.add(chrom_id, start, end, self.file.tell(), len(packed))
        self.file.write(packed)

    def _add_to_summary(self, level: ZoomStatistics) -> None:
        covered = level.covered > 0
        if covered.any():
            self.covered += int(level.covered.sum())
            self.minimum = min(self.minimum, float(level.minimum[covered].min()))
            self.maximum = max(self.maximum, float(level.maximum[covered].max()))
            self.sum += float(level.sum.sum())
            self.sum_squares += float(level.sum_squares.sum())

    def _spill_zoom(self, rank: int, chrom_id: int, records: NDArray[np.void]) -> None:
        self.zoom_counts[rank] += len(records)
        for at in range(0, len(records), ZOOM_RECORDS_PER_SECTION):
            section = records[at : at + ZOOM_RECORDS_PER_SECTION]
            self.largest_section = max(self.largest_section, section.nbytes)
            packed = deflate.zlib_compress(section.tobytes(), COMPRESSION_LEVEL)
            start, end = int(section["start"][0]), int(section["end"][-1])
            self.spilled[rank].add(chrom_id, start, end, self.spill.tell(), len(packed))
            self.spill.write(packed)

    def finish(self) -> None:
        """Write the index, the zoom levels with theirs, and at last the header."""
        file = self.file
        index_offset = file.tell()
        write_r_tree(file, self.sections)
        zoom_headers = b"".join(self._write_zoom(rank) for rank in range(len(self.zoom_bins)))
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

    def _write_zoom(self, rank: int) -> bytes:
        """Move a zoom level from the spill to the file; return its header."""
        offset = self.file.tell()
        self.file.write(struct.pack("<I", self.zoom_counts[rank]))
        sections = Sections()
        for chrom_id, start, end, spilled_at, size in self.spilled[rank].sorted().tolist():
            sections.add(chrom_id, start, end, self.file.tell(), size)
            self.spill.seek(spilled_at)
            self.file.write(self.spill.read(size))
        index_offset = self.file.tell()
        write_r_tree(self.file, sections)
        return struct.pack("<IIQQ", self.zoom_bins[rank] * self.step, 0, offset, index_offset)


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
