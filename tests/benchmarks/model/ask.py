"""How long an answer of the model takes on the page, from the click to its drawing, warm.

Serves the demo, prepared in a temporary folder, or the project in SIGHTHOUND_BROWSER_PROJECT.
Every saliency is of another bin and every mutagenesis of other bases, so nothing is answered from
the cache; warm is the worker, which has computed around this place before.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from tests.benchmarks.measure import Outcome
from tests.browser.site import chromium, served
from tests.paths import ROOT

TURNS = 7
GOALS_MS = {"saliency": 300, "mutagenesis": 1000}
REGION_BP = 200
READY = "#locus-canvas[data-complete=yes]"
# A click on a prediction at a base, until the row with its bars is painted.
SALIENCY = """([x, y]) => new Promise((done) => {
    const canvas = document.getElementById("locus-canvas");
    const how = { pointerId: 1, clientX: x, clientY: y, button: 0, bubbles: true };
    const before = sighthound.saliency()?.result;
    const finish = () => done(performance.now() - started);
    const started = performance.now();
    canvas.dispatchEvent(new PointerEvent("pointerdown", how));
    canvas.dispatchEvent(new PointerEvent("pointerup", how));
    (function look() {
        const now = sighthound.saliency();
        if (now?.status !== "ready" || now.result === before) requestAnimationFrame(look);
        // The row is drawn in the next frame, which is on the screen when the one after begins.
        else requestAnimationFrame(() => requestAnimationFrame(finish));
    })();
})"""
# A click on a saliency bar, until Plotly has drawn the figure of these bases.
MUTAGENESIS = """([x, y]) => new Promise((done) => {
    const canvas = document.getElementById("locus-canvas");
    const how = { pointerId: 1, clientX: x, clientY: y, button: 0, bubbles: true };
    const figure = () => document.querySelector("#mutagenesis-figure .js-plotly-plot");
    // It names the bases that are drawn.
    const drawn = () => figure()?._fullLayout?.uirevision;
    const before = drawn();
    const finish = () => done(performance.now() - started);
    const started = performance.now();
    canvas.dispatchEvent(new PointerEvent("pointerdown", how));
    canvas.dispatchEvent(new PointerEvent("pointerup", how));
    (function look() {
        const heatMap = figure()?.querySelector(".heatmaplayer image");
        if (!heatMap || drawn() === before) requestAnimationFrame(look);
        else requestAnimationFrame(() => requestAnimationFrame(finish));
    })();
})"""

NAMED = """() => {
    const words = document.querySelector("#mutagenesis-graph .infolayer")?.textContent ?? "";
    return words && !words.includes("naming motifs");
}"""


def run() -> Outcome:
    """The ratio is the smaller of goal / median."""
    with tempfile.TemporaryDirectory() as folder:
        project = os.environ.get("SIGHTHOUND_BROWSER_PROJECT") or str(Path(folder) / "demo")
        if not Path(project).is_dir():
            command = [sys.executable, "-m", "sighthound", "demo", "--prepare-only", project]
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        with served(Path(project)) as address, chromium() as browser:
            page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
            page.goto(address)
            page.locator(READY).wait_for()
            medians = {"saliency": statistics.median(_saliency_ms(page))}
            medians["mutagenesis"] = statistics.median(_mutagenesis_ms(page))
    lines = tuple(
        f"{name:12s} click to drawn  {medians[name]:7.0f} ms  goal {goal} ms"
        for name, goal in GOALS_MS.items()
    )
    return Outcome(min(goal / medians[name] for name, goal in GOALS_MS.items()), 1, lines)


def _saliency_ms(page: Page) -> list[float]:
    """Clicks on neighbouring bins of the first prediction."""
    row = _first_row(page, "prediction")
    window, bin_bp = page.evaluate("() => sighthound.state().window"), 128
    middle = (window["start"] + window["end"]) // 2 // bin_bp * bin_bp
    places = [middle + (turn - TURNS // 2) * bin_bp + bin_bp // 2 for turn in range(TURNS + 1)]
    times = [float(page.evaluate(SALIENCY, _point(page, row, base))) for base in places]
    return times[1:]


def _mutagenesis_ms(page: Page) -> list[float]:
    """Clicks on neighbouring bars of the saliency that is shown; motifs are named meanwhile."""
    row = _first_row(page, "saliency")
    result = page.evaluate("() => sighthound.saliency().result")
    middle = result["target"]["start"]
    times = []
    for turn in range(TURNS + 1):
        base = middle + (turn - TURNS // 2) * result["bin"] + result["bin"] // 2
        times.append(float(page.evaluate(MUTAGENESIS, _point(page, row, base))))
        # Naming motifs is another question; it must not take this one's processor.
        page.wait_for_function(NAMED, timeout=180_000)
    return times[1:]


def _first_row(page: Page, kind: str) -> str:
    rows = page.evaluate("() => sighthound.rows().map((row) => row.key)")
    return next(row for row in rows if row.endswith(f"/{kind}"))


def _point(page: Page, row: str, base: float) -> list[float]:
    page.locator(READY).wait_for()
    return [
        page.evaluate("(base) => sighthound.baseX(base)", base),
        page.evaluate("(row) => sighthound.rowY(row)", row),
    ]
