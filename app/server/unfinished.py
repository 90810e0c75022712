"""Requests that do not arrive whole: cut off, stalled, or framed as nobody frames them.

Each request has a thread while it comes, so a few clients that begin one and send no more would
hold everybody up; and what gunicorn says of a body that cannot be read is no fault of the server's.
"""

from __future__ import annotations

import logging
import socket
import struct
from collections.abc import Callable, Iterator
from typing import Any

from gunicorn.http.errors import ParseException

# Seconds within which a client must send more of what it has begun; gunicorn's own time for the
# first byte.
SILENT_S = 5

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Any]


def bound_silence(listener: socket.socket) -> None:
    """Let no connection to a listening socket be silent in the middle of a request for long.

    The system hands the bound on to the connections, where gunicorn sets none; beyond it reading
    raises BlockingIOError.
    """
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", SILENT_S, 0))
    logging.getLogger("gunicorn.error").addFilter(_is_no_silent_client)


def with_checked_bodies(application: Wsgi) -> Wsgi:
    """Let an application see a body that cannot be read as a client that went away (400)."""

    def checked(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        environ["wsgi.input"] = _Body(environ["wsgi.input"])
        return application(environ, start)

    return checked


class _Body:
    """The body of a request, as PEP 3333 says; what is wrong with it is an OSError."""

    def __init__(self, source: Any) -> None:
        self._source = source

    def read(self, *size: int) -> bytes:
        return self._tried(self._source.read, *size)

    def readline(self, *size: int) -> bytes:
        return self._tried(self._source.readline, *size)

    def readlines(self, *hint: int) -> list[bytes]:
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _tried(self, read: Callable[..., bytes], *size: int) -> bytes:
        try:
            return read(*size)
        except ParseException as error:
            raise OSError(f"the body cannot be read ({error})") from None


def _is_no_silent_client(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], BlockingIOError))
