"""Figures of bins: the median track (Fig. 2C), replicates (2D, S2, S3), and strata of bins."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from sighthound.app.evaluation.looks import (
    GRID,
    colours_of,
    heading,
    interval,
    line,
    number,
    shaped,
    short,
    titled,
)
from sighthound.app.figures.theme import INK, as_text, axis, base_layout

_BLUES = [[0.0, "#e8f1f8"], [0.25, "#93c3e6"], [0.6, "#0067a8"], [1.0, "#003f6b"]]
_MOST_ASSAYS = 8  # small multiples
_A_LINE = 4
_SIDE = 230  # pixels of one of several panels
# Ticks of log10(1 + value).
_VALUES = (0, 1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 100_000)
_KIND = {"distance": "by distance to the nearest start", "expression": "by signal at genes"}


def scatter_figure(cells: pd.DataFrame, tracks: pd.DataFrame) -> go.Figure:
    """Draw the median track of every assay, bin by bin.

    Parameters
    ----------
    cells : DataFrame
        scatter.tsv.
    tracks : DataFrame
        Rows of tracks.tsv of the same bins, with `name`; by id as index.
    """
    assays = list(dict.fromkeys(cells["assay"]))[:_MOST_ASSAYS]
    across = min(_A_LINE, len(assays))
    down = math.ceil(len(assays) / across)
    gap_x, gap_y = 0.07, 0.30 / down
    width, height = (1 - gap_x * (across - 1)) / across, (1 - gap_y * (down - 1)) / down
    layout = base_layout(
        height=(_SIDE + 84) * down, margin={"l": 8, "r": 12, "t": 44, "b": 44}, annotations=[],
        hovermode="closest", shapes=[],
    )  # fmt: skip
    traces = []
    for place, assay in enumerate(assays):
        own = cells[cells["assay"] == assay]
        row, column = divmod(place, across)
        left, bottom = column * (width + gap_x), 1 - (row + 1) * height - row * gap_y
        which = "" if place == 0 else str(place + 1)
        step = float(own["width"].iloc[0])
        side = round(max(own["experiment"].max(), own["prediction"].max()) / step + 0.5)
        counts = np.full((side, side), np.nan)
        at = [(own[name] / step).astype(int).to_numpy() for name in ("prediction", "experiment")]
        counts[at[0], at[1]] = own["bins"]
        centres = (np.arange(side) + 0.5) * step
        values = 10**centres - 1
        traces.append(
            {
                "type": "heatmap", "x": centres, "y": centres, "z": np.log10(counts),
                "customdata": counts, "colorscale": _BLUES, "showscale": False, "zmin": 0,
                "text": [
                    [f"experiment {x:.3g}, prediction {y:.3g}" for x in values] for y in values
                ],
                "hovertemplate": "%{text}<br>%{customdata:,} bins<extra></extra>",
                "xaxis": f"x{which}", "yaxis": f"y{which}",
            }
        )  # fmt: skip
        ticks = _ticks(side * step)
        scale = {
            "tickvals": [math.log10(1 + t) for t in ticks], "ticktext": [f"{t:,}" for t in ticks],
            "range": [0, side * step],
        }  # fmt: skip
        layout[f"xaxis{which}"] = axis(
            domain=[left, left + width], anchor=f"y{which}", **scale,
            **titled("experiment" if row == down - 1 or place + across >= len(assays) else ""),
        )  # fmt: skip
        layout[f"yaxis{which}"] = axis(
            domain=[bottom, bottom + height], anchor=f"x{which}", automargin=True, **scale,
            **titled("prediction" if column == 0 else ""),
        )  # fmt: skip
        layout["shapes"].append(
            line(0, 0, side * step, side * step, xref=f"x{which}", yref=f"y{which}", layer="above")
        )
        track = tracks.loc[own["track"].iloc[0]]
        r = number(track["pearson_log1p"])
        words = f"<b>{short(assay)}</b><br>{short(str(track['name']))}, r {r}"
        layout["annotations"].append(heading(words, left + width / 2, bottom + height))
    return go.Figure({"data": traces, "layout": layout})


def concordance_figure(pairs: pd.DataFrame, names: dict[str, str]) -> go.Figure:
    """Draw r of a prediction with another experiment against r between the two experiments.

    Parameters
    ----------
    pairs : DataFrame
        Rows of replicates.tsv of one relation.
    names : dict
        Of tracks, by id.
    """
    colours = colours_of(pairs["assay"])
    traces: list[dict[str, Any]] = []
    for assay, rows in pairs.groupby("assay", sort=False):
        notes = [
            f"<b>prediction of {as_text(names.get(row.track, row.track))}</b><br>"
            f"and experiment {as_text(names.get(row.other, row.other))}<br>"
            f"r between the experiments {number(row.experiments)}<br>"
            f"r of prediction and the other experiment {number(row.prediction)}<br>"
            f"r of prediction and its own {number(row.own)}<br>masked bins of {row.bin:,} bp"
            for row in rows.itertuples()
        ]
        traces.append(
            {
                "type": "scatter", "mode": "markers", "name": str(assay) or "no assay given",
                "x": rows["experiments"].tolist(), "y": rows["prediction"].tolist(),
                "marker": {"size": 7, "color": colours[assay][0], "opacity": 0.8},
                "hovertext": notes, "hoverinfo": "text",
            }
        )  # fmt: skip
    low = math.floor(float(pairs[["experiments", "prediction"]].min().min()) * 10 - 0.5) / 10
    both = {"range": [low, 1.02], **GRID}
    return shaped(
        traces,
        380,
        titled("r between the two experiments", **both),
        titled("r of the first\u2019s prediction with the second", **both),
        shapes=[line(low, low, 1, 1)],
        showlegend=True,
        legend={"font": {"size": 11}},
    )


def contrasts_figure(pairs: pd.DataFrame, names: dict[str, str]) -> go.Figure:
    """Draw r of contrasts against how much the samples differ, with intervals and ceilings.

    Parameters
    ----------
    pairs : DataFrame
        Rows of contrasts.tsv.
    names : dict
        Of tracks, by id.
    """
    colours = colours_of(pairs["assay"])
    traces: list[dict[str, Any]] = []
    for assay, rows in pairs.groupby("assay", sort=False):
        notes = [
            f"<b>{as_text(names.get(row.track, row.track))}</b><br>"
            f"over {as_text(names.get(row.other, row.other))}<br>"
            f"r of the contrast {interval(row.pearson, row.pearson_low, row.pearson_high)}<br>"
            f"ceiling {number(row.ceiling)} ({row.ceiling_of})<br>"
            f"{row.n_bins:,} masked bins of {row.bin:,} bp"
            for row in rows.itertuples()
        ]
        reach = {"type": "data", "symmetric": False, "thickness": 1}
        traces.append(
            {
                "type": "scatter", "mode": "markers", "name": str(assay),
                "x": rows["spread"].tolist(), "y": rows["pearson"].tolist(),
                "error_y": {
                    **reach,
                    "array": (rows["pearson_high"] - rows["pearson"]).tolist(),
                    "arrayminus": (rows["pearson"] - rows["pearson_low"]).tolist(),
                },
                "marker": {"size": 8, "color": colours[assay][0]},
                "hovertext": notes, "hoverinfo": "text",
            }
        )  # fmt: skip
    known = pairs[pairs["ceiling"].notna()]
    if len(known):
        traces.append(
            {
                "type": "scatter", "mode": "markers", "name": "ceiling: replicates",
                "x": known["spread"].tolist(), "y": known["ceiling"].tolist(),
                "marker": {"size": 12, "symbol": "line-ew-open", "color": INK},
                "hoverinfo": "skip",
            }
        )  # fmt: skip
    low = min(0.0, float(pairs["pearson_low"].min(skipna=True)) - 0.05)
    return shaped(
        traces,
        360,
        titled(
            "standard deviation of the experiments\u2019 log\u2082 ratio",
            rangemode="tozero",
            **GRID,
        ),
        titled("r of the contrast", range=[low, 1.02], **GRID),
        showlegend=True,
        legend={"font": {"size": 11}},
    )


def strata_figure(strata: pd.DataFrame) -> go.Figure:
    """Draw r of logarithms by distance and by expression: the median of every assay's tracks."""
    kinds = [kind for kind in _KIND if (strata["kind"] == kind).any()]
    colours = colours_of(strata["assay"])
    layout = base_layout(
        height=330, margin={"l": 8, "r": 12, "t": 30, "b": 60}, annotations=[], showlegend=True,
        hovermode="closest", legend={"font": {"size": 11}},
    )  # fmt: skip
    traces: list[dict[str, Any]] = []
    width = (1 - 0.08 * (len(kinds) - 1)) / len(kinds)
    for place, kind in enumerate(kinds):
        which = "" if place == 0 else str(place + 1)
        own = strata[strata["kind"] == kind].sort_values("place")
        order = list(dict.fromkeys(own["stratum"]))
        left = place * (width + 0.08)
        layout[f"xaxis{which}"] = axis(
            type="category", categoryorder="array", categoryarray=order,
            domain=[left, left + width], anchor=f"y{which}", automargin=True,
        )  # fmt: skip
        layout[f"yaxis{which}"] = axis(
            anchor=f"x{which}", automargin=True, **GRID,
            **titled("r of log(1 + x)" if place == 0 else ""),
        )  # fmt: skip
        layout["annotations"].append(heading(_KIND[kind], left + width / 2))
        for assay, rows in own.groupby("assay", sort=False):
            grouped = rows.groupby("place")
            median = grouped["pearson_log1p"].median()
            notes = [
                f"<b>{as_text(str(assay))}</b>, {group['stratum'].iloc[0]}<br>median r "
                f"{number(group['pearson_log1p'].median())} of {len(group):,} tracks, "
                f"{number(group['pearson_log1p'].min())} to {number(group['pearson_log1p'].max())}"
                f"<br>{int(group['n_bins'].median()):,} bins of {group['bin'].iloc[0]:,} bp"
                for _, group in grouped
            ]
            traces.append(
                {
                    "type": "scatter", "mode": "lines+markers", "name": str(assay),
                    "x": [group["stratum"].iloc[0] for _, group in grouped],
                    "y": median.tolist(), "line": {"color": colours[assay][0], "width": 1.5},
                    "marker": {"size": 7}, "hovertext": notes, "hoverinfo": "text",
                    "xaxis": f"x{which}", "yaxis": f"y{which}", "legendgroup": str(assay),
                    "showlegend": place == 0,
                }
            )  # fmt: skip
    return go.Figure({"data": traces, "layout": layout})


