"""Architectures as data: presets, JSON, geometry."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sighthound.core import Architecture, SighthoundError
from sighthound.core.model.architecture import LINKS, basenji2, paper, small
from sighthound.core.model.blocks import (
    ACTIVATIONS,
    ORDERS,
    STYLES,
    Activation,
    Convolution,
    Crop,
    Dilated,
)
from sighthound.core.model.keras_network import weight_shapes

_ACTIVATIONS = st.sampled_from(ACTIVATIONS)
_RATES = st.sampled_from([0.0, 0.05, 0.3])
_FILTERS = st.integers(1, 40)


@st.composite
def architectures(draw):
    """Any mix of blocks that can be: a tower with pools, dilated blocks, a crop, pointwise ones."""
    tower = st.builds(
        Convolution,
        _FILTERS, st.integers(1, 22), st.sampled_from([1, 2, 4]), _RATES, _ACTIVATIONS,
        st.sampled_from(ORDERS),
    )  # fmt: skip
    dilated = st.builds(
        Dilated,
        _FILTERS,
        st.lists(st.integers(1, 16), min_size=1, max_size=4).map(tuple),
        st.sampled_from(STYLES), st.sampled_from([3, 5]), _RATES, _ACTIVATIONS,
    )  # fmt: skip
    pointwise = st.builds(
        Convolution, _FILTERS, st.just(1), st.just(1), _RATES, _ACTIVATIONS, st.sampled_from(ORDERS)
    )
    activation = st.builds(Activation, _ACTIVATIONS)
    blocks = (
        *draw(st.lists(tower | activation, max_size=4)),
        *draw(st.lists(dilated | activation, max_size=3)),
        Crop(draw(st.integers(0, 3))),
        *draw(st.lists(pointwise | activation, max_size=2)),
    )
    bins = draw(st.integers(7, 20))
    bin_size = Architecture(4**6 * 7, blocks, 1).bin
    return Architecture(
        bin_size * bins, blocks, draw(st.integers(1, 9)), draw(st.sampled_from(LINKS)),
        norm_momentum=draw(st.sampled_from([0.9, 0.99])),
    )  # fmt: skip


def test_the_papers_network_has_the_papers_sizes():
    architecture = paper(tracks=4229)
    assert (architecture.bin, architecture.bins, architecture.crop) == (128, 960, 32)
    assert architecture.stack_reach == sum(2**i for i in range(1, 7))
    kernels = {n: s for n, s in weight_shapes(architecture).items() if n.endswith("kernel")}
    assert len(kernels) == 4 + 2 + 7 + 1
    assert kernels["convolution_13/kernel"] == (1, 1365, 4229)
    # The last dilated layer sees the tower and five dilated layers before it.
    assert kernels["convolution_11/kernel"] == (3, 717 + 5 * 108, 108)


def test_the_cross_species_network_has_the_published_sizes():
    architecture = basenji2(tracks=5313)
    assert (architecture.bin, architecture.bins, architecture.crop) == (128, 896, 64)
    shapes = weight_shapes(architecture)
    kernels = [shape for name, shape in shapes.items() if name.endswith("kernel")]
    assert kernels[:2] == [(15, 4, 288), (5, 288, 339)]
    # Seven layers of the tower, eleven of two convolutions, the pointwise one, the tracks.
    assert len(kernels) == 7 + 2 * 11 + 1 + 1
    assert kernels[-1] == (1, 1536, 5313)


def test_the_cross_species_network_dilates_by_one_and_a_half_rounded():
    _, stack, _ = basenji2(1).parts()
    dilations = [s.dilation for s in stack if s.operation == "convolve" and s.width == 3]
    assert dilations == [1, 2, 3, 4, 6, 9, 14, 21, 32, 48, 72]


def test_the_cross_species_network_activates_before_it_convolves_and_before_its_tracks():
    tower, _, head = basenji2(1).parts()
    assert [step.operation for step in tower[:4]] == ["activate", "convolve", "normalise", "pool"]
    assert [step.operation for step in head[-2:]] == ["activate", "convolve"]


@pytest.mark.parametrize(
    ("style", "operations"),
    [
        ("dense", ["branch", "convolve", "normalise", "activate", "concatenate"]),
        ("dense_preactivation", ["branch", "activate", "convolve", "normalise", "concatenate"]),
    ],
)
def test_dense_layers_come_in_the_order_of_the_paper_and_of_later_code(style, operations):
    _, stack, _ = Architecture(64, (Dilated(4, (2,), style),), tracks=1).parts()
    assert [step.operation for step in stack] == operations


@given(architectures())
def test_json_gives_any_architecture_back(architecture):
    assert Architecture.from_json(json.loads(json.dumps(architecture.to_json()))) == architecture


@pytest.mark.parametrize(
    "architecture", [paper(3), basenji2(3), small(2), small(1, 16_384, 64, 16, filters=8)]
)
def test_json_gives_the_presets_back(architecture):
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
