"""igv.js, in Chromium and on a page of another origin, loads our session and draws its tracks.

SIGHTHOUND_SCREENSHOTS names a folder for a picture to look at.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

from sighthound.core.bigwig.files import write_bigwig
from tests.browser.site import CHROMIUM, chromium
from tests.clients.pages import IGV, page_with
from tests.paths import ROOT

LENGTH, BIN, TRACKS = 256_000, 128, 20

# For each signal row: its name, the largest value in view, and how many pixels bear its colour.
DRAWN = """async (session) => {
  const browser = await igv.createBrowser(document.getElementById("others"), session);
  const rows = browser.trackViews.filter(({ track }) => track.type === "wig");
  return rows.map(({ track, viewports: [viewport] }) => {
    const features = viewport.featureCache?.features ?? viewport.cachedFeatures;
    const { canvas } = viewport;
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    let coloured = 0;
    for (let at = 0; at < pixels.length; at += 4)
      if (pixels[at + 3] && Math.min(...pixels.slice(at, at + 3)) < 200) coloured += 1;
    return [track.name, Math.max(...features.map(({ value }) => value)), coloured];
  });
}"""

pytestmark = pytest.mark.skipif(
    not os.environ.get("CI") and not (CHROMIUM and IGV.is_file()),
    reason="needs Chromium and igv.js (tests/install_tools.sh)",
)


@pytest.fixture(scope="module")
def page_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with page_with(tmp_path_factory.mktemp("page"), [IGV]) as address:
        yield address


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Our server on twenty tracks; track i is a hill of height i + 1 in the middle of chr1."""
    folder: Path = tmp_path_factory.mktemp("igv")
    hill = np.exp(-(np.linspace(-4, 4, LENGTH // BIN) ** 2))
    for rank in range(TRACKS):
        values = (hill / hill.max() * (rank + 1)).astype(np.float32)
        write_bigwig(folder / f"track{rank:02d}.bw", {"chr1": LENGTH}, [("chr1", values)], BIN)
    command = [sys.executable, "-m", "tests.clients.serve", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{int(server.stdout.readline())}/"
        server.terminate()


def test_igv_js_draws_twenty_tracks_of_our_session_and_asks_nobody_else(
    page_address: str, address: str
) -> None:
    asked: list[str] = []
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.on("request", lambda request: asked.append(request.url))
        page.goto(page_address)
        chosen = ",".join(f"track{rank:02d}" for rank in range(TRACKS))
        query = f"tracks={chosen}&kinds=experiment&locus=chr1:96,001-160,000"
        session = page.evaluate(
            "async (url) => (await fetch(url)).json()", f"{address}hub/igv.json?{query}"
        )
        drawn = page.evaluate(DRAWN, session)
        if folder := os.environ.get("SIGHTHOUND_SCREENSHOTS"):
            page.screenshot(path=f"{folder}/igv.png", full_page=True)
    assert len(drawn) == TRACKS, json.dumps(session)[:500]
    for rank, (name, largest, coloured) in enumerate(drawn):
        assert f"track{rank:02d}" in name
        assert largest == pytest.approx(rank + 1, rel=2.0**-10)
        assert coloured > 1000
    assert {urlsplit(url).hostname for url in asked if not url.startswith("data:")} == {"127.0.0.1"}
