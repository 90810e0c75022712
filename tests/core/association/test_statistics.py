"""Tables of the field's programs are read by their own names, and what is missing is said."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sighthound.core.association.statistics import read_statistics
from sighthound.core.errors import SighthoundError

# Program -> header, and a row of chr22:101 with effect allele A, other G, z of -2.
TABLES = {
    "GWAS-SSF": (
        "chromosome\tbase_pair_location\teffect_allele\tother_allele\tbeta\tstandard_error\t"
        "effect_allele_frequency\tp_value\trs_id",
        "22\t101\tA\tG\t-0.2\t0.1\t0.3\t0.0455\trs1",
    ),
    "GTEx": (
        "gene_id\tvariant_id\ttss_distance\tma_samples\tma_count\tmaf\tpval_nominal\tslope\tslope_se",
        "ENSG1\tchr22_101_G_A_b38\t5\t3\t4\t0.1\t0.0455\t-0.2\t0.1",
    ),
    "eQTL Catalogue": (
        "molecular_trait_id\tchromosome\tposition\tref\talt\tvariant\tma_samples\tmaf\tpvalue\tbeta"
        "\tse\trsid",
        "ENSG1\t22\t101\tG\tA\tchr22_101_G_A\t9\t0.1\t0.0455\t-0.2\t0.1\trs1",
    ),
    "PLINK": (" CHR SNP BP A1 A2 NMISS BETA SE P", " 22 rs1 101 A G 300 -0.2 0.1 0.0455"),
    "PLINK 2": (
        "#CHROM\tPOS\tID\tREF\tALT\tA1\tTEST\tOBS_CT\tBETA\tSE\tT_STAT\tP",
        "22\t101\trs1\tA\tG\tA\tADD\t300\t-0.2\t0.1\t-2\t0.0455",
    ),
    "PLINK 2, logistic": (
        "#CHROM\tPOS\tID\tREF\tALT\tPROVISIONAL_REF?\tA1\tOMITTED\tA1_FREQ\tFIRTH?\tTEST\tOBS_CT\t"
        "OR\tLOG(OR)_SE\tZ_STAT\tP\tERRCODE",
        f"22\t101\trs1\tG\tA\tY\tA\tG\t0.3\tN\tADD\t300\t{np.exp(-0.2)}\t0.1\t-2\t0.0455\t.",
    ),
    "PLINK 2, of several alternatives": (
        "#CHROM\tPOS\tID\tREF\tALT\tA1\tTEST\tOBS_CT\tBETA\tSE\tT_STAT\tP",
        "22\t101\trs1\tG\tT,A\tA\tADD\t300\t-0.2\t0.1\t-2\t0.0455",
    ),
    "PLINK 1.9, case and control": (
        " CHR SNP BP A1 F_A F_U A2 CHISQ P OR SE L95 U95",
        f" 22 rs1 101 A 0.2 0.3 G 4 0.0455 {np.exp(-0.2)} 0.1 0.67 0.99",
    ),
    "REGENIE": (
        "CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ INFO N TEST BETA SE CHISQ LOG10P EXTRA",
        "22 101 rs1 G A 0.3 1 300 ADD -0.2 0.1 4 1.342 NA",
    ),
    "fastGWA-GLMM": (
        "CHR\tSNP\tPOS\tA1\tA2\tN\tAF1\tT\tSE_T\tP_noSPA\tBETA\tSE\tP\tCONVERGE",
        "22\trs1\t101\tA\tG\t300\t0.3\t-20\t10\t0.04\t-0.2\t0.1\t0.0455\t1",
    ),
    "GCTA MLMA": (
        "Chr\tSNP\tbp\tA1\tA2\tFreq\tb\tse\tp",
        "22\trs1\t101\tA\tG\t0.3\t-0.2\t0.1\t0.0455",
    ),
    "METAL, of sample sizes": (
        "MarkerName\tAllele1\tAllele2\tFreq1\tFreqSE\tWeight\tZscore\tP-value\tDirection",
        "22:101_G/A\ta\tg\t0.3\t0.01\t300.00\t-2\t0.0455\t--",
    ),
    "fastGWA": (
        "CHR\tSNP\tPOS\tA1\tA2\tN\tAF1\tBETA\tSE\tP",
        "22\trs1\t101\tA\tG\t300\t0.3\t-0.2\t0.1\t0.0455",
    ),
    "LDSC": ("SNP\tA1\tA2\tN\tZ", "rs1\ta\tg\t300\t-2"),
    "SLALOM": (
        "rsid\tchromosome\tposition\tallele1\tallele2\tmaf\tbeta\tse\tp",
        "rs1\tchr22\t101\tG\tA\t0.1\t-0.2\t0.1\t0.0455",
    ),
    "METAL": (
        "MarkerName\tAllele1\tAllele2\tEffect\tStdErr\tP-value",
        "22:101_G/A\ta\tg\t-0.2\t0.1\t0.0455",
    ),
    "SAIGE": (
        "CHR\tPOS\tMarkerID\tAllele1\tAllele2\tAC_Allele2\tAF_Allele2\tMissingRate\tBETA\tSE\tTstat\t"
        "var\tp.value",
        "22\t101\trs1\tG\tA\t40\t0.1\t0\t-0.2\t0.1\t-20\t100\t0.0455",
    ),
    "BOLT-LMM": (
        "SNP\tCHR\tBP\tGENPOS\tALLELE1\tALLELE0\tA1FREQ\tF_MISS\tBETA\tSE\tP_BOLT_LMM_INF",
        "rs1\t22\t101\t0.002\tA\tG\t0.1\t0\t-0.2\t0.1\t0.0455",
    ),
    "LocusZoom": (
        "#chrom\tpos\tref\talt\tneg_log_pvalue\tbeta\tstderr_beta\talt_allele_freq",
        "22\t101\tG\tA\t1.342\t-0.2\t0.1\t0.3",
    ),
    "odds": ("SNP,CHR,BP,A1,A2,OR,P", f"rs1,22,101,A,G,{np.exp(-0.2)},0.04550026"),
}  # fmt: skip


@pytest.mark.parametrize("program", TABLES)
def test_each_program_names_the_effect_allele_and_its_z(tmp_path: Path, program: str) -> None:
    file = tmp_path / "table.txt.gz"
    file.write_bytes(gzip.compress("\n".join(TABLES[program]).encode()))
    statistics = read_statistics(file)
    table = statistics.table
    assert statistics.z == pytest.approx([-2], abs=1e-5)
    assert statistics.log10_p == pytest.approx([-np.log10(0.0455)], abs=1e-3)
    assert table.effect is not None
    assert table.other is not None
    assert (table.effect[0], table.other[0]) == ("A", "G")
    if program != "LDSC":
        assert table.position is not None
        assert table.chrom is not None
        assert table.position[0] == 100
        assert table.chrom[0] in ("22", "chr22")


def test_parquet_is_read_as_text_is(tmp_path: Path) -> None:
    frame = pd.DataFrame({"SNP": ["rs1"], "CHR": [22], "BP": [101], "A1": ["A"], "A2": ["G"],
                          "Z": [-2.0], "N": [10]})  # fmt: skip
    frame.to_parquet(tmp_path / "x.parquet")
    assert read_statistics(tmp_path / "x.parquet").z == pytest.approx([-2])


def test_p_far_below_what_numbers_hold_still_gives_z(tmp_path: Path) -> None:
    file = tmp_path / "x.tsv"
    file.write_text("SNP\tA1\tA2\tBETA\tneg_log_10_p_value\nrs1\tA\tG\t-1\t400\nrs2\tA\tG\t1\t2\n")
    z = read_statistics(file).z
    assert z == pytest.approx([-42.8, 2.5758], rel=1e-3)


def test_p_as_written_counts_where_a_number_would_be_0(tmp_path: Path) -> None:
    file = tmp_path / "x.tsv"
    file.write_text(
        "SNP\tA1\tA2\tBETA\tP\nrs1\tA\tG\t-1\t1e-400\nrs2\tA\tG\t1\t0\nrs3\tA\tG\t1\t.01\n"
    )
    read = read_statistics(file)
    assert read.log10_p == pytest.approx([400, np.nan, 2], nan_ok=True)
    assert read.z == pytest.approx([-42.826, np.nan, 2.5758], rel=1e-3, nan_ok=True)


def test_p_is_that_of_z_where_its_column_is_empty(tmp_path: Path) -> None:
    file = tmp_path / "x.tsv"
    file.write_text("SNP\tA1\tA2\tZ\tLOG10P\nrs1\tA\tG\t1.96\tNA\nrs2\tA\tG\t1.96\tinf\n")
    assert read_statistics(file).log10_p == pytest.approx([1.301, 1.301], abs=1e-3)


def test_points_and_infinities_are_no_statistics(tmp_path: Path) -> None:
    file = tmp_path / "x.tsv"
    file.write_text(
        "SNP\tCHR\tBP\tA1\tA2\tBETA\tSE\n.\t1\t.\tA\tG\t.\t.\nrs2\t1\t-5\tA\tG\tinf\t1\n"
        "rs3\t1\t1e6\tA\tG\t1\tinf\nrs4\t1\t7\tA\tG\t1\t1\n"
    )
    read = read_statistics(file)
    np.testing.assert_array_equal(read.z, [np.nan, np.nan, np.nan, 1])
    assert read.table.position is not None
    assert list(read.table.position) == [-1, -1, 999_999, 6]


def test_places_of_several_variants_at_once_are_none(tmp_path: Path) -> None:
    file = tmp_path / "catalog.tsv"
    file.write_text("SNPS\tCHR_ID\tCHR_POS\tP-VALUE\nrs1\t1\t5\t1e-9\nrs2; rs3\t1;1\t7;9\t1e-9\n"
                    "rs4 x rs5\t1 x 2\t7 x 9\t1e-9\n")  # fmt: skip
    position = read_statistics(file, has_signs=False).table.position
    assert position is not None
    assert list(position) == [4, -1, -1]


def test_rows_without_a_statistic_are_kept_and_marked(tmp_path: Path) -> None:
    file = tmp_path / "x.tsv"
    file.write_text("SNP\tA1\tA2\tBETA\tSE\nrs1\tA\tG\tNA\t0.1\nrs2\tA\tG\t1\t0\nrs3\tA\tG\t1\t2\n")
    np.testing.assert_array_equal(read_statistics(file).z, [np.nan, np.nan, 0.5])


def test_an_allele_that_names_do_not_tell_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "x.tsv"
    file.write_text("SNP\tallele1\tallele2\tBETA\tSE\nrs1\tA\tG\t1\t0.5\n")
    with pytest.raises(SighthoundError, match=r"of which allele its effects are.*--effect-allele"):
        read_statistics(file)
    chosen = {"effect": "allele2", "other": "allele1"}
    effect = read_statistics(file, chosen).table.effect
    assert effect is not None
    assert effect[0] == "G"
    with pytest.raises(SighthoundError, match="no column 'EA' for the effect"):
        read_statistics(file, {"effect": "EA"})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("SNP\tA1\tA2\nrs1\tA\tG\n", "has no statistics: columns are SNP, A1, A2; expected beta"),
        ("SNP\tA1\tA2\tZ\nrs1\tA\tG\tNA\n", "no row with a statistic: Z is missing in all 1"),
        ("SNP\tA1\tA2\tZ\n", "has no rows"),
        ("", "is empty; expected a table with a header"),
        ("CHR\tBP\tA1\tA2\tZ\n1\t5.5\tA\tG\t1\n", "row 1: position 5.5 is no whole number"),
        ("A1\tA2\tZ\nA\tG\t1\n", "does not say where its variants are"),
        ("SNP\tA1\tA2\tZ\nrs1\tA\tG\thigh\n", "row 1: 'high' in column 'Z' is no number"),
        ("CHR\tBP\tA1\tA2\tZ\n1\t1e30\tA\tG\t1\n", r"row 1: position 1e\+30 is no whole number"),
        ("SNP\tA1\tA2\tOR\tSE\nrs1\tA\tG\t-1\t1\n", "row 1: OR is -1, which no odds ratio is"),
        ("SNP\tA1\tA2\tZ\tLOG10P\nrs1\tA\tG\t1\t-3\n", "row 1: LOG10P is -3; expected -log10"),
        ("SNP\tA1\tA2\tZ\nrs1\tA\tG\t1\t2\t3\n", "cannot be read as a table"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "x.tsv"
    file.write_text(text)
    with pytest.raises(SighthoundError, match=says):
        read_statistics(file)
    with pytest.raises(SighthoundError, match="does not exist"):
        read_statistics(tmp_path / "none")


PLINK2 = "#CHROM\tPOS\tID\tREF\tALT\tA1\tTEST\tOBS_CT\tBETA\tSE\tT_STAT\tP\n"
REGENIE = "CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N TEST BETA SE CHISQ LOG10P\n"


def test_effects_of_covariates_are_none_of_the_variant(tmp_path: Path) -> None:
    """Of a regression with covariates and dominance, the rows of the allele alone."""
    file = tmp_path / "glm.tsv"
    rows = [
        f"22\t{position}\trs{position}\tG\tA\tA\t{test}\t300\t{beta}\t0.1\t{10 * beta}\t0.05\n"
        for position in (101, 201)
        for test, beta in (("ADD", -0.2), ("DOMDEV", 9), ("AGE", 5), ("SEX", 7), ("GENO_2DF", 3))
    ]
    file.write_text(PLINK2 + "".join(rows))
    read = read_statistics(file)
    assert read.z == pytest.approx([-2, -2])
    assert read.words == (
        "8 rows whose TEST is not ADD are left out, as no effects of alleles: DOMDEV, AGE, SEX, "
        "GENO_2DF",
    )
    file.write_text(
        f"{REGENIE}22 101 rs1 G A 0.3 300 ADD-INT_SNP 9 0.1 1 9\n"
        "22 101 rs1 G A 0.3 300 ADD -0.2 0.1 4 1.3\n"
    )
    assert read_statistics(file).z == pytest.approx([-2])


def test_a_model_that_is_not_additive_is_said(tmp_path: Path) -> None:
    file = tmp_path / "glm.tsv"
    row = "22\t101\trs1\tG\tA\tA\t{0}\t300\t-0.2\t0.1\t-2\t0.05\n"
    file.write_text(PLINK2 + row.format("DOM"))
    assert read_statistics(file).words == ("effects are of the model DOM (TEST), not of each copy",)
    file.write_text(PLINK2 + row.format("DOMDEV") + row.format("AGE"))
    with pytest.raises(SighthoundError, match=r"no row whose TEST is ADD, .* it has DOMDEV, AGE"):
        read_statistics(file)


def test_plink_without_the_other_allele_is_told_what_to_add(tmp_path: Path) -> None:
    file = tmp_path / "x.assoc.logistic"
    file.write_text(" CHR SNP BP A1 TEST NMISS OR STAT P\n 22 rs1 101 A ADD 300 0.8 -2 0.0455\n")
    with pytest.raises(SighthoundError, match=r"\(A1\) and not the other, .* add a column A2"):
        read_statistics(file)
    read = read_statistics(file, has_signs=False)
    assert read.log10_p == pytest.approx([1.342], abs=1e-3)
