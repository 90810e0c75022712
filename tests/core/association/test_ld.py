"""r, LD scores, profiles and pruning equal what plain NumPy says of the whole matrix."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sighthound.core.association import ld
from sighthound.core.association.genotypes import read_panel
from sighthound.core.association.ld import ld_matrix, tiles
from sighthound.core.association.ld_scores import (
    ld_across,
    ld_blocks,
    ld_scores,
    profile_of_few,
    signed_ld_profile,
)
from sighthound.core.association.panel import Panel
from sighthound.core.association.pruning import prune
from sighthound.core.association.shrinkage import LinearShrinkage, MapShrinkage
from sighthound.core.association.windows import block_ends, blocks_of, window_ends
from sighthound.core.errors import SighthoundError
from tests.core.association.panels import simulated_panel
from tests.paths import SHARED_DATA


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ld, "_ROWS", 7)
    monkeypatch.setattr(ld, "_COLUMNS", 11)


def banded(matrix: np.ndarray, ends: np.ndarray) -> np.ndarray:
    column = np.arange(len(ends))
    upper = (column >= column[:, None]) & (column < ends[:, None])
    return matrix * (upper | upper.T)


def gathered(panel: Panel, ends: np.ndarray, **options: Any) -> np.ndarray:
    r = np.eye(len(panel))
    for tile in tiles(panel, ends, **options):
        r[tile.rows, tile.columns] += tile.r
        r[tile.columns, tile.rows] += tile.r.T
    return r


@pytest.mark.parametrize(
    "window", [{"bases": 5_000}, {"variants": 9}, {"centimorgans": 0.0125}, {}]
)
def test_r_within_a_window_is_that_of_numpy(window: dict[str, Any]) -> None:
    panel, copies = simulated_panel()
    ends = window_ends(panel.sites, **window)
    np.testing.assert_allclose(gathered(panel, ends), banded(np.corrcoef(copies), ends), atol=1e-12)


def test_windows_reach_as_far_as_said_and_never_into_another_chromosome() -> None:
    panel, _ = simulated_panel()
    assert window_ends(panel.sites, bases=5_000)[0] == 6
    assert window_ends(panel.sites, variants=9)[35] == 40
    two = panel.sites
    two.chrom[20:] = "2"
    assert window_ends(two)[0] == 20
    two.centimorgans[:] = 0
    with pytest.raises(SighthoundError, match="genetic map of 1 is missing"):
        window_ends(two, centimorgans=1)


def test_missing_calls_leave_the_people_with_both_as_in_plink() -> None:
    panel, copies = simulated_panel(missing=0.1)
    expected = pd.DataFrame(copies.T).corr().to_numpy()
    np.testing.assert_allclose(gathered(panel, window_ends(panel.sites)), expected, atol=1e-9)
    np.testing.assert_allclose(ld_matrix(panel, 3, 20), expected[3:20, 3:20], atol=1e-9)


def test_ld_scores_are_sums_of_unbiased_r2_by_annotation() -> None:
    panel, copies = simulated_panel()
    ends = window_ends(panel.sites, bases=8_000)
    annotations = np.random.default_rng(0).random((40, 3))
    r2 = np.corrcoef(copies) ** 2
    expected = banded(r2 - (1 - r2) / (60 - 2), ends)
    np.testing.assert_allclose(ld_scores(panel, ends)[:, 0], expected.sum(axis=1), atol=1e-12)
    np.testing.assert_allclose(
        ld_scores(panel, ends, annotations), expected @ annotations, atol=1e-12
    )


def test_a_signed_profile_is_r_times_the_scores_of_all_tracks() -> None:
    panel, copies = simulated_panel()
    ends = window_ends(panel.sites, variants=6)
    scores = np.random.default_rng(0).normal(size=(40, 4))
    expected = banded(np.corrcoef(copies), ends) @ scores
    np.testing.assert_allclose(signed_ld_profile(panel, ends, scores), expected, atol=1e-12)


@pytest.mark.parametrize("shrinkage", [None, LinearShrinkage(0.2)])
def test_a_profile_of_few_scores_is_that_of_all_with_zeros(
    shrinkage: LinearShrinkage | None,
) -> None:
    panel, _ = simulated_panel()
    ends = window_ends(panel.sites, bases=7_000)
    variants, values = np.array([12, 15, 16]), np.random.default_rng(0).normal(size=(3, 2))
    everywhere = np.zeros((40, 2))
    everywhere[variants] = values
    part, profile = profile_of_few(panel, ends, variants, values, shrinkage=shrinkage)
    assert part == slice(5, 24)
    expected = signed_ld_profile(panel, ends, everywhere, shrinkage=shrinkage)
    np.testing.assert_allclose(profile, expected[part], atol=1e-12)
    assert not expected[:5].any()
    assert not expected[24:].any()


def test_linear_shrinkage_leaves_the_diagonal() -> None:
    panel, copies = simulated_panel()
    shrunk = ld_matrix(panel, 0, 40, LinearShrinkage(0.1))
    np.testing.assert_allclose(shrunk, 0.9 * np.corrcoef(copies) + 0.1 * np.eye(40), atol=1e-12)
    with pytest.raises(SighthoundError, match="share of 1"):
        LinearShrinkage(1)


def test_shrinkage_by_the_map_is_that_of_wen_and_stephens() -> None:
    """Their equations, written out for one pair after another."""
    panel, copies = simulated_panel(8, 30)
    haplotypes = 60
    mutation = 1 / sum(1 / k for k in range(1, haplotypes))
    theta = mutation / (haplotypes + mutation)
    s = np.cov(copies) / 2
    sigma = np.empty_like(s)
    for i in range(8):
        for j in range(8):
            rho = 4 * 11_400 * abs(i - j) * 0.001 / 100
            decay = np.exp(-rho / haplotypes)
            sigma[i, j] = (1 - theta) ** 2 * (decay if decay >= 1e-3 else 0) * s[i, j]
        sigma[i, i] += theta / 2 * (1 - theta / 2)
    scale = np.sqrt(np.diag(sigma))
    shrinkage = MapShrinkage.of_panel(panel)
    np.testing.assert_allclose(
        ld_matrix(panel, 0, 8, shrinkage), sigma / np.outer(scale, scale), atol=1e-6
    )


def test_blocks_hold_each_variant_against_its_own_block_alone() -> None:
    panel, copies = simulated_panel()
    ends = block_ends(panel.sites, {"1": [(0, 10_000), (20_000, 30_000)]})
    r = gathered(panel, ends)
    expected = np.eye(40)
    for block in (slice(0, 9), slice(19, 29)):  # 10,000 is base 9,999 from 0
        expected[block, block] = np.corrcoef(copies)[block, block]
    np.testing.assert_allclose(r, expected, atol=1e-12)
    assert blocks_of(ends)[0] == slice(0, 9)
    with pytest.raises(SighthoundError, match="overlap at 1:5,001"):
        block_ends(panel.sites, {"1": [(0, 10_000), (5_000, 20_000)]})
    with pytest.raises(SighthoundError, match="no LD block holds two"):
        block_ends(panel.sites, {"chr1": [(0, 10_000)]})


def test_blocks_are_cut_where_the_least_ld_is_across() -> None:
    panel, copies = simulated_panel()
    r2 = np.corrcoef(copies) ** 2
    r2 -= (1 - r2) / 58
    across = ld_across(panel, window_ends(panel.sites))
    expected = [r2[:cut, cut:].sum() for cut in range(40)]
    np.testing.assert_allclose(across, expected, atol=1e-10)
    blocks = ld_blocks(panel, window_ends(panel.sites), 10)
    assert [blocks[0].start, blocks[-1].stop] == [0, 40]
    assert all(5 <= b.stop - b.start <= 15 for b in blocks)
    assert all(a.stop == b.start for a, b in itertools.pairwise(blocks))
    first = blocks[0].stop
    assert across[first] == min(across[5:16])


def test_of_pruned_variants_no_two_are_in_ld_and_each_left_out_is_with_one_before_it() -> None:
    panel, copies = simulated_panel()
    ends = window_ends(panel.sites)
    p_values = np.random.default_rng(3).random(40)
    kept = prune(panel, ends, 0.2, p_values)
    r2 = np.corrcoef(copies) ** 2 - np.eye(40)
    assert 3 < kept.sum() < 40
    assert (r2[np.ix_(kept, kept)] <= 0.2).all()
    for variant in np.flatnonzero(~kept):
        better = kept & (p_values < p_values[variant])
        assert (r2[variant, better] > 0.2).any()
    by_frequency = prune(panel, ends, 0.2)
    assert by_frequency[np.argmax(panel.minor_frequency)]


def test_a_variant_at_which_nobody_differs_has_no_ld(tmp_path: Path) -> None:
    panel, _ = simulated_panel(people=4, variants=3)
    assert np.isfinite(ld_matrix(panel, 0, 3)).all()


@pytest.mark.real_data
def test_ld_scores_of_real_genotypes_are_those_of_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ld, "_ROWS", 256)
    monkeypatch.setattr(ld, "_COLUMNS", 4096)
    panel = read_panel(SHARED_DATA / "human" / "ld_chr22" / "1000G_eur_chr22")
    panel = panel.take(np.arange(1500))
    ends = window_ends(panel.sites, bases=1_000_000)
    r2 = np.corrcoef(panel.dosages(0, 1500).astype(float)) ** 2
    expected = banded(r2 - (1 - r2) / (378 - 2), ends).sum(axis=1)
    np.testing.assert_allclose(ld_scores(panel, ends)[:, 0], expected, atol=1e-6)
