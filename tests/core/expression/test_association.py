"""Associations are those of ordinary least squares."""

import numpy as np
import scipy.stats

from sighthound.core.expression.association import associate


def test_it_is_least_squares_beside_covariates() -> None:
    rng = np.random.default_rng(0)
    dosages = rng.integers(0, 3, (3, 50)).astype(float)
    covariates = rng.normal(size=(2, 50))
    expression = 0.8 * dosages[1] + covariates[0] + rng.normal(size=50)
    expression[7] = np.nan
    z, log10_p = associate(dosages, expression, covariates)
    known = np.isfinite(expression)
    for variant in range(3):
        x = np.column_stack((dosages[variant], *covariates, np.ones(50)))[known]
        y = expression[known]
        slopes, (rest,), *_ = np.linalg.lstsq(x, y, rcond=None)
        freedom = len(y) - x.shape[1]
        t = slopes[0] / np.sqrt(rest / freedom * np.linalg.inv(x.T @ x)[0, 0])
        p = 2 * scipy.stats.t.sf(abs(t), freedom)
        np.testing.assert_allclose(10 ** -log10_p[variant], p, rtol=1e-8)
        np.testing.assert_allclose(z[variant], np.sign(t) * scipy.stats.norm.isf(p / 2), rtol=1e-8)


def test_a_missing_call_counts_as_the_mean_of_the_variant() -> None:
    rng = np.random.default_rng(1)
    dosages, expression = rng.integers(0, 3, (1, 30)).astype(float), rng.normal(size=30)
    filled = dosages.copy()
    dosages[0, 4] = np.nan
    filled[0, 4] = np.nanmean(dosages)
    np.testing.assert_allclose(associate(dosages, expression), associate(filled, expression))


def test_expression_of_nobody_has_no_statistic() -> None:
    dosages = np.array([[0.0, 1, 2, 1]])
    for known in range(3):
        expression = np.full(4, np.nan)
        expression[:known] = np.arange(known)
        z, log10_p = associate(dosages, expression)
        assert np.isnan([z[0], log10_p[0]]).all()


def test_what_does_not_differ_has_no_statistic() -> None:
    dosages = np.array([[0.0] * 6, [0, 1, 2, 0, 1, 2]])
    z, log10_p = associate(dosages, np.arange(6.0))
    assert np.isnan([z[0], log10_p[0]]).all()
    assert z[1] > 0
    assert np.isnan(associate(dosages, np.ones(6))[0]).all()
    assert np.isnan(associate(dosages, np.arange(6.0), dosages[1:])[0]).all()
