"""Every way in which a row's alleles may differ from the panel's is found, counted and said."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sighthound.core.association import alleles
from sighthound.core.association.alleles import against_genome, align, copies, genome_words
from sighthound.core.association.sites import Sites
from sighthound.core.association.variant_table import VariantTable, read_variant_table
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome
from tests.core.association.panels import simulated_sites


def table_of(folder: Path, rows: Sequence[tuple[object, ...]], header: str) -> VariantTable:
    file = folder / "table.tsv"
    lines = [header.replace(" ", "\t"), *("\t".join(map(str, row)) for row in rows)]
    file.write_text("\n".join(lines) + "\n")
    return read_variant_table(file)


PANEL = Sites.of(
    ["22"] * 6, [9, 19, 29, 39, 39, 49], ["rs1", "rs2", "rs3", "rs4", "rs5", "rs6"],
    ["A", "A", "A", "C", "G", "AT"], ["G", "T", "C", "T", "T", "A"],
)  # fmt: skip
CASES = [
    (("chr22", 10, "A", "G"), alleles.SAME, 1, False),
    (("22", 10, "G", "A"), alleles.EXCHANGED, -1, False),
    (("22", 10, "T", "C"), alleles.STRAND, 1, False),
    (("22", 10, "C", "T"), alleles.STRAND_EXCHANGED, -1, False),
    (("22", 10, "A", "C"), alleles.DIFFERENT, 0, False),
    (("22", 20, "A", "T"), alleles.SAME, 0, True),
    (("22", 20, "T", "A"), alleles.EXCHANGED, 0, True),
    (("22", 40, "G", "T"), alleles.SAME, 1, False),  # the second of two at one place
    (("22", 50, "A", "AT"), alleles.EXCHANGED, -1, False),
    (("22", 60, "A", "G"), alleles.ABSENT, 0, False),
    (("21", 10, "A", "G"), alleles.ABSENT, 0, False),
    (("22", 10, "A", "A"), alleles.UNREADABLE, 0, False),
    (("22", 10, "A", "NA"), alleles.UNREADABLE, 0, False),
]


@pytest.mark.parametrize(("row", "found", "sign", "ambiguous"), CASES)
def test_each_case_is_found(
    tmp_path: Path, row: tuple[object, ...], found: str, sign: int, ambiguous: bool
) -> None:
    # Beside a row that is plain, so that something is found.
    table = table_of(tmp_path, [row, ("22", 30, "A", "C")], "CHR BP A1 A2")
    alignment = align(table, PANEL)
    assert (alignment.found[0], alignment.sign[0]) == (found, sign)
    assert alignment.is_ambiguous[0] == ambiguous
    assert alignment.sign[1] == 1
    if ambiguous:
        assert align(table, PANEL, use_ambiguous=True).sign[0] == (1 if found == "same" else -1)


def test_allele_columns_exchanged_at_one_row_in_twenty_are_all_found(tmp_path: Path) -> None:
    sites = simulated_sites(400)
    frame = sites.table().rename(columns={"counted": "A1", "other": "A2", "chrom": "CHR"})
    wrong = np.random.default_rng(0).choice(400, 20, replace=False)
    frame.loc[wrong, ["A1", "A2"]] = frame.loc[wrong, ["A2", "A1"]].to_numpy()
    frame.to_csv(tmp_path / "x.tsv", sep="\t", index=False)
    alignment = align(read_variant_table(tmp_path / "x.tsv"), sites)
    np.testing.assert_array_equal(np.flatnonzero(alignment.sign == -1), np.sort(wrong))
    said = alignment.words("A1", "panel")
    assert said[0].startswith(
        "effect allele = A1, which is the allele that panel counts at 380 of 400; 20 exchanged, "
        "0 ambiguous"
    )
    assert said[1] == "400 of 400 rows are used"


def test_copies_of_a_variant_are_named_and_none_is_chosen_where_they_differ(tmp_path: Path) -> None:
    rows = [("22", 10, "A", "G", 1), ("22", 10, "G", "A", -1), ("22", 30, "A", "C", 2),
            ("22", 30, "A", "C", 3)]  # fmt: skip
    table = table_of(tmp_path, rows, "CHR BP A1 A2 Z")
    alignment = align(table, PANEL, statistic=table.numbers("z"))
    assert list(alignment.is_duplicate) == [False, True, True, True]
    assert "duplicates" in alignment.words("A1", "panel")[1]


def test_copies_that_contradict_each_other_in_direction_are_both_left_out(tmp_path: Path) -> None:
    rows = [("22", 10, "A", "G", 1), ("22", 10, "G", "A", 1), ("22", 10, "T", "C", 1)]
    table = table_of(tmp_path, rows, "CHR BP A1 A2 Z")
    alignment = align(table, PANEL, statistic=table.numbers("z"))
    assert list(alignment.sign) == [0, 0, 0]
    assert list(copies(table, np.ones(3)))[:2] == [True, True]


def test_a_row_without_a_statistic_does_not_take_the_place_of_its_copy(tmp_path: Path) -> None:
    rows = [("22", 10, "A", "G", "NA"), ("22", 10, "A", "G", 1)]
    table = table_of(tmp_path, rows, "CHR BP A1 A2 Z")
    alignment = align(table, PANEL, statistic=table.numbers("z"))
    assert list(alignment.found) == [alleles.NO_STATISTIC, alleles.SAME]
    assert list(alignment.sign) == [0, 1]


def test_chromosomes_that_plink_numbers_are_found(tmp_path: Path) -> None:
    table = table_of(tmp_path, [("23", 10, "A", "G"), ("26", 10, "A", "G")], "CHR BP A1 A2")
    for names in (["X", "MT"], ["chrX", "chrM"], ["23", "26"]):
        panel = Sites.of(names, [9, 9], [".", "."], ["A", "A"], ["G", "G"])
        assert list(align(table, panel).variant) == [0, 1]


def test_the_same_variant_of_two_genes_is_no_copy(tmp_path: Path) -> None:
    rows = [("22", 10, "A", "G", "one"), ("22", 10, "A", "G", "two")]
    table = table_of(tmp_path, rows, "CHR BP A1 A2 gene_id")
    assert not align(table, PANEL).is_duplicate.any()


def test_rows_without_a_statistic_are_named(tmp_path: Path) -> None:
    table = table_of(tmp_path, [("22", 10, "A", "G"), ("22", 30, "A", "C")], "CHR BP A1 A2")
    alignment = align(table, PANEL, statistic=np.array([np.nan, 1]))
    assert list(alignment.found) == [alleles.NO_STATISTIC, alleles.SAME]
    assert "1 no statistic" in alignment.words("A1", "panel")[1]


def test_variants_are_found_by_name_where_there_are_no_places(tmp_path: Path) -> None:
    table = table_of(tmp_path, [("rs1", "G", "A"), ("rs9", "G", "A")], "SNP A1 A2")
    alignment = align(table, PANEL)
    assert list(alignment.found) == [alleles.EXCHANGED, alleles.ABSENT]
    assert list(alignment.variant) == [0, -1]


def test_another_assembly_is_refused_with_what_to_do(tmp_path: Path) -> None:
    rows = [("22", 1010, "rs1", "A", "G"), ("22", 1030, "rs3", "A", "C")]
    table = table_of(tmp_path, rows, "CHR BP SNP A1 A2")
    with pytest.raises(SighthoundError, match="2 are by name: the two are of different assemblies"):
        align(table, PANEL)
    assert align(table, PANEL, by="id").is_used.all()
    by_chance = [*rows, ("22", 10, "rs7", "A", "G")]
    with pytest.raises(SighthoundError, match=r"2 of 2 variants .* lie elsewhere"):
        align(table_of(tmp_path, by_chance, "CHR BP SNP A1 A2"), PANEL)
    with pytest.raises(
        SighthoundError, match=r"none of the 1 rows .* by position and alleles; give"
    ):
        align(table_of(tmp_path, [("X", 1, "A", "G")], "CHR BP A1 A2"), PANEL)


def test_the_genome_says_which_allele_is_ref(tmp_path: Path) -> None:
    (tmp_path / "genome.fa").write_text(">chr22\nACGTTTTT\n")
    rows = [
        ("22", 1, "A", "G"),
        ("22", 2, "C", "T"),
        ("22", 3, "A", "G"),
        ("22", 4, "C", "A"),
        ("22", 1, "AC", "A"),
        ("22", 5, "C", "G"),
        ("22", 99, "C", "G"),
        ("7", 1, "A", "G"),
    ]
    table = table_of(tmp_path, rows, "CHR BP A1 A2")  # fmt: skip
    found = against_genome(table, Genome(tmp_path / "genome.fa"))
    assert list(found) == [
        alleles.REF, alleles.REF, alleles.ALT, alleles.REF_OTHER_STRAND, alleles.EITHER,
        alleles.NEITHER, alleles.UNPLACED, alleles.UNPLACED,
    ]  # fmt: skip
    assert genome_words(table, found, "genome.fa") == (
        "effect allele = A1, which is REF at 2 of 6 in genome.fa; 1 exchanged, 2 ambiguous (A/T, "
        "C/G), 1 REF on the other strand, 1 both could be REF, 1 REF mismatch, 2 beyond the genome"
    )


def test_copies_are_found_without_a_panel(tmp_path: Path) -> None:
    rows = [
        ("1", 5, "A", "G", 1),
        ("1", 5, "G", "A", -1),
        ("1", 5, "A", "C", 1),
        ("1", 6, "A", "G", 1),
    ]
    table = table_of(tmp_path, rows, "CHR BP A1 A2 Z")
    assert list(copies(table, np.array([1.0, -1, 1, 1]))) == [False, True, False, False]
    assert list(copies(table, np.arange(4.0))) == [True, True, False, False]
    by_name = table_of(tmp_path, [("rs1", "A", "G"), ("rs1", "A", "G")], "SNP A1 A2")
    assert list(copies(by_name, np.ones(2))) == [False, True]


def test_chromosomes_that_a_program_took_for_numbers_are_the_same(tmp_path: Path) -> None:
    frame = pd.DataFrame({"CHR": [22.0, None], "BP": [10, 20], "A1": ["A", "A"], "A2": ["G", "T"]})
    frame.to_parquet(tmp_path / "x.parquet")
    assert align(read_variant_table(tmp_path / "x.parquet"), PANEL).sign[0] == 1
