"""What differs between conditions, as a task of its own."""

from __future__ import annotations

import numpy as np
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.model.runtime import import_tensorflow
from sighthound.core.tracks.track import Track
from sighthound.precompute.training.contrasts import contrast_groups, contrast_loss
from sighthound.precompute.training.settings import training_settings


def cage(name: str, sample: str, strand: str = "+", group: str = "") -> Track:
    return Track(name, name, "CAGE", sample, group, strand)


def test_samples_are_told_apart_within_an_assay_a_target_and_a_strand() -> None:
    tracks = [
        cage("rich", "rich"),
        cage("starved", "starved"),
        cage("reverse", "rich", "-"),
        cage("again", "rich"),
        cage("other", "starved", group="another"),
        Track("mine", "mine"),
        Track("yours", "yours", sample="starved"),
    ]
    assert contrast_groups(tracks)[:, 0].tolist() == [1, 1, 0, 1, 0, 0, 0]
    assert contrast_groups(tracks).shape == (7, 1)
    assert contrast_groups(tracks[2:]).shape == (5, 0)


def test_the_loss_is_the_poisson_loss_less_that_of_the_sums() -> None:
    """Poisson counts are a Poisson sum, shared out by a multinomial."""
    tf = import_tensorflow()
    rng = np.random.default_rng(0)
    target = rng.poisson(4, (2, 5, 3)).astype(np.float32)
    mask = np.ones((2, 5, 3), np.float32)
    mask[0, :2, 1] = 0
    groups = np.array([[1], [1], [0]], np.float32)

    def poisson(counts: np.ndarray, mean: np.ndarray) -> float:
        return float((mean - counts * np.log(mean)).sum())

    def parts(prediction: np.ndarray) -> tuple[float, float]:
        pair = (prediction * mask)[..., :2]
        whole = (target * mask)[..., :2]
        there = mask[..., :2] > 0
        sums = poisson(whole.sum(-1), pair.sum(-1))
        return poisson(whole[there], pair[there]) - sums, float(there.sum())

    for seed in (1, 2):
        prediction = np.random.default_rng(seed).uniform(1, 6, (2, 5, 3)).astype(np.float32)
        apart, counted = parts(prediction)
        found = contrast_loss(groups, *map(tf.constant, (target, prediction, mask)))
        assert float(found) == pytest.approx(apart / counted, rel=1e-4)


def test_without_a_group_there_is_no_loss_and_no_gradient_that_is_no_number() -> None:
    tf = import_tensorflow()
    prediction = tf.Variable(np.ones((1, 4, 2), np.float32))
    target, mask = tf.ones((1, 4, 2)), tf.zeros((1, 4, 2))
    for groups in (np.zeros((2, 0), np.float32), np.ones((2, 1), np.float32)):
        with tf.GradientTape() as tape:
            loss = contrast_loss(groups, target, prediction, mask)
        assert float(loss) == 0
        gradient = tape.gradient(loss, prediction)
        assert gradient is None or np.isfinite(gradient.numpy()).all()


def test_a_negative_weight_is_refused() -> None:
    with pytest.raises(SighthoundError, match="contrast_weight is -1"):
        training_settings({"contrast_weight": -1})
