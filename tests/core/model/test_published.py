"""Published models: read without their code, equal to what it gave, or refused in one line."""

import gzip
import json
import shutil

import h5py
import numpy as np
import pytest

from sighthound.core import Ensemble, SighthoundError, load_model
from sighthound.core.model.architecture import basenji2, paper
from sighthound.core.model.blocks import Activation, Convolution, Crop, Dilated
from sighthound.core.model.keras_network import weight_shapes
from sighthound.core.model.model import Model
from sighthound.core.model.published import import_model, save_imported
from sighthound.core.model.published.params import published_architecture, read_params
from sighthound.core.model.published.targets import read_targets, squashed_rows
from sighthound.core.tracks.track import read_tracks
from tests.models import golden_paper_model, random_one_hot, random_weights
from tests.paths import GOLDEN
from tests.published import change_params, paper_variables, write_checkpoint, write_keras

PARAMS = GOLDEN / "parameters"
V1, V2, PAPER = GOLDEN / "small_v1", GOLDEN / "small_v2", GOLDEN / "paper_v02"
ENSEMBLES = {
    "preds": Ensemble(),
    "preds_ens_rc": Ensemble(reverse_complement=True),
    "preds_ens_shifts": Ensemble(shifts=(0, 1, -1)),
    "preds_ens_rc_shifts": Ensemble(reverse_complement=True, shifts=(0, 1, -1)),
}


def sequences():
    return np.load(V2 / "input.npz")["seqs_1hot"].astype(np.float32)


@pytest.fixture
def weights(tmp_path):
    """A copy of small_v2's weights, to be changed."""
    return shutil.copy(V2 / "weights_only.h5", tmp_path / "weights.h5")


@pytest.mark.parametrize("folder", [V1, V2], ids=["dense", "residual"])
@pytest.mark.parametrize("layout", ["model_best.h5", "weights_only.h5"])
def test_predictions_and_ensembles_equal_those_of_the_published_code(tmp_path, folder, layout):
    save_imported(tmp_path / "model", import_model(folder / layout, folder / "params.json"))
    model = load_model(tmp_path / "model")
    golden = np.load(folder / "predictions.npz")
    for name, ensemble in ENSEMBLES.items():
        predicted = model.predict(sequences(), ensemble)
        np.testing.assert_allclose(predicted, golden[name], rtol=1e-4, atol=1e-4, err_msg=name)


@pytest.mark.parametrize("params", ["params_v1.json", "params_v1.txt"])
def test_the_papers_checkpoint_gives_the_predictions_of_the_papers_code(tmp_path, params):
    variables = dict(np.load(PAPER / "weights.npz"))
    # What training leaves in a checkpoint besides is no part of the network.
    variables["cnn0/conv1d/kernel/Adam"] = variables["cnn0/conv1d/kernel:0"]
    variables |= {"global_step": np.int64(7), "beta1_power": np.float32(0.97)}
    write_checkpoint(tmp_path / "model_best.tf", variables)
    imported = import_model(tmp_path / "model_best.tf", PAPER / params)
    assert imported.decisions[0] == "model_best.tf: TensorFlow-1 checkpoint"
    predicted = imported.model.predict(sequences())
    golden = np.load(PAPER / "predictions.npz")["preds"]
    np.testing.assert_allclose(predicted, golden, rtol=1e-4, atol=1e-4)


def test_any_file_of_a_checkpoint_names_it(tmp_path):
    write_checkpoint(tmp_path / "model_best.tf", dict(np.load(PAPER / "weights.npz")))
    imported = import_model(tmp_path / "model_best.tf.index", PAPER / "params_v1.json")
    assert imported.model.hash == golden_paper_model().hash


def test_the_published_parameters_are_the_presets():
    human = read_params(PARAMS / "cross2020__params_human.json")
    assert published_architecture(human, "human", "sigmoid") == basenji2(5313)
    mouse = read_params(PARAMS / "cross2020__params_mouse.json")
    assert published_architecture(mouse, "mouse", "sigmoid") == basenji2(1643)
    text = read_params(PARAMS / "genome_research2018__params.txt")
    assert published_architecture(text, "", "") == paper(4229)


