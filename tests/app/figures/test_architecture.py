"""A network's drawing: one bar a layer, as wide as its channels."""

import xml.etree.ElementTree as ET

import pytest

from sighthound.app.figures.architecture import architecture_svg
from sighthound.core.model.architecture import Architecture, basenji2, paper, small
from sighthound.core.model.blocks import Convolution, Dilated

_SVG = "{http://www.w3.org/2000/svg}"


def drawing(architecture):
    return ET.fromstring(architecture_svg(architecture, "a <title> & more"))


def bars(root):
    return [float(r.get("width")) for r in root.iter(f"{_SVG}rect") if r.get("rx")]


def test_a_bar_is_as_wide_as_its_layer_has_channels():
    blocks = (Convolution(40, 5, 8), Convolution(80, 1))
    bases, first, second, tracks = bars(drawing(Architecture(64, blocks, tracks=20)))
    assert second / first == pytest.approx(2, rel=0.01)
    assert tracks / first == pytest.approx(0.5, rel=0.01)
    assert bases / first == pytest.approx(0.1, rel=0.02)


def test_more_tracks_than_fit_are_cut():
    blocks = (Convolution(40, 5, 8),)
    _, first, tracks = bars(drawing(Architecture(64, blocks, tracks=4000)))
    assert tracks / first == pytest.approx(1.25, rel=0.01)


@pytest.mark.parametrize(("style", "sign"), [("residual", "+"), ("dense", "‖")])
def test_the_way_around_a_layer_says_how_it_joins(style, sign):
    root = drawing(Architecture(64, (Dilated(4, (1, 2, 4), style),), tracks=1))
    signs = [text.text for text in root.iter(f"{_SVG}text") if text.text in "+‖"]
    assert signs == [sign] * 3


@pytest.mark.parametrize("architecture", [paper(4229), basenji2(5313), small(5)])
def test_nothing_is_drawn_outside(architecture):
    root = drawing(architecture)
    width, height = float(root.get("width")), float(root.get("height"))
    for rect in root.iter(f"{_SVG}rect"):
        assert 0 <= float(rect.get("x", 0)) <= width - float(rect.get("width"))
        assert 0 <= float(rect.get("y", 0)) <= height - float(rect.get("height"))


def test_a_title_is_text_and_not_markup():
    texts = [text.text for text in drawing(small(1)).iter(f"{_SVG}text")]
    assert texts[0] == "a <title> & more"
