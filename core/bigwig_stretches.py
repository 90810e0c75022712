"""Stretches of a BigWig, encoded one by one: what is computed in pieces is compressed in pieces.

Values are encoded in whole numpy blocks and compressed with libdeflate; runs of equal values become
bedGraph sections where that is smaller than fixedStep.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import deflate
import numpy as np
from numpy.typing import NDArray

from core.bigwig_zooms import ZoomStatistics, finest_zoom

BEDGRAPH, FIXED_STEP = 1, 3
ITEMS_PER_SECTION = 4096  # 1,024 would compress 6 % worse and take a fifth longer
ZOOM_RECORDS_PER_SECTION = 512
COMPRESSION_LEVEL = 1  # a higher level saves 3 % of the bytes and doubles the time
SECTION_OVERHEAD_BYTES = 64  # header, index entry and lost compression of one more section

BEDGRAPH_RECORD = np.dtype([("start", "<u4"), ("end", "<u4"), ("value", "<f4")])


@dataclass(frozen=True)
class EncodedStretch:
    """Some bins of one chromosome as they will stand in a file, made wherever they are computed.

    Attributes
    ----------
    sections, zoom_sections : uint32 arrays, (sections, 3)
        Start and end in bases, and bytes, of each data section, and of each of the finest zoom.
    data, zoom_data : bytes
        The compressed sections, one after another.
    zoom_records : int
    largest : int
        Bytes of the largest section before compression.
    coarse : ZoomStatistics
        On the grid of the second zoom level; coarser ones are made of it.
    """

    sections: NDArray[np.uint32]
    data: bytes
    zoom_sections: NDArray[np.uint32]
    zoom_data: bytes
    zoom_records: int
    largest: int
    coarse: ZoomStatistics

    def pack(self) -> bytes:
        """Write the stretch as bytes that `unpack` reads."""
        counts = (len(self.sections), len(self.data), len(self.zoom_sections), len(self.zoom_data))
        head = _PACKED.pack(*counts, self.zoom_records, self.largest, len(self.coarse.covered))
        tables = [self.sections.tobytes(), self.zoom_sections.tobytes()]
        return b"".join([head, *tables, self.coarse.pack(), self.data, self.zoom_data])

    @classmethod
    def unpack(cls, packed: bytes) -> EncodedStretch:
        """Read what `pack` wrote."""
        n_sections, n_data, n_zooms, n_zoom_data, records, largest, n_coarse = _PACKED.unpack_from(
            packed
        )
        at = _PACKED.size

        def take(size: int) -> bytes:
            nonlocal at
            at += size
            return packed[at - size : at]

        def table(rows: int) -> NDArray[np.uint32]:
            return np.frombuffer(take(12 * rows), np.uint32).reshape(rows, 3)

        sections, zoom_sections = table(n_sections), table(n_zooms)
        coarse = ZoomStatistics.unpack(take(ZoomStatistics.BYTES * n_coarse))
        data, zoom_data = take(n_data), take(n_zoom_data)
        return cls(sections, data, zoom_sections, zoom_data, records, largest, coarse)


_PACKED = struct.Struct("<7Q")


def stretch_bins(step: int) -> int:
    """Bins of which a stretch should have a multiple, so that all its sections are full."""
    return max(finest_zoom(step) * ZOOM_RECORDS_PER_SECTION, ITEMS_PER_SECTION)


def encode_stretch(
    values: NDArray[np.float32], first: int, chrom_id: int, length: int, step: int
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
    """
    return _StretchEncoder(values, first, chrom_id, length, step).encode()


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

    def encode(self) -> EncodedStretch:
        values, step = self.values, self.step
        raw_sections = list(self._raw_sections())
        sections, data = self._packed(raw_sections)
        last_bases = min(step, self.length - (self.first + len(values) - 1) * step)
        zoom_bins = finest_zoom(step)
        finest = ZoomStatistics.of_bins(values, step, last_bases, zoom_bins)
        records = finest.records(self.chrom_id, zoom_bins * step, self.length, self.first * step)
        zoom_sections, zoom_data = self._packed(list(zoom_record_sections(records)))
        return EncodedStretch(
            sections, data, zoom_sections, zoom_data, len(records), self.largest, finest.coarser()
        )

    def _packed(
        self, raw_sections: Sequence[tuple[int, int, bytes]]
    ) -> tuple[NDArray[np.uint32], bytes]:
        packed = [deflate.zlib_compress(raw, COMPRESSION_LEVEL) for _, _, raw in raw_sections]
        self.largest = max([self.largest, *(len(raw) for _, _, raw in raw_sections)])
        spans = [
            (start, end, len(piece))
            for (start, end, _), piece in zip(raw_sections, packed, strict=True)
        ]
        return np.array(spans, np.uint32).reshape(-1, 3), b"".join(packed)

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
        for at in range(0, len(runs), ITEMS_PER_SECTION):
            section = runs[at : at + ITEMS_PER_SECTION]
            start, end = int(section["start"][0]), int(section["end"][-1])
            header = struct.pack(
                "<IIIIIBBH", self.chrom_id, start, end, 0, 0, BEDGRAPH, 0, len(section)
            )
            yield start, end, header + section.tobytes()


def zoom_record_sections(records: NDArray[np.void]) -> Iterator[tuple[int, int, bytes]]:
    """Cut zoom records into sections: start, end and bytes of each."""
    for at in range(0, len(records), ZOOM_RECORDS_PER_SECTION):
        section = records[at : at + ZOOM_RECORDS_PER_SECTION]
        yield int(section["start"][0]), int(section["end"][-1]), section.tobytes()