def ablation_figure(ablation: pd.DataFrame) -> go.Figure:
    """Draw r of logarithms against the reads that are left, a line a track.

    Parameters
    ----------
    ablation : DataFrame
        Rows of ablation.tsv with numbers, with `name`.
    """
    colours = colours_of(ablation["assay"])
    traces: list[dict[str, Any]] = []
    named: set[str] = set()
    for _, rows in ablation.groupby("track", sort=False):
        rows = rows.sort_values("reads")
        assay = str(rows["assay"].iloc[0])
        name = as_text(str(rows["name"].iloc[0]))
        for column, dash, what in (
            ("pearson_log1p", "solid", "prediction"),
            ("others_log1p", "dot", "other reads"),
        ):
            notes = [
                f"<b>{name}</b>, {share:.0%} of its reads<br>r of the {what} {number(r)}<br>"
                f"{reads:,.0f} reads in {n_bins:,} bins of {size:,} bp"
                for share, r, reads, n_bins, size in zip(
                    rows["share"], rows[column], rows["reads"], rows["n_bins"], rows["bin"],
                    strict=True,
                )
            ]  # fmt: skip
            traces.append(
                {
                    "type": "scatter", "mode": "lines+markers", "name": short(assay or "no assay"),
                    "x": rows["reads"].tolist(), "y": rows[column].tolist(),
                    "line": {"color": colours[assay][column != "pearson_log1p"], "width": 1.5,
                             "dash": dash},
                    "marker": {"size": 6 if dash == "solid" else 3},
                    "hovertext": notes, "hoverinfo": "text", "legendgroup": assay,
                    "showlegend": dash == "solid" and assay not in named,
                }
            )  # fmt: skip
        named.add(assay)
    return shaped(
        traces,
        360,
        titled("reads in the held-out bins", type="log", exponentformat="power", dtick=1, **GRID),
        titled("r of log(1 + x)", range=[min(0.0, float(ablation["pearson_log1p"].min())), 1.02],
               **GRID),
        showlegend=True,
        legend={"font": {"size": 11}},
    )  # fmt: skip


def _ticks(highest: float) -> list[int]:
    """Values on an axis of log10(1 + value): as many as it has room for."""
    fitting = [t for t in _VALUES if math.log10(1 + t) <= highest]
    return fitting[:: max(1, math.ceil(len(fitting) / 6))]
