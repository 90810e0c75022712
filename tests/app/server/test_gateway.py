"""A thread is held while an answer is computed, and neither before nor after that."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from sighthound.app.server import gateway
from sighthound.app.server.gateway import Gateway
from sighthound.app.web.waits import ENVIRON

Start = Callable[..., Any]


class Asked:
    """One request to a gateway, and what came back."""

    def __init__(self, to: Gateway, path: str = "/x", body: Iterable[bytes] = (), **how: Any):
        self.gateway, self.pieces = to, list(body)
        self.sent: list[dict[str, Any]] = []
        self.is_gone = False
        headers = how.pop("headers", [])
        if self.pieces and not headers:
            headers = [(b"content-length", b"%d" % sum(map(len, self.pieces)))]
        self.scope = {
            "type": "http", "method": "GET", "path": path, "raw_path": path.encode(),
            "query_string": b"", "http_version": "1.1", "scheme": "http", "headers": headers,
            "client": ("10.0.0.1", 5), "server": ("10.0.0.2", 80), **how,
        }  # fmt: skip

    async def receive(self) -> dict[str, Any]:
        if not self.pieces:
            await asyncio.Event().wait()
        piece = self.pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(self.pieces)}

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    async def answer(self) -> Asked:
        await self.gateway(self.scope, self.receive, self.send)
        return self

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.sent[1:])


def made(application: Any, threads: int = 1, most: int = 1_000) -> Gateway:
    return Gateway(application, threads, lambda _path: most)


def echo(environ: dict[str, Any], start: Start) -> list[bytes]:
    start("200 OK", [("X-Path", environ["PATH_INFO"])])
    return [environ["REMOTE_ADDR"].encode(), b" ", environ["wsgi.input"].read()]


def test_a_request_reaches_the_application_as_it_came() -> None:
    asked = Asked(made(echo), "/a%20b", [b"one", b" two"], method="POST")
    asyncio.run(asked.answer())
    assert (asked.status, asked.body) == (200, b"10.0.0.1 one two")
    assert (b"x-path", b"/a b") in asked.sent[0]["headers"]
    assert (b"content-length", b"16") in asked.sent[0]["headers"]


def test_a_whole_address_names_a_path() -> None:
    asked = Asked(made(echo), "http://lab.org/tracks")
    asyncio.run(asked.answer())
    assert (b"x-path", b"/tracks") in asked.sent[0]["headers"]


@pytest.mark.parametrize("headers", [[], [(b"transfer-encoding", b"chunked")]])
def test_a_body_that_is_too_large_is_refused_before_the_application(headers: Any) -> None:
    asked = Asked(made(None, most=5), body=[b"12345", b"6"], headers=headers)
    asyncio.run(asked.answer())
    assert asked.status == 413
    assert b"larger than 5 bytes" in asked.body


def test_a_body_that_does_not_come_ends_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "SILENT_S", 0.01)
    asked = Asked(made(None), headers=[(b"content-length", b"9")])
    asyncio.run(asked.answer())
    assert asked.status == 408


def test_no_thread_is_held_while_a_body_comes() -> None:
    async def both() -> tuple[Asked, Asked]:
        server = made(echo, threads=1)
        slow = Asked(server, headers=[(b"content-length", b"9")])
        held = asyncio.ensure_future(slow.answer())
        await asyncio.sleep(0)
        quick = await Asked(server).answer()
        assert not held.done()
        held.cancel()
        return slow, quick

    slow, quick = asyncio.run(both())
    assert (slow.sent, quick.status) == ([], 200)


class Computation:
    """Something that is waited for, until it is said to have ended."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], None]] = []
        self.done = 0

    def when_ended(self, call: Callable[[], None]) -> None:
        self.calls.append(call)

    def stage(self) -> int:
        return self.done


def waiting(computation: Computation, seconds: float) -> Any:
    """An application that waits for a computation as `app.inference` does."""

    def application(environ: dict[str, Any], start: Start) -> list[bytes]:
        wait = environ[ENVIRON]
        if computation.done < 2 and not wait.is_over:
            wait.awaited, wait.seconds = computation, seconds
        start("200 OK" if computation.done == 2 else "202 Accepted", [])
        return [b"%d" % computation.done]

    return application


def test_whoever_waits_holds_no_thread_and_is_answered_when_it_ends() -> None:
    async def many() -> list[Asked]:
        computation = Computation()
        server = made(waiting(computation, 60), threads=1)
        waits = [asyncio.ensure_future(Asked(server).answer()) for _ in range(40)]
        while len(computation.calls) < 40:
            await asyncio.sleep(0)
        assert not any(wait.done() for wait in waits)
        computation.done = 2
        for call in computation.calls:
            threading.Thread(target=call).start()
        return await asyncio.gather(*waits)

    assert {(asked.status, asked.body) for asked in asyncio.run(many())} == {(200, b"2")}


