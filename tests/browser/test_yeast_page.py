"""The paper's stories on real data: the yeast project in Chromium, prepared as its user would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.locus import COMPUTED_MS, Locus
from tests.browser.site import CHROMIUM, answer, served
from tests.paths import ROOT, SHARED_DATA

MIRROR = SHARED_DATA / "yeast"
# The two conditions of STRIPE-seq, and a gene of the chromosome that the network never saw.
CONDITIONS = ("STRIPE_WT_plus", "STRIPE_diamide_plus")
GENE = "ASN1"

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: tests/install_tools.sh"),
    pytest.mark.skipif(
        not os.environ.get("CI") and not MIRROR.is_dir(), reason="no shared data"
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("yeast") / "yeast"
    command = [sys.executable, "-m", "app", "demo", "--dataset", "yeast", "--mirror", str(MIRROR)]
    done = subprocess.run(
        [*command, "--prepare-only", str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with served(folder) as address:
        yield address


@pytest.fixture
def locus(browser: Browser, site: str) -> Iterator[Locus]:
    context = browser.new_context(viewport={"width": 1400, "height": 880})
    locus = Locus(context.new_page(), site)
    yield locus
    context.close()
    assert locus.problems == []


def test_a_promoter_is_explained_two_conditions_compared_and_a_variant_asked(locus: Locus) -> None:
    page = locus.open(f"?tracks={','.join(CONDITIONS)}").page
    locus.search(GENE)
    expect(page).to_have_url(re.compile("locus=chr"))
    locus.drawn()
    for condition in CONDITIONS:
        assert {f"{condition}/experiment", f"{condition}/prediction"} <= set(locus.rows)

    # Which sequence drives this promoter?
    window = locus.window
    genes = f"chrom={window['chrom']}&start={window['start']}&end={window['end']}"
    (gene,) = [g for g in answer(f"{locus.site}api/v1/genes?{genes}")["genes"] if g["name"] == GENE]
    tss = gene["tss"][0]
    locus.click(f"{CONDITIONS[0]}/prediction", tss)
    expect(page.locator("#saliency-box")).to_have_attribute(
        "data-status", "ready", timeout=COMPUTED_MS
    )
    saliency = locus.hook("saliency().result")
    assert any(saliency["values"])

    # Which bases?
    peak = max(
        (abs(value), saliency["start"] + (bin_ + 0.5) * saliency["bin"])
        for bin_, value in enumerate(saliency["values"])
        if window["start"] < saliency["start"] + (bin_ + 0.5) * saliency["bin"] < window["end"]
    )[1]
    locus.click(f"{CONDITIONS[0]}/saliency", peak)
    page.locator("#mutagenesis-graph .main-svg").first.wait_for(timeout=COMPUTED_MS)
    expect(page.locator("#mutagenesis-graph .heatmaplayer image")).to_have_count(1)
    locus.picture("yeast-mutagenesis")
    page.keyboard.press("Escape")

    # What would a variant of its promoter do?
    sequence = answer(
        f"{locus.site}api/v1/sequence?chrom={window['chrom']}&start={tss}&end={tss + 1}"
    )["sequence"]
    other = "ACGT"["CGTA".index(sequence)]
    locus.search(f"{window['chrom']}:{tss + 1} {sequence}>{other}")
    expect(page.locator("body[data-variant-ready=yes]")).to_have_count(1, timeout=COMPUTED_MS)
    locus.drawn()
    for condition in CONDITIONS:
        assert f"{condition}/difference" in locus.rows
    locus.picture("yeast-variant")
