"""In silico saturation mutagenesis: what every substitution of a region does to a prediction.

Exact, without a full forward pass a substitution: a changed base reaches a few bins of the
representation only, so the tower runs on a patch around it, and the dilated layers run on the
bins that the wanted outputs can see. Both reach far enough that no cut edge is felt.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from core.errors import SighthoundError
from core.graph import Graph
from core.inference import Model
from core.saliency import target_bins

# Floats a batch may hold in its widest layer, about 256 MB.
_BATCH_FLOATS = 64_000_000


def mutagenesis(
    model: Model,
    one_hot: np.ndarray,
    start: int,
    end: int,
    tracks: Sequence[str] | None = None,
    bins: Sequence[int] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> np.ndarray:
    """Predict the effect of every substitution in a region.

    Parameters
    ----------
    model : Model
    one_hot : array, (length, 4)
        The window, in the order A C G T.
    start, end : int
        The region, 0-based and half-open in the window.
    tracks : sequence of str, optional
        Ids of the tracks; all by default.
    bins : sequence of int, optional
        Predicted bins over which predictions are summed, counted after cropping; all by default.
    progress : callable, optional
        Called with substitutions done and in total; may raise to cancel.

    Returns
    -------
    float32 array, (end - start, 4, tracks)
        Prediction of the alternative minus that of the reference, summed over `bins`, in the
        tracks' units; 0 at the reference base.

    Raises
    ------
    SighthoundError
        The region is empty or outside the window, a track is unknown, or a bin is not predicted.
    """
    x = model.check_sequence(np.asarray(one_hot)[None])
    length = x.shape[1]
    if not 0 <= start < end <= length:
        raise SighthoundError(f"region {start} to {end} is not inside the window of {length} bases")
    chosen = np.array(
        [model.track_index(t) for t in tracks] if tracks is not None else range(len(model.tracks)),
        np.int32,
    )
    total = length // model.bin
    targets = model.crop + target_bins(model, total, bins)
    reach = model.architecture.stack_reach
    first, last = max(0, targets[0] - reach), min(total, targets[-1] + reach + 1)

    representation = model.representation(x)[0]
    evaluate = _tail(model._graph)
    wanted = (targets - first).astype(np.int32)
    region = representation[first:last]
    reference = evaluate(region[None], wanted, chosen).numpy()[0]

    effects = np.zeros((end - start, 4, len(chosen)), np.float32)
    positions, alternatives = _substitutions(x[0], start, end)
    patch = _patch_bins(model, total)
    batch = max(1, int(_BATCH_FLOATS / (_widest(model, patch, last - first))))
    for at in range(0, len(positions), batch):
        if progress is not None:
            progress(at, len(positions))
        here, bases = positions[at : at + batch], alternatives[at : at + batch]
        changed, where = _mutate_tower(model, x[0], here, bases, patch)
        altered, touched = _insert(region, changed, where - first)
        if touched.any():
            predictions = evaluate(altered[touched], wanted, chosen).numpy()
            effects[here[touched] - start, bases[touched]] = predictions - reference
    if progress is not None:
        progress(len(positions), len(positions))
    return effects * model.output_scale[chosen]


def _substitutions(x: np.ndarray, start: int, end: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions and alternative bases that differ from the sequence; N takes all four."""
    offsets, bases = np.nonzero(x[start:end] == 0)
    return offsets + start, bases


def _mutate_tower(
    model: Model, x: np.ndarray, positions: np.ndarray, bases: np.ndarray, patch: int
) -> tuple[np.ndarray, np.ndarray]:
    """Representation of the bins that each substitution can change.

    Returns
    -------
    float32 array, (substitutions, changed bins, units), and the int array of those bins,
    (substitutions, changed bins); a bin outside the window is numbered -1.
    """
    total = len(x) // model.bin
    left, right = model.architecture.tower_reach()
    lowest = (positions - model.bin - right) // model.bin + 1
    bins = lowest[:, None] + np.arange(-(-(left + right) // model.bin) + 1)
    margin = (patch - bins.shape[1]) // 2
    patch_start = np.clip(lowest - margin, 0, total - patch)
    index = patch_start[:, None] * model.bin + np.arange(patch * model.bin)
    sequences = x[index]
    row = np.arange(len(positions))
    sequences[row, positions - patch_start * model.bin] = np.eye(4, dtype=np.float32)[bases]
    output = model._graph.tower(sequences).numpy()
    inside = (bins >= 0) & (bins < total)
    local = np.clip(bins - patch_start[:, None], 0, patch - 1)
    return output[row[:, None], local], np.where(inside, bins, -1)


def _insert(
    region: np.ndarray, changed: np.ndarray, where: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Copies of the region's representation with the changed bins put in place."""
    inside = (where >= 0) & (where < len(region))
    altered = np.repeat(region[None], len(changed), axis=0)
    rows, columns = np.nonzero(inside)
    altered[rows, where[rows, columns]] = changed[rows, columns]
    return altered, np.asarray(inside.any(axis=1))


def _patch_bins(model: Model, total: int) -> int:
    """Bins a patch needs so that the changed bins in it do not feel its edges."""
    left, right = model.architecture.tower_reach()
    changed = -(-(left + right) // model.bin) + 1
    margin = -(-max(left, right) // model.bin)
    return min(total, changed + 2 * margin)


def _widest(model: Model, patch: int, region: int) -> int:
    """Floats that one substitution needs in its widest layer."""
    tower, stack, head = model.architecture.parts()
    widest = max((s.filters for s in tower), default=4) * patch * model.bin
    stacked = [s.filters for part in (stack, head) for s in part if s.operation == "convolve"]
    return max(widest, sum(stacked) * region)


@functools.lru_cache(maxsize=4)
def _tail(graph: Graph) -> Any:
    tf = graph.tf

    def evaluate(representation: Any, targets: Any, tracks: Any) -> Any:
        after = tf.gather(graph.run_stack(representation), targets, axis=1)
        return tf.reduce_sum(graph.run_head(after, tracks, cropped=False), axis=1)

    signature = [
        tf.TensorSpec((None, None, None), tf.float32),
        tf.TensorSpec((None,), tf.int32),
        tf.TensorSpec((None,), tf.int32),
    ]
    return tf.function(evaluate, input_signature=signature)
