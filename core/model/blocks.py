"""The blocks that networks are made of, as data: what each lowers to, and what is allowed of it.

Every convolution has 'same' padding, (width - 1) // 2 positions on the left for width even or odd.
A new block is a frozen dataclass here and a line in `BLOCKS`: JSON, tables of layers, training and
inference follow from the steps that it lowers to.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from sighthound.core.model.activations import FUNCTIONS
from sighthound.core.model.operations import Step

ACTIVATIONS = tuple(FUNCTIONS)
ORDERS = (
    "conv_norm_activation",
    "conv_pool_norm_activation",
    "activation_conv_norm",
    "conv_activation",
)
STYLES = ("dense", "dense_preactivation", "residual")

_NORMALISE = Step("normalise")


@dataclass(frozen=True)
class Block(ABC):
    """Part of a network's trunk.

    Attributes
    ----------
    kind : str
        Its name in JSON.
    words : str
        What it does, for a person.
    is_stacked : bool
        It stands in the stack of layers that see other bins; what comes before the first of them
        is the tower, what comes after the last the head.
    """

    kind: ClassVar[str]
    words: ClassVar[str]
    is_stacked: ClassVar[bool] = False

    @abstractmethod
    def lower(self, channels: int) -> list[Step]:
        """Give its steps, from the channels that enter."""

    @abstractmethod
    def problem(self, before: set[str]) -> str | None:
        """Say what is not allowed of it behind blocks of these kinds, if anything."""

    def layers(self) -> Iterator[tuple[str, Block]]:
        """Give its layers, as tables name them, each as a block of its own."""
        yield self.kind, self


@dataclass(frozen=True)
class Convolution(Block):
    """Convolution, batch normalisation, activation, max pooling, dropout.

    `order` says where the normalisation and the activation stand; with the pool before both, as in
    "conv_pool_norm_activation", they touch fewer positions, and training is twice as fast.
    "conv_activation" has a bias in place of the normalisation.
    """

    kind: ClassVar[str] = "convolution"
    words: ClassVar[str] = "convolution, normalisation, activation and pooling, by `order`"
    filters: int
    width: int
    pool: int = 1
    dropout: float = 0.0
    activation: str = "relu"
    order: str = "conv_norm_activation"

    def lower(self, channels: int) -> list[Step]:
        activate = Step("activate", function=self.activation)
        bare = self.order == "conv_activation"
        convolve = Step("convolve", filters=self.filters, width=self.width, bias=bare)
        pool = [Step("pool", size=self.pool)] if self.pool > 1 else []
        drop = _drop(self.dropout)
        return {
            "conv_norm_activation": [convolve, _NORMALISE, activate, *pool, *drop],
            "conv_pool_norm_activation": [convolve, *pool, _NORMALISE, activate, *drop],
            "activation_conv_norm": [activate, convolve, _NORMALISE, *drop, *pool],
            "conv_activation": [convolve, *drop, activate, *pool],
        }[self.order]

    def problem(self, before: set[str]) -> str | None:
        if self.activation not in ACTIVATIONS:
            return _unknown_activation(self.activation)
        if self.order not in ORDERS:
            return f"order {self.order!r}; expected one of {', '.join(ORDERS)}"
        if min(self.filters, self.width, self.pool) < 1:
            return "filters, width and pool must be at least 1"
        is_behind = any(BLOCKS[kind].is_stacked or kind == Crop.kind for kind in before)
        if self.pool > 1 and is_behind:
            return "pooling must come before dilated layers and crops"
        if self.width > 1 and is_behind:
            return "after dilated layers or crops only convolutions of width 1 are possible"
        return None

    def layers(self) -> Iterator[tuple[str, Block]]:
        yield f"convolution {self.width}", self


@dataclass(frozen=True)
class Dilated(Block):
    """Dilated layers, each joined to its input: concatenated ("dense...") or added ("residual").

    A dense layer is convolution, normalisation, activation, dropout, as in the paper; with
    "dense_preactivation", as in the code published later, the activation comes first. A residual
    layer is activation, dilated convolution, normalisation, activation, pointwise convolution back
    to the width of its input, normalisation, dropout, sum.
    """

    kind: ClassVar[str] = "dilated"
    words: ClassVar[str] = "dilated convolutions, each joined to its input, by `style`"
    is_stacked: ClassVar[bool] = True
    filters: int
    dilations: tuple[int, ...]
    style: str = "residual"
    width: int = 3
    dropout: float = 0.0
    activation: str = "relu"

    def lower(self, channels: int) -> list[Step]:
        activate = Step("activate", function=self.activation)
        drop, steps = _drop(self.dropout), []
        for dilation in self.dilations:
            convolve = Step("convolve", filters=self.filters, width=self.width, dilation=dilation)
            back = [Step("convolve", filters=channels), Step("normalise", starts_at_zero=True)]
            layer, join = {
                "dense": ([convolve, _NORMALISE, activate], "concatenate"),
                "dense_preactivation": ([activate, convolve, _NORMALISE], "concatenate"),
                "residual": ([activate, convolve, _NORMALISE, activate, *back], "add"),
            }[self.style]
            steps += [Step("branch"), *layer, *drop, Step(join)]
            if join == "concatenate":
                channels += self.filters
        return steps

    def problem(self, before: set[str]) -> str | None:
        if self.activation not in ACTIVATIONS:
            return _unknown_activation(self.activation)
        if self.style not in STYLES:
            return f"style {self.style!r}; expected one of {', '.join(STYLES)}"
        if min(self.filters, *self.dilations, 1) < 1 or not self.width % 2:
            return "dilated layers need filters and dilations of at least 1 and an odd width"
        if Crop.kind in before:
            return "dilated layers must come before crops"
        return None

    def layers(self) -> Iterator[tuple[str, Block]]:
        for dilation in self.dilations:
            yield f"dilated {dilation}", dataclasses.replace(self, dilations=(dilation,))


@dataclass(frozen=True)
class Activation(Block):
    """An activation by itself."""

    kind: ClassVar[str] = "activation"
    words: ClassVar[str] = "an activation by itself"
    activation: str = "relu"

    def lower(self, channels: int) -> list[Step]:
        return [Step("activate", function=self.activation)]

    def problem(self, before: set[str]) -> str | None:
        return None if self.activation in ACTIVATIONS else _unknown_activation(self.activation)


@dataclass(frozen=True)
class Crop(Block):
    """Takes `bins` bins off each end, whose context the window cuts off."""

    kind: ClassVar[str] = "crop"
    words: ClassVar[str] = "takes bins off each end"
    bins: int

    def lower(self, channels: int) -> list[Step]:
        return [Step("crop", size=self.bins)]

    def problem(self, before: set[str]) -> str | None:
        return f"crop of {self.bins} bins" if self.bins < 0 else None

    def layers(self) -> Iterator[tuple[str, Block]]:
        yield f"crop {self.bins}", self


BLOCKS: dict[str, type[Any]] = {b.kind: b for b in (Convolution, Dilated, Activation, Crop)}


@dataclass(frozen=True)
class BlockKind:
    """A kind of block, in words.

    Attributes
    ----------
    name : str
        As files of networks have it.
    words : str
        What it does.
    settings : array of str
        What is set of one.
    """

    name: str
    words: str
    settings: tuple[str, ...]


def block_kinds() -> list[BlockKind]:
    """Say which blocks there are."""
    return [
        BlockKind(name, block.words, tuple(field.name for field in dataclasses.fields(block)))
        for name, block in BLOCKS.items()
    ]


def _drop(rate: float) -> list[Step]:
    return [Step("drop", rate=rate)] if rate > 0 else []


def _unknown_activation(name: str) -> str:
    return f"activation {name!r}; expected one of {', '.join(ACTIVATIONS)}"