def test_a_tower_is_given_by_its_factor_or_its_end_and_rounded(tmp_path):
    tower = {"name": "conv_tower", "filters_init": 64, "filters_end": 128, "repeat": 3}
    tower |= {"kernel_size": 5, "pool_size": 2, "divisible_by": 16}
    params = read_params(change_params(V2 / "params.json", tmp_path / "p.json", trunk=[tower]))
    architecture = published_architecture(params, "human", "tanh")
    filters = [b.filters for b in architecture.blocks if isinstance(b, Convolution)]
    assert filters == [64, 96, 128]


# Which GELU


def small_cross_species(tracks):
    """Two layers of each kind of a cross-species network, and its parameters."""
    params = {
        "model": {
            "seq_length": 1024, "activation": "gelu", "norm_type": "batch", "bn_momentum": 0.9,
            "trunk": [
                {"name": "conv_block", "filters": 8, "kernel_size": 15, "pool_size": 8},
                {"name": "dilated_residual", "filters": 4, "rate_mult": 2, "repeat": 5},
                {"name": "Cropping1D", "cropping": 4},
                {"name": "conv_block", "filters": 12},
            ],
            **{f"head_{name}": {"name": "final", "units": units, "activation": "softplus"}
               for name, units in tracks.items()},
        }
    }  # fmt: skip
    return params, published_architecture(params, next(iter(tracks)), "sigmoid")


@pytest.fixture
def cross_species(tmp_path):
    """Weights of 12 human tracks in layers that are numbered from 5, and their parameters."""
    params, architecture = small_cross_species({"human": 12})
    weights = random_weights(architecture)
    write_keras(tmp_path / "model.h5", architecture, weights, first=5)
    (tmp_path / "params.json").write_text(json.dumps(params))
    return tmp_path / "model.h5", tmp_path / "params.json", Model(
        architecture, weights, [f"track{i}" for i in range(12)]
    )  # fmt: skip


def test_the_layers_of_cross_species_models_say_the_sigmoid_form(cross_species):
    file, params, model = cross_species
    imported = import_model(file, params)
    said = "GELU: sigmoid form (layer 'gelu_5', as in models published before April 2022)"
    assert said in imported.decisions
    # conv1d_10 comes after conv1d_9: by name it would come before conv1d_5.
    assert imported.model.hash == model.hash


def test_the_other_gelu_gives_other_predictions_and_can_be_asked_for(cross_species):
    file, params, model = cross_species
    imported = import_model(file, params, gelu="tanh")
    assert "GELU: tanh form (asked for, though layer 'gelu_5' says sigmoid)" in imported.decisions
    x = random_one_hot(1024)[None]
    difference = np.abs(imported.model.predict(x) - model.predict(x)) / model.predict(x)
    assert difference.max() > 1e-3


def test_a_file_that_does_not_tell_its_gelu_asks_for_it(cross_species):
    file, params, model = cross_species
    with h5py.File(file, "a") as h5:
        for name in [name for name in h5 if name.startswith("gelu")]:
            del h5[name]
    with pytest.raises(SighthoundError, match=r"does not say which GELU .* give --gelu sigmoid"):
        import_model(file, params)
    assert import_model(file, params, gelu="sigmoid").model.hash == model.hash


def test_asking_for_a_gelu_where_there_is_none_is_a_mistake():
    with pytest.raises(SighthoundError, match=r"no activation in params\.json is a GELU"):
        import_model(V1 / "model_best.h5", V1 / "params.json", gelu="tanh")


def whole_model(tmp_path, change):
    """small_v2's whole model, every GELU layer of its description changed."""
    path = shutil.copy(V2 / "model_best.h5", tmp_path / "whole.h5")
    with h5py.File(path, "a") as file:
        config = json.loads(file.attrs["model_config"])
        for layer in config["config"]["layers"]:
            if "gelu" in layer["name"]:
                change(layer)
        file.attrs["model_config"] = json.dumps(config)
    return path


