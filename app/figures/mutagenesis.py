"""In silico mutagenesis as a figure: for each track what a base is worth, over every change.

Tracks stand above one another on one x axis, so that a base which raises one and lowers another is
seen at once (Kelley et al. 2018, figure 6); their colours can be made comparable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from sighthound.app.figures.logo import logo_shapes
from sighthound.app.figures.measured_lane import HEIGHT, MeasuredLane
from sighthound.app.figures.motif_lane import motif_lane
from sighthound.app.figures.mutated_track import BASES, MutatedTrack, TrackPanel
from sighthound.app.figures.numbers import plain
from sighthound.app.figures.theme import INK, MUTED, NO_DATA, as_text, axis, axis_title, base_layout
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import one_hot
from sighthound.core.interpretation.attributions import contributions
from sighthound.core.tracks.contrasts import UNIT

# How colours and heights of several tracks compare: each on its own; in the tracks' units on one
# scale; as the logarithm of alternative over reference.
SCALES = ("own", "units", "log2")
PSEUDOCOUNT = 1.0  # of the logarithms, in the tracks' units, as of variants' scores
# Pixels of the parts of one track, for a track alone and for several; and around them.
_ALONE = {"title": 0, "logo": 118, "lane": 30, "extremes": 50, "heat": 104}
_STACKED = {"title": 24, "logo": 76, "lane": 28, "extremes": 38, "heat": 74}
_ELASTIC = ("logo", "extremes", "heat")
_MOST_STRETCH = 2.0
_GAP = 7
_TOP, _BOTTOM = 12, 46
_MARGIN = {"l": 78, "r": 92}  # for axis titles and numbers, and for a colour bar


def mutagenesis_figure(
    tracks: Sequence[MutatedTrack],
    sequence: str,
    *,
    chrom: str,
    start: int,
    scale: str = "own",
    marked: Sequence[tuple[int, int]] = (),
    room: float = 0,
    measured: Sequence[MeasuredLane] = (),
) -> go.Figure:
    """Draw the effect of every substitution in a window on some tracks, one above the other.

    Parameters
    ----------
    tracks : sequence of MutatedTrack
        At least one, from the top.
    sequence : str
        Reference bases of the window.
    chrom : str
        Name of the chromosome, for the hover text.
    start : int
        0-based first base of the window; the axis and the hover text are 1-based.
    scale : {"own", "units", "log2"}
        How colours and heights compare between tracks, see `SCALES`.
    marked : sequence of (start, end)
        Bases to frame, 0-based and half-open: those that the variants that are looked at replace.
        Where end is start, a line before that base: something is inserted there.
    room : float
        Pixels of height that the figure may fill, growing to twice its parts' heights at most.
    measured : sequence of MeasuredLane
        Measured effects, below all tracks.

    Returns
    -------
    plotly.graph_objects.Figure
        Four rows a track, and one a table of measured effects, that zoom together: the logo, the
        motifs, the largest gain and loss of a base, and the heat map.

    Raises
    ------
    SighthoundError
        There are no tracks, effects are not (len(sequence), 4), or the scale is unknown.
    """
    sequence = sequence.upper()
    length = len(sequence)
    if scale not in SCALES:
        raise SighthoundError(f"unknown scale {scale!r}; expected one of {', '.join(SCALES)}")
    if not tracks:
        raise SighthoundError("a mutagenesis figure of no tracks; give at least one")
    for track in tracks:
        shape = np.shape(track.effects)
        if length == 0 or shape != (length, 4):
            raise SighthoundError(
                f"mutagenesis of {length} bases was given effects of shape {shape}; "
                f"expected ({length}, 4)"
            )
    is_reference = np.array([[base == other for other in BASES] for base in sequence])
    values = [_scaled(track, scale) for track in tracks]
    limits = [_largest(shown[~is_reference]) or 1.0 for shown in values]
    worths = [np.nan_to_num(contributions(one_hot(sequence), shown)) for shown in values]
    if scale != "own":
        limits = [max(limits)] * len(tracks)
    lanes = len(measured) * (HEIGHT + 2 * _GAP)
    parts = _stretched(_STACKED if len(tracks) > 1 else _ALONE, len(tracks), room - lanes)
    tall = sum(parts.values()) + 3 * _GAP
    inside = len(tracks) * tall + (len(tracks) - 1) * 2 * _GAP + lanes
    edges = [start + 0.5, start + length + 0.5]
    settings: dict[str, Any] = {
        # The zoom stays when motifs arrive.
        "uirevision": f"{chrom}:{start}:{length}",
        "height": inside + _TOP + _BOTTOM,
        # Nothing of Plotly's widens them: a linked panel lies below the view to the pixel.
        "margin": {**_MARGIN, "t": _TOP, "b": _BOTTOM, "autoexpand": False},
        "meta": {"margin": _MARGIN},
        "hovermode": "closest",
        "dragmode": "pan",
        "barmode": "overlay",
        "bargap": 0.1,
        "annotations": [],
        "shapes": [],
    }
    data: list[dict[str, Any]] = []
    lowest = min(float(worth.min(initial=0.0)) for worth in worths)
    highest = max(float(worth.max(initial=0.0)) for worth in worths)
    top = float(inside)
    for number, (track, shown, worth, limit) in enumerate(
        zip(tracks, values, worths, limits, strict=True)
    ):
        refs = [f"y{4 * number + place}" if number or place > 1 else "y" for place in range(1, 5)]
        domains = {}
        below = top - parts["title"]
        for name in ("logo", "lane", "extremes", "heat"):
            domains[name] = [(below - parts[name]) / inside, below / inside]
            below -= parts[name] + _GAP
        own = scale == "own"
        low = float(worth.min(initial=0.0)) if own else lowest
        high = float(worth.max(initial=0.0)) if own else highest
        unit = UNIT if scale == "log2" else track.unit
        margin = 0.06 * (high - low) or 1.0
        logo = (low - margin, high + margin)
        panel = TrackPanel(track, shown, worth, sequence, chrom, start, limit, logo, unit, refs)
        data += panel.traces(
            is_reference,
            colour_bar=_colour_bar(unit, domains["heat"], inside) if own or not number else None,
        )
        lane = motif_lane(track.motifs, chrom, start, length, refs[1], track.no_motif)
        data += lane["data"]
        settings["annotations"] += lane["annotations"]
        settings["shapes"] += [
            _zero(refs[0]),
            _zero(refs[2]),
            _ground(edges, refs[3]),
            *logo_shapes(sequence, worth, start + 1.0, yref=refs[0], is_doubted=track.is_doubted),
            *_marks(marked, start, start + length, refs[3]),
        ]
        if parts["title"]:
            settings["annotations"].append(_title(track, top / inside))
        settings |= panel.axes(domains, is_alone=len(tracks) == 1)
        top -= tall + 2 * _GAP
    for number, lane_of in enumerate(measured, 4 * len(tracks) + 1):
        below = top - HEIGHT
        data.append(lane_of.trace(chrom, f"y{number}"))
        settings["shapes"].append(_zero(f"y{number}"))
        settings[f"yaxis{number}"] = lane_of.layout_axis([below / inside, top / inside])
        top = below - 2 * _GAP
    last = f"y{4 * len(tracks) + len(measured)}" if measured else refs[3]
    settings["xaxis"] = axis(
        range=edges,
        minallowed=edges[0],
        maxallowed=edges[1],
        anchor=last,
        tickformat=",d",
        title=axis_title(f"position on {as_text(chrom)} (bp)"),
    )
    return go.Figure({"data": data, "layout": base_layout(**settings)})


def _stretched(parts: Mapping[str, int], tracks: int, room: float) -> dict[str, int]:
    """Heights of a track's parts where the figure has so much room."""
    elastic = sum(parts[name] for name in _ELASTIC)
    gaps = 3 * tracks + 2 * (tracks - 1)
    fixed = _TOP + _BOTTOM + gaps * _GAP + tracks * (sum(parts.values()) - elastic)
    stretch = min(_MOST_STRETCH, max(1.0, (room - fixed) / (tracks * elastic)))
    return {
        name: int(height * stretch) if name in _ELASTIC else height
        for name, height in parts.items()
    }


