"""What figures say under the pointer, compared with the numbers that they were made of.

Every label is read where a person reads it: in Chromium, with the mouse over a known base.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from sighthound.core.genome.sequence import one_hot
from sighthound.core.interpretation.attributions import contributions
from tests.browser.conftest import NAME, SITES
from tests.browser.letters import TEXTS, assert_apart
from tests.browser.locus import COMPUTED_MS, Locus, visit
from tests.browser.site import CHROMIUM, answer

BASES = "ACGT"
CHROM, START, END = "chrI", 5_000, 5_060
TARGET = 5_040
SITES_WINDOW = (5_200, 5_240)
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
def site(tiny_site: str) -> str:
    return tiny_site


# Where the frames of variants begin and end, in every panel.
FRAMES = """() => document.querySelector("#mutagenesis-figure .js-plotly-plot")._fullLayout.shapes
    .filter(({ type, line }) => type === "rect" && line.width === 1.4)
    .map(({ x0, x1 }) => [x0, x1])"""


class Looking(Locus):
    """A page whose figures are read with the mouse."""

    def asked(
        self,
        *,
        theme: Literal["light", "dark"] = "light",
        scale: str = "own",
        start: int = START,
        end: int = END,
        variant: str = "",
    ) -> Looking:
        self.page.emulate_media(color_scheme=theme)
        region = f"{CHROM}:{start + 1}-{end}@{TARGET + 1}"
        more = f"&scale={scale}" + (f"&variant={variant}" if variant else "")
        self.open(f"?locus={CHROM}:4001-6000&mutagenesis={','.join(TRACKS)}@{region}{more}")
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
def looking(browser: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[Looking]:
    motion = getattr(request, "param", "no-preference")
    with visit(Looking, browser, site, reduced_motion=motion) as visitor:
        yield visitor


def parts(pattern: str, words: str) -> tuple[str, ...]:
    """The groups of a pattern that words have."""
    found = re.search(pattern, words)
    assert found is not None, words
    return found.groups()


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
                place, change, rest = parts(r"^chrI:([\d,]+) (\S+): (.*)$", words)
                assert (place, change) == (f"{position + 1:,}", f"{before}>{after}")
                effect = track["effects"][position - START][BASES.index(after)]
                value, unit = parts(r"^(\S+) \((\w+ per 64 bp)\)", rest)
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


# Words of the figure that reach over its edges.
CUT = """() => {
    const figure = document.querySelector("#mutagenesis-figure .js-plotly-plot");
    const { left, right } = figure.getBoundingClientRect();
    return [...figure.querySelectorAll(".main-svg text")].filter((text) => {
        const box = text.getBoundingClientRect();
        return box.width > 0 && (box.left < left - 0.5 || box.right > right + 0.5);
    }).map((text) => text.textContent);
}"""


@pytest.mark.parametrize("width", [900, 2200])
def test_no_word_of_the_figure_is_cut_off_at_its_edges(looking: Looking, width: int) -> None:
    looking.page.set_viewport_size({"width": width, "height": 900})
    looking.asked(scale="units")
    assert looking.page.evaluate(CUT) == []


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
            does, value = parts(
                rf"chrI:{position + 1:,} {base}: changing it (costs|adds) (\S+) \(\w+ per 64 bp\) "
                "on average",
                words,
            )
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


def test_a_motif_says_its_name_strand_and_place_and_a_cell_what_it_makes_or_breaks(
    looking: Looking,
) -> None:
    start, end = SITES_WINDOW
    looking.asked(start=start, end=end)
    shown: list[str] = []
    for panel, track in enumerate(TRACKS):
        where = f"chrom={CHROM}&start={start}&end={end}&target={TARGET}"
        named = answer(f"{looking.site}api/v1/motifs?track={track}&{where}")
        for motif, height in zip(named["motifs"], (1.5, 0.5), strict=False):
            # Its name lies over its first bases; both say the same.
            for base in (motif["start"], motif["end"] - 1):
                words = looking.said(base, f"yaxis{4 * panel + 2}", height)
                strand = "minus" if motif["strand"] == "-" else "plus"
                assert words[0] == f"{motif['name']} ({motif['motif']}), {strand} strand"
                assert words[1] == f"{CHROM}:{motif['start'] + 1:,}-{motif['end']:,}"
                assert number(words[2].split("q = ")[1]) == pytest.approx(motif["q_value"], rel=0.1)
            letters = SITES[motif["start"]]
            assert letters == ("ATGTATGGGTGT" if strand == "plus" else "ACACCCATACAT")
            shown.append(motif["name"])
        for change in named["changes"][:: len(named["changes"]) // 5]:
            same = [
                other for other in named["changes"]
                if (other["position"], other["alternative"])
                == (change["position"], change["alternative"])
            ]  # fmt: skip
            line = "TGCA".index(change["alternative"])
            _, *lines = looking.said(change["position"], f"yaxis{4 * panel + 4}", line)
            assert lines == [
                f"{'makes' if c['kind'] == 'gain' else 'breaks'} {c['name']} {c['strand']} "
                f"(p = {c['p_value']:.1g})"
                for c in same
            ]
    assert set(shown) == {"RAP1"}


def test_bases_keep_their_labels_around_an_indel_whose_place_is_framed(looking: Looking) -> None:
    looking.asked()
    letters = looking.answered["sequence"].upper()
    at = 5_030 - START
    for ref, alt, frame in (
        (letters[at], f"{letters[at]}TTG", (5_031, 5_031)),
        (letters[at : at + 4], letters[at], (5_031, 5_034)),
    ):
        looking.asked(variant=f"{CHROM}:5031:{ref}:{alt}")
        looking.card()
        assert_cells_are_true(looking, [5_030, 5_032])
        frames = looking.page.evaluate(FRAMES)
        assert frames == [[first + 0.5 for first in frame]] * len(TRACKS)
        x, y = looking.point("variants", 5_031)
        looking.page.mouse.move(x, y)
        note = looking.page.locator("#locus-note .note-title")
        expect(note).to_have_text(f"{CHROM}:5,031 {ref}>{alt}")


# Where the middle of a base is on the screen: in the view, and in the figure.
COLUMNS = """(bases) => {
    const figure = document.querySelector("#mutagenesis-figure .js-plotly-plot");
    const { xaxis } = figure._fullLayout;
    const { left } = figure.getBoundingClientRect();
    return bases.map((base) => [
        sighthound.baseX(base), left + xaxis._offset + xaxis.l2p(base + 1),
    ]);
}"""


def test_bases_of_a_linked_panel_stand_below_their_columns_in_the_view(looking: Looking) -> None:
    page = looking.asked().page
    page.locator("#mutagenesis-link").click()
    base = answer(f"{looking.site}api/v1/sequence?chrom={CHROM}&start=5030&end=5031")["sequence"]
    alternative = "A" if base != "A" else "C"

    def assert_aligned() -> None:
        looking.drawn()
        start, end = (int(looking.window[edge]) for edge in ("start", "end"))
        bases = [start, start + 7, (start + end) // 2 - 5]
        apart = f"(bases) => ({COLUMNS})(bases).every(([a, b]) => Math.abs(a - b) < 0.5)"
        page.wait_for_function(apart, arg=bases, timeout=COMPUTED_MS)

    assert (looking.window["start"], looking.window["end"]) == (START, END)
    assert_aligned()
    page.set_viewport_size({"width": 900, "height": 900})
    assert_aligned()
    page.locator("#zoom-in").click()
    assert_aligned()
    page.set_viewport_size({"width": 1400, "height": 900})
    assert_aligned()
    # Beside a variant's card the panel is narrower than the view.
    looking.search(f"{CHROM}:5,031 {base}>{alternative}")
    looking.card()
    assert_aligned()
    # Let go of, it shows all its bases again.
    page.locator("#mutagenesis-link").click()
    page.wait_for_function(
        "(range) => document.querySelector('#mutagenesis-figure .js-plotly-plot')"
        ".layout.xaxis.range.join() === range",
        arg=f"{START + 0.5},{END + 0.5}",
    )


# Where the bar or point of a track is on the screen.
BAR = """(track) => {
    const figure = document.querySelector("#variant-graph .js-plotly-plot");
    figure.scrollIntoView({ block: "center" });
    const { xaxis, yaxis } = figure._fullLayout;
    const { left, top } = figure.getBoundingClientRect();
    for (const { type, x, y, customdata } of figure._fullData) {
        const at = Array.from(customdata ?? []).indexOf(track);
        if (at < 0) continue;
        const along = type === "bar" ? x[at] / 2 : x[at];
        return [left + xaxis._offset + xaxis.l2p(along), top + yaxis._offset + yaxis.l2p(y[at])];
    }
}"""


# With less motion nothing else moves rows later, which once hid that they were not scrolled to.
@pytest.mark.parametrize("looking", ["no-preference", "reduce"], indirect=True)
def test_a_bar_says_and_shows_its_track(looking: Looking) -> None:
    base = answer(f"{looking.site}api/v1/sequence?chrom={CHROM}&start=5030&end=5031")["sequence"]
    alternative = "A" if base != "A" else "C"
    variant = f"{CHROM}:5031:{base}:{alternative}"
    looking.open(f"?locus={CHROM}:4001-6000&tracks=atac&variant={variant}")
    looking.card()
    page = looking.page
    ranked = {row["track"]: row for row in looking.effects()["ranked"]}
    bars = page.evaluate(
        "() => document.querySelector('#variant-graph .js-plotly-plot')._fullData"
        ".filter(({ type }) => type === 'bar').flatMap(({ customdata }) => Array.from(customdata))"
    )
    (cage,) = (track for track in bars if track.startswith("cage"))
    x, y = page.evaluate(BAR, cage)
    page.mouse.move(x - 1, y)
    page.mouse.move(x, y)
    shown = page.locator("#variant-graph .hoverlayer .hovertext")
    expect(shown).to_have_count(1)
    lines = [line.replace("\u00a0", " ") for line in shown.locator(".line").all_text_contents()]
    local, context = (line for line in lines if "SAD" in line)
    for line, values in ((local, ranked[cage]["local"]), (context, ranked[cage])):
        before, after, sad = parts(r"(\S+) \u2192 (\S+): SAD (\S+)", line)
        (ratio,) = parts(r"ratio (\S+)", line)
        for said, name in ((before, "reference"), (after, "alternative"), (sad, "sad")):
            assert number(said) == pytest.approx(values[name], rel=6e-3)
        assert number(ratio) == pytest.approx(values["log2"], rel=6e-3)
    start, end = (ranked[cage]["local"][edge] for edge in ("start", "end"))
    assert lines[1].startswith(f"{CHROM}:{start + 1:,}-{end:,}, ")

    page.mouse.click(x, y)
    looking.drawn()
    row = f"{cage}/difference"
    assert looking.hook("state().tracks") == ["atac", cage]
    page.wait_for_function("(row) => sighthound.inSight(row)", arg=row)
    # One that is there is scrolled to; the keyboard has the same list.
    page.locator("#variant-show").press("Enter")
    page.locator("#ranking-menu [data-track=atac]").press("Enter")
    page.wait_for_function("() => sighthound.inSight('atac/difference')")
    assert looking.hook("state().tracks") == ["atac", cage]


@pytest.mark.parametrize("mm", [85, 180])
def test_a_picture_for_print_has_no_small_cut_or_overlapping_letters(
    looking: Looking, mm: int
) -> None:
    looking.asked()
    page = looking.page
    looking.open(
        f"?locus={CHROM}:1501-6000&tracks=atac,cage.minus&saliency=atac@{CHROM}:2001"
        f"&mutagenesis=atac@{CHROM}:{START + 1}-{END}@{TARGET + 1}"
    )
    looking.explained()
    looking.mutated(1)

    def printed(**options: bool) -> dict[str, Any]:
        page.locator("#export").click()
        page.locator("#export-print").click()
        form = page.locator("#picture-dialog")
        form.locator(f"input[name=width][value='{mm}']").check()
        form.locator("input[name=form][value=svg]").check()
        for option in ("italic", "withoutR"):
            form.locator(f"input[name={option}]").set_checked(options.get(option, False))
        with page.expect_download() as download:
            page.locator("#picture-save").click()
        sheet = page.context.new_page()
        sheet.set_content(Path(download.value.path()).read_text())
        found = sheet.evaluate(TEXTS)
        sheet.close()
        return found

    found = printed(italic=True)
    texts = found["texts"]
    said = {text["words"] for text in texts}
    assert {"experiment", "ATAC", "prediction", "saliency", "ALPHA1", "BETA1", "held-out"} & said
    assert NAME in " ".join(text["words"] for text in texts)
    assert not any("\u2026" in words for words in said)
    # Coordinates on the ruler, and the unit of the saliency.
    assert sum(bool(re.fullmatch(r"\d,\d{3}", words)) for words in said) >= 2
    assert any(re.fullmatch(r"\u00b1\S+ \(mean per 64 bp\)", words) for words in said)
    for text in texts:
        points = text["size"] / found["width"] * mm * 72 / 25.4
        assert points >= 5.999, text
        left, top, right, bottom = text["box"]
        for edges in (found["page"], *text["clips"]):
            assert left >= edges[0] - 1, text
            assert right <= edges[2] + 1, text
            assert top >= edges[1] - 4, text
            assert bottom <= edges[3] + 4, text
        assert text["italic"] == (text["words"] in ("ALPHA1", "BETA1")), text
    assert_apart([text for text in texts if not text["turned"]])

    without = {text["words"] for text in printed(withoutR=True)["texts"]}
    assert any(words.startswith("r ") for words in said)
    assert not any(words.startswith("r ") for words in without)
    assert "test" not in without
