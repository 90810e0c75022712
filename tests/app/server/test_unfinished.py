"""Requests that do not arrive whole are clients that went away, no faults of the server."""

from __future__ import annotations

import io
import logging
import socket
import struct
from typing import Any

import pytest
from gunicorn.http.errors import InvalidChunkSize

from sighthound.app.server.unfinished import SILENT_S, bound_silence, with_checked_bodies


class Torn(io.BytesIO):
    """A body that is framed as nobody frames it, after its first bytes."""

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        if not found:
            raise InvalidChunkSize(b"zz")
        return found

    readline = read


def body_of(source: io.BytesIO) -> Any:
    seen: list[Any] = []
    environ = {"wsgi.input": source}
    with_checked_bodies(lambda env, start: seen.append(env["wsgi.input"]))(environ, lambda: None)
    return seen[0]


def test_a_whole_body_is_read_as_it_came() -> None:
    body = body_of(io.BytesIO(b"one\ntwo\n"))
    assert body.read(2) == b"on"
    assert body.readline() == b"e\n"
    assert body.readlines() == [b"two\n"]
    assert body.read() == b""


def test_a_body_that_cannot_be_read_is_an_error_of_its_client() -> None:
    body = body_of(Torn(b"first"))
    assert body.read(5) == b"first"
    for read in (body.read, body.readline, body.readlines):
        with pytest.raises(OSError, match="the body cannot be read"):
            read()


def test_a_connection_may_not_be_silent_for_long_and_its_end_is_no_fault_in_the_log() -> None:
    log = logging.getLogger("gunicorn.error")
    before = list(log.filters)
    try:
        with socket.socket() as listener:
            bound_silence(listener)
            size = struct.calcsize("ll")
            bound = listener.getsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, size)
        assert struct.unpack("ll", bound) == (SILENT_S, 0)
        silent, other = (
            logging.LogRecord("x", 40, "", 0, "", (), (type(error), error, None))
            for error in (BlockingIOError(), ValueError())
        )
        assert not log.filter(silent)
        assert log.filter(other)
    finally:
        log.filters[:] = before
