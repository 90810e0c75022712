"""What a variant does to every track: bars ranked by assay, and in it by sample.

A line is a group of tracks, of one assay and sample; its bar ends at the track that changes most,
and every track of the group is a point, so replicates and strands that disagree are seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from sighthound.app.figures.numbers import plain, share, signed
from sighthound.app.figures.theme import DOUBTED, INK, as_text, axis, axis_title, base_layout
from sighthound.core.errors import SighthoundError

SCORES = {
    "log2": "log\u2082 ratio, alternative / reference, each + the track\u2019s spread",
    "sad": "SAD: alternative \u2212 reference, each in its track\u2019s unit",
}
# Over which bins: of those that change most, or of all that can change.
WINDOWS = ("local", "context")
RAISES, LOWERS = "#0067a8", "#cc4d00"
MOST_GROUPS = 40
_LINE = 19  # pixels
_LETTERS = 30  # of a group's name
_NUMBER = 0.75  # room for a number beyond a bar's end, of all that the bars span
_NOTHING = 1e-9


def variant_effects_figure(
    rows: Sequence[Mapping[str, Any]],
    *,
    score: str = "log2",
    window: str = "local",
    chrom: str = "",
    most: int = MOST_GROUPS,
) -> go.Figure:
    """Draw a variant's effects, grouped by assay and sample.

    Parameters
    ----------
    rows : sequence of mappings
        One a track: its `name`, `assay`, `group`, `sample` and `unit`; and, as /api/v1/variant
        gives them, `track`, `spread`, `local`, and `sad`, `log2`, `reference` and `alternative` of
        the `context_bp` bases that can change. With `members`, how many networks taught the model,
        and `agreed`, what they say as /api/v1/variant/members gives it, bars of what they disagree
        on are grey. `percentile` is told where it is there.
    score : {"log2", "sad"}
        Which is drawn, and ranks.
    window : {"local", "context"}
        Over which bins.
    chrom : str
        For the words under the pointer.
    most : int
        Groups that are drawn, of those with the largest effects.

    Returns
    -------
    plotly.graph_objects.Figure
        Bars and points carry the ids of their tracks as `customdata`.

    Raises
    ------
    SighthoundError
        The score or the window is unknown.
    """
    for given, known, name in ((score, SCORES, "score"), (window, WINDOWS, "window")):
        if given not in known:
            raise SighthoundError(f"unknown {name} {given!r}; expected one of {', '.join(known)}")
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault((str(row.get("assay") or "tracks"), _group_of(row)), []).append(row)

    def drawn(row: Mapping[str, Any]) -> float | None:
        return (row["local"] if window == "local" else row)[score]

    def size(row: Mapping[str, Any]) -> float:
        return abs(drawn(row) or 0.0)

    # What changes alike stands in the order of its name.
    members = {
        key: sorted(group, key=lambda row: (-size(row), str(row["name"]), str(row["track"])))
        for key, group in groups.items()
    }
    ranked = sorted(groups, key=lambda key: (-size(members[key][0]), key))
    shown = ranked[:most]
    # Assays in the order of their strongest group, and groups in that of theirs.
    assays = list(dict.fromkeys(assay for assay, _ in shown))
    lines: list[tuple[str, str | None]] = []
    for assay in assays:
        lines += [(assay, None), *((a, group) for a, group in shown if a == assay)]
    places = {line: len(lines) - number for number, line in enumerate(lines)}
    bars: dict[str, list[Any]] = {"x": [], "y": [], "colour": [], "text": [], "said": [], "id": []}
    points: dict[str, list[Any]] = {"x": [], "y": [], "text": [], "id": []}
    for key in shown:
        first, *others = members[key]
        y = places[key]
        strongest = drawn(first)
        bars["x"].append(strongest or 0.0)
        bars["y"].append(y)
        colour = RAISES if (strongest or 0.0) >= 0 else LOWERS
        bars["colour"].append(colour if _is_known(first, window) else DOUBTED)
        is_nothing = strongest is not None and abs(strongest) <= _NOTHING
        said = "0" if is_nothing else signed(strongest)
        bars["said"].append(said if _is_known(first, window) else f"{said} ?")
        bars["text"].append(_note(first, chrom))
        bars["id"].append(first["track"])
        for row in others:
            if drawn(row) is None:
                continue
            points["x"].append(drawn(row))
            points["y"].append(y)
            points["text"].append(_note(row, chrom))
            points["id"].append(row["track"])
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
            "customdata": bars["id"],
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
            "customdata": points["id"],
        },
    ]
    low, high = (least(0.0, *bars["x"], *points["x"]) for least in (min, max))
    span = high - low if high - low > _NOTHING else 1.0
    # Numbers stand beyond the bars' ends: beside the bars of a narrow card, a third of it each.
    left = _NUMBER * span if low < -_NOTHING else 0.12 * span
    right = _NUMBER * span if high > _NOTHING else 0.3 * span
    layout = base_layout(
        height=_LINE * max(3, len(lines)) + 72,
        margin={"l": 8, "r": 10, "t": 4, "b": 62},
        barmode="overlay",
        hovermode="closest",
        dragmode=False,
        xaxis=axis(
            range=[low - left, high + right],
            zeroline=True,
            zerolinecolor="#b9c2cc",
            fixedrange=True,
            nticks=6,
            title=axis_title(_axis_words(rows, score, window, len(ranked) - len(shown))),
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


def _is_known(row: Mapping[str, Any], window: str) -> bool:
    """Whether neither networks nor measured effects speak against the sign that is shown."""
    if "agreed" in row and not row["agreed"][window]["known"]:
        return False
    return row.get("sign") is None or row["sign"] >= row["told"]


def _axis_words(rows: Sequence[Mapping[str, Any]], score: str, window: str, left_out: int) -> str:
    """The score and its unit; over which bases; what is not drawn."""
    where = ""
    if rows:
        over = "that change most" if window == "local" else "that can change"
        where = f"<br>over the {_bases(rows[0], window):,} bp {over}"
    rest = f"; {left_out:,} groups with less are not drawn" if left_out else ""
    return SCORES[score] + where + rest


def _bases(row: Mapping[str, Any], window: str) -> int:
    local = row["local"]
    return int(local["end"] - local["start"] if window == "local" else row["context_bp"])


def _group_of(row: Mapping[str, Any]) -> str:
    """What stands on a group's line: its group and its sample, or the track where neither is."""
    assay, group, sample = (str(row.get(key) or "") for key in ("assay", "group", "sample"))
    told = [part for part in (group, sample) if part and part != assay]
    # "CAGE" of "CAGE (simulated)" says nothing new.
    if len(told) == 2 and assay.lower().startswith(group.lower()):
        told = [sample]
    return ", ".join(told) or str(row["name"])


