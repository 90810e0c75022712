"""What is said of a computation under way, and of the server that does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sighthound.app.answers.written import Optionally


@dataclass(frozen=True)
class Waiting:
    """How far a computation is; status 202: ask the same address again.

    Attributes
    ----------
    state : str
        `queued` until the worker takes it up.
    done : int
        Steps that are done.
    total : int
        Steps there are; 0 while it is queued.
    message : str
        What it is at, for people.
    seconds_left : float
        Null while nothing is known of it.
    """

    state: Literal["queued", "running"]
    done: int
    total: int
    message: str
    seconds_left: float | None = None


@dataclass(frozen=True)
class Cancelled:
    """What became of the wish to give a computation up.

    Attributes
    ----------
    cancelled : bool
        Whether there was one that the same browser waited for.
    """

    cancelled: bool


@dataclass(frozen=True)
class Mistake:
    """Why there is no answer.

    Attributes
    ----------
    error : str
        What is wrong and what to do, in one line.
    """

    error: str


@dataclass(frozen=True)
class Alive:
    """That the web server lives.

    Attributes
    ----------
    status : str
        `ok`.
    """

    status: Literal["ok"] = "ok"


@dataclass(frozen=True)
class Phase:
    """How a part of the server is.

    Attributes
    ----------
    phase : str
        `off` is a worker that the server was started without.
    message : str
        The same for people.
    jobs : int
        Computations that the worker is at, once it runs.
    waiting : int
        For how many of these, and of those in its queue, somebody waits.
    """

    phase: Literal["off", "starting", "loading", "ready", "failed"]
    message: str
    jobs: Optionally[int] = None
    waiting: Optionally[int] = None


@dataclass(frozen=True)
class Ready:
    """Whether the server can answer everything.

    Attributes
    ----------
    ready : bool
        Whether it can.
    project : Phase
        Whether the project's files could be read.
    worker : Phase
        How the inference worker is.
    disk : Phase
        Whether there is room for what the server keeps.
    """

    ready: bool
    project: Phase
    worker: Phase
    disk: Phase
