"""Saliency of all starts: what the files hold, and that an interrupted run goes on."""

import json

import numpy as np
import pandas as pd
import pyBigWig
import pytest

from sighthound import core
from sighthound.core import Ensemble, Interval, SighthoundError, load_model, load_project
from sighthound.core.model.model import save_model
from sighthound.precompute.cluster.tasks import Workers
from sighthound.precompute.interpretation import saliency_genes
from sighthound.precompute.interpretation.saliency_genes import named_genes, saliency_of_starts
from tests.models import shallow_model
from tests.tiny import BIN, LENGTHS, TRACKS, make_project

# 0-based starts of the tiny project's genes.
STARTS = {"T001": ("chrI", 2000, 1), "T002": ("chrI", 7999, -1), "T003": ("chrII", 10_000, 1)}


def project_folder(directory):
    make_project(directory, model=False, predictions=False)
    save_model(directory / "model", shallow_model(TRACKS))
    return directory


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return project_folder(tmp_path_factory.mktemp("starts") / "tiny")


@pytest.fixture(scope="module")
def project(folder):
    return load_project(folder)


def around(project, chrom, position, track, ensemble=None):
    """Scores of all bins of a chromosome for one start, from one long window."""
    model, genome = load_model(project.model.directory), project.open_genome()
    first = position // BIN - 256
    window = genome.one_hot(Interval(chrom, first * BIN, (first + 512) * BIN))
    scores = core.saliency(model, window, track, [256 - model.crop], ensemble=ensemble)
    whole = np.zeros(-(-LENGTHS[chrom] // BIN), np.float32)
    for bin in range(len(whole)):
        if 0 <= bin - first < 512:
            whole[bin] = scores[bin - first]
    return whole


def read(path, chrom):
    with pyBigWig.open(str(path)) as file:
        return np.array(file.values(chrom, 0, LENGTHS[chrom]), np.float32)[::BIN]


def contents(directory):
    return {f.name: f.read_bytes() for f in directory.rglob("*") if f.is_file()}


@pytest.mark.parametrize("ensemble", [None, Ensemble(True)])
def test_a_bin_keeps_the_largest_score_of_the_starts_that_see_it(project, tmp_path, ensemble):
    saliency_of_starts(project, tmp_path / "out", tracks=["cage.plus"], ensemble=ensemble)
    found = read(tmp_path / "out" / "cage.plus.bw", "chrI")
    first, second = (around(project, "chrI", p, "cage.plus", ensemble) for p in (2000, 7999))
    expected = np.where(np.abs(first) >= np.abs(second), first, second)
    reach = shallow_model(TRACKS).architecture.stack_reach
    seen = np.arange(len(expected)) <= 7999 // BIN + reach
    np.testing.assert_allclose(found[seen], expected[seen], rtol=1e-3, atol=1e-9)
    assert np.isnan(found[~seen]).all()
    assert (~seen).sum() > 400


def test_the_table_names_the_strongest_distal_bins_of_each_start(project, tmp_path):
    saliency_of_starts(project, tmp_path / "out", tracks=["atac"], top=5, distal_from=1000)
    table = pd.read_parquet(tmp_path / "out" / "atac.elements.parquet")
    assert list(table.gene) == ["T001"] * 5 + ["T002"] * 5 + ["T003"] * 5
    for gene, (chrom, tss, sign) in STARTS.items():
        scores = around(project, chrom, tss, "atac")
        middles = np.arange(len(scores)) * BIN + BIN // 2
        distal = np.flatnonzero(np.abs(middles - tss) >= 1000)
        best = distal[np.argsort(-np.abs(scores[distal]), kind="stable")[:5]]
        rows = table[table.gene == gene]
        assert list(rows.start) == [bin * BIN + 1 for bin in best]
        assert list(rows.distance) == [sign * (middles[bin] - tss) for bin in best]
        assert list(rows["rank"]) == [1, 2, 3, 4, 5]
        assert set(rows.tss) == {tss + 1}
        np.testing.assert_allclose(rows.score, scores[best], rtol=1e-4, atol=1e-9)
        np.testing.assert_allclose(
            rows.share, np.abs(scores[best]) / np.abs(scores).sum(), rtol=1e-3
        )


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_a_run_killed_at_any_point_goes_on_and_ends_with_the_same_bytes(
    project, tmp_path, step, monkeypatch
):
    class KilledError(Exception):
        pass

    monkeypatch.setattr(saliency_genes, "_STRETCH_BINS", 64)  # a stretch a start
    tracks = ["atac", "cage.minus"]
    saliency_of_starts(project, tmp_path / "whole", tracks=tracks)
    steps = []

    def kill(done, total):
        steps.append((done, total))
        if len(steps) == step:
            raise KilledError

    with pytest.raises(KilledError):
        saliency_of_starts(project, tmp_path / "killed", tracks=tracks, progress=kill)
    assert not json.loads((tmp_path / "killed" / "manifest.json").read_text())["complete"]
    kept = list((tmp_path / "killed" / ".partial").glob("*.npz"))
    assert len(kept) == min(step, 3)
    made = [file.stat().st_mtime_ns for file in kept]
    resumed = []

    def note(done, total):
        resumed.append((done, total))
        if done < 30:  # the starts; then files are written and pieces go
            assert [file.stat().st_mtime_ns for file in kept] == made

    saliency_of_starts(project, tmp_path / "killed", tracks=tracks, progress=note)
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")
    assert resumed[-1][0] == resumed[-1][1]


def test_tracks_can_follow_later_and_are_not_made_twice(project, tmp_path):
    saliency_of_starts(project, tmp_path, tracks=["atac"])
    first = (tmp_path / "atac.bw").stat().st_mtime_ns
    done = saliency_of_starts(project, tmp_path)
    assert done.tracks == ("cage.plus", "cage.minus")
    assert (tmp_path / "atac.bw").stat().st_mtime_ns == first
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["tracks"] == list(TRACKS)
    assert manifest["model"] == shallow_model(TRACKS).hash
    assert manifest["genome"] == project.open_genome().fingerprint


def test_saliency_of_other_models_and_genes_is_not_mixed(tmp_path):
    folder = project_folder(tmp_path / "tiny")
    project = load_project(folder)
    saliency_of_starts(project, genes=named_genes(project, "alpha1"))
    with pytest.raises(SighthoundError, match="with another set of genes; delete it, or choose"):
        saliency_of_starts(project)
    save_model(folder / "model", shallow_model(TRACKS, seed=3))
    with pytest.raises(SighthoundError, match="with another model; delete it"):
        saliency_of_starts(project, genes=named_genes(project, "alpha1"))


def test_genes_are_named_one_by_one_in_a_file_or_all(project, tmp_path):
    (tmp_path / "names.txt").write_text("T002\n\nAlpha1\n")
    assert [g.id for g in named_genes(project, str(tmp_path / "names.txt"))] == ["T002", "T001"]
    assert [g.id for g in named_genes(project, "alpha2, T001")] == ["T003", "T001"]
    assert len(named_genes(project, "all")) == 3
    with pytest.raises(SighthoundError, match="no gene is called 'gamma'"):
        named_genes(project, "alpha1,gamma")
    with pytest.raises(SighthoundError, match="names no gene"):
        named_genes(project, ",")


def test_workers_write_the_same_bytes(project, tmp_path):
    saliency_of_starts(project, tmp_path / "here", tracks=["atac"])
    saliency_of_starts(project, tmp_path / "there", tracks=["atac"], workers=Workers(2))
    for name in ("atac.bw", "atac.elements.parquet"):
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "there" / name).read_bytes()
