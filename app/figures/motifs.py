"""Motifs as a figure: a sheet of logos, each letter as tall as the bits it says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from sighthound.app.figures.logo import matrix_logo_shapes
from sighthound.app.figures.theme import INK, MUTED, as_text, axis, axis_title, base_layout
from sighthound.core.errors import SighthoundError

COLUMNS = 3
ROW_HEIGHT = 118  # pixels
_TOP = 40  # pixels above the first row
_GAP = 0.42  # of a row, for the title and the ticks
_MOST_BITS = 2.0


def motif_sheet(
    matrices: Sequence[np.ndarray], titles: Sequence[str], notes: Sequence[str] | None = None
) -> go.Figure:
    """Draw motifs as logos, several a row.

    Parameters
    ----------
    matrices : sequence of arrays, (width, 4), A C G T
        Probabilities.
    titles, notes : sequences of str
        A name above each logo, and a text beside the name; no notes by default.

    Returns
    -------
    plotly.graph_objects.Figure
        The y axes are bits, 0 to 2, the x axes positions in the motif.

    Raises
    ------
    SighthoundError
        The three differ in number.
    """
    notes = [""] * len(titles) if notes is None else list(notes)
    if not len(matrices) == len(titles) == len(notes):
        raise SighthoundError(
            f"{len(matrices)} motifs were given {len(titles)} titles and {len(notes)} notes; "
            "give one each"
        )
    rows = max(1, -(-len(matrices) // COLUMNS))
    height = _TOP + ROW_HEIGHT * rows
    layout = base_layout(
        height=height,
        margin={"l": 52, "r": 16, "t": _TOP, "b": 12},
        shapes=[],
        annotations=[],
    )
    data = []
    for index, matrix in enumerate(matrices):
        row, column = divmod(index, COLUMNS)
        number = "" if index == 0 else str(index + 1)
        top = 1 - row / rows
        across = [(column + 0.04) / COLUMNS, (column + 0.94) / COLUMNS]
        width = len(matrix)
        layout[f"xaxis{number}"] = axis(
            domain=across, range=[0.4, width + 0.6], anchor=f"y{number}", dtick=5, tick0=5,
            fixedrange=True,
        )  # fmt: skip
        layout[f"yaxis{number}"] = axis(
            domain=[top - (1 - _GAP) / rows, top], range=[0, _MOST_BITS], anchor=f"x{number}",
            dtick=1, fixedrange=True, title=axis_title("bits") if column == 0 else None,
        )  # fmt: skip
        layout["shapes"] += matrix_logo_shapes(
            _bits(np.asarray(matrix, float)), xref=f"x{number}", yref=f"y{number}"
        )
        note = (
            f" <span style='color:{MUTED}'>{as_text(notes[index])}</span>" if notes[index] else ""
        )
        layout["annotations"].append(
            {
                "text": f"<b>{as_text(titles[index])}</b>{note}",
                "x": across[0],
                "y": top,
                "xref": "paper",
                "yref": "paper",
                "xanchor": "left",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 12, "color": INK},
            }
        )
        # Shapes alone do not make Plotly draw an axis.
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [1, width],
                "y": [0, 0],
                "marker": {"opacity": 0},
                "hoverinfo": "skip",
                "xaxis": f"x{number}",
                "yaxis": f"y{number}",
            }
        )
    return go.Figure({"data": data, "layout": layout})


def _bits(probabilities: np.ndarray) -> np.ndarray:
    """Heights of the letters: each base's share of its column's information, (width, 4)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(probabilities > 0, probabilities * np.log2(probabilities), 0.0)
    return probabilities * (_MOST_BITS + terms.sum(axis=1, keepdims=True))
