"""Curves for TensorBoard have one point an epoch, whatever became of the runs that wrote them."""

import signal

import pytest

from sighthound.core.model.runtime import import_tensorflow
from sighthound.precompute.datasets.dataset import make_dataset
from sighthound.precompute.training.curves import Curves
from sighthound.precompute.training.train import train
from tests.precompute.simulation.planted import planted_project
from tests.precompute.training.test_train import QUICK


def points(folder):
    """Name and epoch of every point, with its value, in the order of the files."""
    tf = import_tensorflow()
    found = []
    for file in sorted(folder.glob("events*")):
        for record in tf.data.TFRecordDataset(str(file)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            for value in event.summary.value:
                assert value.metadata.plugin_data.plugin_name == "scalars"
                found.append((value.tag, event.step, float(tf.make_ndarray(value.tensor))))
    return found


def line(epoch):
    return {
        "epoch": epoch, "loss": 1.0 / epoch, "valid_loss": 2.0, "valid_pearson_log1p": 0.5,
        "learning_rate": 0.25, "seconds": 8.0,
    }  # fmt: skip


def test_curves_are_those_of_the_log_and_of_what_follows(tmp_path):
    for known in (0, 2):  # a second run, which resumes from a checkpoint after two epochs
        curves = Curves(tmp_path, [line(epoch + 1) for epoch in range(known)])
        for epoch in range(known, 3):
            curves.add(line(epoch + 1))
        curves.close()
    losses = [(step, value) for name, step, value in points(tmp_path) if name == "loss"]
    assert losses == [(1, 1.0), (2, 0.5), (3, pytest.approx(1 / 3))]
    assert len(points(tmp_path)) == 15


def test_a_training_that_was_interrupted_has_a_point_an_epoch(tmp_path):
    project = planted_project(tmp_path / "project")
    make_dataset(project)

    def interrupt(event):
        if event["event"] == "step" and (event["epoch"], event["step"]) == (2, 3):
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(project, QUICK, interrupt, curves=tmp_path / "curves")
    assert {step for _, step, _ in points(tmp_path / "curves" / "model")} == {1}
    train(project, QUICK, curves=tmp_path / "curves")
    drawn = points(tmp_path / "curves" / "model")
    assert sorted(step for name, step, _ in drawn if name == "valid_loss") == [1, 2, 3]
