"""Keeping, sharing and adding in a real Chromium: addresses, sessions, pictures, own files."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import Browser, Download, expect

from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.tracks.track import Track, read_tracks, write_tracks
from tests.browser.locus import Locus
from tests.browser.site import CHROMIUM, served
from tests.browser.svg import assert_steps_are_the_files
from tests.tiny import BIN, LENGTHS, make_project

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: tests/install_tools.sh")

MANY = 90


@pytest.fixture
def wide_lab(tmp_path: Path) -> Path:
    """A project with 90 more tracks, which make an address long; without a model it starts fast."""
    folder = make_project(tmp_path / "lab", model=False)
    tracks = read_tracks(folder / "tracks.tsv")
    more = [Track(f"a_track_of_a_long_name_{n}", f"Track {n}", "ATAC") for n in range(MANY)]
    write_tracks(folder / "tracks.tsv", [*tracks, *more])
    return folder


@pytest.fixture(scope="module")
def site(tiny_site: str) -> str:
    return tiny_site


class Visitor(Locus):
    """A browser of one person, with cookies of its own."""

    def __init__(self, browser: Browser, site: str, width: int = 1400) -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 880}, accept_downloads=True
        )
        super().__init__(self.context.new_page(), site)

    def _hear(self, message: Any) -> None:
        # Chromium reports every answer of 400 and 404; those of these tests are asked for.
        if "Failed to load resource" not in message.text:
            super()._hear(message)

    def open(self, query: str = "") -> Visitor:
        super().open(query)
        return self

    def print_picture(self, width: str, form: str) -> bytes:
        self.choose("export-print")
        self.page.locator(f"#picture-dialog input[value='{width}']").check()
        self.page.locator(f"#picture-dialog input[value={form}]").check()
        with self.page.expect_download() as download:
            self.page.locator("#picture-save").click()
        return bytes_of(download.value)

    def share(self) -> str:
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page.locator("#share").click()
        return self.copied()


def bytes_of(download: Download) -> bytes:
    return Path(download.path()).read_bytes()


@pytest.fixture
def visitor(browser: Browser, site: str) -> Iterator[Visitor]:
    visitor = Visitor(browser, site)
    yield visitor
    visitor.context.close()
    assert visitor.problems == []


@pytest.fixture
def colleague(browser: Browser, site: str) -> Iterator[Visitor]:
    visitor = Visitor(browser, site)
    yield visitor
    visitor.context.close()
    assert visitor.problems == []


# Share -------------------------------------------------------------------------------------------


def test_a_long_view_gets_a_short_address_that_survives_a_restart_of_the_server(
    browser: Browser, wide_lab: Path
) -> None:
    ids = [f"a_track_of_a_long_name_{n}" for n in range(MANY)]
    with served(wide_lab) as site:
        visitor = Visitor(browser, site)
        visitor.open(f"#locus=chrI:5001-15000&tracks=atac,{','.join(ids)}")
        address = visitor.share()
        name = address.removeprefix(site)
        assert re.fullmatch(r"\?s=[a-z2-7]{10}", name)
        assert visitor.page.url == address
        shown = visitor.hook("state()")
        assert len(shown["tracks"]) == MANY + 1
        # A change is shown by the browser itself, and Back returns to the short address's view.
        visitor.page.locator("#zoom-in").click()
        assert "#locus=" in visitor.page.url
        visitor.page.go_back()
        expect(visitor.page).to_have_url(address)
        visitor.drawn()
        assert visitor.hook("state()") == shown
        visitor.context.close()
    with served(wide_lab) as site:
        later = Visitor(browser, site).open(name)
        assert later.hook("state()") == shown
        later.context.close()
        assert visitor.problems == later.problems == []


def test_an_unknown_short_address_opens_the_default_view_and_says_so(visitor: Visitor) -> None:
    visitor.open("?s=abcdefghij")
    expect(visitor.page.locator(".notice.failed")).to_contain_text("no view is kept here")
    assert visitor.hook("state().locus") == "chrI:1,001-9,000"


# Sessions ----------------------------------------------------------------------------------------


def test_a_session_is_saved_as_a_file_and_opened_from_it(
    visitor: Visitor, colleague: Visitor, tmp_path: Path
) -> None:
    visitor.open("?locus=chrII:5001-15000&tracks=cage.minus&mode=residual")
    saved = visitor.download("session-save")
    session = json.loads(saved)
    assert session["project"]["genome"] == "tiny"
    (tmp_path / "a.json").write_bytes(saved)
    colleague.open()
    colleague.page.locator("#session-file").set_input_files(tmp_path / "a.json")
    expect(colleague.page.locator(".notice")).to_contain_text("a.json is open")
    colleague.drawn()
    assert colleague.hook("state()") == visitor.hook("state()")
    session["project"] |= {"genome": "hg38", "fingerprint": "0" * 16}
    (tmp_path / "b.json").write_text(json.dumps(session))
    colleague.page.go_back()
    before = colleague.hook("state()")
    colleague.page.locator("#session-file").set_input_files(tmp_path / "b.json")
    expect(colleague.page.locator(".notice.failed")).to_contain_text("another genome, hg38")
    assert colleague.hook("state()") == before


# Pictures ----------------------------------------------------------------------------------------


def test_the_bars_of_an_exported_svg_are_the_data(visitor: Visitor, tiny_project: Path) -> None:
    visitor.open("?locus=chrI:1-6400&tracks=atac,cage.plus")
    svg = visitor.download("export-svg")
    for track in (("atac", "ATAC"), ("cage.plus", "CAGE plus")):
        assert_steps_are_the_files(svg, tiny_project, track, Interval("chrI", 0, 6400))


def rendered(pdf: bytes, width: int) -> np.ndarray:
    page = pypdfium2.PdfDocument(pdf)[0]
    return np.asarray(page.render(scale=width / page.get_width()).to_pil().convert("RGB"), int)


def test_a_pdf_equals_the_png_and_its_text_is_text(visitor: Visitor) -> None:
    visitor.open("?locus=chrI:1001-9000&tracks=atac,cage.plus")
    png = Image.open(io.BytesIO(visitor.download("export-png"))).convert("RGB")
    pdf = visitor.download("export-pdf")
    drawn, printed = np.asarray(png, int), rendered(pdf, png.width)
    assert abs(drawn.shape[0] - printed.shape[0]) <= 1
    height = min(drawn.shape[0], printed.shape[0])
    apart = np.abs(drawn[:height] - printed[:height]).max(axis=2)
    # Letters and edges are smoothed differently; areas are the same.
    assert (apart > 100).mean() < 0.01
    layout = visitor.hook("rows()")
    assert any(row["key"] == "atac/experiment" for row in layout)
    plot = apart[300:, 420:-260]
    assert (plot > 40).mean() < 0.01
    words = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    for said in ("ATAC", "CAGE plus", "experiment", "prediction", "chrI:1,001-9,000"):
        assert said in words


def test_a_picture_for_print_is_as_wide_as_the_column(visitor: Visitor) -> None:
    visitor.open("?locus=chrI:1001-9000&tracks=atac")
    png = Image.open(io.BytesIO(visitor.print_picture("180", "png")))
    assert png.width == round(180 / 25.4 * 300)
    assert png.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    pdf = pypdfium2.PdfDocument(visitor.print_picture("85", "pdf"))[0]
    assert pdf.get_width() / 72 * 25.4 == pytest.approx(85, abs=0.1)
    svg = ElementTree.fromstring(visitor.print_picture("180", "svg"))
    assert svg.get("width") == "180mm"
    # The view itself has not moved.
    assert visitor.hook("rows()")


def test_what_a_picture_was_made_of_is_shown_and_saved(
    visitor: Visitor, tiny_project: Path
) -> None:
    page = visitor.open("?locus=chrI:1001-9000&tracks=atac").page
    visitor.choose("reproduce")
    dialog = page.locator("#reproduce-dialog")
    expect(dialog).to_contain_text("experiments/atac.bw")
    save = page.locator("#reproduce-save")
    expect(save).to_be_enabled()
    expect(dialog.locator("td.hash").first).to_have_text(re.compile("^[0-9a-f]{64}$"))
    visitor.picture("reproduce")
    with page.expect_download() as download:
        save.click()
    script = bytes_of(download.value).decode()
    assert f"fingerprint {Genome(tiny_project / 'genome.fa').fingerprint}" in script
    assert "sha256sum --check" in script


# One's own data ----------------------------------------------------------------------------------


@pytest.fixture
def own(tiny_project: Path, tmp_path: Path) -> dict[str, Path]:
    """A BigWig that is 3 everywhere, features and variants in the window, and a broken file."""
    genome = Genome(tiny_project / "genome.fa")
    values = [(c, np.full(-(-n // BIN), 3, np.float32)) for c, n in LENGTHS.items()]
    write_bigwig(tmp_path / "three.bw", LENGTHS, values, BIN)
    (tmp_path / "peaks.bed").write_text("chrI\t2000\t2600\tmy peak\nI\t5000\t5200\tother\n")
    ref = genome.sequence(Interval("chrI", 3000, 3001))
    alt = "A" if ref != "A" else "C"
    head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    (tmp_path / "calls.vcf").write_text(f"{head}chrI\t3001\trs1\t{ref}\t{alt}\t.\t.\t.\n")
    (tmp_path / "broken.bed").write_text("no bed at all\n")
    return {path.name: path for path in tmp_path.iterdir()}


def test_ones_own_files_are_drawn_described_kept_and_removed(
    visitor: Visitor, colleague: Visitor, own: dict[str, Path]
) -> None:
    page = visitor.open("?tracks=atac").page
    names = ("three.bw", "peaks.bed", "calls.vcf")
    page.locator("#own-file").set_input_files([own[name] for name in names])
    for name in names:
        expect(page.locator("#own-list li", has_text=name).locator("input")).to_be_checked()
    visitor.drawn()
    visitor.picture("own-data")
    rows = {row["name"]: row["key"] for row in visitor.hook("rows()")}
    (series,) = visitor.hook("series(given)", rows["experiment of three.bw"])
    assert set(series["values"]) == {3}
    svg = ElementTree.fromstring(visitor.download("export-svg"))
    written = "".join(svg.itertext())
    assert "my peak" in written
    assert "rs1" in written

    # The note says what lies under the pointer.
    x, y = (
        visitor.hook("baseX(given)", 2300),
        visitor.hook("rowY(given)", rows["features of peaks.bed"]),
    )
    page.mouse.move(x, y - 18)
    expect(page.locator("#locus-note")).to_contain_text("my peak")
    expect(page.locator("#locus-note")).to_contain_text("chrI:2,001-2,600")

    # A row can be read as a table.
    page.locator("#locus-rows li", has_text="peaks.bed").get_by_role("button").dispatch_event(
        "click"
    )
    expect(page.locator("#values-table")).to_contain_text("my peak")
    page.keyboard.press("Escape")

    # A variant of one's own is asked about with a click.
    page.mouse.click(
        visitor.hook("baseX(given)", 3000),
        visitor.hook("rowY(given)", rows["variants of calls.vcf"]) - 19,
    )
    expect(page).to_have_url(re.compile("variant=chrI:3001:"))
    page.go_back()
    visitor.drawn()

    # They are there after a reload, and in no other browser, whatever address it is given.
    page.reload()
    visitor.drawn()
    assert set(rows.values()) <= set(visitor.rows)
    colleague.open(page.url.removeprefix(visitor.site))
    assert [row for row in colleague.rows if "own-" in row] == []
    expect(colleague.page.locator(".notice")).to_contain_text("3 rows")

    page.locator("#own-list li", has_text="peaks.bed").get_by_role("button").click()
    expect(page.locator("#own-list li", has_text="peaks.bed")).to_have_count(0)
    visitor.drawn()
    assert rows["features of peaks.bed"] not in visitor.rows


def test_a_file_that_cannot_be_read_is_refused_in_one_line(
    visitor: Visitor, own: dict[str, Path]
) -> None:
    page = visitor.open("?tracks=atac").page
    rows = visitor.rows
    page.locator("#own-file").set_input_files(own["broken.bed"])
    expect(page.locator(".notice.failed")).to_contain_text(
        "broken.bed, line 1: 'no bed at all' is not BED"
    )
    assert visitor.rows == rows


def test_a_file_is_fetched_from_an_allowed_address_and_from_no_other(
    visitor: Visitor, elsewhere: str
) -> None:
    page = visitor.open("?tracks=atac").page
    for address in (f"{elsewhere}private.bed", f"{elsewhere}data/shared.bed"):
        page.locator("#own-url").fill(address)
        page.locator("#own-url").press("Enter")
        if "private" in address:
            expect(page.locator(".notice.failed")).to_contain_text("may fetch; allowed are those")
    expect(page.locator("#own-list li", has_text="shared.bed").locator("input")).to_be_checked()
    expect(page.locator("#own-list li")).to_have_count(1)


def test_files_can_be_dropped_on_the_page(visitor: Visitor, own: dict[str, Path]) -> None:
    page = visitor.open("?tracks=atac").page
    drop = """(text) => {
        const carried = new DataTransfer();
        carried.items.add(new File([text], "dropped.bed"));
        for (const type of ["dragenter", "dragover", "drop"]) {
            const options = { dataTransfer: carried, bubbles: true, cancelable: true };
            document.getElementById("locus-canvas").dispatchEvent(new DragEvent(type, options));
            const sheet = document.getElementById("drop-sheet");
            if (type !== "drop" && sheet.hidden) throw new Error("no sheet");
        }
    }"""
    page.evaluate(drop, own["peaks.bed"].read_text())
    expect(page.locator("#own-list li", has_text="dropped.bed")).to_have_count(1)
    expect(page.locator("#drop-sheet")).to_be_hidden()
    expect(page).to_have_url(re.compile("tracks=atac,own-"))


def test_at_900_pixels_ones_own_data_are_in_the_drawer(browser: Browser, site: str) -> None:
    visitor = Visitor(browser, site, width=900)
    page = visitor.open().page
    page.locator("#tracks-toggle").click()
    expect(page.locator("#own-add")).to_be_in_viewport()
    visitor.context.close()
    assert visitor.problems == []
