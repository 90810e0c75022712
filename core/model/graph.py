"""The folded network as compiled TensorFlow functions.

Batch normalisation in inference is an affine map, so it is folded into the convolution before it.
What else makes it fast on a CPU: convolutions of width 1 are matrix products, the first one reads
two bases at a time, and pools are maxima over a reshaped axis.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sighthound.core.model.architecture import Architecture, Step
from sighthound.core.model.keras_network import (
    NORMALISATION,
    Weights,
    activation_function,
    link_function,
)
from sighthound.core.model.runtime import import_tensorflow

# Channels that a processor's convolution handles at once; half of them are handled as well.
BLOCK, HALF_BLOCK = 16, 8
LEAST_BLOCKED = 128  # filters; in narrower layers the zeros would cost more than they save


@dataclass(frozen=True)
class Folded:
    """A step of the folded network and its constants.

    Attributes
    ----------
    step : Step
        Of an architecture, or "narrow", which keeps the first `filters` channels. A convolution of
        the tower may have "relu" as its `function`, applied after the bias.
    kernel : array
        (width, in, out) of a convolution; the scale (channels,) of a normalisation that could not
        be folded, as a pool stands between; empty for other steps.
    bias : array, (out,)
    """

    step: Step
    kernel: Any
    bias: Any


class Graph:
    """The folded network as compiled TensorFlow functions over (batch, positions, channels).

    Parameters
    ----------
    dtype : {"float32", "float64", "bfloat16"}
        What it computes in. Whatever it is, sequences are float32 and predictions are not rounded
        below float32 after the link.

    Attributes
    ----------
    tower, stack, head : tuple of Folded
        Bases to representation; the dilated layers; what follows them, to the values before the
        link. Their constants are tensors.
    """

    def __init__(
        self, architecture: Architecture, weights: Weights, dtype: str = "float32"
    ) -> None:
        tf = import_tensorflow()
        self.tf = tf
        self.dtype = tf.as_dtype(dtype)
        self._link = link_function(architecture.link)
        self.tower, self.stack, self.head = (
            tuple(
                Folded(f.step, tf.constant(f.kernel, self.dtype), tf.constant(f.bias, self.dtype))
                for f in part
            )
            for part in fold(architecture, weights)
        )
        self._pairs = self._paired_first_convolution(architecture.bin)
        bases = tf.TensorSpec((None, None, 4), tf.float32)
        self.forward = tf.function(self._forward, input_signature=[bases])
        self.represent = tf.function(self.run_tower, input_signature=[bases])

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

    def link(self, x: Any) -> Any:
        """Values of the last layer to predictions, before the output scale."""
        return self._link(self.tf.cast(x, self.tf.float64 if self.is_double else self.tf.float32))

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
        tf, step = self.tf, folded.step
        match step.operation:
            case "convolve":
                return self.convolve(x, folded)
            case "normalise":
                return x * folded.kernel + folded.bias
            case "activate":
                return activation_function(step.function)(x)
            case "pool":
                shape = tf.shape(x)
                grouped = (shape[0], -1, step.size, x.shape[-1])
                whole = x[:, : shape[1] // step.size * step.size]
                return tf.reduce_max(tf.reshape(whole, grouped), axis=2)
            case "crop":
                return x[:, step.size : -step.size] if step.size else x
            case "narrow":
                return x[..., : step.filters]
        assert branches is not None, step.operation
        match step.operation:
            case "branch":
                branches.append(x)
                return x
            case "concatenate":
                return tf.concat([branches.pop(), x], -1)
            case "add":
                return branches.pop() + x
        raise AssertionError(step.operation)

    def convolve(self, x: Any, folded: Folded, padding: str = "SAME") -> Any:
        """Convolve, add the bias, and rectify where that is part of the step.

        "VALID" padding is for patches that bring their margins. Bias and rectification stand where
        the runtime fuses them with the product.
        """
        tf, step, kernel = self.tf, folded.step, folded.kernel
        if step.width > 1 and step.dilation > 1:
            x, kernel = _gather_taps(tf, x, kernel, step)
        finish = tf.nn.relu if step.function == "relu" else tf.identity
        if kernel.shape[0] > 1:
            product = tf.nn.conv2d(x[:, None], kernel[None], 1, padding)
            return finish(tf.nn.bias_add(product, folded.bias))[:, 0]
        # The product runs twice as fast as a convolution of width 1 where there are many outputs.
        product = tf.matmul(tf.reshape(x, (-1, kernel.shape[1])), kernel[0])
        flat = finish(tf.nn.bias_add(product, folded.bias))
        shape = tf.shape(x)
        filters = kernel.shape[2] if kernel.shape[2] is not None else tf.shape(kernel)[2]
        return tf.reshape(flat, (shape[0], shape[1], filters))

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
        x = self.convolve(x, paired, "VALID")
        return tf.reshape(x, (shape[0], -1, single.filters))


def _gather_taps(tf: Any, x: Any, kernel: Any, step: Step) -> tuple[Any, Any]:
    """Turn a dilated convolution into a pointwise one over shifted copies of its input.

    The gradient of a dilated convolution has no CPU kernel, and this product is as fast.
    """
    reach = step.dilation * (step.width // 2)
    length = tf.shape(x)[1]
    padded = tf.pad(x, ((0, 0), (reach, reach), (0, 0)))
    taps = [padded[:, t * step.dilation : t * step.dilation + length] for t in range(step.width)]
    return tf.concat(taps, -1), tf.reshape(kernel, (1, -1, kernel.shape[-1]))


def fold(architecture: Architecture, weights: Weights) -> tuple[Sequence[Folded], ...]:
    """Fold batch normalisation into the convolution before it, in float64.

    Returns
    -------
    three sequences of Folded, of float64 arrays
        Tower, stack and head, without the steps that inference has not: dropout, and
        normalisations that are folded. In the tower a ReLU is part of the convolution before it,
        and filters come in whole blocks.
    """
    parts = []
    convolutions = 0
    nothing = np.zeros(0)
    for steps in architecture.parts():
        part: list[Folded] = []
        for step in steps:
            if step.operation == "convolve":
                name = f"convolution_{convolutions:02d}"
                kernel = weights[f"{name}/kernel"].astype(np.float64)
                bias = weights.get(f"{name}/bias", np.zeros(step.filters)).astype(np.float64)
                part.append(Folded(step, kernel, bias))
                convolutions += 1
            elif step.operation == "normalise":
                gamma, beta, mean, variance = (
                    weights[f"normalisation_{convolutions - 1:02d}/{name}"].astype(np.float64)
                    for name in NORMALISATION
                )
                scale = gamma / np.sqrt(variance + architecture.norm_epsilon)
                shift = beta - mean * scale
                if part and part[-1].step.operation == "convolve":
                    before = part.pop()
                    part.append(
                        Folded(before.step, before.kernel * scale, before.bias * scale + shift)
                    )
                else:
                    part.append(Folded(step, scale, shift))
            elif step.operation != "drop":
                part.append(Folded(step, nothing, nothing))
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
