"""The paper's stories in Chromium, each on real experiments and on simulated ones.

Of the simulated it is known which motif causes what; the demo's are measured. Both on chromosome
XVI, which neither network saw in training.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, expect

from sighthound.core.genome.sequence import Interval
from sighthound.precompute.recipes.simulated_demo import TRUTH
from tests.browser import svg
from tests.browser.locus import COMPUTED_MS, Locus
from tests.browser.site import CHROMIUM, answer

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: tests/install_tools.sh")

CHROM = "chrXVI"
SPAN = 6_144  # bp
MOST_TABS = 60
# The ranking of the variant's card: bars with their lines from the top, and points.
RANKING = """() => {
    const { data, layout } = document.querySelector("#variant-graph .js-plotly-plot");
    const [bars, points] = data.map(({ x }) => ({ x: Array.from(x ?? []) }));
    const { tickvals, ticktext } = layout.yaxis;
    const order = tickvals.map((value, i) => [value, ticktext[i]]).sort(([a], [b]) => b - a);
    return [{ ...bars, lines: order.map(([, words]) => words) }, points];
}"""
# What has the focus, and whether a person sees that.
FOCUS = """() => {
    const { id, tagName } = document.activeElement;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
    const isSeen = (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
    return [id || tagName, isSeen];
}"""


@dataclass(frozen=True)
class Story:
    """Where a data set tells the stories."""

    dataset: str
    gene: str
    usual: str
    changed: str  # a track in the other condition, in which the gene is more active
    variant: str  # in the gene's promoter; breaks the motif
    motif: str
    second: str  # another variant, that fits on the same sequence


STORIES = (
    Story("simulated", "ASN1", "CAGE_rich_plus_r1", "CAGE_starved_plus_r1",
          f"{CHROM}:822397:T:A", "GCN4", f"{CHROM}:822488:C:A"),
    Story("demo", "ROX1", "STRIPE_WT_plus", "STRIPE_diamide_plus",
          f"{CHROM}:679530:T:C", "SMP1", f"{CHROM}:679482:T:C"),
)  # fmt: skip


@pytest.fixture(
    scope="module",
    params=STORIES,
    ids=lambda story: story.dataset,
)
def story(request: pytest.FixtureRequest) -> Story:
    return request.param


@pytest.fixture(scope="module")
def project(request: pytest.FixtureRequest, story: Story) -> Path:
    return request.getfixturevalue(f"{story.dataset}_project")


@pytest.fixture(scope="module")
def site(project: Path, addresses: Callable[[Path], str]) -> str:
    return addresses(project)


class Reader(Locus):
    """A biologist who follows a story."""

    def __init__(self, browser: Browser, site: str, story: Story) -> None:
        self.context = browser.new_context(
            viewport={"width": 1400, "height": 880}, accept_downloads=True
        )
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        super().__init__(self.context.new_page(), site)
        self.story = story

    @property
    def around(self) -> Interval:
        """Bins of both data sets, around the gene's start."""
        start = (self.tss - SPAN // 2) // 128 * 128
        return Interval(CHROM, start, start + SPAN)

    def two_conditions(self, more: str = "") -> None:
        """Both conditions, around the gene."""
        tracks = f"{self.story.usual},{self.story.changed}"
        self.open(f"?locus={CHROM}:{self.around.start + 1}-{self.around.end}&tracks={tracks}{more}")

    def named(self, track: str) -> str:
        return next(t["name"] for t in self.project()["tracks"] if t["id"] == track)

    @property
    def tss(self) -> int:
        (found, *_) = answer(f"{self.site}api/v1/search?q={self.story.gene}")["results"]
        place = f"chrom={found['chrom']}&start={found['start']}&end={found['end']}"
        genes = answer(f"{self.site}api/v1/genes?{place}")["genes"]
        return next(g["tss"][0] for g in genes if g["name"] == self.story.gene)

    def computed(self, question: str) -> Any:
        """The server's answer, which the page has asked for before."""
        return answer(f"{self.site}api/v1/{question}")

    def effects_of_bases(self, *tracks: str) -> list[np.ndarray]:
        """What the server answers for the mutagenesis in the address: (4, bases) a track."""
        window = self.hook("state().mutagenesis")
        place = "&".join(f"{key}={window[key]}" for key in ("chrom", "start", "end", "target"))
        found = self.computed(f"mutagenesis?tracks={','.join(tracks)}&{place}")
        return [np.array(track["effects"]).T for track in found["tracks"]]


@pytest.fixture
def reader(browser: Browser, site: str, story: Story) -> Iterator[Reader]:
    reader = Reader(browser, site, story)
    yield reader
    reader.context.close()
    assert reader.problems == []


def strongest(saliency: dict[str, Any], window: dict[str, Any]) -> float:
    """The middle of the bin in view with the largest |saliency|."""
    middles = saliency["start"] + (np.arange(len(saliency["values"])) + 0.5) * saliency["bin"]
    in_view = (window["start"] < middles) & (middles < window["end"])
    return float(middles[np.argmax(np.abs(saliency["values"]) * in_view)])


def heat_maps(traces: list[dict[str, Any]]) -> list[list[list[float]]]:
    """Effects as they are drawn, (4, bases) a track; A C G T, from above."""
    return [trace["z"][::-1] for trace in traces if trace["type"] == "heatmap"]


def planted_site(project: Path, story: Story) -> tuple[int, int]:
    """Where the truth has the motif of the gene's promoter, 0-based."""
    truth = pd.read_parquet(project / TRUTH)
    of_gene = (truth.gene_name == story.gene) & (truth.factor == story.motif)
    (site,) = truth[
        of_gene & (truth.kind == "proximal") & (truth.condition == "starved")
    ].itertuples()
    return site.start, site.end


def test_a_promoter_is_explained_down_to_the_bases_and_their_motif(
    reader: Reader, project: Path
) -> None:
    story = reader.story
    page = reader.open(f"?tracks={story.usual},{story.changed}").page
    reader.search(story.gene)
    tss = reader.tss
    expect(page.locator("#announcer")).to_contain_text(story.gene)
    reader.drawn()

    # Which sequence drives this promoter?
    reader.click(f"{story.changed}/prediction", tss)
    saliency = reader.explained()
    above, below = f"{story.changed}/prediction", f"{story.changed}/saliency"
    assert reader.rows.index(below) == reader.rows.index(above) + 1
    assert saliency["target"]["start"] <= tss < saliency["target"]["end"]
    assert saliency["context"]["start"] < tss - 4_000
    assert saliency["context"]["end"] > tss + 4_000
    assert saliency["truncated"] == {"left": 0, "right": 0}
    reader.picture(f"story_{story.dataset}_saliency")

    # Which bases? The heat map is the server's answer, and letters stand above it.
    reader.click(below, strongest(saliency, reader.window))
    (heat_map,) = heat_maps(reader.mutated())
    (effects,) = reader.effects_of_bases(story.changed)
    assert effects.shape == (4, 200)
    assert np.array(heat_map) == pytest.approx(effects)
    letters = page.locator("#mutagenesis-graph .shapelayer path")
    expect(letters.first).to_be_attached()
    assert letters.count() > 4
    if story.dataset == "simulated":
        # The simulation planted it there, and its bases matter most.
        start, end = planted_site(project, story)
        most = int(np.argmin(effects.sum(axis=0)))
        assert start <= reader.hook("state().mutagenesis.start") + most < end
        motifs = page.locator("#mutagenesis-graph .annotation-text")
        expect(motifs.filter(has_text=story.motif)).to_have_count(1, timeout=COMPUTED_MS)
    if story.dataset == "demo":
        doubt = page.locator("#mutagenesis-doubt")
        expect(doubt).to_contain_text("networks disagree", timeout=COMPUTED_MS)
        box = doubt.bounding_box()
        assert box is not None
        assert box["height"] < 24, "a sentence is one line"
    reader.picture(f"story_{story.dataset}_mutagenesis")
    page.keyboard.press("Escape")
    expect(page.locator("#mutagenesis-panel")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#saliency-box")).to_be_hidden()

    # Near the end of a chromosome the network sees less, and the row says so.
    reader.search(f"{CHROM}:1-6,000")
    reader.drawn()
    reader.click(above, 3_000)
    saliency = reader.explained()
    assert saliency["truncated"]["left"] > 0
    title = f"saliency of {reader.named(story.changed)}"
    drawn = svg.row_of(reader.download("export-svg"), title)
    assert "beyond the end" in "".join(drawn.itertext())
    reader.picture(f"story_{story.dataset}_end")


def test_two_conditions_are_compared_on_the_same_axes(reader: Reader, project: Path) -> None:
    story = reader.story
    reader.two_conditions()
    page = reader.page
    names = [reader.named(track) for track in (story.usual, story.changed)]
    own = reader.download("export-svg")
    assert len({svg.scale_of(own, f"experiment of {name}") for name in names}) == 2

    page.locator("#view-mode").get_by_text("Residual").click()
    expect(page).to_have_url(re.compile("mode=residual"))
    reader.drawn()
    page.locator("#locus-canvas").focus()
    measured = [row for row in reader.rows if row.startswith("measured/")]
    for _ in range(len(measured) + 1):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("m")
    page.locator("#row-for-all").check()
    page.locator("#row-menu").get_by_text("Group", exact=True).click()
    page.keyboard.press("Escape")
    reader.drawn()
    assert [row for row in reader.rows if "/" in row] == measured + [
        f"{track}/residual" for track in (story.usual, story.changed)
    ]
    shared = reader.download("export-svg")
    assert len({svg.scale_of(shared, f"residual of {name}") for name in names}) == 1
    scales = []
    for track, name in zip((story.usual, story.changed), names, strict=True):
        bins = svg.bins_of_files(project, track, reader.around)
        more, less = svg.steps_of(shared, f"residual of {name}")
        residual = bins["experiment"] - bins["prediction"]
        scales.append(svg.assert_proportional((more + less)[: len(residual)], residual))
    assert scales[0] == pytest.approx(scales[1], rel=0.01)
    reader.picture(f"story_{story.dataset}_residual")

    # The same bases in both, above one another: colours, letters and bars on one scale.
    position = int(story.variant.split(":")[1])
    stacked = f"{story.usual},{story.changed}@{CHROM}:{position - 99}-{position + 100}"
    reader.two_conditions(f"&mutagenesis={stacked}@{reader.tss + 1}")
    # Motifs come when they are named, track by track; their axis has no title.
    traces = [trace for trace in reader.mutated(tracks=2) if trace["title"]]
    half = len(traces) // 2
    for upper, lower in zip(traces[:half], traces[half:], strict=True):
        assert upper["type"] == lower["type"]
        assert upper["range"] == lower["range"]
        assert (upper["zmin"], upper["zmax"]) == (lower["zmin"], lower["zmax"])
    drawn = [np.array(values) for values in heat_maps(traces)]
    usual, changed = effects = reader.effects_of_bases(story.usual, story.changed)
    assert drawn[0] == pytest.approx(effects[0])
    assert drawn[1] == pytest.approx(effects[1])
    # The base in the motif matters more where the gene is more active.
    assert changed[:, 99].sum() < 1.05 * usual[:, 99].sum() < 0
    reader.picture(f"story_{story.dataset}_stacked")


def test_a_variant_is_a_card_of_tracks_genes_and_motifs(reader: Reader) -> None:
    story = reader.story
    reader.two_conditions()
    page = reader.page
    chrom, position, ref, alt = story.variant.split(":")
    reader.search(f"{chrom}:{int(position):,} {ref}>{alt}")
    reader.card()
    assert reader.variants == [story.variant]
    effects = reader.effects()

    # Every track once: the strongest of an assay and sample as a bar, its others as points; by
    # the log ratio over the bins that change most, and by what all bins sum to.
    ranked = effects["ranked"]
    bars, points = page.evaluate(RANKING)
    assert sorted(bars["x"] + points["x"]) == pytest.approx(
        sorted(row["local"]["log2"] for row in ranked)
    )
    page.locator("[data-window=context]").click()
    page.locator("[data-score=sad]").click()
    expect(page.locator("#variant-graph .xtitle")).to_contain_text(
        re.compile("SAD.*that can change"), timeout=COMPUTED_MS
    )
    bars, points = page.evaluate(RANKING)
    known = {track["id"]: track for track in reader.project()["tracks"]}
    assert sorted(bars["x"] + points["x"]) == pytest.approx(sorted(row["sad"] for row in ranked))
    assert len(ranked) == sum(track["modelled"] for track in known.values())
    assert abs(bars["x"][0]) == pytest.approx(abs(ranked[0]["sad"]))
    assays = [words for words in bars["lines"] if words.startswith("<b>")]
    assert assays[0] == f"<b>{known[ranked[0]['track']]['assay']}</b>"
    assert len(assays) == len({track["assay"] for track in known.values()})
    samples = {track["sample"] for track in known.values()}
    assert all(any(sample in words for words in bars["lines"]) for sample in samples)

    # The gene's own start comes first, with its SED.
    gene, *_ = effects["genes"]
    strongest_track, *_ = gene["ranked"]
    first = page.locator("#variant-genes tr").first
    assert gene["name"] == story.gene
    expect(first).to_contain_text(story.gene)
    expect(first.locator(".sed-track")).to_have_text(known[strongest_track["track"]]["name"])
    said = first.locator(".number").evaluate("(cell) => cell.firstChild.textContent")
    assert float(said.replace("\N{MINUS SIGN}", "-")) == pytest.approx(
        strongest_track["sed"], rel=0.01
    )

    broken = page.locator("#variant-motifs [data-kind=loss]").filter(has_text=story.motif)
    expect(broken).to_have_count(1, timeout=COMPUTED_MS)
    changes = reader.computed(f"variant/motifs?variants={quote(story.variant)}")["changes"]
    expect(page.locator("#variant-motifs li")).to_have_count(min(12, len(changes)))
    reader.picture(f"story_{story.dataset}_card")


def test_bases_are_read_as_codons(reader: Reader) -> None:
    """ASN1 begins at chrXVI:822,620 with ATG TGT GGT: Met Cys Gly."""
    page = reader.open("?locus=chrXVI:822601-822660").page
    note = page.locator("#locus-note")
    page.wait_for_function("() => sighthound.rowY('codons') !== null")
    page.mouse.move(*reader.point("codons", 822_623))
    expect(note).to_contain_text("ASN1, codon 2")
    expect(note).to_contain_text("cysteine (Cys)")


def test_a_second_variant_makes_a_haplotype_and_undo_takes_it_off(reader: Reader) -> None:
    story = reader.story
    page = reader.page
    _, position, ref, alt = story.second.split(":")
    middle = f"locus={CHROM}:{int(position) - 40}-{int(position) + 40}"
    reader.open(f"?{middle}&tracks={story.usual},{story.changed}&variant={story.variant}")
    reader.card()
    tracks = (story.usual, story.changed)
    alone = [reader.drawn_change(track) for track in tracks]
    assert alone == pytest.approx([reader.said_change(track) for track in tracks], rel=0.01)

    page.keyboard.press("e")
    expect(page.locator("#base-menu-title")).to_contain_text(ref)
    page.locator(f"#base-menu [data-alternative={alt}]").click()
    reader.card()
    assert sorted(reader.variants) == sorted([story.variant, story.second])
    expect(page.locator("#variant-title")).to_contain_text("Haplotype of 2 variants")
    both = [reader.drawn_change(track) for track in tracks]
    assert both == pytest.approx([reader.said_change(track) for track in tracks], rel=0.01)
    assert all(abs(two - one) > 0.05 * abs(one) for two, one in zip(both, alone, strict=True))
    reader.picture(f"story_{story.dataset}_haplotype")

    page.locator("#variant-undo").click()
    reader.card()
    assert reader.variants == [story.variant]
    assert [reader.drawn_change(track) for track in tracks] == pytest.approx(alone)


def test_a_shared_address_opens_the_same_answers_in_a_fresh_browser(
    reader: Reader, browser: Browser
) -> None:
    story = reader.story
    asked = f"{story.changed}@{CHROM}"
    reader.two_conditions(
        f"&mode=overlay&saliency={asked}:{reader.tss + 1}&variant={story.variant}"
        f"&mutagenesis={asked}:{reader.tss - 149}-{reader.tss - 50}@{reader.tss + 1}"
    )
    reader.explained()
    reader.mutated()
    reader.card()
    reader.page.locator("#share").click()
    address = reader.copied()
    assert address.startswith(f"{reader.site}?")

    colleague = Reader(browser, reader.site, story)
    colleague.open(address.removeprefix(reader.site))
    colleague.card()
    assert colleague.hook("state()") == reader.hook("state()")
    assert colleague.rows == reader.rows
    assert f"{story.changed}/overlay" in colleague.rows
    assert colleague.explained() == reader.explained()
    assert heat_maps(colleague.mutated()) == heat_maps(reader.mutated())
    assert colleague.drawn_change(story.changed) == reader.drawn_change(story.changed)
    colleague.context.close()
    assert colleague.problems == []


def test_an_exported_picture_has_every_row_and_its_bars_are_the_data(
    reader: Reader, project: Path
) -> None:
    story = reader.story
    reader.two_conditions(f"&saliency={story.changed}@{CHROM}:{reader.tss + 1}")
    saliency = reader.explained()
    reader.drawn()
    picture = reader.download("export-svg")
    for row in reader.hook("rows()"):
        svg.row_of(picture, row["name"])
    for track in (story.usual, story.changed):
        names = (track, reader.named(track))
        svg.assert_steps_are_the_files(picture, project, names, reader.around)

    # Bars on which the model's networks disagree have a colour of their own.
    title = f"saliency of {reader.named(story.changed)}"
    raising, lowering, *unknown = svg.bars_of(picture, title)
    left = reader.page.locator("#locus-canvas").evaluate("(c) => c.getBoundingClientRect().left")
    starts = saliency["start"] + np.arange(len(saliency["values"])) * saliency["bin"]
    # `baseX` is of a base's middle.
    places = [reader.hook("baseX(given)", float(start) - 0.5) - left for start in starts]
    for bars, sign in ((raising, 1), (lowering, -1)):
        at = [int(np.argmin(np.abs(x - np.array(places)))) for x in bars[:, 0]]
        values = sign * np.array(saliency["values"])[at]
        assert (values > 0).all()
        svg.assert_proportional(bars[:, 1], values)
    for bars in unknown:
        at = [int(np.argmin(np.abs(x - np.array(places)))) for x in bars[:, 0]]
        svg.assert_proportional(bars[:, 1], np.abs(np.array(saliency["values"])[at]))


def test_the_story_is_told_with_the_keyboard_alone_from_search_to_share(reader: Reader) -> None:
    story = reader.story
    reader.open(f"?tracks={story.usual},{story.changed}")
    page, press = reader.page, reader.page.keyboard.press

    def focused() -> str:
        control, is_seen = page.evaluate(FOCUS)
        assert is_seen, f"{control} does not show that it has the focus"
        return control

    def tab_to(control: str, key: str = "Tab") -> None:
        for _ in range(MOST_TABS):
            if focused() == control:
                return
            press(key)
        raise AssertionError(f"{control} is not reached with {key}")

    press("/")
    assert focused() == "locus-box"
    page.keyboard.type(story.gene)
    press("Enter")
    expect(page.locator("#locus-canvas")).to_be_focused()
    reader.drawn()
    rows = [row for row in reader.rows if "/" in row]
    for _ in range(rows.index(f"{story.changed}/prediction") + 1):
        press("ArrowDown")
    assert focused() == "locus-canvas"
    expect(page.locator("#announcer")).to_contain_text("prediction of")
    reader.picture(f"story_{story.dataset}_keyboard")

    press("Enter")
    target = reader.explained()["target"]
    assert target["start"] <= reader.tss < target["end"]
    press("ArrowDown")
    press("Enter")
    reader.mutated()
    tab_to("mutagenesis-strongest")
    press("Enter")
    expect(page.locator("#strongest-menu button").first).to_be_focused()
    focused()
    press("Enter")
    expect(page.locator("#base-menu .primary")).to_be_focused()
    focused()
    press("Enter")
    reader.card()
    assert len(reader.variants) == 1
    # Twice as many rows, and still that of the track in question is in sight.
    assert reader.hook("inSight(given)", f"{story.changed}/difference")
    tab_to("share", "Shift+Tab")
    press("Enter")
    assert reader.variants[0] in reader.copied()
