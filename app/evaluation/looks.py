"""What the figures of an evaluation share: colours of assays, words of a number, axes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

import plotly.graph_objects as go

from sighthound.app.figures.theme import INK, RULE, as_text, axis, axis_title, base_layout

# As assets/ui/palette.js has them: of the experiment, and of its prediction.
COLOURS = (
    ("#0b5c97", "#86bce2"), ("#b0530c", "#f0b47c"), ("#0a7757", "#7fcbb0"),
    ("#8b3a75", "#dca0c8"), ("#84690a", "#dfc45c"), ("#414f96", "#a9b4e4"),
    ("#7c3d2d", "#d9a797"), ("#47535f", "#b3bec9"),
)  # fmt: skip
GREY = "#9aa5b1"
_NAME = 26  # characters of a name on an axis


def colours_of(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Give every assay, in the order in which they come first, its pair of colours."""
    return {name: COLOURS[n % len(COLOURS)] for n, name in enumerate(dict.fromkeys(names))}


def number(value: float | None, digits: int = 2) -> str:
    """Write a number of a table; a dash where it is not known."""
    if value is None or not math.isfinite(value):
        return "\u2013"
    return f"{value:.{digits}f}".replace("-", "\u2212")


def interval(value: float, low: float, high: float, digits: int = 2) -> str:
    """Write a number with its 95 % interval."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return number(value, digits)
    return f"{number(value, digits)} [{number(low, digits)}, {number(high, digits)}]"


def short(name: str) -> str:
    """Write a name that fits on an axis."""
    return as_text(name if len(name) <= _NAME else f"{name[: _NAME - 1]}\u2026")


def pair_name(column: str) -> str:
    """Write the two ids of a strand pair as one: what they share once.

    Examples
    --------
    >>> pair_name("CAGE_plus_r1 / CAGE_minus_r1"), pair_name("RNA_fwd / RNA_rev"), pair_name("x")
    ('CAGE_plus/minus_r1', 'RNA_fwd/rev', 'x')
    """
    if " / " not in column:
        return column
    one, _, other = (re.split(r"([^A-Za-z0-9])", name) for name in column.partition(" / "))
    parts = zip(one, other, strict=False)
    differing = [place for place, (a, b) in enumerate(parts) if a != b]
    if len(one) != len(other) or len(differing) != 1:
        return column
    one[differing[0]] += f"/{other[differing[0]]}"
    return "".join(one)


def shaped(
    traces: Sequence[dict[str, Any]],
    height: int,
    xaxis: dict[str, Any],
    yaxis: dict[str, Any],
    **settings: Any,
) -> go.Figure:
    """Make a figure of one pair of axes in our look."""
    layout = base_layout(
        height=height,
        margin={"l": 8, "r": 12, "t": 28, "b": 48},
        xaxis=axis(**{"automargin": True, **xaxis}),
        yaxis=axis(**{"automargin": True, **yaxis}),
        hovermode="closest",
    )
    return go.Figure({"data": list(traces), "layout": layout | settings})


def titled(text: str, **settings: Any) -> dict[str, Any]:
    """Settings of an axis with a title."""
    return {"title": axis_title(text), **settings}


def heading(text: str, x: float, y: float = 1.0) -> dict[str, Any]:
    """Words above one of several panels, in shares of the figure."""
    return {
        "text": text, "x": x, "y": y, "xref": "paper", "yref": "paper", "xanchor": "center",
        "yanchor": "bottom", "showarrow": False, "font": {"size": 12, "color": INK},
    }  # fmt: skip


def line(x0: float, y0: float, x1: float, y1: float, **settings: Any) -> dict[str, Any]:
    """A thin line below the data, in values of the axes."""
    return {
        "type": "line", "x0": x0, "y0": y0, "x1": x1, "y1": y1, "layer": "below",
        "line": {"color": "#b9c2cc", "width": 1, "dash": "dot"}, **settings,
    }  # fmt: skip


GRID = {"showgrid": True, "gridcolor": RULE}
