"""Which bins, or bases, drive a prediction.

Source: Kelley et al. 2018, "Saliency maps": score(bin) = sum over units of the bin's
representation times the derivative of the prediction with respect to it, at the bins before the
dilated layers.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.errors import SighthoundError
from core.genome import reverse_complement
from core.graph import Graph
from core.inference import Ensemble, Model, shift_sequence


def saliency(
    model: Model,
    one_hot: np.ndarray,
    track: str | Sequence[str],
    bins: Sequence[int] | None = None,
    *,
    ensemble: Ensemble | None = None,
    dtype: str = "float32",
) -> np.ndarray:
    """Score every bin of a window for its influence on a prediction.

    Parameters
    ----------
    model : Model
    one_hot : array, (length, 4)
        The window, in the order A C G T.
    track : str or sequence of str
        Id of the track, or of several.
    bins : sequence of int, optional
        Predicted bins whose sum is explained, counted after cropping; all by default.
    ensemble : Ensemble, optional
        Strands and shifts over which scores are averaged.
    dtype : {"float32", "float64"}
        What is computed in.

    Returns
    -------
    array of `dtype`, (length / bin,), or (length / bin, tracks) where several tracks are given
        All bins before cropping, signed, in the track's units: positive where the sequence raises
        the prediction.

    Raises
    ------
    SighthoundError
        Unknown track, or a bin outside the prediction.
    """
    tracks = [track] if isinstance(track, str) else list(track)
    indices = np.array([model.track_index(t) for t in tracks])
    members = (ensemble or Ensemble()).members
    total: Any = 0.0
    for shift, is_reversed in members:
        x = shift_sequence(np.asarray(one_hot), shift)
        count = len(x) // model.bin
        targets = model.crop + target_bins(model, count, bins)
        if not is_reversed:
            total = total + _scores(model, x, targets, indices, dtype)
            continue
        turned = (count - 1 - targets)[::-1]
        pairs = model.strand_pairs[indices]
        total = total + _scores(model, reverse_complement(x), turned, pairs, dtype)[::-1]
    scores = np.asarray(total / len(members), dtype)
    return scores[:, 0] if isinstance(track, str) else scores


def gradient_times_input(
    model: Model, one_hot: np.ndarray, track: str, bins: Sequence[int] | None = None
) -> np.ndarray:
    """Score every base by gradient x input: a first look, which misses what only pairs explain.

    Mutagenesis says what a substitution does; this is its linear approximation at the reference,
    for a whole window at the price of about three forward passes.

    Parameters
    ----------
    model, one_hot, track, bins
        As for `saliency`.

    Returns
    -------
    float32 array, (length,)
        Derivative with respect to the base that is there; 0 at N.
    """
    x = model.check_sequence(np.asarray(one_hot)[None])
    index = model.track_index(track)
    targets = model.crop + target_bins(model, x.shape[1] // model.bin, bins)
    # Bases beyond the reach of the wanted bins have no gradient.
    reach = model.receptive_field_bins + 1
    first = max(0, int(targets[0]) - reach)
    last = min(x.shape[1] // model.bin, int(targets[-1]) + reach + 1)
    part = slice(first * model.bin, last * model.bin)
    scores = np.zeros(x.shape[1], np.float32)
    gradient = _base_gradient(model.graph())
    rows = (targets - first).astype(np.int32)
    scores[part] = gradient(x[:, part], rows, np.int32(index)).numpy()
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


def _scores(
    model: Model, x: np.ndarray, targets: np.ndarray, tracks: np.ndarray, dtype: str
) -> np.ndarray:
    """Scores of all bins, (bins, tracks); only bins that can reach the targets are computed."""
    total = len(x) // model.bin
    reach = model.architecture.stack_reach
    first, last = max(0, int(targets[0]) - reach), min(total, int(targets[-1]) + reach + 1)
    reference = model.reference(x, first, last, dtype)
    region = reference.representation[first - reference.start : last - reference.start]
    gradient = _gradient(reference.graph)
    scores = np.zeros((total, len(tracks)), dtype)
    rows = (targets - first).astype(np.int32)
    for column, track in enumerate(tracks):
        scores[first:last, column] = gradient(region[None], rows, np.int32(track)).numpy()
    return scores * model.output_scale[tracks]


@functools.lru_cache(maxsize=8)
def _gradient(graph: Graph) -> Any:
    tf = graph.tf

    def score(representation: Any, targets: Any, track: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(representation)
            after = tf.gather(graph.run_stack(representation), targets, axis=1)
            values = graph.run_head(after, track[None], cropped=False)
            prediction = tf.reduce_sum(graph.link(values))
        gradient = tape.gradient(prediction, representation)
        return tf.reduce_sum(gradient * representation, axis=(0, 2))

    signature = [
        tf.TensorSpec((1, None, None), graph.dtype),
        tf.TensorSpec((None,), tf.int32),
        tf.TensorSpec((), tf.int32),
    ]
    return tf.function(score, input_signature=signature)


@functools.lru_cache(maxsize=8)
def _base_gradient(graph: Graph) -> Any:
    tf = graph.tf

    def score(bases: Any, targets: Any, track: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(bases)
            after = tf.gather(graph.run_stack(graph.run_tower(bases)), targets, axis=1)
            values = graph.run_head(after, track[None], cropped=False)
            prediction = tf.reduce_sum(graph.link(values))
        return tf.reduce_sum(tape.gradient(prediction, bases) * bases, axis=(0, 2))

    signature = [
        tf.TensorSpec((1, None, 4), tf.float32),
        tf.TensorSpec((None,), tf.int32),
        tf.TensorSpec((), tf.int32),
    ]
    return tf.function(score, input_signature=signature)
