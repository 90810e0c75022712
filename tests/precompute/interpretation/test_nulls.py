"""Nulls are scored once, as variants are; a table of variants, and the page, rank among them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from sighthound import core
from sighthound.app.inference.null_tasks import mutagenesis
from sighthound.app.inference.variant_measures import ranked
from sighthound.app.inference.variant_tasks import effects
from sighthound.core import SighthoundError
from sighthound.core.genome.sequence import Interval
from sighthound.core.model.ensemble import Ensemble, claiming
from sighthound.core.model.model import load_model, save_model
from sighthound.core.project.nulls import Nulls, nulls_file, read_nulls
from sighthound.core.project.settings import Project
from sighthound.core.variants.nulls import MATCHED_ON, random_substitutions
from sighthound.precompute.interpretation import nulls as making
from sighthound.precompute.interpretation.nulls import make_nulls
from sighthound.precompute.interpretation.variant_scores import score_vcf
from tests.precompute.genome_wide.test_run import random_model
from tests.precompute.simulation.planted import BIN, planted_project

NUMBER, ASKED = 900, 60
GENES = """##gff-version 3
chr1\ttest\tgene\t2001\t4000\t.\t+\t.\tID=T001;Name=ALPHA1
chr1\ttest\tgene\t15001\t18000\t.\t-\t.\tID=T002;Name=BETA1
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = planted_project(tmp_path_factory.mktemp("nulls") / "project")
    save_model(project.model.directory, random_model())
    genes = project.root / "genes.gff3"
    genes.write_text(GENES)
    project = replace(project, genome=replace(project.genome, genes=genes))
    text = (project.root / "sighthound.toml").read_text()
    named = text.replace('fasta = "genome.fa"', 'fasta = "genome.fa"\ngenes = "genes.gff3"')
    (project.root / "sighthound.toml").write_text(named)
    make_nulls(project, number=NUMBER)
    return project


def known(project: Project) -> Nulls:
    model, genome = load_model(project.model.directory), project.open_genome()
    found = read_nulls(project, claiming(BIN), model.hash, genome.fingerprint)
    assert found is not None
    return found


def vcf(project: Project, folder: Path, count: int) -> Path:
    """Substitutions that are no nulls, an insertion behind them."""
    lines = [
        f"{v.chrom}\t{v.position + 1}\t.\t{v.ref}\t{v.alt}\t.\t.\t."
        for v in random_substitutions(project.open_genome(), count, seed=9)
    ]
    *_, last = lines
    chrom, position, _, ref = last.split("\t")[:4]
    lines.append(f"{chrom}\t{position}\t.\t{ref}\t{ref}GG\t.\t.\t.")
    file = folder / "calls.vcf"
    head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    file.write_text(head + "\n".join(lines) + "\n")
    return file


def test_nulls_have_the_scores_of_variants_and_the_signal_around_them(project: Project) -> None:
    nulls, model, genome = (
        known(project),
        load_model(project.model.directory),
        project.open_genome(),
    )
    assert len(nulls) == NUMBER
    some = random_substitutions(genome, NUMBER)[::300]
    scored = core.score_variants(model, genome, some, ensemble=claiming(BIN), local=True)
    for value in ("score", "local"):
        expected = scored.loc[scored["value"] == value, list(model.tracks)]
        np.testing.assert_allclose(
            nulls.values("sad", value, model.tracks)[::300], expected, rtol=1e-3, atol=1e-4
        )
    around = nulls.surroundings("sad")
    assert np.isinf(around.distance[nulls.table["chrom"].iloc[::2] == "chr3"]).all()


