"""A locus of a study: association coloured by LD, posteriors, recombination and genes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from sighthound.app.evaluation.looks import GRID, line, titled
from sighthound.app.figures.numbers import plain
from sighthound.app.figures.theme import INK, MUTED, as_text, axis, base_layout
from sighthound.core.annotation.transcripts import Gene
from sighthound.core.finemapping.locus import METHODS, FineMapped

# Of r2 with the lead, from the most: dark in print too, and told apart by the colour-blind.
LD_COLOURS = (
    (0.8, "#b0280c", "0.8 to 1"),
    (0.6, "#e0872b", "0.6 to 0.8"),
    (0.4, "#0a7757", "0.4 to 0.6"),
    (0.2, "#3d93d0", "0.2 to 0.4"),
    (0.0, "#a9b8c9", "below 0.2"),
)
UNKNOWN_LD = "#ffffff"
LEAD = "#5a2382"
GENOME_WIDE = 5e-8
_METHOD_COLOURS = {"pics": "#0b5c97", "abf": "#b0530c", "susie": "#0a7757"}
_ASSOCIATION, _POSTERIOR, _RECOMBINATION, _GENE_ROW, _GAP = 260, 130, 70, 30, 34  # pixels
_MOST_GENE_ROWS = 6
_LETTER = 7.5  # pixels that a letter of a gene's name takes, on a page of 900
_WIDTH = 780.0


def locus_figure(locus: FineMapped) -> go.Figure:
    """Draw association, posterior, recombination and genes of a locus on one x axis.

    Returns
    -------
    plotly.graph_objects.Figure
        Rows zoom together along the genome.
    """
    rows = _gene_rows(locus)
    shown_rows = max((row for _, row in rows), default=-1) + 1
    parts = [_ASSOCIATION, *([_POSTERIOR] if locus.method else [])]
    if locus.recombination is not None:
        parts.append(_RECOMBINATION)
    if rows:
        parts.append(_GENE_ROW * shown_rows)
    inside = sum(parts) + _GAP * (len(parts) - 1)
    domains, top = [], float(inside)
    for part in parts:
        domains.append([max(0.0, (top - part) / inside), top / inside])
        top -= part + _GAP
    last = f"y{len(parts)}" if len(parts) > 1 else "y"
    layout = base_layout(
        height=inside + 112, margin={"l": 8, "r": 12, "t": 62, "b": 50}, hovermode="closest",
        dragmode="zoom", showlegend=True, shapes=[], annotations=[],
        legend={"orientation": "h", "x": 0, "y": 1.0 + 12 / inside, "yanchor": "bottom",
                "font": {"size": 11.5}, "title": {"text": f"r² with {as_text(locus.name)}",
                                                  "side": "top left", "font": {"size": 11.5}},
                "itemclick": False, "itemdoubleclick": False},
        xaxis=axis(
            range=_shown(locus), anchor=last, tickformat=",d",
            **titled(f"position on {as_text(locus.chrom)} (bp)"),
        ),
        yaxis=axis(domain=domains[0], anchor="x", automargin=True, rangemode="tozero",
                   fixedrange=True, **titled("−log₁₀ P"), **GRID),
    )  # fmt: skip
    traces = _association(locus)
    tested = locus.variants["log10_p"].dropna()
    if tested.max() > -math.log10(GENOME_WIDE):
        level = -math.log10(GENOME_WIDE)
        layout["shapes"].append(line(0, level, 1, level, xref="x domain", yref="y"))
        layout["annotations"].append(
            {"text": "5·10⁻⁸", "x": 1, "y": level, "xref": "x domain", "yref": "y",
             "xanchor": "right", "yanchor": "bottom", "showarrow": False,
             "font": {"size": 10.5, "color": MUTED}}
        )  # fmt: skip
    if locus.method:
        traces += _posterior_traces(locus, layout, domains[1])
    if locus.recombination is not None:
        at = len(parts) - (1 if rows else 0)
        traces.append(_recombination(locus, *locus.recombination, layout, domains[at - 1], at))
    if rows:
        traces.append(_genes(locus, rows, layout, domains[-1], len(parts)))
    return go.Figure({"data": traces, "layout": layout})


def _shown(locus: FineMapped) -> list[float]:
    """What of the locus is drawn: where its variants are."""
    places = locus.variants["position"]
    margin = max(50.0, 0.02 * (places.max() - places.min()))
    return [max(locus.start + 1, places.min() - margin), min(locus.end, places.max() + margin)]


def _class_of(r2: pd.Series) -> np.ndarray:
    """Which of `LD_COLOURS`; their number where LD is not known."""
    found = np.full(len(r2), len(LD_COLOURS))
    values = r2.to_numpy(np.float64)
    for place in range(len(LD_COLOURS) - 1, -1, -1):
        found[values >= LD_COLOURS[place][0]] = place
    return found


def _association(locus: FineMapped) -> list[dict[str, Any]]:
    rows = locus.variants[locus.variants["is_tested"]]
    classes = _class_of(rows["r2"])
    classes[rows["is_lead"].to_numpy(bool)] = -1
    colours = [*((c, words) for _, c, words in LD_COLOURS), (UNKNOWN_LD, "not known")]
    traces = []
    for place in [*range(len(colours) - 1, -1, -1), -1]:
        own = rows[classes == place]
        if not len(own):
            continue
        is_lead = place == -1
        colour, words = (LEAD, "the lead") if is_lead else colours[place]
        edge = "#8a95a1" if colour == UNKNOWN_LD else "#ffffff"
        traces.append(
            {
                "type": "scatter", "mode": "markers", "name": words, "xaxis": "x", "yaxis": "y",
                "x": own["position"].tolist(), "y": own["log10_p"].tolist(),
                "cliponaxis": False, "legendrank": 1 if is_lead else 2 + place,
                "marker": {"size": 12 if is_lead else 7, "color": colour,
                           "symbol": "diamond" if is_lead else "circle",
                           "line": {"color": edge, "width": 0.8}},
                "hovertext": [_note(locus, row) for row in own.to_dict("records")],
                "hovertemplate": "%{hovertext}<extra></extra>",
            }
        )  # fmt: skip
    return traces


def _posterior_traces(
    locus: FineMapped, layout: dict[str, Any], domain: list[float]
) -> list[dict[str, Any]]:
    layout["yaxis2"] = axis(
        domain=domain, anchor="x", automargin=True, range=[0, 1.08], fixedrange=True, nticks=4,
        **titled("probability"), **GRID,
    )  # fmt: skip
    rows = locus.variants[locus.variants["posterior"] > 1e-4]
    stems_x: list[Any] = []
    stems_y: list[Any] = []
    for position, value in zip(rows["position"], rows["posterior"], strict=True):
        stems_x += [position, position, None]
        stems_y += [0, value, None]
    colour = _METHOD_COLOURS[locus.method]
    has_prior = "prior" in locus.variants
    layout["annotations"].append(
        {"text": f"<b>{as_text(METHODS[locus.method])}</b>"
                 f"{', weighed by predictions' if has_prior else ''}; "
                 f"filled: the {locus.level:.0%} credible set",
         "x": 0, "y": domain[1], "xref": "x domain", "yref": "paper", "xanchor": "left",
         "yanchor": "bottom", "showarrow": False, "font": {"size": 12, "color": INK}}
    )  # fmt: skip
    return [
        {"type": "scatter", "mode": "lines", "x": stems_x, "y": stems_y, "xaxis": "x",
         "yaxis": "y2", "line": {"color": colour, "width": 2}, "hoverinfo": "skip",
         "showlegend": False},
        {"type": "scatter", "mode": "markers", "x": rows["position"].tolist(),
         "y": rows["posterior"].tolist(), "xaxis": "x", "yaxis": "y2", "showlegend": False,
         "cliponaxis": False,
         "marker": {"size": 8, "color": [colour if i else "#ffffff" for i in rows["in_set"]],
                    "line": {"color": colour, "width": 1.5}},
         "hovertext": [_note(locus, row) for row in rows.to_dict("records")],
         "hovertemplate": "%{hovertext}<extra></extra>"},
    ]  # fmt: skip


def _recombination(
    locus: FineMapped,
    places: np.ndarray,
    rates: np.ndarray,
    layout: dict[str, Any],
    domain: list[float],
    number: int,
) -> dict[str, Any]:
    """Steps of the genetic map; the last goes on to the end of the locus."""
    layout[f"yaxis{number}"] = axis(
        domain=domain, anchor="x", automargin=True, rangemode="tozero", fixedrange=True, nticks=3,
        **titled("cM/Mb"), **GRID,
    )  # fmt: skip
    return {
        "type": "scatter", "mode": "lines", "x": [*(places + 1).tolist(), locus.end],
        "y": [*rates.tolist(), float(rates[-1])], "xaxis": "x", "yaxis": f"y{number}",
        "line": {"color": "#52606f", "width": 1.5, "shape": "hv"}, "showlegend": False,
        "hovertemplate": "recombination %{y:.3g} cM/Mb from %{x:,d}<extra></extra>",
    }  # fmt: skip


def _gene_rows(locus: FineMapped) -> list[tuple[Gene, int]]:
    """Genes with the line that each stands on, so that no two names meet."""
    first, last = _shown(locus)
    letter = (last - first) / _WIDTH * _LETTER
    ends: list[float] = []
    placed = []
    for gene in sorted(locus.genes, key=lambda g: (g.start, g.end)):
        if gene.end <= first or gene.start >= last:
            continue
        middle, half = _name_place(gene, first, last, letter)
        left, right = min(gene.start, middle - half), max(gene.end, middle + half)
        row = next((n for n, taken in enumerate(ends) if taken < left), len(ends))
        if row == len(ends):
            ends.append(right)
        ends[row] = right
        placed.append((gene, row))
    return [(gene, row) for gene, row in placed if row < _MOST_GENE_ROWS]


def _name_place(gene: Gene, first: float, last: float, letter: float) -> tuple[float, float]:
    """Where the middle of a gene's name is, inside of what is drawn, and half of its width."""
    half = (len(gene.name or gene.id) + 2) * letter / 2
    middle = (max(gene.start, first) + min(gene.end, last)) / 2
    return max(first + half, min(middle, last - half)), half


