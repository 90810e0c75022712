"""Shares of quantiles, with intervals over blocks of genes."""

import numpy as np
import pytest

from sighthound.core.expression.enrichment import (
    enrichment_by_chance,
    quantile_shares,
    rank_correlation,
)


def test_quantiles_have_their_shares_over_that_of_all() -> None:
    values = np.arange(100.0)
    found = values >= 70  # half of the fourth fifth, all of the last
    shares = quantile_shares(values, found, np.arange(100) % 20)
    assert [one.number for one in shares] == [0, 1, 2, 3, 4, 5]
    assert [(one.pairs, one.found) for one in shares] == [(100, 30), *[(20, 0)] * 3, (20, 10),
                                                          (20, 20)]  # fmt: skip
    assert shares[5].share.value == 1
    assert shares[5].enrichment.value == pytest.approx(1 / 0.3)
    assert shares[4].enrichment.low < 0.5 / 0.3 < shares[4].enrichment.high
    assert quantile_shares(values[:0], found[:0], values[:0].astype(int)) == []


def test_what_chance_gives_is_one_where_values_are_of_nothing() -> None:
    rng = np.random.default_rng(0)
    found = np.arange(200) < 50
    chance = enrichment_by_chance(rng.normal(size=(400, 200)), found)
    assert chance[:, 0].tolist() == [1, 1, 1]
    assert chance[0, 1:] == pytest.approx(1, abs=0.05)
    assert (chance[1, 1:] < 1).all()
    assert (chance[2, 1:] > 1).all()
    sorted_ = enrichment_by_chance(-np.arange(200.0)[None], found)
    assert sorted_[0].tolist() == [1, 0, 0, 0, 1, 4]


def test_rank_correlation_has_an_interval_where_there_are_blocks() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    y = x + rng.normal(size=200)
    r = rank_correlation(np.exp(x), y, np.arange(200) // 10)
    assert r.low < r.value < r.high
    assert rank_correlation(x, y, np.arange(200) // 100).low != r.low
