"""A table of scored variants as pictures: effects across the genome, and the largest of them.

Points carry their variant and track as `customdata`, which the page opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from sighthound.app.figures.numbers import plain, signed
from sighthound.app.figures.theme import (
    DOUBTED,
    INK,
    MUTED,
    as_text,
    axis,
    axis_title,
    base_layout,
)
from sighthound.core.interpretation.scores import VariantScore
from sighthound.core.project.signs import TOLD

if TYPE_CHECKING:
    import pandas as pd

RAISES, LOWERS = "#0067a8", "#cc4d00"
MOST_POINTS = 4_000
MOST_BARS = 25
HEIGHT = 440  # pixels
_LETTERS = 34  # of a variant's name
_LINE = 17  # pixels
_FEW = 12  # chromosomes whose names fit below the axis
# Of a score (`core.interpretation.scores`), in words; assets/variants/rows.js has the same.
_UNITS = {
    "log2": "log\u2082",
    "track": "the track\u2019s unit",
    "sqrt(track)": "root of the track\u2019s unit",
}


def across_genome(
    rows: pd.DataFrame,
    score: VariantScore,
    lengths: Mapping[str, int],
    names: Mapping[str, str],
    members: int,
) -> tuple[go.Figure, str]:
    """Draw effects where they lie on the genome, and say what is drawn.

    Parameters
    ----------
    rows : DataFrame
        Of `app.variants.tables`, those that are drawn.
    score : VariantScore
    lengths : mapping
        Of the chromosomes, in order.
    names : mapping
        Names of tracks by id.
    members : int
        Networks that were asked.

    Returns
    -------
    Figure, str
        Of more than `MOST_POINTS` the largest, and of the others some, evenly.
    """
    rows = rows[np.isfinite(rows["score"].to_numpy()) & rows["chrom"].isin(lengths)]
    drawn = _some(rows)
    there = [chrom for chrom in lengths if chrom in set(drawn["chrom"])]
    starts, at = {}, 0
    for chrom in there:
        starts[chrom] = at
        at += lengths[chrom]
    is_one = len(there) == 1
    x = drawn["chrom"].map(starts).to_numpy(float) + drawn["position"].to_numpy(float)
    data = [_points(drawn, x, score, names, members)]
    if is_one:
        ticks: dict[str, Any] = {"tickformat": ",d", "nticks": 8}
        title = f"position on {as_text(there[0])}, bases from 1"
    else:
        shown = there if len(there) <= _FEW else there[:: -(-len(there) // _FEW)]
        ticks = {
            "tickmode": "array",
            "tickvals": [starts[c] + lengths[c] / 2 for c in shown],
            "ticktext": [as_text(c) for c in shown],
            "range": [0, max(at, 1)],
        }
        title = "place on the genome, chromosomes one after another"
    bands = [
        {
            "type": "rect", "xref": "x", "yref": "paper", "y0": 0, "y1": 1, "layer": "below",
            "x0": starts[chrom], "x1": starts[chrom] + lengths[chrom], "line": {"width": 0},
            "fillcolor": "#eceff3", "opacity": 0.5,
        }
        for chrom in there[1::2]
    ]  # fmt: skip
    layout = base_layout(
        height=HEIGHT,
        margin={"l": 64, "r": 12, "t": 8, "b": 46},
        hovermode="closest",
        shapes=bands,
        xaxis=axis(title=axis_title(title), **ticks),
        yaxis=axis(title=axis_title(_unit_words(score, drawn, names)), zeroline=True,
                   zerolinecolor="#b9c2cc", nticks=6),
    )  # fmt: skip
    words = f"{_counted(len(rows), 'effect')} on {_counted(len(there), 'chromosome')}"
    if len(drawn) < len(rows):
        words += (
            f", of which {len(drawn):,} are drawn: the {MOST_POINTS // 2:,} largest, and of the "
            "others some, evenly"
        )
    return go.Figure({"data": data, "layout": layout}), f"{words}. {_colour_words(rows, members)}"


def strongest(
    rows: pd.DataFrame, score: VariantScore, names: Mapping[str, str], members: int
) -> tuple[go.Figure, str]:
    """Draw the largest effects as bars with what the networks say, and say what is drawn.

    Parameters
    ----------
    rows, score, names, members
        As for `across_genome`.
    """
    size = np.nan_to_num(np.abs(rows["score"].to_numpy()))
    top = rows.iloc[np.argsort(-size, kind="stable")[:MOST_BARS]]
    places = list(range(len(top), 0, -1))
    means, deviations = top["members_mean"].to_numpy(), top["members_sd"].to_numpy()
    data: list[dict[str, Any]] = [
        {
            "type": "bar", "orientation": "h", "x": top["score"].tolist(), "y": places,
            "width": 0.66, "marker": {"color": _colours(top), "line": {"width": 0}},
            "hovertext": _notes(top, score, names, members),
            "hovertemplate": "%{hovertext}<extra></extra>",
            "customdata": top[["variant", "track"]].to_numpy().tolist(),
        }
    ]  # fmt: skip
    has_members = bool(np.isfinite(means).any())
    if has_members:
        data.append(
            {
                "type": "scatter", "mode": "markers", "x": means.tolist(), "y": places,
                "marker": {"size": 5, "color": INK},
                "error_x": {"type": "data", "array": deviations.tolist(), "color": MUTED,
                            "thickness": 1, "width": 2},
                "hoverinfo": "skip",
            }
        )  # fmt: skip
    layout = base_layout(
        height=_LINE * max(4, len(top)) + 58,
        margin={"l": 8, "r": 14, "t": 6, "b": 46},
        hovermode="closest",
        dragmode=False,
        xaxis=axis(title=axis_title(_unit_words(score, top, names)), zeroline=True,
                   zerolinecolor="#b9c2cc", fixedrange=True, nticks=6),
        yaxis=axis(
            range=[0.3, max(4, len(top)) + 0.7], tickmode="array", tickvals=places,
            ticktext=[_name(row) for row in top.to_dict("records")], ticks="", showline=False,
            tickfont={"size": 11, "color": INK}, automargin=True, fixedrange=True,
        ),
    )  # fmt: skip
    words = f"The {_counted(len(top), 'largest effect', 'largest effects')} of {len(rows):,}"
    if has_members:
        words += f"; points: mean of the {members} networks \u00b1 standard deviation"
    return go.Figure({"data": data, "layout": layout}), f"{words}. {_colour_words(top, members)}"


def _some(rows: pd.DataFrame) -> pd.DataFrame:
    """Of many rows the largest, and of the others every so-many-th; in the order they have."""
    if len(rows) <= MOST_POINTS:
        return rows
    order = np.argsort(-np.abs(rows["score"].to_numpy()), kind="stable")
    half = MOST_POINTS // 2
    others = np.sort(order[half:])
    step = -(-len(others) // half)
    return rows.iloc[np.sort(np.concatenate([order[:half], others[::step]]))]


def _points(
    rows: pd.DataFrame, x: Any, score: VariantScore, names: Mapping[str, str], members: int
) -> dict[str, Any]:
    is_dense = len(rows) > MOST_POINTS // 4
    return {
        "type": "scatter", "mode": "markers", "x": x.tolist(), "y": rows["score"].tolist(),
        "marker": {"size": 5 if is_dense else 7, "color": _colours(rows), "opacity": 0.8},
        "hovertext": _notes(rows, score, names, members),
        "hovertemplate": "%{hovertext}<extra></extra>",
        "customdata": rows[["variant", "track"]].to_numpy().tolist(),
    }  # fmt: skip


def _colours(rows: pd.DataFrame) -> list[str]:
    return [
        DOUBTED if known == 0 or sign < TOLD else RAISES if value >= 0 else LOWERS
        for value, known, sign in zip(
            *(rows[name].tolist() for name in ("score", "known", "sign_probability")), strict=True
        )
    ]


def _colour_words(rows: pd.DataFrame, members: int) -> str:
    reasons = [f"the {members} networks disagree"] * (members > 0)
    if rows["sign_probability"].notna().any():
        reasons.append(f"the sign is right with a probability below {TOLD}")
    doubt = f" Grey: {', or '.join(reasons)}." if reasons else ""
    return f"Blue raises, orange lowers.{doubt} A click opens the variant at its place."


def _notes(
    rows: pd.DataFrame, score: VariantScore, names: Mapping[str, str], members: int
) -> list[str]:
    notes = []
    gene, called = ("gene_name", "gene") if score.by_gene else ("near_name", "nearest start:")
    for row in rows.to_dict("records"):
        place = f"{row['chrom']}:{row['position']:,} {_short(row['ref'])}>{_short(row['alt'])}"
        label = str(row["id"] or "").strip(".")
        lines = [f"<b>{as_text(place)}</b>" + (f" {as_text(label)}" if label else "")]
        track = as_text(names.get(row["track"], row["track"]))
        lines.append(f"{score.label} {signed(row['score'])} on {track}")
        lines.append(
            f"{plain(row['reference'])} to {plain(row['alternative'])} ({_UNITS[score.unit]})"
        )
        if row[gene]:
            lines.append(as_text(f"{called} {row[gene]}"))
        if np.isfinite(row["percentile"]):
            lines.append(f"larger than {int(row['percentile'])} % of matched nulls")
        if np.isfinite(row["known"]):
            said = f"{signed(row['members_mean'])} \u00b1 {plain(row['members_sd'])}"
            verdict = "agree" if row["known"] == 1 else "disagree"
            lines.append(f"{members} networks {verdict}: {said}")
        if np.isfinite(row["sign_probability"]):
            lines.append(f"sign right with probability {row['sign_probability']:.2f}")
        notes.append("<br>".join(lines))
    return notes


def _name(row: Mapping[str, Any]) -> str:
    label = str(row["id"] or "").strip(".")
    gene = str(row.get("gene_name") or row.get("near_name") or "")
    place = label or f"{row['chrom']}:{row['position']:,}"
    words = " ".join(filter(None, [place, f"{_short(row['ref'])}>{_short(row['alt'])}", gene]))
    return as_text(words if len(words) <= _LETTERS else f"{words[: _LETTERS - 1]}\u2026")


def _unit_words(score: VariantScore, rows: pd.DataFrame, names: Mapping[str, str]) -> str:
    tracks = sorted(set(rows["track"]))
    where = (
        names.get(tracks[0], tracks[0])
        if len(tracks) == 1
        else "of each allele the track where it is largest"
    )
    return f"{score.label} ({_UNITS[score.unit]}), {as_text(str(where))}"


def _short(allele: str) -> str:
    return allele if len(allele) <= 8 else f"{allele[:6]}\u2026"


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
