"""How a prediction agrees with an experiment over bins, each number with an interval.

Pearson r of values and of log(1 + value), R2, and the level: the mean of the prediction over the
mean of the experiment. Neighbouring bins are no independent witnesses, so the bootstrap (Efron
1979) draws blocks of neighbours, as many as there are, a thousand times: the same ones for every
track. Each number is a function of sums over blocks, so a draw costs one matrix product.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sighthound.core.tracks.metrics import LEAST_BINS

Floats = NDArray[np.float64]
DRAWS = 1_000
# Fewer blocks say too little of how numbers vary among them.
LEAST_BLOCKS = 8
_ENDS = (2.5, 97.5)  # percent


@dataclass(frozen=True)
class Estimate:
    """A number with the ends of its 95 % interval; NaN where not known."""

    value: float = math.nan
    low: float = math.nan
    high: float = math.nan


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


class Bootstrap:
    """Draws of blocks, with replacement.

    Parameters
    ----------
    blocks : int array, (bins,)
        Block of every bin, from 0.
    seed : int
    """

    def __init__(self, blocks: NDArray[np.int64], seed: int = 0, draws: int = DRAWS) -> None:
        self.blocks = np.asarray(blocks)
        self.count = int(self.blocks.max(initial=-1)) + 1
        rng = np.random.default_rng(seed)
        even = np.full(self.count, 1 / max(1, self.count))
        self._times = rng.multinomial(self.count, even, draws).astype(float)
        self._order = np.argsort(self.blocks, kind="stable")
        self._starts = np.searchsorted(self.blocks[self._order], np.arange(self.count))

    def sums(self, columns: Iterable[NDArray[Any]]) -> tuple[Floats, Floats]:
        """Add up columns, (bins,) each: over all bins, and for every draw, (draws, columns)."""
        in_blocks = np.stack(
            [np.add.reduceat(c[self._order], self._starts, dtype=float) for c in columns], axis=1
        )
        return in_blocks.sum(axis=0), self._times @ in_blocks

    @property
    def is_enough(self) -> bool:
        """Whether there are blocks enough for an interval."""
        return self.count >= LEAST_BLOCKS


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
        value = float(values[measure][0])
        if not bootstrap.is_enough or not math.isfinite(value):
            return Estimate(value)
        ends = np.nanpercentile(draws[measure], _ENDS)
        return Estimate(value, float(ends[0]), float(ends[1]))

    return Agreement(
        n, of("pearson"), of("pearson_log1p"), of("r2"), of("level"), centres[1], centres[0]
    )


def correlation(x: ArrayLike, y: ArrayLike, bootstrap: Bootstrap) -> tuple[int, Estimate]:
    """Give the bins that two series both have, and their Pearson r.

    Parameters
    ----------
    x, y : arrays, (bins,)
        Of any sign. Below 20 bins where either is not zero, or without variance, there is no r.
    """
    a, b = np.asarray(x, float), np.asarray(y, float)
    known = np.isfinite(a) & np.isfinite(b)
    n = int(known.sum())
    if int((known & ((a != 0) | (b != 0))).sum()) < LEAST_BINS:
        return n, Estimate()
    a, b = (np.where(known, v - v[known].mean(), 0) for v in (a, b))
    total, drawn = bootstrap.sums((known, a, b, a * a, b * b, a * b))
    value = float(_r(*total[:, None])[0])
    if not bootstrap.is_enough or not math.isfinite(value):
        return n, Estimate(value)
    low, high = np.nanpercentile(_r(*drawn.T), _ENDS)
    return n, Estimate(value, float(low), float(high))


def _measures(sums: Floats, centres: list[float]) -> dict[str, Floats]:
    """Every measure from sums, (draws, columns)."""
    n, a, b, aa, bb, ab, c, d, cc, dd, cd, rr = sums.T
    n = np.maximum(n, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = bb - b * b / n
        return {
            "pearson": _r(n, a, b, aa, bb, ab),
            "pearson_log1p": _r(n, c, d, cc, dd, cd),
            "r2": np.where(spread > 0, 1 - rr / spread, np.nan),
            "level": (a / n + centres[0]) / _positive(b / n + centres[1]),
        }


def _r(n: Floats, a: Floats, b: Floats, aa: Floats, bb: Floats, ab: Floats) -> Floats:
    scale = np.sqrt(_positive(aa - a * a / n) * _positive(bb - b * b / n))
    return np.clip((ab - a * b / n) / scale, -1, 1)


def _positive(values: Floats) -> Floats:
    return np.where(values > 0, values, np.nan)
