"""Numbers with 95 % intervals: a bootstrap that draws blocks of neighbours.

Neighbours are no independent witnesses, so the bootstrap (Efron 1979) draws blocks of them, as many
as there are, a thousand times: the same ones for every number. Each is a function of sums over
blocks, so a draw costs one matrix product.
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


def estimate_columns(name: str, one: Estimate) -> dict[str, float]:
    """Give an estimate as tables have it: NAME, NAME_low and NAME_high.

    Examples
    --------
    >>> estimate_columns("r", Estimate(0.5, 0.4, 0.6))
    {'r': 0.5, 'r_low': 0.4, 'r_high': 0.6}
    """
    return {name: one.value, f"{name}_low": one.low, f"{name}_high": one.high}


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
    value = float(correlation_of_sums(*total[:, None])[0])
    return n, interval_of(value, correlation_of_sums(*drawn.T), bootstrap)


def interval_of(value: float, drawn: Floats, bootstrap: Bootstrap) -> Estimate:
    """Give a number with the ends of its interval, of what it is in every draw, (draws,)."""
    if not bootstrap.is_enough or not math.isfinite(value):
        return Estimate(value)
    low, high = np.nanpercentile(drawn, _ENDS)
    return Estimate(value, float(low), float(high))


def correlation_of_sums(
    n: Floats, a: Floats, b: Floats, aa: Floats, bb: Floats, ab: Floats
) -> Floats:
    """Pearson r of the number of pairs and sums of a, b, a a, b b, a b; NaN without spread."""
    scale = np.sqrt(positive(aa - a * a / n) * positive(bb - b * b / n))
    return np.clip((ab - a * b / n) / scale, -1, 1)


def positive(values: Floats) -> Floats:
    """Give values, with NaN for those that nothing may be divided by."""
    return np.where(values > 0, values, np.nan)
