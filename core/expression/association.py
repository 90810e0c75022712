"""How genotypes go with a gene's expression: the linear regression of every eQTL study."""

from __future__ import annotations

import numpy as np
import scipy.special
import scipy.stats

_NOTHING = 1e-12  # variance that is none
_LEAST_PEOPLE = 3  # of whom a slope and its error can be told


def associate(
    dosages: np.ndarray, expression: np.ndarray, covariates: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Regress expression on each variant by itself, beside covariates.

    People without expression are left out; a missing call counts as the variant's mean.

    Parameters
    ----------
    dosages : float array, (variants, people)
        Copies of the counted allele; NaN where there is no call.
    expression : float array, (people,)
    covariates : float array, (covariates, people), optional
        Of people with expression, without gaps.

    Returns
    -------
    z : float64 array, (variants,)
        Of the counted allele: the normal quantile of Student's t; NaN where genotypes or expression
        do not differ.
    log10_p : float64 array, (variants,)
        -log10 P, of two sides.
    """
    known = np.isfinite(expression)
    y = expression[known].astype(np.float64)
    if len(y) < _LEAST_PEOPLE:
        return np.full(len(dosages), np.nan), np.full(len(dosages), np.nan)
    x = dosages[:, known].astype(np.float64)
    called = np.isfinite(x)
    x[~called] = 0
    means = x.sum(axis=1) / np.maximum(called.sum(axis=1), 1)
    x -= means[:, None]
    x[~called] = 0
    others = np.ones((1, len(y)))
    if covariates is not None:
        others = np.concatenate((others, covariates[:, known]))
    basis, values, _ = np.linalg.svd(others.T, full_matrices=False)
    basis = basis[:, values > _NOTHING * values[0]]
    spread = (x * x).sum(axis=1)
    x -= (x @ basis) @ basis.T
    y = y - basis @ (basis.T @ y)
    left = (x * x).sum(axis=1)
    size, freedom = y @ y, len(y) - basis.shape[1] - 1
    z, log10_p = (np.full(len(x), np.nan) for _ in range(2))
    good = (left > 1e-9 * spread) & (spread > _NOTHING)
    if freedom < 1 or size <= _NOTHING:
        return z, log10_p
    r = np.clip((x[good] @ y) / np.sqrt(left[good] * size), -1 + 1e-15, 1 - 1e-15)
    t = r * np.sqrt(freedom / (1 - r * r))
    one_side = scipy.stats.t.logsf(np.abs(t), freedom)
    z[good] = -np.sign(t) * scipy.special.ndtri_exp(one_side)
    log10_p[good] = -(one_side + np.log(2)) / np.log(10)
    return z, log10_p
