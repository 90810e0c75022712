"""Frames a second while the locus view is dragged, in Chromium without a GPU.

Serves the demo, prepared in a temporary folder, or the project in SIGHTHOUND_BROWSER_PROJECT, with
its tracks repeated until they are a hundred rows. The pointer moves once a frame, to and fro.
"""

from __future__ import annotations

import csv
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page

from tests.benchmarks.measure import Outcome
from tests.browser.site import chromium, served
from tests.paths import ROOT

SECONDS, WARM_UP, TURNS = 2.0, 0.5, 3
READY = "#locus-canvas[data-complete=yes]"
DRAG = """([x, y, seconds]) => new Promise((done) => {
    const canvas = document.getElementById("locus-canvas");
    const { frames } = sighthound, started = performance.now();
    let turn = 0;
    (function frame(now) {
        turn += 1;
        const clientX = x + 300 * Math.sin(turn / 40);
        const how = { pointerId: 1, clientX, clientY: y, buttons: 1, bubbles: true };
        canvas.dispatchEvent(new PointerEvent("pointermove", how));
        const elapsed = (performance.now() - started) / 1000;
        if (elapsed < seconds) requestAnimationFrame(frame);
        else done((sighthound.frames - frames) / elapsed);
    })();
})"""


class View(NamedTuple):
    """What is dragged: rows (two a track) in a window of so many pixels, and the goal."""

    name: str
    rows: int
    height: int
    goal: float


VIEWS = (
    View("20 rows", 20, 880, 55),
    View("100 rows, 16 of them in sight", 100, 880, 30),
    View("100 rows, all of them in sight", 100, 4600, 30),
)


def run() -> Outcome:
    """The ratio is the smallest of frames a second / goal."""
    with tempfile.TemporaryDirectory() as folder:
        project = os.environ.get("SIGHTHOUND_BROWSER_PROJECT") or str(Path(folder) / "demo")
        if not Path(project).is_dir():
            command = [sys.executable, "-m", "sighthound", "demo", "--prepare-only", project]
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        crowded = Path(folder) / "crowded"
        repeat_tracks(Path(project), crowded, max(view.rows for view in VIEWS) // 2)
        with served(crowded) as address, chromium() as browser:
            # In turns, so that what else the machine does is shared among them.
            turns = [[_drag(browser, address, view) for view in VIEWS] for _ in range(TURNS)]
    measured = [_medians(of_view) for of_view in zip(*turns, strict=True)]
    lines = tuple(
        f"{view.name:32s}  {frames:5.1f} frames/s  goal {view.goal:g}  {busy:5.1f} ms a frame"
        for view, (frames, busy) in zip(VIEWS, measured, strict=True)
    )
    ratio = min(f / view.goal for view, (f, _) in zip(VIEWS, measured, strict=True))
    return Outcome(ratio, 1.0, lines)


def repeat_tracks(project: Path, target: Path, least: int) -> None:
    """Make a project of another's predicted tracks, so often that there are `least`: of links."""
    (target / "predictions").mkdir(parents=True)
    for part in project.iterdir():
        if part.name not in ("predictions", "tracks.tsv"):
            (target / part.name).symlink_to(part.resolve())
    for file in (project / "predictions").iterdir():
        (target / "predictions" / file.name).symlink_to(file.resolve())
    with (project / "tracks.tsv").open(newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    predicted = {row["id"]: project / "predictions" / f"{row['id']}.bw" for row in rows}
    rows = [row for row in rows if predicted[row["id"]].is_file()]
    again = []
    for turn in range(1, -(-least // len(rows))):
        for row in rows:
            own = f"{row['id']}_{turn}"
            again.append(row | {"id": own, "replicate_of": "", "strand_pair": ""})
            (target / "predictions" / f"{own}.bw").symlink_to(predicted[row["id"]].resolve())
    with (target / "tracks.tsv").open("w", newline="") as table:
        writer = csv.DictWriter(table, rows[0], delimiter="\t")
        writer.writeheader()
        writer.writerows(rows + again)


def _drag(browser: Browser, address: str, view: View) -> tuple[float, float]:
    """Frames a second, and milliseconds that the page's thread computes a frame."""
    page = browser.new_context(viewport={"width": 1400, "height": view.height}).new_page()
    page.goto(address)
    page.locator(READY).wait_for()
    fetch = "async () => (await (await fetch('/api/v1/project')).json()).tracks.map((t) => t.id)"
    tracks = page.evaluate(fetch)[: view.rows // 2]
    page.goto(f"{address}?locus=chrIV:400001-440000&tracks={','.join(tracks)}")
    page.locator(READY).wait_for()
    shown = sum("/" in row["key"] for row in page.evaluate("() => sighthound.rows()"))
    assert shown == view.rows, shown
    _turn(page, WARM_UP)
    turn = _turn(page, SECONDS)
    page.context.close()
    return turn


def _medians(turns: Sequence[tuple[float, float]]) -> tuple[float, float]:
    frames, busy = zip(*turns, strict=True)
    return statistics.median(frames), statistics.median(busy)


def _turn(page: Page, seconds: float) -> tuple[float, float]:
    metrics = page.context.new_cdp_session(page)
    metrics.send("Performance.setTimeDomain", {"timeDomain": "threadTicks"})
    metrics.send("Performance.enable")

    def task_seconds() -> float:
        found = metrics.send("Performance.getMetrics")["metrics"]
        return next(metric["value"] for metric in found if metric["name"] == "TaskDuration")

    page.mouse.move(800, 500)
    page.mouse.down()
    before = task_seconds()
    frames = float(page.evaluate(DRAG, [800, 500, seconds]))
    busy = task_seconds() - before
    page.mouse.up()
    page.locator(READY).wait_for()
    return frames, 1000 * busy / (frames * seconds)
