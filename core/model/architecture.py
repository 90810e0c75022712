"""What a network is, as data: blocks, presets, JSON in and out, and the geometry they imply.

Every convolution has 'same' padding, (width - 1) // 2 positions on the left for width even or odd.
An architecture lowers to a plain list of steps, which `core.model.keras_network` turns into
trainable Keras layers and `core.model.model` into a folded graph, so that both compute the same
thing. Sources of the presets: "paper", Kelley et al. 2018, Methods and supplementary parameters;
"basenji2", the parameters published with Kelley 2020 (cross-species networks).
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.model.activations import FUNCTIONS

ACTIVATIONS = tuple(FUNCTIONS)
LINKS = ("exp_linear", "softplus")
ORDERS = (
    "conv_norm_activation",
    "conv_pool_norm_activation",
    "activation_conv_norm",
    "conv_activation",
)
STYLES = ("dense", "dense_preactivation", "residual")
OPERATIONS = (
    "convolve",
    "normalise",
    "activate",
    "pool",
    "drop",
    "branch",
    "concatenate",
    "add",
    "crop",
    "narrow",
)


@dataclass(frozen=True)
class Convolution:
    """Convolution, batch normalisation, activation, max pooling, dropout.

    `order` says where the normalisation and the activation stand; with the pool before both, as in
    "conv_pool_norm_activation", they touch fewer positions, and training is twice as fast.
    "conv_activation" has a bias in place of the normalisation.
    """

    kind: ClassVar[str] = "convolution"
    filters: int
    width: int
    pool: int = 1
    dropout: float = 0.0
    activation: str = "relu"
    order: str = "conv_norm_activation"


@dataclass(frozen=True)
class Dilated:
    """Dilated layers, each joined to its input: concatenated ("dense...") or added ("residual").

    A dense layer is convolution, normalisation, activation, dropout, as in the paper; with
    "dense_preactivation", as in the code published later, the activation comes first. A residual
    layer is activation, dilated convolution, normalisation, activation, pointwise convolution back
    to the width of its input, normalisation, dropout, sum.
    """

    kind: ClassVar[str] = "dilated"
    filters: int
    dilations: tuple[int, ...]
    style: str = "residual"
    width: int = 3
    dropout: float = 0.0
    activation: str = "relu"


@dataclass(frozen=True)
class Activation:
    """An activation by itself."""

    kind: ClassVar[str] = "activation"
    activation: str = "relu"


@dataclass(frozen=True)
class Crop:
    """Takes `bins` bins off each end, whose context the window cuts off."""

    kind: ClassVar[str] = "crop"
    bins: int


Block = Convolution | Dilated | Activation | Crop
_BLOCKS: dict[str, type[Any]] = {b.kind: b for b in (Convolution, Dilated, Activation, Crop)}


@dataclass(frozen=True)
class Step:
    """One elementary operation of a lowered network.

    `operation` is "convolve", "normalise", "activate", "pool", "drop", "branch" (remember the
    input), "concatenate" or "add" (join with the remembered input), "crop", or, in folded networks
    only, "narrow" (keep the first `filters` channels).
    """

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


@dataclass(frozen=True)
class Architecture:
    """A network from one-hot bases to binned tracks.

    Attributes
    ----------
    sequence_length : int
        Bases of a training window; any multiple of `bin` can be predicted.
    blocks : tuple of blocks
        The trunk; a pointwise layer to the tracks and the link follow it.
    tracks : int
        Outputs.
    link : {"softplus", "exp_linear"}
        Makes outputs positive; exp_linear is x + 1 for x > 0 and e^x below.
    """

    sequence_length: int
    blocks: tuple[Block, ...]
    tracks: int
    link: str = "softplus"
    norm_epsilon: float = 1e-3
    norm_momentum: float = 0.9

    def __post_init__(self) -> None:
        _check(self)

    @property
    def bin(self) -> int:
        """Bases a bin: the product of the pools."""
        return math.prod(b.pool for b in self.blocks if isinstance(b, Convolution))

    @property
    def crop(self) -> int:
        """Bins taken off each end."""
        return sum(b.bins for b in self.blocks if isinstance(b, Crop))

    @property
    def bins(self) -> int:
        """Bins predicted from a training window."""
        return self.sequence_length // self.bin - 2 * self.crop

    @property
    def stack_reach(self) -> int:
        """Bins that a bin sees on each side through the dilated layers."""
        return sum(
            d * (b.width // 2) for b in self.blocks if isinstance(b, Dilated) for d in b.dilations
        )

    def seen(self, bins: np.ndarray, count: int) -> tuple[int, int]:
        """First and last (half-open) of a window's `count` bins that some of them see."""
        reach = self.stack_reach
        return max(0, int(bins.min()) - reach), min(count, int(bins.max()) + reach + 1)

    @property
    def context(self) -> int:
        """Bases beyond a bin, on the further side, that can change its prediction."""
        left, right = self.tower_reach()
        return self.stack_reach * self.bin + max(left, right)

    @property
    def receptive_field_bins(self) -> int:
        """Bins beyond a bin, on either side, that can change its prediction."""
        return math.ceil(self.context / self.bin)

    def parts(self) -> tuple[list[Step], list[Step], list[Step]]:
        """Lower to steps: the tower (bases to bins), the dilated stack, and the head.

        The tower's output is the representation of the paper's saliency: the bins before the
        dilated layers.
        """
        dilated = [i for i, b in enumerate(self.blocks) if isinstance(b, Dilated)]
        crops = [i for i, b in enumerate(self.blocks) if isinstance(b, Crop)]
        first = min([*dilated, *crops, len(self.blocks)])
        last = dilated[-1] + 1 if dilated else first
        channels = 4
        lowered: list[list[Step]] = [[], [], []]
        for i, block in enumerate(self.blocks):
            part = lowered[0 if i < first else 1 if i < last else 2]
            steps, channels = lower(block, channels)
            part.extend(steps)
        lowered[2].append(Step("convolve", filters=self.tracks, bias=True))
        return lowered[0], lowered[1], lowered[2]

    def steps(self) -> Iterator[Step]:
        """All steps in order, from bases to the values before the link."""
        for part in self.parts():
            yield from part

    def tower_reach(self) -> tuple[int, int]:
        """Bases left and right of a bin that its representation depends on."""
        tower, _, _ = self.parts()
        start, end = 0, 1
        for step in reversed(tower):
            if step.operation == "pool":
                start, end = start * step.size, end * step.size
            elif step.operation == "convolve":
                left = (step.width - 1) // 2
                start, end = start - left, end + step.width - 1 - left
        return -start, end - self.bin

    def to_json(self) -> dict[str, Any]:
        """Give plain data that `from_json` reads back."""
        data = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        data["blocks"] = [{"kind": b.kind, **dataclasses.asdict(b)} for b in self.blocks]
        return json.loads(json.dumps(data))

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Architecture:
        """Read what `to_json` gave.

        Raises
        ------
        SighthoundError
            An unknown block or key, or a value that is not allowed.
        """
        given = dict(data)
        blocks = []
        for block in given.pop("blocks", []):
            values = dict(block)
            kind = values.pop("kind", None)
            if kind not in _BLOCKS:
                raise SighthoundError(f"unknown block {kind!r}; expected {', '.join(_BLOCKS)}")
            if "dilations" in values:
                values["dilations"] = tuple(values["dilations"])
            blocks.append(_construct(_BLOCKS[kind], values, f"block {kind!r}"))
        return _construct(cls, {**given, "blocks": tuple(blocks)}, "architecture")


