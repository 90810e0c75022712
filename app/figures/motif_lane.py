"""Named motifs in their places: a lane of a mutagenesis figure, and words for its changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from app.figures.theme import INK, MUTED

ROWS = 2  # of names, so that neighbours do not run into each other
# Share of the plot's width that a letter of a name takes, on a narrow page.
_LETTER_SHARE = 0.009
_BY = {"effects": "the effects look like it", "sequence": "the sequence matches"}


def motif_lane(
    motifs: Sequence[Mapping[str, Any]] | None, chrom: str, start: int, length: int, yref: str
) -> dict[str, list[dict[str, Any]]]:
    """Draw motifs as bars with their names, which link to JASPAR, on an axis from 0 to ROWS.

    Parameters
    ----------
    motifs : sequence of mappings, or None
        As /api/v1/motifs gives them, 0-based; None while they are not known yet.
    chrom, start, length : str, int, int
        The window, `start` 0-based; the x axis is 1-based.
    yref : str
        The y axis.

    Returns
    -------
    dict
        `shapes`, `annotations` and `data` to add to the figure.
    """
    if not motifs:
        words = "naming motifs" if motifs is None else "no known motif on the bases that matter"
        empty = _trace([start + length / 2], [""], yref) | {
            "hoverinfo": "skip",
            "hovertemplate": None,
        }
        return {"shapes": [], "annotations": [_words(words, start + 1, yref)], "data": [empty]}
    shapes, annotations = [], []
    taken = [float("-inf")] * ROWS
    for motif in motifs:
        first = max(motif["start"], start) + 0.5
        last = min(motif["end"], start + length) + 0.5
        row = min(range(ROWS), key=lambda r: (taken[r] > first, taken[r]))
        y = ROWS - row - 0.5
        shapes.append(
            {
                "type": "rect", "xref": "x", "yref": yref, "x0": first, "x1": last,
                "y0": y - 0.42, "y1": y + 0.42, "fillcolor": "#e1e8f0",
                "line": {"width": 0}, "layer": "below",
            }
        )  # fmt: skip
        text = f"{motif['name']} {motif['strand']}"
        if taken[row] <= first:
            annotations.append(
                {
                    "text": _linked(text, motif["url"]), "x": first, "y": y, "xref": "x",
                    "yref": yref, "xanchor": "left", "showarrow": False, "borderpad": 0,
                    "font": {"size": 10.5, "color": INK},
                }
            )  # fmt: skip
            taken[row] = max(last, first + len(text) * _LETTER_SHARE * length)
    middles = [(m["start"] + m["end"] + 1) / 2 for m in motifs]
    data = _trace(middles, [_note(m, chrom) for m in motifs], yref)
    return {"shapes": shapes, "annotations": annotations, "data": [data]}


def _trace(x: list[float], notes: list[str], yref: str) -> dict[str, Any]:
    """Points to hover over; there is always one, for Plotly draws no axis without."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": [ROWS / 2] * len(x),
        "marker": {"size": 16, "opacity": 0},
        "text": notes,
        "hovertemplate": "%{text}<extra></extra>",
        "xaxis": "x",
        "yaxis": yref,
    }


def changes_in_words(
    changes: Sequence[Mapping[str, Any]],
) -> dict[tuple[int, str], str]:
    """Say which motifs a substitution makes or breaks, by 0-based position and base."""
    lines: dict[tuple[int, str], str] = defaultdict(str)
    for change in changes:
        does = "makes" if change["kind"] == "gain" else "breaks"
        lines[change["position"], change["alternative"]] += (
            f"<br>{does} {change['name']} {change['strand']} (p = {change['p_value']:.1g})"
        )
    return lines


def _linked(text: str, url: str) -> str:
    return f'<a href="{url}" target="_blank" style="color:{INK}">{text}</a>' if url else text


def _note(motif: Mapping[str, Any], chrom: str) -> str:
    strand = "minus" if motif["strand"] == "-" else "plus"
    return (
        f"{motif['name']} ({motif['motif']}), {strand} strand<br>"
        f"{chrom}:{motif['start'] + 1:,}-{motif['end']:,}<br>"
        f"{_BY[motif['by']]}: q = {motif['q_value']:.2g}"
    )


def _words(text: str, x: float, yref: str) -> dict[str, Any]:
    return {
        "text": text, "x": x - 0.5, "y": ROWS / 2, "xref": "x", "yref": yref, "xanchor": "left",
        "showarrow": False, "font": {"size": 10.5, "color": MUTED},
    }  # fmt: skip
