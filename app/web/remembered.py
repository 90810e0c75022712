"""Answers about files, given again to who asks the same again, without asking the application.

A genome browser reads a file by hundreds of ranges, and finding out anew who asks, for what, and
with which headers an answer goes took most of the time of each. So a route may offer its answer to
be given again (`offer`), and the server (`app.server.gateway`) gives it (`Answers`) to a request
that differs from the first in nothing but its range. It asks each time whether what decided it is
as it was, and the application where that is not so, or where reading would have to wait for a disk.

Where people have rights, these are asked each time, too, and each reading is noted
(`app.rights.asking.Recheck`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import request

from sighthound.app.rights import asking
from sighthound.app.rights.asking import RECHECK
from sighthound.app.web.byte_ranges import asked_range
from sighthound.core.errors import SighthoundError
from sighthound.core.files import Stamp, file_stamp, stat_stamp

ENVIRON = "sighthound.remembered"
MOST_ANSWERS = 1_024
# Of a range; a longer one leaves piece by piece.
MOST_BYTES = 1 << 18
# After which the application decides anew, whatever seems to be as it was.
KEPT_S = 60.0

# Two requests that differ in these alone are answered alike but for the bytes that they get.
_OWN = frozenset({b"range", b"x-request-id"})
# A request with one of these is for the application: it has a condition, or a body.
_MORE = frozenset(
    {
        b"if-match", b"if-none-match", b"if-modified-since", b"if-unmodified-since", b"if-range",
        b"content-length", b"transfer-encoding", b"expect", b"upgrade",
    }
)  # fmt: skip
# Of a file that is in memory: who serves all connections cannot wait for a disk.
_NOWAIT = getattr(os, "RWF_NOWAIT", None)  # not on macOS
# Of no use for a file, but what lies under its name now may be a pipe that nobody writes.
_OPENED = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK

Headers = list[tuple[bytes, bytes]]


@dataclass
class Offer:
    """A file whose answer may be given again.

    Attributes
    ----------
    path : path
    stamp : Stamp
        Of the file, from before it was answered.
    holds : callable
        Whether what else the answer was decided by is as it was.
    is_for_all : bool
        Whether everybody who reaches the server may read it.
    counts : list of callable
        Told the seconds that each further answer took.
    """

    path: Path
    stamp: Stamp
    holds: Callable[[], bool]
    is_for_all: bool
    counts: list[Callable[[float], None]] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """What is sent."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True)
class _Kept:
    offer: Offer
    rights: asking.Recheck | None
    status: int
    headers: Headers
    until: float


def offer(path: Path, stamp: Stamp, holds: Callable[[], bool], is_for_all: bool) -> None:
    """Let the answer to this request be given again, as long as the file and `holds` say so.

    Parameters
    ----------
    path : path
        The file that is answered.
    stamp : Stamp
        Taken before the answer was made.
    holds : callable
        Quick, since it is asked each time; may raise SighthoundError for no.
    is_for_all : bool
        Whether everybody who reaches the server may read it; else it is given again only where the
        gate has said what to ask (`app.rights.asking.RECHECK`).
    """
    request.environ[ENVIRON] = Offer(path, stamp, holds, is_for_all)


def count_again(count: Callable[[float], None]) -> None:
    """Have further answers that are given without the application counted, with their seconds."""
    offered = request.environ.get(ENVIRON)
    if offered is not None:
        offered.counts.append(count)


