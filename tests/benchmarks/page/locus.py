"""The locus page in Chromium: first page to drawn tracks, and a change of locus with 20 rows.

Serves the demo, prepared in a temporary folder, or the project in SIGHTHOUND_BROWSER_PROJECT.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from tests.benchmarks.measure import Outcome
from tests.browser.site import chromium, served
from tests.paths import ROOT

TRACKS = 10  # each an experiment and a prediction: 20 rows
CHANGES = 15
GOAL_CHANGE_MS, GOAL_FIRST_PAGE_MS = 150, 2_000
CHANGE = """(words) => new Promise((done) => {
    const started = performance.now();
    addEventListener("sighthound:drawn", function drawn(event) {
        if (!event.detail.complete || performance.now() <= started) return;
        removeEventListener("sighthound:drawn", drawn);
        done(performance.now() - started);
    });
    sighthound.go(words);
})"""
READY = "#locus-canvas[data-complete=yes]"


def run() -> Outcome:
    """The ratio is the smaller of goal / measured, for the first page and for the change."""
    with tempfile.TemporaryDirectory() as folder:
        project = os.environ.get("SIGHTHOUND_BROWSER_PROJECT") or str(Path(folder) / "demo")
        if not Path(project).is_dir():
            command = [sys.executable, "-m", "sighthound", "demo", "--prepare-only", project]
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        with served(Path(project)) as address, chromium() as browser:
            first = statistics.median(_first_page_ms(browser, address) for _ in range(5))
            change = statistics.median(_changes_ms(browser, address))
    lines = (
        f"first page to drawn tracks, server warm, empty browser cache  {first:7.0f} ms",
        f"change of locus, {2 * TRACKS} rows                                      {change:7.0f} ms",
    )
    return Outcome(min(GOAL_CHANGE_MS / change, GOAL_FIRST_PAGE_MS / first), 1.0, lines)


def _first_page_ms(browser: Browser, address: str) -> float:
    page = browser.new_context(viewport={"width": 1400, "height": 880}).new_page()
    page.goto(address)
    page.locator(READY).wait_for()
    milliseconds = float(page.evaluate("() => sighthound.firstComplete"))
    page.context.close()
    return milliseconds


def _changes_ms(browser: Browser, address: str) -> list[float]:
    page = browser.new_context(viewport={"width": 1400, "height": 880}).new_page()
    page.goto(address)
    page.locator(READY).wait_for()
    fetch = "async () => (await (await fetch('/api/v1/project')).json()).tracks.map((t) => t.id)"
    tracks = ",".join(page.evaluate(fetch)[:TRACKS])
    page.goto(f"{address}?locus=chrIV:100001-140000&tracks={tracks}")
    page.locator(READY).wait_for()
    starts = [150_000 + 60_000 * number for number in range(CHANGES)]
    times = [float(page.evaluate(CHANGE, f"chrIV:{start}-{start + 40_000}")) for start in starts]
    page.context.close()
    return times