def as_layer_of_its_own(layer):
    layer["class_name"] = "GELU"
    layer["config"] = {"name": layer["name"]}


def as_exact(layer):
    layer["inbound_nodes"][0][3]["approximate"] = False


def as_nothing_known(layer):
    del layer["config"]


def as_swish(layer):
    layer["config"]["function"] = "nn.silu"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (as_layer_of_its_own, "is gelu_sigmoid; params.json has gelu_tanh there"),
        (as_exact, r"is the exact GELU \(unknown here; --gelu tanh takes its nearest form\)"),
        (as_nothing_known, r"description of layers is not Keras 2's \(KeyError\('config'\)\)"),
        (as_swish, "layer 'tf.nn.gelu' of the file is a TFOpLambda, which is not understood"),
    ],
)
def test_a_whole_model_whose_activation_is_another_than_its_layers_are_called_is_refused(
    tmp_path, change, message
):
    refused(message, whole_model(tmp_path, change), V2 / "params.json")


def test_an_exact_gelu_is_taken_for_its_nearest_form_when_asked(tmp_path):
    imported = import_model(whole_model(tmp_path, as_exact), V2 / "params.json", gelu="tanh")
    assert imported.model.hash == import_model(V2 / "model_best.h5", V2 / "params.json").model.hash


# Heads


@pytest.fixture
def two_heads(tmp_path):
    """A file with heads of 12 human and 5 mouse tracks, the parameters of both, and the kernels."""
    params, architecture = small_cross_species({"human": 12, "mouse": 5})
    weights = random_weights(architecture)
    mouse = (np.full((12, 5), 0.5, np.float32), np.zeros(5, np.float32))
    write_keras(tmp_path / "model.h5", architecture, weights, heads=[mouse])
    (tmp_path / "params.json").write_text(json.dumps(params))
    return tmp_path / "model.h5", tmp_path / "params.json"


def last_kernel(imported):
    return [v for k, v in imported.model.weights.items() if k.endswith("kernel")][-1]


def test_one_of_two_heads_is_chosen_by_name(two_heads):
    imported = import_model(*two_heads, head="mouse")
    assert "head: mouse (asked for)" in imported.decisions
    np.testing.assert_array_equal(last_kernel(imported), 0.5)
    assert import_model(*two_heads, head="human").model.architecture.tracks == 12


def test_the_head_that_fits_the_targets_is_chosen(tmp_path, two_heads):
    rows = "".join(f"{i}\tM{i}\t\t\t\tmean\tDNASE:cell {i}\n" for i in range(5))
    targets = tmp_path / "targets.txt"
    targets.write_text("index\tidentifier\tfile\tclip\tscale\tsum_stat\tdescription\n" + rows)
    imported = import_model(*two_heads, targets)
    assert "head: mouse (fits the targets)" in imported.decisions
    assert imported.model.tracks == ("M0", "M1", "M2", "M3", "M4")


def test_parameters_of_one_head_find_it_among_the_files_heads(tmp_path, two_heads):
    params, _ = small_cross_species({"mouse": 5})
    (tmp_path / "mouse.json").write_text(json.dumps(params))
    imported = import_model(two_heads[0], tmp_path / "mouse.json")
    np.testing.assert_array_equal(last_kernel(imported), 0.5)


def test_several_heads_and_nothing_that_tells_asks_for_one(two_heads):
    with pytest.raises(SighthoundError, match=r"human \(12 tracks\), mouse \(5 tracks\); choose"):
        import_model(*two_heads)
    with pytest.raises(SighthoundError, match="--head fly: the parameters have human"):
        import_model(*two_heads, head="fly")


# Self-check


def test_the_self_check_is_kept_with_the_model(tmp_path):
    imported = import_model(V2 / "model_best.h5", V2 / "params.json")
    save_imported(tmp_path / "model", imported)
    check = load_model(tmp_path / "model").info["self_check"]
    assert 0 < check["largest_relative_difference"] < 1e-4
    assert (check["seed"], check["length"]) == (0, (2 * 8 + 8) * 128)
    assert check["version"]


