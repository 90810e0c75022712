"""Figures of genes at their starts: Fig. 3A to 3D, S5, S6."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from sighthound.app.evaluation.looks import (
    GREY,
    GRID,
    colours_of,
    heading,
    interval,
    line,
    number,
    pair_name,
    shaped,
    short,
    titled,
)
from sighthound.app.figures.theme import DIVERGING, INK, MUTED, as_text, axis, base_layout

_EXPERIMENT, _PREDICTION = "#0b5c97", "#86bce2"
_ROW = 22
_MOST_ROWS = 60
_MOST_NAMED = 40  # columns of a heat map
_CLIPPED = 98  # percentile of sizes at which the colours of a heat map end


def expression_figure(genes: pd.DataFrame) -> go.Figure:
    """Draw r over genes, and over those with signal, of every column, the best first."""
    rows = genes[genes["pearson"].notna()].sort_values("pearson")
    rows = rows[-_MOST_ROWS:]
    names = [short(pair_name(column)) for column in rows["column"]]
    notes = [_expression_note(row) for row in rows.itertuples()]
    places = list(range(len(rows)))
    traces = [
        _dots(rows["pearson"], places, notes, "all genes", _EXPERIMENT, "circle", rows),
        _dots(
            rows["pearson_nonzero"], places, notes, "genes with signal", "#b0530c", "diamond-open"
        ),
        _dots(rows["ceiling"], places, notes, "ceiling of replicates", MUTED, "line-ns-open"),
    ]
    return shaped(
        traces,
        _ROW * len(rows) + 110,
        titled("r of log\u2082(1 + value) over genes", **GRID),
        {"tickvals": places, "ticktext": names, "ticks": "", "range": [-0.7, len(rows) - 0.3]},
        showlegend=True,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "font": {"size": 11}},
        margin={"l": 8, "r": 12, "t": 34, "b": 46},
    )


def _expression_note(row: Any) -> str:
    nonzero = interval(row.pearson_nonzero, row.pearson_nonzero_low, row.pearson_nonzero_high)
    lines = [
        f"<b>{as_text(row.column)}</b> ({as_text(row.assay)})",
        f"r over {row.n_genes:,} genes {interval(row.pearson, row.pearson_low, row.pearson_high)}",
        f"over {row.n_nonzero:,} with signal {nonzero}",
        f"ceiling {number(row.ceiling)}, of {row.ceiling_of}"
        if math.isfinite(row.ceiling)
        else f"ceiling not known: {row.ceiling_of}",
        f"starts in bins of {row.bin:,} bp",
    ]
    return "<br>".join(lines)


def _dots(
    values: pd.Series, places: list[int], notes: list[str], name: str, colour: str, symbol: str,
    rows: pd.DataFrame | None = None,
) -> dict[str, Any]:  # fmt: skip
    dots: dict[str, Any] = {
        "type": "scatter", "mode": "markers", "name": name, "x": values.tolist(), "y": places,
        "marker": {"size": 9, "color": colour, "symbol": symbol, "line": {"width": 1.5}},
        "hovertext": notes, "hoverinfo": "text",
    }  # fmt: skip
    if rows is not None:
        dots["error_x"] = {
            "type": "data", "symmetric": False, "thickness": 1, "width": 0, "color": colour,
            "array": (rows["pearson_high"] - rows["pearson"]).fillna(0).tolist(),
            "arrayminus": (rows["pearson"] - rows["pearson_low"]).fillna(0).tolist(),
        }  # fmt: skip
    return dots


def depth_figure(genes: pd.DataFrame) -> go.Figure:
    """Draw r over genes against the depth of the experiment."""
    rows = genes[genes["pearson"].notna() & (genes["depth"] > 0)]
    colours = colours_of(rows["assay"])
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter", "mode": "markers", "name": str(assay) or "no assay given",
            "x": own["depth"].tolist(), "y": own["pearson"].tolist(),
            "marker": {"size": 8, "color": colours[assay][0]},
            "hovertext": [
                f"<b>{as_text(row.column)}</b><br>r {number(row.pearson)}<br>sum of its held-out "
                f"values {row.depth:,.0f}"
                for row in own.itertuples()
            ],
            "hoverinfo": "text",
        }
        for assay, own in rows.groupby("assay", sort=False)
    ]  # fmt: skip
    return shaped(
        traces,
        330,
        titled(
            "sum of the experiment\u2019s held-out values",
            type="log",
            tickvals=_ticks(rows["depth"]),
            **GRID,
        ),
        titled("r over genes", **GRID),
        showlegend=True,
        legend={"font": {"size": 11}},
    )


def heat_map_figure(heat: pd.DataFrame) -> go.Figure:
    """Draw measured and predicted profiles in the order of the measured dendrograms."""
    by_gene = heat.drop_duplicates("gene_place").sort_values("gene_place")
    by_column = heat.drop_duplicates("column_place").sort_values("column_place")
    columns = by_column["column"].tolist()
    # Names of an axis are told apart, and several genes may have one name.
    rows = [
        f"{row.name_} ({row.gene}), cluster {row.cluster + 1}, "
        f"predicted {row.predicted_cluster + 1}"
        for row in by_gene.rename(columns={"name": "name_"}).itertuples()
    ]
    limit = float(np.percentile(np.abs(heat["experiment"]), _CLIPPED)) or 1.0
    layout = base_layout(
        height=560, margin={"l": 8, "r": 12, "t": 30, "b": 40}, annotations=[], hovermode="closest"
    )
    bar = {"text": "log\u2082, around the<br>gene\u2019s mean", "font": {"size": 11}}
    traces: list[dict[str, Any]] = []
    for place, kind in enumerate(("experiment", "prediction")):
        which = "" if place == 0 else str(place + 1)
        matrix = heat.pivot_table(index="gene_place", columns="column_place", values=kind)
        left = place * 0.53
        layout[f"xaxis{which}"] = axis(
            domain=[left, left + 0.47], anchor=f"y{which}", ticks="", automargin=True,
            type="category", tickvals=columns,
            ticktext=[short(pair_name(name)) for name in columns],
            tickangle=-50, showline=False, showticklabels=len(columns) <= _MOST_NAMED,
        )  # fmt: skip
        layout[f"yaxis{which}"] = axis(
            anchor=f"x{which}", type="category", showticklabels=False, ticks="", showline=False,
            automargin=True, **titled(f"{len(by_gene):,} genes" if place == 0 else ""),
        )  # fmt: skip
        layout["annotations"].append(heading(kind, left + 0.235))
        traces.append(
            {
                "type": "heatmap", "z": matrix.sort_index().sort_index(axis=1).to_numpy(),
                "x": columns, "y": [as_text(row) for row in rows],
                "zmin": -limit, "zmax": limit, "zmid": 0, "colorscale": DIVERGING,
                "xaxis": f"x{which}", "yaxis": f"y{which}", "showscale": place == 1,
                "colorbar": {
                    "title": bar, "thickness": 12, "len": 0.5,
                    "tickfont": {"size": 11, "color": MUTED},
                },
                "hovertemplate": f"<b>%{{y}}</b><br>%{{x}}<br>{kind} %{{z:.2f}}<extra></extra>",
            }
        )  # fmt: skip
    return go.Figure({"data": traces, "layout": layout})


def variation_figure(variation: pd.DataFrame) -> go.Figure:
    """Draw the error of prediction by quarter of variation, beside that of the gene's mean."""
    labels = [
        f"{row.variation_low:.2f} to {row.variation_high:.2f}" for row in variation.itertuples()
    ]
    notes = [
        f"quarter {row.quartile}, {row.genes:,} genes<br>mean squared error {number(row.error, 3)}"
        f"<br>half of the genes {number(row.error_25, 3)} to {number(row.error_75, 3)}<br>"
        f"of the gene\u2019s own mean {number(row.error_of_mean, 3)}<br>median r over experiments "
        f"{number(row.pearson)}"
        for row in variation.itertuples()
    ]
    traces: list[dict[str, Any]] = [
        {
            "type": "bar", "name": name, "x": labels, "y": variation[column].tolist(),
            "marker": {"color": colour}, "hovertext": notes, "hoverinfo": "text", "width": 0.36,
        }
        for name, column, colour in (
            ("prediction", "error", _EXPERIMENT),
            ("the gene\u2019s measured mean, everywhere", "error_of_mean", GREY),
        )
    ]  # fmt: skip
    return shaped(
        traces,
        320,
        titled("sd / mean of a gene over experiments, in quarters of the genes"),
        titled("mean squared error, log\u2082", **GRID),
        barmode="group",
        showlegend=True,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "font": {"size": 11}},
    )


