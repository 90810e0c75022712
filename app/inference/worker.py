"""The one inference worker: the process that owns the model and TensorFlow.

`host` starts a Dask scheduler and the worker (`python -m sighthound.app.inference.worker PROJECT
--port N`), which runs the functions of `app.inference.tasks`, one at a time. They say how far they
are in Dask's event log and stop between chunks when `cancel` was called for their job.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import distributed
import numpy as np
from distributed.diagnostics.plugin import WorkerPlugin

from sighthound import core
from sighthound.app.identity import EXPLANATIONS, Identity, identity_of
from sighthound.app.inference import watchdog
from sighthound.core.errors import CancelledError
from sighthound.core.files import stamps
from sighthound.core.model import model as inference
from sighthound.core.project.formats import Format, files_of
from sighthound.core.project.settings import Project, load_project

# What the worker says of itself, of which who connects later hears, too; and of its jobs, so often
# that the scheduler, which keeps the last thousand of a kind, would forget the former.
PHASES, PROGRESS = "sighthound-phases", "sighthound-progress"
# A job whose worker died is tried again by who asked (`app.inference.client`). Dask does not watch
# itself for a dashboard that nobody opens: by default it takes stacks a hundred times a second, of
# the thread that computes too, and looks at its event loops fifty times, which costs a server at
# rest and every trace of a network.
SETTINGS = {
    "distributed.scheduler.allowed-failures": 0,
    # It compares times of a clock that may be set; `app.inference.watchdog` does not.
    "distributed.scheduler.worker-ttl": None,
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
}
# Seconds that a job may take from one chance to stop to the next.
CHUNK_S = 60.0
# After which one ends its worker, whether or not anybody is left who waits for it; who asked gives
# it up before that (`app.inference.client`).
MOST_S = 900.0
# By which the scheduler and its worker stand back for the web process on the same machine.
NICENESS = 10
_models: dict[str, core.Model] = {}
_members: dict[str, list[core.Model]] = {}
_cancelled: set[str] = set()


class ReplacedError(Exception):
    """What a job was asked of, such as the model, is no longer there."""


def loaded_model(project: Project) -> core.Model:
    """Give the project's model; a model folder written anew is loaded anew."""
    directory = project.model.directory
    key = stamps(directory / name for name in (inference.DESCRIPTION, inference.WEIGHTS))
    if key not in _models:
        _models.clear()
        _models[key] = core.load_model(directory)
    return _models[key]


def loaded_members(project: Project) -> list[core.Model]:
    """Give the networks that taught the project's model, loaded when they are first asked."""
    model = loaded_model(project)
    key = stamps(files_of(project, Format.MEMBERS)) + model.hash
    if key not in _members:
        _members.clear()
        _members[key] = core.load_members_of(model, project.model.directory)
    return _members[key]


def run(
    asked_of: Identity,
    function: Callable[..., Any],
    project: Project,
    *arguments: Any,
    job: str,
) -> Any:
    """Run a job, unless what it was asked of is not what would compute it.

    Raises
    ------
    ReplacedError
        The model, the genome or the annotation is another than when the question was asked, or
        was replaced while it was answered.
    """
    files = EXPLANATIONS.files(project)
    before = stamps(files)
    stop_if_cancelled(job)
    if identity_of(project, loaded_model(project).hash) != asked_of:
        raise ReplacedError
    with _ends_within(MOST_S):
        found = function(project, *arguments, job=job)
    if stamps(files) != before:
        raise ReplacedError
    return found


