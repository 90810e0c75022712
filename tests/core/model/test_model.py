"""The folded model: equal to Keras, of any length, saved and loaded, averaged over strands."""

import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest

from sighthound.core import Ensemble, Model, SighthoundError, load_model
from sighthound.core.genome.sequence import reverse_complement
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.blocks import Activation, Convolution, Crop, Dilated
from sighthound.core.model.ensemble import shift_sequence
from sighthound.core.model.keras_network import build, get_weights, set_weights
from sighthound.core.model.model import load_members_of, save_model
from sighthound.core.model.target_transforms import TargetTransform
from tests.models import random_one_hot, random_weights, small_model
from tests.paths import ROOT

ARCHITECTURES = {
    "dense": (
        Convolution(6, 4, 4),
        Convolution(5, 3, 2, activation="gelu_sigmoid", order="activation_conv_norm"),
        Dilated(4, (2, 4), style="dense"),
        Crop(2),
        Convolution(7, 1),
    ),
    "residual": (
        Convolution(6, 5, 8, activation="gelu_tanh"),
        Dilated(4, (1, 2, 4), dropout=0.3, activation="gelu_tanh"),
        Activation("gelu_tanh"),
        Crop(1),
    ),
    "pool first": (
        Convolution(6, 5, 4, activation="gelu_tanh", order="conv_pool_norm_activation"),
        Convolution(5, 3, 2, order="conv_pool_norm_activation"),
        Dilated(4, (1, 2)),
    ),
    "no dilated layer": (Convolution(6, 5, 8, dropout=0.2), Convolution(3, 1)),
    "no normalisation": (Convolution(6, 5, 8), Convolution(7, 1, order="conv_activation")),
}


@pytest.mark.parametrize("name", ARCHITECTURES)
@pytest.mark.parametrize("link", ["softplus", "exp_linear"])
def test_the_folded_network_equals_keras(name, link):
    architecture = Architecture(256, ARCHITECTURES[name], tracks=3, link=link)
    weights = random_weights(architecture, spread=0.4)
    keras_model = build(architecture)
    set_weights(keras_model, weights)
    for key, value in get_weights(keras_model).items():
        np.testing.assert_array_equal(value, weights[key])
    sequences = np.stack([random_one_hot(256, seed) for seed in range(2)])
    folded = Model(architecture, weights, ["a", "b", "c"])
    expected = keras_model.predict(sequences, verbose=0)
    assert folded.predict(sequences).shape == (2, architecture.bins, 3)
    np.testing.assert_allclose(folded.predict(sequences), expected, rtol=1e-4, atol=1e-5)


def test_a_longer_sequence_gives_more_bins_and_the_same_values_where_context_is_full():
    architecture = Architecture(256, ARCHITECTURES["dense"], tracks=1)
    model = Model(architecture, random_weights(architecture), ["a"])
    long = random_one_hot(512)
    whole = model.predict(long[None])[0]
    part = model.predict(long[None, 128:384])[0]
    inner = model.receptive_field_bins
    at = 128 // model.bin + model.crop
    np.testing.assert_allclose(
        part[inner : len(part) - inner],
        whole[at - model.crop + inner : at - model.crop + len(part) - inner],
        rtol=1e-4,
        atol=1e-5,
    )


def test_the_receptive_field_is_no_wider_than_said_and_is_reached():
    architecture = Architecture(1024, ARCHITECTURES["dense"], tracks=1)
    model = Model(architecture, random_weights(architecture), ["a"])
    sequence = random_one_hot(1024)
    bins, middle = model.bins, model.bins // 2
    start = (middle + model.crop) * model.bin
    far, near = start - model.context - 1, start + model.bin + model.context - 1
    for position, changes in ((far, False), (near, True)):
        altered = sequence.copy()
        altered[position] = np.roll(sequence[position], 1)
        difference = (
            model.predict(altered[None])[0, middle] - model.predict(sequence[None])[0, middle]
        )
        assert bins > 0
        assert (difference != 0).any() == changes


def test_an_ensemble_is_the_mean_over_strands_and_shifts():
    model = small_model(("p", "m"))
    model.strand_pairs = np.array([1, 0])
    x = random_one_hot(4096)[None]
    expected = np.zeros((1, model.bins, 2), np.float32)
    for shift in (0, 2):
        moved = shift_sequence(x, shift)
        expected += model.predict(moved)
        expected += model.predict(reverse_complement(moved))[:, ::-1, ::-1]
    got = model.predict(x, Ensemble(reverse_complement=True, shifts=(0, 2)))
    np.testing.assert_allclose(got, expected / 4, rtol=1e-4)


