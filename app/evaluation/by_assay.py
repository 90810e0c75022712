"""Numbers of tracks by assay: accuracy (Fig. 2B), levels, peaks (Fig. S1)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from sighthound.app.evaluation.looks import (
    GRID,
    colours_of,
    heading,
    interval,
    number,
    short,
    titled,
)
from sighthound.app.figures.theme import INK, MUTED, as_text, axis, base_layout

_MOST_POINTS = 400  # that a column of boxes draws one by one
_BOXED = 6  # points from which a box is drawn, too
_ROW = 34  # pixels an assay
_LEVELS = (0.1, 0.25, 0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 4, 10)
Words = Callable[[Any], str]


def accuracy_figure(tracks: pd.DataFrame) -> go.Figure:
    """Draw r of logarithms, r and R2 of every track by assay, beside ceilings.

    Parameters
    ----------
    tracks : DataFrame
        Rows of tracks.tsv of one size of bins and one region, with `assay` and `name`.
    """

    def words(row: Any) -> str:
        lines = [
            f"<b>{as_text(row.name_)}</b>",
            f"r of log(1 + x) {_estimate(row, 'pearson_log1p')}",
            f"r {_estimate(row, 'pearson')}",
            f"R\u00b2 {_estimate(row, 'r2')}",
            f"ceiling {ceiling_words(row)}",
            f"{row.n_bins:,} bins of {row.bin:,} bp",
        ]
        return "<br>".join(lines)

    return _columns(
        tracks,
        [
            ("pearson_log1p", "r of log(1 + x)", "ceiling_log1p"),
            ("pearson", "r", "ceiling"),
            ("r2", "R\u00b2", ""),
        ],
        words,
        mark="ceiling of replicates",
    )


def level_figure(tracks: pd.DataFrame) -> go.Figure:
    """Draw the level of every track by assay, on a scale of logarithms."""

    def words(row: Any) -> str:
        return (
            f"<b>{as_text(row.name_)}</b><br>mean of the prediction / of the experiment "
            f"{_estimate(row, 'level')}<br>"
            f"{number(row.prediction_mean, 3)} / {number(row.experiment_mean, 3)} a bin of "
            f"{row.bin:,} bp<br>{row.n_bins:,} bins"
        )

    figure = _columns(tracks, [("level", "predicted / measured mean", "")], words)
    known = tracks["level"].dropna()
    low, high = min(0.7, known.min() * 0.9), max(1.4, known.max() * 1.1)
    ticks = [tick for tick in _LEVELS if low < tick < high]
    figure.update_xaxes(
        type="log", tickvals=ticks, ticktext=[f"{t:g}" for t in ticks],
        range=[math.log10(low), math.log10(high)],
    )  # fmt: skip
    figure.add_vrect(x0=0.95, x1=1.05, fillcolor="#e3e8ee", line_width=0, layer="below")
    return figure


def peaks_figure(peaks: pd.DataFrame) -> go.Figure:
    """Draw AUPRC and AUROC of peaks by assay, beside what chance gives."""

    def words(row: Any) -> str:
        return (
            f"<b>{as_text(row.name_)}</b><br>AUPRC {number(row.auprc)}, by chance "
            f"{number(row.share)}<br>AUROC {number(row.auroc)}<br>{row.peaks:,} peaks of "
            f"{row.n_bins:,} bins of {row.bin:,} bp"
        )

    return _columns(
        peaks.assign(chance=0.5),
        [("auprc", "AUPRC of peaks", "share"), ("auroc", "AUROC of peaks", "chance")],
        words,
        mark="by chance",
    )


def effects_figure(effects: pd.DataFrame) -> go.Figure:
    """Draw by assay how far networks agree on effects of single changes.

    Parameters
    ----------
    effects : DataFrame
        effects.tsv, with `assay` and `name`.
    """

    def words(row: Any) -> str:
        return (
            f"<b>{as_text(row.name_)}</b><br>Spearman of two networks "
            f"{_estimate(row, 'spearman')}<br>of a network and the model "
            f"{number(row.model_spearman)}<br>one sign in {row.same_sign:.0%}, known "
            f"{row.known:.0%} of {row.variants:,} changes<br>deviation of networks / size of an "
            f"effect {number(row.spread)}"
        )

    return _columns(
        effects,
        [
            ("spearman", "Spearman of two networks", ""),
            ("same_sign", "share of one sign", ""),
            ("known", "share known", ""),
        ],
        words,
    )


def ceiling_words(row: Any) -> str:
    """What replicates allow of a track, for a note."""
    if row.ceiling_of.startswith("no "):
        return f"not known: {row.ceiling_of}"
    return f"{number(row.ceiling_log1p)} (log), {number(row.ceiling)}, of {row.ceiling_of}"


def _estimate(row: Any, measure: str) -> str:
    return interval(*(getattr(row, measure + end) for end in ("", "_low", "_high")))


def _columns(
    table: pd.DataFrame,
    measures: Sequence[tuple[str, str, str]],
    words: Words,
    mark: str = "",
) -> go.Figure:
    """Draw a measure a column, an assay a row; a measure may have a column of marks."""
    assays = list(dict.fromkeys(table["assay"]))
    colours = colours_of(assays)
    count = len(measures)
    gap = 0.04
    width = (1 - gap * (count - 1)) / count
    traces: list[dict[str, Any]] = []
    layout = base_layout(
        height=_ROW * len(assays) + 92,
        margin={"l": 8, "r": 12, "t": 26, "b": 42},
        annotations=[],
        boxgap=0.35,
        hovermode="closest",
    )
    by_assay = {assay: table[table["assay"] == assay] for assay in assays}
    for place, (measure, label, marks) in enumerate(measures):
        which = "" if place == 0 else str(place + 1)
        left = place * (width + gap)
        layout[f"xaxis{which}"] = axis(
            domain=[left, left + width], anchor=f"y{which}", nticks=6, automargin=True,
            range=[min(0.0, float(table[measure].min()) - 0.05), 1.01], **titled(label), **GRID,
        )  # fmt: skip
        layout[f"yaxis{which}"] = axis(
            anchor=f"x{which}", type="category", autorange="reversed", ticks="",
            tickvals=assays, ticktext=[short(a or "no assay given") for a in assays],
            categoryorder="array", categoryarray=assays, showline=False, automargin=True,
            showticklabels=place == 0, tickfont={"size": 11.5, "color": INK},
        )  # fmt: skip
        for assay, rows in by_assay.items():
            rows = rows[rows[measure].notna()]
            if rows.empty:
                continue
            notes = [words(row) for row in rows.rename(columns={"name": "name_"}).itertuples()]
            traces.append(
                {
                    "type": "box", "orientation": "h", "x": rows[measure].tolist(),
                    "y": [assay] * len(rows), "xaxis": f"x{which}", "yaxis": f"y{which}",
                    "boxpoints": "all" if len(table) <= _MOST_POINTS else "outliers",
                    "jitter": 0.5, "pointpos": 0, "hoveron": "points", "hovertext": notes,
                    "hoverinfo": "text",
                    # A box of a few points would look like more than they are.
                    "line": {"width": 1 if len(rows) >= _BOXED else 0, "color": colours[assay][0]},
                    "fillcolor": "rgba(0,0,0,0)",
                    "marker": {"size": 6, "color": colours[assay][0], "opacity": 0.85},
                }
            )  # fmt: skip
            known = rows[rows[marks].notna()] if marks else rows[:0]
            if len(known):
                traces.append(
                    {
                        "type": "scatter", "mode": "markers", "x": known[marks].tolist(),
                        "y": [assay] * len(known), "xaxis": f"x{which}", "yaxis": f"y{which}",
                        "marker": {
                            "symbol": "line-ns-open", "size": 14, "color": MUTED,
                            "line": {"width": 1.5},
                        },
                        "hovertext": [
                            f"{mark} {number(value)}<br>{as_text(str(name))}"
                            for value, name in zip(known[marks], known["name"], strict=True)
                        ],
                        "hoverinfo": "text",
                    }
                )  # fmt: skip
    if any(marks and table[marks].notna().any() for *_, marks in measures):
        layout["annotations"] = [
            heading(f"<span style='color:{MUTED}'>|</span> {mark}", 1.0) | {"xanchor": "right"}
        ]
    return go.Figure({"data": traces, "layout": layout})
