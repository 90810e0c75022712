"""Hubs and IGV sessions of the running server: chosen tracks and loci, addresses that lead on."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from urllib.parse import parse_qs, quote, urljoin, urlsplit
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from sighthound.app.server.application import create_app
from sighthound.core.browsers.ucsc_check import check_hub
from sighthound.core.project.settings import load_project
from tests.tiny import make_project, write_bases, write_vcf


def serve(folder: Path) -> FlaskClient:
    """Serve a project under the names that tests reach it by."""
    project = load_project(folder)
    names = ("192.168.1.5", "lab", "lab.local", "browser.lab.org", "8.8.8.8")
    server = dataclasses.replace(project.server, hosts=names)
    project = dataclasses.replace(project, server=server)
    return create_app(project, scheduler_address=None).test_client()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = make_project(tmp_path_factory.mktemp("hub") / "tiny")
    (folder / "contributions").mkdir()
    bases = (folder / "experiments" / "atac.bw").read_bytes()
    (folder / "contributions" / "atac.bw").write_bytes(bases)
    return serve(folder)


VARIANTS = "chrI:9,001 A>G;chrI:9301:AC:A"


@pytest.fixture(scope="module")
def alleles(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A genome with the reference alleles of `VARIANTS`, and a VCF."""
    folder = make_project(tmp_path_factory.mktemp("alleles") / "tiny")
    write_bases(folder, "chrI", {9_000: "A", 9_300: "AC"})
    settings = folder / "sighthound.toml"
    settings.write_text(f'{settings.read_text()}\n[variants]\nvcf = "{write_vcf(folder).name}"\n')
    return serve(folder)


def values(text: str, setting: str) -> list[str]:
    return [line.split(" ", 1)[1] for line in text.splitlines() if line.startswith(f"{setting} ")]


@pytest.mark.parametrize("folder", ["", "faceted/", "files/"])
def test_every_bigwig_that_a_hub_names_is_there(client: FlaskClient, folder: str) -> None:
    base = f"/hub/{folder}hub.txt"
    text = client.get(base).text
    table = None
    if folder == "files/":
        genomes = client.get(urljoin(base, values(text, "genomesFile")[0])).text
        text = client.get(urljoin(base, values(genomes, "trackDb")[0])).text
    if folder == "faceted/":
        table = client.get(urljoin(base, values(text, "metaDataUrl")[0])).text
    assert check_hub(text, table) == []
    addresses = {urljoin(base, url) for url in values(text, "bigDataUrl")}
    assert len(addresses) == 7
    for address in addresses:
        answer = client.get(address, headers={"Range": "bytes=0-3"}, buffered=True)
        assert (answer.status_code, answer.data) == (206, b"\x26\xfc\x8f\x88")


def test_a_hub_of_chosen_tracks_and_kinds_holds_no_others(client: FlaskClient) -> None:
    text = client.get("/hub/hub.txt?tracks=cage.minus&kinds=prediction").text
    assert values(text, "bigDataUrl") == ["../tracks/cage.minus/prediction.bw"]
    assert check_hub(text) == []
    for wrong in ("tracks=nothing", "kinds=bed"):
        answer = client.get(f"/hub/hub.txt?{wrong}")
        assert answer.status_code == 400
        assert answer.get_json()["error"].startswith("unknown ")


def test_hubs_are_read_by_ranges_too(client: FlaskClient) -> None:
    whole = client.get("/hub/hub.txt")
    part = client.get("/hub/hub.txt", headers={"Range": "bytes=4-20"})
    assert whole.mimetype == "text/plain"
    assert part.status_code == 206
    assert part.data == whole.data[4:21]
    assert client.head("/hub/hub.txt").headers["Content-Length"] == str(len(whole.data))


def test_a_session_opens_on_what_the_page_opens_on(client: FlaskClient) -> None:
    session = client.get("/hub/igv.json").get_json()
    assert session["locus"] == "chrI:1001-9000"
    names = [row["name"] for row in session["tracks"]]
    assert names == [
        "Genes", "ATAC experiment", "ATAC prediction", "ATAC contribution of bases",
        "CAGE plus experiment", "CAGE plus prediction",
    ]  # fmt: skip
    for row in session["tracks"]:
        assert client.get(urlsplit(row["url"]).path, buffered=True).status_code == 200
    for key in ("fastaURL", "indexURL"):
        address = session["reference"][key]
        assert address.startswith("http://localhost/genome/genome.fa")
        assert client.get(urlsplit(address).path, buffered=True).status_code == 200


def test_a_session_has_the_locus_and_the_tracks_asked_for(client: FlaskClient) -> None:
    asked = "locus=chrII:101-2,000&tracks=cage.minus"
    session = client.get(f"/hub/igv.json?{asked}").get_json()
    assert session["locus"] == "chrII:101-2000"
    # Bins of this track are sums of bases, so its experiment is not on the prediction's scale.
    assert [row.get("autoscaleGroup") for row in session["tracks"]] == [None, None, "cage.minus"]
    desktop = ElementTree.fromstring(client.get(f"/hub/igv.xml?{asked}").data)
    assert desktop.get("locus") == "chrII:101-2000"
    assert len(list(desktop.iter("Track"))) == 2
    assert client.get("/hub/igv.json?locus=chrX:1-2").status_code == 400


