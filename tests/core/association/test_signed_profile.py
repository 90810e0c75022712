"""Signed LD profile regression: equal to its formulas, calibrated, and sure of a planted effect."""

import numpy as np
import pytest

from sighthound.core.association.ld import ld_matrix
from sighthound.core.association.panel import Panel
from sighthound.core.association.signed_profile import (
    BlockSums,
    block_bases,
    block_sums,
    minor_allele_background,
    per_standard_deviation,
    sign_flip_p,
    signed_fit,
)
from sighthound.core.errors import SighthoundError
from tests.core.association.panels import simulated_panel

PEOPLE = 20_000.0
VARIANCE = 1e-4
BLOCKS = [slice(start, start + 20) for start in range(0, 400, 20)]


@pytest.fixture(scope="module")
def panel() -> Panel:
    return simulated_panel(variants=400, people=150)[0]


def simulated_z(panel: Panel, effects: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """z of a study whose LD is the panel's, block by block."""
    z = np.empty(len(panel))
    for block in BLOCKS:
        genotypes = panel.standardised(block.start, block.stop).z
        z[block] = np.sqrt(PEOPLE) * (genotypes @ (genotypes.T @ effects[block]))
        z[block] += genotypes @ rng.normal(size=genotypes.shape[1])
    return z


def sums_of(panel: Panel, z: np.ndarray, values: np.ndarray, background: np.ndarray) -> BlockSums:
    bases = block_bases(panel, BLOCKS, np.isfinite(z))
    return block_sums(panel, bases, z, PEOPLE, values, background, variance=VARIANCE)


def test_one_annotation_is_the_weighted_regression_of_the_paper(panel: Panel) -> None:
    rng = np.random.default_rng(0)
    values, background = rng.normal(size=(400, 1)), minor_allele_background(panel)
    z = simulated_z(panel, rng.normal(scale=0.01, size=400), rng)
    z[rng.choice(400, 60, replace=False)] = np.nan
    left, right = np.zeros((6, 6)), np.zeros(6)
    for block in BLOCKS:
        r = ld_matrix(panel, block.start, block.stop)
        typed = np.isfinite(z[block])
        x = (r @ np.column_stack((background[block], values[block])))[typed]
        eigenvalues, vectors = np.linalg.eigh(r[np.ix_(typed, typed)])
        order = np.argsort(-eigenvalues)
        kept = order[: np.searchsorted(np.cumsum(eigenvalues[order]), 0.95 * typed.sum()) + 1]
        u, size = vectors[:, kept], eigenvalues[kept]
        weights = u @ np.diag(1 / (VARIANCE * size**2 + size / PEOPLE)) @ u.T
        left += x.T @ weights @ x
        right += x.T @ weights @ (z[block][typed] / np.sqrt(PEOPLE))
    sums = sums_of(panel, z, values, background)
    fit = signed_fit(sums, (values**2).sum(axis=0), 0.04, flips=200)
    assert fit.mu == pytest.approx(np.linalg.solve(left, right)[-1:])
    assert fit.correlation == pytest.approx(fit.mu * np.sqrt((values**2).sum() / 0.04))
    # The background is taken out of the blocks' products, whose sum is the slope's numerator.
    without = left[-1, -1] - left[-1, :-1] @ np.linalg.solve(left[:-1, :-1], left[:-1, -1])
    assert fit.products.sum() == pytest.approx(fit.mu[0] * without)


def test_many_annotations_at_once_are_each_as_by_itself(panel: Panel) -> None:
    rng = np.random.default_rng(1)
    values, background = rng.normal(size=(400, 7)), minor_allele_background(panel)
    z = simulated_z(panel, rng.normal(scale=0.01, size=400), rng)
    norms = (values**2).sum(axis=0)
    together = signed_fit(sums_of(panel, z, values, background), norms, 0.04, flips=300)
    for number in (0, 6):
        own = values[:, [number]]
        alone = signed_fit(sums_of(panel, z, own, background), norms[[number]], 0.04, flips=300)
        for name in ("mu", "mu_se", "z", "p"):
            assert getattr(alone, name)[0] == pytest.approx(getattr(together, name)[number])


def test_a_trait_of_its_own_for_each_annotation_is_as_by_itself(panel: Panel) -> None:
    rng = np.random.default_rng(4)
    values, background = rng.normal(size=(400, 3)), minor_allele_background(panel)
    traits = [simulated_z(panel, rng.normal(scale=0.01, size=400), rng) for _ in range(3)]
    bases = list(block_bases(panel, BLOCKS, np.ones(400, bool)))
    norms = (values**2).sum(axis=0)
    paired = block_sums(
        panel, bases, np.stack(traits, axis=1), PEOPLE, values, background, variance=VARIANCE
    )
    together = signed_fit(paired, norms, 0.04, flips=300)
    own = sums_of(panel, traits[2], values[:, [2]], background)
    alone = signed_fit(own, norms[[2]], 0.04, flips=300)
    for name in ("mu", "mu_se", "z", "p"):
        assert getattr(alone, name)[0] == pytest.approx(getattr(together, name)[2])


def test_the_slope_on_the_effects_themselves_is_one_and_without_noise_sure(panel: Panel) -> None:
    rng = np.random.default_rng(2)
    effects = rng.normal(scale=0.02, size=400)
    z = simulated_z(panel, effects, rng)
    fit = signed_fit(
        sums_of(panel, z, effects[:, None], np.zeros((400, 0))),
        np.array([(effects**2).sum()]), float((effects**2).sum()), flips=20_000,
    )  # fmt: skip
    assert fit.mu == pytest.approx(1, abs=3 * fit.mu_se[0])
    assert fit.correlation == pytest.approx(1, abs=0.05)
    assert fit.p < 1e-4
    assert fit.z > 4


def test_random_signs_are_found_to_be_something_as_often_as_said(panel: Panel) -> None:
    rng = np.random.default_rng(3)
    size = np.abs(rng.normal(size=(400, 1)))
    values = size * rng.choice([-1, 1], (400, 2000))
    z = simulated_z(panel, rng.normal(scale=0.01, size=400), rng)
    fit = signed_fit(
        sums_of(panel, z, values, minor_allele_background(panel)),
        (values**2).sum(axis=0), 0.04, flips=1999,
    )  # fmt: skip
    assert 0.04 < (fit.p <= 0.05).mean() < 0.06
    assert np.std(fit.mu / fit.mu_se) == pytest.approx(1, abs=0.1)


def test_turning_signs_counts_the_signs_as_they_are() -> None:
    assert sign_flip_p(np.ones((3, 1)), 4000)[0] == pytest.approx(0.25, abs=0.03)
    assert np.isnan(sign_flip_p(np.zeros((3, 1)), 100)[0])
    products = np.random.default_rng(0).normal(size=(40, 1)) + 2
    assert sign_flip_p(products, 999)[0] == 1 / 1000


def test_the_background_marks_minor_alleles_in_five_bins(panel: Panel) -> None:
    marks = minor_allele_background(panel)
    assert marks.shape == (400, 5)
    np.testing.assert_array_equal(np.abs(marks).sum(axis=1), 1)
    np.testing.assert_array_equal(marks.sum(axis=1) > 0, panel.frequency <= 0.5)
    assert (np.abs(marks).sum(axis=0) >= 70).all()
    scaled = per_standard_deviation(panel, np.ones((400, 1)))[:, 0]
    np.testing.assert_allclose(scaled**2, 2 * panel.frequency * (1 - panel.frequency))


def test_too_few_blocks_are_said(panel: Panel) -> None:
    z = np.full(400, np.nan)
    z[:30] = 1
    with pytest.raises(SighthoundError, match="2 LD blocks have two or more variants"):
        sums_of(panel, z, np.ones((400, 1)), np.zeros((400, 0)))
