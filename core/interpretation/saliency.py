"""Which bins, or bases, drive a prediction.

Source: Kelley et al. 2018, "Saliency maps": score(bin) = sum over units of the bin's
representation times the derivative of the prediction with respect to it, at the bins before the
dilated layers.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.interpretation.contrasted import Columns
from sighthound.core.interpretation.saliency_cone import cone, cone_scores
from sighthound.core.interpretation.windows import predict_locus
from sighthound.core.model.ensemble import Ensemble, Member, average
from sighthound.core.model.graph import Graph
from sighthound.core.model.model import Model
from sighthound.core.model.runtime import compile_function
from sighthound.core.progress import Progress


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
        Id of the track, or of several; "A/B" is the contrast of two, log2((A + 1) / (B + 1)).
    bins : sequence of int, optional
        Predicted bins whose sum is explained, counted after cropping; all by default. Of a contrast
        A and B are such sums.
    ensemble : Ensemble, optional
        Strands and shifts over which scores are averaged.
    dtype : {"float32", "float64"}
        What is computed in.

    Returns
    -------
    array of `dtype`, (length / bin,), or (length / bin, tracks) where several tracks are given
        All bins before cropping, signed, in the track's units (log2 of a contrast): positive where
        the sequence raises the prediction.

    Raises
    ------
    SighthoundError
        Unknown track, or a bin outside the prediction.
    """
    asked, indices = _asked(model, track)
    x = np.asarray(one_hot)
    count = len(x) // model.bin
    targets = model.crop + target_bins(model, count, bins)

    def answer(member: Member, _: Progress | None) -> np.ndarray:
        wanted = member.ascending(targets, count)
        outputs = member.tracks(model.strand_pairs, indices)
        return member.back(_scores(model, member.sequence(x), wanted, outputs, dtype), 0)

    scores = average(ensemble, answer, model.output_scale[indices])
    if asked.contrasts:
        predicted = predict_locus(model, x, targets, asked.tracks, ensemble, dtype=dtype)
        scores = asked.derivatives(scores, predicted.sum(axis=0))
    return scores[:, 0] if isinstance(track, str) else scores


