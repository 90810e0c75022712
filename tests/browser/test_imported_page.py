"""The page of an imported model: many tracks, no experiments, no predicted files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from sighthound.core.model.architecture import small
from sighthound.core.model.model import Model, save_model
from tests.browser.locus import COMPUTED_MS, Locus, until
from tests.browser.site import CHROMIUM, READY_S, served
from tests.models import random_weights
from tests.tiny import make_project

# A mutagenesis of so many bases holds the worker until it is cancelled.
LONG_BP = 20_000
TRACKS = [f"t{number:03d}" for number in range(400)]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: tests/install_tools.sh")


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser") / "imported"
    make_project(folder, model=False, predictions=False)
    rows = [f"{track}\tcells {track}\tDNASE\tsum" for track in TRACKS]
    (folder / "tracks.tsv").write_text("\n".join(["id\tname\tassay\taggregation", *rows]) + "\n")
    architecture = small(len(TRACKS), sequence_length=4096, bin=64, crop=8, filters=8)
    settings = folder / "sighthound.toml"
    most = f"[server]\nmax_mutagenesis_bp = {LONG_BP}"
    settings.write_text(settings.read_text().replace("[server]", most))
    save_model(folder / "model", Model(architecture, random_weights(architecture), TRACKS))
    return folder


@pytest.fixture(scope="module")
def site(imported: Path) -> Iterator[str]:
    with served(imported) as address:
        yield address


def live(locus: Locus) -> set[str]:
    return {row["live"] for row in locus.hook("rows()") if row["kind"] == "prediction"}


def test_the_window_in_view_is_predicted_and_explained(locus: Locus) -> None:
    page = locus.open("?locus=chrI:1-20,000&tracks=t003,t399").page
    assert locus.rows[-2:] == ["t003/prediction", "t399/prediction"]
    assert live(locus) == {"ready"}
    locus.picture("imported")
    locus.click("t399/prediction", 10_000)
    expect(page.locator("#saliency-box")).to_have_attribute(
        "data-status", "ready", timeout=COMPUTED_MS
    )
    locus.click("t399/saliency", 10_000)
    page.locator("#mutagenesis-graph .main-svg").first.wait_for(timeout=COMPUTED_MS)
    page.keyboard.press("Escape")
    page.locator("#values-button").click()
    expect(page.locator("#values-table th").last).to_have_text("cells t399: saliency")


def test_moving_inside_what_was_predicted_asks_for_nothing(locus: Locus) -> None:
    page = locus.open("?locus=chrI:9,001-13,000&tracks=t000,t001").page
    asked = locus.hook("requests.prediction")
    page.keyboard.press("d")
    locus.drawn()
    assert live(locus) == {"ready"}
    assert locus.hook("requests.prediction") == asked


def test_a_long_list_is_searched_whole_and_holds_what_is_in_sight(locus: Locus) -> None:
    page = locus.open("?tracks=t001").page
    items = page.locator("#track-list li[data-track]")
    assert items.count() < len(TRACKS) / 4
    page.locator("#track-search").fill("t39")
    expect(items).to_have_count(10)
    items.last.locator("input").check()
    locus.drawn()
    assert locus.rows[-2:] == ["t001/prediction", "t399/prediction"]
    page.locator("#track-search").fill("")
    page.locator("#track-list").evaluate("(list) => { list.scrollTop = list.scrollHeight; }")
    expect(page.locator("#track-list li[data-track=t399] input")).to_be_checked()
    assert items.count() < len(TRACKS) / 4


def test_leaving_the_page_gives_up_the_predictions_that_wait_for_the_worker(locus: Locus) -> None:
    page = locus.open("?locus=chrI:1-4,000&tracks=t007").page
    url = f"{locus.site}api/v1/mutagenesis?track=t007&chrom=chrI&start=0&end={LONG_BP}&target=9000"
    # Only who asked can give it up: the same browser asks, and not the page.
    other = page.context.request
    other.get(url)
    until(lambda: locus.worker()["jobs"], "another mutagenesis runs")
    page.goto(f"{locus.site}?locus=chrI:9,001-13,000&tracks=t008,t009")
    until(lambda: locus.worker()["waiting"] == 2, "the prediction waits behind it")
    assert live(locus) == {"pending"}
    page.goto("about:blank")
    until(lambda: locus.worker()["waiting"] == 1, "only the other's is waited for")
    assert other.delete(url, timeout=READY_S * 1000).json() == {"cancelled": True}
    until(lambda: not locus.worker()["jobs"], "the worker is free")

    # Who comes back finds nothing that stands in the way.
    locus.open("?locus=chrI:9,001-13,000&tracks=t008,t009")
    assert live(locus) == {"ready"}
