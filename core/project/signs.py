"""PROJECT/measured/NAME.signs.json: how often the sign of a predicted effect is right, and when.

`sighthound truth` learns it from the measured effects whose sign is known: a curve a score and
track, which gives the probability that a measured effect has the sign of the predicted one. It
rises with the size of the prediction and with how far the networks that taught the model agree.
A curve is of one model, and of the strands and shifts that it was learned with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sighthound.core.errors import SighthoundError
from sighthound.core.files import write_text
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.project.settings import Project
from sighthound.core.project.truth import SIGNS, beside, truth_files

FORMAT = 1
SIGN_PROBABILITY = "sign_probability"  # the value of rows of scores that say it
# Below which a prediction says too little of a sign for one to be shown.
TOLD = 0.6


@dataclass(frozen=True)
class HeldOut:
    """How right a curve is on chromosomes that it was not learned from.

    Attributes
    ----------
    calibration_error : float
        Expected calibration error: between probabilities and shares that are right, in ten bins of
        equal width, weighted by alleles.
    wrong : float
        Share of alleles whose sign is predicted wrongly.
    confident_wrong : float
        The same of the fifth with the largest probabilities.
    """

    calibration_error: float
    wrong: float
    confident_wrong: float


@dataclass(frozen=True)
class SignCurve:
    """The probability that a sign is right, of one track.

    Attributes
    ----------
    alleles, right : int
        Alleles whose measured sign is known, and those of them that are predicted with it.
    scale : float
        Median size of predictions of the table's alleles.
    weights : tuple of three floats
        Of logit p: constant, of ln(1 + size / scale), and of t / sqrt(1 + t^2), where t is the
        networks' mean in their standard deviations, positive where it has the prediction's sign.
        The last two are not negative.
    held_out : HeldOut
    """

    alleles: int
    right: int
    scale: float
    weights: tuple[float, float, float]
    held_out: HeldOut

    def probability(self, terms: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give probabilities of `sign_terms`, (alleles, 3)."""
        return np.asarray(1 / (1 + np.exp(-terms @ np.array(self.weights))))


@dataclass(frozen=True)
class SignCalibration:
    """What a table of measured effects says of predicted signs.

    Attributes
    ----------
    name, effect : str
        The table's, and what it calls the effect.
    model : str
        Hash of the model.
    members : int
        Networks that were asked; 0 where curves rise with size alone.
    ensemble : Ensemble
        Strands and shifts that were averaged.
    pseudocount : float
        Of the log scores.
    curves : mapping
        Score -> track -> curve.
    """

    name: str
    effect: str
    model: str
    members: int
    ensemble: Ensemble
    pseudocount: float
    curves: Mapping[str, Mapping[str, SignCurve]]

    def probabilities(
        self,
        score: str,
        tracks: tuple[str, ...] | list[str],
        scores: ArrayLike,
        mean: ArrayLike | None = None,
        deviation: ArrayLike | None = None,
    ) -> NDArray[np.float32]:
        """Give the probability that the signs of scores are right.

        Parameters
        ----------
        score : str
            Which it is.
        tracks : sequence of str
        scores : array, (variants, tracks)
        mean, deviation : arrays, (variants, tracks), optional
            Of the networks; needed where there are `members`.

        Returns
        -------
        float32 array, (variants, tracks)
            NaN of tracks without a curve, and where the score is 0 or NaN.
        """
        values = np.asarray(scores, float)
        found = np.full(values.shape, np.nan, np.float32)
        curves = self.curves.get(score, {})
        for number, track in enumerate(tracks):
            if track not in curves:
                continue
            curve, own = curves[track], values[:, number]
            said = (
                (np.asarray(mean, float)[:, number], np.asarray(deviation, float)[:, number])
                if mean is not None and deviation is not None and self.members
                else None
            )
            there = np.isfinite(own) & (own != 0)
            probability = curve.probability(sign_terms(own, curve.scale, said))
            found[there, number] = probability[there]
        return found

    def write(self, table: Path) -> None:
        """Write it beside its table."""
        said = {"format": FORMAT, **asdict(self)}
        del said["name"]
        write_text(beside(table, SIGNS), json.dumps(_rounded(said), indent=1) + "\n")


def sign_terms(
    scores: NDArray[np.float64],
    scale: float,
    said: tuple[NDArray[np.float64], NDArray[np.float64]] | None,
) -> NDArray[np.float64]:
    """What a sign is judged by, (alleles, 3); see `SignCurve`.

    Parameters
    ----------
    scores : array, (alleles,)
    scale : float
    said : mean and deviation of the networks, (alleles,) each, or None without networks
    """
    size = np.log1p(np.abs(scores) / scale)
    agreed = np.zeros(len(scores))
    if said is not None:
        mean, deviation = said
        toward = mean * np.sign(scores)
        # t / sqrt(1 + t^2), also where the deviation is 0.
        agreed = toward / np.maximum(np.hypot(toward, deviation), np.finfo(float).tiny)
    return np.column_stack([np.ones(len(scores)), size, agreed])


def sign_files(project: Project) -> list[Path]:
    """All calibrations there are, by the name of their table."""
    beside_them = [beside(table, SIGNS) for table in truth_files(project)]
    return [file for file in beside_them if file.is_file()]


def read_signs(file: Path) -> SignCalibration:
    """Read what a table says of signs.

    Raises
    ------
    SighthoundError
        It is damaged, or of another version.
    """
    again = "run 'sighthound truth' again"
    try:
        said: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if said.pop("format") != FORMAT:
            raise SighthoundError(f"{file} is of another version; {again}")
        given = said.pop("ensemble")
        ensemble = Ensemble(given["reverse_complement"], tuple(given["shifts"]))
        curves = {
            score: {track: _curve(**values) for track, values in of_score.items()}
            for score, of_score in said.pop("curves").items()
        }
        name = file.name.removesuffix(SIGNS)
        return SignCalibration(name=name, ensemble=ensemble, curves=curves, **said)
    except (AttributeError, KeyError, OSError, TypeError, ValueError):
        raise SighthoundError(f"{file} is damaged; {again}") from None


def signs_for(
    project: Project,
    model: str,
    ensemble: Ensemble,
    members: int,
    pseudocount: float,
) -> SignCalibration | None:
    """Find what is known of signs: of several tables that with most alleles of a known sign.

    Parameters
    ----------
    model : str
        Hash; what is of another counts as none.
    ensemble, pseudocount
        Of the scores whose signs are asked for.
    members : int
        Networks that can be asked.
    """
    found = [read_signs(file) for file in sign_files(project)]
    asked = (model, ensemble, members, pseudocount)
    own = [c for c in found if (c.model, c.ensemble, c.members, c.pseudocount) == asked]
    return max(own, key=_evidence, default=None)


def _evidence(one: SignCalibration) -> int:
    return max((c.alleles for curves in one.curves.values() for c in curves.values()), default=0)


def _curve(held_out: Mapping[str, float], weights: list[float], **rest: Any) -> SignCurve:
    first, second, third = weights
    return SignCurve(weights=(first, second, third), held_out=HeldOut(**held_out), **rest)


def _rounded(said: Any) -> Any:
    """Numbers in six digits, so that machines agree."""
    if isinstance(said, dict):
        return {key: _rounded(value) for key, value in said.items()}
    if isinstance(said, (list, tuple)):
        return [_rounded(value) for value in said]
    return float(f"{said:.6g}") if isinstance(said, float) else said
