"""The pages for everyone: axe-core, keys, fingers, less motion, paper, small and large windows.

Every page in every state, in the light and in the dark theme; nothing is asked of another origin
and the console stays empty, which `Locus` sees to.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.browser.locus import COMPUTED_MS, Locus, visit
from tests.browser.site import CHROMIUM, answer
from tests.paths import ROOT

AXE = ROOT / "tests" / "clients" / "node_modules" / "axe-core" / "axe.min.js"
# The rules that a theme can break; all others are of what the light page holds as well.
COLOURS = ("color-contrast", "link-in-text-block")
FAULTS = """async (only) => {
  const { violations } = await axe.run(document, {
    resultTypes: ["violations"],
    ...(only.length && { runOnly: { type: "rule", values: only } }),
  });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target} ${node.html}`));
}"""
FOCUSED = """() => {
  const control = document.activeElement;
  return control?.id || control?.value || control?.textContent;
}"""
DRAGGED = """() => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["chrI"], "dropped.bed"));
  document.dispatchEvent(new DragEvent("dragenter", { dataTransfer }));
}"""
EXPLAINED = "?locus=chrI:1001-9000&tracks=atac,cage.plus&saliency=atac@chrI:4500"
MUTATED = EXPLAINED + "&mutagenesis=atac@chrI:4451-4550@4500"

pytestmark = pytest.mark.skipif(
    not os.environ.get("CI") and not (CHROMIUM and AXE.is_file()),
    reason="needs Chromium and axe-core (tests/install_tools.sh)",
)


@pytest.fixture(scope="module")
def site(tiny_site: str) -> str:
    """It may fetch something, so its page has a form for addresses."""
    return tiny_site


class Visitor(Locus):
    """The pages, and what axe-core says of them."""

    def __init__(self, page: Page, site: str) -> None:
        super().__init__(page, site)
        self.faults: list[tuple[str, str]] = []

    def audit(self, state: str) -> None:
        """Keep what axe-core finds in this state; `visiting` asserts that there was nothing.

        In a dark one, named so, only what colours can do.
        """
        # The page's policy lets no script in but its own; this one comes through the debugger.
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        only = COLOURS if state.startswith("dark ") else ()
        self.faults += [(state, fault) for fault in self.page.evaluate(FAULTS, list(only))]
        self.picture(f"everyone_{state}".replace(" ", "_"))

    def table(self) -> None:
        self.page.goto(f"{self.site}tracks")
        self.page.locator("body[data-table=ready]").wait_for()

    def computed(self, selector: str) -> None:
        self.page.locator(selector).first.wait_for(timeout=COMPUTED_MS)

    def pixel(self) -> list[int]:
        """Colour of the canvas in its corner."""
        return self.page.evaluate(
            "() => [...document.getElementById('locus-canvas').getContext('2d')"
            ".getImageData(2, 2, 1, 1).data]"
        )


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def visitor(browser: Browser, site: str, scheme: str) -> Iterator[Visitor]:
    yield from visiting(browser, site, color_scheme=scheme)


@pytest.fixture
def reader(browser: Browser, site: str) -> Iterator[Visitor]:
    yield from visiting(browser, site)


def visiting(browser: Browser, site: str, **settings: Any) -> Iterator[Visitor]:
    with visit(Visitor, browser, site, **settings) as visitor:
        yield visitor
    assert visitor.faults == []


def test_axe_finds_no_serious_fault_on_any_page_in_any_state(visitor: Visitor, scheme: str) -> None:
    page = visitor.open().page
    expect(page.locator("#own-url")).to_be_visible()
    visitor.audit(f"{scheme} locus")
    for opener, name, shown in (
        ("#help-button", "help", "#help-dialog"),
        ("#values-button", "values", "#values-dialog"),
        ("#export", "menu", "#menu-of-export"),
    ):
        page.locator(opener).click()
        expect(page.locator(shown)).to_be_visible()
        visitor.audit(f"{scheme} {name}")
        page.keyboard.press("Escape")
        expect(page.locator(shown)).to_be_hidden()
    for entry in ("export-print", "export-files", "reproduce"):
        page.locator("#export").click()
        page.locator(f"#{entry}").click()
        page.locator("dialog[open]").wait_for()
        visitor.audit(f"{scheme} {entry}")
        page.keyboard.press("Escape")
    for keys, name, shown in (
        (["f"], "places", "#places"),
        (["r"], "regions", "#region-menu"),
        (["ArrowDown", "m"], "row menu", "#row-menu"),
        (["e"], "base menu", "#base-menu"),
    ):
        page.locator("#locus-canvas").focus()
        for key in keys:
            page.keyboard.press(key)
        expect(page.locator(shown)).to_be_visible()
        visitor.audit(f"{scheme} {name}")
        page.keyboard.press("Escape")
        expect(page.locator(shown)).to_be_hidden()
    page.locator("#locus-box").fill("chrI:1")
    expect(page.locator("#locus-suggestions")).to_be_visible()
    visitor.audit(f"{scheme} suggestions")
    page.keyboard.press("Escape")
    # One's own files: one that is taken, one that is refused, one that is about to be dropped.
    for name, shown in (("mine.bed", "#own-list li"), ("mine.json", ".notice.failed")):
        file = FilePayload(name=name, mimeType="text/plain", buffer=b"chrI\t2000\t2600\tmine\n")
        page.locator("#own-file").set_input_files(file)
        expect(page.locator(shown)).to_be_visible()
    visitor.audit(f"{scheme} own data")
    page.evaluate(DRAGGED)
    expect(page.locator("#drop-sheet")).to_be_visible()
    visitor.audit(f"{scheme} drop")
    page.evaluate("() => document.dispatchEvent(new DragEvent('dragleave'))")
    page.locator(".notice.failed button").click()
    visitor.hook("tour.start()")
    page.locator("#tour-next").wait_for()
    visitor.audit(f"{scheme} tour")
    page.keyboard.press("Escape")
    page.locator("#tracks-none").click()
    visitor.audit(f"{scheme} no tracks")
    visitor.open("?locus=chrNone:1-100")
    visitor.audit(f"{scheme} error")

    page.goto(f"{visitor.site}{MUTATED}")
    visitor.computed("#saliency-box[data-status=ready]")
    visitor.computed("#mutagenesis-graph .main-svg")
    visitor.audit(f"{scheme} mutagenesis")
    page.goto(f"{visitor.site}{MUTATED}&mutageneses=atac@chrI:4601-4700@4500")
    visitor.computed("#mutagenesis-graph .main-svg")
    expect(page.locator("#mutagenesis-tabs [role=tab]")).to_have_count(2)
    visitor.audit(f"{scheme} mutageneses")
    for opener, shown in (
        ("#mutagenesis-tracks", "#stack-picker"),
        ("#mutagenesis-strongest", "#strongest-menu"),
    ):
        page.locator(opener).click()
        expect(page.locator(shown)).to_be_visible()
        visitor.audit(f"{scheme} {shown[1:]}")
        page.keyboard.press("Escape")
        expect(page.locator(shown)).to_be_hidden()
    place = f"{visitor.site}api/v1/sequence?chrom=chrI&start=4499&end=4500"
    base = answer(place)["sequence"].upper()
    other = "C" if base != "C" else "G"
    page.goto(f"{visitor.site}{EXPLAINED.split('&saliency')[0]}&variant=chrI:4500:{base}:{other}")
    visitor.computed("#variant-graph .main-svg")
    visitor.audit(f"{scheme} variant")
    visitor.table()
    visitor.audit(f"{scheme} tracks")
    page.keyboard.press("?")
    expect(page.locator("#help-dialog")).to_be_visible()
    visitor.audit(f"{scheme} tracks help")
    page.goto(f"{visitor.site}variants")
    page.locator("body[data-variants=ready]").wait_for()
    visitor.audit(f"{scheme} variants")
    page.goto(f"{visitor.site}about")
    page.get_by_role("heading", name="Software").wait_for()
    visitor.audit(f"{scheme} about")


def test_the_theme_follows_the_system_until_one_is_chosen_and_kept(reader: Visitor) -> None:
    page = reader.open().page
    root = page.locator("html")
    page.emulate_media(color_scheme="dark")
    expect(root).to_have_attribute("data-theme", "dark")
    assert max(reader.pixel()[:3]) < 60
    page.locator("#theme-toggle").click()
    expect(root).to_have_attribute("data-theme", "light")
    reader.open()
    expect(root).to_have_attribute("data-theme", "light")
    assert min(reader.pixel()[:3]) > 250
    page.keyboard.press("l")
    expect(root).to_have_attribute("data-theme", "dark")
    # What the system has anyway is no choice: it is followed again.
    page.emulate_media(color_scheme="light")
    expect(root).to_have_attribute("data-theme", "light")


def test_pictures_and_paper_are_light_also_from_the_dark(reader: Visitor, tmp_path: Path) -> None:
    page = reader.page
    page.emulate_media(color_scheme="dark")
    reader.open(EXPLAINED)
    page.locator("#export").click()
    with page.expect_download() as download:
        page.locator("#export-svg").click()
    download.value.save_as(tmp_path / "view.svg")
    written = (tmp_path / "view.svg").read_text()
    assert "#10161d" not in written
    assert "#ffffff" in written
    reader.computed("#saliency-box[data-status=ready]")
    page.pdf(path=str(tmp_path / "page.pdf"), print_background=True)
    with pypdfium2.PdfDocument(tmp_path / "page.pdf") as paper:
        assert len(paper) == 1
        printed = paper[0].render(scale=1).to_numpy()
        words = paper[0].get_textpage().get_text_range()
    assert (printed[:12, :12] > 250).all()
    assert printed.mean() > 200
    assert "chrI:1,001-9,000" in words
    assert "Export" not in words
    # The screen is dark again.
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert max(reader.pixel()[:3]) < 60


def test_a_figure_is_saved_light_and_sent_nowhere(reader: Visitor, tmp_path: Path) -> None:
    page = reader.page
    page.emulate_media(color_scheme="dark")
    page.goto(f"{reader.site}{MUTATED}")
    reader.computed("#mutagenesis-graph .main-svg")
    figure = page.locator("#mutagenesis-graph .js-plotly-plot")
    figure.hover()
    buttons = figure.locator(".modebar-btn")
    named = buttons.evaluate_all("(all) => all.map((button) => button.dataset.title)")
    assert named == ["Download plot", "Zoom", "Pan", "Zoom in", "Zoom out", "Reset axes"]
    with page.expect_download() as download:
        buttons.first.click()
    download.value.save_as(tmp_path / "figure.svg")
    drawn = (tmp_path / "figure.svg").read_text()
    assert "rgb(16, 22, 29)" not in drawn
    assert "rgb(29, 39, 51)" in drawn


def test_the_tour_is_offered_once_can_be_left_and_leaves_the_page_as_it_was(
    browser: Browser, site: str
) -> None:
    person = "Object.defineProperty(navigator, 'webdriver', { get: () => false })"
    for visitor in visiting(browser, site):
        visitor.page.add_init_script(person)
        page = visitor.open().page
        expect(page.locator("#tour")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#tour")).to_be_hidden()
        visitor.open()
        assert page.locator("#tour").is_hidden()

        before = visitor.hook("state()")
        page.keyboard.press("?")
        page.locator("#help-tour").click()
        page.locator("#tour-next").wait_for()
        stops = 0
        while page.locator("#tour").is_visible():
            expect(page.locator("#tour :focus")).to_have_count(1)
            if "Which bases" in page.locator("#tour-title").inner_text():
                visitor.computed("#mutagenesis-graph .main-svg")
            page.keyboard.press("Enter")
            stops += 1
        assert stops == 8
        visitor.drawn()
        assert visitor.hook("state()") == before


def test_two_fingers_zoom_where_they_are(browser: Browser, site: str) -> None:
    for visitor in visiting(browser, site, has_touch=True):
        page = visitor.open().page
        before = visitor.window
        row = next(row for row in visitor.rows if row.endswith("/prediction"))
        middle = (before["start"] + before["end"]) / 2
        x, y = visitor.point(row, middle)
        touch = page.context.new_cdp_session(page)

        for step, spread in enumerate((40, 60, 80, 120, 160)):
            points = [{"x": x - spread, "y": y, "id": 0}, {"x": x + spread, "y": y, "id": 1}]
            kind = "touchMove" if step else "touchStart"
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        visitor.drawn()
        after = visitor.window
        assert (after["end"] - after["start"]) < 0.4 * (before["end"] - before["start"])
        assert abs(visitor.hook("baseX(given)", middle) - x) < 8


def test_every_control_of_the_head_is_reached_by_tab_and_shows_it(reader: Visitor) -> None:
    page = reader.open().page
    controls = page.evaluate(
        "() => [...document.querySelectorAll('.top button, .top input, .top a')]"
        ".filter((c) => c.checkVisibility() && c.tabIndex >= 0 && !c.disabled"
        " && (c.type !== 'radio' || c.checked)).map((c) => c.id || c.value || c.textContent)"
    )
    seen = []
    page.locator("#tracks-toggle").focus()
    for _ in range(len(controls) + 8):
        seen.append(page.evaluate(FOCUSED))
        page.keyboard.press("Tab")
    assert [c for c in controls if c not in seen] == []
    page.keyboard.press("/")
    outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_a_menu_is_opened_walked_and_left_with_keys(reader: Visitor) -> None:
    page = reader.open().page
    window = reader.window
    page.locator("#export").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#export-svg")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#reproduce")).to_be_focused()
    page.keyboard.press("v")
    expect(page.locator("#export-tsv")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#export")).to_be_focused()
    expect(page.locator("#menu-of-export")).to_be_hidden()
    assert reader.window == window


def test_each_row_has_a_table_of_its_values(reader: Visitor) -> None:
    page = reader.open().page
    rows = page.locator("#locus-rows button")
    assert rows.count() == sum("/" in row for row in reader.rows)
    rows.first.evaluate("(button) => button.click()")
    table = page.locator("#values-table")
    expect(table.locator("th")).to_have_count(3)
    expect(table.locator("caption")).to_contain_text("1-based")


def test_with_less_motion_nothing_moves_by_itself(browser: Browser, site: str) -> None:
    for visitor in visiting(browser, site, reduced_motion="reduce"):
        page = visitor.open().page
        moving = page.evaluate(
            "() => [...document.querySelectorAll('*')].filter((part) => {"
            " const { transitionDuration, animationDuration } = getComputedStyle(part);"
            " return [transitionDuration, animationDuration].join().split(',')"
            ".some((time) => parseFloat(time) > 0.01); }).map((part) => part.className)"
        )
        assert moving == []


@pytest.mark.parametrize("width", [900, 2560])
def test_nothing_is_cut_off_from_900_pixels_to_large_screens(reader: Visitor, width: int) -> None:
    page = reader.page
    page.set_viewport_size({"width": width, "height": 1000})
    reader.open()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        "(width) => [...document.querySelectorAll('.top *')]"
        ".filter((c) => c.checkVisibility() && c.getBoundingClientRect().right > width).length",
        width,
    )
    assert outside == 0
    name = re.compile("Genome view of")
    assert page.get_by_role("application", name=name).bounding_box()["height"] > 300  # type: ignore[index]
    reader.picture(f"everyone_{width}")


def test_nothing_to_show_and_a_server_that_fails_are_said_with_a_way_on(reader: Visitor) -> None:
    page = reader.open().page
    page.locator("#tracks-none").click()
    card = page.locator(".state-card")
    expect(card.get_by_role("heading")).to_have_text("No tracks chosen")
    page.locator("#empty-default").click()
    expect(card).to_be_hidden()
    assert any("/" in row for row in reader.rows)

    # Said once, however often it is clicked.
    reader.drawn()
    row = next(row for row in reader.rows if row.endswith("/experiment"))
    window = reader.window
    for _ in range(2):
        reader.click(row, (window["start"] + window["end"]) / 2)
    expect(page.locator(".notice")).to_have_count(1)
    expect(page.locator(".notice")).to_contain_text("click the prediction")
    reader.picture("everyone_refused")

    gone = {"status": 500, "json": {"error": "the genome is gone"}}
    page.route("**/api/v1/project*", lambda route: route.fulfill(**gone))
    page.goto(reader.site)
    expect(card).to_contain_text("the genome is gone")
    page.unroute("**/api/v1/project*")
    page.locator("#load-again").click()
    reader.drawn()
    # The browser itself logs an answer of status 500, and the page what it could not do.
    reader.problems.clear()
