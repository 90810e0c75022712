"""Several networks agree or not, and what they disagree on is not known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sighthound.core import Genome, Interval, SighthoundError, Variant, agreement, score_variants
from tests.models import shallow_model

TRACKS = ("a", "x.plus", "x.minus")


def test_the_spread_is_the_sample_standard_deviation_about_the_networks_mean() -> None:
    found = agreement([9.0], [[1.0], [2.0], [6.0]])
    assert found.members == 3
    assert found.mean.tolist() == [3.0]
    assert found.deviation == pytest.approx([np.sqrt((4 + 1 + 9) / 2)])


@pytest.mark.parametrize(
    ("shown", "said", "is_known"),
    [
        (1.0, [2.0, 1.0, 1.5], True),
        (1.0, [2.0, -0.1, 1.5], False),  # one network has another sign
        (-1.0, [2.0, 1.0, 1.5], False),  # all have another sign than what is shown
        (1.0, [0.01, 0.02, 9.0], False),  # mean 3.0, deviation 5.2
        (0.0, [0.0, 0.0, 0.0], True),  # beyond the context the effect is exactly zero
        (0.0, [0.0, 0.0, 1.0], False),
        (1.0, [np.nan, 1.0, 1.0], False),
        (np.nan, [1.0, 1.0, 1.0], False),
    ],
)
def test_only_what_no_network_contradicts_is_known(
    shown: float, said: list[float], is_known: bool
) -> None:
    assert bool(agreement(shown, said).is_known) is is_known


def test_one_network_cannot_agree() -> None:
    with pytest.raises(SighthoundError, match="1 networks cannot agree; give at least 2"):
        agreement([1.0], [[1.0]])


def test_scores_come_with_what_the_members_say(genome: Genome) -> None:
    model, *members = (shallow_model(TRACKS, seed) for seed in range(4))
    chrom = next(iter(genome.lengths))
    variants = [variant(genome, chrom, at) for at in (4100, 4200)]
    asked: dict[str, Any] = {"scores": ["sad", "max_log2"], "alleles": True}
    table = score_variants(model, genome, variants, members=members, **asked)
    values = ["score", "reference", "alternative", "members_mean", "members_sd", "known"]
    assert table["value"].tolist() == values * 4
    assert table["score"].tolist() == (["sad"] * 6 + ["max_log2"] * 6) * 2
    own = score_variants(model, genome, variants, **asked)
    kept = table[table["value"].isin(values[:3])].reset_index(drop=True)
    assert kept.equals(own)
    said = [score_variants(m, genome, variants, scores=["sad"])[list(TRACKS)] for m in members]
    found = agreement(own[own.value.eq("score") & own.score.eq("sad")][list(TRACKS)], said)
    for value, expected in (
        ("members_mean", found.mean), ("members_sd", found.deviation), ("known", found.is_known),
    ):  # fmt: skip
        rows = table[table.value.eq(value) & table.score.eq("sad")][list(TRACKS)]
        np.testing.assert_allclose(rows.to_numpy(), expected, rtol=1e-6)


def variant(genome: Genome, chrom: str, position: int) -> Variant:
    ref = genome.sequence(Interval(chrom, position, position + 1))
    return Variant(chrom, position, ref, "A" if ref != "A" else "C")


@pytest.fixture(scope="module")
def genome(tmp_path_factory: pytest.TempPathFactory) -> Genome:
    file = tmp_path_factory.mktemp("genome") / "genome.fa"
    bases = np.random.default_rng(3).choice(list("ACGT"), 9000)
    file.write_text(f">chrI\n{''.join(bases)}\n")
    return Genome(file)