def test_a_folder_that_is_there_is_not_replaced(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "thesis.txt").write_text("years of work")
    imported = import_model(V1 / "model_best.h5", V1 / "params.json")
    with pytest.raises(SighthoundError, match="is there already"):
        save_imported(tmp_path / "model", imported)
    assert (tmp_path / "model" / "thesis.txt").exists()


# What is refused


def refused(message, *arguments, **options):
    with pytest.raises(SighthoundError, match=message) as error:
        import_model(*arguments, **options)
    assert "\n" not in str(error.value)


def test_a_layer_too_many_is_refused(weights):
    with h5py.File(weights, "a") as file:
        file["conv1d_20/conv1d_20/kernel:0"] = np.zeros((1, 41, 32), np.float32)
    refused(r"21 convolutions \('conv1d_20' without a place\), .* makes 20", weights,
            V2 / "params.json")  # fmt: skip


def test_a_layer_too_few_is_refused(weights):
    with h5py.File(weights, "a") as file:
        del file["batch_normalization_3"]
    refused("19 batch normalisations, params.json makes 20", weights, V2 / "params.json")


def test_a_dense_layer_too_many_is_refused(weights):
    with h5py.File(weights, "a") as file:
        file["dense_1/dense_1/kernel:0"] = np.zeros((32, 7), np.float32)
        file["dense_1/dense_1/bias:0"] = np.zeros(7, np.float32)
    refused(r"2 dense layers \(dense \(32, 7\), dense_1 \(32, 7\)\)", weights, V2 / "params.json")


def test_another_shape_is_refused(weights):
    with h5py.File(weights, "a") as file:
        del file["conv1d_3/conv1d_3/kernel:0"]
        file["conv1d_3/conv1d_3/kernel:0"] = np.zeros((5, 21, 26), np.float32)
    refused(
        r"kernel of layer 'conv1d_3' is of shape \(5, 21, 26\); .* shape \(5, 21, 25\)",
        weights, V2 / "params.json",
    )  # fmt: skip


def test_a_layer_of_another_kind_is_refused(weights):
    with h5py.File(weights, "a") as file:
        file["layer_normalization/layer_normalization/gamma:0"] = np.zeros(3, np.float32)
    refused("layer 'layer_normalization' is not understood", weights, V2 / "params.json")


def test_a_bias_under_batch_normalisation_is_refused(weights):
    with h5py.File(weights, "a") as file:
        file["conv1d_2/conv1d_2/bias:0"] = np.zeros(21, np.float32)
    refused("bias of layer 'conv1d_2'", weights, V2 / "params.json")


def test_weights_that_are_not_finite_are_refused(weights):
    with h5py.File(weights, "a") as file:
        file["conv1d/conv1d/kernel:0"][0, 0, 0] = np.nan
    refused("holds NaN or infinity", weights, V2 / "params.json")


