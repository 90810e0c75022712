"""The demo's folder: whole without a network, the same every time, and true to its sources."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Interval, parse_region
from sighthound.core.interpretation.variant_scores import PSEUDOCOUNT
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import member_folders, read_description
from sighthound.core.project.settings import Project, load_project
from sighthound.core.project.signs import signs_for
from sighthound.core.project.truth import PROMOTER, READOUTS, read_truth, truth_files
from sighthound.core.tracks.experiments import check_experiments, experiment_bins
from sighthound.precompute.recipes import demo
from sighthound.precompute.recipes.demo import STAMP, prepare_demo
from sighthound.precompute.recipes.shipped_yeast import STEP, make_shipped_yeast
from sighthound.precompute.recipes.yeast import prepare_yeast
from sighthound.precompute.recipes.yeast_project import DEFAULT_TRACKS, SHIPPED, yeast_tracks
from tests.paths import ROOT, SHARED_DATA


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare_demo(tmp_path_factory.mktemp("demo") / "project")


@pytest.fixture(scope="module")
def project(folder: Path) -> Project:
    return load_project(folder)


def test_the_folder_is_a_project_of_real_experiments(project: Project) -> None:
    tracks = project.read_tracks()
    check_experiments(tracks, project.open_genome())
    assert len(tracks) == 25
    assert not project.server.simulated
    assert set(project.server.default_tracks) == set(DEFAULT_TRACKS)
    assert len(DEFAULT_TRACKS) == 9
    (asn1,) = project.read_genes()["ASN1"].transcripts
    assert (asn1.tss, asn1.coding) == (822_577, ((822_619, 824_338),))


def test_the_page_opens_on_the_chromosome_that_was_never_learned_from(project: Project) -> None:
    region = parse_region(project.server.default_locus, project.open_genome())
    assert (region.chrom,) == project.dataset.test


def test_a_second_call_changes_nothing_and_a_lost_file_comes_back(folder: Path) -> None:
    def state() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}

    before = state()
    prepare_demo(folder)
    assert state() == before
    lost = folder / "experiments" / "MNase.bw"
    lost.unlink()
    prepare_demo(folder)
    assert lost.read_bytes() == (SHIPPED / "experiments" / "MNase.bw").read_bytes()
    assert {path.name for path in state()} == {path.name for path in before}


def test_a_folder_of_the_simulated_demo_is_refused_in_a_line_that_says_what_to_do(
    tmp_path: Path,
) -> None:
    settings = tmp_path / "sighthound.toml"
    settings.write_text('[server]\ntitle = "Demo: simulated assays on the S. cerevisiae genome"\n')
    command = [sys.executable, "-m", "sighthound", "demo", "--prepare-only", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "holds another project" in done.stderr
    assert f"sighthound serve {tmp_path}" in done.stderr
    assert done.stderr.strip().count("\n") == 0
    assert list(tmp_path.iterdir()) == [settings]


def test_an_installation_without_the_experiments_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "SHIPPED", tmp_path / "lost")
    with pytest.raises(SighthoundError, match=r"MNase\.bw is missing; install Sighthound again"):
        prepare_demo(tmp_path / "project")
    assert not (tmp_path / "project" / STAMP).exists()


@pytest.mark.real_data
def test_shipped_files_made_anew_are_the_same_and_give_the_model_what_it_was_trained_on(
    tmp_path: Path,
) -> None:
    recipe = prepare_yeast(tmp_path / "recipe", SHARED_DATA / "yeast")
    for made in make_shipped_yeast(recipe, tmp_path / "made"):
        assert made.read_bytes() == (SHIPPED / made.relative_to(tmp_path / "made")).read_bytes()
    genome = load_project(recipe).open_genome()
    ours, theirs = (yeast_tracks(folder / "experiments") for folder in (SHIPPED, recipe))
    for chrom, start in (("chrIV", 0), ("chrIV", STEP), ("chrXV", 3 * STEP)):
        length = genome.lengths[chrom]
        place = Interval(chrom, start, start + (length - start) // 64 * 64)
        for mine, public in zip(ours, theirs, strict=True):
            expected = experiment_bins(public, genome, place, 64)
            assert np.array_equal(
                experiment_bins(mine, genome, place, 64), expected, equal_nan=True
            ), mine.id
            here = not public.covered or chrom in public.covered.split(",")
            assert np.isfinite(expected).all() == here


def test_measured_effects_of_variants_are_there_and_fit_the_genome(project: Project) -> None:
    (file,) = truth_files(project)
    truth = read_truth(file)
    assert (truth.name, len(truth.rows)) == ("reporter_variants", 3_026)
    assert "0 REF mismatches" in truth.said
    assert int((truth.rows["q"] < 0.05).sum()) == 218
    shipped = read_description(project.model.directory)["hash"]
    assert truth.model == shipped  # else nobody would see what it predicts
    assert truth.predicted.shape == (3_026, len(truth.tracks))


def test_how_often_a_sign_is_right_is_shipped_for_the_shipped_model(project: Project) -> None:
    model = read_description(project.model.directory)["hash"]
    members = len(member_folders(project.model.directory))
    signs = signs_for(
        project, model, Ensemble(reverse_complement=True, shifts=(0, 21, -21)), members, PSEUDOCOUNT
    )
    assert signs is not None  # what is of another model, or was asked of other networks, is not
    (file,) = truth_files(project)
    tracks = set(read_truth(file).tracks) - READOUTS.keys()
    assert len(tracks) == 13
    assert {score: set(of) for score, of in signs.curves.items()} == {
        "sum_log2_ratio": tracks, "sad": tracks, PROMOTER: {PROMOTER},
    }  # fmt: skip
