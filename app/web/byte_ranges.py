"""Files over HTTP, whole or a range of bytes (RFC 9110, sections 13 and 14), streamed.

One range is answered with 206. Several at once are answered with the whole, as the RFC allows: no
genome browser asks for them. A range is of the bytes on disk, so nothing here is ever compressed.

Our own: Werkzeug 3.1's `make_conditional` refuses (416) what the RFC has answered whole: several
ranges, other units, what is no range, and a suffix longer than the file (-12 of 10 bytes), by which
small files are read from their end. It takes a weak tag in If-Range too, and hides the file from
sendfile.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from flask import Response, jsonify, request
from werkzeug.datastructures import Headers
from werkzeug.http import http_date, parse_date
from werkzeug.wsgi import wrap_file

from sighthound.core.files import stat_stamp

METHODS = ["GET", "HEAD", "OPTIONS"]
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Accept-Ranges, Content-Encoding, Content-Length, Content-Range, ETag, Last-Modified"
    ),
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": ", ".join(METHODS),
    "Access-Control-Allow-Headers": (
        "Range, If-Range, If-None-Match, If-Modified-Since, Cache-Control, Content-Type"
    ),
    "Access-Control-Max-Age": "86400",
}
_BUFFER = 1 << 18
_RANGE = re.compile(r"bytes\s*=\s*(?:([0-9]+)-([0-9]*)|-([0-9]+))\s*", re.IGNORECASE)
# Digits that are read of a number: more are beyond any file, and Python refuses thousands.
_DIGITS = 18


def asked_range(header: str, length: int) -> tuple[int, int] | None:
    """Read a Range header.

    Parameters
    ----------
    header : str
    length : int
        Bytes there are.

    Returns
    -------
    (start, end), half-open and within the file, or None to answer with all of it: another unit,
    several ranges, or nothing that the RFC calls a range

    Raises
    ------
    LookupError
        The range begins beyond the last byte.

    Examples
    --------
    >>> asked_range("bytes=0-3", 10), asked_range("bytes=8-", 10), asked_range("bytes=-4", 10)
    ((0, 4), (8, 10), (6, 10))
    """
    match = _RANGE.fullmatch(header.strip())
    if not match:
        return None
    first, last, suffix = map(_offset, match.groups())
    if suffix is not None:
        start, end = max(0, length - suffix), length
    else:
        start, end = first or 0, length if last is None else min(last + 1, length)
        if last is not None and last < start:
            return None
    if start >= length:
        raise LookupError(f"bytes from {start} on, of {length}")
    return start, end


def _offset(digits: str | None) -> int | None:
    if not digits:
        return None
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) <= _DIGITS else 10**_DIGITS


def send_file(path: Path, mimetype: str = "application/octet-stream") -> Response:
    """Answer a request for a file, or a range of it; the file is read as it is sent."""
    file = path.open("rb", buffering=0)
    # Of the open file: another may be moved to its name meanwhile.
    stat = os.fstat(file.fileno())
    tag = hashlib.sha256(repr(stat_stamp(stat)).encode()).hexdigest()
    try:
        return _send(file, stat.st_size, tag[:24], int(stat.st_mtime), mimetype)
    except BaseException:
        file.close()
        raise


def send_by_proxy(path: Path, root: Path, location: str) -> Response | None:
    """Let nginx send a file, which it finds below an internal location (X-Accel-Redirect).

    Parameters
    ----------
    path : path
    root : path
        The folder that the location stands for.
    location : str
        As "/sighthound-files"; empty where no proxy does this.

    Returns
    -------
    Response, or None where the file is not in the folder, and is to be sent from here
    """
    path = path.resolve()
    if not location or not path.is_file() or not path.is_relative_to(root):
        return None
    inner = quote(path.relative_to(root).as_posix())
    return Response(
        headers={"X-Accel-Redirect": f"{location}/{inner}", "Cache-Control": "no-cache"},
        mimetype="application/octet-stream",
    )


def send_text(text: str, mimetype: str = "text/plain") -> Response:
    """Answer with a text as if it were a file: UCSC reads hubs by ranges too."""
    return send_bytes(text.encode(), f"{mimetype}; charset=utf-8")


def send_bytes(data: bytes, mimetype: str = "application/octet-stream") -> Response:
    """Answer with bytes as if they were a file."""
    tag = hashlib.sha256(data).hexdigest()[:24]
    return _send(io.BytesIO(data), len(data), tag, None, mimetype)


def preflight() -> Response:
    """Answer OPTIONS: what pages of other origins may ask."""
    return Response(status=204, headers=Headers({"Allow": ", ".join(METHODS), **_PREFLIGHT}))


def allow_other_origins(response: Response) -> Response:
    """Let pages of any origin read an answer, errors included."""
    add_missing(response, CORS)
    return response


def add_missing(response: Response, headers: Mapping[str, str]) -> None:
    """Add those headers that a response has not, looking through what it has only once."""
    there = {name.lower() for name, _ in response.headers}
    response.headers.extend({k: v for k, v in headers.items() if k.lower() not in there})


def not_found() -> Response:
    """Answer 404 in one line of JSON."""
    response = jsonify({"error": f"Not Found: {request.path[:200]}"})
    response.status_code = 404
    response.headers["Cache-Control"] = "no-store"
    return response


class Slice:
    """Bytes `start` to `end` of an open file; gunicorn hands it to sendfile by `fileno`.

    Where sendfile gives up, as when a client has closed its connection, the socket seeks and reads.
    """

    def __init__(self, file: BinaryIO, start: int, end: int) -> None:
        self._file, self._end = file, end
        self.close = file.close
        if not isinstance(file, io.BytesIO):
            self.fileno = file.fileno
        file.seek(start)

    def seek(self, offset: int) -> int:
        """Go to a byte of the file."""
        return self._file.seek(offset)

    def read(self, size: int = -1) -> bytes:
        left = max(0, self._end - self._file.tell())
        return self._file.read(left if size < 0 else min(size, left))


def _send(file: BinaryIO, length: int, tag: str, modified: int | None, mimetype: str) -> Response:
    headers = {"Accept-Ranges": "bytes", "ETag": f'"{tag}"', "Cache-Control": "no-cache"}
    if modified is not None:
        headers["Last-Modified"] = http_date(modified)
    if _is_known(tag, modified):
        file.close()
        return Response(status=304, headers=headers)
    headers["Content-Type"] = mimetype
    start, end, status = 0, length, 200
    # HEAD has no ranges (RFC 9110, 14.2).
    if request.method == "GET" and "Range" in request.headers and _if_range(tag, modified):
        try:
            asked = asked_range(request.headers["Range"], length)
        except LookupError as error:
            file.close()
            response = jsonify({"error": f"Range Not Satisfiable: {error.args[0]}"})
            response.status_code = 416
            response.headers["Accept-Ranges"] = "bytes"
            response.headers["Content-Range"] = f"bytes */{length}"
            return response
        if asked is not None:
            start, end = asked
            status = 206
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{length}"
    headers["Content-Length"] = str(end - start)
    if request.method == "HEAD":
        file.close()
        return Response(status=status, headers=headers)
    body = wrap_file(request.environ, Slice(file, start, end), _BUFFER)  # type: ignore[arg-type]
    return Response(body, status=status, headers=headers, direct_passthrough=True)


def _is_known(tag: str, modified: int | None) -> bool:
    if request.if_none_match:
        return request.if_none_match.contains_weak(tag)
    since = request.if_modified_since
    return modified is not None and since is not None and modified <= since.timestamp()


def _if_range(tag: str, modified: int | None) -> bool:
    """Say whether a range is still of the file that the client knows."""
    header = request.headers.get("If-Range")
    if header is None:
        return True
    date = parse_date(header)
    if date is not None:
        return modified is not None and int(date.timestamp()) == modified
    # Strong comparison: a weak tag never matches.
    return header.strip() == f'"{tag}"'
