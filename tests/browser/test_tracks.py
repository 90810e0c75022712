"""The tracks page, and the list beside the view, with as many tracks as the paper's model has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.locus import Locus, visit
from tests.browser.site import CHROMIUM, served
from tests.many_tracks import ASSAYS, TRACKS, make_many_tracks

PAINTED_MS = 300_000

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: tests/install_tools.sh")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    project = make_many_tracks(tmp_path_factory.mktemp("browser") / "many")
    settings = project / "sighthound.toml"
    table = '[tracks]\ntable = "tracks.tsv"\n'
    settings.write_text(settings.read_text().replace(table, f'{table}sets = "sets.tsv"\n'))
    (project / "sets.tsv").write_text("set\ttrack\nfirst two\tENC00000\nfirst two\tENC00001\n")
    with served(project) as address:
        yield address


class Tracks(Locus):
    """Both pages and what a person does on them."""

    def table(self, query: str = "") -> Tracks:
        self.page.goto(f"{self.site}tracks{query}")
        return self.painted()

    def painted(self) -> Tracks:
        self.page.locator("body[data-table=ready]").wait_for(timeout=PAINTED_MS)
        return self

    def found(self, count: str) -> None:
        expect(self.page.locator("#found-count")).to_have_text(f"{count} tracks")

    def chosen(self, words: str) -> None:
        expect(self.page.locator("#choice-count")).to_have_text(f"{words} chosen")

    def facet(self, facet: str, value: str) -> None:
        self.page.locator(f"#facet-{facet}").get_by_label(value, exact=False).first.check()

    def tracks(self) -> list[dict[str, Any]]:
        return self.project()["tracks"]


@pytest.fixture
def tracks(browser: Browser, site: str) -> Iterator[Tracks]:
    with visit(Tracks, browser, site) as visitor:
        yield visitor


def test_from_thousands_of_tracks_to_a_view_and_back(tracks: Tracks) -> None:
    page = tracks.open("?locus=chrI:2,001-6,000&mode=overlay").page
    page.locator("#tracks-table").click()
    tracks.painted().found(f"{TRACKS:,}")
    tracks.chosen("8 tracks")
    expect(page.locator(".ag-row-selected")).to_have_count(8)
    tracks.picture("tracks")

    page.keyboard.press("/")
    page.keyboard.type("liver")
    tracks.facet("assay", "CAGE")
    expected = {
        track["id"]
        for track in tracks.tracks()
        if track["assay"] == "CAGE" and "liver" in track["name"]
    }
    assert 0 < len(expected) <= 100
    tracks.found(f"{len(expected)} of {TRACKS:,}")
    page.locator("#choice-clear").click()
    page.locator("#choose-found").click()
    tracks.chosen(f"{len(expected)} tracks")
    tracks.picture("tracks_found")

    page.locator("#show-tracks").click()
    tracks.drawn()
    assert tracks.hook("state().locus") == "chrI:2,001-6,000"
    assert {row.split("/")[0] for row in tracks.rows if "/" in row} == expected
    assert all(row.endswith("/overlay") for row in tracks.rows if "/" in row)
    held = [t["id"] for t in tracks.tracks() if t["id"] in expected and t["has_experiment"]]
    for track in held:
        series, *_ = tracks.hook("series(given)", f"{track}/overlay")
        assert any(series["values"])

    page.go_back()
    tracks.painted().found(f"{len(expected)} of {TRACKS:,}")
    tracks.chosen(f"{len(expected)} tracks")


def test_a_set_survives_the_visit_and_goes_to_a_colleague(
    tracks: Tracks, browser: Browser, tmp_path: Path
) -> None:
    page = tracks.table("?tracks=ENC00003,ENC01000").page
    page.locator("#set-save").click()
    page.locator("#set-name").fill("mine")
    page.keyboard.press("Enter")
    expect(page.locator("#announcer")).to_have_text("2 tracks are kept as mine.")
    page.reload()
    tracks.painted()
    page.locator("#choice-clear").click()
    tracks.chosen("No tracks")
    page.locator("#set-list").get_by_text("mine").click()
    tracks.chosen("2 tracks")
    expect(page.locator(".ag-row-selected .ag-cell[col-id=id]")).to_have_text("ENC00003")
    with page.expect_download() as download:
        page.locator("#sets-export").click()
    file = tmp_path / "track_sets.tsv"
    download.value.save_as(file)
    assert file.read_text().splitlines()[1:3] == ["mine\tENC00003", "mine\tENC01000"]

    tracks.open()
    page.locator("#track-sets").select_option("mine")
    tracks.drawn()
    assert {row.split("/")[0] for row in tracks.rows if "/" in row} == {"ENC00003", "ENC01000"}

    context = browser.new_context()
    colleague = Tracks(context.new_page(), tracks.site).table()
    sets = colleague.page.locator("#set-list")
    expect(sets).to_have_text("first two2, of the project")
    colleague.page.locator("#sets-file").set_input_files(file)
    expect(sets).to_contain_text("mine")
    colleague.page.get_by_label("Delete the set mine").click()
    expect(sets).not_to_contain_text("mine")
    colleague.page.locator("#sets-file").set_input_files(
        {"name": "x.tsv", "mimeType": "text/plain", "buffer": b"id\tname\n"}
    )
    expect(colleague.page.get_by_role("alert")).to_contain_text("columns set and track")
    context.close()
    assert colleague.problems == []


def test_all_tracks_are_chosen_at_once_but_not_shown_at_once(tracks: Tracks) -> None:
    page = tracks.table().page
    tracks.facet("assay", "DNASE")
    page.get_by_label("Toggle Selection of All Rows", exact=False).or_(
        page.locator(".ag-header-select-all input")
    ).first.click()
    number = ASSAYS["DNASE"]
    tracks.chosen(f"{number} tracks")
    expect(page.locator("#show-tracks")).to_have_attribute("aria-disabled", "true")
    expect(page.locator("#choice-note")).to_contain_text("100")
    # They are still chosen after a reload, and where the address is opened elsewhere.
    page.reload()
    tracks.painted().chosen(f"{number} tracks")
    page.evaluate(
        "() => (navigator.clipboard.writeText = async (words) => (globalThis.copied = words))"
    )
    page.locator("#share").click()
    page.wait_for_function("() => globalThis.copied")
    short = page.evaluate("() => globalThis.copied")
    assert re.search(r"/tracks\?s=[a-z2-7]{10}#assay=DNASE$", short)
    page.goto(short)
    tracks.painted().chosen(f"{number} tracks")
    tracks.found(f"{number} of {TRACKS:,}")
    page.locator("#set-save").click()
    page.locator("#set-name").fill("all DNase")
    page.keyboard.press("Enter")
    expect(page.locator("#set-list")).to_contain_text(f"all DNase{number}")
    tracks.open()
    page.locator("#track-sets").select_option("all DNase")
    expect(page.get_by_role("alert").filter(has_text="a view holds 100")).to_be_visible()


def test_an_address_of_too_many_tracks_shows_the_first_and_says_so(tracks: Tracks) -> None:
    asked = [f"ENC{number:05d}" for number in range(120)]
    page = tracks.open(f"?locus=chrI:2,001-6,000&tracks={','.join(asked)}").page
    assert {row.split("/")[0] for row in tracks.rows if "/" in row} == set(asked[:100])
    expect(page.get_by_role("alert").filter(has_text="asks for 120 tracks")).to_be_visible()


def test_the_most_accurate_come_first_and_the_least_are_left_out(tracks: Tracks) -> None:
    page = tracks.table("#assay=CAGE").page
    accuracy = {
        track["id"]: (track["held_out"] or {}).get("pearson_log1p") or -1
        for track in tracks.tracks()
        if track["assay"] == "CAGE"
    }
    page.locator(".ag-header-cell[col-id=r]").click()
    best = max(accuracy, key=lambda track: accuracy[track])
    first = page.locator(".ag-row[row-index='0']")
    expect(first).to_have_attribute("row-id", best)
    expect(first.locator("[col-id=r]")).to_have_text(f"{accuracy[best]:.2f}")
    page.locator("#least-r").fill("0.8")
    left = sum(r >= 0.8 for r in accuracy.values())
    tracks.found(f"{left} of {TRACKS:,}")
    expect(page).to_have_url(re.compile("#assay=CAGE&r=0.8&sort=-r$"))
    page.reload()
    tracks.painted()
    expect(first).to_have_attribute("row-id", best)
    page.locator(".ag-header-cell[col-id=id]").click()
    expect(page).to_have_url(re.compile("&sort=id$"))
    page.go_back()
    expect(first).to_have_attribute("row-id", best)
    page.locator("#ask-all").click()
    tracks.found(f"{TRACKS:,}")
    expect(page).to_have_url(re.compile("#sort=-r$"))


def test_a_row_is_chosen_with_the_keyboard(tracks: Tracks) -> None:
    page = tracks.table("?tracks=#words=ENC00042").page
    tracks.found(f"1 of {TRACKS:,}")
    page.locator(".ag-row[row-index='0'] [col-id=name]").focus()
    page.keyboard.press("Space")
    tracks.chosen("1 track")
    expect(page).to_have_url(re.compile(r"tracks=ENC00042#"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("choose a row")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("#table-search")).to_be_focused()


def test_the_list_groups_tracks_and_keeps_a_view_drawable(tracks: Tracks) -> None:
    page = tracks.open("?tracks=ENC00000").page
    groups = page.locator("#track-list .track-group")
    items = page.locator("#track-list li[data-track]")
    expect(groups.first).to_contain_text(f"1 of {ASSAYS['DNASE']}")
    assert items.count() < 100
    groups.first.get_by_role("button").click()
    expect(items).to_have_count(0)
    expect(groups).to_have_count(len({track["assay"] for track in tracks.tracks()}))
    tracks.picture("groups")
    groups.first.get_by_role("checkbox").click()
    expect(page.get_by_role("alert").filter(has_text="a view holds 100")).to_be_visible()
    expect(page.locator("#track-count")).to_have_text(f"{TRACKS:,} tracks, 1 shown")
    page.locator("#track-grouping").select_option("sample")
    page.locator("#track-search").fill("retina, embryo")
    group = page.locator("#track-list [data-group='retina, embryo']")
    group.get_by_role("checkbox").check()
    tracks.drawn()
    shown = {track["id"] for track in tracks.tracks() if track["sample"] == "retina, embryo"}
    rows = {row.split("/")[0] for row in tracks.rows if "/" in row}
    assert rows == {"ENC00000", *shown}
    page.locator("#tracks-shown").check()
    expect(items).to_have_count(len(shown))


@pytest.mark.parametrize("width", [1400, 900])
def test_the_table_fits_the_window(tracks: Tracks, width: int) -> None:
    page = tracks.page
    page.set_viewport_size({"width": width, "height": 800})
    tracks.table("?tracks=ENC00000,ENC00001")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    side = page.locator("#facet-panel")
    if width == 900:
        expect(side).to_be_hidden()
        page.locator("#tracks-toggle").click()
    expect(side).to_be_visible()
    tracks.picture(f"tracks_{width}")
    if width == 900:
        page.keyboard.press("Escape")
        expect(side).to_be_hidden()
    expect(page.locator("#show-tracks")).to_be_in_viewport()
