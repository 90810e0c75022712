"""PICS: probabilities from the lead's P and LD alone (Farh et al. 2015, Nature 518, 337).

If a variant is causal, the association of one in LD r with it is expected to be r^2 of its own, as
-log10 P, and varies around that with standard deviation sqrt(1 - |r|^6.4) * sqrt(-log10 P) / 2:
the authors' fit to permuted data. A variant's probability is how often the lead would then be as
strong as it is, over the sum of that of all.
"""

from __future__ import annotations

import numpy as np
import scipy.stats
from numpy.typing import ArrayLike

EXPONENT = 6.4
LEAST_R2 = 0.5  # below, Farh et al. do not look


def pics(log10_p: float, r2: ArrayLike, least_r2: float = LEAST_R2) -> np.ndarray:
    """Give the probability that each variant is the causal one.

    Parameters
    ----------
    log10_p : float
        -log10 P of the lead.
    r2 : array, (variants,)
        Of each with the lead, which is among them with 1; NaN where it is not known.
    least_r2 : float
        Variants in less LD are not candidates.

    Returns
    -------
    float64 array, (variants,)
        Sums to 1; 0 where r2 is less than `least_r2`, NaN where it is not known.

    Examples
    --------
    >>> pics(8.0, [1.0, 0.8, 0.5, 0.1]).round(3).tolist()
    [0.896, 0.101, 0.002, 0.0]
    """
    given = np.clip(np.asarray(r2, np.float64), 0, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(1 - given ** (EXPONENT / 2)) * np.sqrt(log10_p) / 2
        # Of the lead, and of what is never apart from it: half of the normal's tail, at its mean.
        far = np.where(spread > 0, log10_p * (1 - given) / spread, 0.0)
    weight = np.where(given >= least_r2, 2 * scipy.stats.norm.sf(far), 0.0)
    return np.where(np.isfinite(given), weight / weight.sum(), np.nan)
