"""Totals of a BigWig's entries, or of its zoom records, in bins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sighthound.core.bigwig.reader import Entries

_ROUNDING = 1e-4  # of statistics in float32, by whatever way a writer adds them up


class Totals:
    """Bases covered, sum and maximum of each bin between ascending edges; sums are float64.

    Parameters
    ----------
    edges : int array, (bins + 1,)
        Clipped to the chromosome: bins beyond its ends have no base.
    """

    def __init__(self, edges: NDArray[np.int64]) -> None:
        bins = len(edges) - 1
        self._edges, self._bases = edges, np.diff(edges)
        self._covered, self._sum = np.zeros(bins), np.zeros(bins)
        self._maximum = np.full(bins, -np.inf)

    def add_entries(self, entries: Entries) -> None:
        """Add values that hold for every base of their entry."""
        rank, bins, overlap = self._pieces(entries.start, entries.end)
        values = entries.value[rank].astype(np.float64)
        self._add(bins, overlap, values * overlap, values)

    def add_records(self, records: NDArray[np.void], *, blurred: bool) -> bool:
        """Add zoom records; one across an edge is shared by overlap, its maximum given to both.

        Returns
        -------
        bool
            Whether they were added: not if they overlap, nor, unless `blurred` is allowed, if one
            lies across an edge.
        """
        starts, ends = records["start"].astype(np.int64), records["end"].astype(np.int64)
        if not ((starts < ends).all() and (ends[:-1] <= starts[1:]).all()):
            return False
        rank, bins, overlap = self._pieces(starts, ends)
        share = overlap / (ends - starts)[rank]
        if not blurred and (len(rank) != len(starts) or (share < 1).any()):
            return False
        covered, sums, maxima = (
            records[name].astype(np.float64)[rank] for name in ("covered", "sum", "max")
        )
        self._add(bins, covered * share, sums * share, maxima)
        return True

    def summarised(self, summary: str, empty: float) -> NDArray[np.float32]:
        """Give the mean, sum or maximum over the bases of each bin, those without an entry as 0.

        Parameters
        ----------
        summary : {"mean", "sum", "max"}
        empty : float
            Stands in bins without any entry.
        """
        if summary == "max":
            has_gap = self._covered < self._bases - 0.5  # shares of records are no whole numbers
            values = np.where(has_gap, np.maximum(self._maximum, 0), self._maximum)
        elif summary == "mean":
            values = self._sum / np.maximum(self._bases, 1)
        else:
            values = self._sum
        with np.errstate(over="ignore"):
            return np.where(self._covered > 0, values, empty).astype(np.float32)

    def _pieces(
        self, starts: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Cut stretches at the edges: of each piece the stretch, the bin, and the bases."""
        edges = self._edges
        inside = np.flatnonzero((starts < edges[-1]) & (ends > edges[0]))
        starts, ends = np.maximum(starts[inside], edges[0]), np.minimum(ends[inside], edges[-1])
        first = np.searchsorted(edges, starts, side="right") - 1
        pieces = np.searchsorted(edges, ends, side="left") - first
        stretch = np.repeat(np.arange(len(starts)), pieces)
        before = np.cumsum(pieces) - pieces
        bins = first[stretch] + np.arange(len(stretch)) - before[stretch]
        overlap = np.minimum(ends[stretch], edges[bins + 1]) - np.maximum(
            starts[stretch], edges[bins]
        )
        return inside[stretch], bins, overlap

    def _add(
        self,
        bins: NDArray[np.int64],
        covered: NDArray[np.float64] | NDArray[np.int64],
        sums: NDArray[np.float64],
        maxima: NDArray[np.float64],
    ) -> None:
        """Add pieces, whose bins ascend."""
        if not len(bins):
            return
        count = len(self._bases)
        self._covered += np.bincount(bins, covered, count)
        self._sum += np.bincount(bins, sums, count)
        runs = np.flatnonzero(np.diff(bins, prepend=-1))
        reached = bins[runs]
        self._maximum[reached] = np.maximum(
            self._maximum[reached], np.maximum.reduceat(maxima, runs)
        )


def contradictory(records: NDArray[np.void]) -> NDArray[np.bool_]:
    """Which zoom records cannot be true, or have overflowed: pyBigWig leaves some sums at 0.

    Returns
    -------
    bool array, (records,)
    """
    covered, low, high, total, squares = (
        records[name].astype(np.float64) for name in ("covered", "min", "max", "sum", "sum_squares")
    )
    largest = np.maximum(np.abs(low), np.abs(high))
    slack = _ROUNDING * covered * largest
    with np.errstate(invalid="ignore"):
        possible = (
            (covered >= 1)
            & np.isfinite(total)
            & (covered * low - slack <= total)
            & (total <= covered * high + slack)
            & (squares >= (1 - _ROUNDING) * largest**2)
        )
    return ~possible
