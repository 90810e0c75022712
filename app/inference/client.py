"""Questions to the model for the page: the web process's side of the inference worker.

A question becomes a job under a hash of what is asked and of what it is asked of (`app.identity`),
so equal questions are computed once, whoever asks. Jobs wait here in a queue that is fair and
bounded, and go to the worker as Dask tasks, one at a time. A request waits about a second for its
answer, then says how far the job is; the same URL, asked again, picks it up. A job whose worker or
scheduler died goes back to the head of the queue. Positions are 0-based.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import json
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import distributed
from flask import Response, request
from flask_caching import Cache

from sighthound.app.answers.jobs import Cancelled, Phase, Waiting
from sighthound.app.answers.written import respond_with
from sighthound.app.identity import Identity, identity_of
from sighthound.app.inference import worker
from sighthound.app.inference.connection import STARTING, Connection, StartingError
from sighthound.app.inference.fair_queue import FairQueue
from sighthound.app.inference.job import Job
from sighthound.app.project_state import Catalogue
from sighthound.app.web.public import public_line
from sighthound.app.web.visitors import asker, visitor
from sighthound.app.web.waits import wait_outside, waited_for
from sighthound.core.errors import CancelledError, SighthoundError, UnavailableError
from sighthound.core.project.settings import Project

Answer = tuple[Response, int]
# Seconds a request waits before it answers 202, and that a job may take once it is computed.
PATIENCE_S = 1.0
JOB_S = 600.0
# Questions that may wait for the worker: of all, and of one person.
MOST_WAITING = 500
MOST_OF_ONE = 50
# Jobs that the worker has at a time: that it computes, and beside it, that need no model.
AT_ONCE, BESIDE = 1, 2
# A job that was interrupted so often is at fault itself.
MOST_INTERRUPTIONS = 2
# Questions remembered because their tasks came to nothing; older tasks Dask forgets itself.
MOST_ATTEMPTS = 10_000
# Ended jobs whose answers are held for who asks again, where the cache cannot keep them.
HELD, HELD_S = 64, 60.0
# Seconds for an answer to come from the worker once it is there.
CONNECTED_S = 60.0
TICK_S = 0.5
REPLACED = "the model or another file of the project was replaced; ask again"

_log = logging.getLogger(__name__)


class ReplacedError(StartingError):
    """What a question was asked of was replaced meanwhile; ask again. Shown with Retry-After."""


class BusyError(StartingError):
    """Too many questions wait already; ask again. Shown as status 429, with Retry-After."""


@dataclass(frozen=True)
class Question:
    """What is asked, and of what: `key` is a deterministic name of both."""

    key: str
    asked_of: Identity


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
        self.cache = cache
        self.project = project
        self.counts = dict.fromkeys(("answered", "failed", "refused", "interrupted", "overdue"), 0)
        self._connection = Connection(scheduler_address, security, self._hear)
        self._jobs: dict[str, Job] = {}
        self._held: OrderedDict[str, tuple[float, Job]] = OrderedDict()
        self._waiting = {False: FairQueue[Job](), True: FairQueue[Job]()}
        self._running: dict[bool, set[Job]] = {False: set(), True: set()}
        # Of a question -> how many of its tasks came to nothing.
        self._attempts: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.RLock()
        self._closing = threading.Event()
        self._watcher: threading.Thread | None = None
        self._phase = Phase("starting", STARTING)

    def answer(
        self,
        question: Question,
        function: Callable[..., Any],
        *arguments: Any,
        priority: int = 0,
        patience: float | None = None,
        keep: bool = True,
        is_beside: bool = False,
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
        is_beside : bool
            It needs no model, and leaves the worker's queue as it begins.

        Returns
        -------
        answer, int
            What the function gives and 200, or a `Waiting` and 202.

        Raises
        ------
        UnavailableError
            No worker, or it died again and again on this job, or the job took too long.
        BusyError
            Too many questions wait already, of everybody or of who asks.
        ReplacedError
            What would compute the answer is no longer what it was asked of.
        CancelledError
            The job was cancelled meanwhile.
        """
        kept = self.cache.get(question.key)
        if kept is not None:
            return kept, 200
        if self.address is None:
            self._connection.connect()  # says that there is none
        patience = PATIENCE_S if patience is None else patience
        given = (question.asked_of, function, *arguments)
        made = Job(question.key, given, priority, is_beside, keep)
        job = _ended_before(made.key) or self._job(made, patience)
        self._dispatch()
        if not job.has_ended and not wait_outside(job, patience):
            job.wait(patience)
        if not job.has_ended:
            return self._state(job), 202
        if job.error is not None:
            with self._lock:
                job.askers.pop(visitor(), None)
                if not job.is_awaited():
                    self._held.pop(job.key, None)
            raise job.error
        if not job.is_kept:
            with self._lock:
                self._held.pop(job.key, None)
        return job.answer, 200

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
        self._give_up(job, CancelledError("this computation was cancelled"))
        return True

    def state(self) -> Phase:
        """Say how the worker is."""
        if self.address is None:
            return Phase("off", "started without an inference worker")
        self._watch()
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

    def queued(self) -> int:
        """Count the questions that the worker has not got yet."""
        with self._lock:
            return sum(map(len, self._waiting.values()))

    def connect(self) -> distributed.Client:
        """Give the connection to the scheduler, made at the first call.

        Raises
        ------
        UnavailableError
            No scheduler answers.
        """
        return self._connection.connect()

    def close(self) -> None:
        """Close the connection; the worker goes on."""
        self._closing.set()
        self._connection.close()

    def _job(self, made: Job, patience: float) -> Job:
        """Give the job that there is of a question, or put a new one into the queue."""
        key = made.key
        with self._lock:
            held = self._held.get(key)
            who, until = visitor(), time.monotonic() + patience
            # Who has heard of an error, and asks again, asks anew.
            if held is not None and (held[1].error is None or who in held[1].askers):
                return held[1]
            queue = self._waiting[made.is_beside]
            if key not in self._jobs:
                self._check_room(queue)
                self._jobs[key] = made
            job = self._jobs[key]
            if job.future is None:
                queue.add(job, asker(), job.priority)
            job.askers[who] = until
            return job

    def _check_room(self, queue: FairQueue[Job]) -> None:
        of_all, of_one = len(queue), queue.of(asker())
        if of_all < MOST_WAITING and of_one < MOST_OF_ONE:
            return
        self.counts["refused"] += 1
        whose = (
            f"{of_all} questions wait"
            if of_all >= MOST_WAITING
            else f"{of_one} questions of yours wait"
        )
        raise BusyError(f"{whose} for the model already; this one is asked again in a moment")

    def _dispatch(self) -> None:
        """Give the worker what is next, where it has room."""
        self._watch()
        client = self._connection.client
        if client is None:
            return
        with self._lock:
            for is_beside, most in ((False, AT_ONCE), (True, BESIDE)):
                running = self._running[is_beside]
                while len(running) < most and (job := self._waiting[is_beside].pop()) is not None:
                    attempt = self._attempts.get(job.key, 0)
                    name = f"{job.key}-{attempt}" if attempt else job.key
                    running.add(job)
                    job.began = time.monotonic()
                    job.future = client.submit(
                        worker.run, *job.call, job=name, key=name, priority=job.priority, retries=0
                    )
                    job.future.add_done_callback(lambda future, job=job: self._ended(job, future))

    def _ended(self, job: Job, future: distributed.Future[Any]) -> None:
        """Take how a job's task ended; Dask calls it, in a thread of its own."""
        found: Any = None
        error: BaseException | None = None
        try:
            found = future.result(timeout=CONNECTED_S)
        # asyncio's end of a task is no Exception.
        except (Exception, asyncio.CancelledError) as failed:
            error = failed
        with self._lock:
            if job.future is not future or job.has_ended:
                return
            self._running[job.is_beside].discard(job)
            # Dask may still know a task that was cancelled, or that failed: the next is another.
            if error is not None:
                self._count_attempt(job.key)
            is_lost = error is not None and future.status != "error"
            # It may have waited behind what its worker died of.
            is_hurt = is_lost or isinstance(error, distributed.scheduler.KilledWorker)
            if is_hurt and job.interruptions < MOST_INTERRUPTIONS:
                job.interruptions += 1
                self.counts["interrupted"] += 1
                job.future = job.progress = None
                self._waiting[job.is_beside].add(job, "", job.priority, is_next=True)
        if job.future is not None:
            self._end(job, found, error if error is None else _in_words(error, is_lost))
        self._dispatch()

    def _count_attempt(self, key: str) -> None:
        """Have a question's next task be another than its last."""
        self._attempts[key] = self._attempts.pop(key, 0) + 1
        while len(self._attempts) > MOST_ATTEMPTS:
            self._attempts.popitem(last=False)

    def _end(self, job: Job, found: Any = None, error: Exception | None = None) -> None:
        """Tell who waits for a job, and hold its answer for who asks again."""
        if error is None and job.is_kept:
            self.cache.set(job.key, found)
        with self._lock:
            self.counts["answered" if error is None else "failed"] += 1
            self._running[job.is_beside].discard(job)
            self._waiting[job.is_beside].remove(job)
            if self._jobs.get(job.key) is job:
                del self._jobs[job.key]
            self._held[job.key] = time.monotonic(), job
            while len(self._held) > HELD:
                self._held.popitem(last=False)
        job.end(found, error)

    def _give_up(self, job: Job, error: Exception, grace_s: float = worker.CHUNK_S) -> None:
        """End a job now; its worker may finish what it is at."""
        with self._lock:
            job.cancelled = True
            future, job.future = job.future, None
            self._count_attempt(job.key)
        self._end(job, error=error)
        client = self._connection.client
        if future is not None:
            if client is not None:
                client.run(worker.cancel, future.key, grace_s, wait=False, on_error="ignore")
            future.cancel()
        self._dispatch()

    def _watch(self) -> None:
        """Have a thread see to what no request brings about."""
        with self._lock:
            if self._watcher is None and not self._closing.is_set():
                self._watcher = threading.Thread(target=self._tick, daemon=True)
                self._watcher.start()

    def _tick(self) -> None:
        while not self._closing.wait(TICK_S):
            try:
                self._connection.connect()
            except UnavailableError:
                self._phase = Phase("starting", STARTING)
                continue
            except Exception:
                _log.exception("the scheduler of the inference worker cannot be spoken to")
                continue
            finally:
                self._sweep()
            self._dispatch()

    def _sweep(self) -> None:
        """Give up jobs that nobody wants, or that take too long."""
        now = time.monotonic()
        with self._lock:
            for key in [key for key, (ended, _) in self._held.items() if now - ended > HELD_S]:
                del self._held[key]
            forgotten = [job for job in self._jobs.values() if not job.is_awaited()]
            running = set().union(*self._running.values())
        for job in forgotten:
            self._give_up(job, CancelledError("nobody asked about this computation any more"))
        for job in running:
            if now - job.began > JOB_S and not job.has_ended:
                self.counts["overdue"] += 1
                says = f"the computation took more than {JOB_S / 60:g} minutes and was given up"
                self._give_up(job, UnavailableError(f"{says}; choose a smaller region"), 5)

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
                if job.future is not None and job.future.key == message.get("job"):
                    job.hear(message["done"], message["total"], words)


def _ended_before(key: str) -> Job | None:
    """Give the job that this request has waited for, once it has ended.

    Who waited for one that was given up hears of that, and does not ask for another.
    """
    job = waited_for()
    return job if isinstance(job, Job) and job.key == key and job.has_ended else None


def _in_words(error: BaseException, is_lost: bool) -> Exception:
    """Say what a task's end means to who asked."""
    if is_lost:
        return StartingError("the inference worker was lost; ask again in a moment")
    if isinstance(error, worker.ReplacedError):
        return ReplacedError(REPLACED)
    if isinstance(error, distributed.scheduler.KilledWorker):
        return UnavailableError(
            "the inference worker died again and again on this computation; try a smaller region"
        )
    if isinstance(error, TimeoutError | distributed.TimeoutError):
        return UnavailableError("the computation ran into a time limit; ask again")
    assert isinstance(error, Exception)
    return error


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
    is_beside: bool = False,
) -> Answer:
    """Answer a request for a job, or to cancel it."""
    if request.method == "DELETE":
        return cancelled(inference, question)
    return give(
        *inference.answer(question, function, *arguments, priority=priority, is_beside=is_beside)
    )
