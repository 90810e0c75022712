"""LD score regression: how much heritability is where (Finucane et al. 2015).

The mean of chi-squared at a variant is 1 + N a + N sum over c of tau_c l(c), l the LD score by
annotation c. Weights are those of LDSC: one over the LD score with the variants of the regression,
since neighbours count again and again, and one over the variance at the heritability found; they
are made twice anew. Standard errors are of leaving out blocks of neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.stats

from sighthound.core.association.windows import width
from sighthound.core.errors import SighthoundError

FEWEST_BLOCKS, MOST_BLOCKS = 20, 200
_ROUNDS = 2
_LARGEST_CHI2 = 80.0  # or a thousandth of N: what is larger would rule the fit


@dataclass(frozen=True, eq=False)
class HeritabilityFit:
    """Heritability by annotation.

    Attributes
    ----------
    tau, tau_se, p : float64 arrays, (annotations,)
        Per variant and unit of the annotation, beside all others; P of two sides, of Student's t.
    share, enrichment, enrichment_se : float64 arrays, (annotations,)
        Of the heritability, what lies in the annotation; over the annotation's share of variants.
    heritability, heritability_se, intercept, intercept_se : float
    variants : int
        In the regression.
    left_out : int
        Of too large chi-squared.
    """

    tau: np.ndarray
    tau_se: np.ndarray
    p: np.ndarray
    share: np.ndarray
    enrichment: np.ndarray
    enrichment_se: np.ndarray
    heritability: float
    heritability_se: float
    intercept: float
    intercept_se: float
    variants: int
    left_out: int


def ld_score_regression(
    z: np.ndarray,
    people: np.ndarray,
    scores: np.ndarray,
    annotations: np.ndarray,
    regression_scores: np.ndarray,
    *,
    blocks: int = MOST_BLOCKS,
) -> HeritabilityFit:
    """Regress chi-squared on LD scores by annotation.

    Parameters
    ----------
    z : float array, (variants,)
        NaN where the study lacks a variant.
    people : float array, (variants,)
    scores : float array, (variants, annotations)
        LD scores; the first annotation is 1 for every variant.
    annotations : float array, (variants, annotations)
        What the scores sum, which says how much lies where.
    regression_scores : float array, (variants,)
        LD scores with the variants of the regression alone.
    blocks : int
        Of neighbours that are left out in turn; see `jackknife_blocks`.

    Raises
    ------
    SighthoundError
        There are fewer variants than a regression needs.
    """
    chi2 = z**2
    given = np.isfinite(chi2) & np.isfinite(people)
    too_large = given & (chi2 > np.maximum(_LARGEST_CHI2, 0.001 * people))
    rows = np.flatnonzero(given & ~too_large)
    count, total = scores.shape[1], annotations.sum(axis=0)
    blocks = min(blocks, len(rows) // (count + 2))
    if blocks < 2:
        raise SighthoundError(
            f"{len(rows):,} variants can be used, and {int(too_large.sum()):,} more have too large "
            f"a chi-squared; a regression on {count} annotations needs at least {2 * (count + 2)}"
        )
    variants = len(z)
    mean_people = float(people[rows].mean())
    y = chi2[rows]
    # Scaled so that columns are of one size; the last column is the intercept.
    x = np.column_stack((scores[rows] * (people[rows] / mean_people)[:, None], np.ones(len(rows))))
    overall = np.maximum(scores[rows, 0], 1)
    again = np.maximum(regression_scores[rows], 1)
    slope = max(0.0, (y.mean() - 1) / overall.mean())
    intercept = 1.0
    for _ in range(_ROUNDS + 1):
        variance = 2 * (max(intercept, 1e-3) + slope * overall) ** 2
        weights = 1 / (variance * again)
        left = (x * weights[:, None]).T @ x
        solution = np.linalg.lstsq(left, (x * weights[:, None]).T @ y, rcond=None)[0]
        heritability = float(solution[:-1] @ total)
        slope, intercept = max(0.0, heritability / variants), float(solution[-1])
    estimates = _without_blocks(x, y, weights, blocks)
    tau = solution[:-1] / mean_people
    taus = estimates[:, :-1] / mean_people
    tau_se = _jackknife_se(taus)
    overlap = annotations.T @ annotations  # sum over variants of annotation d, times annotation c
    of_all = total / variants

    def parts(t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        whole = t @ total
        share = (t @ overlap) / whole[..., None]
        return whole, share

    with np.errstate(invalid="ignore", divide="ignore"):
        whole, share = parts(tau)
        wholes, shares = parts(taus)
        t = tau / tau_se
        enrichment = share / of_all
        enrichment_se = _jackknife_se(shares / of_all)
    return HeritabilityFit(
        tau, tau_se, 2 * scipy.stats.t.sf(np.abs(t), blocks - 1), share, enrichment, enrichment_se,
        float(whole), float(_jackknife_se(wholes)), intercept,
        float(_jackknife_se(estimates[:, -1])), len(rows), int(too_large.sum()),
    )  # fmt: skip


def jackknife_blocks(ends: np.ndarray) -> int:
    """Say in how many blocks to leave variants out: no narrower than LD's window, if it can be.

    Of a whole genome LDSC's 200; of one chromosome fewer, or neighbours would stand for what is
    left out, and standard errors would be too small.
    """
    return max(FEWEST_BLOCKS, min(MOST_BLOCKS, len(ends) // width(ends)))


def aggregate_variance(z: np.ndarray, people: float, scores: np.ndarray) -> float:
    """Expect the square of one variant's effect: (mean chi-squared - 1) / (N mean LD score).

    Returns
    -------
    float, above 0: as of a heritability of a millionth over the variants, at least
    """
    given = np.isfinite(z)
    excess = float(np.mean(z[given] ** 2)) - 1
    mean_score = max(float(scores[given].mean()), 1e-3)
    return max(excess / (people * mean_score), 1e-6 / len(z))


def _without_blocks(x: np.ndarray, y: np.ndarray, weights: np.ndarray, blocks: int) -> np.ndarray:
    """Solutions without each block of neighbours, (blocks, columns)."""
    starts = np.arange(blocks) * len(y) // blocks
    weighted = x * weights[:, None]
    parts = [slice(s, e) for s, e in zip(starts, [*starts[1:], len(y)], strict=True)]
    left = np.stack([weighted[part].T @ x[part] for part in parts])
    right = np.add.reduceat(weighted * y[:, None], starts, axis=0)
    remaining = left.sum(axis=0) - left
    return (np.linalg.pinv(remaining, hermitian=True) @ (right.sum(axis=0) - right)[..., None])[
        ..., 0
    ]


def _jackknife_se(estimates: np.ndarray) -> np.ndarray:
    count = len(estimates)
    spread = ((estimates - estimates.mean(axis=0)) ** 2).sum(axis=0)
    return np.sqrt((count - 1) / count * spread)
