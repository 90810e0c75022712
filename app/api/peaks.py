"""The next peak of a track, read from its BigWig where the browser is going.

A peak is a run of bins above the track's genome-wide 98th percentile, runs less than 500 bases
apart joined; its place is its highest bin. 0-based.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sighthound.app.api.levels import GenomeLevels, Series, read_native
from sighthound.app.project_state import Catalogue

JOIN_BP = 500
# Bins read at a time, and beyond either end so that a peak across it is seen whole.
CHUNK_BINS, MARGIN_BINS = 8_192, 64
# Bases searched before it is said that there is no peak.
SEARCHED_BP = 100_000_000


@dataclass(frozen=True)
class Peak:
    """A run of high bins; `position` is the middle of the highest, `value` its height."""

    series: Series
    chrom: str
    start: int
    end: int
    position: int
    value: float


class Peaks:
    """Finds peaks."""

    def __init__(self, catalogue: Catalogue, levels: GenomeLevels) -> None:
        self.catalogue = catalogue
        self.levels = levels

    def next(self, series: Sequence[Series], chrom: str, position: int, step: int) -> Peak | None:
        """Find the nearest peak beyond a position, on the chromosomes that follow too.

        Parameters
        ----------
        series : sequence of Series
        chrom, position : str, int
        step : {1, -1}
            Forwards or backwards.
        """
        for number, (where, first, last) in enumerate(self._chunks(chrom, position, step)):
            found = [p for s in series for p in self._in_chunk(s, where, first, last)]
            if number == 0:
                found = [p for p in found if (p.position - position) * step > 0]
            if found:
                return min(found, key=lambda peak: peak.position * step)
        return None

    def high(self, series: Series) -> float:
        """The value above which a bin of this series is part of a peak; infinity if none is."""
        levels = self.levels.of(series)
        if levels is None:
            return np.inf
        if levels.p98 > levels.median:
            return levels.p98
        # Where fewer bins than that have any signal, each that stands out from the rest counts.
        return levels.median if levels.highest > levels.median else np.inf

    def _chunks(self, chrom: str, position: int, step: int) -> Iterator[tuple[str, int, int]]:
        """Stretches [first, last) to search, in bases, from the position on around the genome."""
        size = CHUNK_BINS * self.catalogue.native_bin()
        lengths = self.catalogue.genome.lengths
        names = list(lengths)
        at = names.index(chrom)
        # Around the genome, and back to where it began, of which only a part was beyond.
        order = [names[(at + step * n) % len(names)] for n in range(len(names) + 1)]
        budget = SEARCHED_BP
        for turn, name in enumerate(order):
            starts = range(0, lengths[name], size)[::step]
            here = position // size * size
            for start in starts:
                if name == chrom and (start - here) * step < 0 and turn == 0:
                    continue
                if name == chrom and (start - here) * step > 0 and turn > 0:
                    continue
                yield name, start, min(start + size, lengths[name])
                budget -= size
                if budget <= 0:
                    return

    def _in_chunk(self, series: Series, chrom: str, start: int, end: int) -> Iterator[Peak]:
        """Peaks whose highest bin lies in [start, end)."""
        native = self.catalogue.native_bin()
        last_bin = -(-self.catalogue.genome.lengths[chrom] // native)
        first = max(0, start // native - MARGIN_BINS)
        last = min(last_bin, -(-end // native) + MARGIN_BINS)
        values = read_native(self.catalogue, series, chrom, first, last)
        for run_start, run_end in runs_above(values, self.high(series), JOIN_BP // native):
            top = run_start + int(np.nanargmax(values[run_start:run_end]))
            position = (first + top) * native + native // 2
            if start <= position < end:
                yield Peak(
                    series,
                    chrom,
                    (first + run_start) * native,
                    min((first + run_end) * native, self.catalogue.genome.lengths[chrom]),
                    position,
                    float(values[top]),
                )


def runs_above(values: NDArray[np.float32], limit: float, gap: int) -> list[tuple[int, int]]:
    """Runs [first, last) of values above a limit, those at most `gap` apart joined.

    Examples
    --------
    >>> runs_above(np.float32([0, 5, 6, 0, 7, 0, 0, 0, 9]), 1, gap=1)
    [(1, 5), (8, 9)]
    """
    above = np.concatenate([[False], np.nan_to_num(values, nan=-np.inf) > limit, [False]])
    edges = np.flatnonzero(np.diff(above)).reshape(-1, 2).tolist()
    joined: list[tuple[int, int]] = []
    for first, last in edges:
        if joined and first - joined[-1][1] <= gap:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return joined
