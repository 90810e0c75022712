"""Finding things: what is typed, steps, bookmarks, and the lists that commands made."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pysam
import pytest
from playwright.sync_api import Browser, expect

from sighthound.core.genome.sequence import Interval
from sighthound.core.project.settings import load_project
from tests.browser.locus import Locus, visit
from tests.browser.site import CHROMIUM, answer, served

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: tests/install_tools.sh")

# Known variants of the project: id, chromosome, position from 1; the effect on its first track.
KNOWN = (("rs101", "chrII", 50_000, 0.5), ("rs102", "chrIV", 70_000, -9.0))


@pytest.fixture(scope="module")
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo with known variants and their scores."""
    given = os.environ.get("SIGHTHOUND_BROWSER_PROJECT")
    demo = Path(given) if given else request.getfixturevalue("simulated_project")
    folder = tmp_path_factory.mktemp("find") / "demo"
    shutil.copytree(demo, folder, ignore=shutil.ignore_patterns(".cache"))
    genome, track = load_project(folder).open_genome(), load_project(folder).read_tracks()[0].id
    lines, scores = ["##fileformat=VCFv4.2"], []
    lines += [f"##contig=<ID={chrom}>" for chrom in genome.lengths]
    lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
    for name, chrom, position, effect in KNOWN:
        ref = genome.sequence(Interval(chrom, position - 1, position))
        alt = "A" if ref != "A" else "G"
        lines.append(f"{chrom}\t{position}\t{name}\t{ref}\t{alt}\t.\t.\t.")
        variant = {"variant": f"{chrom}:{position}:{ref}:{alt}", "chrom": chrom, "id": name}
        about = {"position": position, "ref": ref, "alt": alt, "score": "sad", "value": "score"}
        scores.append({**variant, **about, track: effect})
    (folder / "known.vcf").write_text("\n".join(lines) + "\n")
    pysam.tabix_index(str(folder / "known.vcf"), preset="vcf", force=True)
    table = pa.Table.from_pandas(pd.DataFrame(scores), preserve_index=False)
    about_run = json.dumps({"version": "test"})
    pq.write_table(table.replace_schema_metadata({"sighthound": about_run}), folder / "s.parquet")
    settings = folder / "sighthound.toml"
    settings.write_text(settings.read_text() + '\n[variants]\nvcf = "known.vcf.gz"\n')
    return folder


@pytest.fixture(scope="module")
def site(project: Path) -> Iterator[str]:
    with served(project) as address:
        yield address


@pytest.fixture
def finding(browser: Browser, site: str) -> Iterator[Locus]:
    with visit(Locus, browser, site) as visitor:
        yield visitor.open()


def shows(finding: Locus, chrom: str, position: int) -> None:
    """The window comes to hold a base (from 1)."""
    script = (
        "([chrom, base]) => { const w = sighthound.state().window;"
        " return w.chrom === chrom && w.start < base && base <= w.end; }"
    )
    finding.page.wait_for_function(script, arg=[chrom, position])


def api(finding: Locus, path: str) -> dict[str, Any]:
    return answer(f"{finding.site}api/v1/{path}")


