"""How predictions agree with measured effects: numbers whose answers are known."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr, spearmanr

from sighthound.core.truth.comparison import ALL_PAIRS, blocks_of, ceilings, compare


def measured(n=300, seed=0, **more):
    """One allele each 1,000 bases, half of them significant."""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "chrom": "chrI", "position": np.arange(n) * 1000, "ref": "A", "alt": "C",
            "effect": rng.normal(size=n), "p": np.nan, "experiment": "one",
            "q": np.where(np.arange(n) % 2, 0.01, 0.5),
        }
    )  # fmt: skip
    return rows.assign(**more), rng


def test_a_perfect_prediction_is_called_one():
    rows, _ = measured()
    (found,) = compare(rows, rows[["effect"]].to_numpy() * 3, ["t"])
    assert (found.n, found.signed, found.significant) == (300, 150, 150)
    assert [found.pearson.value, found.spearman.value, found.same_sign.value] == pytest.approx(
        [1, 1, 1]
    )


def test_numbers_are_those_of_the_plain_formulas_and_inside_their_intervals():
    rows, rng = measured()
    rows["effect"] *= np.where(rows["q"] < 0.05, 2, 1)
    guess = rows["effect"].to_numpy() + rng.normal(size=300)
    (found,) = compare(rows, guess[:, None], ["t"])
    effects, significant = rows["effect"].to_numpy(), rows["q"].to_numpy() < 0.05
    assert found.pearson.value == pytest.approx(pearsonr(guess, effects)[0])
    assert found.spearman.value == pytest.approx(spearmanr(guess, effects)[0])
    same = np.mean(np.sign(guess[significant]) == np.sign(effects[significant]))
    assert found.same_sign.value == pytest.approx(same)
    sizes = np.abs(guess)
    pairs = sizes[significant][:, None] > sizes[~significant][None]
    assert found.auroc.value == pytest.approx(pairs.mean())
    for one in (found.pearson, found.spearman, found.same_sign, found.auroc):
        assert one.low < one.value < one.high


def test_the_interval_of_an_area_holds_the_truth_of_clustered_measurements():
    """Of blocks that share a level, 95 % intervals of single measurements would be too narrow."""
    inside = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        blocks = np.repeat(np.arange(40), 5)
        level = np.abs(rng.normal(size=40))[blocks] + np.abs(rng.normal(0, 0.3, 200))
        rows = pd.DataFrame(
            {
                "chrom": "chrI", "position": blocks * 10_000, "effect": 1.0,
                "q": np.where(rng.integers(0, 2, 40)[blocks], 0.01, 0.5),
            }
        )  # fmt: skip
        (found,) = compare(rows, level[:, None], ["t"])
        inside += found.auroc.low <= 0.5 <= found.auroc.high
    assert 180 <= inside <= 198


def test_without_significance_signs_are_of_all_and_no_area_is_claimed():
    rows, _ = measured(q=np.nan)
    rows.loc[0, "effect"] = 0
    (found,) = compare(rows, -rows[["effect"]].to_numpy(), ["t"])
    assert (found.signed, found.same_sign.value, found.significant) == (299, 0, 0)
    assert np.isnan(found.auroc.value)


def test_few_measurements_are_no_evidence_and_missing_predictions_do_not_count():
    rows, _ = measured(25)
    guess = rows["effect"].to_numpy().copy()
    guess[:10] = np.nan
    (found,) = compare(rows, guess[:, None], ["t"])
    assert found.n == 15
    assert np.isnan(found.pearson.value)


def test_a_table_without_rows_in_a_window_has_no_numbers():
    rows, _ = measured(3)
    (found,) = compare(rows.iloc[:0], np.zeros((0, 1)), ["t"])
    assert (found.n, np.isnan(found.pearson.value)) == (0, True)


def test_the_ceiling_is_how_far_two_experiments_of_the_same_alleles_agree():
    one, rng = measured()
    two = one.assign(experiment="two", effect=one["effect"] + rng.normal(0, 0.5, 300))
    alone = one.iloc[:1].assign(position=1_000_000_000)
    rows = pd.concat([two, one, alone], ignore_index=True)
    every, pair = ceilings(rows)
    assert (every.one, every.n, pair.n) == (ALL_PAIRS, 300, 300)
    assert (pair.one, pair.other) == ("one", "two")
    assert pair.pearson.value == pytest.approx(pearsonr(one["effect"], two["effect"])[0])
    assert every.reachable == pytest.approx(every.pearson.value**0.5)
    assert pair.signed == 150
    assert ceilings(one) == []


def test_blocks_are_of_neighbours_and_finer_where_elements_are_few():
    far = pd.DataFrame(
        {"chrom": "chrI", "position": [0, 100, 5_000, *range(10_000, 90_000, 10_000)]}
    )
    assert blocks_of(far).tolist() == [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    dense = pd.DataFrame({"chrom": "chrI", "position": np.arange(32)})
    assert blocks_of(dense).tolist() == [0] * 16 + [1] * 16


def test_a_share_of_a_few_signs_is_not_called_certain():
    rows, _ = measured(20, q=np.where(np.arange(20) < 3, 0.01, 0.5))
    (found,) = compare(rows, rows[["effect"]].to_numpy(), ["t"])
    assert (found.signed, found.same_sign.value, found.same_sign.high) == (3, 1, 1)
    assert found.same_sign.low == pytest.approx(3 / (3 + 1.959964**2))  # Wilson's, of 3 of 3
