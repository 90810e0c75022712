"""BigWigs, genome and genes over HTTP: ranges, conditions, other origins, many clients."""

from __future__ import annotations

import random
import shutil
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pysam
import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from sighthound.app.server.application import create_app
from sighthound.app.web.byte_ranges import Slice, asked_range
from sighthound.core.project.settings import load_project
from tests.tiny import make_project

BIGWIG = "/tracks/cage.plus/experiment.bw"


class Reader(FlaskClient):
    """Reads every answer to its end, and so closes the file behind it."""

    def open(self, *arguments: Any, **further: Any) -> TestResponse:
        return super().open(*arguments, **{"buffered": True, **further})


def reader(folder: Path) -> FlaskClient:
    app = create_app(load_project(folder), scheduler_address=None)
    app.test_client_class = Reader
    return app.test_client()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_project(tmp_path_factory.mktemp("served") / "tiny")
    (folder / "secret.bw").write_bytes(b"not for others")
    return folder


@pytest.fixture(scope="module")
def client(folder: Path) -> FlaskClient:
    return reader(folder)


@pytest.fixture(scope="module")
def data(folder: Path) -> bytes:
    return (folder / "experiments" / "cage.plus.bw").read_bytes()


def test_a_whole_file_is_its_bytes(client: FlaskClient, data: bytes) -> None:
    answer = client.get(BIGWIG)
    assert answer.status_code == 200
    assert answer.data == data
    assert answer.headers["Content-Length"] == str(len(data))
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.mimetype == "application/octet-stream"


def test_a_client_that_has_gone_is_a_broken_pipe_and_nothing_worse(folder: Path) -> None:
    path = folder / "experiments" / "cage.plus.bw"
    server, client = socket.socketpair()
    with server, path.open("rb", buffering=0) as file:
        client.close()
        with pytest.raises(BrokenPipeError):
            server.sendfile(Slice(file, 100, 5_000), offset=100, count=4_900)


def test_the_prediction_is_another_file(client: FlaskClient, folder: Path) -> None:
    predicted = (folder / "predictions" / "atac.bw").read_bytes()
    assert client.get("/tracks/atac/prediction.bw").data == predicted


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=100-100", 100, 101),
        ("bytes=-64", -64, None),
        ("bytes=500-", 500, None),
        ("bytes=500-99999999999", 500, None),
        ("bytes=-99999999999", 0, None),
        ("Bytes = 3-7", 3, 8),
    ],
)
def test_a_range_is_those_bytes(
    client: FlaskClient, data: bytes, header: str, start: int, end: int | None
) -> None:
    answer = client.get(BIGWIG, headers={"Range": header, "Accept-Encoding": "gzip, br"})
    first, last, _ = slice(start, end).indices(len(data))
    assert answer.status_code == 206
    assert answer.data == data[first:last]
    assert answer.headers["Content-Range"] == f"bytes {first}-{last - 1}/{len(data)}"
    assert answer.headers["Content-Length"] == str(last - first)
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("header", ["bytes={n}-", "bytes={n}-{n}", "bytes=9999999999-", "bytes=-0"])
def test_a_range_beyond_the_end_is_416_and_says_the_length(
    client: FlaskClient, data: bytes, header: str
) -> None:
    answer = client.get(BIGWIG, headers={"Range": header.format(n=len(data))})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(data)}"
    assert answer.get_json()["error"].startswith("Range Not Satisfiable: ")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("header", ["bytes=0-1,5-9", "lines=1-2", "bytes=9-3", "bytes=a-b", "0-9"])
def test_several_ranges_and_what_is_no_range_are_answered_with_the_whole(
    client: FlaskClient, data: bytes, header: str
) -> None:
    answer = client.get(BIGWIG, headers={"Range": header})
    assert answer.status_code == 200
    assert answer.data == data
    assert "Content-Range" not in answer.headers


def test_an_empty_file_has_no_ranges() -> None:
    with pytest.raises(LookupError):
        asked_range("bytes=0-", 0)


def test_head_tells_the_length_and_sends_nothing(client: FlaskClient, data: bytes) -> None:
    answer = client.head(BIGWIG, headers={"Range": "bytes=0-9"})
    assert answer.status_code == 200
    assert answer.headers["Content-Length"] == str(len(data))
    assert answer.data == b""


def test_what_a_client_knows_is_not_sent_again(client: FlaskClient) -> None:
    known = client.get(BIGWIG).headers
    assert not known["ETag"].startswith("W/")
    for condition in (
        {"If-None-Match": known["ETag"]},
        {"If-Modified-Since": known["Last-Modified"]},
    ):
        answer = client.get(BIGWIG, headers=condition)
        assert answer.status_code == 304
        assert answer.headers["ETag"] == known["ETag"]
        assert answer.data == b""


def test_a_range_of_another_version_is_answered_with_the_whole(client: FlaskClient) -> None:
    known = client.get(BIGWIG).headers

    def status(condition: str) -> int:
        headers = {"Range": "bytes=0-9", "If-Range": condition}
        return client.get(BIGWIG, headers=headers).status_code

    assert status(known["ETag"]) == 206
    assert status(known["Last-Modified"]) == 206
    assert status('"another"') == 200
    assert status(f"W/{known['ETag']}") == 200
    assert status("Thu, 01 Jan 1970 00:00:00 GMT") == 200


