"""The rows as people arrange them: order, scale, height; regions; the crosshair; no blanks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.locus import Locus, first_prediction
from tests.browser.site import CHROMIUM

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: tests/install_tools.sh")

# Pixels of the rows' plots that are coloured: neither white nor grey.
COLOURED = """() => {
    const canvas = document.getElementById("locus-canvas");
    const copy = new OffscreenCanvas(canvas.width - 320, 400);
    const brush = copy.getContext("2d", { willReadFrequently: true });
    brush.drawImage(canvas, -200, -200);
    const { data } = brush.getImageData(0, 0, copy.width, copy.height);
    let coloured = 0;
    for (let i = 0; i < data.length; i += 4) {
        const channels = data.slice(i, i + 3);
        if (Math.max(...channels) - Math.min(...channels) > 60) coloured += 1;
    }
    return coloured;
}"""


def order(locus: Locus) -> list[str]:
    """Ids of the tracks, from the top."""
    return list(dict.fromkeys(row.split("/")[0] for row in locus.rows if "/" in row))


def corner(locus: Locus) -> tuple[float, float]:
    """The upper left corner of the canvas."""
    box = locus.page.locator("#locus-canvas").bounding_box()
    assert box is not None
    return box["x"], box["y"]


def label(locus: Locus, track: str) -> tuple[float, float]:
    """A point on a track's name."""
    x = corner(locus)[0] + 40
    return x, locus.hook("rowY(given)", f"{track}/prediction")


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=6)
    page.mouse.up()


def test_a_track_is_dragged_by_its_name_moved_with_keys_and_back_undoes_it(locus: Locus) -> None:
    page = locus.open().page
    first, second, third, *rest = order(locus)
    _, below = label(locus, third)
    drag(page, label(locus, first), (label(locus, first)[0], below + 20))
    locus.drawn()
    assert order(locus) == [second, third, first, *rest]
    expect(page).to_have_url(re.compile(f"tracks={second},{third},{first}"))

    page.locator("#locus-canvas").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    locus.drawn()
    assert order(locus)[:3] == [third, second, first]
    page.go_back()
    page.go_back()
    locus.drawn()
    assert order(locus) == [first, second, third, *rest]


def test_the_menu_of_a_row_sets_scale_top_and_height_of_one_and_of_all(locus: Locus) -> None:
    page = locus.open().page
    first, second, *_ = order(locus)
    page.mouse.click(*label(locus, first))
    menu = page.locator("#row-menu")
    expect(menu).to_be_visible()
    menu.get_by_text("Log", exact=True).click()
    expect(page).to_have_url(re.compile(f"rows={first}@log"))
    menu.get_by_text("Fixed", exact=True).click()
    menu.locator("#row-top").fill("7.5")
    menu.locator("#row-top").press("Tab")
    expect(page).to_have_url(re.compile(f"rows={first}@log~top7.5"))
    menu.locator("#row-for-all").check()
    menu.locator("#row-height").fill("60")
    expect(page).to_have_url(re.compile(r"rows=\*@h60"))
    locus.picture("row_menu")
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    locus.drawn()
    rows = [f"{first}/experiment", f"{first}/prediction", f"{second}/experiment"]
    middles = [locus.hook("rowY(given)", row) for row in rows]
    assert middles[1] - middles[0] == 62, "60 pixels and the gap within a pair"
    assert middles[2] - middles[1] > 62

    page.locator("#locus-canvas").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("m")
    expect(menu).to_be_visible()
    menu.locator("#row-hide").click()
    locus.drawn()
    assert first not in order(locus)


def test_a_stretch_is_selected_with_shift_and_kept_by_name_or_zoomed_into(locus: Locus) -> None:
    page = locus.open().page
    before = locus.window
    span = before["end"] - before["start"]
    ends = [before["start"] + span * share for share in (0.4, 0.5)]
    row = first_prediction(locus)

    def select() -> None:
        page.keyboard.down("Shift")
        drag(page, locus.point(row, ends[0]), locus.point(row, ends[1]))
        page.keyboard.up("Shift")
        expect(page.locator("#selection-bar")).to_be_visible()

    select()
    page.locator("#selection-keep").click()
    name = page.locator("#region-list input")
    expect(name).to_be_focused()
    name.fill("enhancer, left~1")
    name.press("Enter")
    expect(page).to_have_url(re.compile("regions="))
    page.keyboard.press("Escape")
    expect(page.locator("#region-menu")).to_be_hidden()
    assert locus.window == before

    select()
    page.keyboard.press("Enter")
    locus.drawn()
    zoomed = locus.window
    pixel = span / 700
    assert abs(zoomed["start"] - ends[0]) < 2 * pixel
    assert abs(zoomed["end"] - ends[1]) < 2 * pixel

    page.reload()
    locus.drawn()
    (region,) = locus.hook("state().regions")
    assert region["name"] == "enhancer, left~1"
    assert abs(region["start"] - ends[0]) < 2 * pixel
    page.locator("#regions-button").click()
    page.get_by_role("button", name="Remove enhancer").click()
    expect(page).not_to_have_url(re.compile("regions="))


