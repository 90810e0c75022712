"""The folded network as compiled TensorFlow functions.

Batch normalisation in inference is an affine map, so it is folded into the convolution before it;
the network then runs as one graph of two-dimensional convolutions over (1, length), the form that
the runtime fuses with bias and activation.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.architecture import Architecture, Step
from core.network import NORMALISATION, Weights, activation_function, link_function
from core.runtime import import_tensorflow

_AFFINE = ("convolve", "normalise")


class Graph:
    """The folded network as compiled TensorFlow functions.

    Tensors inside are (batch, 1, positions, channels); what goes in and out is
    (batch, positions, channels).
    """

    def __init__(self, architecture: Architecture, weights: Weights) -> None:
        tf = import_tensorflow()
        self.tf = tf
        self.link = link_function(architecture.link)
        self.folded = [
            tuple(tf.constant(array) for array in arrays) for arrays in fold(architecture, weights)
        ]
        self.parts = architecture.parts()
        bases = tf.TensorSpec((None, None, 4), tf.float32)
        self.forward = tf.function(self._forward, input_signature=[bases])
        self.tower = tf.function(lambda x: self.run_tower(x), input_signature=[bases])

    def _forward(self, x: Any) -> Any:
        return self.run_head(self.run_stack(self.run_tower(x)))

    def run_tower(self, x: Any) -> Any:
        """Bases to representation."""
        return self._run(0, x)

    def run_stack(self, x: Any) -> Any:
        """Representation to the vectors after the dilated layers, none cropped."""
        return self._run(1, x)

    def run_head(self, x: Any, tracks: Any = None, cropped: bool = True) -> Any:
        """Vectors after the dilated layers to predictions, before the output scale.

        Parameters
        ----------
        tracks : int tensor, optional
            Outputs to compute; all by default.
        cropped : bool
            False predicts every bin that is given.
        """
        return self.link(self._run(2, x, tracks, cropped))

    def _run(self, part: int, x: Any, tracks: Any = None, cropped: bool = True) -> Any:
        tf = self.tf
        index = sum(s.operation in _AFFINE for p in self.parts[:part] for s in p)
        x = x[:, None]
        branches = []
        for step in self.parts[part]:
            if step.operation == "convolve":
                kernel, bias = self.folded[index]
                kernel = kernel[None]
                if tracks is not None and index == len(self.folded) - 1:
                    kernel, bias = tf.gather(kernel, tracks, axis=-1), tf.gather(bias, tracks)
                if step.dilation > 1:
                    x, kernel = _gather_taps(tf, x, kernel, step)
                x = tf.nn.bias_add(tf.nn.conv2d(x, kernel, 1, "SAME"), bias)
            elif step.operation == "normalise" and self.folded[index]:
                scale, shift = self.folded[index]
                x = x * scale + shift
            elif step.operation == "activate":
                x = activation_function(step.function)(x)
            elif step.operation == "pool":
                x = tf.nn.max_pool2d(x, (1, step.size), (1, step.size), "VALID")
            elif step.operation == "branch":
                branches.append(x)
            elif step.operation == "concatenate":
                x = tf.concat([branches.pop(), x], -1)
            elif step.operation == "add":
                x = branches.pop() + x
            elif step.operation == "crop" and cropped and step.size:
                x = x[:, :, step.size : -step.size]
            index += step.operation in _AFFINE
        return x[:, 0]


def _gather_taps(tf: Any, x: Any, kernel: Any, step: Step) -> tuple[Any, Any]:
    """Turn a dilated convolution into a pointwise one over shifted copies of its input.

    The gradient of a dilated convolution has no CPU kernel, and this product is as fast.
    """
    reach = step.dilation * (step.width // 2)
    length = tf.shape(x)[2]
    padded = tf.pad(x, ((0, 0), (0, 0), (reach, reach), (0, 0)))
    taps = [padded[:, :, t * step.dilation : t * step.dilation + length] for t in range(step.width)]
    return tf.concat(taps, -1), tf.reshape(kernel, (1, 1, -1, kernel.shape[-1]))


def fold(architecture: Architecture, weights: Weights) -> list[tuple[np.ndarray, ...]]:
    """Fold batch normalisation into the convolution before it, in float64.

    Returns
    -------
    list of tuples of float32 arrays, one for each convolution and normalisation in order
        (kernel (width, in, out), bias (out,)) of a convolution; () of a normalisation that is
        folded into it; (scale, shift) of one that cannot be, as a pool stands between.
    """
    folded: list[tuple[np.ndarray, ...]] = []
    convolutions, before = 0, ""
    for step in architecture.steps():
        if step.operation == "convolve":
            kernel = weights[f"convolution_{convolutions:02d}/kernel"]
            zeros = np.zeros(step.filters, np.float32)
            folded.append((kernel, weights.get(f"convolution_{convolutions:02d}/bias", zeros)))
            convolutions += 1
        elif step.operation == "normalise":
            gamma, beta, mean, variance = (
                weights[f"normalisation_{convolutions - 1:02d}/{part}"].astype(np.float64)
                for part in NORMALISATION
            )
            scale = gamma / np.sqrt(variance + architecture.norm_epsilon)
            affine: tuple[np.ndarray, ...] = (scale, beta - mean * scale)
            if before == "convolve":
                kernel, bias = folded[-1]
                folded[-1] = (kernel * scale, bias * scale + affine[1])
                affine = ()
            folded.append(affine)
        before = step.operation
    return [tuple(array.astype(np.float32) for array in arrays) for arrays in folded]
