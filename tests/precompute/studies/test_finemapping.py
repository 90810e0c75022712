"""Fine mapping of tables: what each method needs, what is left out, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from sighthound.core.annotation.genes import Genes
from sighthound.core.annotation.transcripts import Gene, Transcript
from sighthound.core.errors import SighthoundError
from sighthound.core.finemapping.lead_ld import read_ld_table
from sighthound.core.finemapping.recombination import read_genetic_map
from sighthound.core.finemapping.susie_tables import read_susie_table
from sighthound.precompute.studies.finemapping import (
    FineMappingChoice,
    fine_map,
    page_name,
    with_prior,
    with_recombination,
    write_variants,
)
from sighthound.precompute.studies.matched import StatisticsChoice
from tests.paths import SHARED_DATA

TCF7L2 = SHARED_DATA / "human" / "tcf7l2"
ASSOCIATION = TCF7L2 / "assoc_10_114550452-115067678.json"
LD = TCF7L2 / "ld_10_114550452-115067678.json"
SLALOM = TCF7L2 / "slalom_example.txt"

HEAD = "chrom\tpos\tid\teffect_allele\tother_allele\tbeta\tse\n"
ROWS = (
    "1\t101\trs1\tA\tG\t0.10\t0.01\n"
    "1\t201\trs2\tC\tT\t0.09\t0.01\n"
    "1\t301\trs3\tG\tA\t0.01\t0.01\n"
    "1\t900001\trs4\tG\tA\t0.07\t0.01\n"
)
PAIRS = "id_a\tid_b\tr\nrs1\trs2\t-0.9\nrs1\trs3\t0.1\nrs4\trs5\t0.2\n"


def table(folder, text, name="study.tsv"):
    path = folder / name
    path.write_text(text)
    return path


def mapped(folder, text=HEAD + ROWS, ld=PAIRS, susie=None, **choices):
    study = StatisticsChoice(table(folder, text), {})
    known = None if ld is None else read_ld_table(table(folder, ld, "ld.tsv"))
    read = None if susie is None else read_susie_table(table(folder, susie, "susie.tsv"))
    return fine_map(study, FineMappingChoice(**choices), known, read)


@pytest.mark.parametrize(
    ("study", "others"),
    [("23", "X"), ("23.0", "chrX"), ("chrX", "23"), ("IV", "4"), ("4", "chrIV"), ("7", "chr7")],
)
def test_chromosomes_that_tables_name_differently_are_one(tmp_path, study, others):
    """LD, SuSiE's table, genes and the map go by place alone."""
    text = (HEAD + ROWS).replace("\n1\t", f"\n{study}\t")
    pairs = "".join(f"{others}\t{a}\t{b}\t{r}\n" for a, b, r in ((101, 201, 0.9), (101, 301, 0.1)))
    genes = Genes([
        Gene(name, name, chrom, 50, 400, "+", (Transcript(name, chrom, 50, 400, "+", ()),))
        for name, chrom in (("own", others), ("another", "chr2"))
    ])  # fmt: skip
    (locus,) = fine_map(
        StatisticsChoice(table(tmp_path, text), {}),
        FineMappingChoice(lead=f"{study}:101"),
        read_ld_table(table(tmp_path, "chrom\tposition_a\tposition_b\tr\n" + pairs, "ld.tsv")),
        read_susie_table(
            table(tmp_path, f"chrom\tpos\tpip\tcs\n{others}\t101\t0.9\t1\n", "susie.tsv")
        ),
        genes,
    )
    assert locus.variants["r2"].round(2).tolist() == [1, 0.81, 0.01]
    assert locus.credible["position"].tolist() == [101]
    assert [gene.id for gene in locus.genes] == ["own"]
    rates = table(tmp_path, f"chrom\tpos\trate\n{others}\t1\t3\n{others}\t900\t0\n", "map.tsv")
    assert with_recombination(locus, read_genetic_map(rates)).missing == locus.missing


