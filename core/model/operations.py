"""The elementary operations of networks: one entry of `OPERATIONS` says all that is needed of one.

A network lowers to `Step`s (`core.model.architecture`). What trains it, computes it, counts it and
reads its weights asks the entry of each step's operation; nothing there knows an operation by its
name. The interpreters that recompute parts of a network do know the ones for which they are exact,
and refuse the others by name (`refuse_unknown`, `refuse_unbounded`): an operation that is added
here can be trained and predicts whole windows at once, and is never explained as something else.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sighthound.core.errors import SighthoundError
from sighthound.core.model.activations import activation_named
from sighthound.core.model.runtime import import_tensorflow

Shapes = dict[str, tuple[int, ...]]
NORMALISATION = ("gamma", "beta", "moving_mean", "moving_variance")


@dataclass(frozen=True)
class Step:
    """One elementary operation of a lowered network, by its name in `OPERATIONS`."""

    operation: str
    filters: int = 0
    width: int = 1
    dilation: int = 1
    bias: bool = False
    starts_at_zero: bool = False
    size: int = 1
    rate: float = 0.0
    function: str = ""

    def __post_init__(self) -> None:
        if self.operation not in OPERATIONS:
            raise SighthoundError(
                f"unknown operation {self.operation!r}; expected {', '.join(OPERATIONS)}"
            )

    @property
    def entry(self) -> Operation:
        return OPERATIONS[self.operation]


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
    others : tuple of arrays
        Of an operation that is neither: its weights, in the order of `Operation.weights`.
    """

    step: Step
    kernel: Any
    bias: Any
    others: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Operation:
    """What is known of one operation.

    Attributes
    ----------
    words : callable
        Names a step in tables of layers.
    reach : callable
        Positions before and after one that its output depends on; None if it sees all of them.
    scale : callable
        Positions that enter for one that leaves.
    channels : callable
        From a step and the channels that enter, the channels that leave; for a join, also those
        of the branch.
    weights : callable
        Name and shape of each weight, from a step and the channels that enter.
    flops : callable
        From a step, the channels and the positions that enter, the floating-point operations of
        one window, where they are worth counting: two a product.
    layer : str
        How layers of it are called in files of weights, before their number; "" without weights.
    train : callable, optional
        (keras, architecture, step, name, x) -> x, the trainable layer. None in a branch, and in
        what only folded networks have.
    infer : callable, optional
        (tensorflow, folded, x) -> x, or, for a join, (tensorflow, folded, x, branch) -> x.
    remembers, joins : bool
        Its input is kept for a join further on; it joins its input to the last one kept.
    trains_only : bool
        Networks at work leave it out.
    """

    words: Callable[[Step], str]
    reach: Callable[[Step], tuple[int, int] | None] = lambda step: (0, 0)
    scale: Callable[[Step], int] = lambda step: 1
    channels: Callable[..., int] = lambda step, channels, *branch: channels
    weights: Callable[[Step, int], Shapes] = lambda step, channels: {}
    flops: Callable[[Step, int, int], int] = lambda step, channels, positions: 0
    layer: str = ""
    train: Callable[..., Any] | None = None
    infer: Callable[..., Any] | None = None
    remembers: bool = False
    joins: bool = False
    trains_only: bool = False


@dataclass(frozen=True)
class Placed:
    """A step where it stands in a network.

    Attributes
    ----------
    step : Step
    name : str
        Of its weights; "" if it has none.
    before, after : int
        Channels that enter and leave it.
    """

    step: Step
    name: str
    before: int
    after: int

    @property
    def weights(self) -> Shapes:
        """Full name and shape of each of its weights."""
        shapes = self.step.entry.weights(self.step, self.before)
        return {f"{self.name}/{part}": shape for part, shape in shapes.items()}


def placed(steps: Iterable[Step], channels: int = 4) -> Iterator[Placed]:
    """Follow channels through a network's steps, and number the layers that have weights.

    A normalisation has the number of the convolution before it.
    """
    numbers: dict[str, int] = {}
    branches: list[int] = []
    for step in steps:
        entry, name = step.entry, ""
        if entry.layer == "normalisation":
            name = f"normalisation_{numbers.get('convolution', 0) - 1:02d}"
        elif entry.layer:
            name = f"{entry.layer}_{numbers.setdefault(entry.layer, 0):02d}"
            numbers[entry.layer] += 1
        if entry.remembers:
            branches.append(channels)
        after = entry.channels(step, channels, *([branches.pop()] if entry.joins else []))
        yield Placed(step, name, channels, after)
        channels = after


def channels_after(steps: Iterable[Step], channels: int) -> int:
    """Channels that leave a run of steps."""
    for place in placed(steps, channels):
        channels = place.after
    return channels


def refuse_unknown(steps: Iterable[Step], known: frozenset[str], what: str) -> None:
    """Refuse a network with an operation that some way of computing is not exact for.

    Raises
    ------
    SighthoundError
        Names the operation, and what cannot be made.
    """
    for step in steps:
        if step.operation not in known:
            raise SighthoundError(
                f"{what} is not exact for networks with the operation {step.operation!r}; it is "
                f"for {', '.join(sorted(known))}"
            )


def refuse_unbounded(steps: Iterable[Step], what: str) -> None:
    """Refuse a network of which a bin sees the whole window, by the operation that sees it.

    Raises
    ------
    SighthoundError
        Names the operation, and what cannot be made.
    """
    for step in steps:
        if step.entry.reach(step) is None:
            raise SighthoundError(
                f"{what} is not exact for networks with the operation {step.operation!r}, of which "
                "every bin sees the whole window; predict whole windows (Model.predict)"
            )


