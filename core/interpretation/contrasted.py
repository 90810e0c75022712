"""Explanations of contrasts, log2((A + 1) / (B + 1)), from those of both tracks: exact.

A derivative of the contrast is (dA / (A + 1) - dB / (B + 1)) / ln 2. What an altered sequence
does to it is log2((A' + 1) / (A + 1)) - log2((B' + 1) / (B + 1)). A and B are predictions summed
over the bins that are asked about and averaged over strands and shifts, so that several bins are
contrasted by their sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sighthound.core.tracks.contrasts import PSEUDOCOUNT, is_contrast, log_ratio, tracks_of


@dataclass(frozen=True)
class Columns:
    """Tracks and contrasts that are asked for, as columns of what is computed of tracks.

    Attributes
    ----------
    tracks : tuple of str
        Those that are computed, each once.
    sources : tuple of tuples of int
        Of every name that is asked for, its column, or the two that it contrasts.
    """

    tracks: tuple[str, ...]
    sources: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, names: Sequence[str]) -> Columns:
        """Find what names, "A" or "A/B", are of.

        Raises
        ------
        SighthoundError
            A name of a contrast that is none.
        """
        if not any(map(is_contrast, names)):
            return cls(tuple(names), tuple((column,) for column in range(len(names))))
        asked = [tracks_of(name) for name in names]
        tracks = tuple(dict.fromkeys(track for ids in asked for track in ids))
        return cls(tracks, tuple(tuple(tracks.index(track) for track in ids) for ids in asked))

    @property
    def contrasts(self) -> bool:
        """Whether any name is of a contrast."""
        return any(len(source) > 1 for source in self.sources)

    def values(self, predicted: np.ndarray) -> np.ndarray:
        """What is predicted, (..., tracks), under the names, (..., names)."""
        return self._joined(
            predicted, [log_ratio(predicted[..., a], predicted[..., b]) for a, b in self._pairs]
        )

    def derivatives(self, scores: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        """Derivatives of contrasts, times whatever tracks' `scores` are times of.

        Parameters
        ----------
        scores : array, (..., tracks)
        predicted : array that broadcasts with it
            The prediction whose derivative it is.
        """
        # Below zero a prediction counts as zero, and changes nothing.
        slope = np.where(predicted > 0, 1, 0) / (np.maximum(predicted, 0) + PSEUDOCOUNT)
        slopes = scores * (slope / np.log(2)).astype(scores.dtype)
        return self._joined(scores, [slopes[..., a] - slopes[..., b] for a, b in self._pairs])

    def effects(self, effects: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        """Effects on contrasts, altered minus reference.

        Parameters
        ----------
        effects : array, (..., tracks)
            On tracks, altered minus reference.
        predicted : array that broadcasts with it
            Of the reference.
        """
        before = np.maximum(predicted, 0).astype(effects.dtype)
        # Small effects of large predictions would drown in a difference, of these or of logarithms.
        change = np.where(
            predicted >= 0, np.maximum(effects, -before), np.maximum(predicted + effects, 0)
        )
        ratios = np.log1p(change / (before + PSEUDOCOUNT)) / np.log(2).astype(effects.dtype)
        return self._joined(effects, [ratios[..., a] - ratios[..., b] for a, b in self._pairs])

    @property
    def _pairs(self) -> list[tuple[int, int]]:
        return [(source[0], source[1]) for source in self.sources if len(source) > 1]

    def _joined(self, of_tracks: np.ndarray, of_contrasts: Sequence[np.ndarray]) -> np.ndarray:
        pairs = iter(of_contrasts)
        columns = [
            next(pairs) if len(source) > 1 else of_tracks[..., source[0]] for source in self.sources
        ]
        return np.stack(columns, axis=-1).astype(of_tracks.dtype, copy=False)
