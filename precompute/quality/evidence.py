"""What several checks of experiments need: bins, correlations, and who is held against whom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sighthound.core.tracks.track import Track
from sighthound.precompute.quality.samples import Sample

_FINE = 32  # bases a bin of correlations
_COARSER = 512  # and of what tells samples apart: about a promoter
LIKE = 0.3  # correlation from which tracks are held against each other


@dataclass(frozen=True)
class Suspicion:
    """One thing that is suspicious.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    tracks : tuple of str
        Ids of the tracks that it is of.
    words : str
        What is seen, with its numbers.
    advice : str
        What it mostly means, and what to look at.
    """

    kind: str
    tracks: tuple[str, ...]
    words: str
    advice: str

    def __str__(self) -> str:
        return f"{self.kind}: {', '.join(self.tracks)}: {self.words}; {self.advice}"


class Evidence:
    """A sample, and what several checks need of it."""

    def __init__(self, sample: Sample) -> None:
        self.sample = sample
        self.tracks = sample.tracks

    @cached_property
    def correlations(self) -> np.ndarray:
        """Pearson r of log(1 + value / mean) in bins of 32 bases, (tracks, tracks)."""
        return correlation(self._logs)

    @cached_property
    def _logs(self) -> np.ndarray:
        return logs(in_bins(self.sample.bases, _FINE).reshape(len(self.tracks), -1))

    def differences(self, members: list[int]) -> np.ndarray:
        """Pearson r of what is left of tracks without what they have in common.

        Depth makes tracks correlate more or less with all others; this is free of it. Square roots
        have the same noise at every height, and only the bins with most signal are taken.
        """
        values = in_bins(self.sample.bases[members], _COARSER).reshape(len(members), -1)
        values = values[:, np.isfinite(values).all(axis=0)].astype(float)
        values = np.sqrt(np.maximum(values, 0) / np.maximum(values.mean(axis=1), 1e-30)[:, None])
        height = values.mean(axis=0)
        values = values[:, height > np.quantile(height, 0.8)]
        return correlation(values - values.mean(axis=0))

    def sets(self, by_strand: bool = True) -> list[list[int]]:
        """Tracks of one assay, group and strand."""
        found: dict[tuple[str, ...], list[int]] = {}
        for index, t in enumerate(self.tracks):
            key = (t.assay, t.group, t.strand if by_strand else "", t.aggregation)
            found.setdefault(key, []).append(index)
        return list(found.values())

    def peers(self, index: int) -> list[int]:
        """Tracks of the same assay, group and strand."""
        own = next(members for members in self.sets() if index in members)
        return [other for other in own if other != index]

    def witnesses(self, index: int) -> list[int]:
        """Peers that place a track's signal: two or more, or one declared to be its replicate.

        One peer alone may be of another protein, or another fraction of the same reads.
        """
        peers = self.peers(index)
        names = replicate_sets(self.tracks)
        return peers if len(peers) > 1 else [i for i in peers if names[i] == names[index]]

    def named(self, index: int, witnesses: list[int]) -> tuple[str, ...] | None:
        """Ids of what is suspicious: the track, or of a pair, where it may be either, both once."""
        pair = [index] if len(witnesses) > 1 else sorted([index, *witnesses])
        return None if index != pair[0] else tuple(self.tracks[i].id for i in pair)


def correlation(values: np.ndarray) -> np.ndarray:
    """Pearson r of rows over the columns where both have data, (rows, rows)."""
    has_data = np.isfinite(values)
    weights = has_data.astype(float)
    filled = np.where(has_data, values, 0).astype(float)
    n = weights @ weights.T
    with np.errstate(invalid="ignore", divide="ignore"):
        sums, squares = filled @ weights.T, filled**2 @ weights.T
        spread = squares - sums**2 / n
        together = filled @ filled.T - sums * sums.T / n
        return np.asarray(together / np.sqrt(spread * spread.T))


def replicate_sets(tracks: tuple[Track, ...]) -> list[str]:
    """Name for every track the one whose replicate it is declared to be, by `replicate_of`.

    Equal assay and sample are not enough: two fractions of the same reads have them too.
    """
    by_id = {track.id: track for track in tracks}
    names = []
    for track in tracks:
        seen = {track.id}
        while track.replicate_of in by_id and track.replicate_of not in seen:
            track = by_id[track.replicate_of]
            seen.add(track.id)
        names.append(track.id)
    return names


def in_bins(bases: np.ndarray, size: int) -> np.ndarray:
    """Means of `size` bases along the last axis; what is left over at its end is left out."""
    whole = bases.shape[-1] // size * size
    rows = np.ascontiguousarray(bases[..., :whole]).reshape(-1, size)
    # As a product: ten times as fast as a mean along a short axis.
    means = rows @ np.full(size, 1 / size, bases.dtype)
    return np.asarray(means.reshape(*bases.shape[:-1], -1))


def logs(values: np.ndarray) -> np.ndarray:
    """log(1 + value / mean), rows by themselves."""
    size = np.abs(values)
    mean = np.nanmean(np.where(np.isfinite(size), size, np.nan), axis=1, keepdims=True)
    return np.asarray(np.log1p(size / np.maximum(mean, 1e-30)))
