"""The look that every Plotly figure of ours shares: fonts, base colours, one diverging scale."""

from __future__ import annotations

from typing import Any

FONT_FAMILY = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif'
INK = "#1d2733"
MUTED = "#5b6875"
RULE = "#e3e8ee"
NO_DATA = "#eceff3"
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


def axis(**settings: Any) -> dict[str, Any]:
    """Settings of a Plotly axis in our look, `settings` over them."""
    return {
        "showgrid": False,
        "zeroline": False,
        "linecolor": RULE,
        "tickcolor": RULE,
        "ticks": "outside",
        "ticklen": 4,
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
