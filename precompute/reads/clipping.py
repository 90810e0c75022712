"""Cutting piles: what a base may have, by the coverage around it.

The rule of the published script: a base has at most the smallest count, from 2 to a limit, that a
Poisson variable with the mean of the smoothed coverage there exceeds with probability 0.01 or less.
"""

from __future__ import annotations

import numpy as np

EXCEEDED = 0.01
_LEAST = 2
_BLOCK = 1 << 22  # bases that are smoothed at a time


def thresholds(limit: int) -> np.ndarray:
    """Give the mean up to which each count from 2 to `limit` is enough, ascending, float64."""
    from scipy.optimize import brentq  # take seconds to import
    from scipy.stats import poisson

    return np.array(
        [
            brentq(lambda mean, count=count: poisson.sf(count, mean) - EXCEEDED, 1e-9, count + 1)
            for count in range(_LEAST, limit + 1)
        ]
    )


def clip_piles(values: np.ndarray, limit: int, sd: float) -> int:
    """Cut a chromosome's piles in place.

    Parameters
    ----------
    values : float32 array, (bases,)
        Reads at each base.
    limit : int
        The most that any base may have.
    sd : float
        Bases, of the Gaussian that smooths coverage.

    Returns
    -------
    int
        Bases that had more than they may.
    """
    from scipy.ndimage import gaussian_filter1d

    enough = thresholds(limit)
    clipped = 0
    radius = int(3 * sd + 0.5)
    smooth = np.empty(len(values), np.float32)
    for start in range(0, len(values), _BLOCK):
        end = min(start + _BLOCK, len(values))
        low, high = max(0, start - radius), min(len(values), end + radius)
        around = gaussian_filter1d(values[low:high], sd, truncate=3, mode="constant")
        smooth[start:end] = around[start - low : end - low]
    piles = np.flatnonzero(values > _LEAST)
    most = np.minimum(_LEAST + np.searchsorted(enough, smooth[piles]), limit)
    too_many = values[piles] > most
    clipped = int(too_many.sum())
    values[piles[too_many]] = most[too_many]
    return clipped
