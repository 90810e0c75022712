"""Bring the mean of a model's predictions to the mean of the experiments, track by track.

What learns squashed or clipped values predicts less than their mean once that is undone: the mean
of squares is above the square of the mean. And the peaks of sequence that a network has not seen
come out lower than those that it learned from. One factor a track, put into the output scale, mends
the level and leaves the shape. It is found on the validation fold; for tracks with little data
there, on the training fold, which knows nothing of the second.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sighthound.core.model.model import Model
from sighthound.core.progress import Progress
from sighthound.precompute.datasets.windows import TargetWindow
from sighthound.precompute.training.batches import Batches, Placement
from sighthound.precompute.training.material import Material

FACTORS = np.geomspace(0.25, 4, 65)
LEAST_BINS = 1_000  # with data, for a fold to say a level
_WINDOWS = 400  # of a fold


def level_factors(
    model: Model,
    material: Material,
    batches: Batches,
    progress: Progress | None = None,
    *,
    least_bins: int = LEAST_BINS,
) -> np.ndarray:
    """Find by which factor the outputs of each track must grow for the means to agree.

    Parameters
    ----------
    batches : Batches
        Whose windows are measured: where they lie, on the strand as given; up to 400 of a fold.
    least_bins : int
        Bins with data below which the validation fold does not say a track's level.

    Returns
    -------
    float64 array, (tracks,)
        Of the outputs before their transform is undone; the same for both tracks of a pair; 1 where
        the experiment is zero. Between 0.25 and 4.
    """
    folds = [_spread(material.dataset.fold("valid")), _spread(batches.training)]
    total, done = sum(map(len, folds)), 0

    def tell() -> None:
        nonlocal done
        done += 1
        if progress:
            progress(done, total)

    judged, learned = (_Sums(model, material, batches, windows, tell) for windows in folds)
    enough = judged.bins >= least_bins
    return np.where(enough, judged.factors(), learned.factors())


def _spread(windows: Sequence[TargetWindow]) -> Sequence[TargetWindow]:
    return windows[:: max(1, -(-len(windows) // _WINDOWS))]


class _Sums:
    """Sums over windows of experiments, and of predictions at every factor.

    Both tracks of a pair are taken together: an output stands for either on the other strand.
    """

    def __init__(
        self,
        model: Model,
        material: Material,
        batches: Batches,
        windows: Sequence[TargetWindow],
        tell: Callable[[], None],
    ) -> None:
        dataset, pairs = material.dataset, material.pairs
        predicted = np.zeros((len(FACTORS), len(dataset.tracks)))
        measured = np.zeros(len(dataset.tracks))
        bins = np.zeros(len(dataset.tracks), int)
        for window in windows:
            bases = batches.sequence(Placement(window.chrom, window.start))
            outputs = model.predict(bases[None])[0].astype(float)
            values = dataset.window_targets(window.chrom, window.start)
            has_data = ~np.isnan(values)
            bins += has_data.sum(axis=0)
            measured += np.where(has_data, np.maximum(values, 0), 0).sum(axis=0)
            for number, transform in enumerate(material.transforms):
                seen = transform.forward(outputs[has_data[:, number], number])
                predicted[:, number] += transform.inverse(FACTORS[:, None] * seen).sum(axis=1)
            tell()
        self.bins = np.minimum(bins, bins[pairs])
        self.predicted, self.measured = predicted + predicted[:, pairs], measured + measured[pairs]

    def factors(self) -> np.ndarray:
        """The factor at which both sums agree, between those that were tried."""
        found = np.ones(len(self.measured))
        for track in np.flatnonzero((self.measured > 0) & (self.predicted[-1] > 0)).tolist():
            sums = np.log(self.predicted[:, track])
            found[track] = np.exp(np.interp(np.log(self.measured[track]), sums, np.log(FACTORS)))
        return found
