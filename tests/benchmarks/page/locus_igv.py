"""The locus page against igv.js: the same twenty BigWigs of the same server, in one run, in turns.

Measured: from the address to all rows drawn, with an empty browser cache; and from a change of
locus to all rows drawn. igv.js loads the session that our server offers. Serves the demo, prepared
in a temporary folder, or the project in SIGHTHOUND_BROWSER_PROJECT.
"""

from __future__ import annotations

import functools
import os
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.benchmarks.measure import Outcome
from tests.benchmarks.page.locus import CHANGE, READY
from tests.browser.site import answer, chromium, served
from tests.paths import ROOT

IGV = ROOT / "tests" / "clients" / "node_modules" / "igv" / "dist" / "igv.min.js"
TRACKS = 10  # each an experiment and a prediction: 20 BigWigs, 20 rows
PAGES, CHANGES, SPAN = 5, 12, 40_000
GOAL_CHANGE, GOAL_PAGE = 0.25, 0.6
VIEWPORT: Any = {"width": 1400, "height": 1000}
HTML = """<!doctype html><div id="igv"></div><script src="igv.min.js"></script><script>
const session = new URLSearchParams(location.search).get("session");
window.ready = fetch(session).then((answer) => answer.json()).then(async (asked) => {
    window.browser = await igv.createBrowser(document.getElementById("igv"), asked);
    return performance.now();
});
</script>"""
IGV_CHANGE = """async (locus) => {
    const started = performance.now();
    await browser.search(locus);
    return performance.now() - started;
}"""
IGV_ROWS = """() => browser.trackViews.filter(({ track }) => track.type === "wig")
    .filter(({ viewports: [view] }) => (view.featureCache?.features ?? []).length > 0).length"""


def run() -> Outcome:
    """The ratio is the smaller of goal / (our time / theirs), for the change and the page."""
    with tempfile.TemporaryDirectory() as folder:
        project = os.environ.get("SIGHTHOUND_BROWSER_PROJECT") or str(Path(folder) / "demo")
        if not Path(project).is_dir():
            command = [sys.executable, "-m", "sighthound", "demo", "--prepare-only", project]
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        with served(Path(project)) as address, igv_page() as other, chromium() as browser:
            ids = [track["id"] for track in answer(f"{address}api/v1/project")["tracks"]][:TRACKS]
            asked = f"locus=chrIV:100001-140000&tracks={','.join(ids)}"
            session = f"{address}hub/igv.json?{asked}".replace("&", "%26")
            addresses = f"{address}?{asked}", f"{other}?session={session}"
            pages = [_first_pages(browser, *addresses) for _ in range(PAGES)]
            changes = _changes(browser, *addresses)
    page, igv_first = (statistics.median(times) for times in zip(*pages, strict=True))
    change, igv_change = (statistics.median(times) for times in zip(*changes, strict=True))
    lines = (
        f"{'':28s}  {'ours':>8s}  {'igv.js':>8s}  ratio  goal",
        f"{'first page to drawn rows':28s}  {page:5.0f} ms  {igv_first:5.0f} ms"
        f"  {page / igv_first:5.2f}  {GOAL_PAGE}",
        f"{'change of locus to drawn':28s}  {change:5.0f} ms  {igv_change:5.0f} ms"
        f"  {change / igv_change:5.2f}  {GOAL_CHANGE}",
    )
    ratio = min(GOAL_CHANGE * igv_change / change, GOAL_PAGE * igv_first / page)
    return Outcome(ratio, 1.0, lines)


@contextmanager
def igv_page() -> Iterator[str]:
    """Serve a page with igv.js alone, on a port, so an origin, of its own."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "index.html").write_text(HTML)
        (Path(folder) / "igv.min.js").symlink_to(IGV)
        handler = functools.partial(Quiet, directory=folder)
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever).start()
            yield f"http://127.0.0.1:{server.server_port}/"
            server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    """Logs no request."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _open(browser: Browser, address: str) -> Page:
    page = browser.new_context(viewport=VIEWPORT).new_page()
    page.goto(address)
    return page


def _first_pages(browser: Browser, ours: str, igv: str) -> tuple[float, float]:
    page = _open(browser, ours)
    page.locator(READY).wait_for()
    first = float(page.evaluate("() => sighthound.firstComplete"))
    page.context.close()
    page = _open(browser, igv)
    igv_first = float(page.evaluate("() => ready"))
    page.context.close()
    return first, igv_first


def _changes(browser: Browser, ours: str, igv: str) -> list[tuple[float, float]]:
    page, other = _open(browser, ours), _open(browser, igv)
    page.locator(READY).wait_for()
    other.evaluate("() => ready")
    times = []
    for number in range(CHANGES):
        start = 200_000 + 3 * SPAN * number
        locus = f"chrIV:{start}-{start + SPAN - 1}"
        change = float(page.evaluate(CHANGE, locus))
        times.append((change, float(other.evaluate(IGV_CHANGE, locus))))
        rows = int(other.evaluate(IGV_ROWS))
        assert rows == 2 * TRACKS, f"igv.js drew {rows} rows"
    for done in (page, other):
        done.context.close()
    return times
