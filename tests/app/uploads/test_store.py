"""Visitors' own files: what is taken, who sees it, how long it stays, and where it comes from."""

from __future__ import annotations

import dataclasses
import gzip
import io
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from sighthound.app.server.application import create_app
from sighthound.app.uploads.fetch import is_allowed
from sighthound.app.uploads.store import Uploads
from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.project.settings import Project, load_project
from tests.app.conftest import BIN, LENGTHS

OURS = {"X-Sighthound": "1"}
BED = "track name=x\nchrI\t100\t200\tpeak one\t7\t-\nI\t50\t60\nchrII\t5\t9\tsecond\n"
NARROW = "chrI\t1000\t1400\tp1\t0\t.\t8.5\t3\t2\t150\n"


@pytest.fixture(scope="module")
def app(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """A server with an upload folder of its own, which takes files of 1 MB."""
    root = tmp_path_factory.mktemp("uploading")
    server = dataclasses.replace(project.server, upload_mb=1, uploads_mb=3)
    return create_app(
        dataclasses.replace(project, root=root, server=server), scheduler_address=None
    )


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    return app.test_client()


def add(client: FlaskClient, name: str, data: bytes | str) -> dict:
    body = data.encode() if isinstance(data, str) else data
    return client.post(f"/api/v1/uploads?name={name}", data=body, headers=OURS).get_json()


def bigwig(path: Path, names: dict[str, str] | None = None) -> bytes:
    """The track "ramp" divided by two, under chromosome names of one's own."""
    lengths = {(names or {}).get(name, name): length for name, length in LENGTHS.items()}
    values = [
        (n, np.arange(-(-length // BIN), dtype=np.float32) / 2) for n, length in lengths.items()
    ]
    write_bigwig(path, lengths, values, BIN, mantissa_bits=None)
    return path.read_bytes()


def vcf(genome: Genome, records: int = 12) -> str:
    lines = ["##fileformat=VCFv4.2", "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]
    for number in range(records):
        place = 100 + 10 * number
        ref = genome.sequence(Interval("chrI", place, place + 1))
        lines.append(f"I\t{place + 1}\trs{number}\t{ref}\t{'A' if ref != 'A' else 'G'}\t.\t.\t.")
    return "\n".join(lines) + "\n"


def features(client: FlaskClient, upload: dict, query: str = "chrom=chrI&start=0&end=2000") -> dict:
    return client.get(f"/api/v1/uploads/{upload['id']}/features?{query}").get_json()


def test_a_bigwig_is_a_track_of_the_signal_route_under_the_genomes_own_names(
    visitor: FlaskClient, tmp_path: Path
) -> None:
    upload = add(visitor, "mine.bw", bigwig(tmp_path / "a.bw", {"chrI": "I", "chrII": "ii"}))
    assert (upload["kind"], upload["name"]) == ("bigwig", "mine.bw")
    query = f"chrom=chrI&start=0&end=640&pixels=100&tracks=ramp,{upload['id']}"
    data = visitor.get(f"/api/v1/signal?{query}").data
    (n,) = struct.unpack_from("<I", data)
    values = np.frombuffer(data, "<f4", offset=4 + n).reshape(-1, 10)
    assert values[-1].tolist() == [number / 2 for number in range(10)]


def test_a_bed_is_sorted_and_named_by_the_genome(visitor: FlaskClient) -> None:
    upload = add(visitor, "peaks.bed", BED)
    assert (upload["kind"], upload["items"]) == ("bed", 3)
    assert features(visitor, upload) == {
        "kind": "bed",
        "total": 2,
        "features": [
            {"start": 50, "end": 60},
            {"start": 100, "end": 200, "name": "peak one", "score": 7.0, "strand": "-"},
        ],
    }


def test_compressed_narrow_peaks_keep_their_summit_and_signal(visitor: FlaskClient) -> None:
    upload = add(visitor, "p.narrowPeak.gz", gzip.compress(NARROW.encode()))
    (found,) = features(visitor, upload)["features"]
    assert found == {"start": 1000, "end": 1400, "name": "p1", "score": 8.5, "summit": 1150}


def test_bed12_keeps_colour_and_blocks(visitor: FlaskClient) -> None:
    line = "chrI\t100\t200\tt\t0\t+\t100\t200\t255,0,128\t2\t10,20,\t0,80,\n"
    (found,) = features(visitor, add(visitor, "t.bed", line))["features"]
    assert found["color"] == "#ff0080"
    assert found["blocks"] == [[100, 110], [180, 200]]


def test_a_vcf_gives_alleles_that_can_be_asked_about(
    visitor: FlaskClient, project: Project
) -> None:
    text = vcf(project.open_genome()) + "chrI\t500\tsv\tN\t<DEL>\t.\t.\t.\n"
    upload = add(visitor, "calls.vcf", text)
    assert (upload["kind"], upload["items"]) == ("vcf", 13)
    assert upload["note"] == "1 of 13 alleles cannot be scored"
    found = features(visitor, upload)["features"]
    assert found[0]["name"] == "rs0"
    assert (found[0]["start"], found[0]["end"]) == (100, 101)
    assert "problem" not in found[0]
    assert found[-1]["problem"] == "symbolic allele"


def test_more_features_than_can_be_drawn_are_counted(visitor: FlaskClient) -> None:
    lines = "".join(f"chrI\t{n}\t{n + 5}\n" for n in range(5_000))
    found = features(visitor, add(visitor, "many.bed", lines), "chrom=chrI&start=0&end=6000")
    assert "features" not in found
    assert found["total"] == sum(found["counts"]) == 5_000
    assert found["counts"][0] == found["bin_bp"]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.bed", "", "a.bed is empty"),
        ("a.bed", "# nothing\n", "a.bed has no features"),
        ("a.txt", "hello there\n", "a.txt, line 1: 'hello there' is not BED"),
        ("a.bed", "chrI\t9\t5\n", "line 1: start 9 is not before end 5"),
        ("a.bed", "chrI\t9\t50000\n", "50,000 lies beyond the end of chrI, which has 40,960"),
        ("a.bed", "chrX\t9\t50\n", "no chromosome of a.bed is in genome.fa: it names chrX"),
        ("a.bed", "chrI\t1\t9\tt\t0\t+\t1\t9\t0\t2\t4,4\t0\n", "do not give blocks' number"),
        ("a.gz", b"\x1f\x8b\x08\x00broken", "a.gz is damaged"),
        ("a.bam", b"\x00\x01\x02\x03", "a.bam is no text, nor a BigWig"),
        ("a.bb", b"\xeb\xf2\x89\x87....", "a.bb is a bigBed; turn it into BED"),
        ("a.bw", b"\x26\xfc\x8f\x88" + bytes(60), "a.bw"),
        ("a.vcf", "##fileformat=VCFv4.2\nchrI\t1\n", "a.vcf cannot be read as VCF"),
        (
            "b.vcf.gz",
            gzip.compress(b"##fileformat=VCFv4.2\n" + b"x" * (5 << 20)),
            "longer than 4 MB",
        ),
        ("b.bed.gz", gzip.compress(b"#x\n" * (1 << 20)), "more than 1,000,000 lines"),
        ("b.bed.gz", gzip.compress((b"#" + b"x" * 999 + b"\n") * 9000), "is too large when uncom"),
        ("a.bed", b"x" * (1 << 20) + b"y", "a.bed is larger than 1 MB"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_line_with_the_visitors_own_name(
    visitor: FlaskClient, name: str, data: bytes | str, message: str
) -> None:
    error = add(visitor, name, data)["error"]
    assert message in error
    assert "\n" not in error
    assert "uploads" not in error.replace("uploads_mb", "")


def test_a_truncated_bigwig_is_refused(visitor: FlaskClient, tmp_path: Path) -> None:
    whole = bigwig(tmp_path / "a.bw")
    assert "cut.bw" in add(visitor, "cut.bw", whole[: len(whole) // 2])["error"]


def test_files_of_another_assembly_are_refused(
    visitor: FlaskClient, project: Project, tmp_path: Path
) -> None:
    write_bigwig(tmp_path / "b.bw", {"chrI": 999}, [("chrI", np.ones(16, np.float32))], BIN)
    error = add(visitor, "b.bw", (tmp_path / "b.bw").read_bytes())["error"]
    assert "b.bw is of another assembly: its chrI has 999 bases" in error
    turned = vcf(project.open_genome(), 20).translate(str.maketrans("ACGT", "CGTA"))
    head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    body = "\n".join(line for line in turned.splitlines() if line.startswith("I\t"))
    assert "v.vcf is of another assembly" in add(visitor, "v.vcf", f"{head}{body}\n")["error"]


def test_a_file_is_seen_by_the_browser_that_added_it_and_by_no_other(
    app: Flask, visitor: FlaskClient
) -> None:
    upload = add(visitor, "mine.bed", BED)
    assert [file["id"] for file in visitor.get("/api/v1/uploads").get_json()["files"]] == [
        upload["id"]
    ]
    other = app.test_client()
    assert other.get("/api/v1/uploads").get_json()["files"] == []
    where = f"/api/v1/uploads/{upload['id']}"
    assert other.get(f"{where}/features?chrom=chrI&start=0&end=9").status_code == 404
    assert other.delete(where, headers=OURS).status_code == 404
    signal = f"/api/v1/signal?chrom=chrI&start=0&end=9&pixels=9&tracks={upload['id']}"
    assert other.get(signal).status_code == 400
    assert visitor.delete(where, headers=OURS).status_code == 200
    assert visitor.get("/api/v1/uploads").get_json()["files"] == []


def test_the_cookie_is_a_secret_that_scripts_and_other_sites_do_not_get(
    visitor: FlaskClient,
) -> None:
    answer = visitor.post("/api/v1/uploads?name=a.bed", data=BED.encode(), headers=OURS)
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    forwarded = {**OURS, "X-Forwarded-Proto": "https"}
    again = visitor.post("/api/v1/uploads?name=a.bed", data=BED.encode(), headers=forwarded)
    assert "Secure" in again.headers["Set-Cookie"]
    assert again.headers["Set-Cookie"].split(";")[0] == cookie.split(";")[0]
    assert answer.headers["Cache-Control"] == "private, no-store"


def uploads(tmp_path: Path, project: Project, **limits: int) -> Uploads:
    given = {"file_mb": 1, "total_mb": 2, "days": 1, **limits}
    return Uploads(tmp_path / "uploads", project.open_genome(), **given)


def test_files_expire_and_are_removed(
    tmp_path: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    store = uploads(tmp_path, project)
    upload = store.add("someone" * 5, "a.bed", io.BytesIO(BED.encode()))
    now = time.time()
    monkeypatch.setattr("sighthound.app.uploads.store.time.time", lambda: now + 86_500)
    assert store.find("someone" * 5, upload.id) is None
    store.sweep()
    assert store.used() == 0


def test_all_files_together_have_a_limit(tmp_path: Path, project: Project) -> None:
    store = uploads(tmp_path, project, total_mb=1)
    store.add("someone" * 5, "a.bed", io.BytesIO(BED.encode()), size=len(BED))
    with pytest.raises(SighthoundError, match=r"no room for b\.bed: .* up to 1 MB"):
        store.add("another" * 5, "b.bed", io.BytesIO(BED.encode()))


def test_a_refused_file_leaves_nothing_behind(tmp_path: Path, project: Project) -> None:
    store = uploads(tmp_path, project)
    with pytest.raises(SighthoundError):
        store.add("someone" * 5, "../../a.bed", io.BytesIO(b"no bed"))
    assert store.used() == 0
    assert [path.name for path in (tmp_path / "uploads").rglob("*")] == [".arriving"]


def test_a_server_can_take_no_files(tmp_path: Path, project: Project) -> None:
    store = uploads(tmp_path, project, file_mb=0)
    with pytest.raises(SighthoundError, match="takes no files"):
        store.add("someone" * 5, "a.bed", io.BytesIO(BED.encode()))


# Files from addresses -----------------------------------------------------------------------------


class _Site(BaseHTTPRequestHandler):
    """/data/peaks.bed is a file, /data/away leads outside, /secret must never be asked for."""

    asked: list[str] = []  # noqa: RUF012  one list for the class, as the server makes new handlers

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == "/data/peaks.bed":
            self._send(200, BED.encode())
        elif self.path == "/data/large.bed":
            self._send(200, b"x" * (2 << 20))
        elif self.path.startswith("/data/away"):
            self.send_response(302)
            self.send_header("Location", "/secret")
            self.end_headers()
        elif self.path == "/data/moved.bed":
            self.send_response(302)
            self.send_header("Location", "/data/peaks.bed")
            self.end_headers()
        else:
            self._send(404, b"")

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def fetching(project: Project, tmp_path: Path, elsewhere: str) -> FlaskClient:
    _Site.asked.clear()
    server = dataclasses.replace(
        project.server, upload_mb=1, uploads_mb=3, allowed_urls=(f"{elsewhere}/data/",)
    )
    lab = dataclasses.replace(project, root=tmp_path, server=server)
    return create_app(lab, scheduler_address=None).test_client()


def fetch(client: FlaskClient, url: str) -> dict:
    return client.post("/api/v1/uploads/from-url", json={"url": url}, headers=OURS).get_json()


@pytest.mark.parametrize("file", ["peaks.bed", "moved.bed"])
def test_a_file_is_fetched_from_an_allowed_address(
    fetching: FlaskClient, elsewhere: str, file: str
) -> None:
    upload = fetch(fetching, f"{elsewhere}/data/{file}")
    assert (upload["kind"], upload["items"]) == ("bed", 3)
    assert upload["source"] == f"{elsewhere}/data/{file}"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/secret", "is not an address that this server may fetch"),
        ("/data/../secret", "is not an address that this server may fetch"),
        ("/data/%2e%2e/secret", "is not an address that this server may fetch"),
        ("/data/away", "leads to another place"),
        ("/data/none.bed", "answers 404"),
        ("/data/large.bed", "larger than 1 MB"),
    ],
)
def test_nothing_else_is_fetched(
    fetching: FlaskClient, elsewhere: str, path: str, message: str
) -> None:
    assert message in fetch(fetching, elsewhere + path)["error"]
    assert "/secret" not in _Site.asked


@pytest.mark.parametrize(
    "address",
    [
        "https://data.lab.org.evil.net/bw/a.bw",
        "https://data.lab.org@evil.net/bw/a.bw",
        "https://data.lab.org:8443/bw/a.bw",
        "http://data.lab.org/bw/a.bw",
        "https://data.lab.org/bw",
        "https://data.lab.org/bw/%252e%252e/a.bw",
        "https://data.lab.org/bw/..%5ca.bw",
        "https://data.lab.org\\@evil.net/bw/a.bw",
        "file:///etc/passwd",
        "ftp://data.lab.org/bw/a.bw",
        "https://data.lab.org/bw/a.bw\r\nHost: evil",
    ],
)
def test_addresses_that_only_look_allowed_are_not(address: str) -> None:
    assert not is_allowed(address, ["https://data.lab.org/bw/"])


def test_an_address_is_compared_as_it_is_meant() -> None:
    assert is_allowed("https://DATA.lab.org:443/bw/a%20b.bw?x=1", ["https://data.lab.org/bw/"])


@pytest.mark.parametrize("url", ["data.lab.org/", "https://data.lab.org", "https://u@lab.org/", ""])
def test_an_allowed_address_ends_in_a_slash(project_folder: Path, tmp_path: Path, url: str) -> None:
    settings = (project_folder / "sighthound.toml").read_text()
    for name in ("genome.fa", "genes.gff3", "tracks.tsv"):
        (tmp_path / name).write_text((project_folder / name).read_text())
    (tmp_path / "sighthound.toml").write_text(f'{settings}allowed_urls = ["{url}"]\n')
    with pytest.raises(SighthoundError, match="expected the beginning of addresses up to a slash"):
        load_project(tmp_path)
