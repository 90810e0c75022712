"""LD score regression finds the heritability that was put in, and where it was put."""

import numpy as np
import pytest

from sighthound.core.association.heritability import (
    aggregate_variance,
    jackknife_blocks,
    ld_score_regression,
)
from sighthound.core.errors import SighthoundError

PEOPLE, VARIANTS = 50_000.0, 4_000


def simulated(tau: tuple[float, float], seed: int = 0) -> tuple[np.ndarray, ...]:
    """z whose chi-squared has the mean of the model, scores, and annotations that overlap."""
    rng = np.random.default_rng(seed)
    annotations = np.column_stack((np.ones(VARIANTS), rng.random(VARIANTS) < 0.3)).astype(float)
    base = rng.gamma(4, 5, VARIANTS) + 1
    scores = np.column_stack((base, base * rng.uniform(0.1, 0.5, VARIANTS)))
    mean = 1 + PEOPLE * scores @ np.array(tau)
    return rng.normal(size=VARIANTS) * np.sqrt(mean), scores, annotations


def test_heritability_and_enrichment_are_those_put_in() -> None:
    tau = (1e-6, 4e-6)
    z, scores, annotations = simulated(tau)
    fit = ld_score_regression(z, np.full(VARIANTS, PEOPLE), scores, annotations, scores[:, 0])
    assert fit.tau == pytest.approx(tau, abs=4 * fit.tau_se.max())
    expected = annotations.sum(axis=0) @ tau
    assert fit.heritability == pytest.approx(expected, abs=4 * fit.heritability_se)
    assert fit.heritability_se < 0.2 * expected
    assert fit.intercept == pytest.approx(1, abs=4 * fit.intercept_se)
    inside = (tau[0] + tau[1]) * annotations[:, 1].sum() / expected
    assert fit.share == pytest.approx([1, inside], abs=0.15)
    assert fit.enrichment[0] == pytest.approx(1)
    assert fit.p[1] < 1e-3


def test_an_annotation_of_nothing_is_found_as_often_as_said() -> None:
    found = 0
    for seed in range(60):
        z, scores, annotations = simulated((2e-6, 0), seed)
        fit = ld_score_regression(z, np.full(VARIANTS, PEOPLE), scores, annotations, scores[:, 0])
        found += fit.p[1] <= 0.05
    assert found <= 8  # of 60; more has a probability of 0.3 %


def test_missing_and_too_large_statistics_are_left_out_and_counted() -> None:
    z, scores, annotations = simulated((1e-6, 1e-6))
    people = np.full(VARIANTS, PEOPLE)
    z[:10], z[10:13], people[13] = np.nan, 30, np.nan
    fit = ld_score_regression(z, people, scores, annotations, scores[:, 0])
    assert (fit.variants, fit.left_out) == (VARIANTS - 14, 3)
    with pytest.raises(SighthoundError, match=r"5 variants can be used, and 0 more .* on 2"):
        ld_score_regression(z[14:19], people[14:19], scores[14:19], annotations[14:19], people[:5])


def test_the_variance_of_one_effect_follows_from_mean_chi_squared() -> None:
    z = np.array([2.0, np.nan, 2.0])
    assert aggregate_variance(z, 100, np.array([3.0, 9, 3])) == pytest.approx(3 / 300)
    assert aggregate_variance(np.array([0.1, 0.2]), 100, np.ones(2)) == pytest.approx(5e-7)


def test_blocks_that_are_left_out_are_as_wide_as_ld_reaches() -> None:
    def ends(variants: int, reach: int) -> np.ndarray:
        return np.minimum(np.arange(variants) + reach, variants)

    assert jackknife_blocks(ends(100_000, 10)) == 200
    assert jackknife_blocks(ends(20_000, 400)) == pytest.approx(50, abs=1)
    assert jackknife_blocks(ends(100, 50)) == 20


def test_statistics_of_zero_have_no_heritability_to_share() -> None:
    _, scores, annotations = simulated((1e-6, 1e-6))
    zero = np.zeros(VARIANTS)
    fit = ld_score_regression(zero, zero + PEOPLE, scores, annotations, scores[:, 0])
    assert fit.heritability == pytest.approx(0, abs=1e-12)
    assert fit.intercept == pytest.approx(0, abs=1e-9)
