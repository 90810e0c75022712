"""What a network is, as data: presets of blocks, JSON in and out, and the geometry they imply.

An architecture lowers to a plain list of steps, which `core.model.keras_network` turns into
trainable Keras layers and `core.model.graph` into a folded graph, so that both compute the same
thing. Sources of the presets: "paper", Kelley et al. 2018, Methods and supplementary parameters;
"basenji2", the parameters published with Kelley 2020 (cross-species networks).
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.model.blocks import BLOCKS, Activation, Block, Convolution, Crop, Dilated
from sighthound.core.model.operations import Step, channels_after

LINKS = ("exp_linear", "softplus")


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

    @functools.cached_property
    def bin(self) -> int:
        """Bases a bin: the product of the pools."""
        return math.prod(step.entry.scale(step) for step in self.steps())

    @property
    def crop(self) -> int:
        """Bins taken off each end."""
        return sum(b.bins for b in self.blocks if isinstance(b, Crop))

    @property
    def bins(self) -> int:
        """Bins predicted from a training window."""
        return self.sequence_length // self.bin - 2 * self.crop

    @functools.cached_property
    def stack_reach(self) -> int:
        """Bins that a bin sees on each side through the stack; all of a window's if unbounded."""
        reaches = [step.entry.reach(step) for step in self.parts()[1]]
        if None in reaches:
            return self.sequence_length // self.bin
        return sum(max(reach) for reach in reaches if reach is not None)

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
        stacked = [i for i, b in enumerate(self.blocks) if b.is_stacked]
        crops = [i for i, b in enumerate(self.blocks) if isinstance(b, Crop)]
        first = min([*stacked, *crops, len(self.blocks)])
        last = stacked[-1] + 1 if stacked else first
        channels = 4
        lowered: list[list[Step]] = [[], [], []]
        for i, block in enumerate(self.blocks):
            part = lowered[0 if i < first else 1 if i < last else 2]
            steps = block.lower(channels)
            part.extend(steps)
            channels = channels_after(steps, channels)
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
            left, right = step.entry.reach(step) or (self.sequence_length, self.sequence_length)
            scale = step.entry.scale(step)
            start, end = start * scale - left, (end - 1) * scale + right + 1
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
            if kind not in BLOCKS:
                raise SighthoundError(f"unknown block {kind!r}; expected {', '.join(BLOCKS)}")
            if "dilations" in values:
                values["dilations"] = tuple(values["dilations"])
            blocks.append(_construct(BLOCKS[kind], values, f"block {kind!r}"))
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
    before: set[str] = set()
    for block in architecture.blocks:
        problem = block.problem(before)
        if problem:
            fail(problem)
        before.add(block.kind)
    if architecture.sequence_length % architecture.bin:
        fail(
            f"sequence_length {architecture.sequence_length} is no multiple of the bin, "
            f"{architecture.bin}"
        )
    if architecture.bins < 1:
        fail(f"a crop of {architecture.crop} bins leaves nothing of the window")
