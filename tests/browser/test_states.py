"""What the page says while things are amiss: the server is away, something failed, much failed."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, Route, expect

from tests.browser.locus import Locus

AWAY = "The server does not answer"
PLACES = ("chrXVI:100,001-116,000", "chrXVI:600,001-616,000")


def gone(route: Route) -> None:
    route.abort()


def test_a_server_that_goes_is_said_and_the_view_mends_itself_when_it_is_back(locus: Locus) -> None:
    page = locus.open(f"?locus={PLACES[0]}").page
    for address in ("**/api/**", "**/healthz"):
        page.route(address, gone)
    locus.hook("go(given)", PLACES[1])
    expect(page.locator(".notice.failed")).to_contain_text(AWAY)
    page.locator("#locus-box").fill("GCN4")
    page.keyboard.press("Enter")
    expect(page.locator("#locus-problem")).to_contain_text(AWAY)
    assert page.locator("#locus-canvas").get_attribute("data-complete") == "no"

    page.evaluate("() => { sighthound.notLoadedAgain = true; }")
    page.unroute("**/api/**")
    page.unroute("**/healthz")
    page.evaluate("() => dispatchEvent(new Event('online'))")  # else it is asked every two seconds
    locus.drawn()
    expect(page.locator(".notice")).to_have_count(0)
    expect(page.locator("#locus-problem")).to_be_hidden()
    assert locus.hook("notLoadedAgain")
    locus.problems.clear()  # what the browser says of requests that were cut


def test_a_page_opened_while_the_server_is_away_comes_when_it_is_back(locus: Locus) -> None:
    page = locus.page
    page.route("**/api/v1/project*", gone)
    page.goto(locus.site)
    card = page.locator("[data-state=away]")
    expect(card).to_contain_text(AWAY)
    page.unroute("**/api/v1/project*")
    page.evaluate("() => dispatchEvent(new Event('online'))")
    locus.drawn()
    expect(card).to_have_count(0)
    locus.problems.clear()


@pytest.mark.parametrize("size", [(1400, 900), (900, 480)])
def test_at_most_three_notices_stand_beside_the_plot_and_each_can_be_closed(
    locus: Locus, size: tuple[int, int]
) -> None:
    page = locus.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    locus.open()
    for name in ("a.bed", "b.bed", "c.bed", "d.bed", "d.bed"):
        bad = FilePayload(name=name, mimeType="text/plain", buffer=b"no bed at all\n")
        page.locator("#own-file").set_input_files(bad)
        expect(page.locator(".notice").last).to_contain_text(name)
    expect(page.locator(".notice-times")).to_have_text("2\u00d7")
    notices = page.locator(".notice.failed")
    expect(notices).to_have_count(3)
    plot = page.locator("#locus-canvas").bounding_box()
    assert plot is not None
    for notice in notices.all():
        box = notice.bounding_box()
        assert box is not None
        assert box["y"] >= plot["y"] + plot["height"]
        assert box["y"] + box["height"] <= size[1]

    page.keyboard.press("Escape")
    expect(notices).to_have_count(2)
    for left in (1, 0):
        notices.first.get_by_role("button", name="Close this notice").click()
        expect(notices).to_have_count(left)
    locus.problems.clear()  # what the browser says of files that are refused


def test_a_notice_can_be_closed_while_a_dialog_is_open(locus: Locus) -> None:
    page = locus.open().page
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_be_visible()
    bad = FilePayload(name="a.json", mimeType="application/json", buffer=b"{")
    page.locator("#own-file").set_input_files(bad)
    close = page.locator("dialog[open] .notice button")
    expect(close).to_be_visible()
    close.click()
    expect(page.locator(".notice")).to_have_count(0)
