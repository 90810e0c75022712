"""Between the event loop, which owns the connections, and the application, which has threads.

A thread is held only while the application computes an answer: not while a request arrives, nor
while it waits for the model (`app.web.waits`), nor while its answer leaves. So whoever is slow,
or sends nothing, keeps nobody else waiting. What is slow by itself, a visitor's file that is
checked or a picture that is drawn, has threads of its own beside those of what a page draws. What
is as quick as a thread is woken, another range of a file, takes none (`app.web.remembered`).
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Any, TypeVar
from urllib.parse import quote, unquote_to_bytes

from werkzeug.wsgi import FileWrapper

from sighthound.app.server.logs import ID_HEADER, access, request_id
from sighthound.app.web.remembered import Answer, Answers
from sighthound.app.web.waits import ENVIRON, Wait

# Seconds within which a client must send more of a body that it has begun.
SILENT_S = 5
# A body that has come for longer must have come at this rate, on average.
SLOW_S, SLOWEST_BYTES_A_S = 30, 1_000
IN_MEMORY_BYTES = 1 << 20
# Of an answer that is read before its first byte is sent, and at a time after that.
PIECE_BYTES = 1 << 18
SLOW_THREADS = 4
# Python computes one answer at a time: threads that do so together take its lock from one another
# at each read of a file, and all are late. So this many have a turn; who has waited for one for so
# many seconds computes beside those that take longer.
TURNS, TURN_S = 2, 0.5

# What an address has before its path, where a request names it whole (RFC 9112, 3.2.2).
_ORIGIN = re.compile(rb"^https?://[^/]*", re.IGNORECASE)

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Result = TypeVar("Result")
_ID_HEADER = ID_HEADER.lower().encode()
MAX_SHOWN_PATH = 300
Message = dict[str, Any]
Receive = Callable[[], Any]
Send = Callable[[Message], Any]


class _RefusedError(Exception):
    """A request that does not reach the application: its status, and what to say."""


@dataclass
class _Answer:
    """What the application answered: the beginning of its body, and what gives the rest."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)
    rest: Iterator[bytes] | None = None
    close: Callable[[], None] = lambda: None

    def start(self, status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
        """Be WSGI's `start_response`."""
        self.status = int(status.split(" ", 1)[0])
        self.headers = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers]
        return self.pieces.append

    def more(self) -> bytes:
        """Read some of the rest; all of it has been where that is `None` afterwards."""
        found, size = [], 0
        assert self.rest is not None
        for piece in self.rest:
            found.append(piece)
            size += len(piece)
            if size >= PIECE_BYTES:
                return b"".join(found)
        self.end()
        return b"".join(found)

    def end(self) -> None:
        """Close what gives the rest."""
        self.rest = None
        self.close()


class _Said:
    """What is sent, with the request's name; writes the line of the log."""

    def __init__(self, scope: Message, send: Send) -> None:
        given = dict(scope["headers"]).get(_ID_HEADER, b"").decode("latin-1")
        self.identifier = request_id(given).encode()
        others = (header for header in scope["headers"] if header[0] != _ID_HEADER)
        scope["headers"] = [*others, (_ID_HEADER, self.identifier)]
        self._scope, self._send = scope, send
        self._began, self._status, self._size = time.monotonic(), 0, 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = [*message["headers"], (_ID_HEADER, self.identifier)]
            message = {**message, "headers": headers}
        else:
            self._size += len(message["body"])
        await self._send(message)

    def write(self) -> None:
        """Write down what was asked and answered."""
        scope = self._scope
        access.info(
            "%s %s %s %d %d %.0fms %s",
            (scope.get("client") or ("-",))[0], scope["method"],
            quote(scope["path"][:MAX_SHOWN_PATH]), self._status, self._size,
            1_000 * (time.monotonic() - self._began), self.identifier.decode(),
        )  # fmt: skip