def test_percentiles_of_nulls_among_the_others_are_uniform(project: Project) -> None:
    nulls, tracks = known(project), ("factor", "local")
    values = [nulls.values("sad", value, tracks) for value in ("local", "score")]
    ranked = nulls.ranking("sad", tracks).percentiles(
        nulls.surroundings("sad"), *values, are_nulls=True
    )
    random = np.random.default_rng(0)
    for track in range(2):
        draws = (random.choice(ranked[:, track], NUMBER // 3, replace=False) for _ in range(100))
        assert sum(kstest(draw / 100, "uniform").pvalue > 0.05 for draw in draws) >= 95


def test_a_table_of_variants_has_percentiles_and_no_other_rows_change(
    project: Project, tmp_path: Path
) -> None:
    file = vcf(project, tmp_path, ASKED)
    ensemble = claiming(BIN)
    summary = score_vcf(project, file, tmp_path / "with.parquet", ensemble=ensemble)
    assert summary.nulls == nulls_file(project, ensemble)
    table = pd.read_parquet(tmp_path / "with.parquet")
    ranks = table[table["value"] == "percentile"]
    assert len(ranks) == ASKED + 1
    is_insertion = ranks["alt"].str.len() > 1
    assert ranks.loc[is_insertion, "factor"].isna().all()
    assert kstest(ranks.loc[~is_insertion, "factor"] / 100, "uniform").pvalue > 0.001
    # Of other strands there are no nulls: the same table without.
    other = score_vcf(project, file, tmp_path / "without.parquet", ensemble=Ensemble())
    assert other.nulls is None
    without = pd.read_parquet(tmp_path / "without.parquet")
    assert set(without["value"]) == {"score", "reference", "alternative"}
    assert set(table["value"]) == {*without["value"], "percentile"}


def test_the_page_is_told_the_percentile_of_the_table(project: Project, tmp_path: Path) -> None:
    file = vcf(project, tmp_path, 3)
    score_vcf(project, file, tmp_path / "s.parquet", ensemble=claiming(BIN))
    table = pd.read_parquet(tmp_path / "s.parquet")
    row = table[table["value"] == "percentile"].iloc[0]
    variant = random_substitutions(project.open_genome(), 3, seed=9)[0]
    assert row["variant"] == str(variant)
    found = effects(project, (variant,), claiming(BIN), "job")
    assert found.percentiles == pytest.approx(row[["factor", "local"]].to_numpy(float), abs=1.5)
    told = {e.track: e.percentile for e in ranked(found, [None, None], 2)}
    assert told["factor"] == pytest.approx(row["factor"], abs=1.5)


def test_every_change_of_a_region_ranks_as_the_same_variant_does(project: Project) -> None:
    genome, model = project.open_genome(), load_model(project.model.directory)
    bases = genome.sequence(Interval("chr1", 9_000, 9_003))
    asked = (project, ("factor",), "chr1", 9_000, 9_003)
    found = mutagenesis(*asked, claiming(BIN), "job")
    assert (found.start, found.nulls, found.matched_on) == (9_000, NUMBER, MATCHED_ON)
    (one,) = found.tracks
    own = ["ACGT".index(base) for base in bases]
    assert np.isnan(one.percentiles[range(3), own]).all()
    assert np.isfinite(one.percentiles).sum() == 9
    alt = "ACGT"[own[1] - 1]
    variant = core.Variant("chr1", 9_001, bases[1], alt)
    expected = effects(project, (variant,), claiming(BIN), "job").percentiles
    assert expected is not None
    place = model.tracks.index("factor")
    assert one.percentiles[1, own[1] - 1] == pytest.approx(expected[place], abs=1.5)
    # Of other strands there are no nulls.
    assert mutagenesis(*asked, Ensemble(), "job").tracks == ()


def test_nulls_are_made_once_and_of_another_model_anew(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(making, "score_variants", None)
        make_nulls(project, number=NUMBER)
    assert read_nulls(project, claiming(BIN), "another", "genome") is None


def test_a_score_by_gene_and_a_file_that_is_none_are_refused(
    project: Project, tmp_path: Path
) -> None:
    with pytest.raises(SighthoundError, match="sed is by gene; nulls have none"):
        make_nulls(project, scores=["sed"])
    other = replace(project, root=tmp_path)
    file = nulls_file(other, Ensemble())
    file.parent.mkdir()
    file.write_text("none")
    with pytest.raises(SighthoundError, match="is no table of nulls; delete it"):
        read_nulls(other, Ensemble(), "", "")
