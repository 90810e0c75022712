"""Stretches of a BigWig, encoded one by one: what is computed in pieces is compressed in pieces.

Values are encoded in whole numpy blocks and compressed with libdeflate; runs of equal values become
bedGraph sections where that is smaller than fixedStep.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import deflate
import numpy as np
from numpy.typing import NDArray

from sighthound.core.bigwig.zooms import ZoomStatistics, finest_zoom

BEDGRAPH, FIXED_STEP = 1, 3
ITEMS_PER_SECTION = 4096  # 1,024 would compress 6 % worse and take a fifth longer
ZOOM_RECORDS_PER_SECTION = 512
COMPRESSION_LEVEL = 1  # a higher level saves 3 % of the bytes and doubles the time
SECTION_OVERHEAD_BYTES = 64  # header, index entry and lost compression of one more section

BEDGRAPH_RECORD = np.dtype([("start", "<u4"), ("end", "<u4"), ("value", "<f4")])


@dataclass(frozen=True)
class PackedSections:
    """Compressed sections, one after another.

    Attributes
    ----------
    table : uint32 array, (sections, 3)
        Start and end in bases, and bytes, of each.
    data : bytes
    records : int
        What the sections hold, in all.
    """

    table: NDArray[np.uint32]
    data: bytes
    records: int


@dataclass(frozen=True)
class EncodedStretch:
    """Some bins of one chromosome as they will stand in a file, made wherever they are computed.

    Attributes
    ----------
    values : PackedSections
    zooms : tuple of PackedSections
        Of the finest zoom level; of every level where the stretch is a whole chromosome.
    largest : int
        Bytes of the largest section before compression.
    coarse : ZoomStatistics
        On the grid of the second zoom level; coarser levels are made of it.
    """

    values: PackedSections
    zooms: tuple[PackedSections, ...]
    largest: int
    coarse: ZoomStatistics

    def pack(self) -> bytes:
        """Write the stretch as bytes that `unpack` reads."""
        parts = [self.values, *self.zooms]
        head = _HEAD.pack(len(parts), self.largest, len(self.coarse.covered))
        counts = [_COUNTS.pack(len(p.table), len(p.data), p.records) for p in parts]
        tables = [p.table.tobytes() for p in parts]
        data = [p.data for p in parts]
        return b"".join([head, *counts, *tables, self.coarse.pack(), *data])

    @classmethod
    def unpack(cls, packed: bytes) -> EncodedStretch:
        """Read what `pack` wrote."""
        n_parts, largest, n_coarse = _HEAD.unpack_from(packed)
        at = _HEAD.size

        def take(size: int) -> bytes:
            nonlocal at
            at += size
            return packed[at - size : at]

        counts = [_COUNTS.unpack(take(_COUNTS.size)) for _ in range(n_parts)]
        tables = [np.frombuffer(take(12 * n), np.uint32).reshape(n, 3) for n, _, _ in counts]
        coarse = ZoomStatistics.unpack(take(ZoomStatistics.BYTES * n_coarse))
        values, *zooms = (
            PackedSections(table, take(size), records)
            for table, (_, size, records) in zip(tables, counts, strict=True)
        )
        return cls(values, tuple(zooms), largest, coarse)


_HEAD, _COUNTS = struct.Struct("<3Q"), struct.Struct("<3Q")


def stretch_bins(step: int) -> int:
    """Bins of which a stretch should have a multiple, so that all its sections are full."""
    return max(finest_zoom(step) * ZOOM_RECORDS_PER_SECTION, ITEMS_PER_SECTION)


def encode_stretch(
    values: NDArray[np.float32],
    first: int,
    chrom_id: int,
    length: int,
    step: int,
    zoom_bins: Sequence[int],
) -> EncodedStretch:
    """Encode bins of a chromosome from bin `first` on.

    Parameters
    ----------
    values : float32 array, (bins,)
        At least one; NaN: no data.
    first : int
        A multiple of `stretch_bins(step)`.
    chrom_id : int
        As `chromosome_ids` gives it.
    length : int
        Bases of the chromosome, which cuts its last bin.
    zoom_bins : sequence of int
        As `zoom_levels` gives them.
    """
    return _StretchEncoder(values, first, chrom_id, length, step).encode(zoom_bins)


def encode_entries(
    starts: NDArray[np.integer],
    ends: NDArray[np.integer],
    values: NDArray[np.floating],
    chrom_id: int,
    length: int,
    zoom_bases: int,
) -> EncodedStretch:
    """Encode all of a chromosome as the entries that it has, of any widths.

    Parameters
    ----------
    starts, ends, values : arrays, (entries,)
        0-based, half-open, ascending, none over another; at least one entry, none of NaN.
    chrom_id, length
        As for `encode_stretch`.
    zoom_bases : int
        Bases in a record of the finest zoom level.
    """
    runs = np.empty(len(starts), BEDGRAPH_RECORD)
    runs["start"], runs["end"], runs["value"] = starts, ends, values
    finest = ZoomStatistics.of_entries(runs["start"], runs["end"], runs["value"], zoom_bases)
    records = finest.records(chrom_id, zoom_bases, length)
    sections = list(_bedgraph_sections(chrom_id, runs))
    of_zoom = list(zoom_record_sections(records))
    largest = max(len(raw) for _, _, raw in (*sections, *of_zoom))
    packed = _packed(sections, len(runs))
    return EncodedStretch(packed, (_packed(of_zoom, len(records)),), largest, finest.coarser())


def chromosome_ids(lengths: Mapping[str, int]) -> dict[str, int]:
    """Number the chromosomes as BigWigs do: in the order of their names' bytes."""
    return {name: rank for rank, name in enumerate(sorted(lengths, key=str.encode))}


