"""Figures of a study of eQTL: small ones of one kind beside one another, a cell a sample."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from scipy.stats import beta

from sighthound.app.evaluation.looks import COLOURS, GRID, heading, interval, line, titled
from sighthound.app.figures.theme import MUTED, as_text, axis, base_layout
from sighthound.core.expression.study import MEAN, SHUFFLED, TURNED

TOP = 5  # the highest quantile
_COLOURS = tuple(dark for dark, _ in COLOURS)
_Cell = tuple[str, list[dict[str, Any]]]  # a head, and what is drawn
FEWEST = 20  # significant pairs, below which a share is not drawn
_CHANCE = "#d9dfe6"
_MOST = 6  # samples that are drawn; tables have all
_LEGEND: dict[str, Any] = {
    "showlegend": True,
    "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "top",
               "yref": "container", "font": {"size": 11.5}},
}  # fmt: skip


def interval_of(row: Any, name: str) -> str:
    """Write an estimate of a table's row: NAME with NAME_low and NAME_high."""
    return interval(*(getattr(row, f"{name}{end}") for end in ("", "_low", "_high")))


def _grid(
    cells: Sequence[_Cell],
    columns: int,
    x: dict[str, Any],
    y: dict[str, Any],
    *,
    row_height: int = 250,
    shapes: Sequence[dict[str, Any]] = (),
    shapes_of: Sequence[Sequence[dict[str, Any]]] = (),
    has_legend: bool = False,
) -> go.Figure:
    """Small figures of one kind beside and below one another, each with a head.

    Parameters
    ----------
    cells : sequence of (str, list of traces)
    x, y : dict
        Settings of every axis; titles are written at the left and below alone.
    shapes, shapes_of : sequences of dict
        Of all cells, and of each, in values of its axes.
    """
    across = min(columns, len(cells))
    down = -(-len(cells) // across)
    gap_x, gap_y = 0.07, (70 / (row_height * down) if down > 1 else 0.0)
    width, height = (1 - gap_x * (across - 1)) / across, (1 - gap_y * (down - 1)) / down
    layout = base_layout(
        height=row_height * down + 82, margin={"l": 8, "r": 12, "t": 52, "b": 48}, shapes=[],
        annotations=[], hovermode="closest", **(_LEGEND if has_legend else {}),
    )  # fmt: skip
    traces = []
    for place, (name, own) in enumerate(cells):
        which = "" if place == 0 else str(place + 1)
        row, column = divmod(place, across)
        left, bottom = column * (width + gap_x), 1 - (row + 1) * height - row * gap_y
        is_last = place + across >= len(cells)
        layout[f"xaxis{which}"] = axis(
            **{**x, "domain": [left, left + width], "anchor": f"y{which}", "automargin": True},
            **titled(x.get("name", "") if is_last else ""), **GRID,
        )  # fmt: skip
        layout[f"yaxis{which}"] = axis(
            **{**y, "domain": [bottom, bottom + height], "anchor": f"x{which}",
               "automargin": True},
            **titled(y.get("name", "") if column == 0 else ""), **GRID,
        )  # fmt: skip
        for key in ("xaxis", "yaxis"):
            layout[f"{key}{which}"].pop("name", None)
        layout["annotations"].append(
            heading(f"<b>{as_text(name)}</b>", left + width / 2, bottom + height)
        )
        placed = {"xref": f"x{which}", "yref": f"y{which}"}
        layout["shapes"] += [shape | placed for shape in shapes]
        if shapes_of:
            layout["shapes"] += [shape | placed for shape in shapes_of[place]]
        traces += [{**trace, "xaxis": f"x{which}", "yaxis": f"y{which}"} for trace in own]
    return go.Figure({"data": traces, "layout": layout})


def _drawn(table: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(table["sample"]))[:_MOST]


def qq_figure(shuffles: pd.DataFrame, fits: pd.DataFrame) -> go.Figure:
    """Draw P of shuffled SED against P of nothing, a cell a sample and regression."""
    cells: list[_Cell] = []
    shapes = []
    for sample in _drawn(shuffles):
        for model, own in shuffles[shuffles["sample"] == sample].groupby("model", sort=False):
            traces = []
            for null, colour in ((SHUFFLED, _COLOURS[0]), (TURNED, _COLOURS[1])):
                p = np.sort(own.loc[own["null"] == null, "p"].dropna().to_numpy())
                ranks = np.arange(1, len(p) + 1)
                expected = -np.log10((ranks - 0.5) / max(1, len(p)))
                if null == SHUFFLED:
                    ends = [
                        -np.log10(beta.ppf(q, ranks, len(p) + 1 - ranks)) for q in (0.025, 0.975)
                    ]
                    traces.append(
                        {
                            "type": "scatter", "mode": "lines", "fill": "toself",
                            "x": np.concatenate((expected, expected[::-1])).tolist(),
                            "y": np.concatenate((ends[0], ends[1][::-1])).tolist(),
                            "line": {"width": 0}, "fillcolor": "rgba(154,165,177,0.25)",
                            "hoverinfo": "skip",
                        }
                    )  # fmt: skip
                traces.append(
                    {
                        "type": "scatter", "mode": "markers", "name": null,
                        "x": expected.tolist(), "y": (-np.log10(np.maximum(p, 1e-300))).tolist(),
                        "marker": {"size": 4, "color": colour, "opacity": 0.75},
                        "hovertemplate": f"{null}<br>\u2212log\u2081\u2080 P %{{y:.2f}}, of "
                        "nothing %{x:.2f}<extra></extra>",
                    }
                )  # fmt: skip
            cells.append((f"{sample}: {model}", traces))
            real = fits[(fits["sample"] == sample) & (fits["model"] == model)]["p"].iloc[0]
            end = -math.log10(0.5 / max(1, len(p)))
            seen = -math.log10(max(real, 1e-300))
            shapes.append(
                [
                    line(0, 0, end, end),
                    line(0, seen, end, seen)
                    | {"line": {"color": MUTED, "width": 1.5, "dash": "dot"}},
                ]
            )
    return _grid(
        cells, 2, {"name": "\u2212log\u2081\u2080 P of nothing", "rangemode": "tozero"},
        {"name": "\u2212log\u2081\u2080 P found", "rangemode": "tozero"}, shapes_of=shapes,
    )  # fmt: skip


def _with_intervals(
    x: Sequence[Any], rows: pd.DataFrame, name: str, colour: str, words: Sequence[str], label: str
) -> dict[str, Any]:
    """Points with the ends of their intervals."""
    value = rows[name].to_numpy(float)
    above, below = (
        np.nan_to_num(np.abs(rows[f"{name}{end}"].to_numpy(float) - value))
        for end in ("_high", "_low")
    )
    return {
        "type": "scatter", "mode": "markers", "name": as_text(label), "x": list(x),
        "y": value.tolist(), "marker": {"size": 7, "color": colour}, "cliponaxis": False,
        "hovertext": list(words), "hoverinfo": "text",
        "error_y": {
            "type": "data", "symmetric": False, "thickness": 1.2, "width": 0, "color": colour,
            "array": above.tolist(), "arrayminus": below.tolist(),
        },
    }  # fmt: skip


def _note(name: str, words: str, row: Any, measure: str) -> str:
    return f"<b>{as_text(name)}</b><br>{as_text(words)}<br>{interval_of(row, measure)}"


def _enrichments(rows: pd.DataFrame, places: Sequence[float], has_legend: bool) -> list[Any]:
    """Points of a sample's enrichment, each regression beside the other, over what chance gives.

    Parameters
    ----------
    rows : DataFrame
    places : sequence of float
        Where on the axis each of the rows is.
    """
    traces = []
    at = pd.Series(places, rows.index)
    for shift, (model, own) in enumerate(rows.groupby("model", sort=False)):
        x = (at[own.index] + 0.2 * shift - 0.1).tolist()
        notes = [
            _note(f"beside {model}", f"{row.significant:,} of {row.pairs:,} significant", row,
                  "enrichment") + f"<br>of shuffled SED {interval_of(row, 'chance')}"
            for row in own.itertuples()
        ]  # fmt: skip
        chance = _with_intervals(x, own, "chance", _CHANCE, notes, "shuffled SED")
        chance["marker"]["opacity"] = 0
        chance["error_y"]["thickness"] = 9
        found = _with_intervals(x, own, "enrichment", _COLOURS[shift], notes, f"beside {model}")
        traces += [
            chance | {"showlegend": False},
            found | {"showlegend": has_legend, "legendgroup": model},
        ]
    return traces


def enrichment_figure(rows: pd.DataFrame) -> go.Figure:
    """Draw the enrichment of significant eQTL in each quantile, a cell a sample."""
    cells: list[_Cell] = []
    for sample in _drawn(rows):
        own = rows[rows["sample"] == sample]
        cells.append((sample, _enrichments(own, own["quantile"].tolist(), not cells)))
    return _grid(
        cells, 3, {"name": "quantile of what |SED-LD| adds", "tickvals": [1, 2, 3, 4, 5],
                   "range": [0.5, 5.5]},
        {"name": "enrichment of significant eQTL", "rangemode": "tozero"},
        shapes=[line(0.5, 1, 5.5, 1)], has_legend=True,
    )  # fmt: skip


def distance_figure(rows: pd.DataFrame) -> go.Figure:
    """Draw the enrichment of the highest quantile by distance, a cell a sample."""
    of_all = rows[(rows["quantile"] == 0) & (rows["significant"] >= FEWEST)]
    keys = ["sample", "model", "distance"]
    top = rows[rows["quantile"] == TOP].merge(of_all[keys], on=keys)
    names = [name for name in dict.fromkeys(rows["distance"]) if name in set(top["distance"])]
    cells: list[_Cell] = []
    for sample in _drawn(top):
        own = top[top["sample"] == sample]
        places = [float(names.index(name)) for name in own["distance"]]
        cells.append((sample, _enrichments(own, places, not cells)))
    return _grid(
        cells, 2, {"name": "distance from the start", "tickvals": list(range(len(names))),
                   "ticktext": [as_text(name).replace("\u2013", "\u2013<br>") for name in names],
                   "tickangle": 0, "range": [-0.6, len(names) - 0.4]},
        {"name": "enrichment of the fifth quantile", "rangemode": "tozero"}, row_height=280,
        shapes=[line(-0.6, 1, len(names) - 0.4, 1)], has_legend=True,
    )  # fmt: skip


def signs_figure(rows: pd.DataFrame) -> go.Figure:
    """Draw the share of right signs in each quantile, a cell a sample."""
    cells: list[_Cell] = []
    for sample in _drawn(rows):
        own = rows[(rows["sample"] == sample) & (rows["quantile"] > 0)]
        notes = [
            _note(sample, f"quantile {row.quantile}: {row.same_sign:,} of {row.significant:,}", row,
                  "share")
            for row in own.itertuples()
        ]  # fmt: skip
        x = own["quantile"].tolist()
        cells.append((sample, [_with_intervals(x, own, "share", _COLOURS[0], notes, sample)]))
    return _grid(
        cells, 3, {"name": "quantile of |SED-LD|", "tickvals": [1, 2, 3, 4, 5],
                   "range": [0.5, 5.5]},
        {"name": "share of right signs", "range": [0, 1]}, shapes=[line(0.5, 0.5, 5.5, 0.5)],
    )  # fmt: skip


def haplotypes_figure(rows: pd.DataFrame) -> go.Figure:
    """Draw Spearman's r of each readout, by experiment and group of genes."""
    readouts = list(dict.fromkeys(rows["readout"]))
    cells: list[_Cell] = []
    for experiment, own in rows.groupby("experiment", sort=False):
        groups = list(dict.fromkeys(own["group"]))
        traces = []
        for shift, readout in enumerate(readouts):
            part = own[own["readout"] == readout]
            notes = [
                _note(readout, f"{row.group}: {row.n:,} genes", row, "spearman")
                for row in part.itertuples()
            ]
            step = 0.14 * (shift - (len(readouts) - 1) / 2)
            x = [groups.index(name) + step for name in part["group"]]
            colour = _COLOURS[shift % len(_COLOURS)]
            traces.append(
                _with_intervals(x, part, "spearman", colour, notes, readout)
                | {"showlegend": not cells, "legendgroup": readout}
            )
        cells.append((str(experiment), traces))
    groups = list(dict.fromkeys(rows["group"]))
    return _grid(
        cells, 2, {"tickvals": list(range(len(groups))),
                   "ticktext": [as_text(name) for name in groups],
                   "range": [-0.6, len(groups) - 0.4]},
        {"name": "Spearman r"}, row_height=280, shapes=[line(-0.6, 0, len(groups) - 0.4, 0)],
        has_legend=True,
    )  # fmt: skip


def genes_figure(rows: pd.DataFrame) -> go.Figure:
    """Draw measured against predicted effects on genes, a cell an experiment."""
    readout = rows.columns[-1]
    unit = "standard deviations" if readout == MEAN else "log\u2082"
    groups = sorted(set(rows["group"]))
    cells: list[_Cell] = []
    for experiment, own in rows.groupby("experiment", sort=False):
        traces = []
        for place, group in enumerate(groups):
            part = own[(own["group"] == group) & own[readout].notna()]
            traces.append(
                {
                    "type": "scatter", "mode": "markers", "name": as_text(group),
                    "x": part[readout].tolist(), "y": part["effect"].tolist(),
                    "text": [
                        as_text(f"{name} ({gene})")
                        for name, gene in zip(part["name"], part["gene"], strict=True)
                    ],
                    "marker": {"size": 4, "opacity": 0.65,
                               "color": _COLOURS[place % len(_COLOURS)]},
                    "hovertemplate": "%{text}<br>measured %{y:.3g}, predicted %{x:.3g}"
                    "<extra></extra>",
                    "showlegend": not cells and len(groups) > 1, "legendgroup": group,
                }
            )  # fmt: skip
        cells.append((str(experiment), traces))
    return _grid(
        cells, 2, {"name": f"predicted: {as_text(readout)} ({unit})"},
        {"name": "measured (log\u2082)"}, row_height=320, has_legend=True,
    )  # fmt: skip
