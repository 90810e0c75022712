"""Whether significant eQTL are where predictions put them, and point where predictions do.

Quantiles of what SED-LD adds to the expected chi-squared, as in Figs. 5B, 5C and S7 of Kelley et
al. 2018; intervals are 95 %, over blocks of neighbouring genes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sighthound.core.tracks.bootstrap import (
    Bootstrap,
    Estimate,
    correlation,
    interval_of,
    positive,
)

QUANTILES = 5


@dataclass(frozen=True)
class Quantile:
    """A fifth of the pairs.

    Attributes
    ----------
    number : int
        From 1, of the lowest values; 0 for all together.
    pairs, found : int
        Of these pairs how many are significant (or, of signs, agree).
    share : Estimate
        found / pairs.
    enrichment : Estimate
        The share over that of all.
    """

    number: int
    pairs: int
    found: int
    share: Estimate
    enrichment: Estimate


def quantile_numbers(values: np.ndarray, quantiles: int = QUANTILES) -> np.ndarray:
    """Number the quantile of each value, from 1; equals go by their order.

    Examples
    --------
    >>> quantile_numbers(np.array([3.0, 1.0, 2.0, 9.0, 7.0])).tolist()
    [3, 1, 2, 5, 4]
    """
    rank = np.empty(len(values), np.int64)
    rank[np.argsort(values, kind="stable")] = np.arange(len(values))
    return rank * quantiles // max(1, len(values)) + 1


def quantile_shares(values: np.ndarray, found: np.ndarray, blocks: np.ndarray) -> list[Quantile]:
    """Give, of all pairs and of each quantile of values, the share of those that are found.

    Parameters
    ----------
    values : float array, (pairs,)
    found : bool array, (pairs,)
    blocks : int array, (pairs,)
        Of neighbouring genes.

    Returns
    -------
    list of Quantile, all pairs first; empty without pairs
    """
    if not len(values):
        return []
    numbers = quantile_numbers(values)
    bootstrap = Bootstrap(np.unique(blocks, return_inverse=True)[1])
    shown = range(QUANTILES + 1)
    masks = [np.ones(len(values), bool) if not n else numbers == n for n in shown]
    columns = [column for mask in masks for column in (mask, mask & found)]
    total, drawn = bootstrap.sums(columns)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = total[1::2] / positive(total[::2])
        shares = drawn[:, 1::2] / positive(drawn[:, ::2])
        ratio, ratios = share / positive(share[:1]), shares / positive(shares[:, :1])
    return [
        Quantile(
            n, int(total[2 * n]), int(total[2 * n + 1]),
            interval_of(float(share[n]), shares[:, n], bootstrap),
            interval_of(float(ratio[n]), ratios[:, n], bootstrap),
        )
        for n in shown
    ]  # fmt: skip


def enrichment_by_chance(values: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Give the enrichment of each quantile for values of nothing, many times.

    Parameters
    ----------
    values : float array, (times, pairs)
    found : bool array, (pairs,)

    Returns
    -------
    float64 array, (3, quantiles + 1)
        The mean, and the ends that hold 95 % of times; of all pairs first, which is 1.
    """
    shares = np.full((len(values), QUANTILES + 1), np.nan)
    for row, own in enumerate(values):
        numbers = quantile_numbers(own)
        counts, hits = (
            np.bincount(of, minlength=QUANTILES + 1)[1:].astype(float)
            for of in (numbers, numbers[found])
        )
        shares[row, 0] = 1
        shares[row, 1:] = hits / positive(counts) / positive(np.array([found.mean()]))
    return np.stack([shares.mean(axis=0), *np.percentile(shares, [2.5, 97.5], axis=0)])


def rank_correlation(x: np.ndarray, y: np.ndarray, blocks: np.ndarray) -> Estimate:
    """Give Spearman's r with its interval over blocks."""
    from scipy.stats import rankdata

    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return Estimate()
    bootstrap = Bootstrap(np.unique(blocks[known], return_inverse=True)[1])
    return correlation(rankdata(x[known]), rankdata(y[known]), bootstrap)[1]