class Gateway:
    """An ASGI application of a WSGI one.

    Parameters
    ----------
    application : WSGI application
    threads : int
        Requests that it computes at a time, besides those that are slow by nature.
    most_body : callable
        Bytes that the body of a request for a path may have.
    """

    def __init__(self, application: Wsgi, threads: int, most_body: Callable[[str], int]) -> None:
        self.application = application
        self.most_body = most_body
        self._quick = ThreadPoolExecutor(threads, "request")
        self._turns = threading.Semaphore(TURNS)
        self._slow = ThreadPoolExecutor(SLOW_THREADS, "slow-request")
        self._files = ThreadPoolExecutor(SLOW_THREADS, "file")
        self._remembered = Answers()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
            return
        said = _Said(scope, send)
        try:
            await self._serve(scope, receive, said)
        finally:
            said.write()

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        known = await self._again(scope)
        if known is not None:
            start = {"status": known.status, "headers": known.headers}
            await send({"type": "http.response.start", **start})
            await send({"type": "http.response.body", "body": known.body})
            return
        with tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES) as body:
            try:
                await self._take(scope, receive, body)
            except _RefusedError as refused:
                status, says = refused.args
                await _say(send, status, says)
                return
            answer = await self._answer(scope, body)
        try:
            await self._send(answer, receive, send)
        finally:
            if answer.rest is not None:
                answer.end()

    async def _again(self, scope: Message) -> Answer | None:
        """Give an answer that was given before; None where the application is to be asked."""
        again = self._remembered.find(scope)
        if again is None:
            return None
        if again.is_quick:
            return again.give()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._quick, self._in_turn, again.give)

    async def _take(self, scope: Message, receive: Receive, body: IO[bytes]) -> None:
        """Receive a body whole."""
        most = self.most_body(scope["path"])
        declared = _declared(scope)
        if declared is not None and declared > most:
            raise _RefusedError(413, f"the body is larger than {most:,} bytes, the most taken here")
        began, size, more = time.monotonic(), 0, declared != 0
        while more:
            try:
                message = await asyncio.wait_for(receive(), SILENT_S)
            except TimeoutError:
                raise _RefusedError(408, "the body of the request did not come") from None
            if message["type"] == "http.disconnect":
                raise asyncio.CancelledError
            piece, more = message.get("body", b""), message.get("more_body", False)
            size += len(piece)
            if size > most:
                raise _RefusedError(
                    413, f"the body is larger than {most:,} bytes, the most taken here"
                )
            passed = time.monotonic() - began
            if more and passed > SLOW_S and size < passed * SLOWEST_BYTES_A_S:
                raise _RefusedError(408, "the body of the request came too slowly")
            try:
                body.write(piece)
            except OSError:
                raise _RefusedError(
                    507, "the server's disk is full; its administrator makes room"
                ) from None

    async def _answer(self, scope: Message, body: IO[bytes]) -> _Answer:
        """Have the application answer; again when what it waits for has ended, or got further."""
        loop = asyncio.get_running_loop()
        until, before = None, None
        while True:
            wait = Wait(is_over=until is not None and loop.time() >= until, before=before)
            body.seek(0)
            environ = {**_environ(scope, body), ENVIRON: wait}
            pool = self._pool(scope)
            run = partial(self._run, environ)
            run = run if pool is self._slow else partial(self._in_turn, run)
            answer = await loop.run_in_executor(pool, run)
            if wait.awaited is None:
                self._remembered.keep(scope, environ, answer.status, answer.headers)
                return answer
            until, before = until or loop.time() + wait.seconds, wait.awaited
            stage = wait.awaited.stage()
            ended = asyncio.Event()
            wait.awaited.when_ended(_waking(loop, ended))
            try:
                await asyncio.wait_for(ended.wait(), max(0.0, until - loop.time()))
            except TimeoutError:
                if wait.awaited.stage() == stage:
                    return answer
            if answer.rest is not None:
                answer.end()

    def _pool(self, scope: Message) -> ThreadPoolExecutor:
        is_read = scope["method"] in ("GET", "HEAD", "OPTIONS", "DELETE")
        return self._quick if is_read or "/api/" not in scope["path"] else self._slow

    def _in_turn(self, run: Callable[[], Result]) -> Result:
        has_turn = self._turns.acquire(timeout=TURN_S)
        try:
            return run()
        finally:
            if has_turn:
                self._turns.release()

    def _run(self, environ: dict[str, Any]) -> _Answer:
        """Compute an answer, up to its first piece; in a thread."""
        answer = _Answer()
        found = self.application(environ, answer.start)
        answer.close = getattr(found, "close", answer.close)
        answer.rest = iter(found)
        try:
            answer.pieces.append(answer.more())
        except BaseException:
            answer.end()
            raise
        return answer

    async def _send(self, answer: _Answer, receive: Receive, send: Send) -> None:
        first = b"".join(answer.pieces)
        headers = answer.headers
        # Of these it would be the length of what is not sent (RFC 9110, 8.6).
        is_bare = answer.status in (204, 304)
        if answer.rest is None and not is_bare and b"content-length" not in dict(headers):
            headers = [*headers, (b"content-length", b"%d" % len(first))]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        if answer.rest is None:
            await send({"type": "http.response.body", "body": first})
            return
        loop = asyncio.get_running_loop()
        gone = asyncio.ensure_future(_end_of(receive))
        try:
            await send({"type": "http.response.body", "body": first, "more_body": True})
            while answer.rest is not None:
                if gone.done():
                    raise asyncio.CancelledError
                piece = await loop.run_in_executor(self._files, answer.more)
                more = answer.rest is not None
                await send({"type": "http.response.body", "body": piece, "more_body": more})
        finally:
            gone.cancel()


def _waking(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> Callable[[], None]:
    def wake() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(event.set)

    return wake


async def _end_of(receive: Receive) -> None:
    """Wait until a client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _declared(scope: Message) -> int | None:
    """Give the length that a request says its body has; None where it says so as it comes."""
    headers = dict(scope["headers"])
    if b"transfer-encoding" in headers:
        return None
    value = headers.get(b"content-length", b"0")
    return int(value) if value.isdigit() and len(value) < 19 else None


def _environ(scope: Message, body: IO[bytes]) -> dict[str, Any]:
    """Write a request as PEP 3333 says."""
    server, client = scope.get("server") or ("", None), scope.get("client") or ("", None)
    path = _ORIGIN.sub(b"", scope["raw_path"]) or b"/"
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": scope.get("root_path", ""),
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "RAW_URI": (path + b"?" * bool(scope["query_string"]) + scope["query_string"]).decode(
            "latin-1"
        ),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": str(server[0]),
        "SERVER_PORT": str(server[1] or ""),
        "REMOTE_ADDR": str(client[0]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileWrapper,
    }
    for name, value in scope["headers"]:
        word, text = name.decode("latin-1").upper().replace("-", "_"), value.decode("latin-1")
        if word == "TRANSFER_ENCODING":
            continue  # It has been undone.
        key = word if word in ("CONTENT_LENGTH", "CONTENT_TYPE") else f"HTTP_{word}"
        between = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{between}{text}" if key in environ else text
    return environ


async def _say(send: Send, status: int, says: str) -> None:
    """Answer in one line what the application never saw, and take no more from this connection."""
    body = json.dumps({"error": says}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
