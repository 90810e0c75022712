"""Chi-squared on LD scores and |SED-LD|: sums give what whole columns do, and chance is chance."""

import numpy as np
import pytest
from scipy.stats import kstest

from sighthound.core.errors import SighthoundError
from sighthound.core.expression.regression import (
    LARGEST_CHI2,
    PairSums,
    distance_class,
    drawn_profiles,
    fit_sizes,
    gene_blocks,
    share_at_least,
)

BLOCKS, GENES = 20, 80


Pairs = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def simulated(effect: float, candidates: int, seed: int = 0) -> Pairs:
    """Pairs of genes: columns, chi-squared that follows the first candidate, candidates, block."""
    rng = np.random.default_rng(seed)
    blocks = np.repeat(gene_blocks(GENES, BLOCKS), 30)
    x = np.column_stack((np.ones(len(blocks)), rng.exponential(5, len(blocks))))
    sizes = rng.exponential(size=(len(blocks), candidates))
    mean = 1 + 0.1 * x[:, 1] + effect * sizes[:, 0]
    return x, mean * rng.chisquare(1, len(blocks)), sizes, blocks


def summed(x: np.ndarray, chi2: np.ndarray, sizes: np.ndarray, blocks: np.ndarray) -> PairSums:
    sums = PairSums(BLOCKS, x.shape[1], sizes.shape[1])
    for block in range(BLOCKS):
        for part in np.array_split(np.flatnonzero(blocks == block), 3):
            sums.add(block, x[part], chi2[part], sizes[part])
    return sums


def test_it_is_least_squares_of_chi_squared_that_is_cut() -> None:
    x, chi2, sizes, blocks = simulated(0.5, 2)
    chi2[3] = 1e6
    fit, (expected, other) = fit_sizes(summed(x, chi2, sizes, blocks), slice(0, 2), 2)
    cut = np.minimum(chi2, LARGEST_CHI2)
    for number in range(2):
        both = np.column_stack((x, sizes[:, number]))
        coefficients = np.linalg.lstsq(both, cut, rcond=None)[0]
        assert fit.slope[number] == pytest.approx(coefficients[-1])
        explained = 1 - np.var(cut - both @ coefficients) / np.var(cut)
        assert fit.r2_with[number] == pytest.approx(explained)
    others = blocks != 4
    both = np.column_stack((x, sizes[:, 0]))
    without = np.linalg.lstsq(both[others], cut[others], rcond=None)[0]
    np.testing.assert_allclose(expected.with_profile[4], without)
    assert not np.allclose(other.with_profile[4], without)
    alone = np.linalg.lstsq(x[others], cut[others], rcond=None)[0]
    more = expected.difference(x[~others], sizes[~others, 0], blocks[~others])
    np.testing.assert_allclose(more, both[~others] @ without - x[~others] @ alone)


def test_an_effect_is_found_and_nothing_is_not() -> None:
    fit, _ = fit_sizes(summed(*simulated(0.5, 200)), slice(0, 2))
    assert fit.p[0] < 1e-4
    assert kstest(fit.p[1:], "uniform").pvalue > 0.01
    assert (fit.p[1:] <= 0.05).mean() == pytest.approx(0.05, abs=0.04)
    assert share_at_least(fit.z[0], fit.z[1:]) == 1 / 200


def test_a_column_that_is_nowhere_changes_nothing() -> None:
    x, chi2, sizes, blocks = simulated(0.5, 1)
    fit, _ = fit_sizes(summed(x, chi2, sizes, blocks), slice(0, 2))
    padded = np.column_stack((x, np.zeros(len(x))))
    again, _ = fit_sizes(summed(padded, chi2, sizes, blocks), slice(0, 3))
    np.testing.assert_allclose([again.slope[0], again.se[0]], [fit.slope[0], fit.se[0]])


def test_few_genes_are_refused() -> None:
    sums = PairSums(3, 2, 1)
    for block in range(3):
        sums.add(block, np.ones((4, 2)), np.ones(4), np.ones((4, 1)))
    with pytest.raises(SighthoundError, match="fill 3 blocks"):
        fit_sizes(sums, slice(0, 2))


def test_distances_have_the_classes_of_the_paper() -> None:
    given = np.array([0, 499, 500, 1_999, 2_000, 8_000, 31_999, 32_000])
    assert distance_class(given).tolist() == [0, 0, 1, 1, 2, 3, 3, 4]


def test_scores_are_drawn_from_those_of_the_same_distance() -> None:
    pools = [np.array([1.0, 2.0]), np.array([10.0])]
    drawn = drawn_profiles(pools, np.array([0, 1, 0]), 50, np.random.default_rng(0))
    assert set(drawn[1]) == {10.0}
    assert set(drawn[[0, 2]].ravel()) == {1.0, 2.0}