def test_shifting_right_brings_zeros_in_on_the_left():
    x = np.eye(4)[None]
    np.testing.assert_array_equal(shift_sequence(x, 1)[0, 0], 0)
    np.testing.assert_array_equal(shift_sequence(x, 1)[0, 1:], x[0, :-1])
    np.testing.assert_array_equal(shift_sequence(x, -1)[0, :-1], x[0, 1:])


def test_a_model_is_loaded_as_it_was_saved(tmp_path):
    model = small_model()
    model.output_scale[:] = [1, 2, 4]
    save_model(tmp_path / "model", model, {"held_out.tsv": "track\n"})
    loaded = load_model(tmp_path / "model")
    x = random_one_hot(4096)[None]
    assert (loaded.tracks, loaded.hash) == (model.tracks, Model.hash.func(model))
    np.testing.assert_array_equal(loaded.predict(x), model.predict(x))
    assert (tmp_path / "model" / "held_out.tsv").read_text() == "track\n"


def test_what_was_compiled_of_a_network_serves_the_same_weights_again(tmp_path):
    model = small_model()
    save_model(tmp_path / "model", model)
    graph = model.graph()
    assert load_model(tmp_path / "model").graph() is graph
    assert small_model(seed=1).graph() is not graph
    assert model.graph("float64") is not graph

    def scaled(scale, *transforms):
        given = {"output_scale": [scale] * 3, "transforms": transforms}
        return Model(model.architecture, model.weights, model.tracks, **given).graph()

    # What is behind the link is not in the graph, but where a transform is undone.
    assert scaled(2) is graph
    roots = [TargetTransform("sqrt")] * 3
    assert scaled(2, *roots) is scaled(2, *roots)
    assert scaled(2, *roots) is not scaled(3, *roots)


def test_saving_twice_writes_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        save_model(tmp_path / name, small_model())
    for file in ("model.json", "weights.npz"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_a_damaged_model_is_refused(tmp_path):
    folder = tmp_path / "model"
    with pytest.raises(SighthoundError, match="holds no model"):
        load_model(folder)
    save_model(folder, small_model())
    other = small_model(seed=1)
    np.savez(folder / "weights.npz", **other.weights)
    with pytest.raises(SighthoundError, match="is damaged"):
        load_model(folder)
    weights = dict(other.weights)
    weights.pop("convolution_00/kernel")
    np.savez(folder / "weights.npz", **weights)
    with pytest.raises(SighthoundError, match="weight convolution_00/kernel is missing"):
        load_model(folder)
    description = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(description | {"format": 99}))
    with pytest.raises(SighthoundError, match="of format 99"):
        load_model(folder)


@pytest.mark.parametrize(
    ("shape", "message"),
    [((4096, 4), "expected"), ((1, 4096, 5), "expected"), ((1, 4000, 4), "multiple of 64")],
)
def test_a_sequence_of_the_wrong_shape_is_refused(shape, message):
    with pytest.raises(SighthoundError, match=message):
        small_model().predict(np.zeros(shape))


def test_weights_that_are_not_finite_are_refused():
    model = small_model()
    model.weights["convolution_00/kernel"][0, 0, 0] = np.nan
    with pytest.raises(SighthoundError, match="holds NaN"):
        Model(model.architecture, model.weights, model.tracks)


def test_importing_the_library_or_the_server_imports_nothing_heavy():
    heavy = {"tensorflow", "pandas", "numba", "scipy"}
    modules = "sighthound.core, sighthound.app.cli, sighthound.app.server.application"
    code = f"import sys, {modules}; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        ("sighthound.app.cli", {"plotly", "pyarrow"}),
        ("sighthound.precompute.reads.coverage", {"plotly", "pyarrow", "scipy.special"}),
    ],
)
def test_importing_what_commands_share_and_counting_imports_nothing_that_few_need(modules, heavy):
    code = f"import sys, {modules}; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_an_architecture_is_a_value():
    architecture = small_model().architecture
    assert dataclasses.replace(architecture) == architecture


def test_members_are_asked_only_where_they_answer_the_same_questions(tmp_path):
    model = small_model()
    save_model(tmp_path / "model", model, members=[small_model(seed=1), small_model(seed=2)])
    found = load_members_of(model, tmp_path / "model")
    assert [m.hash for m in found] == [small_model(seed=1).hash, small_model(seed=2).hash]
    save_model(tmp_path / "model", model, members=[small_model(), small_model(("a", "b", "x"))])
    with pytest.raises(SighthoundError, match=r"members/1 is a network of other tracks"):
        load_members_of(model, tmp_path / "model")
