"""In silico mutagenesis as a figure: for each track what a base is worth, over every change.

Tracks stand above one another on one x axis, so that a base which raises one and lowers another is
seen at once (Kelley et al. 2018, figure 6); their colours can be made comparable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from app.figures.logo import logo_shapes
from app.figures.motif_lane import ROWS, changes_in_words, motif_lane
from app.figures.theme import DIVERGING, INK, MUTED, NO_DATA, axis, axis_title, base_layout
from core.contributions import contributions
from core.errors import SighthoundError
from core.genome import one_hot

BASES = "ACGT"
# How colours and heights of several tracks compare: each on its own; in the tracks' units on one
# scale; as the logarithm of alternative over reference.
SCALES = ("own", "units", "log2")
PSEUDOCOUNT = 1.0  # of the logarithms, in the tracks' units, as of variants' scores
GAIN, LOSS = "#0067a8", "#cc4d00"
# Pixels of the parts of one track, for a track alone and for several; and around them.
_ALONE = {"title": 0, "logo": 118, "lane": 30, "extremes": 50, "heat": 104}
_STACKED = {"title": 24, "logo": 76, "lane": 28, "extremes": 38, "heat": 74}
_GAP = 7
_TOP, _BOTTOM = 12, 46


@dataclass(frozen=True)
class MutatedTrack:
    """The mutagenesis of one track at one bin.

    Attributes
    ----------
    name, unit : str
        Of the track.
    effects : array, (length, 4), A C G T
        Prediction of the alternative minus prediction of the reference, in the track's units.
    reference : float
        Prediction of the reference at the bin.
    motifs, changes : sequences of mappings, optional
        As /api/v1/motifs gives them; motifs are None until they are known.
    """

    name: str
    effects: ArrayLike
    reference: float
    unit: str = ""
    motifs: Sequence[Mapping[str, Any]] | None = None
    changes: Sequence[Mapping[str, Any]] = field(default=())


def mutagenesis_figure(
    tracks: Sequence[MutatedTrack],
    sequence: str,
    *,
    chrom: str,
    start: int,
    scale: str = "own",
    marked: Sequence[int] = (),
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
    marked : sequence of int
        0-based bases to point out: variants that are looked at.

    Returns
    -------
    plotly.graph_objects.Figure
        Four rows a track that zoom together: the logo, the motifs, the largest gain and loss of a
        base, and the heat map.

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
    limits = [float(np.abs(shown[~is_reference]).max(initial=0.0)) or 1.0 for shown in values]
    worths = [contributions(one_hot(sequence), shown) for shown in values]
    if scale != "own":
        limits = [max(limits)] * len(tracks)
    parts = _STACKED if len(tracks) > 1 else _ALONE
    tall = sum(parts.values()) + 3 * _GAP
    inside = len(tracks) * tall + (len(tracks) - 1) * 2 * _GAP
    edges = [start + 0.5, start + length + 0.5]
    settings: dict[str, Any] = {
        # The zoom stays when motifs arrive.
        "uirevision": f"{chrom}:{start}:{length}",
        "height": inside + _TOP + _BOTTOM,
        "margin": {"l": 78, "r": 16, "t": _TOP, "b": _BOTTOM},
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
        unit = "log2 ratio" if scale == "log2" else track.unit
        panel = _Panel(track, shown, worth, sequence, chrom, start, limit, unit, refs)
        data += panel.traces(
            is_reference,
            colour_bar=_colour_bar(unit, domains["heat"], inside) if own or not number else None,
        )
        lane = motif_lane(track.motifs, chrom, start, length, refs[1])
        data += lane["data"]
        settings["annotations"] += lane["annotations"]
        settings["shapes"] += [
            _zero(refs[0]),
            _zero(refs[2]),
            _ground(edges, refs[3]),
            *lane["shapes"],
            *logo_shapes(sequence, worth, start + 1.0, yref=refs[0]),
            *(_mark(base, refs[3]) for base in marked if start <= base < start + length),
        ]
        if parts["title"]:
            settings["annotations"].append(_title(track, top / inside))
        settings |= panel.axes(domains, low, high, is_alone=len(tracks) == 1)
        top -= tall + 2 * _GAP
    settings["xaxis"] = axis(
        range=edges,
        minallowed=edges[0],
        maxallowed=edges[1],
        anchor=refs[3],
        tickformat=",d",
        title=axis_title(f"position on {chrom} (bp)"),
    )
    return go.Figure({"data": data, "layout": base_layout(**settings)})


def _scaled(track: MutatedTrack, scale: str) -> NDArray[np.float32]:
    effects = np.asarray(track.effects, np.float32)
    if scale != "log2":
        return effects
    # A prediction is not below zero; rounded effects might make it so.
    after = np.maximum(track.reference + effects, 0.0) + PSEUDOCOUNT
    return np.log2(after / (track.reference + PSEUDOCOUNT)).astype(np.float32)


@dataclass(frozen=True)
class _Panel:
    """One track of the figure: its traces and axes."""

    track: MutatedTrack
    values: NDArray[np.float32]
    worth: NDArray[np.float32]
    sequence: str
    chrom: str
    start: int
    limit: float
    unit: str
    refs: Sequence[str]  # of the y axes: logo, motifs, gain and loss, heat map

    @property
    def positions(self) -> NDArray[np.int64]:
        return np.arange(self.start + 1, self.start + len(self.sequence) + 1)

    def traces(
        self, is_reference: NDArray[np.bool_], colour_bar: dict[str, Any] | None
    ) -> list[dict[str, Any]]:
        shown = np.where(is_reference, np.nan, self.values)
        row, column = np.nonzero(is_reference)
        heat_map = {
            "type": "heatmap",
            "x": self.positions,
            "y": list(BASES),
            "z": shown.T,
            "text": self._hover_texts(),
            "hovertemplate": "%{text}<extra></extra>",
            "hoverongaps": False,
            "colorscale": DIVERGING,
            "zmid": 0,
            "zmin": -self.limit,
            "zmax": self.limit,
            "xgap": 1 if len(self.sequence) <= 120 else 0.4,
            "ygap": 1,
            "xaxis": "x",
            "yaxis": self.refs[3],
            **({"showscale": False} if colour_bar is None else {"colorbar": colour_bar}),
        }
        marks = {
            "type": "scatter",
            "mode": "markers",
            "x": self.positions[row],
            "y": [BASES[base] for base in column],
            "marker": {"symbol": "circle", "size": 3.5, "color": "#66727f"},
            "hoverinfo": "skip",
            "xaxis": "x",
            "yaxis": self.refs[3],
        }
        letters = {
            "type": "scatter",
            "mode": "markers",
            "x": self.positions,
            "y": self.worth,
            "marker": {"size": 14, "opacity": 0},
            "text": [
                f"{self.chrom}:{position:,} {base}: changing it "
                f"{'costs' if worth >= 0 else 'adds'} {abs(worth):.3g} on average"
                for position, base, worth in zip(
                    self.positions, self.sequence, self.worth, strict=True
                )
            ],
            "hovertemplate": "%{text}<extra></extra>",
            "xaxis": "x",
            "yaxis": self.refs[0],
        }
        return [heat_map, marks, letters, *self._extremes()]

    def _extremes(self) -> list[dict[str, Any]]:
        """Bars of the largest gain and the largest loss of each base."""
        found = []
        for word, sign, colour in (("gain", 1, GAIN), ("loss", -1, LOSS)):
            signed = sign * self.values
            best, size = signed.argmax(axis=1), np.maximum(signed.max(axis=1), 0.0)
            found.append(
                {
                    "type": "bar",
                    "x": self.positions,
                    "y": sign * size,
                    "marker": {"color": colour, "line": {"width": 0}},
                    "text": [
                        f"{base}>{BASES[at]}" for base, at in zip(self.sequence, best, strict=True)
                    ],
                    "textposition": "none",
                    "hovertemplate": f"{self.chrom}:%{{x:,}} largest {word}: %{{text}} "
                    "%{y:+.3g}<extra></extra>",
                    "xaxis": "x",
                    "yaxis": self.refs[2],
                }
            )
        return found

    def axes(
        self, domains: Mapping[str, list[float]], low: float, high: float, *, is_alone: bool
    ) -> dict[str, Any]:
        logo, lane, extremes, heat = (f"yaxis{ref[1:]}" for ref in self.refs)
        margin = 0.06 * (high - low) or 1.0
        in_unit = f"<br>({self.unit})" if self.unit and is_alone else ""
        return {
            logo: axis(
                domain=domains["logo"],
                anchor="x",
                range=[low - margin, high + margin],
                fixedrange=True,
                nticks=5 if is_alone else 3,
                title=axis_title(f"mean loss<br>if changed{in_unit}"),
            ),
            lane: axis(
                domain=domains["lane"],
                anchor="x",
                range=[0, ROWS],
                fixedrange=True,
                showticklabels=False,
                ticks="",
            ),
            extremes: axis(
                domain=domains["extremes"],
                anchor="x",
                range=[-1.05 * self.limit, 1.05 * self.limit],
                fixedrange=True,
                nticks=3,
                title=axis_title("gain<br>loss"),
            ),
            heat: axis(
                domain=domains["heat"],
                anchor="x",
                type="category",
                categoryorder="array",
                categoryarray=list(reversed(BASES)),
                range=[-0.5, 3.5],
                fixedrange=True,
                ticks="",
                tickfont={"size": 12 if is_alone else 10.5, "color": INK},
                title=axis_title("changed to"),
            ),
        }

    def _hover_texts(self) -> list[list[str]]:
        """Text of every cell, a list of positions for each of A C G T."""
        rows = []
        motifs = changes_in_words(self.track.changes)
        effects = np.asarray(self.track.effects, np.float32)
        reference = self.track.reference
        for base_index, alternative in enumerate(BASES):
            row = []
            for offset, base in enumerate(self.sequence):
                effect = float(effects[offset, base_index])
                share = f" ({effect / reference:+.0%})".replace("%", " %") if reference > 0 else ""
                where = f"{self.chrom}:{self.start + offset + 1:,}"
                change = f"{where} {base}>{alternative}: {effect:+.3g}{share}"
                change += motifs.get((self.start + offset, alternative), "")
                row.append(change if base != alternative else "")
            rows.append(row)
        return rows


def _colour_bar(unit: str, domain: Sequence[float], inside: float) -> dict[str, Any]:
    return {
        "title": {
            "text": "change" + (f"<br>({unit})" if unit else ""),
            "font": {"size": 11, "color": INK},
            "side": "top",
        },
        "thickness": 12,
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
    unit = f" ({track.unit})" if track.unit else ""
    return {
        "text": f"<b>{track.name}</b>  predicted {track.reference:.3g}{unit}",
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


def _mark(base: int, yref: str) -> dict[str, Any]:
    """A frame around a base of the heat map."""
    return {
        "type": "rect",
        "xref": "x",
        "yref": yref,
        "x0": base + 0.5,
        "x1": base + 1.5,
        "y0": -0.5,
        "y1": 3.5,
        "line": {"color": INK, "width": 1.4},
    }