def test_the_window_is_dragged_along_the_ideogram_and_a_stretch_of_it_gone_to(
    locus: Locus,
) -> None:
    page = locus.open("?locus=chrXVI:100,001-116,000").page
    before = locus.window
    length = next(c["length"] for c in locus.project()["chromosomes"] if c["name"] == "chrXVI")
    left, right = (locus.hook("baseX(given)", before[end] - 0.5) for end in ("start", "end"))
    bases, y = length / (right - left), locus.hook("rowY('ideogram')")
    cursor = "() => getComputedStyle(document.getElementById('locus-canvas')).cursor"

    def at(base: float) -> tuple[float, float]:
        return left + base / bases, y

    # Held where it is, the window follows the pointer; Escape puts it back.
    page.mouse.move(*at(108_000))
    assert page.evaluate(cursor) == "grab"
    page.mouse.down()
    page.mouse.move(*at(408_000), steps=6)
    assert page.evaluate(cursor) == "grabbing"
    assert locus.window["start"] == pytest.approx(400_000, abs=2 * bases)
    locus.picture("ideogram_drag")
    page.keyboard.press("Escape")
    page.mouse.up()
    assert locus.window == before

    drag(page, at(108_000), at(508_000))
    locus.drawn()
    there = locus.window
    assert there["start"] == pytest.approx(500_000, abs=2 * bases)
    assert there["end"] - there["start"] == 16_000
    drag(page, at(800_000), at(700_000))
    locus.drawn()
    assert locus.window["start"] == pytest.approx(700_000, abs=2 * bases)
    assert locus.window["end"] == pytest.approx(800_000, abs=2 * bases)
    page.mouse.click(*at(300_000))
    locus.drawn()
    assert locus.window["end"] - locus.window["start"] == pytest.approx(100_000, abs=2 * bases)
    assert locus.window["start"] == pytest.approx(250_000, abs=2 * bases)
    for _ in range(2):
        page.go_back()
    page.wait_for_function(
        "(start) => sighthound.state().window.start === start", arg=there["start"]
    )
    page.go_back()
    page.wait_for_function(
        "(start) => sighthound.state().window.start === start", arg=before["start"]
    )


def test_the_crosshair_gives_the_value_of_every_row_in_sight(locus: Locus) -> None:
    page = locus.open().page
    window = locus.window
    base = (window["start"] + window["end"]) // 2
    x, y = locus.point(first_prediction(locus), base)
    page.mouse.move(x, y)
    readings = page.locator("#crosshair-readings .reading:visible")
    rows = [row for row in locus.rows if "/" in row]
    assert 4 <= readings.count() <= len(rows)
    for number in range(4):
        key = readings.nth(number).get_attribute("data-row")
        (series,) = locus.hook("series(given)", key)
        value = series["values"][(base - series["start"]) // series["binBp"]]
        assert float(readings.nth(number).inner_text().replace(",", "")) == pytest.approx(
            value, rel=0.01
        )
    locus.picture("crosshair")


def test_going_elsewhere_never_shows_a_blank_view(locus: Locus) -> None:
    page = locus.open().page
    there = page.evaluate(COLOURED)
    assert there > 1000
    waiting: list[Route] = []
    page.route("**/api/v1/signal*", lambda route: waiting.append(route))
    first_picture = f"""() => new Promise((done) => {{
        const drawn = () => done(({COLOURED})());
        addEventListener("sighthound:drawn", drawn, {{ once: true }});
        sighthound.go("chrII:100,000-120,000");
    }})"""
    assert page.evaluate(first_picture) > there / 2, "the last picture stays for a moment"
    # Then the rows say that something is on its way.
    page.wait_for_function(f"() => ({COLOURED})() === 0")
    assert waiting
    for route in waiting:
        route.continue_()
    locus.drawn()
    assert page.evaluate(COLOURED) > 1000
