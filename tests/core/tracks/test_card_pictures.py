"""Pictures of a card show its numbers."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from sighthound.core.tracks.card import FragmentLength, GcCurve
from sighthound.core.tracks.card_pictures import curve, picture_files, write_pictures
from tests.core.tracks.test_card import CARD


def points(svg):
    (line,) = re.findall(r'<polyline points="([^"]+)"', svg)
    return [tuple(map(float, point.split(","))) for point in line.split()]


def test_a_curve_is_drawn_to_scale_with_its_axes():
    svg = curve("A < B", ("x (bases)", "y"), [0, 50, 100], [0, 2, 1], {50: "peak"})
    assert ElementTree.fromstring(svg).get("aria-label") == "A < B"
    (x0, y0), (x1, y1), (x2, y2) = points(svg)
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.2)
    assert y0 - y1 == pytest.approx(2 * (y0 - y2), abs=0.2)
    assert f'd="M{x1} ' in svg
    for words in ("x (bases)", "peak 50", ">100<", ">1.5<"):
        assert words in svg


def test_pictures_are_of_what_the_card_has(tmp_path):
    gc_file, fragments_file = picture_files(tmp_path / "x.bw")
    learned = FragmentLength(170, 4000, 36, 3.1, (5, 170, 600), (0.1, 0.5, 0.1))
    write_pictures(tmp_path / "x.bw", replace(CARD, fragments=learned))
    assert "R\u00b2 0.410" in gc_file.read_text(encoding="utf-8")
    assert "Fragments of 170 bases (4,000 reads)" in fragments_file.read_text(encoding="utf-8")
    for file in (gc_file, fragments_file):
        ElementTree.parse(file)
        file.unlink()
    write_pictures(tmp_path / "x.bw", replace(CARD, gc=None))
    assert not list(tmp_path.iterdir())


def test_a_flat_curve_is_drawn(tmp_path):
    flat = GcCurve((0.3, 0.4), (1.0, 1.0), 0.0, 50)
    write_pictures(tmp_path / "x.bw", replace(CARD, gc=flat))
    assert len({y for _, y in points((tmp_path / "x.bw.gc.svg").read_text())}) == 1
