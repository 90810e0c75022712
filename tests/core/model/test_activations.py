"""Every activation is written twice, and keeps the promises that other parts build on."""

import numpy as np
import pytest
import tensorflow as tf

from sighthound.core import SighthoundError
from sighthound.core.model.activations import activation_named
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.blocks import ACTIVATIONS, Dilated
from sighthound.core.model.cost import layer_rows

NUMBERS = np.linspace(-6, 6, 241)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_tensors_and_numbers_are_activated_alike(name):
    function = activation_named(name)
    tensors = function.of_tensors(tf, tf.constant(NUMBERS)).numpy()
    np.testing.assert_allclose(function.of_numbers(NUMBERS), tensors, atol=1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_is_zero_at_zero_and_rises_above(name):
    function = activation_named(name)
    assert function.of_numbers(np.zeros(1))[0] == 0
    assert (np.diff(function.of_numbers(np.linspace(0, 10, 1001))) > 0).all()


def test_an_unknown_activation_is_refused_by_name():
    with pytest.raises(SighthoundError, match="unknown activation 'swish'; expected relu, gelu_"):
        activation_named("swish")


@pytest.mark.parametrize("style", ["dense", "dense_preactivation", "residual"])
def test_a_dilated_layer_says_how_it_is_joined(style):
    network = Architecture(8, (Dilated(2, (1,), style=style),), tracks=1)
    joins = {row.joins for row in layer_rows(network) if row.name == "dilated 1"}
    assert joins == {"add" if style == "residual" else "concatenate"}
