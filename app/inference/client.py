"""Questions to the model for the page: the web process's side of the inference worker.

A request becomes a Dask task whose key is a hash of the request and of what it is asked of
(`app.identity`), so equal requests are computed once, whoever asks. A request waits about a second
for its answer, then says how far the job is; the same URL, asked again, picks it up. Positions are
0-based.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import distributed
from flask import Response, request
from flask_caching import Cache

from sighthound.app.answers.jobs import Cancelled, Phase, Waiting
from sighthound.app.answers.written import respond_with
from sighthound.app.identity import Identity, identity_of
from sighthound.app.inference import worker
from sighthound.app.project_state import Catalogue
from sighthound.app.web.public import public_line
from sighthound.app.web.visitors import visitor
from sighthound.core.errors import CancelledError, SighthoundError, UnavailableError
from sighthound.core.project.settings import Project

Answer = tuple[Response, int]
# Seconds a request waits before it answers 202, and a worker may take to be found.
PATIENCE_S = 1.0
CONNECT_S = 5.0
# A job that nobody asked about for this long is given up.
FORGOTTEN_S = 60.0
STARTING = "the inference worker is starting"
STILL_STARTING = f"{STARTING}; ask again in a moment"
REPLACED = "the model or another file of the project was replaced; ask again"

_log = logging.getLogger(__name__)


class StartingError(UnavailableError):
    """The inference worker is not there yet; ask again. Shown with Retry-After."""


class ReplacedError(StartingError):
    """What a question was asked of was replaced meanwhile; ask again. Shown with Retry-After."""


@dataclass(frozen=True)
class Question:
    """What is asked, and of what: `key` is a deterministic name of both."""

    key: str
    asked_of: Identity


@dataclass
class Job:
    """One computation under way."""

    future: distributed.Future[Any]
    # Who waits for it, and until when each surely does.
    askers: dict[str, float] = field(default_factory=dict)
    cancelled: bool = False
    progress: Waiting | None = None
    # When the first progress of what it is at now was heard, and how much was done then.
    since: tuple[float, int] = (0.0, 0)

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
            self.since = now, done
        began, before = self.since
        left = None
        if done > before:
            left = round((now - began) / (done - before) * (total - done), 1)
        self.progress = Waiting("running", done, total, message, left)


class Inference:
    """Hands jobs to the inference worker and collects their answers.

    Parameters
    ----------
    scheduler_address : str or None
        Where the Dask scheduler listens; None: there is no worker.
    cache : Cache
        Keeps answers.
    project : Project
        Whose folder is left out of what the worker says.
    security : distributed.Security, optional
        What the scheduler asks of those who connect.
    """

    def __init__(
        self,
        scheduler_address: str | None,
        cache: Cache,
        project: Project,
        security: distributed.Security | None = None,
    ) -> None:
        self.address = scheduler_address
        self.security = security
        self.cache = cache
        self.project = project
        self._jobs: dict[str, Job] = {}
        self._attempts: dict[str, int] = {}
        self._lock = threading.Lock()
        self._connecting = threading.Lock()
        self._client: distributed.Client | None = None
        self._phase = Phase("starting", STARTING)

    def answer(
        self,
        question: Question,
        function: Callable[..., Any],
        *arguments: Any,
        priority: int = 0,
        patience: float | None = None,
        keep: bool = True,
    ) -> tuple[Any, int]:
        """Give the answer of a job, or how far it is.

        Parameters
        ----------
        question : Question
        function, arguments
            What the worker runs, the project being the first argument; `job=` is added, the name
            under which it reports progress.
        priority : int
            Larger goes first.
        patience : float, optional
            Seconds to wait for the answer; PATIENCE_S by default.
        keep : bool
            Whether the answer is kept for who asks next; who keeps it otherwise says no.

        Returns
        -------
        answer, int
            What the function gives and 200, or a `Waiting` and 202.

        Raises
        ------
        UnavailableError
            No worker, or it died twice on this job.
        ReplacedError
            What would compute the answer is no longer what it was asked of.
        CancelledError
            The job was cancelled meanwhile.
        """
        key = question.key
        kept = self.cache.get(key)
        if kept is not None:
            return kept, 200
        self.connect()
        self._give_up_forgotten()
        patience = PATIENCE_S if patience is None else patience
        given = (question.asked_of, function, *arguments)
        job = self._job(key, worker.run, given, priority, patience)
        try:
            found = job.future.result(timeout=patience)
        except (TimeoutError, distributed.TimeoutError):
            # Unless that is what the computation itself ended with.
            if job.future.status != "error":
                return self._state(job), 202
            self._forget(key, job)
            raise UnavailableError("the computation ran into a time limit; ask again") from None
        except (CancelledError, concurrent.futures.CancelledError):
            self._forget(key, job)
            raise self._ended(job) from None
        except worker.ReplacedError:
            self._forget(key, job)
            raise ReplacedError(REPLACED) from None
        except distributed.scheduler.KilledWorker:
            self._forget(key, job)
            raise UnavailableError(
                "the inference worker died twice on this computation; try a smaller region"
            ) from None
        except Exception:
            self._forget(key, job)
            # Dask fails on an answer that comes while the job is cancelled.
            if job.cancelled or job.future.cancelled():
                raise self._ended(job) from None
            raise
        if keep:
            self.cache.set(key, found)
        self._forget(key, job)
        return found, 200

    def cancel(self, key: str) -> bool:
        """Stop a job, unless others wait for it; False where the visitor does not.

        Only who asked for a job can give it up, and it ends when nobody is left.
        """
        with self._lock:
            job = self._jobs.get(key)
            if job is None or job.askers.pop(visitor(), None) is None:
                return False
            if job.is_awaited():
                return True
            self._pop(key, job)
        self._stop(job)
        return True

    def _pop(self, key: str, job: Job) -> None:
        """Take a job that ends from the list; who holds the lock asks."""
        del self._jobs[key]
        job.cancelled = True
        self._begin_anew(key)

    def _begin_anew(self, key: str) -> None:
        """Name the next job of a question otherwise; who holds the lock asks.

        Dask may still know one that was cancelled, or that failed: a new request must not meet it.
        """
        self._attempts[key] = self._attempts.get(key, 0) + 1

    def _stop(self, job: Job) -> None:
        client = self._client
        if client is not None:
            client.run(worker.cancel, job.future.key, wait=False, on_error="ignore")
        job.future.cancel()

    def _ended(self, job: Job) -> Exception:
        """Why a job ended without an answer: somebody gave it up, or the connection was lost."""
        if job.cancelled:
            return CancelledError("this computation was cancelled")
        return StartingError(STILL_STARTING)

    def state(self) -> Phase:
        """Say how the worker is."""
        if self.address is None:
            return Phase("off", "started without an inference worker")
        try:
            client: Any = self.connect()
            # What `run` does not know it gives to `Client.sync`, which knows how long to wait.
            running = client.run(worker.running_jobs, callback_timeout=2)
        except Exception:
            return Phase("starting", STARTING)
        if not running:
            return Phase("starting", STARTING)
        with self._lock:
            waiting = len(self._jobs)
        return replace(self._phase, jobs=sum(running.values()), waiting=waiting)

    def connect(self) -> distributed.Client:
        """Give the connection to the scheduler, made at the first call.

        Raises
        ------
        UnavailableError
            No scheduler answers.
        """
        if self.address is None:
            raise UnavailableError("the server was started without an inference worker")
        with self._connecting:
            if self._client is not None and self._client.status == "running":
                return self._client
            self._drop_client()
            try:
                client = distributed.Client(
                    self.address,
                    timeout=CONNECT_S,
                    set_as_default=False,
                    name="sighthound-web",
                    security=self.security,
                )
            except (OSError, TimeoutError):
                raise StartingError(STILL_STARTING) from None
            client.subscribe_topic(worker.TOPIC, self._hear)
            for event in client.get_events(worker.TOPIC):
                self._hear(event)
            self._client = client
            return client

    def close(self) -> None:
        """Close the connection; the worker goes on."""
        with self._connecting:
            self._drop_client()

    def _drop_client(self) -> None:
        if self._client is not None:
            self._client.close(timeout=1)
            self._client = None
            with self._lock:
                self._jobs.clear()

    def _job(
        self,
        key: str,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        priority: int,
        patience: float,
    ) -> Job:
        with self._lock:
            job = self._jobs.get(key)
            if job is None:
                client = self._client
                if client is None:
                    raise StartingError(STILL_STARTING)
                attempt = self._attempts.get(key, 0)
                name = f"{key}-{attempt}" if attempt else key
                future = client.submit(
                    function, *arguments, job=name, key=name, priority=priority, retries=0
                )
                job = self._jobs[key] = Job(future)
            job.askers[visitor()] = time.monotonic() + patience
            return job

    def _forget(self, key: str, job: Job) -> None:
        with self._lock:
            if self._jobs.get(key) is job:
                del self._jobs[key]
                if job.future.status != "finished":
                    self._begin_anew(key)

    def _give_up_forgotten(self) -> None:
        with self._lock:
            forgotten = [(key, job) for key, job in self._jobs.items() if not job.is_awaited()]
            for key, job in forgotten:
                self._pop(key, job)
        for _, job in forgotten:
            self._stop(job)

    def _state(self, job: Job) -> Waiting:
        if job.progress is not None:
            return job.progress
        loading = self._phase.phase != "ready"
        message = self._phase.message if loading else "waiting for the inference worker"
        return Waiting("queued", 0, 0, message)

    def _hear(self, event: tuple[Any, dict[str, Any]]) -> None:
        message = event[1]
        words = public_line(self.project, message["message"])
        if "phase" in message:
            self._phase = Phase(message["phase"], words)
            return
        with self._lock:
            for job in self._jobs.values():
                if job.future.key == message.get("job"):
                    job.hear(message["done"], message["total"], words)


def asked_of(catalogue: Catalogue) -> Identity:
    """Give what a request's questions are asked of, taken once so that its parts belong together.

    `model` is empty before there is one.
    """
    return identity_of(catalogue.project, catalogue.model_hash() or "")


def question(kind: str, identity: Identity, *arguments: Any) -> Question:
    """Name a question by what it is asked of and what is asked.

    Raises
    ------
    UnavailableError
        The project has no model.
    """
    if not identity.model:
        raise UnavailableError("the project has no trained model; run 'sighthound train' first")
    # Ensembles and variants are written as their fields.
    named = json.dumps([kind, identity, *arguments], default=dataclasses.astuple)
    return Question(f"{kind}-{hashlib.sha256(named.encode()).hexdigest()[:32]}", identity)


def check_unreplaced(catalogue: Catalogue, identity: Identity) -> None:
    """Refuse to put together what was asked of another model than the project's present one."""
    if asked_of(catalogue) != identity:
        raise ReplacedError(REPLACED)


def check_modelled(catalogue: Catalogue, tracks: Sequence[str]) -> None:
    """Refuse tracks that the model does not predict; anything goes before there is a model."""
    unknown = set(tracks).difference(catalogue.model_tracks())
    if catalogue.model_hash() is not None and unknown:
        raise SighthoundError(
            f"the model does not predict track {min(unknown)!r}; "
            "train it with the present tracks table"
        )


def give(found: Any, status: int) -> Answer:
    """Write an answer, or how far it is."""
    response = respond_with(found)
    response.headers["Cache-Control"] = "no-store" if status == 202 else "private, no-cache"
    return response, status


def cancelled(inference: Inference, *questions: Question) -> Answer:
    """Stop jobs, and say whether there was any."""
    count = sum(inference.cancel(question.key) for question in questions)
    return respond_with(Cancelled(count > 0)), 200


def respond(
    inference: Inference,
    question: Question,
    function: Callable[..., Any],
    *arguments: Any,
    priority: int = 0,
) -> Answer:
    """Answer a request for a job, or to cancel it."""
    if request.method == "DELETE":
        return cancelled(inference, question)
    return give(*inference.answer(question, function, *arguments, priority=priority))
