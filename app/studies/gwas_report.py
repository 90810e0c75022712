"""A study of GWAS variants as one HTML file that stands alone."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from sighthound.app.evaluation.looks import COLOURS, GREY, GRID, interval, line, shaped, titled
from sighthound.app.evaluation.standalone import figure_html, standalone_html, table_html
from sighthound.app.figures.numbers import plain
from sighthound.app.figures.theme import as_text
from sighthound.core.files import write_text
from sighthound.core.tracks.bootstrap import Estimate

_CURVES = (
    ("predictions", "probability"),
    ("other predictor", "other_probability"),
    ("both", "joint_probability"),
)
_MOST_TRACKS = 20
_CHANCE = 0.5


def gwas_summary(table: pd.DataFrame, areas: Mapping[str, Estimate]) -> str:
    """Say in a few sentences what was found."""
    positives = int(table["label"].sum())
    own = areas["predictions"]
    words = (
        f"{positives:,} variants of the list and {len(table) - positives:,} matched negatives on "
        f"{table['chrom'].nunique():,} chromosomes. By predictions, on chromosomes that were not "
        f"learned from, AUROC {interval(own.value, own.low, own.high)}"
    )
    if np.isfinite(own.low):
        says = "do not tell them apart" if own.low <= _CHANCE <= own.high else (
            "tell them apart" if own.low > _CHANCE else "are worse than chance"
        )  # fmt: skip
        words += f": they {says}, as far as so many variants can say"
    for what in ("other predictor", "both"):
        if what in areas:
            one = areas[what]
            words += f"; {what} {interval(one.value, one.low, one.high)}"
    return f"{words}."


def roc_figure(table: pd.DataFrame, areas: Mapping[str, Estimate]) -> go.Figure:
    """Draw the share of positives found against that of negatives, at every threshold."""
    labels = table["label"].to_numpy(bool)
    traces = []
    for number, (what, column) in enumerate(_CURVES):
        if column not in table:
            continue
        x, y = _curve(table[column].to_numpy(), labels)
        area = areas[what]
        traces.append(
            {
                "type": "scatter", "mode": "lines", "x": x.tolist(), "y": y.tolist(),
                "name": f"{as_text(what)}, AUROC {interval(area.value, area.low, area.high)}",
                "line": {"color": COLOURS[number][0], "width": 2, "shape": "hv"},
                "hovertemplate": "negatives %{x:.2f}, positives %{y:.2f}"
                f"<extra>{as_text(what)}</extra>",
            }
        )  # fmt: skip
    return shaped(
        traces, 400,
        titled(
            "share of negatives", range=[0, 1], constrain="domain", constraintoward="left", **GRID
        ),
        titled("share of positives", range=[0, 1.01], scaleanchor="x", constrain="domain", **GRID),
        shapes=[line(0, 0, 1, 1)], showlegend=True,
        legend={"x": 0.45, "y": 0.02, "xanchor": "left", "yanchor": "bottom"},
    )  # fmt: skip


def _curve(scores: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(-scores, kind="stable")
    last = np.r_[np.diff(scores[order]) != 0, True]  # of those with the same score
    found = np.cumsum(labels[order])[last], np.cumsum(~labels[order])[last]
    return np.r_[0, found[1] / (~labels).sum()], np.r_[0, found[0] / labels.sum()]


def tracks_figure(tracks: pd.DataFrame) -> go.Figure:
    """Draw the AUROC of every track's effect alone, with its interval."""
    rows = tracks.head(_MOST_TRACKS)
    places = list(range(len(rows)))
    known = np.isfinite(rows["low"].to_numpy(np.float64))
    above, below = rows["high"] - rows["auroc"], rows["auroc"] - rows["low"]
    trace = {
        "type": "scatter", "mode": "markers", "x": rows["auroc"].tolist(), "y": places,
        "marker": {"size": 7, "color": COLOURS[0][0]},
        "error_x": {"type": "data", "symmetric": False, "thickness": 1.2, "width": 0,
                    "color": GREY, "array": np.where(known, above, 0).tolist(),
                    "arrayminus": np.where(known, below, 0).tolist()},
        "hovertext": [
            f"<b>{as_text(row.track)}</b><br>AUROC {interval(row.auroc, row.low, row.high)}"
            for row in rows.itertuples()
        ],
        "hoverinfo": "text",
    }  # fmt: skip
    return shaped(
        [trace], 22 * len(rows) + 90, titled("AUROC of the track's effect alone", **GRID),
        {"tickvals": places, "ticktext": [as_text(name) for name in rows["track"]],
         "range": [len(rows) - 0.4, -0.6], "ticks": "", "showline": False},
        shapes=[line(_CHANCE, -0.6, _CHANCE, len(rows) - 0.4)],
    )  # fmt: skip


def gwas_html(
    title: str,
    table: pd.DataFrame,
    areas: Mapping[str, Estimate],
    gains: Mapping[str, Estimate],
    tracks: pd.DataFrame,
    balance: pd.DataFrame,
    components: int,
    said: tuple[str, ...],
) -> str:
    """Make the report's HTML; it loads nothing.

    Parameters
    ----------
    table, areas, gains, tracks, balance, components, said
        Of a study and its fit.
    """
    every = {**areas, **gains}
    compared = [(what, interval(one.value, one.low, one.high)) for what, one in every.items()]
    alike = [
        (str(row.property), plain(row.positives), plain(row.all_others), plain(row.drawn))
        for row in balance.itertuples()
    ]
    parts = [
        f"<h1>{escape(title)}: do predictions tell its variants from others?</h1>",
        f"<p>{escape(gwas_summary(table, areas))}</p>",
        '<h2 id="roc">Positives found, against negatives</h2>',
        f"<p>A variant's features are its largest absolute log2 ratios on {len(tracks):,} tracks; "
        f"{components:,} principal components of them go into a logistic regression, which is "
        "fitted without the chromosome that it scores. Intervals are 95 %, over "
        "neighbourhoods.</p>",
        figure_html(roc_figure(table, areas), "roc"),
        table_html(("what", "AUROC, or how much larger"), compared, {1}),
        '<h2 id="balance">How alike negatives are</h2>',
        "<p>Differences of means from that of the positives, in their standard deviations.</p>",
        table_html(
            ("property", "mean of positives", "all that may be negatives", "those drawn"),
            alike,
            {1, 2, 3},
        ),
        '<h2 id="tracks">Track by track</h2>',
        f"<p>The {min(_MOST_TRACKS, len(tracks)):,} of {len(tracks):,} with the largest AUROC; the "
        "largest of many is optimistic.</p>",
        figure_html(tracks_figure(tracks), "tracks"),
        '<h2 id="read">What was read</h2>'
        f"<ul>{''.join(f'<li>{escape(words)}</li>' for words in said)}</ul>",
    ]
    return standalone_html(title, parts)


def write_gwas_page(file: Path, title: str, **parts: object) -> None:
    """Write the report of a study."""
    write_text(file, gwas_html(title, **parts))  # type: ignore[arg-type]