def with_first_block(changes):
    """small_v2's trunk, the keys of its first block changed."""
    first, *rest = json.loads((V2 / "params.json").read_text())["model"]["trunk"]
    return {"trunk": [first | changes, *rest]}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"trunk": [{"name": "transformer_tower"}]}, "unknown block 'transformer_tower'"),
        ({"trunk": ["conv_block"]}, "unknown block 'conv_block'"),
        ({"trunk": 3}, "trunk must be a list of blocks"),
        ({"bn_momentum": "much"}, "bn_momentum is 'much'; expected a number"),
        ({"norm_type": "layer"}, "norm_type is 'layer'; only 'batch' is understood"),
        ({"seq_length": 1000}, "sequence_length 1000 is no multiple of the bin, 128"),
        ({"head_human": {"name": "final", "units": 7}}, "activation is 'linear'; only 'softplus'"),
        ({"head_human": [{"name": "dense_block", "units": 7}]}, "its last block to be 'final'"),
    ],
)
def test_parameters_that_are_not_understood_are_refused(tmp_path, changes, message):
    params = change_params(V2 / "params.json", tmp_path / "params.json", **changes)
    refused(message, V2 / "weights_only.h5", params)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pool_type": "softmax"}, "pool_type is 'softmax'; only 'max'"),
        ({"se": True}, "se is True; only False"),
        ({"wings": 2}, "block 'conv_block': the key 'wings' is not understood"),
        ({"activation": "elu"}, "unknown activation 'elu'"),
        ({"filters": "many"}, "filters is 'many'; expected a number"),
        ({"kernel_size": "wide"}, "a value is not a number"),
    ],
)
def test_a_block_that_is_not_understood_is_refused(tmp_path, changes, message):
    trunk = with_first_block(changes)
    params = change_params(V2 / "params.json", tmp_path / "params.json", **trunk)
    refused(message, V2 / "weights_only.h5", params)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        # Neither changes a weight's shape: only the file's own description tells.
        ({"rate_mult": 2}, r"layer 'conv1d_11' of the file is convolution 12 3 3; params.json has "
                           r"convolution 12 3 4 there"),
        ({"activation": "relu"}, "is gelu_tanh; params.json has relu there"),
    ],
)  # fmt: skip
def test_a_whole_model_that_describes_itself_otherwise_is_refused(tmp_path, changes, message):
    trunk = json.loads((V2 / "params.json").read_text())["model"]["trunk"]
    trunk[2] |= changes
    params = change_params(V2 / "params.json", tmp_path / "params.json", trunk=trunk)
    refused(message, V2 / "model_best.h5", params)


def test_files_of_another_kind_are_refused(tmp_path):
    (tmp_path / "model.pt").write_bytes(b"PK")
    (tmp_path / "params.json").write_text("{")
    refused("neither HDF5", tmp_path / "model.pt", V2 / "params.json")
    refused("does not exist", tmp_path / "absent", V2 / "params.json")
    refused("not valid JSON", V2 / "model_best.h5", tmp_path / "params.json")
    (tmp_path / "params.txt").write_text("num_targets 3\n")
    refused("neither a section 'model'", V2 / "model_best.h5", tmp_path / "params.txt")
    (tmp_path / "params.txt").write_text("num_targets = 3\n")
    refused("line 1: expected 'key value'", V2 / "model_best.h5", tmp_path / "params.txt")


def test_a_damaged_checkpoint_is_refused(tmp_path):
    write_checkpoint(tmp_path / "m", {"a/kernel": np.zeros((1, 2, 3), np.float32)})
    (tmp_path / "m.data-00000-of-00001").write_bytes(b"")
    refused("cannot be read", tmp_path / "m", PAPER / "params_v1.json")


def test_a_checkpoint_with_unknown_layers_is_refused(tmp_path):
    variables = dict(np.load(PAPER / "weights.npz")) | {"rnn/weights": np.zeros(3, np.float32)}
    write_checkpoint(tmp_path / "m", variables)
    refused("layer 'rnn' is not understood", tmp_path / "m", PAPER / "params_v1.json")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cnn_dense": [0] * 13}, "layer 6 is dilated but not dense"),
        ({"cnn_pool": [1, 2]}, "expected 13 numbers, one a layer"),
        ({"batch_buffer": 1000}, "batch_buffer 1000 do not fit"),
        ({"cnn_strides": [2] * 13}, "cnn_strides is"),
        ({"rnn_units": [3]}, "the key 'rnn_units' is not understood"),
        ({"target_pool": "wide"}, "target_pool is 'wide'; expected a number"),
        ({"link": "softmax"}, "link is 'softmax'"),
    ],
)
def test_a_table_of_the_papers_code_that_is_not_understood_is_refused(tmp_path, changes, message):
    params = json.loads((PAPER / "params_v1.json").read_text()) | changes
    (tmp_path / "params.json").write_text(json.dumps(params))
    with pytest.raises(SighthoundError, match=message):
        published_architecture(read_params(tmp_path / "params.json"), "", "")


def test_the_papers_variables_are_named_as_the_papers_code_named_them():
    golden = golden_paper_model()
    named = paper_variables(golden.architecture, golden.weights)
    published = dict(np.load(PAPER / "weights.npz"))
    assert {f"{name}:0" for name in named} == set(published)
    assert list(weight_shapes(golden.architecture)) == list(golden.weights)


