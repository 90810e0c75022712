"""Matched negatives are alike; planted differences are found, and none where there is none."""

import numpy as np
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.gwas.classifier import classify, gain, neighbourhoods
from sighthound.core.gwas.matching import (
    balance,
    distance_property,
    frequency_property,
    matched_negatives,
)


def study(separation, n=240, tracks=30, seed=0):
    """Effects of tracks that share a factor, which is larger of positives."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 4 == 0
    factor = rng.normal(size=n) + separation * labels
    effects = np.abs(factor[:, None] * rng.uniform(0.5, 1, tracks) * 0.5 + 3
                     + rng.normal(0, 0.5, (n, tracks)))  # fmt: skip
    chroms = np.array([f"chr{1 + number // 24}" for number in range(n)], object)
    blocks = neighbourhoods(chroms, np.arange(n) % 24 * 2_000_000, 1_000_000)
    return effects, labels, chroms, blocks


def test_a_planted_difference_is_found_on_chromosomes_that_were_not_learned_from():
    found = classify(*study(1.5), components=10)
    # Two normal distributions 1.5 apart have an area of 0.856.
    assert found.auroc.low < 0.856 < found.auroc.high
    assert found.auroc.low > 0.7


def test_nothing_is_found_where_there_is_nothing():
    inside = [
        one.auroc.low <= 0.5 <= one.auroc.high
        for one in (classify(*study(0.0, seed=seed), components=5) for seed in range(10))
    ]
    assert sum(inside) >= 7


def test_what_is_scored_is_not_learned_from():
    effects, labels, chroms, blocks = study(0.0)
    # A track that betrays the labels of one chromosome alone teaches nothing about it.
    own = chroms == "chr3"
    effects[own, 0] = 100.0 * labels[own]
    found = classify(effects, labels, chroms, blocks, components=5)
    spoilt = classify(np.where(own[:, None], 1.0, effects), labels, chroms, blocks, components=5)
    others = ~own & (chroms != "chr3")
    assert found.probability.shape == labels.shape
    assert np.isfinite(spoilt.probability[others]).all()
    again = effects.copy()
    again[own] *= 7
    changed = classify(again, labels, chroms, blocks, components=5)
    # Labels of a chromosome do not change its own scores.
    turned = np.where(own, ~labels, labels)
    same = classify(effects, turned, chroms, blocks, components=5)
    np.testing.assert_allclose(same.probability[own], found.probability[own])
    assert not np.allclose(changed.probability[own], found.probability[own])


def test_another_predictor_that_knows_more_adds_to_the_area():
    effects, labels, chroms, blocks = study(0.3)
    other = np.random.default_rng(5).normal(size=len(labels)) + 2 * labels
    other[:7] = np.nan
    alone = classify(effects, labels, chroms, blocks, components=5)
    both = classify(effects, labels, chroms, blocks, components=5, other=other)
    more = gain(both.probability, alone.probability, labels, blocks)
    assert more.low > 0
    none = gain(alone.probability, alone.probability, labels, blocks)
    assert (none.low, none.value, none.high) == (0, 0, 0)
    only = classify(np.zeros((len(labels), 0)), labels, chroms, blocks, other=other)
    assert only.components == 0
    assert only.auroc.value > 0.85


def test_one_chromosome_is_refused():
    effects, labels, _, blocks = study(1.0)
    with pytest.raises(SighthoundError, match="60 positives and 180 negatives on 1 chromosome;"):
        classify(effects, labels, np.full(len(labels), "chr1", object), blocks)


def test_negatives_are_alike_and_none_is_drawn_twice():
    rng = np.random.default_rng(2)
    frequency, distance = rng.uniform(0, 0.5, 3000), rng.uniform(0, 1e5, 3000)
    properties = [frequency_property(frequency), distance_property(distance)]
    allowed = rng.random(3000) < 0.5
    positives = np.arange(0, 300, 10)
    found = matched_negatives(properties, positives, allowed, 3)
    drawn = found[found >= 0]
    assert len(set(drawn.tolist())) == len(drawn) > 80
    assert allowed[drawn].all()
    assert not set(drawn.tolist()) & set(positives.tolist())
    place, _ = np.nonzero(found >= 0)
    assert (np.abs(frequency[drawn] - frequency[positives[place]]) <= 0.05).all()
    near = (distance[drawn] + 1000) / (distance[positives[place]] + 1000)
    assert ((near <= 2.001) & (near >= 0.499)).all()
    table = balance(properties, positives, {"drawn": drawn})
    assert table["drawn"].abs().max() < 0.2
    np.testing.assert_array_equal(found, matched_negatives(properties, positives, allowed, 3))


def test_a_positive_like_no_other_has_no_negative():
    one = frequency_property(np.array([0.01, 0.4, 0.41]))
    assert matched_negatives([one], np.array([0]), np.ones(3, bool), 2).tolist() == [[-1, -1]]


def test_neighbourhoods_end_with_gaps_and_chromosomes():
    chroms = np.array(["b", "a", "a", "a"], object)
    assert neighbourhoods(chroms, np.array([5, 90, 0, 8]), 10).tolist() == [2, 1, 0, 0]