@contextlib.contextmanager
def _ends_within(seconds: float) -> Iterator[None]:
    """End this process if the block takes longer; its nanny starts another."""
    timer = threading.Timer(seconds, os._exit, (1,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def report(job: str, done: int, total: int, message: str) -> None:
    """Say how far a job is, to whoever waits for it."""
    try:
        worker = distributed.get_worker()
    except ValueError:
        return
    worker.log_event(PROGRESS, {"job": job, "done": done, "total": total, "message": message})


def stop_if_cancelled(job: str) -> None:
    """Raise CancelledError if `cancel` was called for this job."""
    if job in _cancelled:
        _cancelled.discard(job)
        raise CancelledError("this computation was cancelled")


def leave_the_queue() -> None:
    """Let the next job begin beside this one, which needs no model."""
    with contextlib.suppress(ValueError):  # Outside a worker there is no queue.
        distributed.secede()


async def cancel(job: str, grace_s: float, dask_worker: Any) -> None:
    """Ask a job to stop at its next chunk; runs beside it, in the worker's event loop.

    Where it has not after some seconds it hangs, and the worker ends: its nanny starts another.
    A job that this worker has not begun may be on its way to it: this was sent by another road.
    """
    _cancelled.add(job)
    await asyncio.sleep(grace_s)
    _cancelled.discard(job)
    if job in _computed(dask_worker):
        os._exit(1)


def _computed(dask_worker: Any) -> set[str]:
    """Names of the jobs that a worker computes."""
    state = dask_worker.state
    return {task.key for task in (*state.executing, *state.long_running)}


async def running_jobs(dask_worker: Any) -> int:
    """Count the jobs that this worker computes now, given up ones that have not stopped too."""
    return len(_computed(dask_worker))


class InferenceWorker(WorkerPlugin):
    """Loads the model as soon as the worker starts, and again when the nanny restarted it."""

    name = "sighthound-inference"

    def __init__(self, project: Project) -> None:
        self.project = project

    def setup(self, worker: Any) -> None:
        say = functools.partial(worker.log_event, PHASES)
        worker.executors["default"].submit(warm_up, self.project, say)


def warm_up(project: Project, say: Callable[[Mapping[str, Any]], None]) -> None:
    """Load the model and compile what clicks need, saying the phase: loading, ready or failed."""
    if not (project.model.directory / inference.DESCRIPTION).is_file():
        say({"phase": "ready", "message": "the project has no trained model yet"})
        return
    say({"phase": "loading", "message": "loading the model"})
    try:
        model = loaded_model(project)
        nothing = np.zeros((model.sequence_length, 4), np.uint8)
        middle = model.bins // 2
        core.saliency(model, nothing, track=model.tracks[0], bins=[middle])
        base = (middle + model.crop) * model.bin
        core.mutagenesis(model, nothing, base, base + 1, tracks=model.tracks[:1], bins=[middle])
    except Exception as error:
        line = " ".join(f"{error}".split()) or type(error).__name__
        say({"phase": "failed", "message": f"the model cannot be loaded: {line}"})
        return
    say({"phase": "ready", "message": "ready"})


def encrypted(certificate: str, key: str) -> distributed.Security:
    """Let only those connect who hold this certificate and its key, both PEM texts.

    Whoever reaches a Dask scheduler can run code as its user, and other users of a shared machine
    reach 127.0.0.1.
    """
    roles = ("client", "scheduler", "worker")
    pairs = {
        f"tls_{role}_{part}": pem
        for role in roles
        for part, pem in (("cert", certificate), ("key", key))
    }
    return distributed.Security(require_encryption=True, tls_ca_file=certificate, **pairs)


def host(
    project: Project, port: int, security: distributed.Security, address: str = "127.0.0.1"
) -> Any:
    """Start a scheduler and the one worker.

    Parameters
    ----------
    project : Project
    port : int
        The scheduler's port; 0 chooses a free one.
    security : distributed.Security
        Who may connect.
    address : str
        Where the scheduler listens.

    Returns
    -------
    distributed.LocalCluster
        `.scheduler_address` names it; `.close()` ends it. A worker that dies is restarted.
    """
    import dask

    dask.config.set(SETTINGS)
    cluster = distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=True,
        host=address,
        protocol="tls",
        security=security,
        scheduler_port=port,
        dashboard_address="127.0.0.1:0",
        memory_limit=0,
        silence_logs=logging.CRITICAL,
    )
    with distributed.Client(cluster, security=security, set_as_default=False) as client:
        client.register_plugin(InferenceWorker(project))
    return cluster


def main(arguments: list[str] | None = None) -> None:
    """Host the worker until standard input is closed, which happens when `serve` ends.

    The first line of standard input gives the arguments of `encrypted`, as JSON. A byte on standard
    output, twice a second, says that the scheduler lives.
    """
    parser = argparse.ArgumentParser(prog="sighthound.app.inference.worker")
    parser.add_argument("project")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args(arguments)
    security = encrypted(**json.loads(sys.stdin.buffer.readline()))
    # Whoever looks at signals goes before whoever computes.
    os.nice(NICENESS)
    # Of its own, so that nothing that the worker prints is taken for it.
    told = os.dup(1)
    os.set_blocking(told, False)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    def beat() -> None:
        with contextlib.suppress(OSError):
            os.write(told, b".")

    project = load_project(options.project)
    cluster = host(project, options.port, security, options.host)
    most_bytes = watchdog.most_memory(project.server.worker_memory_mb)
    given = (cluster, most_bytes, beat)
    threading.Thread(target=watchdog.watch, args=given, daemon=True).start()
    sys.stdin.buffer.read()
    with contextlib.suppress(TimeoutError):
        cluster.close(timeout=2)
    # A worker in the middle of a computation does not close; it is in the group that `serve` made.
    if os.getpid() == os.getpgid(0):
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    # Under its own name, so that what it sends to the worker is found there.
    from sighthound.app.inference import worker

    worker.main()
