"""Learning from measured effects how often the sign of a prediction is right, and when.

A logistic curve a track, rising with the size of a prediction and with the agreement of the
networks that taught the model (`core.project.signs`). Its weights are drawn towards 0, a sign that
nobody knows, as if `TOSSES` coins had been tossed first: few measurements claim little. An allele
counts once, however often it was measured. How right the probabilities are is told on chromosomes
that a curve was not learned from, one left out after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sighthound.core.project.signs import (
    SIGN_PROBABILITY,
    HeldOut,
    SignCalibration,
    SignCurve,
    sign_terms,
)
from sighthound.core.truth.tables import SIGNIFICANT

if TYPE_CHECKING:  # takes long to import, and most of core needs none
    import pandas as pd

LEAST_ALLELES, LEAST_CHROMOSOMES = 100, 3
TOSSES = 40
_BINS = 10
_CONFIDENT = 5  # one of so many


def measured_signs(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the alleles whose measured sign is known, one a row.

    Parameters
    ----------
    rows : DataFrame
        Of a `MeasuredTable`.

    Returns
    -------
    DataFrame
        `row` (the first of the allele in `rows`), `chrom` and `sign` (1 or -1): of the mean of its
        significant measurements, or of all where nothing is said of significance.
    """
    sure = rows["q"] < SIGNIFICANT if rows["q"].notna().any() else rows["effect"] != 0
    known = rows.assign(row=np.arange(len(rows)))[sure]
    allele = ["chrom", "position", "ref", "alt"]
    found = known.groupby(allele, sort=False).agg(row=("row", "first"), effect=("effect", "mean"))
    found = found[found["effect"] != 0].reset_index()
    return found.assign(sign=np.sign(found["effect"]).astype(int))[["row", "chrom", "sign"]]


def sign_curves(
    rows: pd.DataFrame,
    tracks: Sequence[str],
    scores: NDArray[np.floating],
    mean: NDArray[np.floating] | None = None,
    deviation: NDArray[np.floating] | None = None,
) -> dict[str, SignCurve]:
    """Learn a curve a track.

    Parameters
    ----------
    rows : DataFrame
        Of a `MeasuredTable`.
    tracks : sequence of str
    scores : array, (rows, tracks)
        What is predicted of each measurement; NaN where nothing is.
    mean, deviation : arrays, (rows, tracks), optional
        Of the networks that taught the model.

    Returns
    -------
    dict
        Track -> curve; without tracks of which fewer than `LEAST_ALLELES` alleles on
        `LEAST_CHROMOSOMES` chromosomes have a known sign.
    """
    signs = measured_signs(rows)
    places, measured = signs["row"].to_numpy(int), signs["sign"].to_numpy()
    chroms = signs["chrom"].to_numpy(str)
    found = {}
    for number, track in enumerate(tracks):
        own = np.asarray(scores[:, number], float)
        sizes = np.abs(own[np.isfinite(own) & (own != 0)])
        there = np.isfinite(own[places]) & (own[places] != 0)
        if mean is not None and deviation is not None:
            there &= np.isfinite(mean[places, number] + deviation[places, number])
        if there.sum() < LEAST_ALLELES or len(set(chroms[there])) < LEAST_CHROMOSOMES:
            continue
        at = places[there]
        said = None
        if mean is not None and deviation is not None:
            said = np.asarray(mean[at, number], float), np.asarray(deviation[at, number], float)
        scale = float(f"{np.median(sizes):.6g}")
        terms = sign_terms(own[at], scale, said)
        right = np.sign(own[at]) == measured[there]
        found[track] = SignCurve(
            len(at), int(right.sum()), scale, _weights(terms, right),
            _held_out(terms, right, chroms[there]),
        )  # fmt: skip
    return found


def with_sign_probabilities(
    table: pd.DataFrame, calibration: SignCalibration, tracks: Sequence[str]
) -> pd.DataFrame:
    """Add to a table of scores the probability that the sign of each is right.

    Parameters
    ----------
    table : DataFrame
        Of `core.score_variants`, with the networks' values where the calibration has `members`.
    calibration : SignCalibration
    tracks : sequence of str
        The columns of scores.

    Returns
    -------
    DataFrame
        After the rows of every score that the calibration knows, one more, of the value
        `SIGN_PROBABILITY`.
    """
    import pandas as pd

    tracks = list(tracks)
    parts = [table.assign(place=np.cumsum(table["value"] == "score"))]
    for score in dict.fromkeys(table["score"]):
        if score not in calibration.curves:
            continue

        def rows(value: str, score: str = score) -> pd.DataFrame:
            return parts[0][(parts[0]["score"] == score) & (parts[0]["value"] == value)]

        own = rows("score")
        said = (
            [rows(value)[tracks].to_numpy() for value in ("members_mean", "members_sd")]
            if calibration.members
            else [None, None]
        )
        part = own.assign(value=SIGN_PROBABILITY)
        part[tracks] = calibration.probabilities(score, tracks, own[tracks].to_numpy(), *said)
        parts.append(part)
    joined = pd.concat(parts).sort_values("place", kind="stable", ignore_index=True)
    return joined.drop(columns="place")


def calibration_error(probabilities: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Give the expected calibration error, in ten bins of equal width (Naeini et al. 2015).

    Examples
    --------
    >>> calibration_error(np.full(4, 0.8), np.array([True, True, True, False]))
    0.05
    """
    bins = np.minimum((probabilities * _BINS).astype(int), _BINS - 1)
    gap = np.bincount(bins, weights=right - probabilities, minlength=_BINS)
    return round(float(np.abs(gap).sum()) / len(right), 12)


def _weights(terms: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, float, float]:
    """The most probable weights, with the prior of `TOSSES` coins on each."""
    from scipy.optimize import minimize  # takes a second, which most of core does not have to wait

    signs = np.where(right, 1.0, -1.0)
    ridge = TOSSES / 4  # p (1 - p) of a coin

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = signs * (terms @ weights)
        slope = -signs / (1 + np.exp(margin))
        value = np.logaddexp(0, -margin).sum() + ridge / 2 * (weights @ weights)
        return float(value), terms.T @ slope + ridge * weights

    bounds = [(None, None), (0, None), (0, None)]
    constant, size, agreed = minimize(loss, np.zeros(3), jac=True, bounds=bounds).x.tolist()
    return constant, size, agreed


def _held_out(
    terms: NDArray[np.float64], right: NDArray[np.bool_], chroms: NDArray[np.str_]
) -> HeldOut:
    probabilities = np.empty(len(right))
    for chrom in np.unique(chroms):
        out = chroms == chrom
        weights = np.array(_weights(terms[~out], right[~out]))
        probabilities[out] = 1 / (1 + np.exp(-terms[out] @ weights))
    confident = np.argsort(-probabilities, kind="stable")[: max(1, len(right) // _CONFIDENT)]
    return HeldOut(
        calibration_error(probabilities, right),
        float(1 - right.mean()),
        float(1 - right[confident].mean()),
    )