def test_a_new_file_has_a_new_tag(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "tiny", model=False)
    client = reader(folder)
    old = client.get(BIGWIG).headers["ETag"]
    file = folder / "experiments" / "cage.plus.bw"
    file.with_suffix(".new").write_bytes(file.read_bytes())
    file.with_suffix(".new").replace(file)
    answer = client.get(BIGWIG, headers={"Range": "bytes=0-9", "If-Range": old})
    assert answer.status_code == 200
    assert answer.headers["ETag"] != old


def test_pages_of_other_origins_may_read_bigwigs_and_nothing_else(client: FlaskClient) -> None:
    asked = {"Origin": "https://igv.org", "Access-Control-Request-Headers": "range"}
    before = client.options(BIGWIG, headers=asked)
    assert before.status_code == 204
    assert "GET" in before.headers["Access-Control-Allow-Methods"]
    assert "Range" in before.headers["Access-Control-Allow-Headers"]
    for path in (BIGWIG, "/genome/genome.fa", "/hub/hub.txt", "/hub/igv.json", "/tracks/no/no.bw"):
        headers = client.get(path, headers=asked).headers
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        exposed = headers["Access-Control-Expose-Headers"]
        assert {"Content-Range", "Content-Length", "ETag"} <= set(exposed.split(", "))
    for path in ("/", "/api/v1/project", "/healthz", "/assets/styles/base.css"):
        headers = client.get(path, headers=asked).headers
        assert "Access-Control-Allow-Origin" not in headers
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "path",
    [
        "/tracks/unknown/experiment.bw",
        "/tracks/atac/secret.bw",
        "/tracks/atac/saliency.bw",
        "/tracks/..%2Fsecret/experiment.bw",
        "/tracks/../secret.bw",
        "/tracks/%2E%2E/%2E%2E/secret.bw",
        "/tracks/atac/../../secret.bw",
        "/tracks/atac/%00.bw",
        "/tracks/atac",
        "/genome/sighthound.toml",
        "/genome/../secret.bw",
        "/hub/nothing.txt",
    ],
)
def test_only_files_of_tracks_are_there(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.data.count(b"\n") == 1
    assert answer.get_json()["error"].startswith("Not Found: /")


def test_nothing_can_be_written(client: FlaskClient) -> None:
    for method in (client.put, client.post, client.delete):
        assert method(BIGWIG).status_code == 405


def test_a_track_without_an_experiment_has_only_a_prediction(web: FlaskClient) -> None:
    assert web.get("/tracks/imagined/experiment.bw").status_code == 404
    assert web.get("/tracks/imagined/prediction.bw", buffered=True).status_code == 200


def test_genome_and_genes_are_there_with_their_indexes(client: FlaskClient, folder: Path) -> None:
    for name, file in (
        ("genome.fa", "genome.fa"),
        ("genome.fa.fai", "genome.fa.fai"),
        ("genes.gff3", "genes.gff3"),
    ):
        assert client.get(f"/genome/{name}").data == (folder / file).read_bytes()
    assert client.get("/genome/genome.fa.gzi").status_code == 404


def test_a_compressed_genome_stays_as_it_is_and_has_its_gzi(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "tiny", model=False)
    pysam.tabix_compress(str(folder / "genome.fa"), str(folder / "genome.fa.gz"))
    settings = folder / "sighthound.toml"
    settings.write_text(settings.read_text().replace('"genome.fa"', '"genome.fa.gz"'))
    client = reader(folder)
    answer = client.get("/genome/genome.fa.gz")
    assert answer.data == (folder / "genome.fa.gz").read_bytes()
    assert "Content-Encoding" not in answer.headers
    gzi = (folder / "genome.fa.gz.gzi").read_bytes()
    assert client.get("/genome/genome.fa.gz.gzi").data == gzi


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[tuple[str, int]]:
    """A real server with threads, on a free port."""
    app = create_app(load_project(folder), scheduler_address=None)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield "127.0.0.1", server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_64_clients_at_once_all_get_their_bytes(address: tuple[str, int], data: bytes) -> None:
    def reads(seed: int) -> int:
        chance = random.Random(seed)
        wrong = 0
        for _ in range(10):
            start = chance.randrange(len(data))
            end = min(len(data), start + chance.randrange(1, 4000))
            connection = HTTPConnection(*address, timeout=600)
            connection.request("GET", BIGWIG, headers={"Range": f"bytes={start}-{end - 1}"})
            answer = connection.getresponse()
            wrong += answer.status != 206 or answer.read() != data[start:end]
            connection.close()
        return wrong

    with ThreadPoolExecutor(64) as clients:
        assert sum(clients.map(reads, range(64))) == 0


def test_only_the_own_index_of_the_genes_is_given_to_browsers(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "tiny")
    settings = folder / "sighthound.toml"
    settings.write_text(settings.read_text().replace("genes.gff3", "genes.gff3.gz"))
    lines = (folder / "genes.gff3").read_text().splitlines(keepends=True)
    genes = pysam.tabix_index(str(folder / "genes.gff3"), preset="gff", force=True)
    client = reader(folder)
    assert client.get("/genome/genes.gff3.gz.tbi").status_code == 200
    (tmp_path / "other.gff3").write_text("".join(lines[:-1]))
    other = pysam.tabix_index(str(tmp_path / "other.gff3"), preset="gff", force=True)
    shutil.move(f"{other}.tbi", f"{genes}.tbi")
    assert client.get("/genome/genes.gff3.gz").status_code == 200
    assert client.get("/genome/genes.gff3.gz.tbi").status_code == 404
