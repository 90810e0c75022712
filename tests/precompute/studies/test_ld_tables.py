"""Tables of LD hold what was computed, say how, and refuse what cannot be."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sighthound.core.association.ld_scores import ld_scores, signed_ld_profile
from sighthound.core.association.windows import window_ends
from sighthound.core.errors import SighthoundError
from sighthound.core.project.result_tables import read_about
from sighthound.precompute.studies.ld_tables import (
    check_table,
    write_pairs,
    write_profile,
    write_pruned,
    write_scores,
)
from sighthound.precompute.studies.panels import PanelChoice, WindowChoice, asked_shrinkage
from tests.core.association.panels import simulated_panel, write_plink

ABOUT = {"panel": "p"}


def test_pairs_are_those_of_the_window_with_signed_r(tmp_path: Path) -> None:
    panel, copies = simulated_panel()
    ends = window_ends(panel.sites, bases=6_000)
    r = np.corrcoef(copies)
    inside = np.triu(np.abs(np.subtract.outer(range(40), range(40))) <= 6, 1)
    expected = np.argwhere(inside & (r**2 >= 0.1))
    for name in ("x.parquet", "x.tsv"):
        count = write_pairs(panel, ends, tmp_path / name, ABOUT, least_r2=0.1)
        assert count == len(expected)
    table = pd.read_parquet(tmp_path / "x.parquet")
    np.testing.assert_allclose(table["r"], r[tuple(expected.T)], atol=1e-9)
    assert (table["r"] < 0).any()
    np.testing.assert_array_equal(table["position_a"], 1000 * (expected[:, 0] + 1) + 1)
    text = pd.read_csv(tmp_path / "x.tsv", sep="\t", comment="#")
    assert list(text["id_b"]) == list(table["id_b"])
    about = read_about(tmp_path / "x.parquet")
    assert about is not None
    assert about["least_r2"] == 0.1


def test_scores_by_annotation_stand_beside_the_base(tmp_path: Path) -> None:
    panel, _ = simulated_panel()
    ends = window_ends(panel.sites)
    (tmp_path / "half.bed").write_text("chr1\t0\t20000\nchr2\t0\t5\n")
    table, words = write_scores(
        panel, ends, tmp_path / "x.parquet", ABOUT, annotations=tmp_path / "half.bed"
    )
    first_19 = (np.arange(40) < 19)[:, None].astype(float)  # base 20,000 from 0 is outside
    np.testing.assert_allclose(table["half.ld_score"], ld_scores(panel, ends, first_19)[:, 0])
    np.testing.assert_allclose(table["ld_score"], ld_scores(panel, ends)[:, 0])
    assert words == ()
    (tmp_path / "x.annot").write_text("SNP\tCM\tbase\tcoding\nrs1\t0\t1\t1\nrs40\t0\t1\t0.5\n")
    table, words = write_scores(
        panel, ends, tmp_path / "y.tsv", ABOUT, annotations=tmp_path / "x.annot"
    )
    assert words == ("38 of 40 variants of the panel are not in it and count 0",)
    assert {"ld_score", "coding.ld_score"} <= {*table.columns}
    assert "base.ld_score" not in table


def test_profiles_turn_with_the_alleles_and_skip_what_is_ambiguous(tmp_path: Path) -> None:
    panel, _ = simulated_panel()
    values = np.random.default_rng(0).normal(size=(40, 2))
    frame = panel.sites.table().rename(columns={"counted": "alt", "other": "ref"})
    frame["a"], frame["b"] = values.T
    frame.loc[3, ["ref", "alt"]] = frame.loc[3, ["alt", "ref"]].to_numpy()
    frame.loc[3, ["a", "b"]] *= -1
    frame.to_parquet(tmp_path / "scores.parquet")
    ends = window_ends(panel.sites, bases=9_000)
    tracks, words = write_profile(
        panel, ends, tmp_path / "scores.parquet", tmp_path / "x.parquet", ABOUT
    )
    assert tracks == 2
    assert "39 of 40; 1 exchanged" in words[0]
    table = pd.read_parquet(tmp_path / "x.parquet")
    np.testing.assert_allclose(table[["a", "b"]], signed_ld_profile(panel, ends, values))


def test_tables_of_several_scores_or_genes_need_a_choice(tmp_path: Path) -> None:
    panel, _ = simulated_panel(variants=6)
    frame = panel.sites.table().rename(columns={"counted": "alt", "other": "ref"})
    frame["score"], frame["value"], frame["track"] = "sed", "score", 1.0
    frame.insert(5, "gene", "G1")
    other = frame.assign(gene="G2", track=2.0)
    of_none = frame.assign(score="sad", gene="", track=3.0)
    both = pd.concat((frame, other, of_none, of_none.assign(value="reference", track=9.0)))
    both.to_parquet(tmp_path / "scores.parquet")
    ends = window_ends(panel.sites, variants=1)

    def write(**options: Any) -> pd.DataFrame:
        write_profile(
            panel, ends, tmp_path / "scores.parquet", tmp_path / "x.parquet", ABOUT, **options
        )
        return pd.read_parquet(tmp_path / "x.parquet")

    with pytest.raises(SighthoundError, match="has the scores sed, sad; choose one"):
        write()
    every_gene = write(score="sed")
    assert list(every_gene["gene"]) == ["G1"] * 6 + ["G2"] * 6
    assert every_gene["scored"].all()
    ones = signed_ld_profile(panel, ends, np.ones((6, 1)))[:, 0]
    np.testing.assert_allclose(every_gene["track"], [*ones, *(2 * ones)])
    np.testing.assert_allclose(write(score="sad")["track"], 3 * ones)
    with pytest.raises(SighthoundError, match="no row of gene G9"):
        write(score="sed", gene="G9")
    np.testing.assert_allclose(
        write(score="sed", gene="G2")["track"],
        signed_ld_profile(panel, ends, 2 * np.ones((6, 1)))[:, 0],
    )


def test_pruned_variants_are_a_table_and_one_variant_has_no_pairs(tmp_path: Path) -> None:
    panel, _ = simulated_panel()
    ends = window_ends(panel.sites)
    count = write_pruned(panel, ends, tmp_path / "x.tsv", ABOUT, r2=0.3)
    assert len(pd.read_csv(tmp_path / "x.tsv", sep="\t", comment="#")) == count < 40
    one = panel.take(np.array([3]))
    with pytest.raises(SighthoundError, match="has one variant that differs"):
        write_pairs(one, window_ends(one.sites), tmp_path / "y.tsv", ABOUT, least_r2=0)
    assert not (tmp_path / "y.tsv").exists()
    with pytest.raises(SighthoundError, match=r"ends in '\.txt'; .*expected \.parquet, \.tsv"):
        check_table(tmp_path / "x.txt")


def test_a_panel_is_opened_as_chosen(tmp_path: Path) -> None:
    panel, copies = simulated_panel(missing=0.05)
    stem = write_plink(tmp_path / "p", panel.sites, copies)
    opened, said = PanelChoice(stem, region="chr1:5,001-9,001").open()
    assert list(opened.sites.id) == ["rs5", "rs6", "rs7", "rs8", "rs9"]
    assert said.startswith("p: 5 of 5 variants differ among 60 people; ")
    (tmp_path / "people").write_text("person1\nperson2\nperson3\n")
    assert len(PanelChoice(stem, samples=tmp_path / "people").open()[0].samples) == 3
    with pytest.raises(SighthoundError, match="has no variant in 1:1-5"):
        PanelChoice(stem, region="1:1-5").open()
    with pytest.raises(SighthoundError, match=r"'2:1-5' is no region of .*chromosomes are 1;"):
        PanelChoice(stem, region="2:1-5").open()


def test_windows_and_shrinkage_are_as_asked(tmp_path: Path) -> None:
    panel, _ = simulated_panel()
    assert WindowChoice().ends(panel)[0] == 40
    assert WindowChoice(kilobases=2.5).ends(panel)[0] == 3
    assert WindowChoice(kilobases=9, variants=4).words() == "9 kb and 4 variants"
    (tmp_path / "b.bed").write_text("1\t0\t10000\n")
    assert WindowChoice(blocks=tmp_path / "b.bed").ends(panel)[0] == 9
    with pytest.raises(SighthoundError, match="not both"):
        WindowChoice(kilobases=1, blocks=tmp_path / "b.bed").ends(panel)
    (tmp_path / "c.bed").write_text("7\t0\t10000\n")
    with pytest.raises(SighthoundError, match="no block on 1"):
        WindowChoice(blocks=tmp_path / "c.bed").ends(panel)
    assert asked_shrinkage(None, panel) is None
    with pytest.raises(SighthoundError, match="shrinkage 'much'; expected a share"):
        asked_shrinkage("much", panel)


def test_a_row_counts_if_any_track_has_a_score_of_it(tmp_path: Path) -> None:
    panel, _ = simulated_panel(variants=6)
    frame = panel.sites.table().rename(columns={"counted": "alt", "other": "ref"})
    frame["a"], frame["b"] = np.nan, [1.0, np.nan, 1, 1, 1, 1]
    frame.to_parquet(tmp_path / "s.parquet")
    ends = window_ends(panel.sites, variants=1)
    out = tmp_path / "x.parquet"
    _, words = write_profile(panel, ends, tmp_path / "s.parquet", out, ABOUT)
    assert words[1] == "5 of 6 rows are used; left out: 1 no statistic"
    assert list(pd.read_parquet(out)["scored"]) == [True, False, True, True, True, True]
    frame.drop(columns="b").to_parquet(tmp_path / "s.parquet")
    with pytest.raises(SighthoundError, match=r"no row of .* can be used: .* 6 no statistic"):
        write_profile(panel, ends, tmp_path / "s.parquet", out, ABOUT)
    with pytest.raises(SighthoundError, match="no column of scores to choose 'sad' from"):
        write_profile(panel, ends, tmp_path / "s.parquet", out, ABOUT, score="sad")
