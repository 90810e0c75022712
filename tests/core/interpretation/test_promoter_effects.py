"""What variants do to a reporter, on either strand, and how far networks agree on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from sighthound.core import Genome, Interval, Variant
from sighthound.core.genome.sequence import one_hot, reverse_complement
from sighthound.core.interpretation.promoter_effects import (
    PLACES,
    PromoterEffects,
    _alleles,
    promoter_effects,
    with_promoters,
)
from sighthound.core.model.promoters import PromoterNetwork, promoter_networks
from sighthound.core.variants.haplotype import haplotype
from tests.core.model.test_promoters import reading

INSERT = 60


@pytest.fixture(scope="module")
def genome(tmp_path_factory: pytest.TempPathFactory) -> Genome:
    path = tmp_path_factory.mktemp("genome") / "genome.fa"
    bases = "".join(np.random.default_rng(0).choice(list("ACGT"), 600))
    path.write_text(f">chr1\n{bases}\n")
    return Genome(path)


def networks(*seeds: int) -> Sequence[PromoterNetwork]:
    (first, *others) = (reading(seed, INSERT) for seed in seeds)
    return promoter_networks(first, [first, *others])


def slowly(network: PromoterNetwork, genome: Genome, variant: Variant) -> list[float]:
    """The effect of a substitution, each stretch written out by itself."""
    found = []
    for strand in (0, 1):
        changes = []
        for place in PLACES:
            first = variant.position - INSERT // 2 + round(place * INSERT)
            text = genome.sequence(Interval("chr1", first, first + INSERT))
            at = variant.position - first
            pair = np.stack([one_hot(text), one_hot(text[:at] + variant.alt + text[at + 1 :])])
            before, after = network.expression(reverse_complement(pair) if strand else pair)
            changes.append(after - before)
        found.append(float(np.mean(changes)))
    return found


def substitution(genome: Genome, position: int) -> Variant:
    ref = genome.sequence(Interval("chr1", position, position + 1))
    return Variant("chr1", position, ref, "ACGT"["CGTA".index(ref)])


def test_an_effect_is_the_mean_over_places_and_networks_on_each_strand(genome: Genome) -> None:
    asked, variants = networks(0, 1, 2), [substitution(genome, at) for at in (4, 300, 597)]
    found = promoter_effects(asked, genome, variants)
    said = np.array([[slowly(one, genome, v) for v in variants] for one in asked])
    assert found.networks == 3
    np.testing.assert_allclose(found.mean, said.mean(axis=0), rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(found.deviation, said.std(axis=0, ddof=1), rtol=1e-4, atol=1e-7)
    same = (np.sign(said) == np.sign(said.mean(axis=0))).all(axis=0)
    known = same & (np.abs(said.mean(axis=0)) >= said.std(axis=0, ddof=1))
    assert (found.is_known == known).all()


def test_one_network_is_not_known_to_agree(genome: Genome) -> None:
    found = promoter_effects(networks(0), genome, [substitution(genome, 300)])
    assert found.networks == 1
    assert np.isfinite(found.mean).all()
    assert np.isnan(found.deviation).all()
    assert not found.is_known.any()


@pytest.mark.parametrize(("gone", "put"), [(0, "ACGT" * 30), (90, ""), (2, "T")])
def test_changes_longer_than_a_promoter_are_read(genome: Genome, gone: int, put: str) -> None:
    ref = genome.sequence(Interval("chr1", 300, 301 + gone))
    found = promoter_effects(networks(0, 1), genome, [Variant("chr1", 300, ref, ref[0] + put)])
    assert np.isfinite(found.mean).all()
    assert np.abs(found.mean).min() > 0


def test_stretches_of_an_insertion_begin_and_end_with_the_same_bases_alike(genome: Genome) -> None:
    ref = genome.sequence(Interval("chr1", 300, 301))
    found = _alleles(genome, haplotype(Variant("chr1", 300, ref, ref + "ACGTA")), INSERT)
    assert found.shape == (len(PLACES), 2, INSERT, 4)
    for number, (reference, alternative) in enumerate(found):
        begins = (reference[:5] == alternative[:5]).all()
        ends = (reference[-5:] == alternative[-5:]).all()
        assert (begins, ends) == ((False, True) if number % 2 else (True, False))


def test_haplotypes_are_scored_together(genome: Genome) -> None:
    both = [substitution(genome, 300), substitution(genome, 310)]
    asked = networks(0, 1)
    found = promoter_effects(asked, genome, [both, both[:1]])
    assert found.mean.shape == (2, 2)
    assert (found.mean[0] != found.mean[1]).all()


def test_no_variants_have_no_effects(genome: Genome) -> None:
    found = promoter_effects(networks(0, 1), genome, [])
    assert found.mean.shape == found.is_known.shape == (0, 2)


def test_effects_stand_before_the_scores_of_their_variants() -> None:
    table = pd.DataFrame({"record": [1, 1, 2], "score": "sad", "value": "score", "a": 0.0})
    mean = np.array([[1, -1], [2, -2]], np.float32)
    with_promoters(table, PromoterEffects(2, mean, mean, mean > 0))
    assert list(table) == [
        "record", "promoter.+", "promoter_known.+", "promoter.-", "promoter_known.-", "score",
        "value", "a",
    ]  # fmt: skip
    assert table["promoter.+"].tolist() == [1, 1, 2]
    assert table["promoter.-"].tolist() == [-1, -1, -2]
    assert table["promoter_known.-"].tolist() == [False, False, False]
