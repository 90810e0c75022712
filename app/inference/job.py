"""One computation for the page: who waits for it, how far it is, and how it ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import distributed

from sighthound.app.answers.jobs import Waiting

# A job that nobody asked about for this long is given up.
FORGOTTEN_S = 60.0


@dataclass(eq=False)
class Job:
    """One computation, from its question to its end.

    Attributes
    ----------
    key : str
        Of its question.
    call : tuple
        What the worker runs: a function and its arguments.
    priority : int
        Larger goes first.
    is_beside : bool
        Whether it needs no model, and so runs beside those that do.
    is_kept : bool
        Whether its answer goes to the cache.
    askers : dict
        Who waits for it -> until when each surely does.
    future : distributed.Future or None
        None while it waits in the queue.
    """

    key: str
    call: tuple[Any, ...] = ()
    priority: int = 0
    is_beside: bool = False
    is_kept: bool = True
    askers: dict[str, float] = field(default_factory=dict)
    future: distributed.Future[Any] | None = None
    began: float = 0.0
    interruptions: int = 0
    cancelled: bool = False
    progress: Waiting | None = None
    answer: Any = None
    error: BaseException | None = None
    # When the first progress of what it is at now was heard, and how much was done then.
    _since: tuple[float, int] = (0.0, 0)
    _ended: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _calls: list[Callable[[], None]] = field(default_factory=list)

    def is_awaited(self) -> bool:
        """Whether anybody waits for it, or asked not long ago."""
        limit = time.monotonic() - FORGOTTEN_S
        for who in [who for who, until in self.askers.items() if until < limit]:
            del self.askers[who]
        return bool(self.askers)

    def hear(self, done: int, total: int, message: str) -> None:
        """Take a report of progress."""
        now = time.monotonic()
        if self.progress is None or message != self.progress.message:
            self._since = now, done
        began, before = self._since
        left = None
        if done > before:
            left = round((now - began) / (done - before) * (total - done), 1)
        self.progress = Waiting("running", done, total, message, left)

    def stage(self) -> object:
        """How far it is."""
        return self.progress

    @property
    def has_ended(self) -> bool:
        """Whether there is an answer or an error."""
        return self._ended.is_set()

    def end(self, answer: Any = None, error: BaseException | None = None) -> None:
        """Give it its answer or its error; only the first counts."""
        with self._lock:
            if self._ended.is_set():
                return
            self.answer, self.error = answer, error
            self._ended.set()
            calls, self._calls = self._calls, []
        for call in calls:
            call()

    def wait(self, seconds: float) -> None:
        """Wait until it has ended, for so long at most."""
        self._ended.wait(seconds)

    def when_ended(self, call: Callable[[], None]) -> None:
        """Have something called when it has ended, or now where it has."""
        with self._lock:
            if not self._ended.is_set():
                self._calls.append(call)
                return
        call()
