from dataclasses import replace

import numpy as np
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.blocks import Convolution
from sighthound.core.model.model import Model, load_model, save_model
from sighthound.precompute.datasets.dataset import make_dataset
from sighthound.precompute.training.start import started_from
from sighthound.precompute.training.train import train
from tests.models import random_weights
from tests.precompute.simulation.planted import planted_project, tiny_architecture
from tests.precompute.training.test_train import QUICK


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model of the tracks "local" and "other"."""
    architecture = tiny_architecture(2)
    folder = tmp_path_factory.mktemp("trained") / "model"
    save_model(folder, Model(architecture, random_weights(architecture), ("local", "other")))
    return folder


def last_of(weights):
    return list(weights)[-1].partition("/")[0]


def test_trunk_and_known_tracks_are_taken_and_new_ones_begin_anew(folder):
    given = load_model(folder).weights
    weights, hash = started_from(folder, tiny_architecture(3), ("new", "other", "local"), seed=1)
    assert hash == load_model(folder).hash
    last = last_of(weights)
    assert all((weights[n] == given[n]).all() for n in weights if not n.startswith(last))
    kernel, before = weights[f"{last}/kernel"], given[f"{last}/kernel"]
    assert (kernel[..., 1] == before[..., 1]).all()
    assert (kernel[..., 2] == before[..., 0]).all()
    assert not np.isin(kernel[..., 0], before).any()


def test_a_model_of_another_trunk_is_refused_by_its_first_weight(folder):
    other = Architecture(512, (Convolution(10, 11, 16),), 2)
    with pytest.raises(SighthoundError, match=r"another trunk: weight .*kernel is .* there"):
        started_from(folder, other, ("local", "other"), seed=0)


def test_a_training_says_what_it_began_from_and_is_resumed_with_that_alone(tmp_path, folder):
    project = planted_project(tmp_path / "project")
    make_dataset(project)

    team = replace(QUICK, members=2, epochs=1, distillation_epochs=1)

    def stop_before_the_second(event):
        if event["event"] == "network" and event["number"] == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(project, team, stop_before_the_second, start=folder)
    with pytest.raises(SighthoundError, match="unfinished training with other settings"):
        train(project, team)
    result = train(project, team, start=folder)
    assert load_model(result.model).info["started_from"] == load_model(folder).hash