def test_a_request_that_is_answered_again_knows_what_it_has_waited_for() -> None:
    computation = Computation()
    known: list[Any] = []

    def application(environ: dict[str, Any], start: Start) -> list[bytes]:
        known.append(environ[ENVIRON].before)
        return list(waiting(computation, 0.01)(environ, start))

    asyncio.run(Asked(made(application)).answer())
    assert known == [None]
    computation.calls.clear()

    async def ended() -> None:
        asked = asyncio.ensure_future(Asked(made(application)).answer())
        while not computation.calls:
            await asyncio.sleep(0)
        computation.done = 2
        computation.calls[0]()
        await asked

    asyncio.run(ended())
    assert known[1:] == [None, computation]


def test_whoever_has_waited_long_enough_is_told_how_far_it_is() -> None:
    computation = Computation()
    asked = Asked(made(waiting(computation, 0.01)))
    asyncio.run(asked.answer())
    assert (asked.status, asked.body) == (202, b"0")


def test_an_answer_leaves_piece_by_piece_and_its_file_is_closed() -> None:
    closed = []

    class File:
        def __init__(self) -> None:
            self.left = 3

        def __iter__(self) -> Iterator[bytes]:
            return self

        def __next__(self) -> bytes:
            if not self.left:
                raise StopIteration
            self.left -= 1
            return bytes(gateway.PIECE_BYTES)

        def close(self) -> None:
            closed.append(self.left)

    def application(_environ: dict[str, Any], start: Start) -> File:
        start("200 OK", [("Content-Length", str(3 * gateway.PIECE_BYTES))])
        return File()

    asked = Asked(made(application))
    asyncio.run(asked.answer())
    assert len(asked.body) == 3 * gateway.PIECE_BYTES
    assert [message.get("more_body", False) for message in asked.sent[1:]][-1] is False
    assert closed == [0]


def test_what_is_known_already_has_no_length() -> None:
    def known(_environ: dict[str, Any], start: Start) -> list[bytes]:
        start("304 NOT MODIFIED", [("ETag", '"x"')])
        return []

    asked = Asked(made(known))
    asyncio.run(asked.answer())
    assert b"content-length" not in dict(asked.sent[0]["headers"])


def test_a_request_has_a_name_which_the_answer_and_the_log_tell(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "sighthound.access")
    asked = Asked(made(echo), "/a\nb", headers=[(b"x-request-id", b"proxy-7")])
    asyncio.run(asked.answer())
    assert (b"x-request-id", b"proxy-7") in asked.sent[0]["headers"]
    line = caplog.messages[-1]
    assert line.startswith("10.0.0.1 GET /a%0Ab 200 9 ")
    assert line.endswith(" proxy-7")


def test_few_compute_at_a_time_and_whoever_takes_long_keeps_nobody_waiting_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lock, now, most = threading.Lock(), 0, 0
    is_quick, free = threading.Event(), threading.Event()

    def compute(environ: dict[str, Any], start: Start) -> list[bytes]:
        nonlocal now, most
        if environ["PATH_INFO"] == "/long":
            assert free.wait(60)
        with lock:
            now += 1
            most = max(most, now)
        is_quick.wait(0.01)
        with lock:
            now -= 1
        start("200 OK", [])
        return [b"found"]

    async def ask_short() -> None:
        to = made(compute, threads=8)
        for asked in await asyncio.gather(*(Asked(to).answer() for _ in range(20))):
            assert asked.status == 200

    async def ask_beside_long() -> None:
        to = made(compute, threads=8)
        long = [asyncio.ensure_future(Asked(to, "/long").answer()) for _ in range(2)]
        while to._turns._value:  # until these have both turns
            await asyncio.sleep(0.001)
        assert (await asyncio.wait_for(Asked(to).answer(), 30)).body == b"found"
        assert not any(task.done() for task in long)
        free.set()
        await asyncio.gather(*long)

    monkeypatch.setattr(gateway, "TURN_S", 60)
    asyncio.run(ask_short())
    assert most == gateway.TURNS
    monkeypatch.setattr(gateway, "TURN_S", 0.05)
    asyncio.run(ask_beside_long())


def test_no_socket_is_offered() -> None:
    asked = Asked(made(None), type="websocket")
    asyncio.run(asked.answer())
    assert asked.sent == [{"type": "websocket.close"}]