def test_what_follows_the_dilated_layers_is_cropped_first():
    architecture = golden_paper_model().architecture
    kinds = [type(block) for block in architecture.blocks]
    assert kinds == [Convolution] * 6 + [Dilated, Crop, Convolution]
    v1 = published_architecture(read_params(V1 / "params.json"), "human", "")
    assert [type(b) for b in v1.blocks][-3:] == [Crop, Convolution, Activation]


# Targets


def test_the_published_human_targets_become_tracks(tmp_path):
    targets = tmp_path / "targets.txt"
    targets.write_bytes(gzip.decompress((PARAMS / "cross2020__targets_human.txt.gz").read_bytes()))
    tracks = read_targets(targets)
    assert len(tracks) == len({track.id for track in tracks}) == 5313
    first, last = tracks[0], tracks[-1]
    assert (first.id, first.assay, first.scale, first.clip) == ("ENCFF833POA", "DNase", 2, 32)
    assert first.sample == "cerebellum male adult (27 years) and male adult (35 years)"
    assert (last.assay, last.aggregation) == ("CAGE", "sum")
    chip = next(track for track in tracks if track.id == "ENCFF268JQO")
    assert (chip.assay, chip.group) == ("ChIP", "H3K27ac")
    assert all(track.experiment is None for track in tracks)


def test_strand_pairs_are_found_by_index():
    tracks = read_targets(PARAMS / "loci65__targets.txt")
    assert (tracks[0].id, tracks[0].strand, tracks[0].strand_pair) == (
        "CNhs10752+", "+", "CNhs10752-",
    )  # fmt: skip
    unpaired = [track for track in tracks if not track.strand_pair]
    assert unpaired
    assert {track.strand for track in unpaired} == {"."}


def test_identifiers_become_unique_and_fit_for_file_names(tmp_path):
    (tmp_path / "t.txt").write_text(
        "identifier\tfile\nliver 1\ta\nx\tb\nx\tc\nx.2\td\nx\te\n(+)\tf\n"
    )
    ids = [track.id for track in read_targets(tmp_path / "t.txt")]
    assert ids == ["liver_1", "x", "x.3", "x.2", "x.4", "track"]


def test_targets_without_a_header_are_read_as_in_2018(tmp_path):
    (tmp_path / "t.txt").write_text("E1\ta.bw\tDNASE:liver\nE2\tb.bw\tCAGE:brain\n")
    tracks = read_targets(tmp_path / "t.txt")
    assert [(t.id, t.assay, t.sample) for t in tracks] == [
        ("E1", "DNase", "liver"), ("E2", "CAGE", "brain"),
    ]  # fmt: skip


SQUASHED = """identifier\tclip\tclip_soft\tscale\tsum_stat
a\t768\t384\t0.3\t{0}
b\t32\t\t2\tmean
c\t64\t32\t1\tmean
d\t32\t32\t1\tsum
"""


def unsquashed(squash, learned, row):
    """What published scripts undo of one prediction (`untransform_preds` and `..._preds1`)."""
    clip_soft, scale, is_root = row
    if squash == "borzoi":
        value = learned / scale
        value = clip_soft + (value - clip_soft) ** 2 if value > clip_soft else value
        return value ** (4 / 3) if is_root else value
    value = learned
    value = clip_soft - 1 + (value - clip_soft + 1) ** 2 if value > clip_soft else value
    return -1 + (value + 1) ** 2 if is_root else value


@pytest.mark.parametrize("squash", ["sqrt", "borzoi"])
def test_squashed_targets_are_undone_as_the_published_scripts_do(tmp_path, squash):
    targets = tmp_path / "targets.txt"
    targets.write_text(SQUASHED.format("sum_sqrt"))
    tracks = read_targets(targets, squash)
    rows = [(384, 0.3, True), (np.inf, 2, False), (32, 1, False), (np.inf, 1, False)]
    for track, row in zip(tracks, rows, strict=True):
        for learned in (0.0, 1.5, 30.0, 40.0, 500.0):
            scale = 1 / (track.scale or 1) if squash == "borzoi" else 1
            undone = track.target_transform.inverse(learned * scale)
            assert undone == pytest.approx(unsquashed(squash, learned, row), rel=1e-9)
    assert [t.target_transform.is_identity for t in tracks] == [False, True, False, True]
    # What the table cuts off is cut off at the same learned value.
    assert tracks[0].target_transform.forward(tracks[0].clip) == pytest.approx(768)
    assert tracks[0].scale == (0.3 if squash == "borzoi" else None)


