import json

import pytest
from click.testing import CliRunner

from sighthound.app.cli import cli
from sighthound.core.model.model import load_model
from sighthound.precompute.datasets.dataset import make_dataset, open_dataset
from tests.precompute.simulation.planted import SETTINGS, planted_project

FOLDS = SETTINGS.replace('valid = ["chr2"]\ntest = ["chr3"]', "folds = 3").replace(
    'architecture = "tiny.json"', 'architecture = "tiny.json"\nepochs = 1\npatience = 0'
)


@pytest.fixture
def project(tmp_path):
    project = planted_project(tmp_path / "project", FOLDS)
    table = project.tracks.table  # of the track that has data everywhere
    table.write_text("".join(table.read_text().splitlines(keepends=True)[:2]))
    make_dataset(project)
    return project


def run(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def test_each_fold_has_a_model_that_never_saw_it(project):
    assert run("train", project.root, "--folds", "0").exit_code == 0
    folder = project.root / "model.folds" / "0"
    kept = load_model(folder).hash
    result = run("train", project.root, "--folds", "all")
    assert result.exit_code == 0, result.output
    assert "model.folds/0:" not in result.output
    assert load_model(folder).hash == kept
    assert sorted(f.name for f in (project.root / "model.folds").iterdir()) == ["0", "1", "2"]
    assert not project.model.directory.exists()
    measured = [
        sum(
            int(line.split("\t")[3])
            for line in (folder.parent / str(fold) / "held_out.tsv").read_text().splitlines()
            if line.startswith("factor\ttest\t16")
        )
        for fold in range(3)
    ]
    dataset = open_dataset(project)
    whole = sum(len(dataset.with_fold(n).fold("test")) for n in range(3)) * dataset.target_bins
    assert sum(measured) == whole


@pytest.mark.parametrize(
    ("asked", "message"),
    [("3", "there is no fold 3"), ("first", "--folds is 'first'; expected all, or numbers")],
)
def test_folds_that_are_not_there_are_named(project, asked, message):
    result = run("train", project.root, "--folds", asked)
    assert result.exit_code == 1
    assert message in str(result.output) + str(result.exception)


def test_a_data_set_of_one_division_has_no_folds_to_train(tmp_path):
    project = planted_project(tmp_path / "project")
    result = run("train", project.root, "--folds", "all")
    assert result.exit_code == 1
    assert "[dataset] folds" in str(result.output) + str(result.exception)


def test_the_number_of_seeds_is_taken(project):
    assert run("train", project.root, "--folds", "1", "--seeds", "2").exit_code == 0
    folder = project.root / "model.folds" / "1"
    settings = json.loads((folder / "model.json").read_text())["info"]["training"]["settings"]
    assert settings["members"] == 2
    assert sorted(f.name for f in (folder / "members").iterdir()) == ["0", "1"]
