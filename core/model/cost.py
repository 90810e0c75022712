"""What an architecture costs and sees, layer by layer, computed from its steps; no TensorFlow.

FLOPs are the multiplications and additions of the convolutions, two for each weight and position.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from sighthound.core.model.architecture import (
    Activation,
    Architecture,
    Block,
    Convolution,
    Crop,
    Dilated,
    Step,
    lower,
)


@dataclass(frozen=True)
class Row:
    """One elementary operation of a network, in the training window.

    Attributes
    ----------
    layer : int
        Counts from 1; the steps of one convolution block, or of one dilation, share a number.
    name : str
        Of the layer, as in "dilated 4".
    operation : str
        As in `core.model.architecture.Step`, with its numbers: "convolve 5", "pool 2".
    positions, channels : int
        Shape of what it gives.
    parameters, flops : int
        Stored numbers, and multiplications and additions.
    left, right : int
        Bases seen before the first base of a position, and after it.
    joins : str
        "add" or "concatenate" where the layer is joined to its input.
    """

    layer: int
    name: str
    operation: str
    positions: int
    channels: int
    parameters: int = 0
    flops: int = 0
    left: int = 0
    right: int = 0
    joins: str = ""

    @property
    def receptive_field(self) -> int:
        """Bases that one position depends on."""
        return self.left + 1 + self.right


def layer_rows(architecture: Architecture, *, cropped: bool = True) -> list[Row]:
    """Give a network's operations with shapes, parameters, FLOPs and receptive field.

    Parameters
    ----------
    architecture : Architecture
    cropped : bool
        False counts every bin of the window, also those that are cropped.

    Returns
    -------
    list of Row, in order

    Examples
    --------
    >>> from sighthound.core.model.architecture import paper
    >>> sum(row.flops for row in layer_rows(paper(4229), cropped=False))
    244724373504
    """
    rows: list[Row] = []
    positions, channels, bases = architecture.sequence_length, 4, 1
    left = right = 0
    branches: list[int] = []
    for number, (name, joins, steps) in enumerate(_layers(architecture), 1):
        for step in steps:
            parameters = flops = 0
            if step.operation == "convolve":
                weights = step.width * channels * step.filters
                parameters = weights + step.bias * step.filters
                flops = 2 * positions * weights
                channels = step.filters
                before = (step.width - 1) // 2
                left += before * step.dilation * bases
                right += (step.width - 1 - before) * step.dilation * bases
            elif step.operation == "normalise":
                parameters = 4 * channels
            elif step.operation == "pool":
                right += (step.size - 1) * bases
                positions, bases = positions // step.size, bases * step.size
            elif step.operation == "crop":
                positions -= 2 * step.size * cropped
            elif step.operation == "branch":
                branches.append(channels)
                continue
            elif step.operation == "concatenate":
                channels += branches.pop()
            elif step.operation == "add":
                branches.pop()
            elif step.operation not in {"activate", "drop"}:
                raise AssertionError(step.operation)
            shape = (positions, channels, parameters, flops, left, right)
            rows.append(Row(number, name, _operation(step), *shape, joins))
    return rows


def layer_totals(rows: list[Row]) -> list[Row]:
    """Sum the operations of each layer: one row a layer, with the shape that leaves it."""
    layers: dict[int, list[Row]] = {}
    for row in rows:
        layers.setdefault(row.layer, []).append(row)
    return [
        dataclasses.replace(
            steps[-1],
            operation=", ".join(row.operation for row in steps),
            parameters=sum(row.parameters for row in steps),
            flops=sum(row.flops for row in steps),
        )
        for steps in layers.values()
    ]


def _layers(architecture: Architecture) -> Iterator[tuple[str, str, list[Step]]]:
    """Name, way of joining, and steps of each layer."""
    channels = 4
    for block in architecture.blocks:
        for name, joins, part in _split(block):
            steps, channels = lower(part, channels)
            yield name, joins, steps
    yield "tracks", "", [Step("convolve", filters=architecture.tracks, bias=True)]


def _split(block: Block) -> Iterator[tuple[str, str, Block]]:
    if isinstance(block, Dilated):
        for dilation in block.dilations:
            part = dataclasses.replace(block, dilations=(dilation,))
            yield f"dilated {dilation}", lower(part, 0)[0][-1].operation, part
    elif isinstance(block, Convolution):
        yield f"convolution {block.width}", "", block
    elif isinstance(block, Crop):
        yield f"crop {block.bins}", "", block
    elif isinstance(block, Activation):
        yield "activation", "", block
    else:
        raise AssertionError(block)


def _operation(step: Step) -> str:
    if step.operation == "convolve":
        dilation = f" dilated {step.dilation}" if step.dilation > 1 else ""
        return f"convolve {step.width}{dilation}"
    if step.operation in {"pool", "crop"}:
        return f"{step.operation} {step.size}"
    if step.operation == "drop":
        return f"drop {step.rate:g}"
    return step.function or step.operation
