from dataclasses import replace

import numpy as np
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.model.model import load_members, load_model
from sighthound.core.model.runtime import import_tensorflow
from sighthound.precompute.datasets.dataset import make_dataset
from sighthound.precompute.training.distillation import Teachers, mutate
from sighthound.precompute.training.train import train
from tests.models import small_model
from tests.precompute.simulation.planted import planted_project
from tests.precompute.training.test_train import QUICK, batches

TEAM = replace(QUICK, members=2, epochs=2, distillation_epochs=2)


@pytest.fixture(scope="module")
def bases():
    tf = import_tensorflow()
    drawn = np.random.default_rng(0).integers(0, 4, (40, 2000))
    return tf.constant(np.eye(4, dtype=np.float32)[drawn])


def test_a_share_of_bases_up_to_the_most_becomes_another_base(bases):
    mutated = mutate(bases, 0.2, [0, 7]).numpy()
    assert (mutated.sum(axis=-1) == 1).all()
    shares = (mutated != bases.numpy()).any(axis=-1).mean(axis=1)
    assert 0.15 < shares.max() < 0.24
    assert shares.mean() == pytest.approx(0.1, abs=0.03)


def test_mutations_follow_from_the_seed(bases):
    first, again, other = (mutate(bases, 0.2, seed).numpy() for seed in ([0, 7], [0, 7], [0, 8]))
    assert (first == again).all()
    assert (first != other).any()


def test_unknown_bases_stay_unknown():
    tf = import_tensorflow()
    assert not mutate(tf.zeros((2, 100, 4)), 0.9, [1, 1]).numpy().any()


def test_teachers_give_their_mean_of_the_mutated_sequence():
    tf = import_tensorflow()
    models = [small_model(seed=seed) for seed in (1, 2)]
    length = models[0].sequence_length
    drawn = np.random.default_rng(1).integers(0, 4, (3, length))
    given = tf.constant(np.eye(4, dtype=np.float32)[drawn])
    shape = (3, models[0].bins, len(models[0].tracks))
    mutated, taught, mask = Teachers(models, 0.1, seed=5)(
        given, tf.zeros(shape), tf.zeros(shape), tf.constant(3)
    )
    outputs = [model.predict(mutated.numpy()) / model.output_scale for model in models]
    np.testing.assert_allclose(taught, np.mean(outputs, axis=0), rtol=1e-4)
    assert (mask.numpy() == 1).all()


@pytest.fixture(scope="module")
def unfinished(tmp_path_factory):
    """A training that was interrupted before its student, and the networks that it told of."""
    project = planted_project(tmp_path_factory.mktemp("team") / "project")
    make_dataset(project)
    networks = []

    def stop_before_the_student(event):
        if event["event"] == "network":
            networks.append((event["number"], event["of"], event["role"]))
            if event["role"] == "student":
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(project, TEAM, stop_before_the_student)
    return project, networks


@pytest.fixture(scope="module")
def refused(unfinished):
    """What is said when it is to go on with other settings, which changes nothing."""
    with pytest.raises(SighthoundError) as error:
        train(unfinished[0], replace(TEAM, learning_rate=1e-3))
    return str(error.value)


@pytest.fixture(scope="module")
def taught(unfinished, refused):
    """The training gone on with: the project, its model's folder, the epochs that it took."""
    project, epochs = unfinished[0], []

    def hear(event):
        if event["event"] == "epoch":
            epochs.append(event["epoch"])

    return project, train(project, TEAM, hear).model, epochs


def test_the_members_stay_beside_the_model_that_they_taught(unfinished, taught):
    assert unfinished[1] == [(1, 3, "member"), (2, 3, "member"), (3, 3, "student")]
    project, folder, _ = taught
    student, members = load_model(folder), load_members(folder)
    assert [m.info["training"]["settings"]["seed"] for m in members] == [0, 1]
    assert len({student.hash, *(member.hash for member in members)}) == 3
    sequences = next(batches(project, batch_size=13).fold("test")).sequences
    said = [m.predict(sequences)[..., 0] / m.output_scale[0] for m in (student, *members)]
    together = np.mean(said[1:], axis=0)
    # Two epochs from the first member's weights bring it nearer to what they say together.
    assert np.abs(said[0] - together).mean() < np.abs(said[1] - together).mean()


def test_members_that_are_done_are_not_trained_again(taught):
    assert len(taught[2]) == TEAM.distillation_epochs


def test_members_of_other_settings_are_not_taken(refused):
    assert "unfinished training with other settings" in refused