def _note(row: Mapping[str, Any], chrom: str) -> str:
    """A track's both windows: where, from what to what, and what that is."""
    local = row["local"]
    spread = row["spread"]
    against = "1, no spread is known" if spread is None else plain(spread)
    unit = as_text(str(row.get("unit") or ""))
    kind = as_text(", ".join(part for part in (row.get("assay"), row.get("sample")) if part))
    place = (
        f"{as_text(chrom)}:{local['start'] + 1:,}-{local['end']:,}"
        if chrom
        else "where it changes most"
    )
    lines = [
        f"<b>{as_text(str(row['name']))}</b>" + (f" ({kind})" if kind else ""),
        *_compared(f"{place}, {_bases(row, 'local'):,} bp", local),
        *_said(row, "local"),
        *_compared(f"all {_bases(row, 'context'):,} bp that can change", row),
        *_said(row, "context"),
        *_ranked(row),
        *_sign(row),
        f"sums of bins{f', {unit}' if unit else ''}; spread {against}",
    ]
    return "<br>".join(lines)


def _compared(where: str, values: Mapping[str, Any]) -> list[str]:
    part = share(values["sad"], values["reference"])
    return [
        where,
        f"  {plain(values['reference'])} \u2192 {plain(values['alternative'])}: "
        f"SAD {signed(values['sad'])}{f' ({part})' if part else ''}, "
        f"log\u2082 ratio {signed(values['log2'])}",
    ]


def _said(row: Mapping[str, Any], window: str) -> list[str]:
    if "agreed" not in row:
        return []
    said = row["agreed"][window]
    verdict = "they agree" if said["known"] else "<b>they disagree</b>"
    return [
        f"  {row['members']} networks: SAD {signed(said['mean'])} \u00b1 "
        f"{plain(said['deviation'])}: {verdict}"
    ]


def _ranked(row: Mapping[str, Any]) -> list[str]:
    """How the SAD over all bins ranks among matched nulls."""
    percentile = row.get("percentile")
    if percentile is None:
        return []
    return [f"  SAD larger than {int(percentile)} % of matched nulls"]


def _sign(row: Mapping[str, Any]) -> list[str]:
    """How often a measured effect has the sign of the SAD over all bins."""
    sign = row.get("sign")
    if sign is None:
        return []
    verdict = "" if sign >= row["told"] else ": <b>not told</b>"
    return [f"  measured effects have its sign with probability {sign:.2f}{verdict}"]


def _cut(text: str) -> str:
    return as_text(text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}\u2026")