def paper(tracks: int, sequence_length: int = 131_072, crop: int = 32) -> Architecture:
    """The network of the paper: 312 to 717 filters, six densely connected dilated layers."""
    tower = [(312, 22, 1), (368, 1, 2), (435, 6, 4), (514, 6, 4), (607, 6, 4), (717, 3, 1)]
    return Architecture(
        sequence_length=sequence_length,
        blocks=(
            *(Convolution(f, width, pool, dropout=0.05) for f, width, pool in tower),
            Dilated(108, tuple(2**i for i in range(1, 7)), style="dense", dropout=0.1),
            Crop(crop),
            Convolution(1365, 1, dropout=0.05),
        ),
        tracks=tracks,
        link="exp_linear",
    )


def basenji2(tracks: int, sequence_length: int = 131_072, crop: int = 64) -> Architecture:
    """The cross-species network: activations first, seven pools of two, residual dilations to 72.

    The activation is the sigmoid form of GELU, that of the published weights; it meets the bases
    themselves.
    """
    gelu, order = "gelu_sigmoid", "activation_conv_norm"
    tower = [(288, 15), (339, 5), (399, 5), (470, 5), (554, 5), (652, 5), (768, 5)]
    dilations = (1, 2, 3, 4, 6, 9, 14, 21, 32, 48, 72)
    return Architecture(
        sequence_length=sequence_length,
        blocks=(
            *(Convolution(f, width, 2, activation=gelu, order=order) for f, width in tower),
            Dilated(384, dilations, dropout=0.3, activation=gelu),
            Crop(crop),
            Convolution(1536, 1, dropout=0.05, activation=gelu, order=order),
            Activation(gelu),
        ),
        tracks=tracks,
    )


