"""What a person pastes is read as variants, and each line that is none is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from sighthound.app.variants.lists import read_list, without_repeats
from sighthound.core.annotation.genes import Genes
from sighthound.core.genome.sequence import Genome
from sighthound.core.variants.variant import Variant

KNOWN = {"rs1": [Variant("chrI", 0, "A", "C", "rs1"), Variant("chrI", 0, "A", "G", "rs1")]}


@pytest.fixture
def genome(tmp_path: Path) -> Genome:
    (tmp_path / "genome.fa").write_text(">chrI\nACGTACGTAC\n")
    return Genome(tmp_path / "genome.fa")


def read(text: str, genome: Genome) -> tuple[list[str], list[str]]:
    found = read_list(text, genome, lambda: Genes([]), lambda name: KNOWN.get(name, []))
    alleles, left_out = without_repeats(found)
    return [str(allele.variant) for allele in alleles], left_out


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("chrI:2 C>T", ["chrI:2:C:T"]),
        ("# first\n\nchrI:2:C:T; 3 G>A", ["chrI:2:C:T", "chrI:3:G:A"]),
        ("I\t2\t.\tC\tG,T\t.\tPASS\tAC=1", ["chrI:2:C:G", "chrI:2:C:T"]),
        ("chrI 2 rs9 C CA", ["chrI:2:C:CA"]),
        ("chrI:g.3G>A", ["chrI:3:G:A"]),
        ("rs1", ["chrI:1:A:C", "chrI:1:A:G"]),
    ],
)
def test_variants_are_read_as_people_write_them(
    genome: Genome, text: str, expected: list[str]
) -> None:
    assert read(text, genome) == (expected, [])


def test_what_is_no_variant_is_named_with_its_line(genome: Genome) -> None:
    kept, left_out = read(
        "chrI:2 C>T\nhello\nchrI:2 G>T\nrs2, chrI:2:C:T\nchrI\t2\t.\tC\t<DEL>", genome
    )
    assert kept == ["chrI:2:C:T"]
    assert [line.split(": ")[0] for line in left_out] == [
        "line 2", "line 3", "line 4", "line 5", "1 given again (first line 4",
    ]  # fmt: skip
    assert "genome, which has C" in left_out[1]


def test_of_many_lines_that_are_none_some_are_named_and_the_others_counted(genome: Genome) -> None:
    _, left_out = read("\n".join(["hello"] * 50), genome)
    assert len(left_out) == 21
    assert left_out[-1] == "and 30 more that are no variants"
