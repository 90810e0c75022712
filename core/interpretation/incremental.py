"""Exact predictions of altered sequences from the reference pass of the sequence they differ from.

A few changed bases change a few pooled positions of each layer of the tower: only those patches are
computed again, for many alternatives at once. Behind it, the dilated layers are run on differences:
z_alternative = z_reference + sum over taps and changed bins of W (h_alternative - h_reference),
where a bin is followed only if a change reaches it and a wanted output can see it. Activations are
pointwise, so nothing here is an approximation.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sighthound.core.interpretation.incremental_bins import Plan, plan_head, plan_stack
from sighthound.core.interpretation.incremental_patches import TowerPatches
from sighthound.core.model.graph import Graph
from sighthound.core.model.keras_network import activation_function
from sighthound.core.model.operations import Folded, refuse_unknown
from sighthound.core.model.reference_pass import HeadTables, ReferencePass
from sighthound.core.model.runtime import compile_function

_KNOWN = frozenset({"convolve", "normalise", "activate", "branch", "concatenate", "add", "crop"})

# Floats that a batch of alternatives may take in the tower, where many rows make products quick,
# and behind it, where whole profiles should stay in the caches.
PATCH_FLOATS = 120_000_000
ROW_FLOATS = 30_000_000

# Turns the predictions at the bins an alternative can change into what is wanted of them.
# Called with (tf, reference, alternative), both (alternatives, bins, tracks) before the output
# scale and equal where a row stands for no bin; gives a tuple of tensors.
Reduction = Callable[[Any, Any, Any], tuple[Any, ...]]


def sum_of_differences(tf: Any, reference: Any, alternative: Any) -> tuple[Any, ...]:
    """Alternative minus reference, summed over bins: (alternatives, tracks)."""
    return (tf.reduce_sum(alternative - reference, axis=1),)


def differences(tf: Any, reference: Any, alternative: Any) -> tuple[Any, ...]:
    """Alternative minus reference: (alternatives, bins, tracks)."""
    return (alternative - reference,)


@dataclass(frozen=True)
class Changed:
    """What a batch of alternatives came to.

    Attributes
    ----------
    rows : slice
        The alternatives, in the order given.
    bins : int array, (alternatives, n)
        Bins of the window, before cropping, whose prediction may differ; -1 fills up.
    values : tuple of arrays
        What the reduction gave.
    """

    rows: slice
    bins: np.ndarray
    values: tuple[np.ndarray, ...]


def alternatives(
    reference: ReferencePass,
    starts: np.ndarray,
    bases: np.ndarray,
    reduction: Reduction = sum_of_differences,
    *,
    targets: Sequence[int] | np.ndarray | None = None,
    tracks: Sequence[int] | np.ndarray | None = None,
    spans: np.ndarray | None = None,
) -> Iterator[Changed]:
    """Predict a sequence with some bases replaced, many replacements at once.

    Parameters
    ----------
    reference : ReferencePass
        Must cover the context of every bin that is wanted and changed.
    starts : int array, (alternatives,)
        Position in the window of the first replaced base.
    bases : float array, (alternatives, width, 4)
        What stands there instead.
    targets : sequence of int, optional
        Bins wanted, of all bins of the window; all predicted bins by default.
    tracks : sequence of int, optional
        Indices of the tracks; all by default.
    spans : int array, (alternatives, 2), optional
        First bin and end of the bins wanted of each alternative, among `targets`; all by default.

    Yields
    ------
    Changed
        For one batch after another. Values are before the output scale.
    """
    model, graph = reference.model, reference.graph
    starts, bases = np.asarray(starts, np.int64), np.asarray(bases, np.float32)
    if not len(starts):
        return
    width = bases.shape[1]
    wanted = np.zeros(reference.bins, bool)
    if targets is None:
        wanted[max(model.crop, reference.first) : reference.last] = True
        wanted[reference.bins - model.crop :] = False
    else:
        wanted[np.asarray(targets, int)] = True
    head = reference.head(np.flatnonzero(wanted), tracks)
    program = _program(graph, reduction)
    first_bins, changed_bins = program.tower.changed_bins(starts, width)
    # Alternatives that begin in the same bin, and are asked of the same ones, share a plan.
    asked = first_bins[:, None] if spans is None else np.column_stack([first_bins, spans])
    shared, plan_of = np.unique(asked, axis=0, return_inverse=True)
    plan_of = plan_of.reshape(-1)  # NumPy 2.0 gave it another axis
    plan = plan_stack(
        graph.stack, shared[:, 0], changed_bins, wanted, reference.start,
        len(reference.after_stack), None if spans is None else shared[:, 1:],
    )  # fmt: skip
    leaving, bins, is_joined = plan_head(plan, head.bins)
    indices = [*plan.arrays, *leaving]
    size = program.batch_size(width, len(starts), plan, bins.shape[1], int(head.values.shape[1]))
    for at in range(0, len(starts), size):
        rows = slice(at, min(at + size, len(starts)))
        inverse = plan_of[rows]
        patches, windows, masks = program.tower.indices(reference, starts[rows], width)
        values = program.run(
            is_joined,
            bases[rows],
            reference,
            head,
            masks,
            [*patches, *windows, *(array[inverse] for array in indices)],
        )
        yield Changed(rows, bins[inverse], values)


@dataclass(frozen=True)
class _Group:
    """Differences of some bins, traced.

    `offset` counts the leading channels, which are zero and left out; `rows` are the bins' rows of
    the reference's tables.
    """

    offset: int
    delta: Any
    rows: Any


class _Program:
    """The compiled computation for one reduction: patches, differences, head."""

    def __init__(self, graph: Graph, reduction: Reduction) -> None:
        self.graph, self.reduction = graph, reduction
        refuse_unknown((f.step for f in (*graph.stack, *graph.head)), _KNOWN, "mutagenesis")
        self.tower = TowerPatches(graph)
        # Kernels of dilated convolutions as one product with all taps.
        self._taps = {id(f): _all_taps(graph.tf, f.kernel) for f in graph.stack if f.step.width > 1}
        self._compiled: dict[tuple[Any, ...], Any] = {}

    def run(
        self,
        is_joined: bool,
        bases: np.ndarray,
        reference: ReferencePass,
        head: HeadTables,
        masks: Sequence[np.ndarray],
        indices: Sequence[np.ndarray],
    ) -> tuple[np.ndarray, ...]:
        """Compute a batch.

        Index arrays travel as one vector and their shapes as another: dozens of arguments would
        cost more than the computation of a small network.
        """
        ranks = tuple(array.ndim for array in indices)
        if (is_joined, ranks) not in self._compiled:
            self._compiled[is_joined, ranks] = self._compile(is_joined, ranks, reference, head)
        values = self._compiled[is_joined, ranks](
            bases,
            reference.tables,
            reference.before_activation,
            head.before_activation,
            head.values,
            head.kernel,
            head.tracks,
            masks,
            np.concatenate([np.ravel(array) for array in indices]).astype(np.int32),
            np.array([n for array in indices for n in array.shape], np.int32),
        )
        return tuple(value.numpy() for value in values)

    def _compile(
        self, is_joined: bool, ranks: tuple[int, ...], reference: ReferencePass, head: HeadTables
    ) -> Any:
        tf, dtype = self.graph.tf, self.graph.dtype

        def rows(tensors: Sequence[Any]) -> tuple[Any, ...]:
            return tuple(tf.TensorSpec((None, t.shape[1]), dtype) for t in tensors)

        inner = sum(s.convolutions - 1 for s in self.tower.segments)
        signature = [
            tf.TensorSpec((None, None, 4), tf.float32),
            rows(reference.tables),
            rows(reference.before_activation),
            rows(head.before_activation),
            tf.TensorSpec((None, None), dtype),
            tf.TensorSpec((head.kernel.shape[0], None), dtype),
            tf.TensorSpec((None,), tf.int32),
            (tf.TensorSpec((None, None, 1), dtype),) * inner,
            tf.TensorSpec((None,), tf.int32),
            tf.TensorSpec((None,), tf.int32),
        ]

        def trace(
            bases: Any,
            tables: Any,
            before: Any,
            head_before: Any,
            values: Any,
            kernel: Any,
            tracks: Any,
            masks: Any,
            indices: Any,
            shapes: Any,
        ) -> Any:
            unpacked = iter(_unpacked(tf, indices, shapes, ranks))
            count = len(self.tower.segments)
            patches = [next(unpacked) for _ in range(count)]
            spans = [next(unpacked) for _ in range(count)]
            changed = self.tower.run(tables, bases, patches, spans, masks)
            groups = self._run_stack(changed, tables[-1], iter(before), unpacked)
            groups = self._leave_stack(groups, unpacked, is_joined)
            table = iter(head_before)
            for folded in self.graph.head[:-1]:
                groups = self._apply_pointwise(folded, groups, table)
            delta = tf.concat([_product(tf, g.delta, kernel[g.offset :]) for g in groups], 1)
            rows_of_bins = tf.concat([g.rows for g in groups], 1)
            link = functools.partial(self.graph.link, tracks=tracks)
            before, reference = (tf.gather(t, rows_of_bins) for t in (values, link(values)))
            alternative = _where_changed(tf, delta, link(before + delta), reference)
            return self.reduction(tf, reference, alternative)

        return compile_function(trace, signature)

    def batch_size(self, width: int, count: int, plan: Plan, bins: int, tracks: int) -> int:
        """Divide alternatives evenly into batches that fit the limits."""
        graph = self.graph
        rows = max(array.shape[1] for array in plan.arrays)
        stack = sum(f.step.filters * f.step.width for f in graph.stack)
        head = sum(f.step.filters for f in graph.head[:-1])
        floats = rows * stack + bins * (3 * head + 4 * tracks)
        size = max(1, min(PATCH_FLOATS // self.tower.floats(width), ROW_FLOATS // floats))
        return -(-count // -(-count // size))

    def _run_stack(
        self, changed: Any, representation: Any, before: Iterator[Any], plan: Iterator[Any]
    ) -> list[_Group]:
        """Changed bins to differences after the dilated layers."""
        tf, graph = self.graph.tf, self.graph
        local, rows, is_there = next(plan), next(plan), next(plan)
        delta = tf.gather(changed, local, batch_dims=1) - tf.gather(representation, rows)
        groups = [_Group(0, delta * tf.cast(is_there, graph.dtype), rows)]
        branches: list[list[_Group]] = []
        for folded in graph.stack:
            operation = folded.step.operation
            if operation == "convolve" and folded.step.width > 1:
                groups = [self._convolve(folded, groups, next(plan), next(plan))]
            elif operation == "branch":
                branches.append(groups)
            elif operation == "concatenate":
                old, new = branches.pop(), self._joined(groups)
                offset = old[0].offset + int(old[0].delta.shape[-1])
                groups = [
                    _Group(g.offset, tf.concat([g.delta, self._take(new, next(plan))], -1), g.rows)
                    for g in old
                ]
                groups.append(_Group(offset, self._take(new, next(plan)), next(plan)))
            elif operation == "add":
                old_delta = self._take(self._joined(branches.pop()), next(plan))
                delta = old_delta + self._take(self._joined(groups), next(plan))
                groups = [_Group(0, delta, next(plan))]
            else:
                groups = self._apply_pointwise(folded, groups, before)
        return groups

    def _leave_stack(
        self, groups: list[_Group], leaving: Iterator[Any], is_joined: bool
    ) -> list[_Group]:
        """Keep the wanted bins."""
        if not is_joined:
            return [
                _Group(g.offset, self._take(g.delta, next(leaving)), next(leaving)) for g in groups
            ]
        tf = self.graph.tf
        parts = [_padded(tf, self._take(g.delta, next(leaving)), g.offset) for g in groups]
        return [_Group(0, tf.add_n(parts), next(leaving))]

    def _convolve(self, folded: Folded, groups: list[_Group], entries: Any, rows: Any) -> _Group:
        """Differences through a dilated convolution: every input row by every tap, then sums."""
        tf = self.graph.tf
        filters = folded.step.filters
        taps = self._taps[id(folded)]
        products = tf.concat([_product(tf, g.delta, taps[g.offset :]) for g in groups], 1)
        count = tf.shape(products)[0]
        products = tf.reshape(products, (count, -1, filters))
        return _Group(0, tf.reduce_sum(self._take(products, entries), axis=2), rows)

    def _apply_pointwise(
        self, folded: Folded, groups: list[_Group], tables: Iterator[Any]
    ) -> list[_Group]:
        tf, step = self.graph.tf, folded.step
        if step.operation == "convolve":
            kernel = folded.kernel[0]
            return [_Group(0, _product(tf, g.delta, kernel[g.offset :]), g.rows) for g in groups]
        if step.operation == "normalise":
            return [_Group(g.offset, g.delta * folded.kernel[g.offset :], g.rows) for g in groups]
        if step.operation == "activate":
            activate, table = activation_function(step.function), next(tables)
            done = []
            for g in groups:
                reference = table[:, g.offset :]
                before = tf.gather(reference, g.rows)
                if step.function == "relu":
                    delta = activate(before + g.delta) - activate(before)
                else:
                    # The table has fewer rows than the alternatives together.
                    change = activate(before + g.delta) - tf.gather(activate(reference), g.rows)
                    delta = _where_changed(tf, g.delta, change, tf.zeros_like(change))
                done.append(_Group(g.offset, delta, g.rows))
            return done
        return groups  # a crop only says which bins are predicted

    def _joined(self, groups: list[_Group]) -> Any:
        """Rows of all groups one after another, with all channels."""
        tf = self.graph.tf
        return tf.concat([_padded(tf, g.delta, g.offset) for g in groups], 1)

    def _take(self, values: Any, rows: Any) -> Any:
        """Rows of each alternative; the row after the last is zeros."""
        tf = self.graph.tf
        nothing = tf.zeros((tf.shape(values)[0], 1, values.shape[-1]), values.dtype)
        return tf.gather(tf.concat([values, nothing], 1), rows, batch_dims=1)


def _where_changed(tf: Any, delta: Any, changed: Any, unchanged: Any) -> Any:
    """Keep what has no difference exactly as it is.

    The same function of the same number may round otherwise in a tensor of another shape.
    """
    return tf.where(tf.equal(delta, 0), unchanged, changed)


def _all_taps(tf: Any, kernel: Any) -> Any:
    """Arrange a kernel (width, in, out) as (in, width x out)."""
    width, channels, filters = kernel.shape
    return tf.reshape(tf.transpose(kernel, (1, 0, 2)), (channels, width * filters))


def _product(tf: Any, rows: Any, kernel: Any) -> Any:
    """Multiply rows of all alternatives at once; a product of rank 3 would go one by one."""
    flat = tf.matmul(tf.reshape(rows, (-1, rows.shape[-1])), kernel)
    shape = tf.shape(rows)
    columns = kernel.shape[1] if kernel.shape[1] is not None else tf.shape(kernel)[1]
    return tf.reshape(flat, (shape[0], shape[1], columns))


def _padded(tf: Any, delta: Any, offset: int) -> Any:
    return tf.pad(delta, ((0, 0), (0, 0), (offset, 0))) if offset else delta


def _unpacked(tf: Any, indices: Any, shapes: Any, ranks: tuple[int, ...]) -> Iterator[Any]:
    """Cut a vector into arrays of the given ranks."""
    at, place = 0, 0
    for rank in ranks:
        shape = shapes[place : place + rank]
        size = tf.reduce_prod(shape)
        yield tf.ensure_shape(tf.reshape(indices[at : at + size], shape), [None] * rank)
        at, place = at + size, place + rank


@functools.lru_cache(maxsize=32)
def _program(graph: Graph, reduction: Reduction) -> _Program:
    return _Program(graph, reduction)
