"""Clients that send nothing, or little, or read nothing, keep nobody else waiting."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest

from tests.app.faults.serving import Served, served
from tests.tiny import make_project

HELD = 300
HEAD = (
    b"POST /api/v1/shares HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Sighthound: 1\r\nContent-Length: 900\r\n"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("served")
    with served(make_project(root / "lab", model=False), root / "errors") as found:
        assert found.get("healthz") == (200, {"status": "ok"})
        yield found
        assert "Traceback" not in found.errors.read_text()


def connected(server: Served) -> socket.socket:
    port = int(server.address.rstrip("/").rpartition(":")[2])
    return socket.create_connection(("127.0.0.1", port), timeout=60)


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /api/v1/pro", HEAD, HEAD + b"\r\n{"],
    ids=["idle", "a head that does not end", "a head that goes on", "a body that does not come"],
)
def test_others_are_answered_beside_many_who_send_no_more(server: Served, sent: bytes) -> None:
    held = [connected(server) for _ in range(HELD)]
    try:
        for connection in held:
            connection.sendall(sent)
        window = "api/v1/genes?chrom=chrI&start=0&end=9000"
        assert server.get(window, timeout=30)[0] == 200
    finally:
        for connection in held:
            connection.close()


def test_who_sends_no_request_is_let_go(server: Served) -> None:
    with connected(server) as silent, connected(server) as trickling:
        trickling.sendall(b"GET / HT")
        assert silent.recv(1) == b""
        with contextlib.suppress(ConnectionResetError):
            assert trickling.recv(1) == b""


def test_who_reads_nothing_holds_no_thread(server: Served) -> None:
    """More of them than there are threads, each asking for a file that no buffer holds."""
    held = [connected(server) for _ in range(20)]
    try:
        for connection in held:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            connection.sendall(b"GET /api/v1/project HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 20)
        assert server.get("healthz", timeout=30)[0] == 200
    finally:
        for connection in held:
            connection.close()
