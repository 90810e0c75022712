"""What `sighthound model describe` says of a network: a drawn table in the terminal, or JSON."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from sighthound.core.errors import SighthoundError
from sighthound.core.model.architecture import PRESETS, Architecture
from sighthound.core.model.cost import flops, layer_rows, layer_totals, summary
from sighthound.core.model.model import DESCRIPTION, read_description
from sighthound.core.text import read_text

# Outputs of the presets as they were published; "small" is a lab's own.
PRESET_TRACKS = {"paper": 4229, "basenji2": 5313, "small": 1}
_COLOURS = {"convolution": "blue", "dilated": "green", "tracks": "red"}
_BAR = 16  # characters of the widest bar
_PLAIN_WIDTH = 140  # columns where the output is no terminal


def find_architecture(name: str, tracks: int | None) -> tuple[str, Architecture]:
    """Find what was asked for: a model folder, a preset, or the JSON of an architecture.

    Parameters
    ----------
    name : str
        Path, or name of a preset.
    tracks : int, optional
        Outputs of a preset; as many as were published by default.

    Returns
    -------
    title, architecture

    Raises
    ------
    SighthoundError
        Nothing of the kind is there.
    """
    path = Path(name)
    if name in PRESETS and not path.exists():
        preset: Any = PRESETS[name]
        return name, preset(tracks or PRESET_TRACKS[name])
    if tracks is not None:
        raise SighthoundError("--tracks is for presets; a model has the tracks it has")
    if path.is_dir():
        return path.name, Architecture.from_json(read_description(path)["architecture"])
    if not path.is_file():
        raise SighthoundError(
            f"{name} is neither a model folder, nor a preset ({', '.join(PRESETS)}), nor a file"
        )
    try:
        data = json.loads(read_text(path))
    except ValueError as error:
        raise SighthoundError(f"{name} is not valid JSON: {error}") from None
    if not isinstance(data, dict):
        raise SighthoundError(f"{name} is no architecture; expected an object with 'blocks'")
    # A model.json holds its architecture under that key.
    title = path.parent.resolve().name if path.name == DESCRIPTION else path.stem
    return title, Architecture.from_json(data.get("architecture", data))


def describe(architecture: Architecture, title: str) -> RenderableType:
    """Draw a network as a table of layers from bases to tracks, with bars."""
    layers = layer_totals(layer_rows(architecture))
    widest = max(row.channels for row in layers[:-1] or layers)
    most = max(row.flops for row in layers)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, caption_justify="left")
    table.add_column("layer", no_wrap=True)
    table.add_column("channels", justify="center", no_wrap=True)
    for name in ("", "positions", "parameters", "FLOP"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("sees", justify="right", no_wrap=True)
    bases = ("bases", Text("▏"), "4", f"{architecture.sequence_length:,}", "", "", "", "1 bp")
    table.add_row(*bases)
    for row in layers:
        colour = _COLOURS.get(row.name.split()[0], "bright_black")
        pool = next((o for o in row.operation.split(", ") if o.startswith("pool")), "")
        joins = {"add": " +", "concatenate": " ‖"}.get(row.joins, "")
        # Full width for the tracks, which may be many more than there are channels.
        share = min(1.0, row.channels / widest)
        table.add_row(
            f"{row.name}{', ' + pool if pool else ''}{joins}",
            Text("█" * max(1, round(_BAR * share)), style=colour),
            f"{row.channels:,}",
            f"{row.positions:,}",
            f"{row.parameters:,}" if row.parameters else "",
            flops(row.flops).removesuffix("FLOP") if row.flops else "",
            Text("▆" * math.ceil(10 * row.flops / most), style="yellow"),
            f"{row.receptive_field:,} bp",
        )
    return Group(Text(title, style="bold"), summary(architecture), table, _context(architecture))


def print_description(architecture: Architecture, title: str) -> None:
    """Print a network to standard output, in colour on a terminal."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_PLAIN_WIDTH)
    console.print(describe(architecture, title))


def description_json(architecture: Architecture, title: str) -> dict[str, Any]:
    """Give the same as plain data: totals, and one entry an operation."""
    rows = layer_rows(architecture)
    return {
        "name": title,
        "sequence_length": architecture.sequence_length,
        "bin": architecture.bin,
        "bins": architecture.bins,
        "crop": architecture.crop,
        "tracks": architecture.tracks,
        "link": architecture.link,
        "parameters": sum(row.parameters for row in rows),
        "flops": sum(row.flops for row in rows),
        "flops_uncropped": sum(r.flops for r in layer_rows(architecture, cropped=False)),
        "receptive_field": rows[-1].receptive_field,
        "receptive_field_bins": architecture.receptive_field_bins,
        "layers": [
            {
                "layer": row.layer,
                "name": row.name,
                "operation": row.operation,
                "positions": row.positions,
                "channels": row.channels,
                "parameters": row.parameters,
                "flops": row.flops,
                "receptive_field": row.receptive_field,
            }
            for row in rows
        ],
    }


def _context(architecture: Architecture) -> str:
    last = layer_rows(architecture)[-1]
    right = last.right - (architecture.bin - 1)
    return (
        f"A bin's prediction depends on {last.receptive_field:,} bp: {last.left:,} before the bin, "
        f"{right:,} after it; {architecture.receptive_field_bins:,} bins on either side."
    )
