"""Named motifs in their places: a lane of a mutagenesis figure, and words for its changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sighthound.app.figures.theme import INK, MUTED, as_text

ROWS = 2  # of names, so that neighbours do not run into each other
# Share of the plot's width that a letter of a name takes, on a narrow page.
_LETTER_SHARE = 0.009
BAR = "#e1e8f0"
NO_MOTIF = "no known motif on the bases that matter"
# Why a motif is there, and what its value is.
_BY = {
    "effects": "the effects look like it: q",
    "sequence": "the sequence matches: q",
    "gain": "the variant makes it: p",
    "loss": "the variant breaks it: p",
}


def motif_lane(
    motifs: Sequence[Mapping[str, Any]] | None,
    chrom: str,
    start: int,
    length: int,
    yref: str,
    no_motif: str = NO_MOTIF,
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
    no_motif : str
        What is said where there is none.

    Returns
    -------
    dict
        `annotations` and `data` to add to the figure.
    """
    if not motifs:
        words = "naming motifs" if motifs is None else no_motif
        # Plotly draws no axis without a trace.
        empty = _bars([start + 0.5], [float(length)], [ROWS / 2], yref) | {
            "marker": {"opacity": 0},
            "hoverinfo": "skip",
        }
        return {"annotations": [_words(words, start + 1, yref)], "data": [empty]}
    annotations = []
    firsts, widths, rows = [], [], []
    taken = [float("-inf")] * ROWS
    for motif in motifs:
        first = max(motif["start"], start) + 0.5
        last = min(motif["end"], start + length) + 0.5
        row = min(range(ROWS), key=lambda r: (taken[r] > first, taken[r]))
        y = ROWS - row - 0.5
        firsts.append(first)
        widths.append(last - first)
        rows.append(y)
        text = f"{motif['name']} {motif['strand']}"
        if taken[row] <= first:
            annotations.append(
                {
                    "text": _linked(text, motif["url"]), "x": first, "y": y, "xref": "x",
                    "yref": yref, "xanchor": "left", "showarrow": False, "borderpad": 0,
                    "font": {"size": 10.5, "color": INK},
                    # A name lies over its bar, and over neighbours' where it is longer.
                    "hovertext": _note(motif, chrom),
                }
            )  # fmt: skip
            taken[row] = max(last, first + len(text) * _LETTER_SHARE * length)
    data = _bars(firsts, widths, rows, yref) | {
        "text": [_note(motif, chrom) for motif in motifs],
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
    }
    return {"annotations": annotations, "data": [data]}


def _bars(firsts: list[float], widths: list[float], rows: list[float], yref: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "base": firsts,
        "x": widths,
        "y": rows,
        "width": 0.84,
        "marker": {"color": BAR, "line": {"width": 0}},
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
            f"<br>{does} {as_text(change['name'])} {change['strand']} (p = {change['p_value']:.1g})"
        )
    return lines


def _linked(text: str, url: str) -> str:
    return (
        f'<a href="{as_text(url)}" target="_blank" style="color:{INK}">{as_text(text)}</a>'
        if url
        else as_text(text)
    )


def _note(motif: Mapping[str, Any], chrom: str) -> str:
    strand = "minus" if motif["strand"] == "-" else "plus"
    return (
        f"{as_text(motif['name'])} ({as_text(motif['motif'])}), {strand} strand<br>"
        f"{as_text(chrom)}:{motif['start'] + 1:,}-{motif['end']:,}<br>"
        f"{_BY[motif['by']]} = {motif['q_value']:.2g}"
    )


def _words(text: str, x: float, yref: str) -> dict[str, Any]:
    return {
        "text": text, "x": x - 0.5, "y": ROWS / 2, "xref": "x", "yref": yref, "xanchor": "left",
        "showarrow": False, "font": {"size": 10.5, "color": MUTED},
    }  # fmt: skip
