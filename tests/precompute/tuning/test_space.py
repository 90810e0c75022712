"""What is searched around a network, and how found values go back into it."""

from dataclasses import replace

import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.model.architecture import PRESETS, Architecture, small
from sighthound.core.model.blocks import Convolution
from sighthound.precompute.training.settings import TrainingSettings
from sighthound.precompute.tuning.settings import TuneSettings, tune_settings
from sighthound.precompute.tuning.space import search_space, with_values

TRAINING = TrainingSettings()
NETWORK = small(3, sequence_length=4096, crop=4)
DEFAULT = TuneSettings()


def ranges(tune=DEFAULT, network=NETWORK):
    return {p.name: (p.low, p.high) for p in search_space(network, TRAINING, tune)}


def test_every_number_of_the_small_network_is_searched_around_its_own():
    assert ranges() == {
        "filters_1": (48, 192), "widths_1": (9, 38), "filters_2": (48, 192), "widths_2": (3, 14),
        "filters_3": (48, 192), "widths_3": (2, 10), "dilated_filters": (24, 96),
        "dilated_layers": (4, 8), "dropout": (0.0, 0.5), "units": (96, 384),
        "learning_rate": (0.0004, 0.01), "beta_1": (0.8, 0.99), "beta_2": (0.9, 0.9999),
    }  # fmt: skip


def test_only_what_is_named_is_searched_in_the_range_that_is_given():
    tune = tune_settings({"search": ["filters", "dropout"], "filters": [8, 32]})
    assert ranges(tune) == {
        "filters_1": (8, 32), "filters_2": (8, 32), "filters_3": (8, 32), "dropout": (0.0, 0.5),
    }  # fmt: skip


@pytest.mark.parametrize("preset", PRESETS.values())
def test_a_networks_own_values_give_it_back(preset):
    network = preset(5)
    own = {p.name: p.own for p in search_space(network, TRAINING, TuneSettings())}
    assert with_values(network, TRAINING, own) == (network, TRAINING)


def test_found_values_make_a_network_of_the_same_bins():
    values = {"filters_2": 40, "widths_1": 12, "dilated_layers": 8, "units": 50, "beta_1": 0.85}
    network, training = with_values(NETWORK, TRAINING, values)
    assert (network.bin, network.bins) == (NETWORK.bin, NETWORK.bins)
    first, second, _, dilated, _, _, head = network.blocks
    assert (first.width, second.filters, head.filters) == (12, 40, 50)
    assert dilated.dilations == (1, 2, 4, 8, 16, 32, 64, 128)
    assert training == replace(TRAINING, beta_1=0.85)


def test_a_range_of_a_layer_that_is_not_there_is_refused():
    network = Architecture(512, (Convolution(8, 5, 16),), 2)
    assert "dilated_layers" not in ranges(network=network)
    with pytest.raises(SighthoundError, match="names dilated_layers, but the architecture 'small'"):
        ranges(TuneSettings(dilated_layers=(1, 3)), network)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"trial": 3}, r"unknown key 'trial' in \[tune\]; expected directory, trials"),
        ({"trials": 0}, "trials is 0; expected a number above 0"),
        ({"epochs": 2.5}, "epochs is 2.5; expected a whole number"),
        ({"filters": [64, 32]}, r"filters is \[64, 32\]; expected the lowest and the highest"),
        ({"filters": [8.5, 32]}, "expected two whole numbers"),
        ({"widths": 5}, "widths is 5; expected two whole numbers"),
        ({"dropout": [0, 1]}, r"dropout is \[0, 1\]; .* 0 or more, below 1"),
        ({"learning_rate": [0, 0.1]}, "above 0"),
        ({"dilated_layers": [2, 60]}, "expected at most 24"),
        ({"search": ["depth"]}, "search names 'depth'; expected some of filters, widths"),
        ({"search": "filters"}, "expected a list of texts"),
        ({"directory": ""}, "directory is empty"),
    ],
)
def test_keys_that_cannot_be_used_are_named(given, message):
    with pytest.raises(SighthoundError, match=message):
        tune_settings(given)