def test_every_locus_has_a_lead_and_posteriors_by_every_method(tmp_path):
    first, second = mapped(tmp_path)
    assert (first.name, second.name) == ("rs1", "rs4")
    assert first.method == "pics"
    assert first.variants["pics"].sum() == pytest.approx(1)
    assert first.variants["abf"].sum() == pytest.approx(1)
    assert first.variants["r2"].round(4).tolist() == [1, 0.81, 0.01]
    assert first.credible["id"].tolist()[0] == "rs1"
    # rs5 has LD with it, and no P and no place: nothing is made of it.
    assert second.variants["id"].tolist() == ["rs4"]


def test_without_ld_bayes_factors_are_left_and_what_is_missing_is_said(tmp_path):
    first, _ = mapped(tmp_path, ld=None)
    assert first.method == "abf"
    assert any("LD" in lack for lack in first.missing)
    with pytest.raises(SighthoundError, match="it needs LD"):
        mapped(tmp_path, ld=None, method="pics")


def test_probabilities_of_susie_count_where_they_are_given(tmp_path):
    (locus,) = mapped(tmp_path, susie="id\tpip\tcs\nrs2\t0.9\t1\nrs1\t0.2\t0\n", lead="rs1")
    assert (locus.method, locus.credible["id"].tolist()) == ("susie", ["rs2"])
    with pytest.raises(SighthoundError, match="has none of the 3 variants"):
        mapped(tmp_path, susie="id\tpip\tcs\nrs77\t0.9\t1\n", lead="rs1")


def test_a_prior_turns_the_posterior_and_is_said(tmp_path):
    locus, _ = mapped(tmp_path)
    again = with_prior(locus, np.array([0.0, 0.9, 0.1]), "a prior")
    assert again.ranked["id"].iloc[0] == "rs2"
    assert again.said[-1] == "a prior"


def test_copies_that_differ_are_not_used(tmp_path):
    copies = HEAD + ROWS + "1\t201\trs2\tC\tT\t0.04\t0.01\n1\t101\trs1\tA\tG\t0.10\t0.01\n"
    first, _ = mapped(tmp_path, copies)
    assert first.variants["id"].tolist() == ["rs1", "rs3"]
    assert any("3 copies" in words and "2 differ" in words for words in first.said)


@pytest.mark.parametrize(
    ("text", "choices", "words"),
    [
        (HEAD + "1\t101\trs1\tA\tG\t0.1\t0.01\n", {}, "has 1 variant with a place"),
        (HEAD + ROWS, {"lead_p": 1e-300}, "no variant of .* the smallest is .* of rs1"),
        (HEAD + ROWS, {"lead": "rs99"}, "has no variant 'rs99'"),
        ("id\tp\nrs1\t0.1\nrs2\t0.2\n", {}, "fine mapping needs chromosome and position"),
        ("chrom\tpos\tp\n1\t5\t3.2\n", {}, r"row 1: P is 3\.2; expected 0 to 1"),
        ("chrom\tpos\tx\n1\t5\t3.2\n", {}, "has no statistics"),
    ],
)
def test_what_cannot_be_mapped_is_named(tmp_path, text, choices, words):
    with pytest.raises(SighthoundError, match=words):
        mapped(tmp_path, text, **choices)


def test_copies_with_alleles_in_the_other_order_count_once(tmp_path):
    again = "1\t201\trs2\tT\tC\t-0.09\t0.01\n"
    (locus,) = mapped(tmp_path, HEAD + ROWS + again, lead="rs1")
    assert locus.variants["id"].tolist() == ["rs1", "rs2", "rs3"]


def test_variants_of_one_place_are_told_by_id_where_there_are_no_alleles(tmp_path):
    text = "chrom\tpos\tid\tp\n1\t101\trs1\t1e-9\n1\t101\trs2\t1e-8\n1\t201\trs3\t0.1\n"
    (locus,) = mapped(tmp_path, text, ld=None)
    assert locus.variants["id"].tolist() == ["rs1", "rs2", "rs3"]


