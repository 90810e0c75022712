"""Figures in the page's dark theme."""

from __future__ import annotations

import re

import numpy as np
import plotly.graph_objects as go
import pytest

from sighthound.app.figures import theme
from sighthound.app.figures.theme import DARK, DIVERGING, INK, axis, base_layout, in_theme

COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)


def a_figure() -> go.Figure:
    values = np.zeros((2, 2))
    heat_map = {"type": "heatmap", "z": values, "colorscale": DIVERGING}
    return go.Figure({"data": [heat_map], "layout": base_layout(title={"text": "a figure"})})


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_a_light_figure_is_left_as_it_is() -> None:
    figure = a_figure()
    assert in_theme(figure, "light") is figure
    assert in_theme(figure, None) is figure


def test_every_colour_of_a_dark_figure_is_dark_and_its_numbers_stay() -> None:
    dark = in_theme(a_figure(), "dark")
    assert dark.layout.paper_bgcolor == DARK["#ffffff"]
    assert dark.layout.font.color == DARK[INK]
    assert [colour for _, colour in dark.data[0].colorscale] == [DARK[str(c)] for _, c in DIVERGING]
    assert np.array_equal(dark.data[0].z, a_figure().data[0].z)


def test_a_dark_figure_says_how_it_looks_on_paper() -> None:
    light = in_theme(a_figure(), "dark").layout.meta["light"]
    assert len(light) == len(DARK)
    assert light[DARK[INK]] == INK


def test_all_colours_of_the_look_have_a_dark_one() -> None:
    used = set(COLOUR.findall(repr([vars(theme)[name] for name in dir(theme) if name.isupper()])))
    assert used <= {*DARK, *DARK.values()}


@pytest.mark.parametrize("name", ["INK", "MUTED"])
def test_text_stands_out_on_the_dark_ground(name: str) -> None:
    for ground in ("#ffffff", theme.NO_DATA):
        assert contrast(DARK[vars(theme)[name]], DARK[ground]) >= 4.5


def test_numbers_of_axes_are_written_out() -> None:
    found = axis()  # Plotly's own are 500μ and 20k
    assert (found["exponentformat"], found["minexponent"]) == ("power", 7)
    assert found["separatethousands"]
