"""The reference pass: what a network computes for one sequence, kept for all that is asked of it.

Prediction, saliency, mutagenesis and variants of a locus share one pass. A pass covers a region of
a window's bins: only what those bins can see is computed. Bins here are counted before cropping.
"""

from __future__ import annotations

import functools
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.graph import Graph
from sighthound.core.model.operations import Folded, refuse_unbounded
from sighthound.core.model.runtime import compile_function

Indices = Sequence[int] | np.ndarray

# What the passes of one model may hold together: two windows of the paper's network, whose
# inference worker then stays below 2 GB.
MEMORY_BUDGET = 300_000_000


@dataclass(frozen=True)
class Segment:
    """Layers of the tower from one pool to the next.

    It starts with a convolution, whose input is what a pass keeps; pools come after convolutions.

    Attributes
    ----------
    left, right : int
        Positions of its input, beyond the ones that a run of outputs stands on, that these need.
    pool : int
        Positions of its input that become one of its output.
    """

    layers: tuple[Folded, ...]
    left: int
    right: int
    pool: int

    @property
    def convolutions(self) -> int:
        return sum(folded.step.operation == "convolve" for folded in self.layers)


def tower_segments(graph: Graph) -> tuple[tuple[Folded, ...], tuple[Segment, ...]]:
    """Cut the tower before every convolution that follows a pool.

    Returns
    -------
    tuple of Folded
        The pointwise steps before the first convolution.
    tuple of Segment
    """
    runs: list[list[Folded]] = [[]]
    pooled = False
    for folded in graph.tower:
        operation = folded.step.operation
        if operation == "convolve" and (pooled or len(runs) == 1):
            runs.append([])
            pooled = False
        runs[-1].append(folded)
        pooled |= operation == "pool"
    return tuple(runs[0]), tuple(_segment(run) for run in runs[1:])


def _segment(layers: list[Folded]) -> Segment:
    left, right, pool = 0, 0, 1
    for folded in reversed(layers):
        step = folded.step
        if step.operation == "pool":
            left, right, pool = left * step.size, right * step.size, pool * step.size
        elif step.operation == "convolve":
            left += (step.width - 1) // 2
            right += step.width // 2
    return Segment(tuple(layers), left, right, pool)


@dataclass(frozen=True)
class HeadTables:
    """What the head computes for some bins and tracks.

    Attributes
    ----------
    bins : int array
        The bins that rows stand for, ascending, of all bins of the window.
    before_activation : tuple of tensors, (bins, channels)
        The input of every activation.
    values : tensor, (bins, tracks)
        Before the link.
    kernel : tensor, (channels, tracks)
        Of the last layer.
    tracks : int array, (tracks,)
        Indices of the outputs.
    """

    bins: np.ndarray
    before_activation: tuple[Any, ...]
    values: Any
    kernel: Any
    tracks: np.ndarray


class Network(Protocol):
    """What a pass needs of a model (`core.model.model.Model`)."""

    @property
    def bin(self) -> int: ...
    @property
    def crop(self) -> int: ...

    @property
    def architecture(self) -> Architecture: ...

    @property
    def output_scale(self) -> np.ndarray: ...

    def graph(self, dtype: str = "float32") -> Graph: ...


