"""How a prediction agrees with an experiment over bins, each number with an interval.

Pearson r of values and of log(1 + value), R2, and the level: the mean of the prediction over the
mean of the experiment. Each number is a function of sums, as `core.tracks.bootstrap` draws them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sighthound.core.tracks.bootstrap import (
    Bootstrap,
    Estimate,
    Floats,
    correlation_of_sums,
    interval_of,
    positive,
)
from sighthound.core.tracks.metrics import LEAST_BINS


@dataclass(frozen=True)
class Agreement:
    """How prediction and experiment agree over some bins.

    Attributes
    ----------
    n_bins : int
        Bins with both.
    experiment_mean, prediction_mean : float
    """

    n_bins: int
    pearson: Estimate
    pearson_log1p: Estimate
    r2: Estimate
    level: Estimate
    experiment_mean: float
    prediction_mean: float


def agreement(prediction: ArrayLike, experiment: ArrayLike, bootstrap: Bootstrap) -> Agreement:
    """Compare prediction and experiment over bins.

    Parameters
    ----------
    prediction, experiment : arrays, (bins,)
        Bins where either is NaN do not count; negative values are 0 in logarithms.

    Returns
    -------
    Agreement
        Without numbers where fewer than 20 bins have signal (`core.tracks.metrics.LEAST_BINS`).
    """
    p, y = np.asarray(prediction, float), np.asarray(experiment, float)
    known = np.isfinite(p) & np.isfinite(y)
    n = int(known.sum())
    nothing = Estimate()
    if int((known & (y > 0)).sum()) < LEAST_BINS:
        means = (float(v[known].mean()) if n else math.nan for v in (y, p))
        return Agreement(n, nothing, nothing, nothing, nothing, *means)
    log_p, log_y = (np.log1p(np.maximum(v, 0)) for v in (p, y))
    # Moments around a mean near their own lose no digits.
    centres = [float(v[known].mean()) for v in (p, y, log_p, log_y)]
    a, b, c, d = (
        np.where(known, v - centre, 0)
        for v, centre in zip((p, y, log_p, log_y), centres, strict=True)
    )
    residual = np.where(known, y - p, 0)
    # One after the other: all of them together are twelve times the signal.
    products: Iterable[NDArray[Any]] = (
        one if other is None else one * other
        for one, other in (
            (known, None), (a, None), (b, None), (a, a), (b, b), (a, b),
            (c, None), (d, None), (c, c), (d, d), (c, d), (residual, residual),
        )
    )  # fmt: skip
    total, drawn = bootstrap.sums(products)

    values, draws = _measures(total[None], centres), _measures(drawn, centres)

    def of(measure: str) -> Estimate:
        return interval_of(float(values[measure][0]), draws[measure], bootstrap)

    return Agreement(
        n, of("pearson"), of("pearson_log1p"), of("r2"), of("level"), centres[1], centres[0]
    )


def _measures(sums: Floats, centres: list[float]) -> dict[str, Floats]:
    """Every measure from sums, (draws, columns)."""
    n, a, b, aa, bb, ab, c, d, cc, dd, cd, rr = sums.T
    n = np.maximum(n, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = bb - b * b / n
        return {
            "pearson": correlation_of_sums(n, a, b, aa, bb, ab),
            "pearson_log1p": correlation_of_sums(n, c, d, cc, dd, cd),
            "r2": np.where(spread > 0, 1 - rr / spread, np.nan),
            "level": (a / n + centres[0]) / positive(b / n + centres[1]),
        }
