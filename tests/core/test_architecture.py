"""Architectures as data: presets, JSON, geometry."""

import json

import pytest

from core import Architecture, SighthoundError
from core.architecture import Activation, Convolution, Crop, Dilated, paper, small
from core.network import weight_shapes


def test_the_papers_network_has_the_papers_sizes():
    architecture = paper(tracks=4229)
    assert (architecture.bin, architecture.bins, architecture.crop) == (128, 960, 32)
    assert architecture.stack_reach == sum(2**i for i in range(1, 7))
    kernels = {n: s for n, s in weight_shapes(architecture).items() if n.endswith("kernel")}
    assert len(kernels) == 4 + 2 + 7 + 1
    assert kernels["convolution_13/kernel"] == (1, 1365, 4229)
    # The last dilated layer sees the tower and five dilated layers before it.
    assert kernels["convolution_11/kernel"] == (3, 717 + 5 * 108, 108)


@pytest.mark.parametrize("architecture", [paper(3), small(2), small(1, 16_384, 64, 16, filters=8)])
def test_json_gives_the_architecture_back(architecture):
    assert Architecture.from_json(json.loads(json.dumps(architecture.to_json()))) == architecture


def test_the_small_network_sees_eight_kilobases_on_each_side():
    assert small(1, bin=64, sequence_length=16_384).context > 8_000


def test_an_even_width_reaches_further_right_than_left():
    architecture = Architecture(64, (Convolution(4, 6, 4), Crop(0)), tracks=1)
    assert architecture.tower_reach() == (2, 3)


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        ((Convolution(4, 3, activation="tanh"),), "activation 'tanh'; expected one of relu"),
        ((Convolution(4, 3, order="norm_conv"),), "order 'norm_conv'"),
        ((Convolution(0, 3),), "at least 1"),
        ((Convolution(4, 3, 3),), "no multiple of the bin, 3"),
        ((Dilated(4, (1,), style="parallel"),), "style 'parallel'"),
        ((Dilated(4, (1,), width=2),), "odd width"),
        ((Crop(32),), "leaves nothing"),
        ((Crop(1), Dilated(4, (1,))), "must come before crops"),
        ((Dilated(4, (1,)), Convolution(4, 3)), "only convolutions of width 1"),
        ((Dilated(4, (1,)), Convolution(4, 1, 2)), "pooling must come before"),
        ((Activation("none"),), "activation 'none'"),
    ],
)
def test_an_architecture_that_cannot_be_is_refused(blocks, message):
    with pytest.raises(SighthoundError, match=message):
        Architecture(64, blocks, tracks=1)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"blocks": [{"kind": "attention"}]}, "unknown block 'attention'; expected convolution"),
        ({"blocks": [{"kind": "crop", "bases": 1}]}, "unknown key 'bases'"),
        ({"blocks": [{"kind": "crop"}]}, "the key 'bins' is missing"),
        ({"blocks": []}, "the key 'sequence_length' is missing"),
    ],
)
def test_json_that_is_no_architecture_is_refused(data, message):
    with pytest.raises(SighthoundError, match=message):
        Architecture.from_json(data)
