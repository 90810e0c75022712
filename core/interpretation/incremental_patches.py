"""Patches of the tower: the pooled positions of each layer that a few changed bases can change.

A change to inputs [s, s + w) of a convolution of width k, left of which (k - 1) // 2 positions are
read, touches outputs [s - k // 2, s + w + (k - 1) // 2), and the pools that hold these.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from sighthound.core.model.graph import Graph
from sighthound.core.model.operations import Folded, convolve, refuse_unknown
from sighthound.core.model.reference_pass import ReferencePass, Segment, tower_segments

_KNOWN = frozenset({"convolve", "normalise", "activate", "pool", "narrow"})


class TowerPatches:
    """Where the patches of changed positions lie in each segment of the tower."""

    def __init__(self, graph: Graph) -> None:
        refuse_unknown((folded.step for folded in graph.tower), _KNOWN, "mutagenesis")
        self.graph = graph
        self.prefix, self.segments = tower_segments(graph)

    def windows(self, starts: np.ndarray, width: int) -> Iterator[tuple[np.ndarray, int]]:
        """First position and number of positions that may change, at every segment's input."""
        yield starts, width
        for segment in self.segments:
            starts, width = changed_outputs(segment, starts, width)
            yield starts, width

    def changed_bins(self, starts: np.ndarray, width: int) -> tuple[np.ndarray, int]:
        *_, last = self.windows(starts, width)
        return last

    def floats(self, width: int) -> int:
        """Floats that one alternative needs in all segments."""
        total, nothing = 0, np.zeros(1, np.int64)
        for segment, (_, changed) in zip(
            self.segments, list(self.windows(nothing, width))[1:], strict=True
        ):
            positions = changed * segment.pool + segment.left + segment.right
            for folded in segment.layers:
                if folded.step.operation == "convolve":
                    inputs, filters = folded.kernel.shape[1:]
                    total += 2 * positions * inputs + positions * filters
        return total

    def indices(
        self, reference: ReferencePass, starts: np.ndarray, width: int
    ) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
        """Where every patch takes its input from.

        Returns
        -------
        tuple of int32 arrays, (alternatives, positions of the patch), one a segment
            Rows of [a row of zeros, the segment's table from `span` on, changed positions of all
            alternatives one after another].
        tuple of int32 arrays, (2,)
            The span of each table that is used.
        tuple of arrays, (alternatives, positions, 1)
            0 where a position between two convolutions of one segment lies outside the sequence.
        """
        patches, spans, masks = [], [], []
        count = np.arange(len(starts))[:, None]
        length = reference.bins * reference.model.bin
        offset = reference.start * reference.model.bin
        windows = list(self.windows(starts, width))
        for number, segment in enumerate(self.segments):
            changed, changed_width = windows[number]
            outputs, output_width = windows[number + 1]
            first = outputs * segment.pool - segment.left
            size = output_width * segment.pool + segment.left + segment.right
            positions = first[:, None] + np.arange(size)
            inside = (positions >= 0) & (positions < length)
            along = positions - changed[:, None]
            is_changed = (along >= 0) & (along < changed_width)
            rows = np.clip(positions - offset, 0, int(reference.tables[number].shape[0]) - 1)
            low, high = int(rows.min()), int(rows.max()) + 1
            patch = np.where(
                is_changed, 1 + high - low + count * changed_width + along, 1 + rows - low
            )
            patches.append(np.where(inside, patch, 0).astype(np.int32))
            spans.append(np.array([low, high], np.int32))
            masks += self._inner_masks(segment, first, size, length)
            length, offset = length // segment.pool, offset // segment.pool
        return tuple(patches), tuple(spans), tuple(masks)

    def _inner_masks(
        self, segment: Segment, first: np.ndarray, size: int, length: int
    ) -> list[np.ndarray]:
        masks = []
        convolutions = [f.step for f in segment.layers if f.step.operation == "convolve"]
        for step in convolutions[:-1]:
            first, size = first + (step.width - 1) // 2, size - step.width + 1
            positions = first[:, None] + np.arange(size)
            inside = (positions >= 0) & (positions < length)
            masks.append(inside[..., None].astype(self.graph.dtype.as_numpy_dtype))
        return masks

    def run(self, tables: Any, bases: Any, patches: Any, spans: Any, masks: Any) -> Any:
        """Changed bases to changed bins, (alternatives, bins, units); traced."""
        tf, graph = self.graph.tf, self.graph
        x = tf.cast(bases, graph.dtype)
        for folded in self.prefix:
            x = graph.apply(folded, x)
        masks = iter(masks)
        for number, segment in enumerate(self.segments):
            table, span = tables[number], spans[number]
            channels = table.shape[-1]
            source = tf.concat(
                [
                    tf.zeros((1, channels), graph.dtype),
                    table[span[0] : span[1]],
                    tf.reshape(x, (-1, channels)),
                ],
                0,
            )
            x = tf.gather(source, patches[number])
            for place, folded in enumerate(segment.layers):
                if folded.step.operation != "convolve":
                    x = graph.apply(folded, x)
                    continue
                # Positions beyond the ends of the sequence are zeros for every convolution.
                x = x * next(masks) if place else x
                if segment.pool == 1:
                    x = convolve(tf, _as_product(tf, folded), self._side_by_side(x, folded))
                else:
                    x = convolve(tf, folded, x, "VALID")
        return x

    def _side_by_side(self, x: Any, folded: Folded) -> Any:
        """Put the positions that each output reads into one row.

        Patches that are not pooled are a few positions long, where a convolution is three times
        slower than the product of such rows.
        """
        tf, width = self.graph.tf, folded.step.width
        outputs = tf.shape(x)[1] - (width - 1)
        return tf.concat([x[:, tap : tap + outputs] for tap in range(width)], -1)


def _as_product(tf: Any, folded: Folded) -> Folded:
    """A convolution whose inputs stand side by side."""
    kernel = tf.reshape(folded.kernel, (1, -1, folded.kernel.shape[-1]))
    return Folded(dataclasses.replace(folded.step, width=1), kernel, folded.bias)


def changed_outputs(segment: Segment, starts: np.ndarray, width: int) -> tuple[np.ndarray, int]:
    """Outputs of a segment that a run of changed inputs may change: first ones, and how many."""
    for folded in segment.layers:
        step = folded.step
        if step.operation == "convolve":
            starts, width = starts - step.width // 2, width + step.width - 1
        elif step.operation == "pool":
            starts, width = starts // step.size, (width + step.size - 2) // step.size + 1
    return starts, width
