"""One batch in several parts: one after the other, or side by side on several devices."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.blocks import Convolution
from sighthound.precompute.training import replicas
from sighthound.precompute.training.settings import TrainingSettings
from sighthound.precompute.training.steps import Steps
from tests.paths import ROOT

# Neither normalisation nor dropout, which see a part where they would see the whole.
NETWORK = Architecture(
    128,
    (
        Convolution(6, 5, 16, activation="gelu_tanh", order="conv_activation"),
        Convolution(5, 1, activation="gelu_tanh", order="conv_activation"),
    ),
    2,
)
SETTINGS = TrainingSettings(batch_size=4, warmup_steps=0, schedule="constant", averaging=0.5)


def batch():
    """Four windows, of which the second half has less data."""
    random = np.random.default_rng(3)
    bases = np.eye(4, dtype=np.uint8)[random.integers(0, 4, (4, 128))]
    targets = random.gamma(2.0, 1.0, (4, 8, 2)).astype(np.float32)
    mask = np.ones_like(targets)
    mask[2:, :, 1] = 0
    return bases, targets, mask


def learned(settings, parts=1):
    """What one update by the whole batch leaves: by name, all that a step changes."""
    steps = Steps(NETWORK, settings, parts, bins=8)
    for number in range(parts):
        rows = slice(number * 4 // parts, (number + 1) * 4 // parts)
        loss, finite = steps.step(*(array[rows] for array in batch()), number)
    assert finite.shape == (4 // parts, 2)
    assert np.asarray(finite).all()
    named = {name: np.asarray(variable) for name, variable in steps.variables().items()}
    return float(loss), {n: v for n, v in named.items() if not n.startswith("gathered")}


def assert_same(one, other):
    assert set(one) == set(other)
    moved = 0
    for name, values in one.items():
        np.testing.assert_allclose(other[name], values, rtol=2e-4, atol=1e-7, err_msg=name)
        moved += int(np.abs(np.asarray(values, float)).sum() > 0)
    assert moved > 8


def test_accumulated_parts_update_as_the_whole_batch_does():
    _, whole = learned(SETTINGS)
    _, parts = learned(replace(SETTINGS, batch_size=2, accumulate=2), parts=2)
    assert_same(whole, parts)


def test_an_unfinished_sum_of_gradients_is_kept_in_checkpoints():
    settings = replace(SETTINGS, batch_size=2, accumulate=2, averaging=0.0)
    one, other = (Steps(NETWORK, settings, 2, bins=8) for _ in range(2))
    halves = [[array[rows] for array in batch()] for rows in (slice(0, 2), slice(2, 4))]
    before = [np.asarray(v) for v in one.network.weights]
    one.step(*halves[0], 0)
    assert all((np.asarray(v) == b).all() for v, b in zip(one.network.weights, before, strict=True))
    for name, variable in one.variables().items():  # as a resumed training does
        other.variables()[name].assign(np.asarray(variable))
    for steps in (one, other):
        steps.step(*halves[1], 1)
    for mine, resumed in zip(one.network.weights, other.network.weights, strict=True):
        assert (np.asarray(mine) == np.asarray(resumed)).all()


def compare_devices():
    """Two devices that share a batch leave what one leaves; runs in a process of its own."""
    from sighthound.core.model.runtime import import_tensorflow

    tf = import_tensorflow()
    (processor,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(
        processor, [tf.config.LogicalDeviceConfiguration()] * 2
    )
    shared_loss, shared = learned(SETTINGS)
    assert replicas.training_strategy().num_replicas_in_sync == 2
    with pytest.raises(SighthoundError, match="batch_size is 3, which 2 devices cannot share"):
        learned(replace(SETTINGS, batch_size=3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "sighthound.precompute.training.steps.training_strategy", tf.distribute.get_strategy
        )
        loss, alone = learned(SETTINGS)
    assert shared_loss == pytest.approx(loss, rel=1e-6)
    assert_same(alone, shared)
    print("the same")


def test_two_devices_that_share_a_batch_update_as_one_does():
    code = "from tests.precompute.training.test_shared_batches import compare_devices as c; c()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout == "the same\n", done.stderr


def test_workers_are_told_from_the_one_that_writes(monkeypatch):
    assert replicas.is_chief()
    for number, is_chief in ((0, True), (1, False)):
        task = {"type": "worker", "index": number}
        given = {"cluster": {"worker": ["a:1", "b:1"]}, "task": task}
        monkeypatch.setenv("TF_CONFIG", json.dumps(given))
        assert replicas.is_chief() is is_chief
    with pytest.raises(SighthoundError, match="members is 2; several machines"):
        replicas.check_division(replace(SETTINGS, members=2), 2)
    monkeypatch.setenv("TF_CONFIG", '{"cluster": {}}')
    with pytest.raises(SighthoundError, match=r"TF_CONFIG is not as TensorFlow expects it \(KeyEr"):
        replicas.is_chief()
