"""What a variant does to every track: bars ranked by assay, and in it by sample.

A line is a group of tracks, of one assay and sample; its bar ends at the track that changes most,
and every track of the group is a point, so replicates and strands that disagree are seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from app.figures.theme import INK, axis, axis_title, base_layout
from core.errors import SighthoundError

SCORES = {
    "sad": "SAD: alternative \u2212 reference, summed",
    "log2_ratio": "log2 ratio of alternative over reference",
}
RAISES, LOWERS = "#0067a8", "#cc4d00"
MOST_GROUPS = 40
_LINE = 19  # pixels
_LETTERS = 30  # of a group's name
_NUMBER = 0.75  # room for a number beyond a bar's end, of all that the bars span
_NOTHING = 1e-9


def variant_effects_figure(
    rows: Sequence[Mapping[str, Any]], *, score: str = "sad", most: int = MOST_GROUPS
) -> go.Figure:
    """Draw a variant's effects, grouped by assay and sample.

    Parameters
    ----------
    rows : sequence of mappings
        One a track: `name`, `assay`, `group` and `sample` of it, `sad`, `log2_ratio`, `reference`
        and `alternative` as /api/v1/variant gives them.
    score : {"sad", "log2_ratio"}
        Which is drawn, and ranks.
    most : int
        Groups that are drawn, of those with the largest effects.

    Returns
    -------
    plotly.graph_objects.Figure

    Raises
    ------
    SighthoundError
        The score is unknown.
    """
    if score not in SCORES:
        raise SighthoundError(f"unknown score {score!r}; expected one of {', '.join(SCORES)}")
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault((str(row.get("assay") or "tracks"), _group_of(row)), []).append(row)

    def size(members: Sequence[Mapping[str, Any]]) -> float:
        return max((abs(row[score] or 0.0) for row in members), default=0.0)

    ranked = sorted(groups, key=lambda key: -size(groups[key]))
    shown = ranked[:most]
    # Assays in the order of their strongest group, and groups in that of theirs.
    assays = list(dict.fromkeys(assay for assay, _ in shown))
    lines: list[tuple[str, str | None]] = []
    for assay in assays:
        lines += [(assay, None), *((a, group) for a, group in shown if a == assay)]
    places = {line: len(lines) - number for number, line in enumerate(lines)}
    bars: dict[str, list[Any]] = {"x": [], "y": [], "colour": [], "text": [], "said": []}
    points: dict[str, list[Any]] = {"x": [], "y": [], "text": []}
    for assay, group in shown:
        members = sorted(groups[assay, group], key=lambda row: -abs(row[score] or 0.0))
        y = places[assay, group]
        strongest = float(members[0][score] or 0.0)
        bars["x"].append(strongest)
        bars["y"].append(y)
        bars["colour"].append(RAISES if strongest >= 0 else LOWERS)
        said = f"{strongest:+.3g}".replace("-", "\u2212")
        bars["said"].append(said if abs(strongest) > _NOTHING else "0")
        bars["text"].append(_note(members[0], score))
        for row in members[1:]:
            points["x"].append(row[score])
            points["y"].append(y)
            points["text"].append(_note(row, score))
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "x": bars["x"],
            "y": bars["y"],
            "width": 0.62,
            "marker": {"color": bars["colour"], "line": {"width": 0}},
            # Room for the point of a track that lies on the bar's end.
            "text": [f"\u2002{words}\u2002" for words in bars["said"]],
            "textposition": "outside",
            "cliponaxis": False,
            "textfont": {"size": 10.5, "color": INK},
            "hovertext": bars["text"],
            "hovertemplate": "%{hovertext}<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "markers",
            "x": points["x"],
            "y": points["y"],
            "marker": {
                "size": 7,
                "color": "#ffffff",
                "opacity": 0.9,
                "line": {"color": INK, "width": 1},
            },
            "hovertext": points["text"],
            "hovertemplate": "%{hovertext}<extra></extra>",
        },
    ]
    left_out = len(ranked) - len(shown)
    title = SCORES[score] + (f"; {left_out:,} groups with less are not drawn" if left_out else "")
    low, high = (least(0.0, *bars["x"], *points["x"]) for least in (min, max))
    span = high - low if high - low > _NOTHING else 1.0
    # Numbers stand beyond the bars' ends: beside the bars of a narrow card, a third of it each.
    left = _NUMBER * span if low < -_NOTHING else 0.12 * span
    right = _NUMBER * span if high > _NOTHING else 0.3 * span
    layout = base_layout(
        height=_LINE * max(3, len(lines)) + 52,
        margin={"l": 8, "r": 10, "t": 4, "b": 42},
        barmode="overlay",
        hovermode="closest",
        dragmode=False,
        xaxis=axis(
            range=[low - left, high + right],
            zeroline=True,
            zerolinecolor="#b9c2cc",
            fixedrange=True,
            title=axis_title(title),
        ),
        yaxis=axis(
            range=[0.3, max(3, len(lines)) + 0.7],
            tickmode="array",
            tickvals=[places[line] for line in lines],
            ticktext=[
                f"<b>{_cut(assay)}</b>" if group is None else _cut(group) for assay, group in lines
            ],
            tickfont={"size": 11, "color": INK},
            ticks="",
            showline=False,
            automargin=True,
            fixedrange=True,
        ),
    )
    return go.Figure({"data": data, "layout": layout})


def _group_of(row: Mapping[str, Any]) -> str:
    """What stands on a group's line: its group and its sample, or the track where neither is."""
    assay, group, sample = (str(row.get(key) or "") for key in ("assay", "group", "sample"))
    told = [part for part in (group, sample) if part and part != assay]
    # "CAGE" of "CAGE (simulated)" says nothing new.
    if len(told) == 2 and assay.lower().startswith(group.lower()):
        told = [sample]
    return ", ".join(told) or str(row["name"])


def _note(row: Mapping[str, Any], score: str) -> str:
    sad, ratio = row["sad"], row["log2_ratio"]
    return (
        f"<b>{row['name']}</b><br>reference {row['reference']:.4g}, alternative "
        f"{row['alternative']:.4g}<br>SAD {sad:+.3g}, log2 ratio {ratio:+.3g}"
    )


def _cut(text: str) -> str:
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}\u2026"
