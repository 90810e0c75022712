"""One number a track is stated of a model, the same one everywhere."""

import math

import pytest

from sighthound.app.project_state import Catalogue
from sighthound.app.server.application import create_app
from sighthound.core import SighthoundError, load_project
from sighthound.core.project.folds import Stretch, chromosome_folds, read_folds
from sighthound.core.project.held_out import Accuracy, held_out_tsv, read_held_out, stated_pearson
from sighthound.precompute.genome_wide.disagreements import Folds
from sighthound.precompute.hub_folder import write_hub
from tests.tiny import SETTINGS, make_project

ROWS = [
    Accuracy("atac", "valid", 64, 100, 0.7, 0.8, 0.9),
    Accuracy("atac", "test", 64, 100, 0.125, 0.2, 0.3),
    Accuracy("atac", "test", 128, 50, 0.4, 0.5, 0.6),
    Accuracy("cage.plus", "test", 64, 12, 1.0, 1.0, 1.0),
    Accuracy("cage.minus", "test", 64, 100, math.nan, 0.5, 0.1),
]


@pytest.fixture
def folder(tmp_path):
    folder = make_project(tmp_path / "tiny")
    (folder / "model" / "held_out.tsv").write_text(held_out_tsv(ROWS))
    return folder


def test_the_test_fold_in_the_models_own_bins_is_stated(folder):
    stated = read_held_out(load_project(folder))
    assert stated["atac"] == ROWS[1]
    # The model's bins, also where the settings say others.
    settings = (folder / "sighthound.toml").read_text()
    (folder / "sighthound.toml").write_text(settings.replace("bin = 64", "bin = 128"))
    assert read_held_out(load_project(folder))["atac"] == ROWS[1]


def test_what_is_written_is_read_again(folder):
    (folder / "model" / "held_out.tsv").write_text(held_out_tsv(ROWS[1:2]))
    assert list(read_held_out(load_project(folder)).values()) == ROWS[1:2]


def test_a_number_without_evidence_is_not_stated(folder):
    assert stated_pearson(load_project(folder)) == {"atac": 0.125}


def test_the_hub_of_the_server_and_the_hub_in_a_folder_state_the_same(folder, tmp_path):
    project = load_project(folder)
    write_hub(project, tmp_path / "hub", faceted=True, genome="tiny")
    client = create_app(project, scheduler_address=None).test_client()
    (name,) = [f.name for f in (tmp_path / "hub").iterdir() if f.suffix == ".tsv"]
    written = (tmp_path / "hub" / name).read_text()
    served = client.get(f"/hub/faceted/{name}").get_data(as_text=True)
    assert "0.125" in written
    assert [line.split("\t")[1:] for line in served.splitlines()] == [
        line.split("\t")[1:] for line in written.splitlines()
    ]
    assert Catalogue(project).held_out()["atac"].pearson == 0.125


def test_folds_are_read_alike_by_the_page_and_by_the_lists_of_disagreements(folder):
    (folder / "dataset").mkdir()
    lines = ["# windows of the data set", "", "chrI\t0\t4096\ttrain", "I\t4096\t8192\ttrain"]
    text = "\r\n".join([*lines, "chrI\t8192\t9000\ttest"])
    (folder / "dataset" / "folds.bed").write_text(text)
    project = load_project(folder)
    assert read_folds(project, project.open_genome()) == [
        Stretch("chrI", 0, 8192, "train"), Stretch("chrI", 8192, 9000, "test")
    ]  # fmt: skip
    assert [fold.fold for fold in Catalogue(project).folds()] == ["train", "test"]
    assert Folds(project).at("chrI", 8000, 8500) == "test"


def test_a_line_of_folds_without_a_fold_is_named(folder):
    (folder / "dataset").mkdir()
    (folder / "dataset" / "folds.bed").write_text("chrI\t0\t4096\n")
    project = load_project(folder)
    with pytest.raises(SighthoundError, match=r"folds.bed: chrI:1-4,096 has no fold"):
        read_folds(project, project.open_genome())


@pytest.mark.parametrize(
    ("valid", "expected"),
    [('["chrI"]', {"chrI": "valid", "chrII": "test"}), ("[]", {"chrI": "train", "chrII": "test"}),
     ("0.1", {"chrII": "test"})],
)  # fmt: skip
def test_settings_say_the_fold_of_chromosomes_as_far_as_they_know(folder, valid, expected):
    settings = SETTINGS.replace("valid = 0.1", f"valid = {valid}")
    (folder / "sighthound.toml").write_text(settings)
    project = load_project(folder)
    assert chromosome_folds(project, project.open_genome()) == expected
