"""What an architecture costs and sees, layer by layer, computed from its steps; no TensorFlow.

FLOPs are the multiplications and additions of the convolutions, two for each weight and position.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

from sighthound.core.model.architecture import Architecture
from sighthound.core.model.operations import Step, channels_after, placed


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
    positions, bases = architecture.sequence_length, 1
    left = right = 0
    places = placed(architecture.steps())
    for number, (name, steps) in enumerate(_layers(architecture), 1):
        joins = next((step.operation for step in steps if step.entry.joins), "")
        for place in itertools.islice(places, len(steps)):
            step, entry = place.step, place.step.entry
            if entry.remembers:
                continue
            parameters = sum(math.prod(shape) for shape in place.weights.values())
            flops = entry.flops(step, place.before, positions)
            whole = (architecture.sequence_length,) * 2
            before, after = entry.reach(step) or whole
            left, right = left + before * bases, right + after * bases
            positions, bases = positions // entry.scale(step), bases * entry.scale(step)
            positions -= 2 * step.size * (cropped and step.operation == "crop")
            shape = (positions, place.after, parameters, flops, left, right)
            rows.append(Row(number, name, entry.words(step), *shape, joins))
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


def summary(architecture: Architecture) -> str:
    """Give the sizes of a network in one line."""
    rows = layer_rows(architecture)
    window = sum(row.flops for row in rows)
    whole = sum(row.flops for row in layer_rows(architecture, cropped=False))
    uncropped = f" ({flops(whole)} with no bin cropped)" if whole != window else ""
    return (
        f"{architecture.sequence_length:,} bp to {architecture.bins:,} bins of "
        f"{architecture.bin:,} bp, {architecture.tracks:,} tracks; "
        f"{sum(row.parameters for row in rows):,} parameters; "
        f"{flops(window)} a window{uncropped}; link {architecture.link}"
    )


def flops(count: float) -> str:
    """Write a number of operations with its unit.

    Examples
    --------
    >>> flops(244_724_373_504)
    '244.7 GFLOP'
    """
    for size, unit in ((1e12, "TFLOP"), (1e9, "GFLOP"), (1e6, "MFLOP"), (1e3, "kFLOP")):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count:.0f} FLOP"


def layer_table(architecture: Architecture) -> str:
    """Write a network's sizes and its layers, from bases to tracks, as plain text."""
    import pandas as pd

    layers = layer_totals(layer_rows(architecture))
    table = pd.DataFrame(
        {
            "layer": [row.name for row in layers],
            "operations": [row.operation for row in layers],
            "positions": [f"{row.positions:,}" for row in layers],
            "channels": [f"{row.channels:,}" for row in layers],
            "parameters": [f"{row.parameters:,}" for row in layers],
            "operations a window": [flops(row.flops) for row in layers],
            "sees": [f"{row.receptive_field:,} bp" for row in layers],
        }
    )
    return f"{summary(architecture)}\n{table.to_string(index=False)}"


def _layers(architecture: Architecture) -> Iterator[tuple[str, list[Step]]]:
    """Name and steps of each layer."""
    channels = 4
    for block in architecture.blocks:
        for name, layer in block.layers():
            steps = layer.lower(channels)
            channels = channels_after(steps, channels)
            yield name, steps
    yield "tracks", [Step("convolve", filters=architecture.tracks, bias=True)]
