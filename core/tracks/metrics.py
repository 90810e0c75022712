"""How well a prediction agrees with an experiment: Pearson correlation, R2 and Poisson deviance.

Everything runs along the first axis and gives one number per track, in float64. Entries where
either array is NaN (the experiment has no data there) or that are masked do not count. `Moments`
gathers the same numbers piece by piece, so that a genome need not sit in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Scores = NDArray[np.float64]

LEAST_BINS = 20  # with signal, below which a correlation is no evidence and is not given


def pearson(prediction: ArrayLike, experiment: ArrayLike, mask: ArrayLike | None = None) -> Scores:
    """Pearson correlation per track.

    Parameters
    ----------
    prediction, experiment : arrays of one shape, (bins, ...)
    mask : bool, broadcast to that shape from the left; True where an entry counts

    Returns
    -------
    float64 array, (...); NaN where either is constant or fewer than two entries count

    Examples
    --------
    >>> pearson([1, 2, 3, 9], [2, 4, 6, float("nan")]).item()
    1.0
    """
    return Moments().add(prediction, experiment, mask).pearson()


def pearson_log1p(
    prediction: ArrayLike, experiment: ArrayLike, mask: ArrayLike | None = None
) -> Scores:
    """Pearson correlation per track of log(1 + value); negative values count as 0.

    Parameters
    ----------
    prediction, experiment, mask : as for `pearson`

    Returns
    -------
    float64 array, (...); NaN where either is constant or fewer than two entries count
    """
    return pearson(_log1p(prediction), _log1p(experiment), mask)


def r2(prediction: ArrayLike, experiment: ArrayLike, mask: ArrayLike | None = None) -> Scores:
    """Share of the experiment's variance that the prediction explains, per track.

    1 - sum (experiment - prediction)^2 / sum (experiment - its mean)^2; negative where the mean
    would have been the better prediction.

    Parameters
    ----------
    prediction, experiment, mask : as for `pearson`

    Returns
    -------
    float64 array, (...); NaN where the experiment is constant
    """
    return Moments().add(prediction, experiment, mask).r2()


def auroc(scores: ArrayLike, labels: ArrayLike) -> float:
    """Area under the receiver operating characteristic: the Mann-Whitney statistic.

    Parameters
    ----------
    scores : array, (n,)
    labels : bool array, (n,)

    Returns
    -------
    float
        The share of (positive, negative) pairs in which the positive scores higher, ties counting
        half; NaN without positives or negatives.

    Examples
    --------
    >>> auroc([0.1, 0.4, 0.35, 0.8], [False, False, True, True])
    0.75
    """
    from scipy.stats import rankdata  # takes a second, which the server does not have to wait

    positive = np.asarray(labels, bool)
    ranks = rankdata(np.asarray(scores, float))
    count = int(positive.sum())
    others = len(positive) - count
    if not count or not others:
        return float("nan")
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * others))


def average_precision(scores: ArrayLike, labels: ArrayLike) -> float:
    """Area under the curve of precision against recall, by steps: average precision.

    Parameters
    ----------
    scores : array, (n,)
    labels : bool array, (n,)

    Returns
    -------
    float
        The mean over positives of the precision among all that score at least as high; chance gives
        about the share of positives. NaN without positives.

    Examples
    --------
    >>> average_precision([0.1, 0.4, 0.35, 0.8], [False, False, True, True])
    0.8333333333333333
    """
    values, positive = np.asarray(scores, float), np.asarray(labels, bool)
    order = np.argsort(-values, kind="stable")
    values, positive = values[order], positive[order]
    if not positive.any():
        return float("nan")
    # What scores alike is taken together: at the last of each run.
    last = np.flatnonzero(np.append(np.diff(values) != 0, True))
    found = np.cumsum(positive)[last]
    precision = found / (last + 1)
    return float((np.diff(found, prepend=0) * precision).sum() / found[-1])


def poisson_deviance(
    prediction: ArrayLike, experiment: ArrayLike, mask: ArrayLike | None = None
) -> Scores:
    """Mean Poisson deviance per track: 2 (y log(y / p) - y + p) for experiment y and prediction p.

    Parameters
    ----------
    prediction, experiment, mask : as for `pearson`; neither may be negative

    Returns
    -------
    float64 array, (...); 0 for a perfect prediction, infinite where 0 is predicted for a positive
    value, NaN where nothing counts or a value is negative

    Examples
    --------
    >>> poisson_deviance([1.0, 2.0, 0.0], [1.0, 2.0, 0.0]).item()
    0.0
    """
    p, y, counted = _paired(prediction, experiment, mask)
    negative = counted & ((p < 0) | (y < 0))
    p, y = np.where(counted & ~negative, p, 1.0), np.where(counted & ~negative, y, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_ratio = np.where(y > 0, y * np.log(y / p), 0.0)
        mean = (2 * (log_ratio - y + p)).sum(axis=0) / counted.sum(axis=0)
    return np.where(negative.any(axis=0), np.nan, mean)


@dataclass
class Moments:
    """Running moments of prediction and experiment per track; `add` pieces, then ask.

    Pieces are merged as in Chan, Golub & LeVeque 1983, which loses no precision to large means.

    Examples
    --------
    >>> moments = Moments()
    >>> for piece in ([1.0, 2.0], [3.0, 4.0]):
    ...     moments = moments.add(piece, [2 * value for value in piece])
    >>> moments.pearson().item(), moments.r2().item()
    (1.0, -0.5)
    """

    count: Any = 0
    mean_prediction: Any = 0.0
    mean_experiment: Any = 0.0
    spread_prediction: Any = 0.0  # sums of squared and crossed deviations from the means
    spread_experiment: Any = 0.0
    co_spread: Any = 0.0
    squared_residuals: Any = 0.0

    def add(
        self, prediction: ArrayLike, experiment: ArrayLike, mask: ArrayLike | None = None
    ) -> Moments:
        """Count a piece in; arguments as for `pearson`. Returns itself."""
        p, y, counted = _paired(prediction, experiment, mask)
        if not len(p):
            return self
        n = counted.sum(axis=0)
        mean_p, p = _centred(p, counted, n)
        mean_y, y = _centred(y, counted, n)
        residuals = np.where(counted, (y + mean_y) - (p + mean_p), 0.0)

        total = self.count + n
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(total > 0, n / total, 0.0)
        far_p = np.where(self.count > 0, mean_p - self.mean_prediction, 0.0)
        far_y = np.where(self.count > 0, mean_y - self.mean_experiment, 0.0)
        between = self.count * share
        self.spread_prediction = self.spread_prediction + (p * p).sum(axis=0) + far_p**2 * between
        self.spread_experiment = self.spread_experiment + (y * y).sum(axis=0) + far_y**2 * between
        self.co_spread = self.co_spread + (p * y).sum(axis=0) + far_p * far_y * between
        self.squared_residuals = self.squared_residuals + (residuals**2).sum(axis=0)
        self.mean_prediction = np.where(
            self.count > 0, self.mean_prediction + far_p * share, mean_p
        )
        self.mean_experiment = np.where(
            self.count > 0, self.mean_experiment + far_y * share, mean_y
        )
        self.count = total
        return self

    def pearson(self) -> Scores:
        """Pearson correlation of what was added, per track; NaN where either is constant."""
        scale = np.sqrt(self.spread_prediction * self.spread_experiment)
        return np.clip(_ratio(self.co_spread, scale), -1.0, 1.0)

    def r2(self) -> Scores:
        """R2 of what was added, per track; NaN where the experiment is constant."""
        return 1.0 - _ratio(self.squared_residuals, self.spread_experiment)


def _paired(
    prediction: ArrayLike, experiment: ArrayLike, mask: ArrayLike | None
) -> tuple[Scores, Scores, NDArray[np.bool_]]:
    p, y = np.asarray(prediction, np.float64), np.asarray(experiment, np.float64)
    if p.shape != y.shape or p.ndim == 0:
        raise ValueError(
            f"prediction {p.shape} and experiment {y.shape}; expected one shape (bins, ...)"
        )
    counted = ~(np.isnan(p) | np.isnan(y))
    if mask is not None:
        chosen = np.asarray(mask, bool)
        counted &= chosen.reshape(chosen.shape + (1,) * (p.ndim - chosen.ndim))
    return p, y, counted


def _centred(values: Scores, counted: NDArray[np.bool_], n: Any) -> tuple[Scores, Scores]:
    """Mean over counted entries and deviations from it, exactly 0 where all are equal."""
    first = np.take_along_axis(values, counted.argmax(axis=0)[np.newaxis], axis=0)
    first = np.where(counted.any(axis=0), first, 0.0)
    shifted = np.where(counted, values - first, 0.0)
    mean = shifted.sum(axis=0) / np.maximum(n, 1)
    return first[0] + mean, np.where(counted, shifted - mean, 0.0)


def _ratio(numerator: Any, denominator: Any) -> Scores:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.true_divide(numerator, denominator)
    return np.where(np.asarray(denominator) > 0, ratio, np.nan)


def _log1p(values: ArrayLike) -> Scores:
    return np.log1p(np.maximum(np.asarray(values, np.float64), 0.0))


def q_values(p_values: np.ndarray) -> np.ndarray:
    """Benjamini-Hochberg q-values along the last axis; NaN is no test.

    Our own, since scipy's `false_discovery_control` refuses NaN, which a window with N is, and a
    measurement whose p is not said.

    Examples
    --------
    >>> q_values(np.array([0.01, 0.5, 0.02, np.nan])).tolist()
    [0.03, 0.5, 0.03, nan]
    """
    order = np.argsort(p_values, axis=-1)
    tests = np.sum(~np.isnan(p_values), axis=-1, keepdims=True)
    ranks = np.arange(1, p_values.shape[-1] + 1)
    by_rank = np.take_along_axis(p_values, order, -1) * tests / ranks
    monotone = np.fmin.accumulate(by_rank[..., ::-1], axis=-1)[..., ::-1]
    q = np.full(p_values.shape, np.nan, monotone.dtype)
    np.put_along_axis(q, order, np.where(np.isnan(by_rank), np.nan, np.minimum(monotone, 1)), -1)
    return q