class _StretchEncoder:
    def __init__(
        self, values: NDArray[np.float32], first: int, chrom_id: int, length: int, step: int
    ) -> None:
        self.values, self.first, self.chrom_id = values, first, chrom_id
        self.length, self.step = length, step
        self.largest = 0

    def encode(self, zoom_bins: Sequence[int]) -> EncodedStretch:
        values, step = self.values, self.step
        last_bases = min(step, self.length - (self.first + len(values) - 1) * step)
        finest = ZoomStatistics.of_bins(values, step, last_bases, zoom_bins[0])
        is_whole = self.first == 0 and len(values) * step >= self.length
        zooms: list[PackedSections] = []
        level = finest
        for bins in zoom_bins if is_whole else zoom_bins[:1]:
            if zooms:
                level = level.coarser()
            records = level.records(self.chrom_id, bins * step, self.length, self.first * step)
            zooms.append(self._packed(zoom_record_sections(records), len(records)))
        packed = self._packed(self._raw_sections(), len(values))
        return EncodedStretch(packed, tuple(zooms), self.largest, finest.coarser())

    def _packed(self, sections: Iterable[tuple[int, int, bytes]], records: int) -> PackedSections:
        def measured() -> Iterator[tuple[int, int, bytes]]:
            for section in sections:
                self.largest = max(self.largest, len(section[2]))
                yield section

        return _packed(measured(), records)

    def _raw_sections(self) -> Iterator[tuple[int, int, bytes]]:
        """Start, end and bytes of each section: fixed steps, or runs where those are smaller."""
        values = self.values
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
            yield from self._runs(has_data, np.flatnonzero(changes) + 1)
        else:
            for start, end in stretches:
                yield from self._fixed_steps(self.first + start, values[start:end])

    def _fixed_steps(
        self, first: int, values: NDArray[np.float32]
    ) -> Iterator[tuple[int, int, bytes]]:
        step, length = self.step, self.length
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
                "<IIIIIBBH", self.chrom_id, start, end, span, span, FIXED_STEP, 0, until - at
            )
            yield start, end, header + values[at:until].tobytes()

    def _runs(
        self, has_data: NDArray[np.bool_], changes: NDArray[np.int64]
    ) -> Iterator[tuple[int, int, bytes]]:
        run_starts = np.concatenate([[0], changes])
        run_ends = np.concatenate([changes, [len(self.values)]])
        kept = has_data[run_starts]
        runs = np.empty(int(kept.sum()), BEDGRAPH_RECORD)
        runs["start"] = (self.first + run_starts[kept]) * self.step
        runs["end"] = np.minimum((self.first + run_ends[kept]) * self.step, self.length)
        runs["value"] = self.values[run_starts[kept]]
        return _bedgraph_sections(self.chrom_id, runs)


def _packed(sections: Iterable[tuple[int, int, bytes]], records: int) -> PackedSections:
    spans, pieces = [], []
    for start, end, raw in sections:
        pieces.append(deflate.zlib_compress(raw, COMPRESSION_LEVEL))
        spans.append((start, end, len(pieces[-1])))
    return PackedSections(np.array(spans, np.uint32).reshape(-1, 3), b"".join(pieces), records)


def _bedgraph_sections(chrom_id: int, runs: NDArray[np.void]) -> Iterator[tuple[int, int, bytes]]:
    for at in range(0, len(runs), ITEMS_PER_SECTION):
        section = runs[at : at + ITEMS_PER_SECTION]
        start, end = int(section["start"][0]), int(section["end"][-1])
        header = struct.pack("<IIIIIBBH", chrom_id, start, end, 0, 0, BEDGRAPH, 0, len(section))
        yield start, end, header + section.tobytes()


def zoom_record_sections(records: NDArray[np.void]) -> Iterator[tuple[int, int, bytes]]:
    """Cut zoom records into sections: start, end and bytes of each."""
    for at in range(0, len(records), ZOOM_RECORDS_PER_SECTION):
        section = records[at : at + ZOOM_RECORDS_PER_SECTION]
        yield int(section["start"][0]), int(section["end"][-1]), section.tobytes()
