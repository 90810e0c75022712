"""The locus page in a real Chromium, against a real server and its inference worker.

Runs on the shipped demo, or on the prepared project that SIGHTHOUND_BROWSER_PROJECT names.
SIGHTHOUND_SCREENSHOTS names a folder for pictures to look at.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.locus import Locus, first_prediction, held
from tests.browser.site import CHROMIUM

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: tests/install_tools.sh")


def test_the_address_holds_the_view_and_back_returns(locus: Locus) -> None:
    page = locus.open().page
    start = locus.window
    page.locator("#view-mode").get_by_text("Overlay").click()
    expect(page).to_have_url(re.compile("mode=overlay"))
    page.locator("#zoom-in").click()
    locus.drawn()
    zoomed, address = locus.window, page.url
    page.go_back()
    page.go_back()
    expect(page).not_to_have_url(re.compile("mode=overlay"))
    locus.drawn()
    assert locus.window == start
    page.goto(address)
    locus.drawn()
    assert locus.window == zoomed
    assert any(row.endswith("/overlay") for row in locus.rows)
    expect(page.get_by_role("radio", name="Overlay")).to_be_checked()


def test_a_small_drag_asks_the_server_for_no_signal(locus: Locus) -> None:
    page = locus.open().page
    asked = locus.hook("requests.signal")
    x, y = locus.point(first_prediction(locus), (locus.window["start"] + locus.window["end"]) / 2)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y, steps=6)
    page.mouse.up()
    locus.drawn()
    assert locus.window["start"] > 0
    assert locus.hook("requests.signal") == asked


def test_the_wheel_zooms_at_the_cursor_and_keys_pan_and_zoom(locus: Locus) -> None:
    page = locus.open().page
    before = locus.window
    anchor = before["start"] + (before["end"] - before["start"]) * 0.25
    x, y = locus.point(first_prediction(locus), anchor)
    page.mouse.move(x, y)
    with held(page, "Control"):
        page.mouse.wheel(0, -40)
    locus.drawn()
    after = locus.window
    assert after["end"] - after["start"] < before["end"] - before["start"]
    assert abs(locus.hook("baseX(given)", anchor) - x) < 3
    page.keyboard.press("d")
    locus.drawn()
    assert locus.window["start"] > after["start"]
    page.keyboard.press("-")
    locus.drawn()
    assert locus.window["end"] - locus.window["start"] > after["end"] - after["start"]


def test_the_wheel_scrolls_rows_where_some_are_hidden_and_zooms_where_none_are(
    locus: Locus,
) -> None:
    page = locus.page
    page.set_viewport_size({"width": 1400, "height": 420})
    locus.open()
    before = locus.window
    scrolled = "() => document.getElementById('locus-scroll').scrollTop"
    page.mouse.move(*locus.point(first_prediction(locus), (before["start"] + before["end"]) / 2))
    page.mouse.wheel(0, 120)
    page.wait_for_function(f"() => ({scrolled})() > 0")
    assert locus.window == before
    with held(page, "Shift"):
        page.mouse.wheel(0, 120)
    locus.drawn()
    panned = locus.window
    assert panned["start"] > before["start"]
    assert panned["end"] - panned["start"] == pytest.approx(before["end"] - before["start"], abs=2)

    page.set_viewport_size({"width": 1400, "height": 1400})
    locus.open(f"?tracks={first_prediction(locus).split('/')[0]}")
    before = locus.window
    page.mouse.move(*locus.point(first_prediction(locus), (before["start"] + before["end"]) / 2))
    page.mouse.wheel(0, -200)
    locus.drawn()
    assert locus.window["end"] - locus.window["start"] < before["end"] - before["start"]


def test_tracks_are_ticked_and_searched(locus: Locus) -> None:
    page = locus.open().page
    track = locus.project()["tracks"][-1]
    page.locator("#tracks-none").click()
    assert not any("/" in row for row in locus.rows)
    page.locator("#track-search").fill(track["name"])
    found = page.locator("#track-list li:visible", has_text=track["name"])
    expect(found).to_have_count(1)
    assert page.locator("#track-list li:visible").count() < len(locus.project()["tracks"])
    found.locator("input").check()
    expect(page).to_have_url(re.compile(f"tracks={re.escape(track['id'])}(&|$)"))
    locus.drawn()
    assert any(row.startswith(track["id"] + "/") for row in locus.rows)


def test_rows_have_names_and_a_table_of_values(locus: Locus) -> None:
    page = locus.open().page
    expect(page.get_by_role("application", name=re.compile("Genome view of"))).to_be_visible()
    named = page.locator("#locus-rows li").count()
    assert named == sum("/" in row for row in locus.rows)
    page.locator("#values-button").click()
    table = page.locator("#values-table")
    expect(table.locator("th").first).to_have_text("start")
    assert table.locator("tbody tr").count() > 10
    page.keyboard.press("Escape")
    expect(page.locator("#values-dialog")).to_be_hidden()


def test_what_is_not_found_is_said_in_place(locus: Locus) -> None:
    page = locus.open().page
    locus.search("NOSUCHGENE9")
    expect(page.locator("#locus-problem")).to_contain_text("NOSUCHGENE9")
    window = locus.window
    locus.search(f"{window['chrom']}:999,999,999")
    expect(page.locator("#locus-problem")).to_contain_text("beyond the end")
    assert locus.window == window


def test_an_address_with_an_unknown_chromosome_opens_the_default_and_says_so(locus: Locus) -> None:
    page = locus.open("?locus=chrNone:1-100").page
    expect(page.get_by_role("alert").filter(has_text="chrNone")).to_be_visible()


def test_simulated_assays_are_called_so(locus: Locus) -> None:
    page = locus.open().page
    expected = 1 if locus.project()["simulated"] else 0
    expect(page.locator("#simulated-badge")).to_have_count(expected)


@pytest.mark.parametrize("width", [1400, 900])
def test_nothing_sticks_out_of_the_window(locus: Locus, width: int) -> None:
    page = locus.open().page
    page.set_viewport_size({"width": width, "height": 800})
    locus.drawn()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        """(width) => [...document.querySelectorAll(".top button, .top input")]
            .filter((part) => part.getBoundingClientRect().right > width).length""",
        width,
    )
    assert outside == 0
    side = page.locator("#track-picker")
    if width == 900:
        expect(side).to_be_hidden()
        page.locator("#tracks-toggle").click()
    expect(side).to_be_visible()
    locus.picture(f"width_{width}")


def test_a_click_on_a_gene_opens_its_card_which_explains_a_start(locus: Locus) -> None:
    page = locus.open().page
    gene = locus.a_gene()
    place = locus.hook("genePlace(given)", gene["id"])
    page.mouse.click(place["x"], place["y"])
    card = page.locator("#gene-card")
    expect(card.get_by_role("heading")).to_have_text(gene["name"])
    link = page.locator("#gene-links a").first
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(link).to_have_attribute("href", re.compile(r"^https://www\.yeastgenome\.org/locus/"))
    card.locator(f"[data-start='{gene['tss'][0]}']").click()
    expect(card).to_be_hidden()
    assert locus.hook("state().saliency.position") == gene["tss"][0]
