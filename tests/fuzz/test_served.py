"""The server as a user runs it, spoken to over sockets: what no client would send."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.app.conftest import project_folder  # noqa: F401  the fixture
from tests.browser.site import end
from tests.fuzz.asking import Asked, requests
from tests.fuzz.conftest import AGAIN, REQUESTS
from tests.paths import ROOT

LONGEST_S = 10
START_S = 600  # on a machine that is busy with other things
_STATUS = re.compile(rb"^HTTP/1\.[01] (\d{3}) ", re.MULTILINE)
THREADS = 8  # of the server


@dataclass(frozen=True)
class Server:
    """A `sighthound serve` process and what it said on its standard error."""

    port: int
    process: subprocess.Popen[str]
    errors: Path

    def health(self) -> object:
        address = f"http://127.0.0.1:{self.port}/healthz"
        with urllib.request.urlopen(address, timeout=START_S) as answer:
            return json.load(answer)


@pytest.fixture(scope="module")
def server(
    project_folder: Path,  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    """Serve the tiny project; at the end it lives, is well, and has logged no fault."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "sighthound",
        "serve",
        str(project_folder),
        "--port",
        str(port),
    ]
    errors = tmp_path_factory.mktemp("served") / "errors"
    with (
        errors.open("w") as log,
        subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        assert process.stdout is not None
        assert f"127.0.0.1:{port}" in process.stdout.readline()
        server = Server(port, process, errors)
        try:
            # The web process loads the application after the address is said.
            assert server.health() == {"status": "ok"}
            yield server
            assert process.poll() is None
            assert server.health() == {"status": "ok"}
            assert "Traceback" not in errors.read_text()
        finally:
            end(process, errors)


def say(port: int, data: bytes) -> bytes:
    """Send bytes, end the sending, and give all that comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=START_S) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # refused before it was all read
        found = b""
        try:
            while more := connection.recv(1 << 16):
                found += more
        except ConnectionResetError:
            pass  # what was sent and never read: the answer came before
        return found


def check(server: Server, data: bytes, root: Path) -> None:
    began = time.monotonic()
    found = say(server.port, data)
    assert time.monotonic() - began < LONGEST_S, data
    for status in map(int, _STATUS.findall(found)):
        # 503: the model is not loaded yet; 501: a transfer coding that nobody knows (RFC 9112).
        assert status < 500 or status == 503 or (status == 501 and b"ransfer-" in data), (
            data, found,
        )  # fmt: skip
    assert str(root).encode() not in found, data


def written(asked: Asked) -> bytes:
    """A request as bytes, its headers as they are."""
    target = f"{asked.path}?{asked.query}" if asked.query else asked.path
    headers = {"Host": "127.0.0.1"} | dict(asked.headers)
    body = asked.body
    if asked.chunked:
        headers["Transfer-Encoding"] = "chunked"
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    elif body:
        headers.setdefault("Content-Length", str(len(body)))
    lines = [f"{asked.method} {target} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join(lines).encode("utf-8", "surrogatepass") + b"\r\n\r\n" + body


HEAD = b"POST /api/v1/shares HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Sighthound: 1\r\n"
UPLOAD = HEAD.replace(b"shares", b"uploads?name=a.bed")
JSON = HEAD + b"Content-Type: application/json\r\n"
CHUNKED = JSON + b"Transfer-Encoding: chunked\r\n\r\n"
GET = b"GET /api/v1/genes?chrom=chrI&start=0&end=900 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
# Request lines, headers and framings that no client writes.
BROKEN = (
    b"", b"\r\n", b"\r\n" * 5_000, b"\0", b"\xff" * 500, b"GET", b"GET /\r\n\r\n",
    b"GET / HTTP\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n",
    b"GET  /  HTTP/1.1\r\n\r\n", b"/ GET\r\n\r\n", b"GET \xff\xfe HTTP/1.1\r\n\r\n",
    b"GET /%\0 HTTP/1.1\r\n\r\n", b"get / http/1.1\r\n\r\n",
    b"GET http://127.0.0.1/healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET http://[::1/healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"OPTIONS * HTTP/1.1\r\n\r\n",
    b"GET //healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"CONNECT 127.0.0.1:1 HTTP/1.1\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 300,
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
    GET + b"X: " + b"a" * 1_000_000 + b"\r\n\r\n", GET + b"X: y\r\n" * 5_000 + b"\r\n",
    GET + b"X" * 100_000 + b": y\r\n\r\n", GET + b": y\r\n\r\n", GET + b"no colon\r\n\r\n",
    GET + b" folded: 1\r\n\r\n", GET + b"A: b\r\n c\r\n\r\n", GET + b"X\0: y\r\n\r\n",
    GET + b"X: \0\r\n\r\n", GET + b"X: a\rb\r\n\r\n", GET + b"X: a\n\n",
    GET + b"Host: evil\r\n\r\n", GET + b"Cookie: " + b"a=b; " * 1_500 + b"\r\n\r\n",
    GET + b"Connection: upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n",
    GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    GET + b"Expect: 100-continue\r\n\r\n",
    GET + b"X_Forwarded_Proto: https\r\nX-Forwarded-For: \xff\r\n\r\n",
    GET + b"Range: bytes=0-" + b"9" * 7_000 + b"\r\n\r\n",
    GET + b"Content-Length: 5\r\n\r\nabcdeGET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    JSON + b"Content-Length: 900\r\n\r\n{}", JSON + b"Content-Length: 1\r\n\r\n{}",
    JSON + b"Content-Length: -1\r\n\r\n{}", JSON + b"Content-Length: +2\r\n\r\n{}",
    JSON + b"Content-Length: 2,2\r\n\r\n{}", JSON + b"Content-Length: 0x2\r\n\r\n{}",
    JSON + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", JSON + b"\r\n{}",
    JSON + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n{}",
    JSON + b"Content-Length: 99999999999999\r\n\r\n{}", JSON + b"Content-Length: \xb2\r\n\r\n{}",
    JSON + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    JSON + b"Transfer-Encoding: gzip\r\n\r\n{}", JSON + b"Transfer-Encoding: x, chunked\r\n\r\n{}",
    JSON + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    CHUNKED + b"2\r\n{}\r\n0\r\n\r\n", CHUNKED, CHUNKED + b"2", CHUNKED + b"2\r\n{",
    CHUNKED + b"2\r\n{}", CHUNKED + b"2\r\n{}\r\n", CHUNKED + b"x\r\n{}\r\n",
    CHUNKED + b"-2\r\n{}\r\n", CHUNKED + b"2;a=b\r\n{}\r\n0\r\n\r\n",
    CHUNKED + b"2\r\n{}xx0\r\n\r\n", CHUNKED + b"f" * 300 + b"\r\n{}",
    CHUNKED + b"1\r\n{\r\n" * 3_000, CHUNKED + b"7fffffffffffffff\r\n{}",
    CHUNKED + b"0\r\nX: y\r\n\r\n", CHUNKED + b"0\r\n" + b"X: y\r\n" * 9_000,
    CHUNKED + b"100000\r\n" + b" " * (1 << 20) + b"\r\n0\r\n\r\n",
    HEAD + b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 5\r\n\r\n--x\r\n",
    UPLOAD + b"Content-Length: 9\r\n\r\nchrI\t1",
    UPLOAD + b"Transfer-Encoding: chunked\r\n\r\n9\r\nchrI\t1",
)  # fmt: skip


@pytest.mark.parametrize("data", BROKEN, ids=range(len(BROKEN)))
def test_a_request_that_no_client_writes_ends_in_no_fault(
    server: Server,
    project_folder: Path,  # noqa: F811
    data: bytes,
) -> None:
    check(server, data, project_folder)


@settings(AGAIN, max_examples=max(40, REQUESTS // 10))
@given(data=st.data(), asked=requests())
def test_a_request_whole_or_cut_anywhere_ends_in_no_fault(
    server: Server,
    project_folder: Path,  # noqa: F811
    data: st.DataObject,
    asked: Asked,
) -> None:
    whole = written(asked)
    stop = data.draw(st.none() | st.integers(0, len(whole) - 1))
    further = data.draw(st.sampled_from((b"", b"", b"\r\n\r\n", b"GET / HTTP/1.1\r\n", b"\0")))
    check(server, whole[:stop] + further, project_folder)


# Each of them waits for more, and nothing comes.
UNENDING = (
    b"GET /", GET, GET + b"X: y", JSON + b"Content-Length: 900\r\n\r\n{", CHUNKED,
    CHUNKED + b"9\r\n{", CHUNKED + b"1\r\n{\r\n", CHUNKED + b"0\r\n",
)  # fmt: skip


def test_requests_that_never_end_hold_nobody_up_for_long(server: Server) -> None:
    assert len(UNENDING) >= THREADS, "or a thread is left for others"
    held = []
    try:
        for data in UNENDING:
            held.append(socket.create_connection(("127.0.0.1", server.port), timeout=START_S))
            held[-1].sendall(data)
        began = time.monotonic()
        assert server.health() == {"status": "ok"}
        assert time.monotonic() - began < LONGEST_S
    finally:
        for connection in held:
            connection.close()
