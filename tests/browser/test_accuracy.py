"""The accuracy page in a browser: its figures, what stands under the pointer, both themes."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from sighthound.app.server.application import create_app
from sighthound.core.project.settings import load_project
from sighthound.core.tracks.track import write_tracks
from tests.app.evaluation.conftest import evaluation as evaluation
from tests.browser.site import CHROMIUM, free_port
from tests.tiny import make_project

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: tests/install_tools.sh")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, evaluation: Any) -> Iterator[str]:
    """A project with an evaluation, served without a model at work."""
    root: Path = make_project(tmp_path_factory.mktemp("lab") / "lab", predictions=False)
    write_tracks(root / "tracks.tsv", evaluation.tracks.values())
    shutil.copytree(evaluation.folder, root / "evaluation")
    port = free_port()
    app = create_app(load_project(root), scheduler_address=None)
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.shutdown()
    thread.join()
    app.extensions["sighthound"].close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1300, "height": 900}, color_scheme="light")
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    opened.goto(f"{address}/accuracy")
    expect(opened.locator("#figure-elements .main-svg").first).to_be_visible()
    yield opened
    opened.close()
    assert wrong == []


def test_a_point_says_its_track_its_bins_and_its_ceiling(page: Page, evaluation: Any) -> None:
    row = evaluation.accuracy().set_index("track").loc["t4"]
    point = page.evaluate(
        """name => {
          const plot = document.querySelector("#figure-accuracy .js-plotly-plot");
          const names = (said) => said.includes(name);
          const trace = plot._fullData.find(({ hovertext }) => hovertext?.some?.(names));
          const at = trace.hovertext.findIndex(names);
          const { x, y } = plot.getBoundingClientRect();
          const { xaxis, yaxis } = plot._fullLayout;
          const [right, down] = [xaxis.d2p(trace.x[at]), yaxis.d2p(trace.y[at])];
          return [x + xaxis._offset + right, y + yaxis._offset + down];
        }""",
        "Track 4",
    )
    # Points of one assay lie a little above and below each other.
    note = page.locator("#figure-accuracy .hovertext")
    for off in range(-12, 13, 3):
        page.mouse.move(point[0], point[1] + off)
        if note.count() and "Track 4" in (note.first.text_content() or ""):
            break
    expect(note.first).to_contain_text("Track 4 & co")
    expect(note.first).to_contain_text("350 bins of 10 bp")
    expect(note.first).to_contain_text(f"ceiling {row['ceiling_log1p']:.2f} (log)")


def test_figures_follow_the_theme(page: Page) -> None:
    drawn = page.locator("#figure-levels .main-svg").first
    expect(drawn).to_have_css("background-color", "rgb(255, 255, 255)")
    page.locator("#theme-toggle").click()
    expect(drawn).to_have_css("background-color", "rgb(16, 22, 29)")


def test_the_table_and_the_files_are_there(page: Page, evaluation: Any) -> None:
    expect(page.locator("#every-track tbody tr")).to_have_count(7)
    with page.expect_download() as download:
        page.get_by_role("link", name="tracks.tsv").click()
    assert (
        Path(download.value.path()).read_bytes() == (evaluation.folder / "tracks.tsv").read_bytes()
    )


@pytest.mark.parametrize("width", [1400, 900])
def test_nothing_of_the_page_is_wider_than_the_window(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    # Resolves once figures have taken the window's width; its policy lets no text be run.
    page.evaluate(
        """() => new Promise((resolve) => {
          const main = document.querySelector(".accuracy");
          const fits = () => main.scrollWidth <= main.clientWidth;
          const look = () => (fits() ? resolve(true) : requestAnimationFrame(look));
          look();
        })"""
    )