def saliency_profiles(
    model: Model,
    one_hot: np.ndarray,
    track: str | Sequence[str],
    bins: Sequence[int],
    *,
    ensemble: Ensemble | None = None,
    dtype: str = "float32",
) -> np.ndarray:
    """Score the bins around each of several bins for their influence on that bin's prediction.

    What `saliency` gives for one bin after another, from one run of the tower over the window.

    Parameters
    ----------
    model, one_hot, track, ensemble, dtype
        As for `saliency`.
    bins : sequence of int
        Predicted bins, counted after cropping.

    Returns
    -------
    array of `dtype`, (bins, 2 x reach + 1), or (bins, 2 x reach + 1, tracks) for several tracks
        `reach` is `model.architecture.stack_reach`; column `reach + d` is the score of the bin `d`
        bins to the right, 0 outside the window.
    """
    asked, indices = _asked(model, track)
    reach = model.architecture.stack_reach
    given = np.asarray(one_hot)
    count = len(model.check_sequence(given[None])[0]) // model.bin
    target_bins(model, count, bins)
    targets = model.crop + np.asarray(bins, int)
    graph = model.graph(dtype)
    margin = -(-max(model.architecture.tower_reach()) // model.bin)
    offsets = reach + cone(graph.stack).offsets[0]

    def answer(member: Member, _: Progress | None) -> np.ndarray:
        x = model.check_sequence(member.sequence(given)[None])
        wanted = member.bins(targets, count)
        first, last = model.architecture.seen(wanted, count)
        start, stop = max(0, first - margin), min(count, last + margin)
        table = graph.represent(x[:, start * model.bin : stop * model.bin])[0]
        profiles = np.zeros((len(targets), 2 * reach + 1, len(indices)), dtype)
        for place, output in enumerate(member.tracks(model.strand_pairs, indices)):
            scores = cone_scores(graph, table, start, count, wanted, int(output))
            profiles[:, offsets, place] = scores
        return member.back(profiles, 1)

    profiles = average(ensemble, answer, model.output_scale[indices])
    if asked.contrasts:
        predicted = predict_locus(model, given, targets, asked.tracks, ensemble, dtype=dtype)
        profiles = asked.derivatives(profiles, predicted[:, None])
    return profiles[..., 0] if isinstance(track, str) else profiles


def gradient_times_input(
    model: Model,
    one_hot: np.ndarray,
    track: str,
    bins: Sequence[int] | None = None,
    *,
    ensemble: Ensemble | None = None,
) -> np.ndarray:
    """Score every base by gradient x input: a first look, which misses what only pairs explain.

    Mutagenesis says what a substitution does; this is its linear approximation at the reference,
    for a whole window at the price of about three forward passes.

    Parameters
    ----------
    model, one_hot, track, bins, ensemble
        As for `saliency`.

    Returns
    -------
    float32 array, (length,)
        Derivative with respect to the base that is there; 0 at N.
    """
    asked, indices = _asked(model, track)
    x = model.check_sequence(np.asarray(one_hot)[None])
    count = x.shape[1] // model.bin
    targets = model.crop + target_bins(model, count, bins)

    def answer(member: Member, _: Progress | None) -> np.ndarray:
        wanted = member.ascending(targets, count)
        outputs, version = member.tracks(model.strand_pairs, indices), member.sequence(x)
        scores = [_base_scores(model, version, wanted, output) for output in outputs]
        return np.stack([member.bases_back(of_track) for of_track in scores], axis=1)

    scores = average(ensemble, answer, model.output_scale[indices])
    if asked.contrasts:
        predicted = predict_locus(model, x[0], targets, asked.tracks, ensemble)
        scores = asked.derivatives(scores, predicted.sum(axis=0))
    return scores[:, 0]


def _base_scores(model: Model, x: np.ndarray, targets: np.ndarray, index: int) -> np.ndarray:
    # Bases beyond the reach of the wanted bins have no gradient.
    reach = model.receptive_field_bins + 1
    first = max(0, int(targets[0]) - reach)
    last = min(x.shape[1] // model.bin, int(targets[-1]) + reach + 1)
    part = slice(first * model.bin, last * model.bin)
    scores = np.zeros(x.shape[1], np.float32)
    gradient = _base_gradient(model.graph())
    rows = (targets - first).astype(np.int32)
    scores[part] = gradient(x[:, part], rows, np.int32(index)).numpy()
    return scores


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


def _asked(model: Model, track: str | Sequence[str]) -> tuple[Columns, np.ndarray]:
    """What is asked for, and which outputs are computed for it."""
    asked = Columns.of([track] if isinstance(track, str) else track)
    return asked, np.array([model.track_index(name) for name in asked.tracks])


def _scores(
    model: Model, x: np.ndarray, targets: np.ndarray, tracks: np.ndarray, dtype: str
) -> np.ndarray:
    """Scores of all bins, (bins, tracks), before the output scale.

    Only bins that can reach the targets are computed.
    """
    total = len(x) // model.bin
    first, last = model.architecture.seen(targets, total)
    reference = model.reference(x, first, last, dtype)
    graph = reference.graph
    seen = cone(graph.stack)
    scores = np.zeros((total, len(tracks)), dtype)
    # The score of a sum is the sum of scores: a few targets are cheaper one by one.
    if len(targets) * seen.products < (last - first) * len(seen.offsets):
        at = targets[:, None] + seen.offsets[0]
        inside = (at >= 0) & (at < total)
        for column, track in enumerate(tracks):
            single = cone_scores(
                graph, reference.representation, reference.start, total, targets, int(track)
            )
            np.add.at(scores[:, column], at[inside], single[inside])
        return scores
    region = reference.representation[first - reference.start : last - reference.start]
    gradient = _gradient(graph)
    rows = (targets - first).astype(np.int32)
    for column, track in enumerate(tracks):
        scores[first:last, column] = gradient(region[None], rows, np.int32(track)).numpy()
    return scores


@functools.lru_cache(maxsize=8)
def _gradient(graph: Graph) -> Any:
    """Gradient x input of what the stack reads."""
    tf = graph.tf
    return _times_input(graph, graph.run_stack, tf.TensorSpec((1, None, None), graph.dtype))


@functools.lru_cache(maxsize=8)
def _base_gradient(graph: Graph) -> Any:
    """Gradient x input of the bases."""
    tf = graph.tf
    return _times_input(
        graph,
        lambda x: graph.run_stack(graph.run_tower(x)),
        tf.TensorSpec((1, None, 4), tf.float32),
    )


def _times_input(graph: Graph, run: Callable[[Any], Any], given: Any) -> Any:
    """Sum over channels of gradient x input, for bins and a track that are given with the input."""
    tf = graph.tf

    def score(given: Any, targets: Any, track: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(given)
            after = tf.gather(run(given), targets, axis=1)
            values = graph.run_head(after, track[None], cropped=False)
            prediction = tf.reduce_sum(graph.link(values, track[None]))
        return tf.reduce_sum(tape.gradient(prediction, given) * given, axis=(0, 2))

    signature = [given, tf.TensorSpec((None,), tf.int32), tf.TensorSpec((), tf.int32)]
    return compile_function(score, signature)
