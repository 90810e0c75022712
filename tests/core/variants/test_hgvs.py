"""Variants in the words of HGVS, on a genome whose bases a person can count."""

from __future__ import annotations

from pathlib import Path

import pytest

from sighthound.core.annotation.genes import Genes, read_genes
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome
from sighthound.core.variants.hgvs import Replacement, is_hgvs, read_hgvs

# Base 1 is A, 2 C, 3 G, 4 G, 5 T, 6 T, 7 T, 8 C, 9 A, 10 A, and so on again.
REPEAT = "ACGGTTTCAA"
GENES = """##gff-version 3
chrI\tx\tgene\t11\t70\t.\t+\t.\tID=G1;Name=PLUS1
chrI\tx\tmRNA\t11\t70\t.\t+\t.\tID=G1.t;Parent=G1
chrI\tx\texon\t11\t30\t.\t+\t.\tParent=G1.t
chrI\tx\texon\t51\t70\t.\t+\t.\tParent=G1.t
chrI\tx\tCDS\t21\t30\t.\t+\t0\tParent=G1.t
chrI\tx\tCDS\t51\t60\t.\t+\t2\tParent=G1.t
chrI\tx\tgene\t101\t130\t.\t-\t.\tID=G2;Name=MINUS1
chrI\tx\tmRNA\t101\t130\t.\t-\t.\tID=G2.t;Parent=G2
chrI\tx\tCDS\t106\t120\t.\t-\t0\tParent=G2.t
"""


@pytest.fixture(scope="module")
def genome(tmp_path_factory: pytest.TempPathFactory) -> Genome:
    folder = tmp_path_factory.mktemp("hgvs")
    (folder / "g.fa").write_text(f">chrI\n{REPEAT * 20}\n")
    (folder / "g.gff3").write_text(GENES)
    return Genome(folder / "g.fa")


@pytest.fixture(scope="module")
def genes(genome: Genome) -> Genes:
    return read_genes(Path(genome.path).with_name("g.gff3"), genome)


@pytest.mark.parametrize(
    "text",
    ["chrI:g.2C>A", "PLUS1:c.-1A>G", "12delC", "g.12_13insTA", "PLUS1:c.*3dup", "X:p.Ala3Gly"],
)
def test_what_a_person_means_as_a_variant_is_known(text: str) -> None:
    assert is_hgvs(text)


@pytest.mark.parametrize("text", ["chrI:1-100", "PLUS1", "chrI:12", "rs12", "", "c.12"])
def test_places_and_names_are_no_variants(text: str) -> None:
    assert not is_hgvs(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("chrI:g.2C>A", (1, "C", "A")),
        ("I:g.2C>A", (1, "C", "A")),
        ("chrI:g.2_3CG>TT", (1, "CG", "TT")),
        # A base before stands for where nothing is left, at the very beginning one behind.
        ("chrI:g.12del", (10, "AC", "A")),
        ("chrI:g.1del", (0, "AC", "C")),
        ("chrI:g.12_13insTA", (11, "C", "CTA")),
        ("chrI:g.3_4dup", (2, "GG", "GGGG")),
        ("chrI:g.1_3inv", (0, "ACG", "CGT")),
        ("chrI:g.3_4delinsA", (2, "GG", "A")),
    ],
)
def test_bases_of_a_chromosome(genome: Genome, text: str, expected: tuple[int, str, str]) -> None:
    assert read_hgvs(text, genome) == Replacement("chrI", *expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PLUS1:c.1A>G", (20, "A", "G")),
        ("PLUS1:c.-1A>G", (19, "A", "G")),
        # c.10 is base 30; the intron follows, and c.11 is base 51.
        ("PLUS1:c.10+1A>T", (30, "A", "T")),
        ("PLUS1:c.11A>T", (50, "A", "T")),
        ("PLUS1:c.*1A>T", (60, "A", "T")),
        ("PLUS1:n.1A>T", (10, "A", "T")),
        # On the minus strand c.1 is base 120, whose A is a T there.
        ("MINUS1:c.1T>G", (119, "A", "C")),
        ("MINUS1:c.-1T>C", (120, "A", "G")),
    ],
)
def test_bases_of_a_gene_are_counted_along_its_exons(
    genome: Genome, genes: Genes, text: str, expected: tuple[int, str, str]
) -> None:
    assert read_hgvs(text, genome, genes=lambda: genes) == Replacement("chrI", *expected)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("chrI:g.2G>A", "the genome has C at chrI:2, not G"),
        ("chrI:g.201A>C", "lies beyond chrI, which has 200 bases counted from 1"),
        ("chrI:g.5_3del", "ends before it starts"),
        ("chrI:g.12insTA", "inserted between two neighbours; write 12_13insTA"),
        ("chrI:g.12_13ins", "write the bases that are inserted"),
        ("X:p.Ala3Gly", "names a change of a protein; give that of the DNA"),
        ("2C>A", "names no chromosome"),
        ("c.1A>G", "counts from a gene; write which"),
        ("NONE1:c.1A>G", "no gene is called 'NONE1'"),
        ("PLUS1:c.0A>G", "there is no position 0; 1 follows on -1"),
        ("MINUS1:c.1A>G", "the genome has T at chrI:120 on the minus strand, not A"),
    ],
)
def test_what_is_no_variant_of_this_genome_is_one_line(
    genome: Genome, genes: Genes, text: str, line: str
) -> None:
    with pytest.raises(SighthoundError) as raised:
        read_hgvs(text, genome, genes=lambda: genes)
    assert line in str(raised.value)
    assert "\n" not in str(raised.value)
