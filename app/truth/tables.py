"""The project's tables of measured effects, read again when their files change."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sighthound.app.answers.truth import (
    MeasuredAgreement,
    MeasuredEffect,
    MeasuredHere,
    MeasuredTable,
    Repeats,
    TrackAgreement,
    WithInterval,
)
from sighthound.app.project_state import Catalogue
from sighthound.core.genome.sequence import Interval
from sighthound.core.interpretation.scores import SCORES
from sighthound.core.model.model import DESCRIPTION
from sighthound.core.project.truth import READOUTS, Truth, read_truth, truth_files
from sighthound.core.tracks.bootstrap import Estimate
from sighthound.core.truth.comparison import Ceiling, Comparison, ceilings, compare

if TYPE_CHECKING:  # take long to import, and most answers need neither
    import pandas as pd

    from sighthound.app.evaluation.truth import TruthCard

MOST = 2_000  # effects of a window and table
_LARGEST = 0.99


class MeasuredTables:
    """What was measured of variants, and how right predictions of it are.

    Parameters
    ----------
    catalogue : Catalogue
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def cards(self) -> list[TruthCard]:
        """Give all tables with their comparisons, by name.

        Predictions of an earlier model are left out.
        """
        return [self._card(file) for file in truth_files(self.catalogue.project)]

    def within(self, place: Interval, tracks: Sequence[str]) -> MeasuredHere:
        """Give the measurements whose reference allele touches a window."""
        files = truth_files(self.catalogue.project)
        return MeasuredHere(tuple(_within(self._truth(file), place, tracks) for file in files))

    def agreement(self, name: str, place: Interval) -> MeasuredAgreement | None:
        """Say how predictions agree with a table, in a window and everywhere; None without it."""
        from sighthound.app.evaluation.truth import summary

        card = next((card for card in self.cards() if card.truth.name == name), None)
        if card is None:
            return None
        rows = card.truth.rows
        inside = _touching(rows, place)
        here = compare(rows[inside], card.truth.predicted[inside], card.truth.tracks)
        return MeasuredAgreement(
            name,
            summary(card),
            tuple(map(_agreement, here)),
            tuple(map(_agreement, card.ranked)),
            tuple(map(_repeats, card.ceilings)),
        )

    def _card(self, file: Path) -> TruthCard:
        from sighthound.app.evaluation.truth import TruthCard

        def read() -> TruthCard:
            truth = self._truth(file)
            return TruthCard(
                truth,
                compare(truth.rows, truth.predicted, truth.tracks),
                ceilings(truth.rows),
                {},
            )

        card: TruthCard = self._kept("comparison", file, [file], read)
        seen = frozenset(self.catalogue.seen(card.truth.tracks))
        return dataclasses.replace(
            card,
            truth=_of_tracks(card.truth, seen),
            comparisons=[one for one in card.comparisons if one.track in seen],
            names=self._names(),
        )

    def _names(self) -> Mapping[str, str]:
        return {id: track.name for id, track in self.catalogue.tracks().items()} | READOUTS

    def _truth(self, file: Path) -> Truth:
        def read() -> Truth:
            truth = read_truth(file)
            if truth.model == self.catalogue.model_hash():
                return truth
            return dataclasses.replace(truth, model=None, tracks=(), score="")

        return self._kept("measured", file, [file], read)

    def _kept(self, what: str, file: Path, files: Sequence[Path], read: Callable[[], Any]) -> Any:
        """What was read of a table, anew when files or the model change."""
        model = self.catalogue.project.model.directory / DESCRIPTION
        return self.catalogue.read_again(f"{what} of {file.name}", [model, *files], read)


def _of_tracks(truth: Truth, seen: frozenset[str]) -> Truth:
    """Leave out the predictions of tracks that are not seen."""
    return dataclasses.replace(truth, tracks=tuple(t for t in truth.tracks if t in seen))


def _touching(rows: pd.DataFrame, place: Interval) -> Any:
    starts = rows["position"].to_numpy()
    ends = starts + rows["ref"].str.len().to_numpy()
    own = (rows["chrom"] == place.chrom).to_numpy()
    return own & (starts < place.end) & (ends > place.start)


def _within(truth: Truth, place: Interval, tracks: Sequence[str]) -> MeasuredTable:
    rows = truth.rows
    inside = np.flatnonzero(_touching(rows, place))
    total = len(inside)
    effects = rows["effect"].to_numpy(float)
    if total > MOST:
        largest = np.argsort(-np.abs(effects[inside]), kind="stable")[:MOST]
        inside = np.sort(inside[largest])
    given = tuple(track for track in tracks if track in truth.tracks)
    columns = [truth.tracks.index(track) for track in given]
    predicted = truth.predicted[inside][:, columns]
    chosen = rows.iloc[inside]
    return MeasuredTable(
        truth.name,
        truth.source,
        truth.effect,
        truth.has_significance,
        total,
        float(np.quantile(np.abs(effects), _LARGEST)) if len(effects) else 0.0,
        given,
        SCORES[truth.score].label if given else "",
        tuple(
            MeasuredEffect(
                int(position), ref, alt, float(effect), _or_none(q), experiment, gene,
                values,
            )
            for position, ref, alt, effect, q, experiment, gene, values in zip(
                chosen["position"], chosen["ref"], chosen["alt"], chosen["effect"], chosen["q"],
                chosen["experiment"], chosen["gene"], predicted, strict=True,
            )
        ),
    )  # fmt: skip


def _agreement(one: Comparison) -> TrackAgreement:
    return TrackAgreement(
        one.track, one.n, _with_interval(one.pearson), _with_interval(one.spearman),
        _with_interval(one.same_sign), one.signed, _with_interval(one.auroc), one.significant,
    )  # fmt: skip


def _repeats(one: Ceiling) -> Repeats:
    return Repeats(
        one.one, one.other, one.n, _with_interval(one.pearson), _or_none(one.reachable)
    )  # fmt: skip


def _with_interval(one: Estimate) -> WithInterval:
    return WithInterval(_or_none(one.value), _or_none(one.low), _or_none(one.high))


def _or_none(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
