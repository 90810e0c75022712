"""The locus page and what a person does on it."""

from __future__ import annotations

import json
import os
import re
import threading
import time
import urllib.error
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from playwright.sync_api import Browser, Page, Request, expect

from tests.browser.site import answer

# Long after anybody would have given up: what is waited for is what a person sees, and a busy
# machine is no fault.
COMPUTED_MS = 300_000
ENDED_S = 600
# What Plotly draws of the mutagenesis: kinds, values, ranges of colours and axes.
TRACES = """() => {
    const { _fullData, _fullLayout } = document.querySelector("#mutagenesis-graph .js-plotly-plot");
    return _fullData.map(({ type, yaxis, z, zmin, zmax }) => ({
        type, zmin, zmax,
        z: z ? Array.from(z, (row) => Array.from(row, (value) => value || 0)) : null,
        range: _fullLayout[yaxis.replace("y", "yaxis")].range,
        title: _fullLayout[yaxis.replace("y", "yaxis")].title.text,
    }));
}"""

AnyLocus = TypeVar("AnyLocus", bound="Locus")


@contextmanager
def held(page: Page, key: str) -> Iterator[None]:
    """Hold a key down while something else is done."""
    page.keyboard.down(key)
    try:
        yield
    finally:
        page.keyboard.up(key)


class Locus:
    """The page and what a person does on it."""

    def __init__(self, page: Page, site: str) -> None:
        self.page, self.site = page, site
        self.problems: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("request", self._see)

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"console {message.type}: {message.text}")

    def _see(self, request: Request) -> None:
        if not request.url.startswith((self.site, "data:", "blob:")):
            self.problems.append(f"request to another origin: {request.url}")

    def open(self, query: str = "") -> Locus:
        self.page.goto(self.site + query)
        self.drawn()
        return self

    def drawn(self) -> None:
        """Everything that the window needs is on the canvas."""
        # A change marks the canvas as incomplete in the next frame.
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done()))")
        self.page.locator("#locus-canvas[data-complete=yes]").wait_for(timeout=COMPUTED_MS)

    def hook(self, script: str, argument: Any = None) -> Any:
        return self.page.evaluate(f"(given) => sighthound.{script}", argument)

    @property
    def window(self) -> dict[str, Any]:
        return self.hook("state().window")

    @property
    def rows(self) -> list[str]:
        return [row["key"] for row in self.hook("rows()")]

    def project(self) -> dict[str, Any]:
        return answer(f"{self.site}api/v1/project")

    def worker(self) -> dict[str, Any]:
        """What the inference worker computes, and for how much of it somebody waits."""
        found: dict[str, Any] = {}

        def has_told() -> bool:
            try:
                found.update(answer(f"{self.site}readyz")["worker"])
            except urllib.error.HTTPError as busy:  # too busy to say that it is there
                found.update(json.load(busy)["worker"])
            return found.get("jobs") is not None

        until(has_told, "the worker does not say what it computes")
        return found

    def a_gene(self) -> dict[str, Any]:
        """A gene with a TSS well inside the window."""
        window = self.window
        query = f"chrom={window['chrom']}&start={window['start']}&end={window['end']}"
        genes = answer(f"{self.site}api/v1/genes?{query}")["genes"]
        margin = (window["end"] - window["start"]) / 10
        for gene in genes:
            if all(window["start"] + margin < tss < window["end"] - margin for tss in gene["tss"]):
                return gene
        raise AssertionError(f"no gene in {window}")

    def point(self, row: str, base: float) -> tuple[float, float]:
        return self.hook("baseX(given)", base), self.hook("rowY(given)", row)

    def click(self, row: str, base: float) -> None:
        self.page.mouse.click(*self.point(row, base))

    def search(self, words: str) -> None:
        self.page.keyboard.press("/")
        expect(self.page.locator("#locus-box")).to_be_focused()
        self.page.locator("#locus-box").fill(words)
        self.page.keyboard.press("Enter")

    # Asking ---------------------------------------------------------------------------------------

    def explained(self) -> dict[str, Any]:
        """What the saliency row shows, once it is there."""
        box = self.page.locator("#saliency-box")
        expect(box).to_have_attribute("data-status", "ready", timeout=COMPUTED_MS)
        return self.hook("saliency().result")

    def mutated(self, tracks: int = 1) -> list[dict[str, Any]]:
        """The traces of the mutagenesis figure, once it has the heat maps of so many tracks."""
        heat_maps = self.page.locator("#mutagenesis-graph .heatmaplayer image")
        expect(heat_maps).to_have_count(tracks, timeout=COMPUTED_MS)
        return self.page.evaluate(TRACES)

    def card(self) -> None:
        """The card of the variants and their rows are there."""
        ready = self.page.locator("body[data-variant-ready=yes]")
        expect(ready).to_have_count(1, timeout=COMPUTED_MS)
        self.page.locator("#variant-graph .main-svg").first.wait_for(timeout=COMPUTED_MS)
        self.drawn()

    @property
    def variants(self) -> list[str]:
        """As the address has them."""
        found = re.search(r"[?&]variant=([^&]*)", self.page.url)
        return found[1].split(";") if found else []

    def drawn_change(self, track: str) -> float:
        """The bars of a track's difference row, summed."""
        (series,) = self.hook("series(given)", f"{track}/difference")
        return sum(series["values"])

    def said_change(self, track: str) -> float:
        """The SAD that the server answers for the variants in the address."""
        return next(row["sad"] for row in self.effects()["ranked"] if row["track"] == track)

    def effects(self) -> Any:
        given = quote(";".join(self.variants))
        return answer(f"{self.site}api/v1/variant?variants={given}&most=1000000")

    # Keeping --------------------------------------------------------------------------------------

    def choose(self, item: str) -> None:
        self.page.locator("#export").click()
        self.page.locator(f"#{item}").click()

    def download(self, item: str) -> bytes:
        """What an entry of the Export menu gives."""
        with self.page.expect_download() as download:
            self.choose(item)
        return Path(download.value.path()).read_bytes()

    def copied(self) -> str:
        """The address that Share has put on the clipboard."""
        expect(self.page.locator("body")).to_have_attribute("data-copied", "yes")
        return self.page.evaluate("() => navigator.clipboard.readText()")

    def picture(self, name: str) -> None:
        folder = os.environ.get("SIGHTHOUND_SCREENSHOTS")
        if folder:
            self.page.screenshot(path=str(Path(folder) / f"{name}.png"))


@contextmanager
def visit(kind: type[AnyLocus], browser: Browser, site: str, **settings: Any) -> Iterator[AnyLocus]:
    """Give the page in a browser of its own; in the end nothing was wrong on its console."""
    context = browser.new_context(**{"viewport": {"width": 1400, "height": 880}, **settings})
    context.set_default_timeout(COMPUTED_MS)
    visitor = kind(context.new_page(), site)
    yield visitor
    context.close()
    assert visitor.problems == []


def first_prediction(locus: Locus) -> str:
    """The key of the topmost row of a prediction."""
    return next(row for row in locus.rows if row.endswith("/prediction"))


def until(holds: Callable[[], Any], words: str) -> None:
    """Wait until something holds of the server, which tells nobody."""
    deadline = time.monotonic() + ENDED_S
    while not holds():
        assert time.monotonic() < deadline, words
        threading.Event().wait(0.05)
