"""The bytes of a BigWig: header, total summary, data sections, zoom levels.

Kent et al. 2010 (Bioinformatics 26:2204, supplement). The sections come as encoded stretches.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from typing import BinaryIO

import deflate
import numpy as np
from numpy.typing import NDArray

from sighthound.core.bigwig.chunks import (
    COMPRESSION_LEVEL,
    EncodedStretch,
    PackedSections,
    chromosome_ids,
    encode_entries,
    encode_stretch,
    zoom_record_sections,
)
from sighthound.core.bigwig.trees import Sections, write_chromosome_tree, write_r_tree
from sighthound.core.bigwig.zooms import FACTOR, ZoomStatistics, zoom_levels
from sighthound.core.errors import SighthoundError

BIGWIG_MAGIC = 0x888FFC26
HEADER_BYTES, ZOOM_HEADER_BYTES, SUMMARY_BYTES = 64, 24, 40
TILE_BINS = 1 << 18  # bins encoded at once: bounds temporary memory to some megabytes


class BigWigEncoder:
    """One BigWig being written to `file`; zoom levels wait in `spill`, a temporary file.

    They belong behind the data, and would outgrow memory with the genome.
    """

    def __init__(
        self, file: BinaryIO, spill: BinaryIO, lengths: Mapping[str, int], step: int
    ) -> None:
        self.file, self.spill, self.lengths, self.step = file, spill, lengths, step
        self.chrom_ids = chromosome_ids(lengths)
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

    def add_values(self, chrom: str, values: NDArray[np.float32], first: int = 0) -> None:
        """Encode and add all that a chromosome has: its bins from `first` on."""
        before = first % TILE_BINS
        if before:
            values = np.concatenate([np.full(before, np.nan, np.float32), values])
        starts = range(0, len(values), TILE_BINS)
        self.add_tiles(chrom, first - before, (values[at : at + TILE_BINS] for at in starts))

    def add_entries(
        self,
        chrom: str,
        starts: NDArray[np.integer],
        ends: NDArray[np.integer],
        values: NDArray[np.floating],
    ) -> None:
        """Encode and add all that a chromosome has, as for `encode_entries`."""
        zoom_bases = self.zoom_bins[0] * self.step
        stretch = encode_entries(
            starts, ends, values, self.chrom_ids[chrom], self.lengths[chrom], zoom_bases
        )
        self.add_chromosome(chrom, [stretch])

    def add_tiles(self, chrom: str, first: int, values: Iterable[NDArray[np.float32]]) -> None:
        """Encode and add a chromosome's bins from `first` on, `TILE_BINS` of them at a time.

        `first` must be a multiple of `TILE_BINS`.
        """
        chrom_id, length = self.chrom_ids[chrom], self.lengths[chrom]
        stretches = (
            encode_stretch(
                tile, first + number * TILE_BINS, chrom_id, length, self.step, self.zoom_bins
            )
            for number, tile in enumerate(values)
        )
        self.add_chromosome(chrom, stretches, first)

    def add_chromosome(
        self, chrom: str, stretches: Iterable[EncodedStretch], first: int = 0
    ) -> None:
        """Add the encoded stretches of a chromosome, in order, from bin `first` on."""
        if chrom in self.added:
            raise SighthoundError(f"{chrom}: values given twice; expected each chromosome once")
        self.added.add(chrom)
        chrom_id, length = self.chrom_ids[chrom], self.lengths[chrom]
        parts = [ZoomStatistics.of_nothing(first // (self.zoom_bins[0] * FACTOR))]
        done = 0  # zoom levels that the stretches bring
        for stretch in stretches:
            self.largest_section = max(self.largest_section, stretch.largest)
            _append(self.file, self.sections, chrom_id, stretch.values)
            for rank, zoom in enumerate(stretch.zooms):
                _append(self.spill, self.spilled[rank], chrom_id, zoom)
                self.zoom_counts[rank] += zoom.records
            done = len(stretch.zooms)
            parts.append(stretch.coarse)
        if len(parts) == 1:
            return
        level = ZoomStatistics.concatenate(parts)
        self._add_to_summary(level)
        for rank in range(1, len(self.zoom_bins)):
            if rank >= done:
                bases = self.zoom_bins[rank] * self.step
                self._spill_zoom(rank, chrom_id, level.records(chrom_id, bases, length))
                level = level.coarser()

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
        for start, end, raw in zoom_record_sections(records):
            self.largest_section = max(self.largest_section, len(raw))
            packed = deflate.zlib_compress(raw, COMPRESSION_LEVEL)
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


def _append(file: BinaryIO, sections: Sections, chrom_id: int, packed: PackedSections) -> None:
    offset = file.tell()
    for start, end, size in packed.table.tolist():
        sections.add(chrom_id, start, end, offset, size)
        offset += size
    file.write(packed.data)


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
