"""Measured effects under a mutagenesis: a lane a table, a letter an allele that comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sighthound.app.figures.numbers import signed
from sighthound.app.figures.theme import BASE_COLOURS, DOUBTED, INK, as_text, axis, axis_title
from sighthound.core.truth.tables import SIGNIFICANT
from sighthound.core.variants.variant import Variant

HEIGHT = 62  # pixels
_MARGIN = 1.2  # of the largest effect, above and below
_MOST_NAME = 11  # letters that a lane is high


@dataclass(frozen=True)
class MeasuredLane:
    """Measured effects of a table in the window of a mutagenesis.

    Attributes
    ----------
    name, effect : str
        Of the table, and what it calls the effect.
    significance : bool
        Whether it says anything of significance.
    effects : sequence of mappings
        As /api/v1/measured gives them.
    """

    name: str
    effect: str
    significance: bool
    effects: Sequence[Mapping[str, Any]]

    def trace(self, chrom: str, yref: str) -> dict[str, Any]:
        """A letter a measurement, on an axis of effects; the x axis counts from 1."""
        found = [(one, *_placed(one)) for one in self.effects]
        return {
            "type": "scatter",
            "mode": "text",
            "x": [place for _, place, _ in found],
            "y": [one["effect"] for one, _, _ in found],
            "text": [f"<b>{letter}</b>" for _, _, letter in found],
            "textfont": {
                "size": 12,
                "color": [self._colour(one, letter) for one, _, letter in found],
            },
            "hovertext": [self._note(one, chrom) for one, _, _ in found],
            "hoverinfo": "text",
            "cliponaxis": True,
            "xaxis": "x",
            "yaxis": yref,
        }

    def layout_axis(self, domain: Sequence[float]) -> dict[str, Any]:
        """The axis of effects."""
        largest = max((abs(one["effect"]) for one in self.effects), default=1.0) or 1.0
        short = (
            self.name if len(self.name) <= _MOST_NAME else f"{self.name[: _MOST_NAME - 1]}\u2026"
        )
        return axis(
            domain=list(domain), anchor="x", range=[-_MARGIN * largest, _MARGIN * largest],
            fixedrange=True, tickvals=[-largest, 0, largest],
            ticktext=[signed(-largest), "0", signed(largest)],
            title=axis_title(f"measured<br>{as_text(short)}"),
        )  # fmt: skip

    def _colour(self, one: Mapping[str, Any], letter: str) -> str:
        if self.significance and not (one["q"] is not None and one["q"] < SIGNIFICANT):
            return DOUBTED
        return BASE_COLOURS.get(letter, INK)

    def _note(self, one: Mapping[str, Any], chrom: str) -> str:
        place = f"{as_text(chrom)}:{one['position'] + 1:,} {one['ref']}>{one['alt']}"
        sure = "" if one["q"] is None else f", FDR {one['q']:.2g}"
        of = " \u00b7 ".join(as_text(one[key]) for key in ("experiment", "gene") if one[key])
        lines = [place, f"measured {signed(one['effect'])} ({as_text(self.effect)}){sure}", of]
        return "<br>".join(line for line in lines if line)


def lanes_of(tables: Sequence[Mapping[str, Any]]) -> list[MeasuredLane]:
    """Give the lanes of an answer of /api/v1/measured: tables that have anything there."""
    return [
        MeasuredLane(t["name"], t["effect"], bool(t["significance"]), t["effects"])
        for t in tables
        if t["effects"]
    ]


def _placed(one: Mapping[str, Any]) -> tuple[float, str]:
    """Where an allele stands, counted from 1, and the letter that it is written as."""
    allele = Variant("", int(one["position"]), one["ref"], one["alt"])
    start, ref, alt = allele.trimmed()
    place = start + (len(ref) + 1) / 2
    if len(ref) == 1 and len(alt) == 1:
        return place, alt
    return place, "+" if len(alt) > len(ref) else "\u2212"