def _largest(values: NDArray[np.float32]) -> float:
    """The largest size of what is known; what the server cannot compute comes as nothing."""
    return float(np.nan_to_num(np.abs(values)).max(initial=0.0))


def _scaled(track: MutatedTrack, scale: str) -> NDArray[np.float32]:
    effects = np.asarray(track.effects, np.float32)
    if scale != "log2" or track.is_ratio:
        return effects
    # A prediction is not below zero; rounded effects might make it so.
    after = np.maximum(track.reference + effects, 0.0) + PSEUDOCOUNT
    return np.log2(after / (track.reference + PSEUDOCOUNT)).astype(np.float32)


def _broken(unit: str) -> str:
    """A unit on two lines: "sum per 64 bp" is wider than a colour bar."""
    return as_text(unit).replace(" per ", "<br>per ")


def _colour_bar(unit: str, domain: Sequence[float], inside: float) -> dict[str, Any]:
    return {
        "title": {
            "text": "change" + (f"<br>({_broken(unit)})" if unit else ""),
            "font": {"size": 11, "color": INK},
            "side": "top",
        },
        "thickness": 12,
        # Of a wide figure Plotly's own place would leave too little of the margin for the title.
        "x": 1,
        "xpad": 12,
        # With its title above, it stands beside the heat map and the bars of gain and loss.
        "len": 1.9 * (domain[1] - domain[0]) + 30 / inside,
        "y": domain[0],
        "yanchor": "bottom",
        "lenmode": "fraction",
        "outlinewidth": 0,
        "tickfont": {"size": 11, "color": MUTED},
        "nticks": 5,
    }


def _title(track: MutatedTrack, top: float) -> dict[str, Any]:
    unit = f" ({as_text(track.unit)})" if track.unit else ""
    return {
        "text": f"<b>{as_text(track.name)}</b>  predicted {plain(track.reference)}{unit}",
        "x": 0,
        "y": top,
        "xref": "x domain",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "top",
        "showarrow": False,
        "font": {"size": 12, "color": INK},
    }


def _zero(yref: str) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "x domain",
        "yref": yref,
        "x0": 0,
        "x1": 1,
        "y0": 0,
        "y1": 0,
        "line": {"color": "#b9c2cc", "width": 1},
        "layer": "below",
    }


def _ground(edges: Sequence[float], yref: str) -> dict[str, Any]:
    """Grey behind the heat map, which shows through at the reference bases."""
    return {
        "type": "rect",
        "xref": "x",
        "yref": yref,
        "x0": edges[0],
        "x1": edges[1],
        "y0": -0.5,
        "y1": 3.5,
        "fillcolor": NO_DATA,
        "line": {"width": 0},
        "layer": "below",
    }


def _marks(
    marked: Sequence[tuple[int, int]], start: int, end: int, yref: str
) -> list[dict[str, Any]]:
    """Frames around bases of the heat map, and lines between two."""
    inside = [(max(first, start), min(last, end), first == last) for first, last in marked]
    return [
        {
            "type": "rect",
            "xref": "x",
            "yref": yref,
            "x0": first + 0.5,
            "x1": last + 0.5,
            "y0": -0.5,
            "y1": 3.5,
            "line": {"color": INK, "width": 1.4},
        }
        for first, last, is_line in inside
        if first < last or (is_line and first == last)
    ]
