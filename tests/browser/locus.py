"""The locus page and what a person does on it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Request, expect

from tests.browser.site import answer

COMPUTED_MS = 60_000


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
        self.page.locator("#locus-canvas[data-complete=yes]").wait_for(timeout=20_000)

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

    def picture(self, name: str) -> None:
        folder = os.environ.get("SIGHTHOUND_SCREENSHOTS")
        if folder:
            self.page.screenshot(path=str(Path(folder) / f"{name}.png"))


def first_prediction(locus: Locus) -> str:
    """The key of the topmost row of a prediction."""
    return next(row for row in locus.rows if row.endswith("/prediction"))
