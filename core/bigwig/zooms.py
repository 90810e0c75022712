"""The zoom levels of a BigWig: statistics of ever wider bins, so that a far view reads little.

Levels begin at 32 bins and grow fourfold until one record holds the longest chromosome.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

# The finest zoom level, in bins: from 16 up, zooms of predictions would be a third of the file ...
FIRST_BINS = 32
FIRST_BASES = 256  # ... but not finer than this, or zooms of single-base tracks outgrow the data
FACTOR = 4
MAX_LEVELS = 10  # the limit in UCSC's own code

RECORD = np.dtype(
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


_COLUMNS = ("<i8", "<f4", "<f4", "<f8", "<f8")  # of ZoomStatistics


def zoom_levels(longest: int, step: int) -> list[int]:
    """Zoom levels in bins of `step` bases, finest first, for a longest chromosome in bases."""
    levels = [finest_zoom(step)]
    while len(levels) < MAX_LEVELS and levels[-1] * step < longest:
        levels.append(levels[-1] * FACTOR)
    return [level for level in levels if level * step < 1 << 32]


def finest_zoom(step: int) -> int:
    """Bins of `step` bases in a record of the finest level."""
    finest = max(FIRST_BINS, FIRST_BASES // step)
    return 1 << (finest - 1).bit_length()  # a power of two: stretches hold whole records


@dataclass(frozen=True)
class ZoomStatistics:
    """What a zoom level keeps of each of its bins; sums are over bases, float64."""

    covered: NDArray[np.int64]
    minimum: NDArray[np.float32]
    maximum: NDArray[np.float32]
    sum: NDArray[np.float64]
    sum_squares: NDArray[np.float64]

    BYTES: ClassVar[int] = 32

    @classmethod
    def of_bins(
        cls, values: NDArray[np.float32], step: int, last_bases: int, group: int
    ) -> ZoomStatistics:
        """Statistics of each `group` neighbouring values of `step` bases; the last has fewer."""
        missing = -len(values) % group
        if missing:
            values = np.concatenate([values, np.full(missing, np.nan, np.float32)])
        # numpy reduces over a long last axis ten times as fast as over one of 32
        grouped = np.ascontiguousarray(values.reshape(-1, group).T)
        known = ~np.isnan(grouped)
        low = high = grouped
        if not known.all():
            low, high = np.where(known, grouped, np.inf), np.where(known, grouped, -np.inf)
            grouped = np.where(known, grouped, np.float32(0))
        exact = grouped.astype(np.float64)
        statistics = cls(
            np.count_nonzero(known, axis=0) * step,
            low.min(axis=0),
            high.max(axis=0),
            exact.sum(axis=0) * step,
            np.square(exact).sum(axis=0) * step,
        )
        last = exact[group - missing - 1, -1]
        cut = (step - last_bases) * int(known[group - missing - 1, -1])
        statistics.covered[-1] -= cut
        statistics.sum[-1] -= cut * last
        statistics.sum_squares[-1] -= cut * last**2
        return statistics

    @classmethod
    def of_entries(
        cls,
        starts: NDArray[np.integer],
        ends: NDArray[np.integer],
        values: NDArray[np.floating],
        bases: int,
    ) -> ZoomStatistics:
        """Statistics of every `bases` bases, from ascending entries, none over another."""
        starts, ends = starts.astype(np.int64), ends.astype(np.int64)
        first, pieces = starts // bases, (ends - 1) // bases - starts // bases + 1
        entry = np.repeat(np.arange(len(starts)), pieces)
        within = np.arange(len(entry)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        bin = first[entry] + within
        overlap = np.minimum(ends[entry], (bin + 1) * bases) - np.maximum(
            starts[entry], bin * bases
        )
        value = values[entry].astype(np.float32)
        exact = value.astype(np.float64)
        statistics = cls.of_nothing(int(bin[-1]) + 1)
        at = np.flatnonzero(np.diff(bin, prepend=-1))
        for column, found in (
            (statistics.covered, np.add.reduceat(overlap, at)),
            (statistics.minimum, np.minimum.reduceat(value, at)),
            (statistics.maximum, np.maximum.reduceat(value, at)),
            (statistics.sum, np.add.reduceat(overlap * exact, at)),
            (statistics.sum_squares, np.add.reduceat(overlap * exact**2, at)),
        ):
            column[bin[at]] = found
        return statistics

    @classmethod
    def of_nothing(cls, count: int) -> ZoomStatistics:
        """Statistics of so many zoom bins without data."""
        low = np.full(count, np.inf, np.float32)
        return cls(np.zeros(count, np.int64), low, -low, np.zeros(count), np.zeros(count))

    @classmethod
    def concatenate(cls, parts: list[ZoomStatistics]) -> ZoomStatistics:
        columns = zip(
            *((p.covered, p.minimum, p.maximum, p.sum, p.sum_squares) for p in parts), strict=True
        )
        return cls(*(np.concatenate(column) for column in columns))

    def coarser(self) -> ZoomStatistics:
        """These statistics on the grid of the next level."""
        starts = np.arange(0, len(self.covered), FACTOR)
        return ZoomStatistics(
            np.add.reduceat(self.covered, starts),
            np.minimum.reduceat(self.minimum, starts),
            np.maximum.reduceat(self.maximum, starts),
            np.add.reduceat(self.sum, starts),
            np.add.reduceat(self.sum_squares, starts),
        )

    def pack(self) -> bytes:
        """Write all columns as bytes, `BYTES` a bin."""
        return b"".join(column.tobytes() for column in vars(self).values())

    @classmethod
    def unpack(cls, packed: bytes) -> ZoomStatistics:
        """Read what `pack` wrote."""
        bins, columns, at = len(packed) // cls.BYTES, [], 0
        for dtype in _COLUMNS:
            columns.append(np.frombuffer(packed, dtype, bins, at))
            at += bins * np.dtype(dtype).itemsize
        return cls(*columns)

    def records(self, chrom_id: int, bases: int, length: int, start: int = 0) -> NDArray[np.void]:
        """Zoom records of the bins (each `bases` wide, from base `start` on) that have data."""
        covered = np.flatnonzero(self.covered)
        records = np.empty(len(covered), RECORD)
        records["chrom"] = chrom_id
        records["start"] = start + covered * bases
        records["end"] = np.minimum(start + (covered + 1) * bases, length)
        records["covered"] = self.covered[covered]
        records["min"] = self.minimum[covered]
        records["max"] = self.maximum[covered]
        with np.errstate(over="ignore"):
            records["sum"] = self.sum[covered]
            records["sum_squares"] = self.sum_squares[covered]
        return records
