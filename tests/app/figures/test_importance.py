"""What matters in a search, drawn: numbers of the picture are those that were given."""

import re
from xml.etree import ElementTree

import pytest

from sighthound.app.figures.importance import importance_svg, searched

RANGES = {"learning_rate": (0.001, 0.1, True), "beta_2": (0.9, 0.9999, False)}
TRIED = [
    ({"learning_rate": 0.01, "beta_2": 0.9}, 0.5),
    ({"learning_rate": 0.1, "beta_2": 0.9999}, 0.7),
    ({"learning_rate": 0.001, "beta_2": 0.95}, 0.6),
]
SVG = importance_svg(
    searched({"learning_rate": 0.75, "beta_2": 0.25}, RANGES, TRIED), "A & B", "three trials"
)


def circles():
    found = re.findall(r'cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)".*?<title>(.*?)</title>', SVG)
    return {title: (float(x), float(y), float(r)) for x, y, r, title in found}


def test_it_is_a_document_of_its_own_with_the_shares_as_bars():
    ElementTree.fromstring(SVG)
    assert "A &amp; B" in SVG
    wide, narrow = (float(w) for w in re.findall(r'width="([\d.]+)" height="14"', SVG))
    assert wide == pytest.approx(3 * narrow, abs=0.2)
    assert ">75%<" in SVG
    assert ">0.9999<" in SVG


def test_trials_lie_at_their_values_on_the_scale_that_was_searched():
    place = circles()
    low, middle, high = (
        place[f"learning_rate {value}, loss {loss}"]
        for value, loss in (("0.001", "0.6"), ("0.01", "0.5"), ("0.1", "0.7"))
    )
    assert middle[0] == (low[0] + high[0]) / 2  # logarithms
    assert middle[1] < low[1] < high[1]  # the lowest loss is the highest
    assert middle[2] > low[2] == high[2]