def _convolution_weights(step: Step, channels: int) -> Shapes:
    kernel = {"kernel": (step.width, channels, step.filters)}
    return {**kernel, "bias": (step.filters,)} if step.bias else dict(kernel)


def _train_convolution(keras: Any, architecture: Any, step: Step, name: str, x: Any) -> Any:
    return keras.layers.Conv1D(
        step.filters,
        step.width,
        padding="same",
        dilation_rate=step.dilation,
        use_bias=step.bias,
        kernel_initializer="glorot_uniform" if step.bias else "he_normal",
        # The layer to the tracks, and others with a bias, end in values that must not be rounded.
        dtype="float32" if step.bias else None,
        name=name,
    )(x)


def _train_normalisation(keras: Any, architecture: Any, step: Step, name: str, x: Any) -> Any:
    return keras.layers.BatchNormalization(
        momentum=architecture.norm_momentum,
        epsilon=architecture.norm_epsilon,
        gamma_initializer="zeros" if step.starts_at_zero else "ones",
        name=name,
    )(x)


def _train_activation(keras: Any, architecture: Any, step: Step, name: str, x: Any) -> Any:
    function = functools.partial(activation_named(step.function).of_tensors, import_tensorflow())
    return keras.layers.Activation(function)(x)


def convolve(tf: Any, folded: Folded, x: Any, padding: str = "SAME") -> Any:
    """Convolve, add the bias, and rectify where that is part of the step.

    "VALID" padding is for patches that bring their margins. Bias and rectification stand where
    the runtime fuses them with the product.
    """
    step, kernel = folded.step, folded.kernel
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


def _gather_taps(tf: Any, x: Any, kernel: Any, step: Step) -> tuple[Any, Any]:
    """Turn a dilated convolution into a pointwise one over shifted copies of its input.

    The gradient of a dilated convolution has no CPU kernel, and this product is as fast.
    """
    reach = step.dilation * (step.width // 2)
    length = tf.shape(x)[1]
    padded = tf.pad(x, ((0, 0), (reach, reach), (0, 0)))
    taps = [padded[:, t * step.dilation : t * step.dilation + length] for t in range(step.width)]
    return tf.concat(taps, -1), tf.reshape(kernel, (1, -1, kernel.shape[-1]))


def _infer_pool(tf: Any, folded: Folded, x: Any) -> Any:
    shape, size = tf.shape(x), folded.step.size
    whole = x[:, : shape[1] // size * size]
    return tf.reduce_max(tf.reshape(whole, (shape[0], -1, size, x.shape[-1])), axis=2)


def _infer_crop(tf: Any, folded: Folded, x: Any) -> Any:
    size = folded.step.size
    return x[:, size:-size] if size else x


def _convolution_words(step: Step) -> str:
    dilation = f" dilated {step.dilation}" if step.dilation > 1 else ""
    return f"convolve {step.width}{dilation}"


def _convolution_reach(step: Step) -> tuple[int, int]:
    before = (step.width - 1) // 2
    return before * step.dilation, (step.width - 1 - before) * step.dilation


OPERATIONS: dict[str, Operation] = {
    "convolve": Operation(
        _convolution_words,
        reach=_convolution_reach,
        channels=lambda step, channels: step.filters,
        weights=_convolution_weights,
        flops=lambda step, channels, positions: (
            2 * positions * step.width * channels * step.filters
        ),
        layer="convolution",
        train=_train_convolution,
        infer=convolve,
    ),
    "normalise": Operation(
        lambda step: "normalise",
        weights=lambda step, channels: dict.fromkeys(NORMALISATION, (channels,)),
        layer="normalisation",
        train=_train_normalisation,
        infer=lambda tf, folded, x: x * folded.kernel + folded.bias,
    ),
    "activate": Operation(
        lambda step: step.function,
        train=_train_activation,
        infer=lambda tf, folded, x: activation_named(folded.step.function).of_tensors(tf, x),
    ),
    "pool": Operation(
        lambda step: f"pool {step.size}",
        reach=lambda step: (0, step.size - 1),
        scale=lambda step: step.size,
        train=lambda keras, architecture, step, name, x: keras.layers.MaxPool1D(step.size)(x),
        infer=_infer_pool,
    ),
    "drop": Operation(
        lambda step: f"drop {step.rate:g}",
        train=lambda keras, architecture, step, name, x: keras.layers.Dropout(step.rate)(x),
        trains_only=True,
    ),
    "branch": Operation(lambda step: "branch", remembers=True),
    "concatenate": Operation(
        lambda step: "concatenate",
        channels=lambda step, channels, branch: channels + branch,
        train=lambda keras, architecture, step, name, x: keras.layers.Concatenate()(x),
        infer=lambda tf, folded, x, branch: tf.concat([branch, x], -1),
        joins=True,
    ),
    "add": Operation(
        lambda step: "add",
        train=lambda keras, architecture, step, name, x: keras.layers.Add()(x),
        infer=lambda tf, folded, x, branch: branch + x,
        joins=True,
    ),
    "crop": Operation(
        lambda step: f"crop {step.size}",
        train=lambda keras, architecture, step, name, x: keras.layers.Cropping1D(step.size)(x),
        infer=_infer_crop,
    ),
    "narrow": Operation(
        lambda step: f"narrow {step.filters}",
        channels=lambda step, channels: step.filters,
        infer=lambda tf, folded, x: x[..., : folded.step.filters],
    ),
}
