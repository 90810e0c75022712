"""Which bins drive a prediction: gradient x representation at the bins before the dilated layers.

Source: Kelley et al. 2018, "Saliency maps": score(bin) = sum over units of the bin's
representation times the derivative of the prediction with respect to it.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.errors import SighthoundError
from core.graph import Graph
from core.inference import Model


def saliency(
    model: Model,
    one_hot: np.ndarray,
    track: str,
    bins: Sequence[int] | None = None,
) -> np.ndarray:
    """Score every bin of a window for its influence on a prediction.

    Parameters
    ----------
    model : Model
    one_hot : array, (length, 4)
        The window, in the order A C G T.
    track : str
        Id of the track.
    bins : sequence of int, optional
        Predicted bins whose sum is explained, counted after cropping; all by default.

    Returns
    -------
    float32 array, (length / bin,)
        All bins before cropping, signed, in the track's units: positive where the sequence raises
        the prediction.

    Raises
    ------
    SighthoundError
        Unknown track, or a bin outside the prediction.
    """
    x = model.check_sequence(np.asarray(one_hot)[None])
    index = model.track_index(track)
    total = x.shape[1] // model.bin
    targets = model.crop + target_bins(model, total, bins)
    # A graph computes only what can reach the targets: the stack's reach on both sides of them.
    reach = model.architecture.stack_reach
    first, last = max(0, targets[0] - reach), min(total, targets[-1] + reach + 1)
    representation = model.representation(x)
    scores = np.zeros(total, np.float32)
    gradient = _gradient(model._graph)
    scores[first:last] = gradient(
        representation[:, first:last], (targets - first).astype(np.int32), np.int32(index)
    ).numpy()
    return scores * model.output_scale[index]


def target_bins(model: Model, total: int, bins: Sequence[int] | None) -> np.ndarray:
    """Sort and check predicted bins, counted after cropping.

    Parameters
    ----------
    total : int
        Bins of the window before cropping.
    """
    count = total - 2 * model.crop
    if bins is None:
        return np.arange(count)
    chosen = np.unique(np.asarray(bins, int))
    if not len(chosen) or chosen[0] < 0 or chosen[-1] >= count:
        raise SighthoundError(f"bins {list(bins)[:5]} are not among the {count} predicted bins")
    return chosen


@functools.lru_cache(maxsize=4)
def _gradient(graph: Graph) -> Any:
    tf = graph.tf

    def score(representation: Any, targets: Any, track: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(representation)
            after = tf.gather(graph.run_stack(representation), targets, axis=1)
            prediction = tf.reduce_sum(graph.run_head(after, track[None], cropped=False))
        gradient = tape.gradient(prediction, representation)
        return tf.reduce_sum(gradient * representation, axis=(0, 2))

    signature = [
        tf.TensorSpec((1, None, None), tf.float32),
        tf.TensorSpec((None,), tf.int32),
        tf.TensorSpec((), tf.int32),
    ]
    return tf.function(score, input_signature=signature)