def gene_correlations_figure(correlations: pd.DataFrame) -> go.Figure:
    """Draw how r over experiments is distributed over genes, and with another gene's prediction."""
    edges = {"start": -1.0, "end": 1.0, "size": 0.1}
    traces: list[dict[str, Any]] = [
        {
            "type": "histogram", "name": name, "x": correlations[column].dropna().tolist(),
            "xbins": edges, "marker": {"color": colour}, "opacity": 0.75,
            "hovertemplate": "r %{x}: %{y:,} genes<extra></extra>",
        }
        for name, column, colour in (
            ("the gene\u2019s own prediction", "pearson", _EXPERIMENT),
            ("that of another gene, drawn at random", "pearson_other", GREY),
        )
    ]  # fmt: skip
    median = float(correlations["pearson"].median())
    top = {"yref": "paper", "line": {"color": INK, "width": 1, "dash": "dash"}}
    return shaped(
        traces,
        320,
        titled("r over experiments, a gene", range=[-1.02, 1.02]),
        titled("genes", **GRID),
        barmode="overlay",
        shapes=[line(median, 0, median, 1) | top],
        showlegend=True,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "font": {"size": 11}},
    )


def examples_figure(values: pd.DataFrame, correlations: pd.DataFrame) -> go.Figure:
    """Draw the genes at the 95th, 75th, 50th and 25th percentile of r over experiments.

    Parameters
    ----------
    values : DataFrame
        gene_values.parquet; only columns of the heat map count.
    """
    shown = correlations[correlations["example"] > 0].sort_values("example", ascending=False)
    layout = base_layout(
        height=370, margin={"l": 8, "r": 12, "t": 78, "b": 40}, annotations=[], showlegend=True,
        barmode="group", hovermode="closest",
        legend={
            "orientation": "h", "y": 1, "yanchor": "top", "yref": "container", "x": 0,
            "font": {"size": 11},
        },
    )  # fmt: skip
    traces: list[dict[str, Any]] = []
    gap = 0.05
    width = (1 - gap * (len(shown) - 1)) / max(1, len(shown))
    for place, gene in enumerate(shown.itertuples()):
        which = "" if place == 0 else str(place + 1)
        own = values[values["gene"] == gene.gene]
        names = [short(pair_name(column)) for column in own["column"]]
        left = place * (width + gap)
        layout[f"xaxis{which}"] = axis(
            domain=[left, left + width], anchor=f"y{which}", tickangle=-50, automargin=True,
            type="category", showticklabels=len(names) <= 24,
        )  # fmt: skip
        layout[f"yaxis{which}"] = axis(
            anchor=f"x{which}", automargin=True, **GRID,
            **titled("log\u2082(1 + value)" if place == 0 else ""),
        )  # fmt: skip
        r = number(gene.pearson)
        words = f"<b>{short(str(gene.name))}</b><br>{gene.example}th percentile, r {r}"
        layout["annotations"].append(heading(words, left + width / 2))
        for kind, colour in (("experiment", _EXPERIMENT), ("prediction", _PREDICTION)):
            traces.append(
                {
                    "type": "bar", "name": kind, "x": names, "y": own[kind].tolist(),
                    "marker": {"color": colour}, "xaxis": f"x{which}", "yaxis": f"y{which}",
                    "legendgroup": kind, "showlegend": place == 0,
                    "hovertemplate": f"%{{x}}<br>{kind} %{{y:.2f}}<extra></extra>",
                }
            )  # fmt: skip
    return go.Figure({"data": traces, "layout": layout})


def _ticks(values: pd.Series) -> list[float]:
    """Values on an axis of logarithms: 1, 2 and 5 of every power of ten, or 1 alone of many."""
    low, high = (math.floor(math.log10(end)) for end in (values.min(), values.max()))
    steps = (1, 2, 5) if high - low < 2 else (1,)
    return [step * 10.0**power for power in range(low, high + 2) for step in steps]
