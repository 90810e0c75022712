"""What figures say under the pointer, compared with the numbers that they were made of.

Every label is read where a person reads it: in Chromium, with the mouse over a known base.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from core.contributions import contributions
from core.genome import one_hot
from tests.browser.locus import COMPUTED_MS, Locus, visit
from tests.browser.site import CHROMIUM, answer, served
from tests.tiny import make_project, write_bases

BASES = "ACGT"
CHROM, START, END = "chrI", 5_000, 5_060
TARGET = 5_040
# Two bases unknown, and soft-masked ones beside them.
KNOWN = {5_010: "NN", 5_012: "acgtac"}
TRACKS = ("atac", "cage.minus")
MINUS = "\u2212"

# Where a base is on an axis of the mutagenesis, in pixels of the page.
PLACE = """([position, axis, value]) => {
    const figure = document.querySelector("#mutagenesis-figure .js-plotly-plot");
    const { xaxis, [axis]: yaxis } = figure._fullLayout;
    const box = () => figure.getBoundingClientRect();
    const scroller = document.querySelector("#mutagenesis-figure");
    const y = () => yaxis._offset + (value === null ? yaxis._length / 2 : yaxis.l2p(value));
    scroller.scrollTop += box().top + y() - scroller.getBoundingClientRect().top - 90;
    return [box().left + xaxis._offset + xaxis.l2p(position), box().top + y()];
}"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: tests/install_tools.sh")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    project = make_project(tmp_path_factory.mktemp("labels") / "tiny")
    write_bases(project, CHROM, KNOWN)
    settings = project / "sighthound.toml"
    settings.write_text(settings.read_text() + '\n[motifs]\ntax_group = "fungi"\n')
    with served(project) as address:
        yield address


class Looking(Locus):
    """A page whose figures are read with the mouse."""

    def asked(self, *, theme: str = "light", scale: str = "own") -> Looking:
        self.page.emulate_media(color_scheme=theme)
        region = f"{CHROM}:{START + 1}-{END}@{TARGET + 1}"
        self.open(f"?locus={CHROM}:4001-6000&mutagenesis={','.join(TRACKS)}@{region}&scale={scale}")
        self.mutated(len(TRACKS))
        # Names of motifs come into the figure later and draw it anew.
        expect(self.page.locator("#mutagenesis-graph")).not_to_contain_text(
            "naming motifs", timeout=COMPUTED_MS
        )
        return self

    def said(self, position: int, axis: str, value: float | None = None) -> list[str]:
        """The lines under the pointer over a 0-based base, at a value of a y axis or its middle."""
        page = self.page
        shown = page.locator("#mutagenesis-graph .hoverlayer .hovertext")
        page.mouse.move(5, 5)
        expect(shown).to_have_count(0)
        x, y = page.evaluate(PLACE, [position + 1, axis, value])
        page.mouse.move(x - 1, y)
        page.mouse.move(x, y)
        expect(shown).to_have_count(1)
        lines = shown.locator("text.nums .line")
        found = lines.all_text_contents() if lines.count() else shown.all_text_contents()
        return [line.replace("\u00a0", " ") for line in found]

    @property
    def answered(self) -> Any:
        """What the server answers for the mutagenesis in the page."""
        where = f"chrom={CHROM}&start={START}&end={END}&target={TARGET}"
        return answer(f"{self.site}api/v1/mutagenesis?tracks={','.join(TRACKS)}&{where}")

    def zoom(self, first: int, last: int) -> None:
        """Show some bases alone, in the figure."""
        self.page.evaluate(
            "(range) => Plotly.relayout(document.querySelector("
            "'#mutagenesis-figure .js-plotly-plot'), { 'xaxis.range': range })",
            [first + 0.5, last + 0.5],
        )


@pytest.fixture
def looking(browser: Browser, site: str) -> Iterator[Looking]:
    with visit(Looking, browser, site) as visitor:
        yield visitor