def test_p_below_what_numbers_hold_is_the_lead_and_of_0_is_refused(tmp_path):
    text = "chrom\tpos\tid\tp\n1\t101\trs1\t{}\n1\t201\trs2\t1e-300\n"
    (locus,) = mapped(tmp_path, text.format("1e-400"), ld=None)
    assert (locus.name, locus.lead["log10_p"]) == ("rs1", pytest.approx(400))
    with pytest.raises(SighthoundError, match="row 1: P is 0, and nothing says how small it is"):
        mapped(tmp_path, text.format("0"), ld=None)


def test_a_genetic_map_gives_a_locus_its_recombination_or_is_missed(tmp_path):
    first, second = mapped(tmp_path)
    known = read_genetic_map(table(tmp_path, "chr\tpos\tcM\n1\t1\t0\n1\t501\t0.001\n", "map.tsv"))
    there = with_recombination(first, known)
    assert there.recombination is not None
    assert there.recombination[1].tolist() == pytest.approx([2, 0])
    assert there.said[-1] == "map.tsv: recombination of up to 2 cM/Mb"
    missing = with_recombination(second, known)
    assert missing.recombination is None
    assert missing.missing[-1] == "recombination: map.tsv has no rate at 1:650,001-1,150,001"


def test_ld_of_other_variants_is_refused(tmp_path):
    with pytest.raises(SighthoundError, match="is known to the LD of"):
        mapped(tmp_path, ld="id_a\tid_b\tr\nrs8\trs9\t0.1\n")


def test_tables_have_every_locus_and_the_same_bytes_again(tmp_path):
    loci = mapped(tmp_path)
    for folder in ("a", "b"):
        write_variants(tmp_path / folder, loci, {"study": "x"})
    assert (tmp_path / "a/variants.tsv").read_bytes() == (tmp_path / "b/variants.tsv").read_bytes()
    read = pd.read_parquet(tmp_path / "a/variants.parquet")
    assert read["locus"].tolist() == ["rs1"] * 3 + ["rs4"]
    assert page_name(loci[0]) == "rs1.html"


@pytest.mark.real_data
def test_bayes_factors_and_the_credible_set_are_slaloms():
    choice = FineMappingChoice(prior_sd=0.2, bases=10**7, lead_p=0.05)
    (locus,) = fine_map(StatisticsChoice(SLALOM, {}), choice)
    theirs = pd.read_csv(SLALOM, sep="\t")
    ours = locus.variants
    assert ours["position"].tolist() == theirs["position"].tolist()
    np.testing.assert_allclose(ours["log_bf"], theirs["lbf"], atol=1e-9)
    np.testing.assert_allclose(ours["abf"], theirs["prob"], atol=1e-12)
    assert ours["abf_set"].tolist() == theirs["cs"].tolist()


@pytest.mark.real_data
def test_tcf7l2_is_mapped_with_the_ld_that_is_there():
    study = StatisticsChoice(ASSOCIATION, {})
    (locus,) = fine_map(study, FineMappingChoice(), read_ld_table(LD))
    # The data's smallest P, to which its LD is, is rs4506565's; rs7903146 (10:114758349) is third.
    assert (locus.name, locus.lead["position"]) == ("10:114756041_A/T", 114_756_041)
    assert locus.ranked["position"].tolist()[:2] == [114_756_041, 114_754_088]
    by_p = locus.variants.sort_values("log10_p", ascending=False)
    assert by_p["position"].tolist()[2] == 114_758_349
    with pytest.raises(SighthoundError, match=r"LD with another variant .* whose r2 is 0\.74"):
        fine_map(study, FineMappingChoice(lead="10:114758349"), read_ld_table(LD))
