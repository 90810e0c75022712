"""The tracks page with the paper's 4,229 tracks: time until rows, and what both pages weigh.

A page's weight is all that a browser without a cache transfers until everything is drawn, headers
and first signals included.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from tests.benchmarks.measure import Outcome
from tests.browser.site import chromium, served
from tests.many_tracks import TRACKS, make_many_tracks

TURNS = 5
GOAL_PAINTED_MS, GOAL_WEIGHT_MB = 2_000, 1.5
TABLE = ("tracks", "body[data-table=ready]", "() => sighthound.painted")
LOCUS = ("", "#locus-canvas[data-complete=yes]", "() => sighthound.firstComplete")


def run() -> Outcome:
    """The ratio is the smallest of goal / measured, for the table's time and the pages' weights."""
    with tempfile.TemporaryDirectory() as folder:
        project = make_many_tracks(Path(folder) / "many")
        with served(project) as address, chromium() as browser:
            # The server has answered once: what it keeps is kept.
            _visit(browser, address, TABLE)
            table = [_visit(browser, address, TABLE) for _ in range(TURNS)]
            locus = [_visit(browser, address, LOCUS) for _ in range(TURNS)]
    painted, first = (statistics.median(ms for ms, _ in turns) for turns in (table, locus))
    heavy, light = (max(megabytes for _, megabytes in turns) for turns in (table, locus))
    lines = (
        f"tracks page, {TRACKS:,} tracks: navigation to rows painted  {painted:7.0f} ms"
        f"   {heavy:5.2f} MB transferred",
        f"locus page, {TRACKS:,} tracks: navigation to tracks drawn  {first:7.0f} ms"
        f"   {light:5.2f} MB transferred",
    )
    ratio = min(GOAL_PAINTED_MS / painted, GOAL_WEIGHT_MB / heavy, GOAL_WEIGHT_MB / light)
    return Outcome(ratio, 1.0, lines)


def _visit(browser: Browser, address: str, page: tuple[str, str, str]) -> tuple[float, float]:
    """Open a page with an empty cache; ms from navigation to drawn, and megabytes transferred."""
    path, ready, moment = page
    context = browser.new_context(viewport={"width": 1400, "height": 880})
    tab = context.new_page()
    session = context.new_cdp_session(tab)
    session.send("Network.enable")
    transferred: list[float] = []

    def count(event: dict[str, Any]) -> None:
        transferred.append(event["encodedDataLength"])

    session.on("Network.loadingFinished", count)
    tab.goto(address + path)
    tab.locator(ready).wait_for()
    tab.wait_for_load_state("networkidle")
    milliseconds = float(tab.evaluate(moment))
    context.close()
    return milliseconds, sum(transferred) / 1e6
