"""One track of a mutagenesis figure: its logo, gains and losses, and heat map, with their axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from app.figures.motif_lane import ROWS, changes_in_words
from app.figures.theme import DIVERGING, INK, axis, axis_title

BASES = "ACGT"
GAIN, LOSS = "#0067a8", "#cc4d00"


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


@dataclass(frozen=True)
class TrackPanel:
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
