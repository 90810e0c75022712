"""The folded network as compiled TensorFlow functions.

Batch normalisation in inference is an affine map, so it is folded into the convolution before it.
What else makes it fast on a CPU: convolutions of width 1 are matrix products, the first one reads
two bases at a time, and pools are maxima over a reshaped axis.
"""

from __future__ import annotations

import dataclasses
import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sighthound.core.model.architecture import Architecture
from sighthound.core.model.keras_network import Weights, link_function
from sighthound.core.model.operations import Folded, Step, convolve, placed
from sighthound.core.model.runtime import compile_function, import_tensorflow
from sighthound.core.model.target_transforms import Undoing

# Channels that a processor's convolution handles at once; half of them are handled as well.
BLOCK, HALF_BLOCK = 16, 8
LEAST_BLOCKED = 128  # filters; in narrower layers the zeros would cost more than they save
KEPT = 4  # graphs, with all that was compiled for them


class Graph:
    """The folded network as compiled TensorFlow functions over (batch, positions, channels).

    Parameters
    ----------
    dtype : {"float32", "float64", "bfloat16"}
        What it computes in. Whatever it is, sequences are float32 and predictions are not rounded
        below float32 after the link.
    undoing : Undoing, optional
        What undoes the transforms that targets went through; nothing did by default.

    Attributes
    ----------
    tower, stack, head : tuple of Folded
        Bases to representation; the dilated layers; what follows them, to the values before the
        link. Their constants are tensors.
    """

    def __init__(
        self,
        architecture: Architecture,
        weights: Weights,
        dtype: str = "float32",
        undoing: Undoing | None = None,
    ) -> None:
        tf = import_tensorflow()
        self.tf = tf
        self.dtype = tf.as_dtype(dtype)
        self._link = link_function(architecture.link)
        self._undoing = undoing
        self.tower, self.stack, self.head = (
            tuple(
                Folded(
                    f.step,
                    tf.constant(f.kernel, self.dtype),
                    tf.constant(f.bias, self.dtype),
                    tuple(tf.constant(other, self.dtype) for other in f.others),
                )
                for f in part
            )
            for part in fold(architecture, weights)
        )
        self._pairs = self._paired_first_convolution(architecture.bin)
        bases = tf.TensorSpec((None, None, 4), tf.float32)
        self.forward = compile_function(self._forward, [bases])
        self.represent = compile_function(self.run_tower, [bases])

    def _forward(self, x: Any) -> Any:
        return self.link(self.run_head(self.run_stack(self.run_tower(x))))

    def run_tower(self, x: Any) -> Any:
        """Bases to representation."""
        x = self.tf.cast(x, self.dtype)
        for place in range(len(self.tower)):
            x = self.apply_tower(place, x)
        return x

    def apply_tower(self, place: int, x: Any) -> Any:
        """Run one step of the tower over whole sequences."""
        if self._pairs is not None and place == self._pairs[0]:
            return self._convolve_pairs(x)
        return self.apply(self.tower[place], x)

    def run_stack(self, x: Any) -> Any:
        """Representation to the vectors after the dilated layers, none cropped."""
        branches: list[Any] = []
        for folded in self.stack:
            x = self.apply(folded, x, branches)
        return x

    def run_head(self, x: Any, tracks: Any = None, cropped: bool = True) -> Any:
        """Vectors after the dilated layers to the values before the link.

        Parameters
        ----------
        tracks : int tensor, optional
            Outputs to compute; all by default.
        cropped : bool
            False keeps every bin that is given.
        """
        for number, folded in enumerate(self.head):
            if tracks is not None and number == len(self.head) - 1:
                folded = self.last(tracks)
            if cropped or folded.step.operation != "crop":
                x = self.apply(folded, x)
        return x

    def link(self, x: Any, tracks: Any = None) -> Any:
        """Values of the last layer to predictions, before the output scale.

        Parameters
        ----------
        x : tensor, (..., tracks)
        tracks : int tensor, optional
            Which outputs these are; all by default.
        """
        x = self._link(self.tf.cast(x, self.tf.float64 if self.is_double else self.tf.float32))
        return x if self._undoing is None else self._undoing(self.tf, x, tracks)

    @property
    def is_double(self) -> bool:
        return bool(self.dtype == self.tf.float64)

    def last(self, tracks: Any) -> Folded:
        """The last layer with some of its outputs."""
        tf, whole = self.tf, self.head[-1]
        return Folded(
            whole.step, tf.gather(whole.kernel, tracks, axis=-1), tf.gather(whole.bias, tracks)
        )

    def apply(self, folded: Folded, x: Any, branches: list[Any] | None = None) -> Any:
        """Run one step; `branches` remembers what "branch" and its joins hand over."""
        entry = folded.step.entry
        if entry.remembers:
            assert branches is not None, folded.step.operation
            branches.append(x)
            return x
        assert entry.infer is not None, folded.step.operation
        if entry.joins:
            assert branches is not None, folded.step.operation
            return entry.infer(self.tf, folded, x, branches.pop())
        return entry.infer(self.tf, folded, x)

    def _paired_first_convolution(self, bin_size: int) -> tuple[int, Folded] | None:
        """Make the first convolution over pairs of bases: (its place in the tower, the new one).

        Four input channels fill a quarter of a vector register; eight, and twice the outputs,
        run a third faster for a few more products with zero. The same sums are computed.
        """
        place = next((i for i, f in enumerate(self.tower) if f.step.operation == "convolve"), None)
        if place is None or bin_size % 2 or self.tower[place].step.width == 1:
            return None
        single = self.tower[place]
        kernel = single.kernel.numpy()
        width, channels, filters = kernel.shape
        left = (width - 1) // 2
        before = -(-left // 2)  # pairs to the left of the one that is computed
        pairs = before + (width - left) // 2 + 1
        wide = np.zeros((2 * pairs, channels, 2, filters), kernel.dtype)
        for base in range(2):
            start = 2 * before + base - left
            wide[start : start + width, :, base] = kernel
        tf = self.tf
        return place, Folded(
            Step("convolve", filters=2 * filters, width=pairs, function=single.step.function),
            tf.constant(wide.reshape(pairs, 2 * channels, 2 * filters), self.dtype),
            tf.tile(single.bias, [2]),
        )

    def _convolve_pairs(self, x: Any) -> Any:
        tf = self.tf
        assert self._pairs is not None
        paired = self._pairs[1]
        single = self.tower[self._pairs[0]].step
        before = -(-((single.width - 1) // 2) // 2)
        shape = tf.shape(x)
        x = tf.reshape(x, (shape[0], -1, 2 * x.shape[-1]))
        x = tf.pad(x, ((0, 0), (before, paired.step.width - 1 - before), (0, 0)))
        x = convolve(tf, paired, x, "VALID")
        return tf.reshape(x, (shape[0], -1, single.filters))


_kept: OrderedDict[str, Graph] = OrderedDict()
_making = threading.Lock()


def kept_graph(network: str, make: Callable[[], Graph]) -> Graph:
    """Give the graph of a network from the last ones that were made, or make it.

    So a network that is loaded twice, or scaled anew, is compiled once.

    Parameters
    ----------
    network : str
        Another for every graph that computes something else.
    """
    with _making:
        graph = _kept.pop(network, None) or make()
        _kept[network] = graph
        if len(_kept) > KEPT:
            _kept.popitem(last=False)
        return graph


def fold(architecture: Architecture, weights: Weights) -> tuple[Sequence[Folded], ...]:
    """Fold batch normalisation into the convolution before it, in float64.

    Returns
    -------
    three sequences of Folded, of float64 arrays
        Tower, stack and head, without the steps that inference has not: dropout, and
        normalisations that are folded. In the tower a ReLU is part of the convolution before it,
        and filters come in whole blocks.
    """
    parts: list[list[Folded]] = []
    nothing = np.zeros(0)
    places = placed(architecture.steps())
    for steps in architecture.parts():
        part: list[Folded] = []
        for place in itertools.islice(places, len(steps)):
            step = place.step
            found = [weights[name].astype(np.float64) for name in place.weights]
            if step.operation == "convolve":
                part.append(
                    Folded(step, found[0], found[1] if step.bias else np.zeros(step.filters))
                )
            elif step.operation == "normalise":
                gamma, beta, mean, variance = found
                scale = gamma / np.sqrt(variance + architecture.norm_epsilon)
                shift = beta - mean * scale
                if part and part[-1].step.operation == "convolve":
                    before = part.pop()
                    part.append(
                        Folded(before.step, before.kernel * scale, before.bias * scale + shift)
                    )
                else:
                    part.append(Folded(step, scale, shift))
            elif not step.entry.trains_only:
                part.append(Folded(step, nothing, nothing, tuple(found)))
        parts.append(part)
    return _in_whole_blocks(_rectified(parts[0])), parts[1], parts[2]


def _in_whole_blocks(tower: Sequence[Folded]) -> list[Folded]:
    """Fill filters of the tower up to a multiple of `BLOCK` with zeros, and take these off its end.

    Convolutions of 435 filters take longer than of 448. The added channels are zero throughout, as
    every activation of zero is.
    """
    blocked: list[Folded] = []
    filters = added = 0
    for folded in tower:
        operation = folded.step.operation
        if operation == "convolve":
            before, filters = added, folded.step.filters
            is_even = filters % HALF_BLOCK == 0
            added = 0 if is_even or filters < LEAST_BLOCKED else -filters % BLOCK
            step = dataclasses.replace(folded.step, filters=filters + added)
            kernel = np.pad(folded.kernel, ((0, 0), (0, before), (0, added)))
            folded = Folded(step, kernel, np.pad(folded.bias, (0, added)))
        elif operation == "normalise":
            scale, shift = (np.pad(a, (0, added)) for a in (folded.kernel, folded.bias))
            folded = Folded(folded.step, scale, shift)
        blocked.append(folded)
    if added:
        blocked.append(Folded(Step("narrow", filters=filters), np.zeros(0), np.zeros(0)))
    return blocked


def _rectified(tower: Sequence[Folded]) -> list[Folded]:
    """Make ReLUs that follow a convolution a part of it."""
    steps: list[Folded] = []
    for folded in tower:
        before = steps[-1] if steps else None
        is_relu = folded.step.operation == "activate" and folded.step.function == "relu"
        if is_relu and before is not None and before.step.operation == "convolve":
            step = dataclasses.replace(before.step, function="relu")
            steps[-1] = dataclasses.replace(before, step=step)
        else:
            steps.append(folded)
    return steps
