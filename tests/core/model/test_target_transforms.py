"""What values become before a network learns them, and that all it says is undone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sighthound import core
from sighthound.core import Ensemble, Model, SighthoundError
from sighthound.core.interpretation.incremental import alternatives, differences
from sighthound.core.model.model import load_model, read_description, save_model
from sighthound.core.model.target_transforms import POWERS, TargetTransform
from tests.models import random_one_hot, shallow_model, small_model

SQRT = TargetTransform("sqrt", soft_clip=3.0)
POWER = TargetTransform("power75")
SOFT = TargetTransform(soft_clip=0.4)
EVERY = (SQRT, TargetTransform(), SOFT)


def transformed(model: Model, transforms: tuple[TargetTransform, ...]) -> Model:
    scale = 0.5 + np.arange(len(model.tracks)) / 4
    return Model(
        model.architecture,
        model.weights,
        model.tracks,
        strand_pairs=model.strand_pairs.tolist(),
        output_scale=scale[np.minimum(model.strand_pairs, np.arange(len(scale)))].tolist(),
        transforms=transforms,
    )


@pytest.fixture(scope="module")
def model() -> Model:
    return transformed(small_model(), EVERY)


@given(
    st.sampled_from(list(POWERS)),
    st.one_of(st.none(), st.floats(1e-3, 1e4)),
    st.floats(0, 1e6),
)
def test_every_transform_is_undone(power: str, soft_clip: float | None, value: float) -> None:
    transform = TargetTransform(power, soft_clip)
    back = transform.inverse(transform.forward(np.float64(value)))
    assert back == pytest.approx(value, rel=1e-9, abs=1e-9)


def test_they_are_those_of_the_published_data_steps() -> None:
    values = np.array([0.0, 3.0, 400.0, 90_000.0])
    # baskerville: -1 + sqrt(1 + sum), then clip_soft - 1 + sqrt(x - clip_soft + 1) beyond it.
    rooted = -1 + np.sqrt(1 + values)
    published = np.where(rooted > 12, 12 - 1 + np.sqrt(np.maximum(rooted - 12 + 1, 0)), rooted)
    own = TargetTransform("sqrt", soft_clip=(12 + 1) ** 2 - 1)
    np.testing.assert_allclose(own.forward(values), published, rtol=1e-12)


def test_those_of_borzoi_have_no_1_in_them() -> None:
    values = np.array([0.0, 3.0, 400.0, 90_000.0])
    raised = values**0.75
    published = np.where(raised > 64, 64 + np.sqrt(np.maximum(raised - 64, 0)), raised)
    own = TargetTransform("borzoi75", soft_clip=64 ** (4 / 3))
    np.testing.assert_allclose(own.forward(values), published, rtol=1e-12)
    np.testing.assert_allclose(own.inverse(published), values, rtol=1e-9)
    assert TargetTransform("borzoi").is_identity
    assert TargetTransform("borzoi", soft_clip=9.0).forward(13.0) == 11


def test_predictions_are_undone_to_the_units_of_each_track(model: Model) -> None:
    x = random_one_hot(4096)
    learned = Model(
        model.architecture, model.weights, model.tracks, output_scale=model.output_scale.tolist()
    ).predict(x[None])
    undone = model.predict(x[None])
    for track, transform in enumerate(EVERY):
        np.testing.assert_allclose(
            undone[..., track], transform.inverse(learned[..., track]), rtol=1e-4, atol=1e-6
        )
    assert (undone[..., 1] == learned[..., 1]).all()


def test_a_model_without_transforms_is_what_it_was(tmp_path: Path) -> None:
    plain = small_model()
    named = Model(
        plain.architecture, plain.weights, plain.tracks, transforms=[TargetTransform()] * 3
    )
    assert named.hash == plain.hash
    save_model(tmp_path / "model", named)
    assert "transforms" not in read_description(tmp_path / "model")


def test_a_folder_carries_the_transforms(model: Model, tmp_path: Path) -> None:
    save_model(tmp_path / "model", model)
    loaded = load_model(tmp_path / "model")
    assert loaded.transforms == EVERY
    assert loaded.hash == model.hash != small_model().hash


def test_a_transform_of_a_later_version_is_refused(model: Model, tmp_path: Path) -> None:
    odd = transformed(small_model(), EVERY)
    save_model(tmp_path / "model", odd)
    file = tmp_path / "model" / "model.json"
    file.write_text(file.read_text().replace('"sqrt"', '"cube"'))
    with pytest.raises(SighthoundError, match="'cube', which this version cannot undo"):
        load_model(tmp_path / "model")


@pytest.mark.parametrize("tracks", [None, [2], [2, 0]])
def test_altered_sequences_are_undone_as_whole_passes_are(
    model: Model, tracks: list[int] | None
) -> None:
    x = random_one_hot(4096)
    at = np.array([2000, 2300])
    bases = np.eye(4, dtype=np.float32)[[[0, 1], [2, 3]]]
    chosen = np.arange(3) if tracks is None else np.array(tracks)
    reference = model.reference(x)
    before = model.predict(x[None])[0][:, chosen]
    for done in alternatives(reference, at, bases, differences, tracks=tracks):
        for row, place in enumerate(range(len(at))[done.rows]):
            altered = x.copy()
            altered[at[place] : at[place] + 2] = bases[place]
            expected = model.predict(altered[None])[0][:, chosen] - before
            is_bin = done.bins[row] >= 0
            found = done.values[0][row][is_bin] * model.output_scale[chosen]
            np.testing.assert_allclose(
                found, expected[done.bins[row][is_bin] - model.crop], rtol=1e-3, atol=1e-4
            )
    np.testing.assert_allclose(
        reference.predict(range(20, 30), tracks),
        before[20 - model.crop : 30 - model.crop],
        rtol=1e-4,
        atol=1e-5,
    )


@pytest.mark.parametrize("bins", [[24], None])
def test_saliency_is_the_slope_of_what_is_undone(model: Model, bins: list[int] | None) -> None:
    x = random_one_hot(4096)
    scores = core.saliency(model, x, "c", bins)
    representation, graph = model.representation(x[None]), model.graph()

    def predict(r: np.ndarray) -> float:
        y = graph.run_head(graph.run_stack(graph.tf.constant(r)))
        undone = SOFT.inverse(
            np.log1p(np.exp(y.numpy()[0, :, 2].astype(float))) * model.output_scale[2]
        )
        return float(undone.sum() if bins is None else undone[bins].sum())

    step = 1e-2
    for bin in (30, 33):
        up, down = representation.copy(), representation.copy()
        up[0, bin] *= 1 + step
        down[0, bin] *= 1 - step
        slope = (predict(up) - predict(down)) / (2 * step)
        assert scores[bin] == pytest.approx(slope, rel=0.05, abs=4e-3 * float(abs(scores).max()))


def test_both_strands_of_a_pair_are_undone_alike() -> None:
    pair = transformed(shallow_model(["x.plus", "x.minus"]), (SQRT, SQRT))
    x = random_one_hot(4096)
    both = Ensemble(reverse_complement=True)
    forward = pair.predict(x[None])[0]
    turned = pair.predict(x[None, ::-1, ::-1])[0][::-1, ::-1]
    np.testing.assert_allclose(
        pair.predict(x[None], both)[0], (forward + turned) / 2, rtol=1e-4, atol=1e-5
    )


def test_a_transform_is_said_in_words() -> None:
    assert SQRT.words == "sqrt(v + 1) - 1, square root of what lies above 3"
    assert replace(SQRT, power="").words == "square root of what lies above 3"
    assert TargetTransform().words == ""
