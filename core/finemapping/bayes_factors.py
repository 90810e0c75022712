"""Approximate Bayes factors of association (Wakefield 2009, Genetic Epidemiology 33, 79).

For one causal variant, and without LD: the data's probability if a variant has an effect, drawn
from a normal distribution around 0, over that if it has none.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

# Standard deviation of effects: of a trait in standard deviations, as coloc has it. 0.2 is usual
# for log odds.
PRIOR_SD = 0.15


def log_bayes_factors(
    beta: ArrayLike, se: ArrayLike, prior_sd: float | ArrayLike = PRIOR_SD
) -> np.ndarray:
    """Give the natural logarithm of each variant's Bayes factor.

    Parameters
    ----------
    beta, se : arrays, (variants,)
        Effect and its standard error, of any one allele.
    prior_sd : float
        Of true effects, in the unit of `beta`.

    Returns
    -------
    float64 array, (variants,); NaN where an effect or its error is not known or not above 0

    Examples
    --------
    >>> log_bayes_factors([0.0, 0.1], [0.02, 0.02]).round(2).tolist()
    [-2.02, 10.26]
    """
    effect, error = np.asarray(beta, np.float64), np.asarray(se, np.float64)
    variance = np.where((error > 0) & np.isfinite(error), error, np.nan) ** 2
    effect = np.where(np.isfinite(effect), effect, np.nan)
    share = np.asarray(prior_sd, np.float64) ** 2
    share = share / (share + variance)
    return np.asarray(0.5 * np.log1p(-share) + 0.5 * share * effect**2 / variance)
