"""What runs inside the one inference worker: the process that owns the model and TensorFlow.

`host` starts a Dask scheduler and the worker (`python -m app.worker PROJECT --port N`). The other
public functions run in the worker, one at a time; they say how far they are in Dask's event log
and stop between chunks when `cancel` was called for their job. Coordinates are 0-based, half-open.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import distributed
import numpy as np
from distributed.diagnostics.plugin import WorkerPlugin

import core
from core import inference
from core.errors import SighthoundError
from core.genome import Interval
from core.project import Project, load_project

TOPIC = "sighthound-inference"
_models: dict[tuple[object, ...], core.Model] = {}
_cancelled: set[str] = set()


class JobCancelledError(Exception):
    """The job was cancelled by whoever asked for it."""


@dataclass(frozen=True)
class Window:
    """The stretch of sequence that the model reads to predict one target bin in its middle.

    Attributes
    ----------
    start, end : int
        Bases; may lie beyond the chromosome's ends, where the model sees zeros.
    bin : int
        Bases a bin; `start` and the target are multiples of it.
    target : int
        Index of the target bin among all bins of the window.
    """

    start: int
    end: int
    bin: int
    target: int

    @property
    def target_start(self) -> int:
        return self.start + self.target * self.bin


def target_window(position: int, sequence_length: int, bin_size: int) -> Window:
    """Place a model's window so that the bin of a base lies in its middle, on the bins' grid.

    Examples
    --------
    >>> target_window(1000, 512, 128)
    Window(start=640, end=1152, bin=128, target=2)
    """
    start = inference.window_around(position, sequence_length, bin_size)
    target = position // bin_size - start // bin_size
    return Window(start, start + sequence_length, bin_size, target)


def saliency(project: Project, track: str, chrom: str, position: int, job: str) -> dict[str, Any]:
    """Compute which bins drive a track's prediction at the bin of one base.

    Parameters
    ----------
    project : Project
    track : str
        Track id.
    chrom, position : str, int
        A base in the target bin.
    job : str
        Name under which progress is reported.

    Returns
    -------
    dict
        The answer of /api/v1/saliency: `values` holds one number a bin that touches the
        chromosome, from base `start` on.
    """
    model, genome = _model(project), project.open_genome()
    _report(job, 0, 1, "computing saliency")
    _stop_if_cancelled(job)
    window = target_window(position, model.sequence_length, model.bin)
    one_hot = genome.one_hot(Interval(chrom, window.start, window.end))
    target = window.target - model.crop
    values = np.asarray(core.saliency(model, one_hot, track=track, bins=[target]))
    length = genome.lengths[chrom]
    first = max(0, -(window.start // window.bin))
    last = min(len(values), -((window.start - length) // window.bin))
    reach = model.receptive_field_bins * window.bin
    left = max(window.start, window.target_start - reach)
    right = min(window.end, window.target_start + window.bin + reach)
    _report(job, 1, 1, "done")
    return {
        "track": track,
        "chrom": chrom,
        "target": _bin(window, length),
        "bin": window.bin,
        "start": window.start + first * window.bin,
        "values": rounded(values[first:last]),
        "context": {"start": max(0, left), "end": min(length, right)},
        "truncated": {"left": max(0, -left), "right": max(0, right - length)},
    }


def mutagenesis(
    project: Project, track: str, chrom: str, start: int, end: int, target: int, job: str
) -> dict[str, Any]:
    """Compute what every single-base change does to a track's prediction at one bin.

    Parameters
    ----------
    project : Project
    track : str
        Track id.
    chrom, start, end : str, int, int
        The bases to mutate, on the chromosome.
    target : int
        A base in the target bin.
    job : str
        Name under which progress is reported.

    Returns
    -------
    dict
        The answer of /api/v1/mutagenesis: `effects` is alternative minus reference at the target
        bin in the track's units, one row a base, columns A C G T.

    Raises
    ------
    SighthoundError
        The bases lie outside the window that the model reads around the target.
    JobCancelledError
        `cancel` was called for this job.
    """
    model, genome = _model(project), project.open_genome()
    window = target_window(target, model.sequence_length, model.bin)
    if start < window.start or end > window.end:
        raise SighthoundError(
            f"{Interval(chrom, start, end)} is not within the {model.sequence_length:,} bp that "
            f"the model reads around the target; choose bases in "
            f"{Interval(chrom, max(0, window.start), min(window.end, genome.lengths[chrom]))}"
        )
    one_hot = genome.one_hot(Interval(chrom, window.start, window.end))
    target_bin = window.target - model.crop
    column = model.track_index(track)
    message = f"mutating {end - start:,} bases"
    _report(job, 0, end - start, message)
    _stop_if_cancelled(job)
    reference = float(model.predict(one_hot[None])[0, target_bin, column])

    def progress(done: int, total: int) -> None:
        _report(job, round((end - start) * done / max(total, 1)), end - start, message)
        _stop_if_cancelled(job)

    effects = core.mutagenesis(
        model,
        one_hot,
        start - window.start,
        end - window.start,
        tracks=[track],
        bins=[target_bin],
        progress=progress,
    )[..., 0]
    return {
        "track": track,
        "chrom": chrom,
        "start": start,
        "end": end,
        "sequence": genome.sequence(Interval(chrom, start, end)),
        "target": _bin(window, genome.lengths[chrom]),
        "reference": rounded(np.array([reference]))[0],
        "effects": rounded(effects),
    }


async def cancel(job: str) -> None:
    """Ask a job to stop at its next chunk; runs beside it, in the worker's event loop."""
    _cancelled.add(job)