def test_an_import_says_how_squashed_targets_were_undone_and_undoes_them(tmp_path):
    rows = "".join(f"T{i}\t\t\t1\tsum\n" for i in range(4, 7))
    targets = tmp_path / "targets.txt"
    targets.write_text(SQUASHED.format("sum_sqrt").replace("384", "1.5").replace("768", "9") + rows)
    files = V2 / "model_best.h5", V2 / "params.json"
    with pytest.raises(SighthoundError, match=r"3 tracks were squashed .* give --squash borzoi or"):
        import_model(*files, targets)
    imported = import_model(*files, targets, squash="borzoi")
    (said,) = (d for d in imported.decisions if d.startswith("squashed targets"))
    assert said.startswith("squashed targets: 3 tracks, borzoi form (asked for)")
    model = imported.model
    learned = Model(model.architecture, model.weights, model.tracks)
    x = random_one_hot((2 * model.crop + 8) * model.bin)[None]
    expected = [
        unsquashed("borzoi", float(value), (1.5, 0.3, True))
        for value in learned.predict(x)[0, :, 0]
    ]
    np.testing.assert_allclose(model.predict(x)[0, :, 0], expected, rtol=1e-3, atol=1e-5)
    save_imported(tmp_path / "model", imported)
    assert read_tracks(tmp_path / "model" / "tracks.tsv") == imported.tracks
    assert load_model(tmp_path / "model").transforms == model.transforms


def test_words_of_later_scripts_tell_how_targets_were_squashed(tmp_path):
    targets = tmp_path / "targets.txt"
    targets.write_text(SQUASHED.format("sum_exp75"))
    assert squashed_rows(targets) == (3, True)
    assert read_targets(targets, "sqrt")[0].transform == "power75"
    with pytest.raises(SighthoundError, match="'sum_exp75', which is not understood with --squash"):
        read_targets(targets, "borzoi")


def test_strands_that_were_squashed_otherwise_are_refused(tmp_path):
    table = "index\tidentifier\tscale\tsum_stat\tstrand_pair\n0\tx+\t1\tsum_sqrt\t1\n"
    (tmp_path / "t.txt").write_text(table + "1\tx-\t1\tsum\t0\n")
    with pytest.raises(SighthoundError, match="stands for 'x-' on the other strand, and has not"):
        read_targets(tmp_path / "t.txt", "sqrt")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "are empty"),
        ("identifier\tcolour\nx\tred\n", "unknown column 'colour'"),
        ("identifier\tfile\nx\n", "line 2: 1 cells, expected 2"),
        ("index\tidentifier\tstrand_pair\n0\tx\t9\n", "line 2: strand_pair '9' is no index"),
        ("index\tidentifier\tstrand_pair\n0\tx\t1\n1\ty\t1\n", "does not name it in return"),
        ("identifier\tclip\nx\t-1\n", "clip is '-1'; expected a positive number"),
        ("a\tb\tc\td\te\tf\n", "no header with 'identifier', and 6 columns"),
    ],
)
def test_targets_that_are_no_table_are_refused(tmp_path, text, message):
    (tmp_path / "targets.txt").write_text(text)
    refused(message, V2 / "weights_only.h5", V2 / "params.json", tmp_path / "targets.txt")


def test_targets_of_another_length_are_refused(tmp_path):
    (tmp_path / "targets.txt").write_text("identifier\n" + "".join(f"T{i}\n" for i in range(6)))
    refused("have 6 rows, the model has 7 outputs", V2 / "weights_only.h5", V2 / "params.json",
            tmp_path / "targets.txt")  # fmt: skip