def test_what_is_typed_is_found_in_any_usual_form(finding: Locus) -> None:
    page = finding.page
    for words, start, end in (
        ("IV 1000 2000", 999, 2000),
        ("chr4:1,500-2,500", 1499, 2500),
        ("chrIV\t2999\t4000\tpeak", 2999, 4000),
        ("5.5k-6k", 5499, 6000),
    ):
        finding.search(words)
        page.wait_for_function("(start) => sighthound.state().window.start === start", arg=start)
        assert finding.window == {"chrom": "chrIV", "start": start, "end": end}
    finding.search("20,000")
    shows(finding, "chrIV", 20_000)
    assert finding.window["end"] - finding.window["start"] == 501, "as wide as before"
    finding.search("YCL030C")
    gene = api(finding, "search?q=HIS4")["results"][0]
    shows(finding, gene["chrom"], (gene["start"] + gene["end"]) // 2)
    expect(page).to_have_title(re.compile("HIS4"))
    finding.search("chrIV:5 NN>A")
    expect(page.locator("#locus-problem")).to_contain_text("expected bases")


def test_an_address_may_name_a_gene_and_back_leaves_the_page_it_was_opened_from(
    finding: Locus,
) -> None:
    page, before = finding.page, finding.page.url
    page.goto(f"{finding.site}?locus=HIS4")
    gene = api(finding, "search?q=HIS4")["results"][0]
    shows(finding, gene["chrom"], (gene["start"] + gene["end"]) // 2)
    page.wait_for_function(f"() => location.search.includes('{gene['chrom']}')")
    page.go_back()
    expect(page).to_have_url(before)


def test_ids_of_known_variants_complete_and_open_the_variant(finding: Locus) -> None:
    page = finding.page
    page.keyboard.press("/")
    box = page.locator("#locus-box")
    suggestions = page.locator("#locus-suggestions [role=option]")
    # The first search for an id indexes the VCF.
    while not api(finding, "search?q=rs10")["results"]:
        page.wait_for_timeout(100)
    box.fill("RS10")
    expect(suggestions).to_have_count(2)
    finding.picture("find-ids")
    box.press("ArrowDown")
    box.press("ArrowDown")
    box.press("Enter")
    name, chrom, position, _ = KNOWN[1]
    shows(finding, chrom, position)
    (variant,) = finding.hook("state().variant")
    assert (variant["chrom"], variant["position"]) == (chrom, position - 1)
    expect(page).to_have_title(re.compile(name))


def test_steps_lead_from_gene_to_gene_and_peak_to_peak_and_back(finding: Locus) -> None:
    page = finding.page
    finding.search("HIS4")
    expect(page).to_have_title(re.compile("HIS4"))
    page.keyboard.press("g")
    expect(page).not_to_have_title(re.compile("HIS4"))
    page.keyboard.press("Shift+G")
    expect(page).to_have_title(re.compile("HIS4"))
    page.keyboard.press("p")
    expect(page).to_have_title(re.compile("Peak of"))
    peak = finding.window
    page.keyboard.press("p")
    page.wait_for_function(
        "(start) => sighthound.state().window.start !== start", arg=peak["start"]
    )
    page.go_back()
    page.wait_for_function(
        "(start) => sighthound.state().window.start === start", arg=peak["start"]
    )
    assert finding.window == peak, "Back goes to the peak before"


def test_a_place_is_bookmarked_named_found_again_and_taken_away(finding: Locus) -> None:
    page = finding.page
    finding.search("chrIV:10,001-20,000")
    shows(finding, "chrIV", 15_000)
    page.keyboard.press("b")
    page.keyboard.type("my promoter")
    page.keyboard.press("Enter")
    expect(page.locator("#bookmark-list .place-name")).to_have_text("my promoter")
    expect(page.locator("#bookmark")).to_have_attribute("aria-pressed", "true")
    finding.search("chrII:1-9,000")
    shows(finding, "chrII", 100)
    expect(page.locator("#bookmark")).to_have_attribute("aria-pressed", "false")
    page.reload()
    finding.drawn()
    page.keyboard.press("f")
    page.locator("#places-tab-bookmarks").click()
    page.locator("#bookmark-list .place").click()
    shows(finding, "chrIV", 15_000)
    with page.expect_download() as download:
        page.locator("#bookmark-export").click()
    bed = Path(download.value.path()).read_text()
    assert bed == "chrIV\t10000\t20000\tmy promoter\n"
    page.get_by_label("Remove my promoter").click()
    expect(page.locator("#bookmark-list .place")).to_have_count(0)
    page.locator("#bookmark-file").set_input_files(download.value.path())
    expect(page.locator("#bookmark-list .place-name")).to_have_text("my promoter")
    # The box offers where one was, before anything is typed.
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#locus-suggestions [role=option]").first).to_contain_text("my promoter")
    finding.picture("find-recent")


def test_disagreements_are_listed_filtered_and_walked_through(finding: Locus) -> None:
    page = finding.page
    shown = api(finding, "project")["default_tracks"]
    page.keyboard.press("x")
    places = api(finding, f"disagreements?tracks={','.join(shown)}")["places"]
    rows = page.locator("#disagreements-list li")
    expect(rows).to_have_count(len(places))
    shows(finding, places[0]["chrom"], places[0]["end"])
    page.keyboard.press("x")
    shows(finding, places[1]["chrom"], places[1]["end"])
    page.keyboard.press("Shift+X")
    shows(finding, places[0]["chrom"], places[0]["end"])
    finding.picture("find-disagreements")
    page.locator("#disagreements-fold").select_option("test")
    held_out = api(finding, f"disagreements?tracks={','.join(shown)}&folds=test")["places"]
    expect(rows).to_have_count(len(held_out))
    expect(page.locator("#disagreements-list .fold-tag").first).to_have_text("test")
    page.locator("#disagreements-of").select_option("")
    everywhere = api(finding, "disagreements?folds=test")["places"]
    expect(rows).to_have_count(len(everywhere))
    hidden = next(n for n, place in enumerate(everywhere) if place["track"] not in shown)
    rows.nth(hidden).locator(".place").click()
    shows(finding, everywhere[hidden]["chrom"], everywhere[hidden]["end"])
    assert everywhere[hidden]["track"] in finding.hook("state().tracks"), "its track is shown"


def test_top_variants_are_listed_by_their_effect_on_what_is_shown(finding: Locus) -> None:
    page = finding.page
    finding.open(f"?tracks={api(finding, 'project')['tracks'][0]['id']}")
    page.keyboard.press("v")
    rows = page.locator("#variants-list .place-name")
    expect(rows).to_have_text([KNOWN[1][0], KNOWN[0][0]])
    shows(finding, *KNOWN[1][1:3])
    page.keyboard.press("v")
    shows(finding, *KNOWN[0][1:3])
    (variant,) = finding.hook("state().variant")
    assert variant["position"] == KNOWN[0][2] - 1
    page.keyboard.press("Escape")
    finding.picture("find-variants")
