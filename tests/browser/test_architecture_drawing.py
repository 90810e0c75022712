"""The drawing of a network as a person sees it, compared with its layers."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from sighthound.app.figures.architecture import architecture_svg
from sighthound.core.model.architecture import Architecture, basenji2, paper, small
from sighthound.core.model.blocks import Convolution
from sighthound.core.model.cost import flops, layer_rows, layer_totals
from tests.browser.letters import TEXTS, assert_apart
from tests.browser.site import CHROMIUM

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: tests/install_tools.sh")

# Left and right ends of the bars of layers.
BARS = """() => [...document.querySelectorAll("rect[rx]")].map((bar) => {
    const { left, right } = bar.getBoundingClientRect();
    return [left, right];
})"""


@pytest.mark.parametrize(
    "architecture",
    [paper(4229), basenji2(5313), small(5), Architecture(64, (Convolution(4, 1, 8),), tracks=1)],
    ids=["paper", "basenji2", "small", "one layer"],
)
def test_a_network_is_drawn_with_the_numbers_of_its_layers_beside_them(
    browser: Browser, architecture: Architecture
) -> None:
    sheet = browser.new_page()
    sheet.set_content(architecture_svg(architecture, "a network"))
    found, bars = sheet.evaluate(TEXTS), sheet.evaluate(BARS)
    sheet.close()
    assert_apart(found["texts"])
    lines: dict[int, list[dict[str, Any]]] = {}
    for text in found["texts"]:
        left, top, right, bottom = text["box"]
        assert found["page"][0] <= left
        assert right <= found["page"][2]
        lines.setdefault(round((top + bottom) / 2), []).append(text)
    layers = layer_totals(layer_rows(architecture))
    below = [lines[middle] for middle in sorted(lines)][-len(layers) :]
    for row, line, (bar_left, bar_right) in zip(layers, below, bars[-len(layers) :], strict=True):
        name, shape, *numbers = sorted(
            (text for text in line if text["words"] not in "+\u2016"), key=lambda t: t["box"][0]
        )
        assert name["words"].startswith(row.name)
        assert shape["words"] == f"{row.positions:,} \u00d7 {row.channels:,}"
        assert [text["words"] for text in numbers] == [
            *([f"{row.parameters:,}"] if row.parameters else []),
            *([flops(row.flops)] if row.flops else []),
            f"{row.receptive_field:,} bp",
        ]
        assert name["box"][2] < bar_left
        assert bar_right < shape["box"][0]