def number(text: str) -> float:
    """A number as figures write it."""
    return float(text.replace(MINUS, "-").replace(",", "").replace("+", ""))


def assert_cells_are_true(looking: Looking, positions: list[int], scale: str = "own") -> None:
    """Every cell at some bases, in every panel, names its change and the effect of this change."""
    found = looking.answered
    for panel, track in enumerate(found["tracks"]):
        axis = f"yaxis{4 * panel + 4}"
        for position in positions:
            before = found["sequence"][position - START].upper()
            for line, after in enumerate("TGCA"):
                if before == after:
                    continue
                # Motifs that the change makes or breaks stand below.
                words, *_ = looking.said(position, axis, line)
                place, change, rest = re.fullmatch(r"chrI:([\d,]+) (\S+): (.*)", words).groups()
                assert (place, change) == (f"{position + 1:,}", f"{before}>{after}")
                effect = track["effects"][position - START][BASES.index(after)]
                value, unit = re.match(r"(\S+) \((\w+ per 64 bp)\)", rest).groups()
                assert number(value) == pytest.approx(effect, rel=6e-3, abs=1e-9)
                assert unit == ("mean per 64 bp" if track["track"] == "atac" else "sum per 64 bp")
                reference = track["reference"]
                if part := re.search(rf", ([+{MINUS}][\d.e-]+) %", rest):
                    assert number(part[1]) == pytest.approx(100 * effect / reference, rel=0.05)
                if scale == "log2":
                    ratio = np.log2((max(reference + effect, 0) + 1) / (reference + 1))
                    said = number(rest.split("log2 ratio ")[1].split()[0])
                    assert said == pytest.approx(ratio, rel=6e-3, abs=1e-9)


def test_every_cell_of_the_heat_map_names_its_base_position_and_effect(looking: Looking) -> None:
    looking.asked()
    assert_cells_are_true(looking, [START, 5_010, 5_013, TARGET, END - 1])


def test_labels_stay_true_zoomed_in_on_a_narrow_dark_page_and_as_ratios(looking: Looking) -> None:
    looking.asked(theme="dark", scale="log2")
    looking.page.set_viewport_size({"width": 900, "height": 900})
    looking.zoom(5_020, 5_032)
    assert_cells_are_true(looking, [5_021, 5_031], scale="log2")


def test_letters_and_bars_say_what_is_drawn_in_their_column_at_any_height(looking: Looking) -> None:
    looking.asked()
    found = looking.answered
    letters = found["sequence"].upper()
    for panel, track in enumerate(found["tracks"]):
        effects = np.array(track["effects"])
        worth = contributions(one_hot(letters), effects)
        logo, bars = (f"yaxis{4 * panel + place or ''}" for place in (1, 3))
        logo = "yaxis" if panel == 0 else logo
        for position in (START, 5_010, 5_013, 5_030, END - 1):
            offset = position - START
            base = letters[offset]
            (words,) = looking.said(position, logo)
            does, value = re.fullmatch(
                rf"chrI:{position + 1:,} {base}: changing it (costs|adds) (\S+) \(\w+ per 64 bp\) "
                "on average",
                words,
            ).groups()
            assert (does == "costs") == (worth[offset] > 0)
            assert number(value) == pytest.approx(abs(worth[offset]), rel=6e-3)
            place, gain, loss = looking.said(position, bars)
            assert place == f"chrI:{position + 1:,} {base}"
            others = {b: effects[offset, i] for i, b in enumerate(BASES) if b != base}
            for word, line, best in (("gain", gain, max), ("loss", loss, min)):
                after = best(others, key=others.__getitem__)
                if (others[after] > 0) != (word == "gain"):
                    assert line == f"no change is a {word}"
                    continue
                assert line.startswith(f"largest {word}: {base}>{after} ")
                assert number(line.split()[3]) == pytest.approx(others[after], rel=6e-3)
