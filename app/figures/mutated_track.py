"""One track of a mutagenesis figure: its logo, gains and losses, and heat map, with their axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sighthound.app.figures.motif_lane import NO_MOTIF, ROWS, changes_in_words
from sighthound.app.figures.numbers import in_unit, plain, share, signed
from sighthound.app.figures.theme import DIVERGING, INK, as_text, axis, axis_title
from sighthound.core.tracks.contrasts import UNIT

BASES = "ACGT"
FROM_BELOW = BASES[::-1]  # of the heat map's lines
GAIN, LOSS = "#0067a8", "#cc4d00"


@dataclass(frozen=True)
class MutatedTrack:
    """The mutagenesis of one track at one bin.

    Attributes
    ----------
    name, unit : str
        Of the track, or of a contrast, whose unit is that of `core.tracks.contrasts`.
    effects : array, (length, 4), A C G T
        Prediction of the alternative minus prediction of the reference, in the track's units.
    reference : float
        Prediction of the reference at the bin.
    motifs, changes : sequences of mappings, optional
        As /api/v1/motifs gives them; motifs are None until they are known.
    no_motif : str
        What is said where there are none.
    said : mapping, optional
        What the networks that taught the model say: how many `members`, and the rest as
        /api/v1/mutagenesis/members gives it.
    percentiles : rows of four numbers or None, optional
        How large each change is among nulls, as /api/v1/mutagenesis/nulls gives it.
    """

    name: str
    effects: ArrayLike
    reference: float
    unit: str = ""
    motifs: Sequence[Mapping[str, Any]] | None = None
    changes: Sequence[Mapping[str, Any]] = field(default=())
    said: Mapping[str, Any] | None = None
    no_motif: str = NO_MOTIF
    percentiles: Sequence[Sequence[float | None]] | None = None

    @property
    def is_doubted(self) -> NDArray[np.bool_] | None:
        """Of each base, whether networks disagree on what it adds; None where none were asked."""
        return None if self.said is None else ~np.asarray(self.said["contributions"], bool)

    @property
    def is_ratio(self) -> bool:
        """Whether values are logarithms of a ratio already, of which no share can be told."""
        return self.unit == UNIT


@dataclass(frozen=True)
class TrackPanel:
    """One track of the figure: its traces and axes."""

    track: MutatedTrack
    values: NDArray[np.float32]
    worth: NDArray[np.float32]
    sequence: str
    chrom: str
    start: int
    limit: float  # of the colours, and of gain and loss
    logo_range: tuple[float, float]
    unit: str
    refs: Sequence[str]  # of the y axes: logo, motifs, gain and loss, heat map

    @property
    def positions(self) -> NDArray[np.int64]:
        return np.arange(self.start + 1, self.start + len(self.sequence) + 1)

    def traces(
        self, is_reference: NDArray[np.bool_], colour_bar: dict[str, Any] | None
    ) -> list[dict[str, Any]]:
        changes = np.where(is_reference, np.nan, self.values)
        row, column = np.nonzero(is_reference)
        heat_map = {
            "type": "heatmap",
            "x": self.positions,
            # Numbers and texts in the order of the axis: Plotly sorts the numbers of a category
            # axis into it, and leaves the texts where they are.
            "y": list(FROM_BELOW),
            "z": np.stack([changes[:, BASES.index(base)] for base in FROM_BELOW]),
            "text": [self._changes_in_words(base) for base in FROM_BELOW],
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
        gains, losses = (self._largest(changes, sign) for sign in (1, -1))
        return [
            heat_map,
            marks,
            *(
                {
                    "type": "bar",
                    "x": self.positions,
                    "y": np.array([value for value, _ in largest], np.float32),
                    "marker": {"color": colour, "line": {"width": 0}},
                    "hoverinfo": "skip",
                    "xaxis": "x",
                    "yaxis": self.refs[2],
                }
                for largest, colour in ((gains, GAIN), (losses, LOSS))
            ),
            self._said(self._worths_in_words(), self.logo_range, self.refs[0]),
            self._said(self._extremes_in_words(gains, losses), self._bar_range, self.refs[2]),
        ]

    def _largest(self, changes: NDArray[np.float32], sign: int) -> list[tuple[float, str]]:
        """The largest gain (sign 1) or loss (-1) of each base, and the base that it is changed to.

        Where no change gains or loses anything they are 0 and "".
        """
        signed_changes = np.nan_to_num(sign * changes, nan=-np.inf)
        best = signed_changes.argmax(axis=1)
        sizes = np.take_along_axis(signed_changes, best[:, None], axis=1)[:, 0]
        return [
            (sign * float(size), BASES[at]) if size > 0 else (0.0, "")
            for size, at in zip(sizes, best, strict=True)
        ]

    def _said(self, words: list[str], span: tuple[float, float], yref: str) -> dict[str, Any]:
        """Unseen bars as high as the plot that say something of each base.

        On the logo and the bars the nearest mark would be a neighbour's as often as the base's own.
        """
        return {
            "type": "bar",
            "x": self.positions,
            "base": span[0],
            "y": [span[1] - span[0]] * len(words),
            "width": 1,
            "marker": {"opacity": 0},
            "text": words,
            "textposition": "none",
            "hovertemplate": "%{text}<extra></extra>",
            "xaxis": "x",
            "yaxis": yref,
        }

    @property
    def _bar_range(self) -> tuple[float, float]:
        return -1.05 * self.limit, 1.05 * self.limit

    def axes(self, domains: Mapping[str, list[float]], *, is_alone: bool) -> dict[str, Any]:
        logo, lane, extremes, heat = (f"yaxis{ref[1:]}" for ref in self.refs)
        # Of several tracks each has its unit in its title and at its colour bar.
        in_unit = f"<br>({as_text(self.unit)})" if self.unit and is_alone else ""
        return {
            logo: axis(
                domain=domains["logo"],
                anchor="x",
                range=list(self.logo_range),
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
                range=list(self._bar_range),
                fixedrange=True,
                nticks=3,
                title=axis_title("gain<br>loss"),
            ),
            heat: axis(
                domain=domains["heat"],
                anchor="x",
                type="category",
                categoryorder="array",
                categoryarray=list(FROM_BELOW),
                range=[-0.5, 3.5],
                fixedrange=True,
                ticks="",
                tickfont={"size": 12 if is_alone else 10.5, "color": INK},
                title=axis_title("changed to"),
            ),
        }

    def _where(self, offset: int) -> str:
        return f"{as_text(self.chrom)}:{self.start + offset + 1:,} {self.sequence[offset]}"

    def _changes_in_words(self, alternative: str) -> list[str]:
        """What changing each base to one other does; nothing of the base that is there."""
        motifs = changes_in_words(self.track.changes)
        effects = np.asarray(self.track.effects, float)[:, BASES.index(alternative)]
        shown = self.values[:, BASES.index(alternative)]
        said = []
        for offset, (effect, drawn) in enumerate(zip(effects, shown, strict=True)):
            part = "" if self.track.is_ratio else share(effect, self.track.reference)
            words = in_unit(signed(effect), self.track.unit) + (f", {part}" if part else "")
            if self.unit != self.track.unit:
                words += f", {self.unit} {signed(drawn)}"
            words += motifs.get((self.start + offset, alternative), "")
            words += self._doubt_in_words(offset, BASES.index(alternative))
            words += self._rank_in_words(offset, BASES.index(alternative))
            is_there = self.sequence[offset] == alternative
            said.append("" if is_there else f"{self._where(offset)}>{alternative}: {words}")
        return said

    def _doubt_in_words(self, offset: int, base: int) -> str:
        said = self.track.said
        if said is None:
            return ""
        mean, deviation = said["mean"][offset][base], said["deviation"][offset][base]
        verdict = "they agree" if said["known"][offset][base] else "they disagree"
        values = f"{signed(mean)} \u00b1 {plain(deviation)}"
        return f"<br>{said['members']} networks: {values}: {verdict}"

    def _rank_in_words(self, offset: int, base: int) -> str:
        """How the change, over all bins that it can reach, ranks among nulls that match."""
        rows = self.track.percentiles
        percentile = None if rows is None else rows[offset][base]
        if percentile is None:
            return ""
        return f"<br>over all bins larger than {int(percentile)} % of matched nulls"

    def _worths_in_words(self) -> list[str]:
        doubted = self.track.is_doubted

        def doubt(offset: int) -> str:
            if doubted is None or not doubted[offset]:
                return ""
            assert self.track.said is not None
            return f"<br>the {self.track.said['members']} networks disagree"

        def words(worth: float) -> str:
            if not worth:
                return "changing it does nothing on average"
            does = "costs" if worth > 0 else "adds"
            return f"changing it {does} {in_unit(plain(abs(worth)), self.unit)} on average"

        return [
            f"{self._where(i)}: {words(float(worth))}{doubt(i)}"
            for i, worth in enumerate(self.worth)
        ]

    def _extremes_in_words(
        self, gains: Sequence[tuple[float, str]], losses: Sequence[tuple[float, str]]
    ) -> list[str]:
        def words(offset: int, name: str, value: float, to: str) -> str:
            if not to:
                return f"no change is a {name}"
            change = f"{self.sequence[offset]}>{to}"
            return f"largest {name}: {change} {in_unit(signed(value), self.unit)}"

        return [
            f"{self._where(i)}<br>{words(i, 'gain', *gain)}<br>{words(i, 'loss', *loss)}"
            for i, (gain, loss) in enumerate(zip(gains, losses, strict=True))
        ]
