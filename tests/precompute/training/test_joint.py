"""One trunk learns several projects, and each gets a network of its own tracks."""

from dataclasses import replace

import numpy as np
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.model.model import load_model
from sighthound.core.project.settings import load_project
from sighthound.core.tracks.track import write_tracks
from sighthound.precompute.datasets.dataset import make_dataset, open_dataset
from sighthound.precompute.training.joint import head_weights, open_learned
from sighthound.precompute.training.settings import training_settings
from sighthound.precompute.training.train import train
from tests.precompute.simulation.planted import SETTINGS, planted_project
from tests.precompute.training.test_train import QUICK

BOTH = replace(QUICK, also=("../other",), epochs=1, batch_size=16)


def make_projects(folder):
    """A project of two tracks, and another of one of them, with twice the signal."""
    project = planted_project(folder / "project")
    other = planted_project(folder / "other")
    factor = other.read_tracks()[0]
    write_tracks(other.tracks.table, [replace(factor, id="twin")])
    for each in (project, other):
        make_dataset(each)
    return project, other


@pytest.fixture(scope="module")
def projects(tmp_path_factory):
    return make_projects(tmp_path_factory.mktemp("projects"))


def test_windows_take_turns_and_count_for_their_own_tracks_alone(projects):
    material = open_learned(projects[0], BOTH)
    batches = material.batches(BOTH)
    apart = [part.batches(BOTH).steps_per_epoch for part in material.parts]
    assert batches.steps_per_epoch == sum(apart)
    given = list(batches.epoch(0))
    heads = [tuple(batch.mask.any(axis=(0, 1))) for batch in given]
    assert heads == [(True, True, False), (False, False, True)] * apart[0]
    assert not given[0].targets[..., 2].any()
    again = list(batches.epoch(0, first_step=3))
    assert len(again) == len(given) - 3
    assert (again[0].sequences == given[3].sequences).all()
    assert (again[0].targets == given[3].targets).all()


def test_outputs_are_undone_by_the_scale_of_their_own_project(projects):
    material = open_learned(projects[0], BOTH)
    undone = material.undone(np.ones((1, 3), np.float32))
    scales = np.concatenate([part.scale for part in material.parts])
    np.testing.assert_allclose(undone[0], 1 / scales)


def test_a_head_is_the_trunk_with_its_own_columns():
    weights = {
        "conv_1/kernel": np.ones((3, 4, 2)),
        "conv_2/kernel": np.arange(6.0).reshape(1, 2, 3),
        "conv_2/bias": np.arange(3.0),
    }
    head = head_weights(weights, slice(1, 3))
    assert head["conv_1/kernel"] is weights["conv_1/kernel"]
    assert head["conv_2/kernel"].tolist() == [[[1, 2], [4, 5]]]
    assert head["conv_2/bias"].tolist() == [1, 2]


def test_each_project_gets_a_model_that_is_its_own(projects):
    project, other = projects
    result = train(project, BOTH)
    assert result.also == (project.root / "model.also" / "other",)
    own, head = load_model(result.model), load_model(result.also[0])
    assert (own.tracks, head.tracks) == (("factor", "local"), ("twin",))
    assert head.info["tracks_table"] == open_dataset(other).statistics["tracks_table"]
    last = list(own.weights)[-1].partition("/")[0]
    trunk = [name for name in own.weights if not name.startswith(f"{last}/")]
    assert all((own.weights[name] == head.weights[name]).all() for name in trunk)
    for folder, tracks in ((result.model, {"factor"}), (result.also[0], {"twin"})):
        lines = (folder / "held_out.tsv").read_text().splitlines()[1:]
        assert {line.split("\t")[0] for line in lines} == tracks
    bases = np.eye(4, dtype=np.float32)[np.zeros((1, 512), int)]
    assert head.predict(bases).shape == (1, 28, 1)


def test_projects_that_one_trunk_cannot_learn_are_refused(tmp_path):
    project, other = make_projects(tmp_path)
    with pytest.raises(SighthoundError, match="cannot be trained with members"):
        open_learned(project, replace(BOTH, members=2))
    with pytest.raises(SighthoundError, match="other is named twice"):
        open_learned(project, replace(BOTH, also=("../other", "../other")))
    with pytest.raises(SighthoundError, match="nowhere is no project"):
        open_learned(project, replace(BOTH, also=("../nowhere",)))
    (other.root / "sighthound.toml").write_text(SETTINGS.replace("crop = 2", "crop = 3"))
    assert load_project(other.root).dataset.crop == 3
    with pytest.raises(SighthoundError, match=r"crop 3, this project 2; a shared trunk needs"):
        open_learned(project, BOTH)
    assert training_settings({"also": ["../other"]}).also == ("../other",)
    with pytest.raises(SighthoundError, match=r"also is '\.\./other'; expected a list of texts"):
        training_settings({"also": "../other"})
