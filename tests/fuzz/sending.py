"""Sends a request to a WSGI application as a server would: byte for byte, not as a client would."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from tests.fuzz.asking import Asked

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Any]


def send(app: Wsgi, asked: Asked) -> tuple[int, bytes]:
    """Give the status and the body of the answer; what the application raises is raised."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": asked.method,
        # PEP 3333: bytes as Latin-1.
        "PATH_INFO": unquote_to_bytes(asked.path).decode("latin-1"),
        "QUERY_STRING": asked.query,
        "SCRIPT_NAME": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(asked.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "HTTP_HOST": "localhost",
        "CONTENT_LENGTH": str(len(asked.body)),
    }
    if asked.chunked:
        del environ["CONTENT_LENGTH"]
        environ["wsgi.input_terminated"] = True
        environ["HTTP_TRANSFER_ENCODING"] = "chunked"
    for name, value in asked.headers:
        key = name.upper().replace("-", "_")
        raw = value.encode("utf-8", "surrogatepass").decode("latin-1")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = raw
    status: list[int] = []

    def start(line: str, headers: list[tuple[str, str]], _info: Any = None) -> Callable[..., None]:
        status.append(int(line.split()[0]))
        for name, value in headers:
            assert "\n" not in value, (name, value)
            assert "\r" not in value, (name, value)
            f"{name}: {value}".encode("latin-1")
        return lambda _data: None

    answer = app(environ, start)
    try:
        data = b"".join(answer)
    finally:
        if hasattr(answer, "close"):
            answer.close()
    return status[0], data
