"""Saliency of single bins from the bins that each sees through the dilated layers, and no others.

A bin of the last dilated layer needs three bins of the layer before it, these need seven, and so
on: for the paper's network 120 dilated outputs a target, where its whole receptive field would be
1,518. The pattern is the same for every target, so that many run as one batch.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sighthound.core.model.graph import Graph
from sighthound.core.model.operations import Folded, refuse_unknown
from sighthound.core.model.runtime import compile_function

_KNOWN = frozenset({"convolve", "normalise", "activate", "branch", "concatenate", "add", "crop"})

# Floats that the representations of one batch of targets may take.
_BATCH_FLOATS = 8_000_000


@dataclass(frozen=True)
class Cone:
    """The bins that one bin sees at every step of the dilated layers, relative to it.

    Attributes
    ----------
    offsets : tuple of int arrays
        Ascending; before every step, and after the last one, where it is the target itself.
    branches : tuple of int arrays
        For every step that joins a branch, the offsets that the branch remembered; else empty.
    """

    offsets: tuple[np.ndarray, ...]
    branches: tuple[np.ndarray, ...]

    @property
    def products(self) -> int:
        """Bins at which dilated layers are computed, roughly: those before every step."""
        return sum(map(len, self.offsets))


def cone(stack: Sequence[Folded]) -> Cone:
    """Follow one bin back through the dilated layers."""
    refuse_unknown((folded.step for folded in stack), _KNOWN, "saliency")
    needed = np.zeros(1, int)
    offsets, joins, branches = [needed], [], [np.zeros(0, int)] * len(stack)
    for place in reversed(range(len(stack))):
        step = stack[place].step
        if step.operation in ("concatenate", "add"):
            joins.append((place, needed))
        elif step.operation == "branch":
            join, wanted = joins.pop()
            needed = np.union1d(needed, wanted)
            branches[join] = needed
        elif step.operation == "convolve":
            needed = np.unique(needed[:, None] + _taps(stack[place]))
        offsets.append(needed)
    return Cone(tuple(reversed(offsets)), tuple(branches))


def cone_scores(
    graph: Graph,
    representation: Any,
    start: int,
    bins: int,
    targets: np.ndarray,
    track: int,
) -> np.ndarray:
    """Score the bins that each of some targets sees.

    Parameters
    ----------
    representation : tensor, (rows, units)
        From bin `start` of the window on; holds every bin of the window that a target sees.
    bins : int
        Of the whole window; beyond it every layer reads zeros.
    targets : int array, (n,)
        Of all bins of the window.
    track : int
        Index of the output.

    Returns
    -------
    array, (n, offsets)
        Columns are `cone(graph.stack).offsets[0]`; before the output scale.
    """
    compiled, seen = _compiled(graph)
    size = max(1, _BATCH_FLOATS // (seen * int(representation.shape[-1])))
    scores = [
        compiled(
            representation,
            np.int32(start),
            np.int32(bins),
            targets[at : at + size].astype(np.int32),
            np.int32(track),
        ).numpy()
        for at in range(0, len(targets), size)
    ]
    return np.concatenate(scores)


def _taps(folded: Folded) -> np.ndarray:
    step = folded.step
    return (np.arange(step.width) - (step.width - 1) // 2) * step.dilation


@functools.lru_cache(maxsize=8)
def _compiled(graph: Graph) -> tuple[Any, int]:
    tf = graph.tf
    seen = cone(graph.stack)

    def score(representation: Any, start: Any, bins: Any, targets: Any, track: Any) -> Any:
        # Layout (offsets, targets, channels): steps pick rows, targets stay beside each other.
        at = targets[None] + seen.offsets[0].astype(np.int32)[:, None]
        inside = tf.cast((at >= 0) & (at < bins), graph.dtype)[..., None]
        rows = tf.clip_by_value(at - start, 0, tf.shape(representation)[0] - 1)
        x = tf.gather(representation, rows) * inside
        with tf.GradientTape() as tape:
            tape.watch(x)
            after = _run(graph, seen, x, inside)
            values = graph.run_head(after, track[None], cropped=False)
            prediction = tf.reduce_sum(graph.link(values, track[None]))
        return tf.transpose(tf.reduce_sum(tape.gradient(prediction, x) * x, axis=2))

    number = tf.TensorSpec((), tf.int32)
    signature = [
        tf.TensorSpec((None, None), graph.dtype),
        number,
        number,
        tf.TensorSpec((None,), tf.int32),
        number,
    ]
    return compile_function(score, signature), len(seen.offsets[0])


def _run(graph: Graph, seen: Cone, x: Any, inside: Any) -> Any:
    """Representation of the seen bins to the targets' vectors after the dilated layers; traced."""
    tf = graph.tf
    branches: list[Any] = []
    every = seen.offsets[0]

    def take(values: Any, held: np.ndarray, wanted: np.ndarray) -> Any:
        if len(held) == len(wanted):
            return values
        return tf.gather(values, np.searchsorted(held, wanted).astype(np.int32))

    for place, folded in enumerate(graph.stack):
        held, wanted = seen.offsets[place], seen.offsets[place + 1]
        step = folded.step
        if step.operation == "convolve" and step.width > 1:
            # Beyond the window's ends a layer reads zeros, whatever was computed there.
            x = x * take(inside, every, held)
            count, channels = tf.shape(x)[1], folded.kernel.shape[1]
            products = [
                tf.matmul(
                    tf.reshape(take(x, held, wanted + tap), (-1, channels)), folded.kernel[number]
                )
                for number, tap in enumerate(_taps(folded))
            ]
            x = tf.nn.bias_add(tf.add_n(products), folded.bias)
            x = tf.reshape(x, (len(wanted), count, step.filters))
        elif step.operation == "branch":
            branches.append(x)
            x = take(x, held, wanted)
        elif step.operation in ("concatenate", "add"):
            branch = take(branches.pop(), seen.branches[place], wanted)
            x = tf.concat([branch, x], -1) if step.operation == "concatenate" else branch + x
        elif step.operation != "crop":
            x = graph.apply(folded, x)
    return x
