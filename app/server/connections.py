"""The process that owns the connections: gunicorn's worker with an event loop, bounded.

A connection costs no thread, but a file descriptor and some memory: so one that sends no request,
or does not read its answer, is ended after some seconds, and where there are too many the one that
has been silent for longest makes room.
"""

from __future__ import annotations

import asyncio
import os
import resource
import threading
from typing import Any

from gunicorn.asgi.protocol import ASGIProtocol
from gunicorn.workers.gasgi import ASGIWorker

# Seconds for the head of a connection's first request; gunicorn's keepalive bounds the later ones.
HEAD_S = 10
# Seconds without a byte taken of an answer that is sent.
UNREAD_S = 60
MOST_CONNECTIONS = 4_000
# File descriptors for all but connections: BigWigs, genomes, pipes, logs.
KEPT_DESCRIPTORS = 512
BEAT_S = 0.5


class Connection(ASGIProtocol):  # type: ignore[misc]  # gunicorn has no types
    """One client's connection."""

    transport: Any
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Take a new connection, in place of the most silent one where there are too many."""
        if not self.worker.make_room():
            self.transport = None
            self._conn_lost_handled = True
            transport.write(
                b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n"
                b"Content-Length: 0\r\nConnection: close\r\n\r\n"
            )
            transport.close()
            return
        self.worker.connections[self] = None
        super().connection_made(transport)
        self.worker.loop.call_later(HEAD_S, self._end_unasked)

    def data_received(self, data: bytes) -> None:
        try:
            super().data_received(data)
        except Exception:
            # What the parser has no word for, such as a length of thousands of digits.
            self._send_error_response(400, "the request cannot be read")
            self._close_transport()

    def connection_lost(self, error: Exception | None) -> None:
        self.worker.connections.pop(self, None)
        self.resume_writing()
        super().connection_lost(error)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.worker.loop.call_later(UNREAD_S, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    @property
    def is_idle(self) -> bool:
        """Whether no request has come whole that is not answered."""
        return bool(self._awaiting_request)

    def end(self) -> None:
        """End the connection now."""
        self.transport.abort()

    def _end_unasked(self) -> None:
        if self.is_idle and self.req_count <= 1:
            self.end()


class Worker(ASGIWorker):  # type: ignore[misc]
    """gunicorn's worker, whose connections are bounded."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        # In the order in which they came.
        self.connections: dict[Connection, None] = {}
        self.most = MOST_CONNECTIONS

    def init_process(self) -> None:
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = self.most + KEPT_DESCRIPTORS
        soft = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        self.most = max(64, soft - KEPT_DESCRIPTORS)
        super().init_process()

    def load_wsgi(self) -> None:
        """Load the application, which on a busy machine takes longer than a sign of life may."""
        loaded = threading.Event()

        def live() -> None:
            while not loaded.wait(BEAT_S):
                self.notify()

        threading.Thread(target=live, daemon=True).start()
        try:
            super().load_wsgi()
        finally:
            loaded.set()

    def make_room(self) -> bool:
        """Have room for one more connection; False where all are being answered."""
        if len(self.connections) < self.most:
            return True
        silent = next((c for c in self.connections if c.is_idle), None)
        if silent is None:
            return False
        del self.connections[silent]
        silent.end()
        return True

    async def _serve(self) -> None:
        for listener in self.sockets:
            self.servers.append(
                await self.loop.create_server(
                    lambda: Connection(self), sock=listener.sock, backlog=2048
                )
            )
        while self.alive and self.is_parent_alive():
            self.notify()
            await asyncio.sleep(BEAT_S)
        await self._shutdown()

    def is_parent_alive(self) -> bool:
        """Whether the process that started this one is there."""
        return bool(self.ppid == os.getppid())

    async def _shutdown(self) -> None:
        # Of those kept alive nobody waits for an answer.
        for connection in [c for c in self.connections if c.is_idle]:
            connection.end()
        await super()._shutdown()
