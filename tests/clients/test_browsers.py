"""igv.js and JBrowse, on pages of other origins, draw all that our server offers them.

Experiment, prediction, both alleles of a variant as the model predicts them now, contributions of
bases as letters, known variants. SIGHTHOUND_SCREENSHOTS names a folder for pictures to look at.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import numpy as np
import pyBigWig
import pytest
from playwright.sync_api import Browser, Page

from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.browsers.tracks import KINDS
from tests.browser.site import CHROMIUM, chromium, served
from tests.clients.pages import IGV, JBROWSE, SCRIPT, page_with
from tests.paths import ROOT
from tests.tiny import LENGTHS, make_project, write_bases, write_vcf

VARIANT, LOCUS = "chrI:9001:A:G", "chrI:7,501-10,500"
SAID = "chrI:9,001 A>G"
# A few bases around the variant, where letters can be read.
BASES = "chrI:8,981-9,020"

pytestmark = pytest.mark.skipif(
    not os.environ.get("CI") and not (CHROMIUM and IGV.is_file() and JBROWSE[-1].is_file()),
    reason="needs Chromium, igv.js and JBrowse (tests/install_tools.sh)",
)


@dataclass
class Visit:
    """A page of another origin, and all that it asked for."""

    page: Page
    asked: list[str]

    def hosts(self) -> set[str | None]:
        inline = ("data:", "blob:")
        return {urlsplit(url).hostname for url in self.asked if not url.startswith(inline)}

    def json(self, url: str) -> Any:
        return self.page.evaluate("async (url) => (await fetch(url)).json()", url)

    def photograph(self, name: str) -> None:
        if folder := os.environ.get("SIGHTHOUND_SCREENSHOTS"):
            self.page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Our server on a small project with a model, known variants and contributions of bases."""
    folder = make_project(tmp_path_factory.mktemp("others") / "lab")
    write_bases(folder, "chrI", {9_000: "A"})
    vcf = write_vcf(folder, "chrI 8990 rs1 A C", "chrI 9001 rs2 A G", "chrI 9950 rs3 T TA")
    settings = folder / "sighthound.toml"
    settings.write_text(f'{settings.read_text()}\n[variants]\nvcf = "{vcf.name}"\n')
    (folder / "contributions").mkdir()
    # Letters that stand up and hang down, over the variant's surroundings.
    values = np.full(10_000, np.nan, np.float32)
    values[8_900:9_100] = np.sin(np.arange(200) / 3)
    write_bigwig(folder / "contributions" / "atac.bw", LENGTHS, [("chrI", values)], 1)
    with served(folder) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def visit(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[Visit]:
    with page_with(tmp_path, [*request.param, SCRIPT]) as address:
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        seen = Visit(page, [])
        page.on("request", lambda asked: seen.asked.append(asked.url))
        page.goto(address)
        yield seen
        page.close()


@pytest.mark.parametrize("visit", [[IGV]], indirect=True)
def test_igv_js_draws_alleles_letters_variants_and_hubs_of_ours(visit: Visit, server: str) -> None:
    query = f"tracks=atac,cage.plus&variants={VARIANT}&locus={LOCUS}"
    rows = visit.page.evaluate(
        "(session) => igvRows(session)", visit.json(f"{server}hub/igv.json?{query}")
    )
    visit.photograph("igv_alleles")
    by_name = {row["name"]: row for row in rows}
    assert list(by_name) == [
        "Genes", "Variants", "ATAC experiment", "ATAC prediction", f"ATAC reference, {SAID}",
        f"ATAC alternative, {SAID}", f"ATAC difference, {SAID}", "ATAC contribution of bases",
        "CAGE plus experiment", "CAGE plus prediction", f"CAGE plus reference, {SAID}",
        f"CAGE plus alternative, {SAID}", f"CAGE plus difference, {SAID}",
    ]  # fmt: skip
    assert by_name["Variants"]["count"] >= 3
    for name, row in by_name.items():
        if row["type"] == "wig" and "contribution" not in name:
            assert row["most"] > 0, name
            assert row["coloured"] > 100, name
    letters = by_name["ATAC contribution of bases"]
    assert letters["graph"] == "dynseq"
    # Zoomed in, they are drawn as letters: in more colours than one.
    near = visit.page.evaluate(
        "(session) => igvRows(session)",
        visit.json(f"{server}hub/igv.json?tracks=atac&locus={BASES}"),
    )
    visit.photograph("igv_letters")
    assert next(r for r in near if r["graph"] == "dynseq")["coloured"] > 100

    hub = visit.page.evaluate("(hub) => igvHub(hub)", [f"{server}hub/hub.txt?tracks=atac", "tiny"])
    assert {"Variants", "ATAC", "ATAC pred", "ATAC bases"} == set(hub["names"])
    paths = {urljoin("/", urlsplit(url).path) for url in hub["urls"]}
    assert {"/tracks/atac/prediction.bw", "/genome/variants.vcf.gz"} < paths
    assert min(hub["drawn"]) > 0
    assert visit.hosts() == {"127.0.0.1"}


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An assembly hub, on a web server that is not ours."""
    folder = tmp_path_factory.mktemp("assembly")
    command = [sys.executable, "-m", "tests.clients.assembly", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{int(server.stdout.readline())}/hub.txt"
        server.terminate()


@pytest.mark.parametrize("visit", [[IGV]], indirect=True)
def test_igv_js_opens_an_assembly_hub_as_a_genome(visit: Visit, assembly: str) -> None:
    session = {"hubURL": assembly, "loadDefaultGenomes": False}
    rows = visit.page.evaluate("(session) => igvRows(session)", session)
    visit.photograph("igv_assembly")
    assert visit.page.evaluate("() => igvBrowser.genome.id") == "tiny"
    assert visit.page.evaluate("() => igvBrowser.currentLoci()") == "chrI:1001-9000"
    drawn = {row["name"]: row["coloured"] for row in rows if row["type"] == "wig"}
    assert {"ATAC", "ATAC pred", "CAGE plus", "CAGE plus pred"} <= set(drawn)
    assert min(drawn.values()) > 100
    assert visit.hosts() == {"127.0.0.1"}


def test_the_pages_export_gives_bigwigs_of_the_window_and_names_whole_files(
    browser: Browser, server: str, tmp_path: Path
) -> None:
    page = browser.new_page(viewport={"width": 1400, "height": 850})
    page.goto(f"{server}?locus={LOCUS}&tracks=atac")
    page.wait_for_function("() => globalThis.sighthound?.complete")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as saved:
        page.get_by_role("menuitem", name="BigWigs of this window").click()
    assert saved.value.suggested_filename == "sighthound_chrI_7501-10500.zip"
    with zipfile.ZipFile(saved.value.path()) as archive:
        assert archive.namelist() == [f"atac.{kind}.bw" for kind in KINDS if kind != "saliency"]
        archive.extract("atac.experiment.bw", tmp_path)
    with pyBigWig.open(str(tmp_path / "atac.experiment.bw")) as file:
        entries = file.intervals("chrI")
    assert (entries[0][0], entries[-1][1]) == (7_500, 10_500)
    page.get_by_role("button", name="Export").click()
    page.get_by_role("menuitem", name="Files and addresses").click()
    dialog = page.get_by_role("dialog", name="Files and addresses")
    assert "sighthound hub PROJECT -o DIR" in dialog.inner_text()
    save = dialog.get_by_role("link", name="Save ATAC prediction")
    assert save.get_attribute("href") == f"{server}tracks/atac/prediction.bw"
    assert save.get_attribute("download") == "atac.prediction.bw"
    page.close()


@pytest.mark.parametrize("visit", [JBROWSE], indirect=True)
def test_jbrowse_draws_signals_alleles_and_variants_of_ours(visit: Visit, server: str) -> None:
    query = f"tracks=atac&variants={VARIANT}&locus={LOCUS}"
    config = visit.json(f"{server}hub/jbrowse.json?{query}")
    assert config["shown"] == [
        "genes", "variants", "atac", "atac-difference", "atac-contribution"
    ]  # fmt: skip
    visit.page.evaluate("(config) => startJBrowse(config)", config)
    visit.page.wait_for_function(
        "() => jbrowseRows().length === 5 && jbrowseRows().every((r) => r.error || r.done)",
        timeout=300_000,
    )
    visit.photograph("jbrowse")
    drawn = {track["id"]: track for track in visit.page.evaluate("jbrowseRows()")}
    assert not [track for track in drawn.values() if track["error"]]
    for name in ("atac", "atac-difference"):
        assert drawn[name]["coloured"] > 100, drawn
    assert visit.hosts() == {"127.0.0.1"}
