"""From weights of variants to posteriors, and the fewest variants that hold most of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

LEVEL = 0.95


def posteriors(log_weights: ArrayLike, prior: ArrayLike | None = None) -> np.ndarray:
    """Give the probability that each variant is causal, if one of them is.

    Parameters
    ----------
    log_weights : array, (variants,)
        Natural logarithms, as of Bayes factors; NaN where there is none.
    prior : array, (variants,), optional
        Not below 0; the same for all by default.

    Returns
    -------
    float64 array, (variants,); sums to 1, NaN where there is no weight
    """
    logs = np.asarray(log_weights, np.float64)
    if prior is not None:
        with np.errstate(divide="ignore"):
            logs = logs + np.log(np.asarray(prior, np.float64))
    if not np.isfinite(logs).any():
        return np.full(len(logs), np.nan)
    weights = np.exp(logs - np.nanmax(logs))
    return np.asarray(weights / np.nansum(weights))


def credible_set(posterior: ArrayLike, level: float = LEVEL) -> np.ndarray:
    """Say which variants are in the smallest set that holds a share of the probability.

    Parameters
    ----------
    posterior : array, (variants,)
        NaN counts as 0.

    Returns
    -------
    bool array, (variants,)
        The most probable ones, down to that with which `level` is reached; equals by place.

    Examples
    --------
    >>> credible_set([0.2, 0.7, 0.06, 0.04]).tolist()
    [True, True, True, False]
    """
    given = np.nan_to_num(np.asarray(posterior, np.float64))
    order = np.argsort(-given, kind="stable")
    before = np.cumsum(given[order]) - given[order]
    inside = np.zeros(len(given), bool)
    # What sums of a few numbers round by does not take one more.
    inside[order] = (before < level - 1e-12) & (given[order] > 0)
    return inside


def effect_prior(sizes: ArrayLike, weight: float) -> np.ndarray:
    """Make a prior of sizes of predicted effects: weight * size / their sum + (1 - weight) / n.

    So a variant that the model says does nothing keeps (1 - weight) of an even share, and it does
    not matter in which unit sizes are.

    Parameters
    ----------
    sizes : array, (variants,)
        Not below 0, as the largest |SED|; NaN, not predicted, counts as the mean of the others.
    weight : float
        From 0, the even prior, to 1.

    Returns
    -------
    float64 array, (variants,); sums to 1

    Examples
    --------
    >>> effect_prior([0.0, 3.0, 1.0, 0.0], 0.5).tolist()
    [0.125, 0.5, 0.25, 0.125]
    """
    given = np.asarray(sizes, np.float64)
    even = np.full(len(given), 1 / max(1, len(given)))
    if not np.nansum(given) > 0:
        return even
    filled = np.where(np.isfinite(given), given, np.nanmean(given))
    return np.asarray(weight * filled / filled.sum() + (1 - weight) * even)
