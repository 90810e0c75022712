"""The pictures of the docs, made from the demo by `python -m tests.screenshots`.

Everything in them is the demo's: the yeast genome, public experiments and the model they trained.
Who changes the look of the page runs it and looks at each.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.site import answer, chromium, served
from tests.paths import ROOT

FOLDER = ROOT / "docs" / "screenshots"
COMPUTED_MS = 300_000
# Of the test fold; a site of Sfp1 stands 90 bp before the start of RPA135.
CHROM, START, END = "chrXVI", 573_101, 589_484
GENE = "RPA135"
ALL = (
    "MNase,PolII,Scc1,RNA_fwd,RNA_rev,STRIPE_WT_plus,STRIPE_WT_minus,STRIPE_diamide_plus,"
    "STRIPE_diamide_minus"
)
START_SITES = "STRIPE_WT_minus"
_SALIENCY = "#saliency-box[data-status=ready]"
_FIGURE = "#mutagenesis-figure .main-svg"


@dataclass(frozen=True)
class Shot:
    """One picture: where, in which theme, and what has to be there before it is taken."""

    name: str
    address: str
    there: str = "#locus-canvas[data-complete=yes]"
    scheme: str = "light"
    width: int = 1400
    height: int = 900
    then: Callable[[Page], Any] | None = None


def at(tracks: str = ALL, **more: str) -> str:
    """Give the address of the view with these tracks and more."""
    fields = {"locus": f"{CHROM}:{START}-{END}", "tracks": tracks, **more}
    return "?" + "&".join(f"{name}={value}" for name, value in fields.items())


def shots(site: str) -> list[Shot]:
    """List the pictures of the demo that is served at `site`."""
    start = _start_of(site, GENE)
    peak = _strongest_bar(site, START_SITES, start)
    window = (peak - 100, peak + 100)
    asked = {
        "saliency": f"{START_SITES}@{CHROM}:{start + 1}",
        "mutagenesis": f"{START_SITES}@{CHROM}:{window[0] + 1}-{window[1]}@{start + 1}",
    }
    variant = _costliest(site, START_SITES, window, start)
    ranked = "#variant-figure .main-svg"
    return [
        Shot("locus", at()),
        Shot("residual", at(mode="residual")),
        Shot(
            "saliency",
            at(f"{START_SITES},RNA_fwd,PolII,MNase", saliency=asked["saliency"]),
            _SALIENCY,
        ),
        Shot("mutagenesis", at(START_SITES, **asked), _FIGURE, then=_named),
        Shot("variant", at(f"{START_SITES},RNA_fwd", variant=variant), ranked, then=_known),
        Shot("tracks", "tracks", "body[data-table=ready]"),
        Shot("dark", at(START_SITES, **asked), _FIGURE, "dark", then=_named),
    ]


def _known(page: Page) -> None:
    """All rows are drawn, and the networks have said whether they agree."""
    page.locator("#locus-canvas[data-complete=yes]").wait_for(timeout=COMPUTED_MS)
    page.locator("body[data-variant-members=yes]").wait_for(timeout=COMPUTED_MS)


def _named(page: Page) -> None:
    """Motifs have their names, and the saliency above is there."""
    page.locator(_SALIENCY).wait_for(timeout=COMPUTED_MS)
    page.get_by_text("naming motifs").wait_for(state="hidden", timeout=COMPUTED_MS)


def _computed(address: str, key: str) -> Any:
    """Give what the model answers; while it computes it is asked again."""
    while key not in (found := answer(address)):
        pass
    return found


def _start_of(site: str, gene: str) -> int:
    """0-based transcription start of a gene of the window."""
    found = answer(f"{site}api/v1/genes?chrom={CHROM}&start={START - 1}&end={END}")["genes"]
    return next(one["tss"][0] for one in found if one["name"] == gene)


def _strongest_bar(site: str, track: str, target: int) -> int:
    """Middle of the bin whose sequence raises a track at a base most."""
    query = f"track={track}&chrom={CHROM}&position={target}"
    found = _computed(f"{site}api/v1/saliency?{query}", "values")
    values, width = found["values"], found["bin"]
    return int(found["start"] + (values.index(max(values)) + 0.5) * width)


def _costliest(site: str, track: str, window: tuple[int, int], target: int) -> str:
    """The change of one base that costs a track most, as chrom:position:REF:ALT."""
    query = f"track={track}&chrom={CHROM}&start={window[0]}&end={window[1]}&target={target}"
    found = _computed(f"{site}api/v1/mutagenesis?{query}", "effects")
    sequence = found["sequence"].upper()
    cost, offset, base = min(
        (effect, offset, base)
        for offset, row in enumerate(found["effects"])
        for base, effect in zip("ACGT", row, strict=True)
    )
    assert cost < 0
    return f"{CHROM}:{found['start'] + offset + 1}:{sequence[offset]}:{base}"


def take(browser: Browser, site: str, shot: Shot, folder: Path) -> Path:
    """Take one picture into a folder."""
    size: Any = {"width": shot.width, "height": shot.height}
    context = browser.new_context(viewport=size, color_scheme=shot.scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(site + shot.address)
    page.locator(shot.there).first.wait_for(timeout=COMPUTED_MS)
    if shot.then:
        shot.then(page)
    # What is drawn without is drawn again: the levels that scales begin at.
    page.wait_for_load_state("networkidle")
    # Two frames: what was waited for is painted then.
    page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    file = folder / f"{shot.name}.png"
    page.screenshot(path=str(file))
    context.close()
    return file


def main() -> None:
    """Prepare the demo, or take the one that is given, and take every picture."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("names", nargs="*", help="pictures to take; all if none is named")
    parser.add_argument("--demo", type=Path, help="a prepared demo; one is made if left out")
    parser.add_argument("--out", type=Path, default=FOLDER)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with prepared(given.demo) as demo, served(demo) as site, chromium() as browser:
        for shot in shots(site):
            if not given.names or shot.name in given.names:
                print(take(browser, site, shot, given.out), flush=True)


@contextmanager
def prepared(demo: Path | None) -> Iterator[Path]:
    """Give a prepared demo, made in a folder of its own if there is none."""
    if demo is not None:
        yield demo
        return
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "demo"
        command = [sys.executable, "-m", "sighthound", "demo", "--prepare-only", str(made)]
        subprocess.run(command, cwd=ROOT, check=True)
        yield made


if __name__ == "__main__":
    main()
