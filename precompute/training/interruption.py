"""Ctrl-C in a training: the first asks it to stop after the step, the second stops it at once."""

from __future__ import annotations

import signal
import threading
from types import TracebackType
from typing import Any


class Interruption:
    """Listens for Ctrl-C while it is open, in the main thread.

    Attributes
    ----------
    is_asked : bool
        Whether someone asked to stop.
    """

    def __init__(self) -> None:
        self.is_asked = False
        self._previous: Any = None

    def __enter__(self) -> Interruption:
        if threading.current_thread() is threading.main_thread():
            self._previous = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)

    def _ask(self, number: int, frame: Any) -> None:
        if self.is_asked:
            raise KeyboardInterrupt
        self.is_asked = True
