"""Tables of measured effects: columns by usual names, and every row that is left out, counted."""

import gzip
import math

import numpy as np
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome
from sighthound.core.truth.tables import read_measured, rebuilt_sequences
from tests.paths import SHARED_DATA

BASES = "ACGTACGTACGTACGTACGTACGTACGTAC"


@pytest.fixture
def genome(tmp_path):
    (tmp_path / "g.fa").write_text(f">chrI\n{BASES}\n>chrII\n{BASES}\n")
    return Genome(tmp_path / "g.fa")


def table(tmp_path, text, name="m.tsv"):
    file = tmp_path / name
    file.write_text(text.replace(" ", "\t"))
    return file


def test_four_columns_suffice(tmp_path, genome):
    file = table(tmp_path, "chrom pos ref alt effect\nchrI 2 C T -0.5\nI 1 A G 0.25\n")
    found = read_measured(file, genome)
    rows = found.rows[["chrom", "position", "ref", "alt", "effect"]].to_numpy().tolist()
    assert rows == [["chrI", 0, "A", "G", 0.25], ["chrI", 1, "C", "T", -0.5]]
    assert found.rows["q"].isna().all()
    assert str(found.variants[1]) == "chrI:2:C:T"
    assert "0 REF mismatches" in found.lines()


def test_columns_go_by_the_names_that_laboratories_give_them(tmp_path, genome):
    header = "Chromosome,Position,Ref,Alt,Coefficient,P-Value,Element,Gene\n"
    file = tmp_path / "m.csv.gz"
    file.write_bytes(gzip.compress(f"{header}I,1,A,C,1.5,1e-4,TERT-HEK,TERT\n".encode()))
    found = read_measured(file, genome)
    assert dict(found.columns) == {
        "chrom": "Chromosome", "position": "Position", "ref": "Ref", "alt": "Alt",
        "effect": "Coefficient", "p": "P-Value", "element": "Element", "gene": "Gene",
    }  # fmt: skip
    row = found.rows.iloc[0]
    assert (row["experiment"], row["gene"], row["q"]) == ("TERT-HEK", "TERT", 1e-4)


def test_a_column_of_variants_is_as_good(tmp_path, genome):
    file = table(tmp_path, "variant beta\nchrI:1:A:C 1\nchrI_2_C_G_+ 2\nchrI-3-G-T 3\n")
    assert [str(v) for v in read_measured(file, genome).variants] == [
        "chrI:1:A:C", "chrI:2:C:G", "chrI:3:G:T",
    ]  # fmt: skip


def test_columns_by_other_names_can_be_named(tmp_path, genome):
    file = table(tmp_path, "chrom pos ref alt m effect\nchrI 1 A C 7 1\n")
    assert read_measured(file, genome, {"effect": "m"}).rows["effect"].tolist() == [7]
    with pytest.raises(SighthoundError, match="no column 'w'; it has chrom, pos"):
        read_measured(file, genome, {"effect": "w"})


def test_a_deleted_base_is_written_as_vcf_does(tmp_path, genome):
    file = table(tmp_path, "chr pos ref alt effect\nchrI 3 G - 1\nchrII 1 A - 2\n")
    assert [str(v) for v in read_measured(file, genome).variants] == ["chrI:2:CG:C", "chrII:1:AC:C"]


def test_what_is_left_out_is_counted_and_nothing_is_guessed(tmp_path, genome):
    kept = "".join(f"chrI {n} {BASES[n - 1]} {BASES[n]} 1\n" for n in range(1, 9))
    wrong = (
        "chrI 1 T A 1\n"  # exchanged: A is the genome's
        "chrI 2 G T 1\n"  # the other strand's C
        "chrI 3 G T NA\n"
        "chrI NA G T 1\n"
        "chrIX 3 G T 1\n"
        "chrI 3 R T 1\n"
        "chrI 3 - T 1\n"
        "chrI 3 G G 1\n"
        "chrI 99 G T 1\n"
    )
    found = read_measured(table(tmp_path, f"chrom pos ref alt effect\n{kept}{wrong}"), genome)
    assert len(found.rows) == 8
    assert dict(found.left_out) == {
        "REF differs": 2, "without a number as effect": 1, "without a place or an allele": 1,
        "unknown chromosome": 1, "allele with N or other letters": 1,
        "insertion without the base before it": 1, "ALT is REF": 1,
        "beyond the chromosome's end": 1,
    }  # fmt: skip
    said = "\n".join(found.lines())
    assert "2 rows left out: REF differs (first: line 10, chrI:1 T>A); of 1 of them ALT is" in said


