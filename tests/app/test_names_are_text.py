"""What a lab calls its project, tracks, genes and chromosomes is text at every door, never code."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import numpy as np
import pysam
import pytest
from flask.testing import FlaskClient

from sighthound.app.exports.pdf import picture_pdf
from sighthound.app.figures.motif_lane import changes_in_words
from sighthound.app.figures.motifs import motif_sheet
from sighthound.app.figures.mutagenesis import mutagenesis_figure
from sighthound.app.figures.mutated_track import MutatedTrack
from sighthound.app.figures.variant_effects import variant_effects_figure
from sighthound.app.server.application import create_app
from sighthound.core.browsers.ucsc_hub import METADATA_FILE
from sighthound.core.browsers.ucsc_text import member, stanza
from sighthound.core.project.settings import load_project
from sighthound.core.tracks.track import read_tracks, write_tracks
from tests import tiny

EVIL = (
    "<img src=x onerror=alert(1)>\"&'</script></title><script>alert(2)</script>"
    "$(rm)`rm`{%scripts%}{%app_entry%}\n\u2028\\"
)
URL_CODED = "%3Cimg src=x onerror=alert(1)%3E%22%26%27%09%0A</script>$(rm)`rm`"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tiny.make_project(tmp_path_factory.mktemp("names") / "tiny", model=False)
    settings = folder / "sighthound.toml"
    text = settings.read_text().replace('"A tiny project"', json.dumps(EVIL))
    settings.write_text(text.replace('"tiny"', json.dumps("tiny<script>{%app_entry%}")))
    table = folder / "tracks.tsv"
    renamed = [
        dataclasses.replace(track, name=EVIL, assay=EVIL, sample=EVIL, group=EVIL, description=EVIL)
        for track in read_tracks(table)
    ]
    write_tracks(table, renamed)
    genes = folder / "genes.gff3"
    named = f"ID=T001;Name={URL_CODED};Note={URL_CODED};Dbxref=SGD:{URL_CODED}"
    genes.write_text(genes.read_text().replace("ID=T001;Name=ALPHA1;Note=the first gene", named))
    return folder


@pytest.fixture(scope="module")
def evil(folder: Path) -> FlaskClient:
    return create_app(load_project(folder), scheduler_address=None).test_client()


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = tiny.make_project(tmp_path_factory.mktemp("usual") / "tiny", model=False)
    return create_app(load_project(folder), scheduler_address=None).test_client()


class _Elements(HTMLParser):
    """Which elements a page is made of, and the text of its title."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.made: list[tuple[str, dict[str, str | None]]] = []
        self.title = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.made.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.made[-1:] and self.made[-1][0] == "title":
            self.title += data


@pytest.mark.parametrize("page", ["/", "/tracks", "/accuracy", "/about"])
def test_a_page_is_made_of_the_same_elements_whatever_the_project_is_called(
    evil: FlaskClient, usual: FlaskClient, page: str
) -> None:
    found = _Elements(evil.get(page).text)
    plain = _Elements(usual.get(page).text)
    assert [tag for tag, _ in found.made] == [tag for tag, _ in plain.made]
    assert not [tag for tag, given in found.made if tag == "img" or "onerror" in given]
    assert "alert(2)</script>$(rm)`rm`{%scripts%}" in found.title


@pytest.mark.parametrize(
    "address",
    [
        "project",
        "search?q=img",
        "gene?gene=T001&chrom=chrI&start=0&end=9000",
        "openapi.json",
        "uploads",
    ],
)
def test_json_could_stand_in_a_script(evil: FlaskClient, address: str) -> None:
    answer = evil.get(f"/api/v1/{address}")
    assert answer.mimetype == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "\u2028" not in answer.text
    answer.get_json()


def test_a_gene_is_named_on_one_line(folder: Path) -> None:
    gene = load_project(folder).read_genes()["T001"]
    for text in (gene.name, gene.description, *gene.aliases):
        assert text.startswith(("<img", "SGD:<img"))
        assert text.isprintable()


@pytest.mark.parametrize("hub", ["hub.txt", "faceted/hub.txt", "files/trackDb.txt"])
def test_a_hub_has_a_setting_a_line_whatever_names_hold(evil: FlaskClient, hub: str) -> None:
    lines = evil.get(f"/hub/{hub}?kinds=experiment").text.split("\n")
    assert not [line for line in lines if line.endswith("\\") or "\r" in line]
    words = {line.split(" ", 1)[0] for line in lines if line}
    assert not [word for word in words if not word.isalnum()]


def test_the_table_of_a_hub_has_a_cell_a_column(evil: FlaskClient) -> None:
    head, *rows = evil.get(f"/hub/faceted/{METADATA_FILE}").text.rstrip("\n").split("\n")
    assert {row.count("\t") for row in rows} == {head.count("\t")}


