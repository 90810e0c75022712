"""What networks cost and see, layer by layer."""

import math
import re

import pytest
from hypothesis import given

from sighthound.core import Architecture
from sighthound.core.model.architecture import basenji2, paper, small
from sighthound.core.model.blocks import Convolution, Crop, Dilated
from sighthound.core.model.cost import flops, layer_rows, layer_table, layer_totals, summary
from sighthound.core.model.keras_network import weight_shapes
from tests.core.model.test_architecture import architectures


def test_one_convolution_costs_two_operations_a_weight_and_position():
    architecture = Architecture(64, (Convolution(8, 5, 4),), tracks=3)
    convolve, normalise, _, pool, tracks = layer_rows(architecture)
    assert (convolve.positions, convolve.channels) == (64, 8)
    assert convolve.flops == 2 * 64 * 5 * 4 * 8
    assert (convolve.parameters, normalise.parameters) == (5 * 4 * 8, 4 * 8)
    assert (pool.positions, pool.flops) == (16, 0)
    assert (tracks.parameters, tracks.flops) == (8 * 3 + 3, 2 * 16 * 8 * 3)


def test_the_papers_network_takes_244_7_gflop_for_131_kb_and_4229_tracks():
    whole = sum(row.flops for row in layer_rows(paper(4229), cropped=False))
    assert whole / 1e9 == pytest.approx(244.7, abs=0.05)
    # What training does not score, it does not compute after the crop.
    assert sum(row.flops for row in layer_rows(paper(4229))) / 1e9 == pytest.approx(243.7, abs=0.05)


@given(architectures())
def test_parameters_are_the_numbers_of_the_weights(architecture):
    expected = sum(math.prod(shape) for shape in weight_shapes(architecture).values())
    assert sum(row.parameters for row in layer_rows(architecture)) == expected


@given(architectures())
def test_the_last_layer_sees_the_context_and_gives_bins_and_tracks(architecture):
    last = layer_rows(architecture)[-1]
    assert (last.positions, last.channels) == (architecture.bins, architecture.tracks)
    assert max(last.left, last.right - (architecture.bin - 1)) == architecture.context


def test_an_even_width_sees_one_base_more_on_the_right():
    first = layer_rows(Architecture(64, (Convolution(4, 6),), tracks=1))[0]
    assert (first.left, first.right, first.receptive_field) == (2, 3, 6)


def test_dilated_layers_widen_the_view_and_concatenated_ones_the_channels():
    architecture = Architecture(64, (Convolution(4, 1, 8), Dilated(2, (1, 4), "dense")), tracks=1)
    totals = layer_totals(layer_rows(architecture))
    assert [row.name for row in totals] == ["convolution 1", "dilated 1", "dilated 4", "tracks"]
    assert [row.channels for row in totals] == [4, 6, 8, 1]
    assert [row.receptive_field for row in totals] == [8, 24, 88, 88]


@pytest.mark.parametrize("architecture", [paper(9), basenji2(9), small(9)])
def test_totals_of_layers_add_up_to_the_rows(architecture):
    rows = layer_rows(architecture)
    totals = layer_totals(rows)
    assert sum(row.flops for row in totals) == sum(row.flops for row in rows)
    assert sum(row.parameters for row in totals) == sum(row.parameters for row in rows)


def test_a_crop_takes_bins_off_both_ends():
    rows = layer_rows(Architecture(64, (Convolution(4, 1, 8), Crop(2)), tracks=1))
    assert rows[-2].positions == 4


def test_the_summary_says_what_a_crop_saves():
    blocks = (Convolution(4, 1, 8), Crop(2))
    said = summary(Architecture(64, blocks, tracks=10))
    assert said.startswith("64 bp to 4 bins of 8 bp, 10 tracks; 82 parameters; ")
    assert re.search(r"2.4 kFLOP a window \(2.7 kFLOP with no bin cropped\)", said)
    assert "cropped" not in summary(Architecture(64, blocks[:1], tracks=10))


def test_operations_are_written_with_a_unit_of_their_size():
    assert [flops(10**n) for n in (2, 4, 7, 13)] == [
        "100 FLOP", "10.0 kFLOP", "10.0 MFLOP", "10.0 TFLOP",
    ]  # fmt: skip


def test_a_table_of_layers_goes_from_bases_to_tracks():
    architecture = Architecture(64, (Convolution(8, 5, 4), Dilated(4, (1, 2))), tracks=3)
    sizes, heads, *layers = layer_table(architecture).splitlines()
    assert sizes == summary(architecture)
    assert heads.split()[0] == "layer"
    names = [row.name for row in layer_totals(layer_rows(architecture))]
    assert names == ["convolution 5", "dilated 1", "dilated 2", "tracks"]
    for line, name in zip(layers, names, strict=True):
        assert line.strip().startswith(name)
    assert f"{layer_rows(architecture)[-1].receptive_field:,} bp" in layers[-1]
