"""Bring the mean of a model's predictions to the mean of the experiments, track by track.

What learns squashed or clipped values predicts less than their mean once that is undone: the mean
of squares is above the square of the mean. One factor a track, found on the training fold and put
into the output scale, mends the level and leaves the shape.
"""

from __future__ import annotations

import numpy as np

from sighthound.core.model.model import Model
from sighthound.core.progress import Progress
from sighthound.precompute.training.batches import Batches, Placement
from sighthound.precompute.training.material import Material

FACTORS = np.geomspace(0.25, 4, 65)
_WINDOWS = 400


def level_factors(
    model: Model, material: Material, batches: Batches, progress: Progress | None = None
) -> np.ndarray:
    """Find by which factor the outputs of each track must grow for the means to agree.

    Parameters
    ----------
    batches : Batches
        Whose training windows are measured: where they lie, on the strand as given.

    Returns
    -------
    float64 array, (tracks,)
        Of the outputs before their transform is undone; the same for both tracks of a pair; 1 where
        the experiment is zero. Between 0.25 and 4.
    """
    dataset = material.dataset
    every = -(-len(batches.training) // _WINDOWS)
    windows = batches.training[::every]
    predicted = np.zeros((len(FACTORS), len(dataset.tracks)))
    measured = np.zeros(len(dataset.tracks))
    for done, window in enumerate(windows):
        bases = batches.sequence(Placement(window.chrom, window.start))
        outputs = model.predict(bases[None])[0].astype(float)
        values = dataset.window_targets(window.chrom, window.start)
        has_data = ~np.isnan(values)
        measured += np.where(has_data, np.maximum(values, 0), 0).sum(axis=0)
        for number, transform in enumerate(material.transforms):
            seen = transform.forward(outputs[has_data[:, number], number])
            predicted[:, number] += transform.inverse(FACTORS[:, None] * seen).sum(axis=1)
        if progress:
            progress(done + 1, len(windows))
    # One factor for both tracks of a pair: an output stands for either on the other strand.
    predicted, measured = (
        predicted + predicted[:, material.pairs],
        measured + measured[material.pairs],
    )
    factors = np.ones(len(measured))
    for track in np.flatnonzero((measured > 0) & (predicted[-1] > 0)).tolist():
        factors[track] = np.exp(
            np.interp(np.log(measured[track]), np.log(predicted[:, track]), np.log(FACTORS))
        )
    return factors
