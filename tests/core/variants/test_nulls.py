"""The percentile of a null among nulls is uniform, and that of a larger effect is higher."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pysam
import pytest
from scipy.stats import kstest

from sighthound.core.annotation.genes import Gene, Genes
from sighthound.core.genome.sequence import Genome
from sighthound.core.variants.nulls import (
    CLASSES,
    Ranking,
    Surroundings,
    random_substitutions,
    substitution_class,
    surroundings,
)
from sighthound.core.variants.variant import Variant

NULLS, DRAWS, DRAWN = 2_000, 100, 600

# Surroundings, predicted signal and scores of some substitutions.
Made = tuple[Surroundings, np.ndarray, np.ndarray]


def made(count: int, seed: int) -> Made:
    """Effects whose size hangs on all that is matched, and much on chance; on two tracks."""
    random = np.random.default_rng(seed)
    kind = random.integers(0, len(CLASSES), count)
    distance, gc = random.exponential(1_000, count).round(), random.uniform(0.2, 0.6, count)
    local = random.lognormal(0, 2, (count, 2))
    size = (1 + kind)[:, None] * np.exp(-distance / 1_000)[:, None] * local * (0.5 + gc)[:, None]
    return Surroundings(kind, distance, gc), local, size * random.standard_normal((count, 2))


@pytest.fixture(scope="module")
def nulls() -> Made:
    return made(NULLS, seed=0)


def some(around: Surroundings, rows: np.ndarray) -> Surroundings:
    return Surroundings(around.kind[rows], around.distance[rows], around.gc[rows])


def test_percentiles_of_held_out_nulls_are_uniform(nulls: Made) -> None:
    ranked = Ranking(*nulls).percentiles(*nulls, are_nulls=True)
    random = np.random.default_rng(1)
    for track in range(ranked.shape[1]):
        draws = (random.choice(ranked[:, track], DRAWN, replace=False) for _ in range(DRAWS))
        assert sum(kstest(draw / 100, "uniform").pvalue > 0.05 for draw in draws) >= 95


def test_percentiles_are_uniform_where_the_signal_is_low_and_where_it_is_high(nulls: Made) -> None:
    around, local, _ = nulls
    ranked = Ranking(*nulls).percentiles(*nulls, are_nulls=True)[:, 0]
    for is_there in (local[:, 0] < 0.3, local[:, 0] > 3, around.distance < 200, around.kind == 5):
        assert abs(ranked[is_there].mean() - 50) < 5
    # Unmatched, they would say of the signal more than of the variant.
    unmatched = np.abs(nulls[2][:, 0]).argsort().argsort() / NULLS * 100
    assert unmatched[local[:, 0] > 3].mean() > 70


def test_new_nulls_are_ranked_as_those_that_are_known(nulls: Made) -> None:
    ranked = Ranking(*nulls).percentiles(*made(300, seed=5))
    assert kstest(ranked[:, 0] / 100, "uniform").pvalue > 0.01


def test_ten_times_the_effect_ranks_higher_and_its_sign_does_not_matter(nulls: Made) -> None:
    around, local, scores = made(50, seed=3)
    ranking = Ranking(*nulls)
    one, ten = (ranking.percentiles(around, local, times * scores) for times in (1, 10))
    assert (ten >= one).all()
    assert ten.mean() > 75
    np.testing.assert_array_equal(ranking.percentiles(around, local, -scores), one)


def test_what_is_no_substitution_and_a_class_of_too_few_nulls_have_no_percentile(
    nulls: Made,
) -> None:
    around, local, scores = made(20, seed=3)
    indels = Surroundings(np.full(20, -1), around.distance, around.gc)
    assert np.isnan(Ranking(*nulls).percentiles(indels, local, scores)).all()
    few = some(nulls[0], np.arange(12))
    ranking = Ranking(few, nulls[1][:12], nulls[2][:12])
    assert np.isnan(ranking.percentiles(around, local, scores)).all()


def test_an_effect_equal_to_all_nulls_is_in_the_middle() -> None:
    around = Surroundings(np.zeros(200, int), np.full(200, np.inf), np.full(200, np.nan))
    ranking = Ranking(around, np.zeros((200, 1)), np.zeros((200, 1)))
    asked = some(around, np.arange(1))
    found = ranking.percentiles(asked, np.zeros((1, 1)), np.zeros((1, 1)))
    assert found[0, 0] == pytest.approx(50)


@pytest.mark.parametrize(
    ("ref", "alt", "kind"),
    [("C", "T", "C>T"), ("G", "A", "C>T"), ("A", "C", "T>G"), ("T", "G", "T>G")],
)
def test_a_class_is_the_same_on_both_strands(ref: str, alt: str, kind: str) -> None:
    assert CLASSES[substitution_class(Variant("chr1", 0, ref, alt))] == kind


@pytest.fixture
def genome(tmp_path: Path) -> Genome:
    file = tmp_path / "genome.fa"
    file.write_text(f">chr1\n{'ACGT' * 50}{'N' * 50}\n>chr2\n{'GC' * 60}\n")
    pysam.faidx(str(file))
    return Genome(file)


def test_random_substitutions_are_the_genomes_own_and_never_at_n(genome: Genome) -> None:
    found = random_substitutions(genome, 100, seed=2)
    assert len(set(found)) == len(found) == 100
    assert found == random_substitutions(genome, 100, seed=2)
    assert {v.chrom for v in found} == {"chr1", "chr2"}
    for v in found:
        sequence = "ACGT" * 50 + "N" * 50 if v.chrom == "chr1" else "GC" * 60
        assert sequence[v.position] == v.ref != v.alt


def test_distance_is_to_the_nearest_start_and_gc_is_of_the_bases_around(genome: Genome) -> None:
    genes = Genes(
        [Gene("a", "A", "chr1", 20, 60, "+", ()), Gene("b", "B", "chr1", 90, 150, "-", ())]
    )
    variants = [
        Variant("chr1", 30, "G", "A"),
        Variant("chr1", 140, "A", "C"),
        Variant("chr2", 5, "C", "GG"),
    ]
    around = surroundings(variants, genome, genes)
    starts = sorted(s for gene in genes for s in gene.tss_positions)
    expected = [min((abs(s - p) for s in starts), default=np.inf) for p in (30, 140)]
    assert around.distance.tolist() == [*expected, np.inf]
    assert around.gc[2] == 1
    assert around.gc[0] == pytest.approx(0.5, abs=0.01)
    assert around.kind[2] == -1