def small(
    tracks: int,
    sequence_length: int = 32_768,
    bin: int = 128,
    crop: int = 32,
    filters: int = 96,
    dropout: float = 0.1,
) -> Architecture:
    """A network that trains in minutes on two cores: three convolutions, residual dilations to 64.

    Parameters
    ----------
    bin : int
        Bases a bin; a multiple of 16.
    dropout : float
        Share of a dilated layer's output that training leaves out.
    """
    if bin < 16 or bin % 16:
        raise SighthoundError(f"preset 'small' has bins of a multiple of 16 bases; got {bin}")
    gelu, order = "gelu_tanh", "conv_pool_norm_activation"
    return Architecture(
        sequence_length=sequence_length,
        blocks=(
            Convolution(filters, 19, 4, activation=gelu, order=order),
            Convolution(filters, 7, 4, activation=gelu, order=order),
            Convolution(filters, 5, bin // 16, activation=gelu, order=order),
            Dilated(filters // 2, tuple(2**i for i in range(7)), dropout=dropout, activation=gelu),
            Activation(gelu),
            Crop(crop),
            Convolution(2 * filters, 1, dropout=0.1, activation=gelu),
        ),
        tracks=tracks,
    )


PRESETS = {"paper": paper, "basenji2": basenji2, "small": small}


_NORMALISE = Step("normalise")


def lower(block: Block, channels: int) -> tuple[list[Step], int]:
    """Give the steps of one block and the channels that leave it."""
    if isinstance(block, Crop):
        return [Step("crop", size=block.bins)], channels
    activate = Step("activate", function=block.activation)
    if isinstance(block, Activation):
        return [activate], channels
    if isinstance(block, Convolution):
        bare = block.order == "conv_activation"
        convolve = Step("convolve", filters=block.filters, width=block.width, bias=bare)
        pool, drop = _pool(block.pool), _drop(block.dropout)
        steps = {
            "conv_norm_activation": [convolve, _NORMALISE, activate, *pool, *drop],
            "conv_pool_norm_activation": [convolve, *pool, _NORMALISE, activate, *drop],
            "activation_conv_norm": [activate, convolve, _NORMALISE, *drop, *pool],
            "conv_activation": [convolve, *drop, activate, *pool],
        }[block.order]
        return steps, block.filters
    steps = []
    for dilation in block.dilations:
        convolve = Step("convolve", filters=block.filters, width=block.width, dilation=dilation)
        drop = _drop(block.dropout)
        back = [Step("convolve", filters=channels), Step("normalise", starts_at_zero=True)]
        steps += {
            "dense": [Step("branch"), convolve, _NORMALISE, activate, *drop, Step("concatenate")],
            "dense_preactivation": [
                Step("branch"), activate, convolve, _NORMALISE, *drop, Step("concatenate"),
            ],
            "residual": [
                Step("branch"), activate, convolve, _NORMALISE, activate, *back, *drop, Step("add"),
            ],
        }[block.style]  # fmt: skip
        if steps[-1].operation == "concatenate":
            channels += block.filters
    return steps, channels


def _pool(size: int) -> list[Step]:
    return [Step("pool", size=size)] if size > 1 else []


def _drop(rate: float) -> list[Step]:
    return [Step("drop", rate=rate)] if rate > 0 else []


def _construct(kind: type, values: dict[str, Any], what: str) -> Any:
    known = {f.name: f for f in dataclasses.fields(kind)}
    for name in values:
        if name not in known:
            raise SighthoundError(f"{what}: unknown key {name!r}; expected {', '.join(known)}")
    for name, info in known.items():
        if name not in values and info.default is dataclasses.MISSING:
            raise SighthoundError(f"{what}: the key {name!r} is missing")
    return kind(**values)


def _check(architecture: Architecture) -> None:
    def fail(problem: str) -> None:
        raise SighthoundError(f"architecture: {problem}")

    if architecture.tracks < 1:
        fail(f"tracks is {architecture.tracks}; expected at least 1")
    if architecture.link not in LINKS:
        fail(f"link is {architecture.link!r}; expected one of {', '.join(LINKS)}")
    seen: list[str] = []
    for block in architecture.blocks:
        if isinstance(block, Crop):
            if block.bins < 0:
                fail(f"crop of {block.bins} bins")
        elif block.activation not in ACTIVATIONS:
            fail(f"activation {block.activation!r}; expected one of {', '.join(ACTIVATIONS)}")
        if isinstance(block, Convolution):
            if block.order not in ORDERS:
                fail(f"order {block.order!r}; expected one of {', '.join(ORDERS)}")
            if min(block.filters, block.width, block.pool) < 1:
                fail("filters, width and pool must be at least 1")
            if block.pool > 1 and ("dilated" in seen or "crop" in seen):
                fail("pooling must come before dilated layers and crops")
        if isinstance(block, Dilated):
            if block.style not in STYLES:
                fail(f"style {block.style!r}; expected one of {', '.join(STYLES)}")
            if min(block.filters, *block.dilations, 1) < 1 or not block.width % 2:
                fail("dilated layers need filters and dilations of at least 1 and an odd width")
            if "crop" in seen:
                fail("dilated layers must come before crops")
        if isinstance(block, Convolution) and block.width > 1 and {"dilated", "crop"} & set(seen):
            fail("after dilated layers or crops only convolutions of width 1 are possible")
        seen.append(block.kind)
    if architecture.sequence_length % architecture.bin:
        fail(
            f"sequence_length {architecture.sequence_length} is no multiple of the bin, "
            f"{architecture.bin}"
        )
    if architecture.bins < 1:
        fail(f"a crop of {architecture.crop} bins leaves nothing of the window")
