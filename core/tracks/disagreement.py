"""Where two signals of one thing, measured and predicted, disagree most.

Both are averaged in windows; a place is the neighbourhood of a window in which they differ twofold
or more, as log2((prediction + c) / (experiment + c)) with a background c, such as the experiment's
mean, so that noise of low signals does not rank. Values below zero count as zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_LOG2 = 1.0

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Disagreement:
    """A place where the two signals of a track differ.

    Attributes
    ----------
    start, end : int
        0-based, half-open: the windows around the strongest whose log2 is at least half of its.
    experiment, prediction : float
        Mean of the strongest window, per bin of the predictions.
    log2_ratio : float
        Positive where the prediction is higher.
    """

    chrom: str
    start: int
    end: int
    experiment: float
    prediction: float
    log2_ratio: float


def compare(
    experiment: Floats,
    prediction: Floats,
    chrom: str,
    *,
    bin_size: int,
    window: int,
    background: float,
    top: int,
) -> tuple[list[Disagreement], float, int]:
    """Compare the two signals of a chromosome.

    Parameters
    ----------
    experiment, prediction : float32 arrays, (bins,)
        NaN where there are no data.
    window : int
        Bins a window; it counts where at least half of them have data.
    background : float
        Added to both signals, in their unit.

    Returns
    -------
    the strongest places, by size of the log2 ratio; the sum of squared log2 ratios over all
    windows; and the number of windows
    """
    known = np.isfinite(experiment) & np.isfinite(prediction)
    window = max(1, min(window, len(known)))
    counted = _window_sums(known.astype(np.float64), window)
    enough = counted >= max(1, window / 2)
    means = []
    for signal in (experiment, prediction):
        totals = _window_sums(np.where(known, np.maximum(signal, 0), 0).astype(np.float64), window)
        means.append(totals / np.maximum(counted, 1))
    measured, predicted = means
    log2 = np.zeros(len(counted))
    np.log2((predicted + background) / (measured + background), out=log2, where=enough)
    places = [
        Disagreement(
            chrom,
            first * bin_size,
            (last + window) * bin_size,
            float(measured[summit]),
            float(predicted[summit]),
            float(log2[summit]),
        )
        for first, last, summit in _separate(_around_summits(log2, top * 4), window)
    ]
    return places[:top], float(np.square(log2[enough]).sum()), int(enough.sum())


def _separate(runs: Sequence[tuple[int, int, int]], window: int) -> Iterator[tuple[int, int, int]]:
    """Leave out what shares bins with a stronger place."""
    taken: list[tuple[int, int]] = []
    for first, last, summit in runs:
        if all(last + window <= a or b + window <= first for a, b in taken):
            taken.append((first, last))
            yield first, last, summit


def _around_summits(log2: NDArray[np.float64], most: int) -> list[tuple[int, int, int]]:
    """First and last window and summit of runs that differ enough, the strongest first."""
    sign = np.where(np.abs(log2) >= LEAST_LOG2, np.sign(log2), 0)
    edges = np.flatnonzero(np.diff(sign, prepend=0, append=0))
    starts = [int(edge) for edge in edges if edge < len(sign) and sign[edge]]
    if not starts:
        return []
    ends = np.searchsorted(edges, starts, side="right")
    runs = []
    for start, end in zip(starts, edges[ends].tolist(), strict=True):
        summit = start + int(np.abs(log2[start:end]).argmax())
        runs.append((abs(log2[summit]), start, end, summit))
    runs.sort(reverse=True)
    found = []
    for size, start, end, summit in runs[:most]:
        weak = np.flatnonzero(np.abs(log2[start:end]) < size / 2) + start
        first = int(weak[weak < summit].max(initial=start - 1)) + 1
        last = int(weak[weak > summit].min(initial=end)) - 1
        found.append((first, last, summit))
    return found


def _window_sums(values: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Sum of values[i : i + window] for every i with a whole window."""
    until = np.concatenate([[0.0], np.cumsum(values)])
    return until[window:] - until[:-window]