def test_sessions_are_whole(evil: FlaskClient) -> None:
    xml = ElementTree.fromstring(evil.get("/hub/igv.xml").text)
    assert {element.tag for element in xml.iter()} == {
        "Session", "Resources", "Resource", "Panel", "Track", "DataRange",
    }  # fmt: skip
    assert evil.get("/hub/igv.json").get_json()["tracks"][1]["name"].startswith("<img")
    assert evil.get("/hub/jbrowse.json").get_json()["tracks"][1]["name"].startswith("<img")


def test_a_setting_of_a_hub_never_goes_on_in_the_next_line() -> None:
    assert stanza(shortLabel="a\\", longLabel="b\n \\\\") == "shortLabel a\nlongLabel b\n"
    assert member('5\' "end" = x') == "5_end_x"


def test_a_picture_of_any_name_is_a_pdf() -> None:
    text = {"op": "text", "x": 1, "y": 9, "text": EVIL, "size": 9, "fill": "#000000"}
    picture = {"width": 90, "height": 20, "title": EVIL, "subject": EVIL, "shapes": [text]}
    assert picture_pdf(picture).startswith(b"%PDF")


CHROM = "<a href='x'>&\"chrom"


def _words(figure: object) -> list[str]:
    """Every text of a figure."""
    if isinstance(figure, str):
        return [figure]
    if isinstance(figure, dict):
        return [text for key in figure if key != "uirevision" for text in _words(figure[key])]
    if isinstance(figure, list | tuple | np.ndarray):
        return [text for value in figure for text in _words(value)]
    return []


def test_figures_write_names_as_text() -> None:
    motif = {
        "name": CHROM, "motif": CHROM, "strand": "+", "start": 2, "end": 9, "url": "https://x/'\"",
        "by": "effects", "q_value": 0.1,
    }  # fmt: skip
    change = {
        "kind": "gain", "name": CHROM, "strand": "+", "p_value": 0.1, "position": 1,
        "alternative": "A",
    }  # fmt: skip
    track = MutatedTrack(
        name=CHROM, reference=1.0, unit=CHROM, effects=np.zeros((4, 4), np.float32),
        motifs=[motif], changes=[change],
    )  # fmt: skip
    matrix = np.full((5, 4), 0.25)
    row = {
        "track": "t", "name": CHROM, "assay": CHROM, "group": CHROM, "sample": CHROM, "unit": CHROM,
        "spread": 1.0, "sad": 1.0, "log2": 1.0, "reference": 1.0, "alternative": 2.0,
        "context_bp": 64,
    }  # fmt: skip
    row["local"] = row | {"start": 0, "end": 64}
    figures = [
        mutagenesis_figure([track], "ACGT", chrom=CHROM, start=0).to_dict(),
        variant_effects_figure([row], chrom=CHROM).to_dict(),
        motif_sheet([matrix], [CHROM], [CHROM]).to_dict(),
    ]
    shown = [text for figure in figures for text in _words(figure)]
    shown += changes_in_words([change]).values()
    assert not [text for text in shown if "<a href='x" in text or '="https://x/\'"' in text]
    assert sum("&lt;a href=" in text for text in shown) > 10
    # Which Plotly would draw as it stands.
    assert not [text for text in shown if "&quot;" in text]


def test_a_chromosome_of_any_name_is_no_command_of_the_script(tmp_path: Path) -> None:
    name = "it's$(touch>pwned)`touch>pwned`\\n"
    folder = tiny.make_project(tmp_path / "tiny")
    with (folder / "genome.fa").open("a") as genome:
        genome.write(f">{name}\nACGTACGTACGT\n")
    pysam.faidx(str(folder / "genome.fa"))
    web = create_app(load_project(folder), scheduler_address=None).test_client()
    state = {"locus": "chrI:1-9", "tracks": "atac", "variant": quote(f"{name}:2:C:A")}
    found = web.post("/api/v1/reproduce", json={"state": state}).get_json()
    made = next(c["line"] for c in found["commands"] if c["line"].startswith("printf"))
    assert made in found["script"]
    subprocess.run(["sh", "-c", made], cwd=tmp_path, check=True)
    assert not (tmp_path / "pwned").exists()
    line = (tmp_path / "variants.vcf").read_text().splitlines()[-1]
    assert line.split("\t")[:5] == [name, "2", ".", "C", "A"]


def test_the_script_checks_a_file_of_any_name(tmp_path: Path) -> None:
    folder = tiny.make_project(tmp_path / "tiny", model=False)
    name = "SUMS\n$(touch pwned) \\n.gff3"
    (folder / "genes.gff3").rename(folder / name)
    settings = folder / "sighthound.toml"
    settings.write_text(settings.read_text().replace('"genes.gff3"', json.dumps(name)))
    web = create_app(load_project(folder), scheduler_address=None).test_client()
    found: dict[str, Any] = {"complete": False}
    # Hashes come one by one, as the page asks again.
    while not found["complete"]:
        found = web.post("/api/v1/reproduce", json={"state": {"tracks": ""}}).get_json()
    command = ["sh", "-c", found["script"], "sh", str(folder)]
    ran = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    with (folder / name).open("a") as file:
        file.write("\n")
    changed = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert changed.returncode != 0
    assert not list(tmp_path.rglob("pwned"))
