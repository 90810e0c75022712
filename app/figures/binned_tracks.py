"""Tracks of some bins one above the other, on one x axis of positions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from sighthound.app.figures.numbers import in_unit, plain
from sighthound.app.figures.theme import INK, RULE, as_text, axis, axis_title, base_layout
from sighthound.core.genome.sequence import Interval

COLOUR = "#0067a8"
# Pixels: of a row, between two for the name of the lower one, above the first, and below the last.
_ROW, _GAP, _TOP, _BOTTOM = 90, 26, 52, 48
_MARGIN = {"l": 78, "r": 24, "t": _TOP, "b": _BOTTOM}


def binned_tracks(
    values: NDArray[np.float32],
    interval: Interval,
    bin: int,
    tracks: Sequence[str],
    units: Sequence[str],
    *,
    title: str = "",
) -> go.Figure:
    """Draw tracks as steps, each on its own scale.

    Parameters
    ----------
    values : float array, (bins, tracks)
        NaN leaves a gap.
    interval : Interval
        The bins, the last of which its end may cut.
    bin : int
        Bases a bin.
    tracks, units : sequences of str
        Names, and what the values of each are in.
    title : str
        What the values are.

    Returns
    -------
    plotly.graph_objects.Figure
        A row a track; under the pointer a bin says its bases and its value.
    """
    starts = np.arange(interval.start, interval.end, bin)
    ends = np.minimum(starts + bin, interval.end)
    # In the 1-based numbers of bases, of which each is as wide as 1 around its number.
    middles = (starts + 1 + ends) / 2
    inside = len(tracks) * _ROW + (len(tracks) - 1) * _GAP
    figure = go.Figure(
        layout=base_layout(
            height=inside + _TOP + _BOTTOM,
            margin=_MARGIN,
            hovermode="closest",
            title={
                "text": as_text(title), "x": 0, "xref": "paper", "y": 1, "yref": "container",
                "yanchor": "top", "pad": {"t": 10}, "font": {"size": 13, "color": INK},
            },
            xaxis=axis(
                title=axis_title(f"Position on {as_text(interval.chrom)} (bp)"),
                range=[interval.start + 0.5, interval.end + 0.5],
                tickformat=",d",
                anchor=f"y{len(tracks)}" if len(tracks) > 1 else "y",
            ),
        )
    )  # fmt: skip
    for row, (track, unit) in enumerate(zip(tracks, units, strict=True)):
        number = str(row + 1) if row else ""
        top = 1 - row * (_ROW + _GAP) / inside
        figure.layout[f"yaxis{number}"] = axis(
            domain=[max(0.0, top - _ROW / inside), top],
            title=axis_title(as_text(unit)),
            zeroline=True,
            zerolinecolor=RULE,
            nticks=5,
        )
        said = [
            f"{as_text(track)}<br>{interval.chrom}:{start + 1:,}-{end:,}<br>"
            f"{as_text(in_unit(plain(float(value)), unit))}"
            for start, end, value in zip(starts, ends, values[:, row], strict=True)
        ]
        figure.add_scatter(
            x=middles, y=values[:, row], yaxis=f"y{number}", mode="lines", fill="tozeroy",
            line={"shape": "hvh", "width": 1, "color": COLOUR}, fillcolor=f"{COLOUR}66",
            text=said, hoverinfo="text", name=track,
        )  # fmt: skip
        figure.add_annotation(
            text=as_text(track), x=0, xref="paper", xanchor="left", y=top, yref="paper",
            yanchor="bottom", showarrow=False, font={"size": 12, "color": INK},
        )  # fmt: skip
    return figure