def _genes(
    locus: FineMapped,
    rows: Sequence[tuple[Gene, int]],
    layout: dict[str, Any],
    domain: list[float],
    number: int,
) -> dict[str, Any]:
    count = max(row for _, row in rows) + 1
    layout[f"yaxis{number}"] = axis(
        domain=domain, anchor="x", range=[count - 0.35, -0.75], showticklabels=False, ticks="",
        showline=False, fixedrange=True, **titled("genes"),
    )  # fmt: skip
    x: list[Any] = []
    y: list[Any] = []
    text: list[Any] = []
    first, last = _shown(locus)
    letter = (last - first) / _WIDTH * _LETTER
    for gene, row in rows:
        strand = "→" if gene.strand == "+" else "←" if gene.strand == "-" else ""
        name = as_text(gene.name or gene.id)
        words = f"{name}<br>{as_text(gene.chrom)}:{gene.start + 1:,}-{gene.end:,}"
        x += [gene.start + 1, gene.end, None]
        y += [row, row, None]
        text += [words, words, None]
        layout["annotations"].append(
            {"text": f"<i>{name}</i> {strand}", "x": _name_place(gene, first, last, letter)[0],
             "y": row, "xref": "x", "yref": f"y{number}", "yanchor": "bottom", "showarrow": False,
             "font": {"size": 11, "color": INK}}
        )  # fmt: skip
    return {
        "type": "scatter", "mode": "lines", "x": x, "y": y, "xaxis": "x", "yaxis": f"y{number}",
        "line": {"color": "#414f96", "width": 5}, "hovertext": text,
        "hovertemplate": "%{hovertext}<extra></extra>", "showlegend": False,
    }  # fmt: skip


