"""What is known of targets before training: mean, high quantile and missing share of every track.

Taken over the training windows that are left after all filtering, and over the bins in them that
hold data, each once. A pass over the stored targets, a window at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.tracks.track import Track
from sighthound.precompute.datasets.targets import BLOCK_BYTES
from sighthound.precompute.datasets.windows import TargetWindow, new_bins

CLIP_QUANTILE = 0.9995
_QUANTILE_BINS = 1 << 21  # training bins a track's quantile is taken from


def measure_targets(
    file: Path,
    tracks: Sequence[Track],
    divisions: Sequence[Sequence[TargetWindow]],
    row: Callable[[TargetWindow], int],
    bin_size: int,
) -> tuple[list[list[TargetWindow]], list[list[dict[str, Any]]]]:
    """Measure the targets of one or more divisions into folds, in one pass.

    Parameters
    ----------
    file : path
        Targets, (bins, tracks); NaN where masked.
    divisions : sequence of sequences of TargetWindow
        Each in the order of the file.
    row : callable
        Gives the row of a window's first bin.
    bin_size : int
        Bases a bin.

    Returns
    -------
    the windows of each division with their observed share; a summary a track of each division

    Raises
    ------
    SighthoundError
        A track without signal in the training fold.
    """
    found = [_Training(windows, bin_size, len(tracks)) for windows in divisions]
    wanted: dict[TargetWindow, list[tuple[_Training, int]]] = {}
    for training, windows in zip(found, divisions, strict=True):
        fresh = dict(new_bins((w for w in windows if w.fold == "train"), bin_size))
        for window in windows:
            users = wanted.setdefault(replace(window, fold=""), [])
            if window in fresh:
                users.append((training, fresh[window]))
    observed: dict[TargetWindow, float] = {}
    stored, mapped = np.load(file, mmap_mode="r"), 0
    for window in sorted(wanted, key=row):
        first = row(window)
        values = np.asarray(stored[first : first + (window.end - window.start) // bin_size])
        has_data = ~np.isnan(values)
        observed[window] = round(float(has_data.mean()), 6)
        for training, start in wanted[window]:
            training.add(values[start:], has_data[start:])
        mapped += values.nbytes
        if mapped > BLOCK_BYTES:  # what was read of a mapped file counts as this process's
            stored, mapped = np.load(file, mmap_mode="r"), 0
    return (
        [
            [replace(w, observed=observed[replace(w, fold="")]) for w in windows]
            for windows in divisions
        ],
        [training.columns(tracks) for training in found],
    )


class LargestValues:
    """The largest values of every track, which is all that a high quantile needs.

    Parameters
    ----------
    keep, tracks : int
        Values that are kept of each track; memory holds three times as many.
    """

    def __init__(self, keep: int, tracks: int) -> None:
        self._kept = np.full((keep, tracks), -np.inf, np.float32)
        self._waiting: list[np.ndarray] = []
        self._count = np.zeros(tracks, int)

    def add(self, values: np.ndarray) -> None:
        """Add float values, (bins, tracks); NaN is none."""
        has_value = ~np.isnan(values)
        self._count += has_value.sum(axis=0)
        self._waiting.append(np.where(has_value, values, -np.inf).astype(np.float32))
        if sum(map(len, self._waiting)) >= len(self._kept):
            self._sift()

    def quantile(self, share: float) -> np.ndarray:
        """Give a quantile of every track, as `numpy.quantile` does; NaN where there is no value.

        Parameters
        ----------
        share : float
            So high that the value lies among those that are kept.
        """
        self._sift()
        descending = np.sort(self._kept, axis=0)[::-1].astype(float)
        position = (np.maximum(self._count, 1) - 1) * share
        below = np.floor(position).astype(int)
        from_top = np.maximum(self._count, 1) - 1 - below
        low, high = (
            np.take_along_axis(descending, np.maximum(rank, 0)[None], axis=0)[0]
            for rank in (from_top, from_top - 1)
        )
        with np.errstate(invalid="ignore"):
            return np.where(self._count > 0, low + (high - low) * (position - below), np.nan)

    def _sift(self) -> None:
        every = np.concatenate([self._kept, *self._waiting])
        keep = len(self._kept)
        self._kept = np.partition(every, len(every) - keep, axis=0)[len(every) - keep :].copy()
        self._waiting = []


class _Training:
    """Sums over the training windows of one division."""

    def __init__(self, windows: Sequence[TargetWindow], bin_size: int, tracks: int) -> None:
        own = [window for window in windows if window.fold == "train"]
        rows = [
            (window.end - window.start) // bin_size - first
            for window, first in new_bins(own, bin_size)
        ]
        self._bins = sum(rows)
        self._every = max(1, self._bins // _QUANTILE_BINS)
        sampled = sum(-(-count // self._every) for count in rows)
        keep = max(1, sampled - int((sampled - 1) * CLIP_QUANTILE))
        self._largest = LargestValues(keep, tracks)
        self._sums, self._counts = np.zeros(tracks), np.zeros(tracks, int)
        self._most = np.full(tracks, -np.inf)

    def add(self, values: np.ndarray, has_data: np.ndarray) -> None:
        if not len(values):
            return
        self._sums += np.where(has_data, values, 0).sum(axis=0, dtype=float)
        self._counts += has_data.sum(axis=0)
        self._most = np.maximum(self._most, np.where(has_data, values, -np.inf).max(axis=0))
        self._largest.add(values[:: self._every])

    def columns(self, tracks: Sequence[Track]) -> list[dict[str, Any]]:
        clips = self._largest.quantile(CLIP_QUANTILE)
        found = []
        for index, track in enumerate(tracks):
            count, total = int(self._counts[index]), float(self._sums[index])
            if not count or total <= 0:
                why = "has no data" if not count else "holds no signal above zero"
                raise SighthoundError(
                    f"track {track.id!r} {why} in the training fold; give other folds, or empty "
                    "its experiment cell in the tracks table"
                )
            clip = float(clips[index])
            found.append(
                {
                    "id": track.id,
                    "aggregation": track.aggregation,
                    "mean": total / count,
                    # Of a track that is zero almost everywhere, what is not, is not cut off.
                    "clip_quantile": clip if clip > 0 else float(self._most[index]),
                    "missing": round(1 - count / self._bins, 6),
                }
            )
        return found
