"""Explanations against annotation: saliency of elements (Fig. 4B), bases of binding sites."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from sighthound.app.evaluation.looks import GREY, GRID, heading, number, short, titled
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


_SITE_COLOURS = {"mutagenesis": "#0b5c97", "gradient": "#b0530c"}


def sites_figure(sites: pd.DataFrame) -> go.Figure:
    """Draw the share of binding sites that the strongest base marks, by kind and by track.

    Parameters
    ----------
    sites : DataFrame
        sites.tsv, with `name`.
    """
    tracks = list(dict.fromkeys(sites["track"]))
    kinds = list(dict.fromkeys(sites["kind"]))
    gap = 0.03
    width = (1 - gap * (len(tracks) - 1)) / len(tracks)
    layout = base_layout(
        height=46 * len(kinds) + 110, margin={"l": 8, "r": 12, "t": 58, "b": 46}, annotations=[],
        barmode="group", bargap=0.3, hovermode="closest", showlegend=True,
        legend={"orientation": "h", "y": 0.995, "yanchor": "top", "yref": "container", "x": 0,
                "font": {"size": 11}},
    )  # fmt: skip
    traces: list[dict[str, Any]] = []
    highest = min(1.0, float(sites[["near", "by_chance"]].max().max()) * 1.1 + 0.02)
    for place, track in enumerate(tracks):
        which = "" if place == 0 else str(place + 1)
        left = place * (width + gap)
        rows = sites[sites["track"] == track]
        layout[f"xaxis{which}"] = axis(
            domain=[left, left + width], anchor=f"y{which}", tickformat=".0%", nticks=5,
            range=[0, highest], automargin=True, **titled("share of sites"), **GRID,
        )  # fmt: skip
        layout[f"yaxis{which}"] = axis(
            anchor=f"x{which}", type="category", categoryorder="array", categoryarray=kinds,
            autorange="reversed", ticks="", automargin=True, showticklabels=place == 0,
        )  # fmt: skip
        layout["annotations"].append(heading(short(str(rows["name"].iloc[0])), left + width / 2, 1))
        for method, own in rows.groupby("method", sort=False):
            notes = [_site_note(row) for row in own.itertuples()]
            for column, name, colour in (
                ("near", str(method), _SITE_COLOURS[str(method)]),
                ("by_chance", "matched places", GREY),
            ):
                traces.append(
                    {
                        "type": "bar", "orientation": "h", "name": name, "legendgroup": name,
                        "showlegend": place == 0 and (column == "near" or method == "mutagenesis"),
                        "offsetgroup": f"{method} {column}",
                        "x": own[column].tolist(), "y": own["kind"].tolist(),
                        "marker": {"color": colour}, "hovertext": notes, "hoverinfo": "text",
                        "xaxis": f"x{which}", "yaxis": f"y{which}",
                    }
                )  # fmt: skip
    return go.Figure({"data": traces, "layout": layout})


def _site_note(row: Any) -> str:
    lines = [
        f"<b>{as_text(str(row.kind))}</b>, {row.method} of {as_text(str(row.track))}",
        f"strongest base within 10 of {row.near:.0%} of {row.sites:,} sites, of "
        f"{row.by_chance:.0%} of {row.background:,} matched places",
        f"AUROC {number(row.auroc)}",
    ]
    if math.isfinite(row.named):
        own = f", by its own name at {row.own_name:.0%}" if math.isfinite(row.own_name) else ""
        lines.append(f"a motif is named at {row.named:.0%}{own}")
    return "<br>".join(lines)
