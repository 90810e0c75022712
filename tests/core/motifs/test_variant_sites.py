"""Motifs that haplotypes make and break, on planted sites."""

from __future__ import annotations

import pytest

from sighthound.core.genome.sequence import one_hot
from sighthound.core.motifs.jaspar import read_motifs
from sighthound.core.motifs.scan import MotifScanner
from sighthound.core.motifs.variant_sites import SiteChange, haplotype_changes
from sighthound.core.variants.haplotype import haplotype
from sighthound.core.variants.variant import Variant
from tests.motifs import planted, random_sequence

SITE = "ATTACCCGG"  # of REB1
FIRST = 5_000  # base of the chromosome where the sequence begins
SEQUENCE = planted(random_sequence(200, seed=3), 100, SITE)
SCANNER = MotifScanner([m for m in read_motifs(tax_group="fungi") if m.name == "REB1"])


def changes(*variants: tuple[int, str, str]) -> list[SiteChange]:
    """What happens to REB1; positions are those in SEQUENCE."""
    found = haplotype([Variant("chr", FIRST + at, ref, alt) for at, ref, alt in variants])
    return haplotype_changes(SCANNER, found, one_hot(SEQUENCE), FIRST)


def test_a_substitution_in_the_core_breaks_the_site_in_its_place() -> None:
    (change,) = changes((105, "C", "A"))
    assert (change.kind, change.name) == ("loss", "REB1")
    assert change.start <= FIRST + 100
    assert change.end >= FIRST + 109
    assert change.p_reference < 1e-4 < change.p_alternative


@pytest.mark.parametrize(
    ("variant", "kinds"),
    [
        ((103, SEQUENCE[103:106], SEQUENCE[103]), ["loss"]),  # two bases of the core deleted
        ((103, SEQUENCE[103], SEQUENCE[103] + "TT"), ["loss"]),  # two inserted between them
        ((60, SEQUENCE[60], SEQUENCE[60] + SITE), ["gain"]),
        ((60, SEQUENCE[60:63], SEQUENCE[60]), []),
    ],
)
def test_insertions_and_deletions_make_and_break_sites(
    variant: tuple[int, str, str], kinds: list[str]
) -> None:
    assert [change.kind for change in changes(variant)] == kinds


def test_a_second_variant_can_repair_what_the_first_breaks() -> None:
    shifted = (90, SEQUENCE[90], SEQUENCE[90] + "AC")
    broken = (103, SEQUENCE[103], SEQUENCE[103] + "G")
    repaired = (104, SEQUENCE[104:106], SEQUENCE[105])
    assert [change.kind for change in changes(shifted, broken)] == ["loss"]
    assert changes(shifted, broken, repaired) != changes(shifted, broken)


def test_a_site_after_an_insertion_is_placed_on_the_chromosome() -> None:
    (alone,) = changes((105, "C", "A"))
    (after,) = changes((20, SEQUENCE[20], SEQUENCE[20] + "ACGT"), (105, "C", "A"))
    assert (after.start, after.end) == (alone.start, alone.end)