class Answers:
    """The answers that were given last.

    Parameters
    ----------
    now : callable, optional
        Seconds of a clock that nobody sets.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._kept: dict[tuple[object, ...], _Kept] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def keep(
        self, scope: dict[str, Any], environ: dict[str, Any], status: int, headers: Headers
    ) -> None:
        """Keep what the application answered, where it offered that.

        Parameters
        ----------
        scope : dict
            The request, as ASGI has it.
        environ : dict
            The same as WSGI has it, in which the offer lies.
        status, headers
            Of the answer.
        """
        offered, rights, asked = environ.get(ENVIRON), environ.get(RECHECK), _asked(scope)
        if offered is None or asked is None or not (offered.is_for_all or rights):
            return
        names = {name for name, _ in headers}
        is_part = status == 206 and b"content-range" in names
        is_elsewhere = status == 200 and b"x-accel-redirect" in names
        if b"set-cookie" in names or not (is_part or is_elsewhere):
            return
        now = self._now()
        self._kept.pop(asked[0], None)
        # The first is the oldest.
        for key, kept in list(self._kept.items()):
            if kept.until >= now and len(self._kept) < MOST_ANSWERS:
                break
            del self._kept[key]
        again = [h for h in headers if h[0] not in (b"content-range", b"content-length")]
        self._kept[asked[0]] = _Kept(offered, rights, status, again, now + KEPT_S)

    def find(self, scope: dict[str, Any]) -> Again | None:
        """Give what may answer a request; None where the application is to be asked."""
        asked = _asked(scope) if self._kept else None
        kept = None if asked is None else self._kept.get(asked[0])
        if asked is None or kept is None:
            return None
        key, span = asked
        return Again(kept, span, self._now() <= kept.until, lambda: self._kept.pop(key, None))


@dataclass(frozen=True)
class Again:
    """An answer that may be given again.

    Attributes
    ----------
    is_quick : bool
        Whether `give` waits for nothing.
    """

    _kept: _Kept
    _span: str
    _is_young: bool
    _forget: Callable[[], object]

    @property
    def is_quick(self) -> bool:
        return self._kept.rights is None

    def give(self) -> Answer | None:
        """Give it; None where the application is to be asked."""
        began = time.perf_counter()
        offered, rights = self._kept.offer, self._kept.rights
        try:
            if not (self._is_young and offered.holds() and (rights is None or rights.may())):
                raise LookupError
            is_whole = self._kept.status == 200
            found = _whole(self._kept) if is_whole else _part(self._kept, self._span)
            if found is not None and rights is not None:
                rights.note()
        except (OSError, LookupError, SighthoundError):
            # The application says what is the matter, and may offer anew.
            self._forget()
            return None
        if found is not None:
            for count in offered.counts:
                count(time.perf_counter() - began)
        return found


def _asked(scope: dict[str, Any]) -> tuple[tuple[object, ...], str] | None:
    """Give what the answer to a request hangs on, and its range; None where that is not all."""
    if scope["method"] != "GET" or scope["query_string"]:
        return None
    span, others = "", []
    for header in scope["headers"]:
        name = header[0]
        if name == b"range":
            if span:
                return None
            span = header[1].decode("latin-1")
        elif name in _MORE:
            return None
        elif name not in _OWN:
            others.append(header)
    client = scope.get("client")
    return (scope["raw_path"], scope["scheme"], client and client[0], *others), span


def _whole(kept: _Kept) -> Answer:
    """Give what a proxy is told to send; LookupError where the file is another."""
    if file_stamp(kept.offer.path) != kept.offer.stamp:
        raise LookupError
    return Answer(kept.status, [*kept.headers, (b"content-length", b"0")], b"")


def _part(kept: _Kept, span: str) -> Answer | None:
    """Read a range; None where that would take longer. LookupError where the file is another."""
    if _NOWAIT is None:
        return None
    file = os.open(kept.offer.path, _OPENED)
    try:
        stat = os.fstat(file)
        if stat_stamp(stat) != kept.offer.stamp:
            raise LookupError
        try:
            found = asked_range(span, stat.st_size)
        except LookupError:
            return None
        if found is None or found[1] - found[0] > MOST_BYTES:
            return None
        start, end = found
        piece = bytearray(end - start)
        try:
            if os.preadv(file, [piece], start, _NOWAIT) < len(piece):
                return None
        except OSError:
            return None
    finally:
        os.close(file)
    headers = [
        *kept.headers,
        (b"content-range", b"bytes %d-%d/%d" % (start, end - 1, stat.st_size)),
        (b"content-length", b"%d" % len(piece)),
    ]
    return Answer(kept.status, headers, bytes(piece))