class ReferencePass:
    """What a network computes for a region of one sequence.

    Parameters
    ----------
    model : Network
    one_hot : float32 array, (length, 4)
        The whole window.
    first, last : int
        The bins that are covered, of all bins of the window.
    dtype : str
        What is computed in, as for `Graph`.

    Attributes
    ----------
    bins : int
        Bins of the whole window.
    start : int
        The window's bin that the first row of `representation`, `before_activation` and
        `after_stack` stands for.
    tables : tuple of tensors, (positions, channels)
        The input of every segment of the tower, from the position of bin `start` on.
    before_activation : tuple of tensors, (bins, channels)
        The input of every activation of the stack, in order.
    nbytes : int
        What it holds, with its window.
    """

    def __init__(
        self, model: Network, one_hot: np.ndarray, first: int, last: int, dtype: str = "float32"
    ) -> None:
        refuse_unbounded(model.architecture.steps(), "computing part of a window")
        self.model, self.graph = model, model.graph(dtype)
        self.one_hot = one_hot
        self.bins = len(one_hot) // model.bin
        self.first, self.last = first, last
        margin = -(-max(model.architecture.tower_reach()) // model.bin)
        self.start = max(0, first - margin)
        stop = min(self.bins, last + margin)
        bases = one_hot[None, self.start * model.bin : stop * model.bin]
        self._head: tuple[Any, HeadTables] | None = None
        tables, before, after = _compiled_pass(self.graph)(bases)
        self.tables, self.before_activation = tuple(tables), tuple(before)
        self.after_stack = after
        kept = (*tables, *before, after)
        values = sum(int(t.shape[0]) * int(t.shape[1]) for t in kept)
        self.nbytes = values * self.graph.dtype.size + one_hot.nbytes

    @property
    def representation(self) -> Any:
        """Tensor, (bins, units): the tower's output from bin `start` on."""
        return self.tables[-1]

    def covers(self, first: int, last: int) -> bool:
        return self.first <= first and last <= self.last

    def predict(self, bins: Indices, tracks: Indices | None = None) -> np.ndarray:
        """Predict bins of the region.

        Parameters
        ----------
        bins : sequence of int
            Of the whole window, before cropping; their context must lie in the region.
        tracks : sequence of int, optional
            Indices; all by default.

        Returns
        -------
        float32 array, (bins, tracks)
            In the tracks' units.
        """
        scale = self.model.output_scale
        values = self.outputs(bins, tracks)
        return values * (scale if tracks is None else scale[np.asarray(tracks, int)])

    def outputs(self, bins: Indices, tracks: Indices | None = None) -> np.ndarray:
        """As `predict`, before the output scale."""
        rows = np.asarray(bins, np.int32) - self.start
        chosen = np.asarray([] if tracks is None else tracks, np.int32)
        tables = _compiled_head(self.graph, tracks is None)(self.after_stack, rows, chosen)
        return self.graph.link(tables[-1], None if tracks is None else chosen).numpy()

    def head(self, bins: np.ndarray, tracks: Indices | None) -> HeadTables:
        """Give what the head computes for some bins and tracks; that of the last call is kept.

        Parameters
        ----------
        bins : int array
            Of the whole window, ascending.
        tracks : sequence of int, optional
            Indices; all by default.
        """
        key = (bins.tobytes(), None if tracks is None else tuple(int(t) for t in tracks))
        kept = self._head
        if kept is None or kept[0] != key:
            chosen = np.asarray([] if tracks is None else tracks, np.int32)
            run = _compiled_head(self.graph, tracks is None)
            *before, values = run(self.after_stack, (bins - self.start).astype(np.int32), chosen)
            last = self.graph.head[-1] if tracks is None else self.graph.last(chosen)
            outputs = np.arange(int(values.shape[1])) if tracks is None else chosen
            kept = (
                key,
                HeadTables(bins, tuple(before), values, last.kernel[0], outputs.astype(np.int32)),
            )
            self._head = kept
        return kept[1]


class ReferencePasses:
    """The passes of one model that were used last, within a memory budget; safe among threads."""

    def __init__(self, budget: int = MEMORY_BUDGET) -> None:
        self.budget = budget
        self._passes: OrderedDict[tuple[str, str, int, int], ReferencePass] = OrderedDict()
        self._lock = threading.Lock()

    def get(
        self,
        model: Network,
        one_hot: np.ndarray,
        first: int = 0,
        last: int | None = None,
        dtype: str = "float32",
    ) -> ReferencePass:
        """Give a pass that covers bins `first` to `last` of a window, computed if need be.

        Parameters
        ----------
        one_hot : array, (length, 4)
            The whole window.
        first, last : int
            Bins before cropping; the whole window by default.
        """
        bins = len(one_hot) // model.bin
        last = bins if last is None else last
        if not 0 <= first < last <= bins:
            raise SighthoundError(f"bins {first} to {last} are not in the window's {bins}")
        given = np.ascontiguousarray(one_hot)
        digest = hashlib.blake2b(given.tobytes(), digest_size=16).hexdigest()
        with self._lock:
            for key, kept in reversed(self._passes.items()):
                if key[:2] == (digest, dtype) and kept.covers(first, last):
                    self._passes.move_to_end(key)
                    return kept
        made = ReferencePass(model, given.astype(np.float32, copy=False), first, last, dtype)
        with self._lock:
            for key, kept in list(self._passes.items()):
                if key[:2] == (digest, dtype) and made.covers(kept.first, kept.last):
                    del self._passes[key]
            self._passes[digest, dtype, first, last] = made
            while self.nbytes > self.budget and len(self._passes) > 1:
                self._passes.popitem(last=False)
        return made

    @property
    def nbytes(self) -> int:
        """Bytes held now."""
        return sum(kept.nbytes for kept in self._passes.values())

    def __len__(self) -> int:
        return len(self._passes)


@functools.lru_cache(maxsize=8)
def _compiled_pass(graph: Graph) -> Any:
    tf = graph.tf
    prefix, segments = tower_segments(graph)
    ends = np.cumsum([len(prefix), *(len(segment.layers) for segment in segments)])

    def run(bases: Any) -> Any:
        x = tf.cast(bases, graph.dtype)
        tables = []
        for place in range(len(graph.tower)):
            if place in ends:
                tables.append(x[0])
            x = graph.apply_tower(place, x)
        tables.append(x[0])
        before = []
        branches: list[Any] = []
        for folded in graph.stack:
            if folded.step.operation == "activate":
                before.append(x[0])
            x = graph.apply(folded, x, branches)
        return tables, before, x[0]

    return compile_function(run, [tf.TensorSpec((1, None, 4), tf.float32)])


@functools.lru_cache(maxsize=16)
def _compiled_head(graph: Graph, every_track: bool) -> Any:
    tf = graph.tf

    def run(after: Any, rows: Any, tracks: Any) -> Any:
        x = tf.gather(after, rows)[None]
        tables = []
        for folded in graph.head[:-1]:
            if folded.step.operation == "activate":
                tables.append(x[0])
            if folded.step.operation != "crop":
                x = graph.apply(folded, x)
        last = graph.head[-1] if every_track else graph.last(tracks)
        return (*tables, graph.apply(last, x)[0])

    signature = [
        tf.TensorSpec((None, None), graph.dtype),
        tf.TensorSpec((None,), tf.int32),
        tf.TensorSpec((None,), tf.int32),
    ]
    return compile_function(run, signature)
