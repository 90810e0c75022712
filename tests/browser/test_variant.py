"""Asking about variants in a real Chromium: a card, a haplotype, indels, stacked mutagenesis.

On the tiny project, or on the prepared one that SIGHTHOUND_BROWSER_PROJECT names.
"""

from __future__ import annotations

import os
import re
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, expect

from sighthound.app.figures.theme import BASE_COLOURS
from tests.browser.conftest import LONG_BP
from tests.browser.locus import COMPUTED_MS, Locus, until, visit
from tests.browser.site import CHROMIUM, READY_S, answer

CHROM, BASE = "chrI", 6_960
# Where a cell of the first heat map is on the screen.
PLACE = """([position, base]) => {
    const figure = document.querySelector("#mutagenesis-figure .js-plotly-plot");
    figure.scrollIntoView({ block: "start" });
    const { xaxis, yaxis4 } = figure._fullLayout;
    const { left, top } = figure.getBoundingClientRect();
    const y = top + yaxis4._offset + yaxis4.l2p("TGCA".indexOf(base));
    return [left + xaxis._offset + xaxis.l2p(position), y];
}"""
SVG = "{http://www.w3.org/2000/svg}"
# Outlines of the letters of each base in Plotly's figure.
LETTERS = """() => {
    const counts = {};
    const { shapes } = document.querySelector("#mutagenesis-figure .js-plotly-plot").layout;
    for (const { name, path } of shapes.filter(({ type }) => type === "path"))
        counts[name] = (counts[name] ?? 0) + path.split("M").length - 1;
    return counts;
}"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: tests/install_tools.sh")


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest, addresses: Callable[[Path], str]) -> str:
    given = os.environ.get("SIGHTHOUND_BROWSER_PROJECT")
    return addresses(Path(given)) if given else request.getfixturevalue("tiny_site")


class Asking(Locus):
    """A page on which variants are made."""

    def sequence(self, start: int, end: int) -> str:
        where = f"chrom={CHROM}&start={start}&end={end}"
        return answer(f"{self.site}api/v1/sequence?{where}")["sequence"]

    def zoomed(self, query: str = "") -> Asking:
        """At bases that can be read and clicked."""
        self.open(f"?locus={CHROM}:{BASE - 39}-{BASE + 40}{query}")
        return self

    def base_menu(self, base: int) -> Any:
        self.click("bases", base)
        menu = self.page.locator("#base-menu")
        expect(menu.locator(".base-choices")).to_be_visible()
        return menu

    @property
    def compared(self) -> str:
        """The first track whose alleles are drawn."""
        return next(row for row in self.rows if row.endswith("/difference")).split("/")[0]

    def saved(self, item: str) -> bytes:
        """What an item of the export menu gives."""
        self.page.locator("#export").click()
        with self.page.expect_download() as download:
            self.page.locator(f"#{item}").click()
        return Path(download.value.path()).read_bytes()


@pytest.fixture
def asking(browser: Browser, site: str) -> Iterator[Asking]:
    with visit(Asking, browser, site, viewport={"width": 1400, "height": 900}) as visitor:
        yield visitor


def test_from_a_base_to_a_variant_to_a_haplotype_and_back(asking: Asking) -> None:
    page = asking.zoomed().page
    assert not any(row.endswith("/difference") for row in asking.rows)
    reference = asking.sequence(BASE - 1, BASE)
    menu = asking.base_menu(BASE - 1)
    expect(menu.locator("h2")).to_contain_text(f"{CHROM}:{BASE:,} {reference}")
    menu.locator(".base-choices button").first.click()
    asking.card()
    alternative = next(base for base in "ACGT" if base != reference)
    substitution = f"{CHROM}:{BASE}:{reference}:{alternative}"
    assert asking.variants == [substitution]
    assert {"variants", "bases"} <= set(asking.rows)
    track = asking.compared
    assert asking.drawn_change(track) == pytest.approx(asking.said_change(track), rel=0.01)
    expect(page.locator("#variant-title")).to_contain_text(f"{reference}>{alternative}")
    expect(page.locator("#variant-consequences")).to_contain_text("Genes")

    # A deletion of two bases beside it: both on one sequence.
    menu = asking.base_menu(BASE + 9)
    expect(menu.locator("#base-joins")).to_be_checked()
    menu.locator("#base-deleted").fill("2")
    menu.locator("#base-delete").click()
    asking.card()
    deleted = asking.sequence(BASE + 8, BASE + 11)
    deletion = f"{CHROM}:{BASE + 9}:{deleted}:{deleted[0]}"
    assert asking.variants == [substitution, deletion]
    expect(page.locator("#variant-list li")).to_have_count(2)
    assert asking.drawn_change(track) == pytest.approx(asking.said_change(track), rel=0.01)
    asking.picture("haplotype")
    page.locator("#variant-vcf").click()
    expect(page.locator("#variant-copied")).to_have_text("VCF copied")

    page.locator("#variant-list li").first.get_by_label("Take").click()
    assert asking.variants == [deletion]
    page.locator("#variant-undo").click()
    assert asking.variants == [substitution, deletion]
    page.go_back()
    expect(page).to_have_url(re.compile(f"variant={re.escape(deletion)}(&|$)"))
    page.keyboard.press("Escape")
    expect(page.locator("#variant-panel")).to_be_hidden()
    assert not any(row.endswith("/difference") for row in asking.rows)


def test_an_insertion_is_typed_with_the_keyboard_alone(asking: Asking) -> None:
    page = asking.zoomed().page
    page.locator("#locus-canvas").focus()
    page.keyboard.press("e")
    expect(page.locator("#base-menu .base-choices button").first).to_be_focused()
    page.locator("#base-inserted").fill("TGACTCA")
    page.keyboard.press("Enter")
    asking.card()
    (variant,) = asking.variants
    assert variant.endswith("TGACTCA")
    page.locator("#variant-table").click()
    rows = page.locator("#values-table tbody tr")
    tracks = [track for track in asking.project()["tracks"] if track["modelled"]]
    expect(rows).to_have_count(len(tracks))


def test_tracks_of_a_mutagenesis_stand_above_one_another_and_offer_variants(asking: Asking) -> None:
    tracks = [track["id"] for track in asking.project()["tracks"] if track["modelled"]][:2]
    region = f"{CHROM}:{BASE - 29}-{BASE + 30}@{BASE}"
    page = asking.zoomed(f"&mutagenesis={tracks[0]}@{region}").page
    ready = page.locator("body[data-mutagenesis-ready=yes]")
    expect(ready).to_have_count(1, timeout=COMPUTED_MS)
    heat_maps = page.locator("#mutagenesis-graph .heatmaplayer image")
    expect(heat_maps).to_have_count(1, timeout=COMPUTED_MS)
    page.locator("#mutagenesis-tracks").click()
    page.locator(f"#stack-list input[value='{tracks[1]}']").check()
    page.locator("#stack-take").click()
    expect(heat_maps).to_have_count(2, timeout=COMPUTED_MS)
    expect(page).to_have_url(re.compile(f"mutagenesis={','.join(map(re.escape, tracks))}@"))
    page.locator("[data-scale=log2]").click()
    expect(page.locator("#mutagenesis-graph .infolayer")).to_contain_text(
        "log2 ratio", timeout=COMPUTED_MS
    )
    asking.picture("stacked")

    # Linked, a zoom of the view is one of the panel.
    page.locator("#mutagenesis-link").click()
    page.locator("#zoom-in").click()
    window = asking.window
    page.wait_for_function(
        "([start, end]) => { const figure = '#mutagenesis-figure .js-plotly-plot';"
        "const { range } = document.querySelector(figure).layout.xaxis;"
        "return range[0] === start && range[1] === end; }",
        arg=[window["start"] + 0.5, window["end"] + 0.5],
    )
    page.locator("#mutagenesis-link").click()

    base = (window["start"] + window["end"]) // 2
    (alternative, *_) = (b for b in "ACGT" if b != asking.sequence(base, base + 1))
    x, y = page.evaluate(PLACE, [base + 1, alternative])
    page.mouse.move(x - 2, y)
    page.mouse.move(x, y)
    asking.picture("hover")
    page.mouse.click(x, y)
    chosen = page.locator("#base-menu .primary")
    expect(chosen).to_have_attribute("data-alternative", alternative)
    page.keyboard.press("Escape")
    page.locator("#mutagenesis-strongest").click()
    page.locator("#strongest-menu button").first.click()
    page.locator("#base-menu .primary").click()
    asking.card()
    assert len(asking.variants) == 1
    expect(page.locator("#mutagenesis-panel")).to_be_visible()
    asking.picture("stacked_variant")
    assert_pictures_hold_the_panels(asking, tracks)


def test_a_second_mutagenesis_leaves_the_first_a_tab_away_and_each_can_be_closed(
    asking: Asking,
) -> None:
    track = next(track["id"] for track in asking.project()["tracks"] if track["modelled"])
    first = f"{CHROM}:{BASE - 29}-{BASE + 30}"
    asked = f"&tracks={track}&saliency={track}@{CHROM}:{BASE}&mutagenesis={track}@{first}@{BASE}"
    page = asking.zoomed(asked).page
    asking.explained()
    asking.mutated()
    panel, tabs = page.locator("#mutagenesis-panel"), page.locator("#mutagenesis-tabs [role=tab]")
    shown = page.locator("#mutagenesis-tabs [aria-selected=true]")
    title = page.locator("#mutagenesis-title")
    expect(tabs).to_have_count(0)

    asking.drawn()
    asking.click(f"{track}/saliency", BASE)
    expect(tabs).to_have_count(2)
    expect(page.locator("body[data-mutagenesis-ready=yes]")).to_have_count(1)
    given = asking.hook("state().mutagenesis")
    second = f"{CHROM}:{given['start'] + 1:,}-{given['end']:,}"
    expect(shown).to_contain_text(second)
    expect(title).to_contain_text(second)
    assert page.url.count("@") == 7  # a saliency, what is shown, and both that are kept
    asking.picture("two_mutageneses")

    # Another tab is there at once: the page has its answer.
    computed: list[str] = []
    page.on("request", lambda request: computed.append(request.url))
    shown.focus()
    page.keyboard.press("ArrowRight")
    expect(shown).to_be_focused()
    expect(shown).to_contain_text(f"{CHROM}:{BASE - 29:,}-{BASE + 30:,}")
    page.wait_for_function(
        "(edge) => document.querySelector('#mutagenesis-figure .js-plotly-plot')"
        ".layout.xaxis.range[0] === edge",
        arg=BASE - 29.5,
    )
    assert not [url for url in computed if "/api/v1/mutagenesis" in url]
    svg = asking.saved("export-svg").decode()
    assert f"{CHROM}:{BASE - 29:,}-{BASE + 30:,}, " in svg
    assert second not in svg

    shown.focus()
    page.keyboard.press("Delete")
    expect(tabs).to_have_count(0)
    expect(title).to_contain_text(second)
    assert "mutageneses=" not in page.url
    page.go_back()
    expect(tabs).to_have_count(2)
    expect(shown).to_contain_text(f"{CHROM}:{BASE - 29:,}-{BASE + 30:,}")
    tabs.first.locator(".mutagenesis-tab-close").click()
    expect(tabs).to_have_count(0)
    expect(title).to_contain_text(f"{CHROM}:{BASE - 29:,}-{BASE + 30:,}")
    page.locator("#mutagenesis-close").click()
    expect(panel).to_be_hidden()


def assert_pictures_hold_the_panels(asking: Asking, tracks: list[str]) -> None:
    """The figures of both panels are in the SVG, cell by cell, and their words in the PDF."""
    given = asking.hook("state().mutagenesis")
    length = given["end"] - given["start"]
    svg = ElementTree.fromstring(asking.saved("export-svg"))
    heat_maps = [
        group for group in svg.iter(f"{SVG}g") if group.findtext(f"{SVG}title") == "heat map"
    ]
    # The bases that are there already are no change: dots on the ground.
    assert [len(list(group.iter(f"{SVG}rect"))) for group in heat_maps] == [3 * length] * 2
    dots = [mark for mark in svg.iter(f"{SVG}rect") if mark.get("fill") == "#66727f"]
    assert len(dots) == 2 * length
    letters = asking.page.evaluate(LETTERS)
    outlines = dict.fromkeys(letters, 0)
    for path in svg.iter(f"{SVG}path"):
        steps = path.get("d", "")
        # The colours of C and T are also those of gains and losses, whose bars have four corners.
        if path.get("fill-rule") == "evenodd" and len(re.findall("[LC]", steps)) > 3:
            base = next((b for b in letters if BASE_COLOURS[b] == path.get("fill")), None)
            if base:
                outlines[base] += steps.count("M")
    assert outlines == letters
    assert {"A", "C", "G", "T"} <= {base for base, count in letters.items() if count}
    text = pypdfium2.PdfDocument(asking.saved("export-pdf"))[0].get_textpage().get_text_range()
    names = [track["name"] for track in asking.project()["tracks"] if track["id"] in tracks]
    motifs = asking.page.locator("#mutagenesis-graph .annotation-text a").all_text_contents()
    genes = asking.page.locator("#variant-genes td:first-child button").all_inner_texts()
    for said in (*names, *motifs, *genes, "log2 ratio", "changed to", "Genes"):
        assert said in text, said


def leave(page: Page) -> None:
    page.goto("about:blank")


@pytest.mark.skipif(
    "SIGHTHOUND_BROWSER_PROJECT" in os.environ, reason="needs a project with a high limit"
)
def test_leaving_the_page_ends_what_the_worker_computes_for_it(asking: Asking, site: str) -> None:
    page = asking.page
    asking.open()
    long = f"{CHROM}:1-{LONG_BP}@{LONG_BP // 2}"
    page.goto(f"{site}?mutagenesis=atac@{long}")
    expect(page.locator("#mutagenesis-status")).to_contain_text("mutating", timeout=COMPUTED_MS)
    until(lambda: asking.worker()["jobs"], "the mutagenesis runs")
    leave(page)
    until(lambda: not asking.worker()["waiting"], "nobody waits for it")
    until(lambda: not asking.worker()["jobs"], "its job ended")

    # Behind a long job of somebody else: saliency, variant and its rows wait, and are given up.
    asking.open()
    # Where nobody has asked before.
    place = BASE + 777
    base = asking.sequence(place - 1, place)
    alternative = "A" if base != "A" else "C"
    asked = f"?saliency=atac@{CHROM}:{place}&variant={CHROM}:{place}:{base}:{alternative}"
    url = f"{site}api/v1/mutagenesis?track=atac&chrom={CHROM}&start=0&end={LONG_BP}&target=9000"
    assert answer(url)["state"] in ("queued", "running")
    until(lambda: asking.worker()["jobs"], "the other's mutagenesis runs")
    page.evaluate(
        "(asked) => { history.pushState(null, '', asked);"
        "dispatchEvent(new PopStateEvent('popstate')); }",
        asked,
    )
    # The other's, saliency, alleles and scores; motifs are named beside the queue.
    until(lambda: asking.worker()["waiting"] >= 4, "its questions wait")
    leave(page)
    until(
        lambda: asking.worker()["waiting"] == 1,
        "only the other's is waited for",
    )
    request = urllib.request.Request(url, method="DELETE")
    with urllib.request.urlopen(request, timeout=READY_S):
        pass
    until(lambda: not asking.worker()["jobs"], "that one ended too")


START = 2_200  # on chrI, behind the start of ALPHA1


@pytest.fixture
def many(browser: Browser, tiny_site: str) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1300, "height": 900})
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    opened.goto(f"{tiny_site}variants")
    opened.locator("body[data-variants=ready]").wait_for()
    yield opened
    opened.close()
    assert wrong == []


def test_a_list_is_scored_filtered_and_opened_at_its_place(many: Page, tiny_site: str) -> None:
    found = answer(f"{tiny_site}api/v1/sequence?chrom=chrI&start={START}&end={START + 6}")
    sequence = found["sequence"].upper()
    lines = [
        f"chrI:{START + n + 1} {base}>{alt}"
        for n, base in enumerate(sequence)
        for alt in "ACGT"
        if alt != base
    ]
    many.locator("#variants-text").fill("\n".join([*lines, "nonsense"]))
    many.locator("#variants-read").click()
    run = many.locator("#run-list .run")
    expect(run).to_contain_text("18 alleles read")
    expect(run).to_contain_text("line 19: 'nonsense' is no variant")
    # What the keyboard comes to next is what begins.
    many.keyboard.press("Enter")
    expect(many.locator("#scored-count")).to_have_text("18 of 18 alleles, at 6 sites")
    expect(many.locator("#genome-figure .point")).to_have_count(18)
    rows = many.locator(".scored-table tbody")
    expect(rows).to_have_count(6)
    expect(rows.first.locator("tr")).to_have_count(3)
    expect(rows.first).to_contain_text("ALPHA1")
    many.locator("#ask-score").select_option("sad")
    expect(many.locator("#ask-track")).to_have_value("atac")
    many.get_by_role("button", name="Lowers").click()
    expect(many.locator("#scored-count")).not_to_have_text("18 of 18 alleles, at 6 sites")
    expect(many.locator(".scored-table tr:not(.beside) b.raises")).to_have_count(0)
    # The address holds what is asked for.
    count = many.locator("#scored-count").inner_text()
    many.reload()
    expect(many.locator("#scored-count")).to_have_text(count)
    expect(many.get_by_role("button", name="Lowers")).to_have_attribute("aria-pressed", "true")
    with many.expect_download() as file:
        many.locator("#scored-tsv").click()
    assert file.value.suggested_filename == "variants.tsv"
    many.locator(".scored-table tbody a").first.click()
    expect(many.locator("#variant-title")).to_contain_text("Variant chrI:2,20")
    many.go_back()
    expect(many.locator("#scored-count")).to_have_text(count)
    many.locator("#run-list").get_by_role("button", name="Remove").click()
    expect(many.locator("#run-list")).to_contain_text("None yet")
    expect(many.locator(".scored-table")).to_have_count(0)
