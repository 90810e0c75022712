"""A study of GWAS variants, from a panel and a list to areas: on tiny simulated genotypes."""

import numpy as np
import pandas as pd
import pytest

from sighthound.core.annotation.genes import Genes
from sighthound.core.annotation.transcripts import Gene, Transcript
from sighthound.core.association.panel import Panel, pack
from sighthound.core.errors import SighthoundError
from sighthound.precompute.studies.gwas import (
    check_study,
    choose_variants,
    fit_study,
    write_study,
    write_vcf,
)
from tests.core.association.panels import simulated_copies, simulated_sites


@pytest.fixture(scope="module")
def panel(tmp_path_factory):
    copies = simulated_copies(variants=400, people=80)
    sites = simulated_sites(400, chroms=("1", "2", "3", "4"), step=50_000)
    names = [f"person{number}" for number in range(80)]
    return Panel(tmp_path_factory.mktemp("p") / "panel", names, sites, pack(copies))


def loci(folder, ids):
    path = folder / "catalogue.tsv"
    path.write_text("SNPS\tP-VALUE\n" + "".join(f"{id}\t1e-9\n" for id in ids))
    return path


def genes():
    found = []
    for chrom in "1234":
        for start in range(0, 20_000_000, 1_000_000):
            name = f"{chrom}_{start}"
            made = Transcript(name, f"chr{chrom}", start, start + 100, "+", ())
            found.append(Gene(name, name, f"chr{chrom}", start, start + 100, "+", (made,)))
    return Genes(found)


IDS = [f"rs{number}" for number in range(5, 400, 9)]


def scores_of(chosen, folder, effect):
    """A table as `sighthound variants` writes it, of which positives are larger."""
    rng = np.random.default_rng(3)
    table = chosen.table
    values = np.abs(
        rng.normal(1, 0.4, (len(table), 6)) + effect * table["label"].to_numpy()[:, None]
    )
    frame = pd.DataFrame(
        {"chrom": table["chrom"], "position": table["position"], "id": table["id"],
         "ref": table["other"], "alt": table["counted"], "score": "max_log2", "value": "score"}
        | {f"track{n}": values[:, n] for n in range(6)}
    )  # fmt: skip
    path = folder / "scores.parquet"
    frame.to_parquet(path)
    return path


def test_negatives_are_matched_unlinked_and_the_same_again(panel, tmp_path):
    chosen = choose_variants(panel, loci(tmp_path, IDS), genes(), negatives=2)
    table = chosen.table
    assert set(table.loc[table["label"] == 1, "id"]) <= set(IDS)
    assert not set(table.loc[table["label"] == 0, "id"]) & set(IDS)
    assert (table.groupby("positive")["label"].sum() == 1).all()
    assert table["id"].is_unique
    assert chosen.balance["drawn"].abs().max() < 0.5
    again = choose_variants(panel, loci(tmp_path, IDS), genes(), negatives=2)
    pd.testing.assert_frame_equal(table, again.table)
    assert "44 of 44 variants are in panel" in chosen.said[0]


def test_effects_of_positives_give_an_area_and_tables(panel, tmp_path):
    chosen = choose_variants(panel, loci(tmp_path, IDS), genes(), negatives=3)
    scores = scores_of(chosen, tmp_path, effect=0.5)
    other = tmp_path / "other.tsv"
    rng = np.random.default_rng(4)
    chosen.table.assign(cadd=rng.normal(size=len(chosen.table)))[["id", "cadd"]].to_csv(
        other, sep="\t", index=False
    )
    fit = fit_study(chosen, scores, other=other, other_column="cadd")
    assert fit.areas["predictions"].value > 0.8
    assert fit.areas["other predictor"].value < 0.7
    assert list(fit.tracks.columns) == ["track", "auroc", "low", "high"]
    write_study(tmp_path / "out", chosen, fit, {})
    names = pd.read_csv(tmp_path / "out/auroc.tsv", sep="\t", comment="#")["what"].tolist()
    assert names == [
        "predictions", "other predictor", "both", "both over predictions", "both over the other",
    ]  # fmt: skip
    with pytest.raises(SighthoundError, match="has no column 'x' of another"):
        fit_study(chosen, scores, other=other, other_column="x")


def test_genes_of_chromosomes_that_the_panel_numbers_are_near(tmp_path):
    """PLINK's 23 is the annotation's chrX."""
    sites = simulated_sites(60, chroms=("22", "23"), step=50_000)
    panel = Panel(
        tmp_path / "p", [f"p{n}" for n in range(80)], sites, pack(simulated_copies(60, 80))
    )
    one = Transcript("a", "chrX", 100_000, 100_100, "+", ())
    chosen = choose_variants(
        panel, loci(tmp_path, ["rs33", "rs45"]),
        Genes([Gene("a", "a", "chrX", 100_000, 100_100, "+", (one,))]),
    )  # fmt: skip
    near = chosen.table.set_index("id")["tss_distance"]
    assert near["rs33"] == 33 * 50_000 - 100_000
    assert near["rs45"] == 45 * 50_000 - 100_000


def test_variants_to_be_scored_are_a_vcf(panel, tmp_path):
    chosen = choose_variants(panel, loci(tmp_path, IDS[:4]), None, negatives=1)
    assert any("no genes are given" in words for words in chosen.said)
    write_vcf(tmp_path / "v.vcf", chosen, None)
    lines = (tmp_path / "v.vcf").read_text().splitlines()
    assert len(lines) == 2 + len(chosen.table)
    assert lines[2].split("\t")[3] in set(chosen.table["other"])


def test_lists_and_scores_of_other_variants_are_refused(panel, tmp_path):
    with pytest.raises(SighthoundError, match=r"none of the 1 variants of .* is in"):
        choose_variants(panel, loci(tmp_path, ["rs77777"]), None)
    chosen = choose_variants(panel, loci(tmp_path, IDS), None)
    foreign = tmp_path / "f.tsv"
    foreign.write_text("id\ttrack\nrs99999\t0.1\n")
    with pytest.raises(SighthoundError, match="has scores of none of the"):
        fit_study(chosen, foreign)


def test_another_predictor_is_read_before_anything_is_scored(panel, tmp_path):
    chosen = choose_variants(panel, loci(tmp_path, IDS), None)
    other = tmp_path / "other.tsv"
    other.write_text(f"id\tcadd\n{IDS[0]}\t0.1\nrs99999\t0.2\n")
    check_study(chosen, other, "cadd")
    with pytest.raises(SighthoundError, match=r"no column 'eigen' .* it has id, cadd"):
        check_study(chosen, other, "eigen")
    with pytest.raises(SighthoundError, match="does not exist"):
        check_study(chosen, tmp_path / "none.tsv", "cadd")


def test_a_track_without_any_score_is_named(panel, tmp_path):
    chosen = choose_variants(panel, loci(tmp_path, IDS), None)
    scores = scores_of(chosen, tmp_path, effect=1)
    frame = pd.read_parquet(scores)
    frame[frame.columns[-1]] = np.nan
    frame.to_parquet(scores)
    with pytest.raises(SighthoundError, match=f"{frame.columns[-1]} has none for {len(frame)}"):
        fit_study(chosen, scores)