def test_links_open_a_running_igv_and_say_that_ucsc_cannot_see_this_server(
    client: FlaskClient,
) -> None:
    links = client.get("/hub/links.json?tracks=atac&locus=chrI:101-2,000").get_json()
    igv = urlsplit(links["igv_desktop"])
    assert (igv.netloc, igv.path) == ("localhost:60151", "/load")
    asked = parse_qs(igv.query)
    assert asked["locus"] == ["chrI:101-2000"]
    session = urlsplit(asked["file"][0])
    # IGV tells a session by how its address ends.
    assert asked["file"][0].endswith(".xml")
    assert client.get(f"{session.path}?{session.query}").mimetype == "application/xml"
    assert links["ucsc"] is None
    assert "sighthound hub PROJECT -o DIR" in links["ucsc_note"]
    assert [item["kind"] for item in links["bigwigs"]] == [
        "experiment", "prediction", "contribution"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("host", "seen"),
    [
        ("localhost:8050", False), ("192.168.1.5", False), ("[::1]:8050", False), ("lab", False),
        ("lab.local", False), ("browser.lab.org", True), ("8.8.8.8:80", True),
    ],
)  # fmt: skip
def test_ucsc_is_linked_only_where_it_could_see_the_server(
    client: FlaskClient, host: str, seen: bool
) -> None:
    links = client.get("/hub/links.json", headers={"Host": host}).get_json()
    assert (links["ucsc"] is not None) == seen
    if seen:
        assert links["ucsc"].startswith("https://genome.ucsc.edu/cgi-bin/hgTracks?db=tiny&hubUrl=")


def test_a_genome_without_a_name_has_sessions_but_no_hub(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "tiny", model=False)
    settings = folder / "sighthound.toml"
    settings.write_text(settings.read_text().replace('name = "tiny"', ""))
    client = serve(folder)
    assert client.get("/hub/igv.json").status_code == 200
    refused = client.get("/hub/hub.txt")
    assert refused.status_code == 400
    assert "set [genome] name in sighthound.toml" in refused.get_json()["error"]


def test_a_session_of_a_variant_has_its_alleles_and_its_mark(alleles: FlaskClient) -> None:
    session = alleles.get(f"/hub/igv.json?tracks=atac&variants={quote(VARIANTS)}").get_json()
    # Where no locus is asked for, the surroundings of the variants.
    assert session["locus"] == "chrI:4001-14302"
    rows = {row["name"]: row for row in session["tracks"]}
    assert list(rows) == [
        "Genes", "Variants", "ATAC experiment", "ATAC prediction",
        "ATAC reference, chrI:9,001 A>G and 1 more", "ATAC alternative, chrI:9,001 A>G and 1 more",
        "ATAC difference, chrI:9,001 A>G and 1 more",
    ]  # fmt: skip
    address = rows["ATAC difference, chrI:9,001 A>G and 1 more"]["url"]
    assert address == ("http://localhost/tracks/atac/chrI:9001:A:G%2BchrI:9301:AC:A/difference.bw")
    assert [place["start"] for place in session["roi"][0]["features"]] == [9000, 9300]
    for row in ("url", "indexURL"):
        answer = alleles.get(urlsplit(rows["Variants"][row]).path, headers={"Range": "bytes=0-1"})
        assert answer.status_code == 206
        answer.close()
    only = alleles.get("/hub/igv.json?tracks=atac&kinds=experiment").get_json()["tracks"]
    assert [row["name"] for row in only] == ["Genes", "ATAC experiment"]


@pytest.mark.parametrize("folder", ["", "faceted/"])
def test_a_hub_of_a_variant_names_its_alleles_and_the_known_variants(
    alleles: FlaskClient, folder: str
) -> None:
    base = f"/hub/{folder}hub.txt"
    text = alleles.get(f"{base}?tracks=atac,cage.plus&variants={quote(VARIANTS)}").text
    table = None
    if folder:
        table = alleles.get(urljoin(base, values(text, "metaDataUrl")[0])).text
    assert check_hub(text, table) == []
    addresses = {urljoin(base, url) for url in values(text, "bigDataUrl")}
    assert "/genome/variants.vcf.gz" in addresses
    assert "/tracks/atac/chrI:9001:A:G%2BchrI:9301:AC:A/alternative.bw" in addresses
    assert len(addresses) == 2 * 5 + 1


def test_ucsc_marks_the_variants_too(alleles: FlaskClient) -> None:
    links = alleles.get(
        f"/hub/links.json?tracks=atac&variants={quote(VARIANTS)}",
        headers={"Host": "browser.lab.org"},
    ).get_json()
    at_ucsc = parse_qs(urlsplit(links["ucsc"]).query)
    assert at_ucsc["highlight"] == ["tiny.chrI:9001-9001#f5c9a8|tiny.chrI:9301-9302#f5c9a8"]
    assert parse_qs(urlsplit(at_ucsc["hubUrl"][0]).query)["variants"] == [
        "chrI:9001:A:G+chrI:9301:AC:A"
    ]