def rounded(values: np.ndarray) -> list[Any]:
    """Turn an array into nested lists with six significant digits; NaN and infinity become None."""
    if values.ndim > 1:
        return [rounded(row) for row in values]
    return [float(f"{v:.6g}") if np.isfinite(v) else None for v in values.tolist()]


class InferenceWorker(WorkerPlugin):
    """Loads the model as soon as the worker starts, and again when the nanny restarted it."""

    name = "sighthound-inference"

    def __init__(self, project: Project) -> None:
        self.project = project

    def setup(self, worker: Any) -> None:
        say = functools.partial(worker.log_event, TOPIC)
        worker.executors["default"].submit(warm_up, self.project, say)


def warm_up(project: Project, say: Callable[[Mapping[str, Any]], None]) -> None:
    """Load the model and compile what clicks need, saying the phase: loading, ready or failed."""
    if not (project.model.directory / inference.DESCRIPTION).is_file():
        say({"phase": "ready", "message": "the project has no trained model yet"})
        return
    say({"phase": "loading", "message": "loading the model"})
    try:
        model = _model(project)
        nothing = np.zeros((model.sequence_length, 4), np.uint8)
        model.predict(nothing[None])
        middle = [model.bins // 2]
        core.saliency(model, nothing, track=model.tracks[0], bins=middle)
        core.mutagenesis(model, nothing, 0, 1, tracks=model.tracks[:1], bins=middle)
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


def host(project: Project, port: int, security: distributed.Security) -> Any:
    """Start a scheduler and the one worker.

    Parameters
    ----------
    project : Project
    port : int
        The scheduler's port; 0 chooses a free one.
    security : distributed.Security
        Who may connect.

    Returns
    -------
    distributed.LocalCluster
        `.scheduler_address` names it; `.close()` ends it. A worker that dies is restarted, and a
        job that it held is tried once more.
    """
    import dask

    dask.config.set({"distributed.scheduler.allowed-failures": 1})
    cluster = distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
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

    The first line of standard input gives the arguments of `encrypted`, as JSON.
    """
    parser = argparse.ArgumentParser(prog="app.worker")
    parser.add_argument("project")
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args(arguments)
    security = encrypted(**json.loads(sys.stdin.buffer.readline()))
    cluster = host(load_project(options.project), options.port, security)
    sys.stdin.buffer.read()
    with contextlib.suppress(TimeoutError):
        cluster.close(timeout=2)
    # A worker in the middle of a computation does not close; it is in the group that `serve` made.
    if os.getpid() == os.getpgid(0):
        os.killpg(0, signal.SIGKILL)


def _model(project: Project) -> core.Model:
    """Give the project's model; a model folder written anew is loaded anew."""
    directory = project.model.directory
    key: list[object] = [directory]
    for name in (inference.DESCRIPTION, inference.WEIGHTS):
        try:
            stat = (directory / name).stat()
        except OSError:
            continue
        key += [stat.st_mtime_ns, stat.st_size]
    if tuple(key) not in _models:
        _models.clear()
        _models[tuple(key)] = core.load_model(directory)
    return _models[tuple(key)]


def _bin(window: Window, length: int) -> dict[str, int]:
    return {
        "start": window.target_start,
        "end": min(window.target_start + window.bin, length),
    }


def _report(job: str, done: int, total: int, message: str) -> None:
    try:
        worker = distributed.get_worker()
    except ValueError:
        return
    worker.log_event(TOPIC, {"job": job, "done": done, "total": total, "message": message})


def _stop_if_cancelled(job: str) -> None:
    if job in _cancelled:
        _cancelled.discard(job)
        raise JobCancelledError("this computation was cancelled")


if __name__ == "__main__":
    # Under its own name, so that what it sends to the worker is found there.
    from app import worker

    worker.main()
