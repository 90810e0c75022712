"""Fetching a file from an address that a visitor gives, where the administrator allows it.

The server asks in the visitor's name, so it could reach what the visitor cannot: only addresses
that begin with one of the allowed prefixes are asked, compared part by part, and so is every
redirect. Nothing of the answer but the file's bytes reaches the visitor.
"""

from __future__ import annotations

import contextlib
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from http.client import HTTPException
from pathlib import PurePosixPath
from typing import IO, Any, BinaryIO, cast
from urllib.parse import unquote, urlsplit

from sighthound import core
from sighthound.core.errors import SighthoundError

WAIT_S = 20  # for a part of the answer
TOTAL_S = 300
MAX_ADDRESS = 2_000
_PORTS = {"http": 80, "https": 443}
# What is inside an address as it is asked: no blanks, control signs or back slashes.
_PLAIN = re.compile(r"^[\x21-\x5b\x5d-\x7e]+$")


def is_allowed(address: str, prefixes: Sequence[str]) -> bool:
    """Say whether an address lies below one of the prefixes.

    Examples
    --------
    >>> is_allowed("https://data.lab.org/bw/a.bw", ["https://data.lab.org/bw/"])
    True
    >>> is_allowed("https://data.lab.org/bw/../private", ["https://data.lab.org/bw/"])
    False
    >>> is_allowed("https://data.lab.org.evil.net/bw/a.bw", ["https://data.lab.org/bw/"])
    False
    """
    asked = _parts(address)
    if asked is None:
        return False
    for prefix in prefixes:
        allowed = _parts(prefix)
        if allowed and asked[:3] == allowed[:3] and asked[3].startswith(allowed[3]):
            return True
    return False


@contextlib.contextmanager
def fetched(address: str, prefixes: Sequence[str]) -> Iterator[tuple[str, BinaryIO]]:
    """Open the file at an address; gives its name and its bytes.

    Raises
    ------
    SighthoundError
        The address is not allowed, leads elsewhere, or does not answer.
    """
    address = address.strip()
    if not is_allowed(address, prefixes):
        known = ", ".join(prefixes) or "none"
        raise SighthoundError(
            f"{address[:200]!r} is not an address that this server may fetch; allowed are those "
            f"below: {known} ([server] allowed_urls)"
        )
    opener = urllib.request.build_opener(_Redirects(prefixes))
    asked = urllib.request.Request(
        address,
        headers={"User-Agent": f"Sighthound/{core.__version__}", "Accept-Encoding": "identity"},
    )
    name = PurePosixPath(unquote(urlsplit(address).path)).name or "file"
    try:
        with opener.open(asked, timeout=WAIT_S) as answer:
            yield name, cast(BinaryIO, _Timed(answer))
    except urllib.error.HTTPError as error:
        raise SighthoundError(f"{address} answers {error.code}; expected a file") from None
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or str(error) or type(error).__name__
        raise SighthoundError(f"{address} cannot be fetched: {reason}") from None


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = 3

    def __init__(self, prefixes: Sequence[str]) -> None:
        self.prefixes = prefixes

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Any,
        newurl: str,
    ) -> urllib.request.Request | None:
        if not is_allowed(newurl, self.prefixes):
            raise SighthoundError(
                f"{req.full_url} leads to another place, which this server may not fetch; give "
                "the address of the file itself"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Timed:
    """Reads an answer, but not for ever: a slow sender would hold a thread of the server."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.until = time.monotonic() + TOTAL_S

    def read(self, size: int) -> bytes:
        if time.monotonic() > self.until:
            raise TimeoutError(f"it takes longer than {TOTAL_S} seconds")
        return self.answer.read1(size)


def _parts(address: str) -> tuple[str, str, int, str] | None:
    """Scheme, host, port and path; None where the address is not plain enough to be compared."""
    if len(address) > MAX_ADDRESS or not _PLAIN.match(address):
        return None
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    path = unquote(parts.path)
    dots = any(step in (".", "..") for step in path.split("/"))
    if (
        not port
        or not parts.hostname
        or "@" in parts.netloc
        or dots
        or "\\" in path
        or "//" in path
    ):
        return None
    # Unquoting twice would say something else: such an address could be read in two ways.
    if unquote(path) != path:
        return None
    return parts.scheme, parts.hostname.lower(), port, path
