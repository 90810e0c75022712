"""Many intervals of a genome at once: joined, by chromosome, and how much they cover of others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from sighthound.core.genome.sequence import Interval


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """Join intervals that touch or overlap; sorted by chromosome name and position.

    Examples
    --------
    >>> joined = merge([Interval("chrI", 5, 9), Interval("chrI", 0, 5), Interval("chrI", 3, 3)])
    >>> [str(interval) for interval in joined]
    ['chrI:1-9']
    """
    merged: list[Interval] = []
    for interval in sorted(i for i in intervals if len(i)):
        if merged and merged[-1].chrom == interval.chrom and interval.start <= merged[-1].end:
            last = merged.pop()
            interval = Interval(last.chrom, last.start, max(last.end, interval.end))
        merged.append(interval)
    return merged


def by_chromosome(intervals: Iterable[Interval]) -> dict[str, list[Interval]]:
    """Sort intervals by chromosome, each in the order given."""
    found: dict[str, list[Interval]] = {}
    for interval in intervals:
        found.setdefault(interval.chrom, []).append(interval)
    return found


def bases_covered(
    starts: np.ndarray, ends: np.ndarray, intervals: Sequence[Interval]
) -> np.ndarray:
    """Count the bases of each [start, end) that lie in intervals of one chromosome.

    Parameters
    ----------
    starts, ends : int arrays, (stretches,)
    intervals : sequence of Interval
        Sorted, without overlaps, as from `merge`.

    Returns
    -------
    float64 array, (stretches,)

    Examples
    --------
    >>> intervals = [Interval("chrI", 2, 4), Interval("chrI", 8, 20)]
    >>> bases_covered(np.array([0, 3]), np.array([10, 6]), intervals)
    array([4., 1.])
    """
    if not intervals:
        return np.zeros(len(starts))
    # By the cumulative length of the intervals up to a base.
    edges = np.array([[i.start, i.end] for i in intervals]).ravel()
    lengths = np.array([[0, len(i)] for i in intervals]).ravel().cumsum()
    return np.interp(ends, edges, lengths) - np.interp(starts, edges, lengths)
