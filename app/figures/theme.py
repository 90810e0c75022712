"""The look that every Plotly figure of ours shares: fonts, base colours, one diverging scale."""

from __future__ import annotations

import re
from html import escape
from typing import Any

import plotly.graph_objects as go

FONT_FAMILY = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif'
INK = "#1d2733"
MUTED = "#5b6875"
RULE = "#e3e8ee"
NO_DATA = "#eceff3"
DOUBTED = "#c3cad2"  # where the networks that taught the model disagree
# After Okabe and Ito: told apart by people with any common kind of colour vision.
BASE_COLOURS = {"A": "#00805d", "C": "#0067a8", "G": "#b57800", "T": "#cc4d00", "N": "#8a95a1"}
# Orange lowers, blue raises, as in the saliency rows.
DIVERGING = [
    [0.0, "#8f3600"],
    [0.2, "#cc4d00"],
    [0.38, "#f0b48c"],
    [0.5, "#ffffff"],
    [0.62, "#93c3e6"],
    [0.8, "#0067a8"],
    [1.0, "#003f6b"],
]


def as_text(name: str) -> str:
    """Write a name so that Plotly, which takes text for HTML, draws it as it stands.

    Of the signs that HTML escapes, Plotly knows no name of the quotation mark, but its number.
    """
    return escape(name).replace("&quot;", "&#34;")


def axis(**settings: Any) -> dict[str, Any]:
    """Settings of a Plotly axis in our look, `settings` over them."""
    return {
        "showgrid": False,
        "zeroline": False,
        "linecolor": RULE,
        "tickcolor": RULE,
        "ticks": "outside",
        "ticklen": 4,
        # 0.0005 and 20,000, not "500\u03bc" and "20k", which read as units.
        "exponentformat": "power",
        "minexponent": 7,
        "separatethousands": True,
        "tickfont": {"size": 11, "color": MUTED},
        "title": {"font": {"size": 11.5, "color": INK}, "standoff": 8},
    } | settings


def axis_title(text: str) -> dict[str, Any]:
    """A Plotly axis title in our look."""
    return {"text": text, "font": {"size": 11.5, "color": INK}, "standoff": 8}


def base_layout(**settings: Any) -> dict[str, Any]:
    """Layout of a Plotly figure in our look, `settings` over it."""
    return {
        "font": {"family": FONT_FAMILY, "size": 12, "color": INK},
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "hoverlabel": {"bgcolor": INK, "font": {"color": "#ffffff", "family": FONT_FAMILY}},
        "showlegend": False,
    } | settings


def plotly_config(filename: str = "", **settings: Any) -> Any:
    """Settings of Plotly's buttons, `settings` over them; pictures are saved as SVG."""
    named = {"filename": filename} if filename else {}
    return {
        "displaylogo": False,
        # Plotly 7 offers to upload a figure to its makers' cloud: nothing leaves the lab.
        "showSendToCloud": False,
        "plotlyServerURL": "",
        "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "sendChartToCloud"],
        "toImageButtonOptions": {"format": "svg", **named},
    } | settings


# What each colour of a figure becomes on a dark ground, as in assets/ui/palette.js.
DARK = {
    "#ffffff": "#10161d",
    INK: "#e6ecf2",
    MUTED: "#9fadba",
    RULE: "#2a343f",
    NO_DATA: "#1d2630",
    DOUBTED: "#4f5b67",
    "#b9c2cc": "#4a5764",  # lines at zero
    "#66727f": "#93a0ad",  # marks of the reference
    "#e1e8f0": "#2b3845",  # motifs
    BASE_COLOURS["A"]: "#46cfa3",
    BASE_COLOURS["G"]: "#e8b23a",
    BASE_COLOURS["N"]: "#8a97a4",
    # The diverging scale: what is strong is bright. C and T have two of its colours.
    "#8f3600": "#ffb184",
    "#cc4d00": "#f98d4a",
    "#f0b48c": "#7d4a2a",
    "#93c3e6": "#2d628b",
    "#0067a8": "#5fb2f0",
    "#003f6b": "#b2dbff",
    # Assays, as assets/ui/palette.js has them; and the palest of a scale of blues.
    "#0b5c97": "#6cb8f2", "#86bce2": "#2a6699",
    "#b0530c": "#f29a52", "#f0b47c": "#96521a",
    "#0a7757": "#45cfa3", "#7fcbb0": "#1c725a",
    "#8b3a75": "#e795cd", "#dca0c8": "#8a4878",
    "#84690a": "#e2c44f", "#dfc45c": "#7a681f",
    "#414f96": "#a5b2f5", "#a9b4e4": "#525da6",
    "#7c3d2d": "#e09a85", "#d9a797": "#8c4f40",
    "#47535f": "#b9c4cf", "#b3bec9": "#5c6975",
    "#e8f1f8": "#17324a",
}  # fmt: skip
_COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)


def in_theme(figure: go.Figure, theme: str | None) -> go.Figure:
    """Draw a figure, which was made for paper, in the page's theme.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        In our light colours.
    theme : {"light", "dark"} or None
        None is light.

    Returns
    -------
    plotly.graph_objects.Figure
        For "dark" another figure; its `layout.meta["light"]` has the light colour of each dark one,
        so that what is saved or printed can be light.
    """
    if theme != "dark":
        return figure
    # Trace by trace: the JSON of a whole figure holds its arrays as text.
    data = [_recoloured(trace.to_plotly_json()) for trace in figure.data]
    dark = go.Figure({"data": data, "layout": _recoloured(figure.layout.to_plotly_json())})
    meta = figure.layout.meta if isinstance(figure.layout.meta, dict) else {}
    dark.layout.meta = meta | {"light": {after: before for before, after in DARK.items()}}
    return dark


def _recoloured(part: Any) -> Any:
    if isinstance(part, str):
        return _COLOUR.sub(lambda found: DARK.get(found[0].lower(), found[0]), part)
    if isinstance(part, dict):
        return {name: _recoloured(value) for name, value in part.items()}
    if isinstance(part, list | tuple):
        return [_recoloured(value) for value in part]
    return part