def test_a_table_of_another_assembly_is_refused(tmp_path, genome):
    rows = "".join(f"chrI {n} {BASES[n]} {BASES[n - 1]} 1\n" for n in range(1, 15))
    with pytest.raises(SighthoundError, match="another assembly"):
        read_measured(table(tmp_path, f"chrom pos ref alt effect\n{rows}"), genome)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("chrom pos ref alt effect\n", "no rows"),
        ("chrom pos ref alt effect\nchrI 1 A C 1 2\n", "more cells than the 5 names of its first"),
        ("chrom pos ref effect\nchrI 1 A 1\n", "no column of alt, nor one of variants"),
        ("chrom pos ref alt\nchrI 1 A C\n", "no column of effects"),
        ("chrom pos ref alt effect\nchrI 1 A C much\n", "line 2: 'much' in column 'effect' is no"),
        ("chrom pos ref alt effect\nchrI 0 A C 1\n", "line 2: '0' is no position"),
        ("chrom pos ref alt effect\nchrI 1e30 A C 1\n", r"line 2: '1e30' is no position"),
        ("chrom pos ref alt effect p\nchrI 1 A C 1 3.2\n", "line 2: p is 3.2; expected 0 to 1"),
        ("chrom pos ref alt effect fdr\nchrI 1 A C 1 -1\n", "line 2: fdr is -1; expected 0 to"),
        ("variant effect\nrs7 1\n", "'rs7' in column 'variant' is no variant"),
        ("chrom pos ref alt effect\nchrX 1 A C 1\n", "no measured effect that can be used: 1 un"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_used_is_refused_in_one_line(tmp_path, genome, text, said):
    with pytest.raises(SighthoundError, match=said) as error:
        read_measured(table(tmp_path, text), genome)
    assert "\n" not in str(error.value)


def test_of_two_releases_the_one_that_fits_is_taken(tmp_path, genome):
    old = "".join(f"chrI {n} {BASES[n]} {BASES[n + 1]} 1 old\n" for n in range(1, 9))
    new = "".join(f"chrI {n} {BASES[n - 1]} {BASES[n]} 2 new\n" for n in range(1, 9))
    found = read_measured(table(tmp_path, f"chrom pos ref alt effect release\n{new}{old}"), genome)
    assert found.rows["effect"].tolist() == [2.0] * 8
    assert dict(found.left_out) == {"of another release of the genome": 8}


def test_without_a_genome_rows_of_a_place_are_held_against_one_another(tmp_path):
    file = table(
        tmp_path, "chr pos ref alt effect\n1 5 A C 1\n1 5 A G 1\n1 5 T G 1\n1 6 C - 1\n1 9 G T 1\n"
    )
    found = read_measured(file)
    assert dict(found.left_out) == {"REF differs": 1}
    (stretch,) = rebuilt_sequences(found).items()
    assert (str(stretch[0]), stretch[1]) == ("1:5-9", "ACNNG")


@pytest.mark.real_data
def test_saturation_mutagenesis_is_read_without_its_genome():
    found = read_measured(SHARED_DATA / "human/satmut/elements.tsv.gz")
    assert len(found.rows) == 44_647
    assert found.rows["experiment"].nunique() == 29
    assert len(rebuilt_sequences(found)) == 21
    assert found.left_out["without a place or an allele"] == 22
    assert "REF differs" not in found.left_out
    assert np.isfinite(found.rows["q"]).all()
    assert not math.isnan(found.rows["effect"].sum())


def test_alleles_go_by_the_names_of_summary_statistics_too(tmp_path, genome):
    found = read_measured(table(tmp_path, "CHR BP A1 A2 BETA P\nchrI 1 C A 0.5 0.1\n"), genome)
    assert (found.columns["alt"], found.columns["ref"]) == ("A1", "A2")
    with pytest.raises(SighthoundError, match="effects are of A1, which may be REF; expected"):
        read_measured(table(tmp_path, "CHROM POS REF ALT A1 BETA\nchrI 1 A C A 0.5\n"), genome)


def test_one_allele_that_is_named_finds_the_other_by_its_usual_name(tmp_path, genome):
    file = table(tmp_path, "chrom pos reference new lfc\nchrI 1 A C 0.5\n")
    assert dict(read_measured(file, genome, {"alt": "new"}).columns)["ref"] == "reference"
