"""A table of statistics is held against panel, genome and LD, and each row says what it is."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sighthound.core.association.ld import ld_matrix
from sighthound.core.association.panel import Panel
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome
from sighthound.precompute.studies.matched import StatisticsChoice, matched_statistics
from sighthound.precompute.studies.statistics_check import check_statistics
from tests.core.association.panels import simulated_panel


@pytest.fixture(scope="module")
def panel() -> Panel:
    return simulated_panel(variants=60, people=200)[0]


def study(panel: Panel, strongest: float = 12) -> pd.DataFrame:
    """Statistics that follow LD with the variant that has most of it."""
    r = ld_matrix(panel, 0, len(panel))
    lead = int(np.argmax((r**2 > 0.6).sum(axis=1)))
    sites = panel.sites.table()
    return pd.DataFrame(
        {
            "CHR": sites["chrom"], "SNP": sites["id"], "POS": sites["position"],
            "A1": sites["counted"], "A2": sites["other"], "N": 1000, "AF1": panel.frequency,
            "BETA": strongest * r[lead] / 10, "SE": 0.1,
        }
    )  # fmt: skip


def checked(panel: Panel, frame: pd.DataFrame, folder: Path, **options: object) -> list[str]:
    frame.to_csv(folder / "s.tsv", sep="\t", index=False)
    choice = StatisticsChoice(folder / "s.tsv", {})
    return check_statistics(
        choice, panel, None, folder / "o.parquet", {}, p=5e-8, bases=10**6, **options
    )


def test_a_plain_table_fits(panel: Panel, tmp_path: Path) -> None:
    words = checked(panel, study(panel), tmp_path)
    assert words[0] == (
        "s.tsv: 60 rows; z is BETA / SE; alleles' columns are those of PLINK, fastGWA and LDSC"
    )
    assert words[2] == "60 of 60 rows are used"
    assert "0 of 60 have a frequency (AF1)" in words[3]
    assert words[4] == "1 of 1 loci fit the panel's LD"


def test_a_sign_against_ld_is_an_outlier_by_name(panel: Panel, tmp_path: Path) -> None:
    frame = study(panel)
    strong = frame["BETA"].abs().sort_values(ascending=False).index
    frame.loc[strong[1], "BETA"] *= -1
    words = checked(panel, frame, tmp_path)
    assert words[4] == "0 of 1 loci fit the panel's LD"
    assert words[5].endswith(f"(DENTIST-S, P < 1e-4): {frame['SNP'][strong[1]]}")
    table = pd.read_parquet(tmp_path / "o.parquet")
    assert list(np.flatnonzero(table["outlier"])) == [strong[1]]
    assert (table["lead"] == frame["SNP"][strong[0]]).all()


def test_a_lead_in_ld_with_none_is_not_said_to_fit(panel: Panel, tmp_path: Path) -> None:
    frame = study(panel)
    words = checked(panel, frame.loc[[int(frame["BETA"].abs().idxmax())]], tmp_path)
    assert words[4] == (
        "0 of 0 loci fit the panel's LD; 1 more have no variant in LD (r2 > 0.6) with their lead "
        "to tell by"
    )


def test_exchanged_columns_are_found_and_frequencies_tell_the_other_allele(
    panel: Panel, tmp_path: Path
) -> None:
    frame = study(panel)
    frame.loc[[4, 9, 30], ["A1", "A2"]] = frame.loc[[4, 9, 30], ["A2", "A1"]].to_numpy()
    words = checked(panel, frame, tmp_path)
    assert "counts at 57 of 60; 3 exchanged" in words[1]
    table = pd.read_parquet(tmp_path / "o.parquet")
    assert list(np.flatnonzero(table["panel"] == "exchanged")) == [4, 9, 30]
    assert list(table["sign"][[4, 5]]) == [-1, 1]
    apart = table["frequencies_apart"]
    assert set(np.flatnonzero(apart)) <= {4, 9, 30}


def test_a_genome_alone_will_do(tmp_path: Path) -> None:
    (tmp_path / "g.fa").write_text(">1\nACGT\n")
    (tmp_path / "s.tsv").write_text(
        "CHR\tPOS\tA1\tA2\tZ\n1\t1\tG\tA\t1\n1\t2\tC\tT\t1\n1\t3\tA\tG\t2\n"
    )
    words = check_statistics(
        StatisticsChoice(tmp_path / "s.tsv", {}), None, Genome(tmp_path / "g.fa"),
        tmp_path / "o.tsv", {}, p=5e-8, bases=1,
    )  # fmt: skip
    assert words[1] == (
        "effect allele = A1, which is ALT at 2 of 3 in g.fa; 1 exchanged, 0 ambiguous (A/T, C/G)"
    )
    assert words[2] == "0 of 3 rows are duplicates"
    table = pd.read_csv(tmp_path / "o.tsv", sep="\t", comment="#")
    assert list(table["position"]) == [1, 2, 3]


def test_statistics_of_a_panel_need_one_gene_and_a_number_of_people(
    panel: Panel, tmp_path: Path
) -> None:
    frame = study(panel).drop(columns="N")
    both = pd.concat((frame.assign(gene_id="one"), frame.assign(gene_id="two")))
    both.to_csv(tmp_path / "s.tsv", sep="\t", index=False)
    choice = StatisticsChoice(tmp_path / "s.tsv", {})
    with pytest.raises(SighthoundError, match="rows of several genes; choose one"):
        matched_statistics(choice, panel)
    one = matched_statistics(StatisticsChoice(tmp_path / "s.tsv", {}, gene="one"), panel)
    np.testing.assert_allclose(one.z, frame["BETA"] / frame["SE"])
    with pytest.raises(SighthoundError, match="no column of N"):
        one.people_needed()
    frame.assign(N=0).to_csv(tmp_path / "nobody.tsv", sep="\t", index=False)
    nobody = matched_statistics(StatisticsChoice(tmp_path / "nobody.tsv", {}), panel)
    with pytest.raises(SighthoundError, match="no row with N above 0"):
        nobody.people_needed()
    with pytest.raises(SighthoundError, match="no row of gene three"):
        matched_statistics(StatisticsChoice(tmp_path / "s.tsv", {}, gene="three"), panel)
    two = matched_statistics(StatisticsChoice(tmp_path / "s.tsv", {}, people=5, gene="two"), panel)
    assert set(two.people_needed()) == {5.0}
