"""Saliency of annotated elements against places without any: Fig. 4B."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from sighthound.app.evaluation.looks import GREY, heading, number, short, titled
from sighthound.app.figures.theme import as_text, axis, base_layout

_GROUPS = {"elements": "#0b5c97", "background": GREY}
_A_LINE = 4


def elements_figure(curves: pd.DataFrame, tests: pd.DataFrame) -> go.Figure:
    """Draw cumulative curves of a kind of elements, on the track where they stand out most.

    Parameters
    ----------
    curves, tests : DataFrames
        element_curves.tsv and elements.tsv.
    """
    best = tests.sort_values("auroc", ascending=False).drop_duplicates("kind")
    across = min(_A_LINE, len(best))
    down = math.ceil(len(best) / across)
    gap_x, gap_y = 0.06, 0.34 / down
    width, height = (1 - gap_x * (across - 1)) / across, (1 - gap_y * (down - 1)) / down
    layout = base_layout(
        height=290 * down, margin={"l": 8, "r": 12, "t": 62, "b": 46}, annotations=[],
        showlegend=True, hovermode="closest",
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "yref": "container", "x": 0},
    )  # fmt: skip
    layout["legend"] |= {"y": 0.995, "yanchor": "top", "font": {"size": 11}}
    traces: list[dict[str, Any]] = []
    for place, test in enumerate(best.itertuples()):
        which = "" if place == 0 else str(place + 1)
        row, column = divmod(place, across)
        left, bottom = column * (width + gap_x), 1 - (row + 1) * height - row * gap_y
        layout[f"xaxis{which}"] = axis(
            domain=[left, left + width], anchor=f"y{which}", type="log", dtick=1, automargin=True,
            exponentformat="power",
            **titled("share of the start\u2019s saliency" if place + across >= len(best) else ""),
        )  # fmt: skip
        layout[f"yaxis{which}"] = axis(
            domain=[bottom, bottom + height], anchor=f"x{which}", range=[0, 1.01], nticks=4,
            automargin=True, **titled("share of places below" if column == 0 else ""),
        )  # fmt: skip
        words = f"<b>{short(str(test.kind))}</b><br>AUROC {number(test.auroc)}, p {test.p:.1e}"
        layout["annotations"].append(heading(words, left + width / 2, bottom + height))
        own = curves[(curves["kind"] == test.kind) & (curves["track"] == test.track)]
        counts = {"elements": test.elements, "background": test.background}
        for group, colour in _GROUPS.items():
            part = own[own["group"] == group]
            traces.append(
                {
                    "type": "scatter", "mode": "lines", "name": group, "legendgroup": group,
                    "showlegend": place == 0, "x": part["score"].tolist(),
                    "y": part["share"].tolist(), "line": {"color": colour, "width": 2},
                    "hovertemplate": f"{as_text(str(test.track))}, {counts[group]:,} {group}"
                    "<br>%{y:.0%} have less than %{x:.3g}<extra></extra>",
                    "xaxis": f"x{which}", "yaxis": f"y{which}",
                }
            )  # fmt: skip
    return go.Figure({"data": traces, "layout": layout})
