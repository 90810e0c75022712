"""What a request waits for, told to who serves it, so that no thread waits.

A request that would wait for a computation says so and answers how far that is; the server
(`app.server.gateway`) lets its thread go, and asks the application again when the computation
ends. Without such a server, as in tests of routes, the request itself waits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from flask import has_request_context, request

ENVIRON = "sighthound.wait"


class Awaited(Protocol):
    """What can be waited for."""

    def when_ended(self, call: Callable[[], None]) -> None:
        """Have something called when it has ended, or now where it has; from any thread."""

    def stage(self) -> object:
        """How far it is: another value when there is something to tell."""


@dataclass
class Wait:
    """What one run of a request would wait for.

    Attributes
    ----------
    is_over : bool
        Whether it has waited long enough, and is to be answered how far the computation is.
    before : Awaited or None
        What an earlier run of the same request waited for.
    """

    is_over: bool = False
    before: Awaited | None = None
    awaited: Awaited | None = None
    seconds: float = 0.0


def wait_outside(awaited: Awaited, seconds: float) -> bool:
    """Hand a wait over to who serves the request; False where nobody takes it.

    Parameters
    ----------
    awaited : Awaited
    seconds : float
        How long, at most, before the request is answered.
    """
    wait = request.environ.get(ENVIRON) if has_request_context() else None
    if wait is None:
        return False
    if not wait.is_over:
        wait.awaited, wait.seconds = awaited, seconds
    return True


def waited_for() -> Awaited | None:
    """Give what this request has waited for already; None where it comes for the first time."""
    wait = request.environ.get(ENVIRON) if has_request_context() else None
    return None if wait is None else wait.before
