"""A hand-made first layer is read back as the motif it was made of, in any order of its parts."""

import numpy as np
import pytest

from sighthound.core import Architecture, Model, SighthoundError
from sighthound.core.model.activations import activation_named
from sighthound.core.model.blocks import ACTIVATIONS, Activation, Convolution, Dilated
from sighthound.core.motifs.first_layer import (
    first_layer_motifs,
    informative_columns,
    random_sequences,
)
from sighthound.core.motifs.jaspar import read_motif, read_motifs
from tests.models import random_weights

REB1 = read_motif("MA0363.3")  # ATTACCCGG
WIDTH = 11
CONVOLUTIONS = {
    "conv_norm_activation": "relu",
    "conv_pool_norm_activation": "gelu_tanh",
    "activation_conv_norm": "gelu_sigmoid",
    "conv_activation": "relu",
}


def model_of(order, scale=1.0, bias=-2.0, activation=None):
    """Filter 0 scores REB1 from its second column on; filter 1 is shut for good."""
    blocks = (
        Convolution(2, WIDTH, 4, activation=activation or CONVOLUTIONS[order], order=order),
        Dilated(2, (1,)),
    )
    architecture = Architecture(256, blocks, tracks=1)
    weights = random_weights(architecture)
    kernel = np.zeros((WIDTH, 4, 2), np.float32)
    kernel[1:10, :, 0] = REB1.log_odds() * np.sign(scale)
    weights["convolution_00/kernel"] = kernel
    if order == "conv_activation":
        weights["convolution_00/bias"] = np.array([bias, -1], np.float32)
    else:
        values = {"gamma": [scale, 1], "beta": [bias, -1], "moving_mean": [0, 0]}
        for part, value in values.items():
            weights[f"normalisation_00/{part}"] = np.array(value, np.float32)
        weights["normalisation_00/moving_variance"] = np.ones(2, np.float32)
    return Model(architecture, weights, ["a"])


SEQUENCES = random_sequences(200, 1000, seed=2)


@pytest.mark.parametrize("order", CONVOLUTIONS)
def test_a_filter_made_of_a_motif_is_named_after_it(order):
    first, shut = first_layer_motifs(model_of(order), SEQUENCES, read_motifs(tax_group="fungi"))
    assert first.motif.consensus[2:9] == "TTACCCG"
    assert first.matches[0].name == "REB1"
    assert first.matches[0].start + first.matches[0].offset == 1
    assert first.information > 6
    assert first.sign == 1
    assert (shut.motif, shut.windows, shut.maximum, shut.matches) == (None, 0, 0, ())


def test_a_negative_scale_before_the_pool_turns_the_kernel_round():
    (first, _) = first_layer_motifs(model_of("conv_norm_activation", scale=-1.0), SEQUENCES)
    assert first.motif.consensus[2:9] == "TTACCCG"
    assert first.sign == 1


def test_a_negative_scale_after_the_pool_makes_a_motif_that_lowers_its_unit():
    model = model_of("conv_pool_norm_activation", scale=-1.0)
    model.weights["convolution_00/kernel"] *= -1
    (first, _) = first_layer_motifs(model, SEQUENCES)
    assert first.motif.consensus[2:9] == "TTACCCG"
    assert first.sign == -1


def test_the_maximum_is_the_response_of_the_network_itself():
    """The largest activation equals what the compiled tower computes."""
    model = model_of("conv_norm_activation")
    tower = model.representation(SEQUENCES[:, :256])
    first, _ = first_layer_motifs(model, SEQUENCES[:, :256])
    assert first.maximum == pytest.approx(float(tower[..., 0].max()), rel=1e-4)


def test_windows_with_n_do_not_count():
    holes = SEQUENCES.copy()
    holes[:, ::5] = 0
    with pytest.raises(SighthoundError, match="no window of 11 bases without N"):
        first_layer_motifs(model_of("conv_norm_activation"), holes)


def test_a_network_without_a_first_convolution_has_no_filters():
    architecture = Architecture(256, (Activation(), Convolution(2, 4, 4)), tracks=1)
    model = Model(architecture, random_weights(architecture), ["a"])
    with pytest.raises(SighthoundError, match="does not begin with a convolution"):
        first_layer_motifs(model, SEQUENCES)


def test_uninformative_ends_are_left_out_of_a_comparison():
    flat, sharp = [0.25] * 4, [1, 0, 0, 0]
    assert informative_columns(np.array([flat, sharp, flat, sharp, flat])) == (1, 4)
    assert informative_columns(np.array([flat])) == (0, 0)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("order", ["conv_norm_activation", "activation_conv_norm"])
def test_the_response_is_what_the_network_activates_for_every_activation(order, activation):
    """The network's largest unit is the activation of the response, or, before it, the response."""
    model = model_of(order, activation=activation)
    unit = float(model.representation(SEQUENCES[:20, :256])[..., 0].max())
    first, _ = first_layer_motifs(model, SEQUENCES[:20, :256])
    response = np.array([first.maximum])
    if order == "conv_norm_activation":
        response = activation_named(activation).of_numbers(response)
    assert response[0] == pytest.approx(unit, rel=1e-4)


@pytest.mark.parametrize("field", ["activation", "order"])
def test_a_first_layer_that_is_not_understood_is_refused_by_name(field):
    model = model_of("activation_conv_norm")
    object.__setattr__(model.architecture.blocks[0], field, "swish")
    with pytest.raises(SighthoundError, match="'swish'"):
        first_layer_motifs(model, SEQUENCES[:1])
