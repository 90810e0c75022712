"""In silico mutagenesis as a figure: what each base is worth, over the map of every change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from app.figures.logo import logo_shapes
from app.figures.motif_lane import ROWS, changes_in_words, motif_lane
from app.figures.theme import DIVERGING, INK, MUTED, NO_DATA, axis, axis_title, base_layout
from core.contributions import contributions
from core.errors import SighthoundError
from core.genome import one_hot

BASES = "ACGT"
HEIGHT = 360  # pixels


def mutagenesis_figure(
    effects: ArrayLike,
    sequence: str,
    *,
    chrom: str,
    start: int,
    reference: float,
    unit: str = "",
    motifs: Sequence[Mapping[str, Any]] | None = None,
    changes: Sequence[Mapping[str, Any]] = (),
) -> go.Figure:
    """Draw the effect of every substitution in a window on one track at one bin.

    Parameters
    ----------
    effects : array, (length, 4), A C G T
        Prediction of the alternative minus prediction of the reference, in the track's units.
    sequence : str
        Reference bases of the window.
    chrom : str
        Name of the chromosome, for the hover text.
    start : int
        0-based first base of the window; the axis and the hover text are 1-based.
    reference : float
        Prediction of the reference at the bin, for the percentages.
    unit : str
        Unit of the track, for the axis titles.
    motifs, changes : sequences of mappings, optional
        As /api/v1/motifs gives them; motifs are None until they are known.

    Returns
    -------
    plotly.graph_objects.Figure
        Three rows that zoom together: the logo, the motifs and the heat map.

    Raises
    ------
    SighthoundError
        `effects` is not (len(sequence), 4).
    """
    values = np.asarray(effects, dtype=np.float32)
    length = len(sequence)
    if length == 0 or values.shape != (length, 4):
        raise SighthoundError(
            f"mutagenesis of {length} bases was given effects of shape {values.shape}; "
            f"expected ({length}, 4)"
        )
    sequence = sequence.upper()
    positions = np.arange(start + 1, start + length + 1)
    importance = contributions(one_hot(sequence), values)
    is_reference = np.array([[base == other for other in BASES] for base in sequence])
    shown = np.where(is_reference, np.nan, values)
    limit = float(np.nanmax(np.abs(shown), initial=0.0)) or 1.0
    in_unit = f" ({unit})" if unit else ""
    row, column = np.nonzero(is_reference)
    heat_map = {
        "type": "heatmap",
        "x": positions,
        "y": list(BASES),
        "z": shown.T,
        "text": _hover_texts(values, sequence, chrom, start, reference, changes),
        "hovertemplate": "%{text}<extra></extra>",
        "hoverongaps": False,
        "colorscale": DIVERGING,
        "zmid": 0,
        "zmin": -limit,
        "zmax": limit,
        "xgap": 1 if length <= 120 else 0.4,
        "ygap": 1,
        "xaxis": "x",
        "yaxis": "y2",
        "colorbar": {
            "title": {
                "text": "change" + (f"<br>({unit})" if unit else ""),
                "font": {"size": 11, "color": INK},
                "side": "top",
            },
            "thickness": 12,
            "len": 0.55,
            "y": 0.0,
            "yanchor": "bottom",
            "lenmode": "fraction",
            "outlinewidth": 0,
            "tickfont": {"size": 11, "color": MUTED},
            "nticks": 5,
        },
    }
    reference_marks = {
        "type": "scatter",
        "mode": "markers",
        "x": positions[row],
        "y": [BASES[base] for base in column],
        "marker": {"symbol": "circle", "size": 3.5, "color": "#66727f"},
        "hoverinfo": "skip",
        "xaxis": "x",
        "yaxis": "y2",
    }
    letters = {
        "type": "scatter",
        "mode": "markers",
        "x": positions,
        "y": importance,
        "marker": {"size": 14, "opacity": 0},
        "text": [
            f"{chrom}:{position:,} {base}: changing it {'costs' if worth >= 0 else 'adds'} "
            f"{abs(worth):.3g} on average"
            for position, base, worth in zip(positions, sequence, importance, strict=True)
        ],
        "hovertemplate": "%{text}<extra></extra>",
        "xaxis": "x",
        "yaxis": "y",
    }
    low, high = float(importance.min(initial=0.0)), float(importance.max(initial=0.0))
    margin = 0.06 * (high - low) or 1.0
    edges = [float(positions[0]) - 0.5, float(positions[-1]) + 0.5]
    zero = {
        "type": "line",
        "xref": "x domain",
        "yref": "y",
        "x0": 0,
        "x1": 1,
        "y0": 0,
        "y1": 0,
        "line": {"color": "#b9c2cc", "width": 1},
        "layer": "below",
    }
    lane = motif_lane(motifs, chrom, start, length)
    layout = base_layout(
        # The zoom stays when motifs arrive.
        uirevision=f"{chrom}:{start}:{length}",
        annotations=lane["annotations"],
        height=HEIGHT,
        margin={"l": 76, "r": 16, "t": 12, "b": 46},
        hovermode="closest",
        dragmode="pan",
        shapes=[zero, *lane["shapes"], *logo_shapes(sequence, importance, float(positions[0]))],
        xaxis=axis(
            range=edges,
            minallowed=edges[0],
            maxallowed=edges[1],
            anchor="y2",
            tickformat=",d",
            title=axis_title(f"position on {chrom} (bp)"),
        ),
        yaxis=axis(
            domain=[0.54, 1.0],
            anchor="x",
            range=[low - margin, high + margin],
            fixedrange=True,
            nticks=5,
            title=axis_title(f"mean loss when<br>changed{in_unit}"),
        ),
        yaxis2=axis(
            domain=[0.0, 0.4],
            anchor="x",
            type="category",
            categoryorder="array",
            categoryarray=list(reversed(BASES)),
            range=[-0.5, 3.5],
            fixedrange=True,
            ticks="",
            tickfont={"size": 12, "color": INK},
            title=axis_title("changed to"),
        ),
        yaxis3=axis(
            domain=[0.41, 0.515],
            anchor="x",
            range=[0, ROWS],
            fixedrange=True,
            showticklabels=False,
            ticks="",
        ),
        plot_bgcolor="#ffffff",
    )
    layout["shapes"].append(_ground(edges))
    return go.Figure(
        {"data": [heat_map, reference_marks, letters, *lane["data"]], "layout": layout}
    )


def _ground(edges: list[float]) -> dict[str, object]:
    """Grey behind the heat map, which shows through at the reference bases."""
    return {
        "type": "rect",
        "xref": "x",
        "yref": "y2",
        "x0": edges[0],
        "x1": edges[1],
        "y0": -0.5,
        "y1": 3.5,
        "fillcolor": NO_DATA,
        "line": {"width": 0},
        "layer": "below",
    }


def _hover_texts(
    values: np.ndarray,
    sequence: str,
    chrom: str,
    start: int,
    reference: float,
    changes: Sequence[Mapping[str, Any]],
) -> list[list[str]]:
    """Text of every cell, a list of positions for each of A C G T."""
    rows = []
    motifs = changes_in_words(changes)
    for base_index, alternative in enumerate(BASES):
        row = []
        for offset, base in enumerate(sequence):
            effect = float(values[offset, base_index])
            share = f" ({effect / reference:+.0%})".replace("%", " %") if reference > 0 else ""
            change = f"{chrom}:{start + offset + 1:,} {base}>{alternative}: {effect:+.3g}{share}"
            change += motifs.get((start + offset, alternative), "")
            row.append(change if base != alternative else "")
        rows.append(row)
    return rows