def _note(locus: FineMapped, row: dict[str, Any]) -> str:
    alleles = f" {row['other']}>{row['effect']}" if row["effect"] and row["other"] else ""
    place = f"{locus.chrom}:{row['position']:,}{alleles}"
    lines = [f"<b>{as_text(str(row['id']) or place)}</b>", as_text(place)]
    lines.append(f"P {p_words(row['log10_p'])}" if row["is_tested"] else "not tested: no P")
    lines.append(f"r² with the lead {plain(row['r2'])}" if row["r2"] == row["r2"] else "r² unknown")
    lines += [
        f"{as_text(METHODS[method])}: {plain(row[method])}" for method in METHODS if method in row
    ]
    if "prior" in row:
        lines.append(f"prior {plain(row['prior'])}, posterior {plain(row['posterior'])}")
    return "<br>".join(lines)


def p_words(log10_p: float) -> str:
    """Write P of its logarithm, which may be too small for a number.

    Examples
    --------
    >>> p_words(67.31), p_words(1.0), p_words(float("nan"))
    ('4.9e-68', '0.10', '–')
    """
    if not math.isfinite(log10_p):
        return "–"
    if log10_p < 3:
        return f"{10**-log10_p:.2g}" if log10_p > 1 else f"{10**-log10_p:.2f}"
    power = math.floor(-log10_p)
    digits = f"{10 ** (-log10_p - power):.1f}"
    return f"1.0e{power + 1}" if digits == "10.0" else f"{digits}e{power}"
