"""The next peak of a track, read from its BigWig where the browser is going.

A peak is a run of bins above the track's 98th percentile, runs less than 500 bases apart joined;
its place is its highest bin. The percentile is of the whole genome, or of stretches spread evenly
over a large one. 0-based.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.catalogue import Catalogue
from app.signal import Grid, read_window
from core.tracks import Track

PERCENTILE = 98
JOIN_BP = 500
# Bases of a genome that its percentile is estimated from, and of one stretch of them.
SAMPLED_BP, STRETCH_BP = 32_000_000, 1_000_000
# Bins read at a time, and beyond either end so that a peak across it is seen whole.
CHUNK_BINS, MARGIN_BINS = 8_192, 64
# Bases searched before it is said that there is no peak.
SEARCHED_BP = 100_000_000


@dataclass(frozen=True)
class Series:
    """One of the two signals of a track: `kind` is "experiment" or "prediction"."""

    track: Track
    kind: str


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
    """Finds peaks; remembers what is high in which track."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._high: dict[tuple[str, str, str], float] = {}
        self._lock = threading.Lock()

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
        key = (series.track.id, series.kind, self.catalogue.state([series.track]))
        with self._lock:
            known = self._high.get(key)
        if known is None:
            known = self._percentile(series)
            with self._lock:
                self._high[key] = known
        return known

    def _percentile(self, series: Series) -> float:
        lengths, native = self.catalogue.genome.lengths, self.catalogue.native_bin()
        every = max(1, -(-sum(lengths.values()) // SAMPLED_BP))
        sampled = []
        for chrom, length in lengths.items():
            for start in range(0, length, STRETCH_BP * every):
                bins = -(-min(STRETCH_BP, length - start) // native)
                first = start // native
                values = self._read(series, chrom, first, first + bins)
                sampled.append(values[np.isfinite(values)])
        values = np.concatenate(sampled)
        if not len(values):
            return np.inf
        middle, high, highest = (float(v) for v in np.percentile(values, (50, PERCENTILE, 100)))
        # Where fewer bins than that have any signal, each that stands out from the rest counts.
        return high if high > middle else middle if highest > middle else np.inf

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
        values = self._read(series, chrom, first, last)
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

    def _read(self, series: Series, chrom: str, first: int, last: int) -> NDArray[np.float32]:
        native = self.catalogue.native_bin()
        grid = Grid(first * native, last * native, native, native, native)
        return read_window(self.catalogue, series.track, chrom, grid, series.kind)


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
