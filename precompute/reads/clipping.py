"""Cutting piles: what a base may have, by the coverage around it.

The rule of the published script: a base may have one read, and more than c where a Poisson variable
with the mean of the smoothed coverage there exceeds c with a probability above 0.01, up to a limit.
What is smoothed is cut itself, so that no pile vouches for itself.
"""

from __future__ import annotations

import numpy as np

from sighthound.core.compiled import compiled
from sighthound.precompute.reads.places import PSEUDOCOUNT

EXCEEDED = 0.01


def thresholds(limit: int) -> np.ndarray:
    """Give the means of coverage above which a base may have 2 reads, 3, and so on to `limit`.

    Returns
    -------
    float64 array, (limit - 1,), ascending
    """
    from scipy.special import gammaincinv  # takes long to import

    # A Poisson variable exceeds c as often as a gamma variable of shape c + 1 is below its mean.
    return gammaincinv(np.arange(2, limit + 1) + 1.0, EXCEEDED)


def allowed(coverage: np.ndarray, enough: np.ndarray) -> np.ndarray:
    """Give the reads that bases may have.

    Parameters
    ----------
    coverage : float64 array, (bases,)
        Smoothed.
    enough : float64 array, (limit - 1,)
        Of `thresholds`.

    Returns
    -------
    int64 array, (bases,)
        1 to limit.
    """
    return 1 + np.searchsorted(enough, coverage + PSEUDOCOUNT)


def clip_piles(values: np.ndarray, limit: int, kernel: np.ndarray) -> int:
    """Cut a chromosome's piles in place, until what is left allows itself.

    Parameters
    ----------
    values : float32 array, (bases,)
        Reads at each base.
    limit : int
        The most that any base may have.
    kernel : float64 array, (2 radius + 1,)
        Smooths coverage, which is mirrored at the ends.

    Returns
    -------
    int
        Bases that had more than they may.
    """
    enough, radius = thresholds(limit), len(kernel) // 2
    piles = np.flatnonzero(values > 1)
    had = values[piles]
    asked = piles
    while len(asked):
        mirrored = np.pad(values, radius, mode="symmetric")
        most = allowed(_smoothed(mirrored, asked, kernel), enough)
        cut = asked[values[asked] > most]
        values[asked] = np.minimum(values[asked], most)
        # What was cut allows less around it.
        near = np.searchsorted(cut, (piles - radius, piles + radius + 1))
        asked = piles[near[1] > near[0]]
    return int((values[piles] < had).sum())


@compiled
def _smoothed(mirrored: np.ndarray, at: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Weigh coverage around bases, (n,), by the kernel; it has `radius` more bases on each side."""
    smoothed = np.zeros(len(at))
    for i in range(len(at)):
        total = 0.0
        for j in range(len(kernel)):
            total += kernel[j] * mirrored[at[i] + j]
        smoothed[i] = total
    return smoothed
