"""The commands of `sighthound`, by what they are for; `app.cli` hands them out.

Options that several commands have are here, in one wording.
"""

from __future__ import annotations

import functools
import logging
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sighthound.app.commands.progress import console
from sighthound.core.annotation import genes

if TYPE_CHECKING:
    from sighthound.core.model.ensemble import Ensemble
    from sighthound.core.project.settings import Project


class Number(click.FloatRange):
    """A number within bounds; "nan" and "inf", which Python reads as numbers too, are none."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read one."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is no number; expected one, as 0.5 or 1e-8", param, ctx)
        return number


FILE = click.Path(path_type=Path)
SEED = click.IntRange(0)  # what random numbers begin with
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
PROJECT = click.argument("project", type=FILE)
TRACKS = click.option(
    "--track", "tracks", multiple=True, metavar="ID", help="This track; repeatable. Default: all."
)
CONTRASTS = click.option(
    "--contrast", "contrasts", multiple=True, nargs=2, metavar="A B",
    help="log2((A + 1) / (B + 1)) of two tracks in place of a track; repeatable.",
)  # fmt: skip
BOTH_STRANDS = click.option("--both-strands", is_flag=True, help="Average both strands.")
SHIFTS = click.option(
    "--shift", "shifts", multiple=True, type=int, metavar="BASES",
    help="Average over shifts too, as in --shift 1 --shift -1; repeatable.",
)  # fmt: skip


def asked_ensemble(both_strands: bool, shifts: Sequence[int] = ()) -> Ensemble:
    """Give the ensemble that `BOTH_STRANDS` and `SHIFTS` ask for; unshifted is always in it."""
    from sighthound.core.model.ensemble import Ensemble

    return Ensemble(both_strands, tuple(dict.fromkeys((0, *shifts))))


def claimed_ensemble(project: Project, both_strands: bool, shifts: Sequence[int]) -> Ensemble:
    """Give what a command averages that claims effects: shifts of a third of a bin, if not told."""
    from sighthound.core.model.architecture import Architecture
    from sighthound.core.model.ensemble import Ensemble, claiming
    from sighthound.core.model.model import read_description

    if shifts:
        return asked_ensemble(both_strands, shifts)
    description = read_description(project.model.directory)
    bin_size = Architecture.from_json(description["architecture"]).bin
    return Ensemble(both_strands, claiming(bin_size).shifts)


def asked_names(
    tracks: Sequence[str], contrasts: Sequence[tuple[str, str]] = ()
) -> list[str] | None:
    """Give the tracks and contrasts that `TRACKS` and `CONTRASTS` ask for; None for all tracks."""
    from sighthound.core.tracks.contrasts import contrast_name

    return [*tracks, *(contrast_name(*pair) for pair in contrasts)] or None


class _OnStandardError(logging.Handler):
    """Prints lines as they are, above the bars of a work that goes on."""

    def emit(self, record: logging.LogRecord) -> None:
        console.print(record.getMessage(), markup=False, emoji=False, soft_wrap=True)


def say_findings() -> None:
    """Let any command say what the reader of genes passed over, split or took otherwise."""
    log = logging.getLogger(genes.__name__)
    log.setLevel(logging.INFO)
    if not any(isinstance(handler, _OnStandardError) for handler in log.handlers):
        log.addHandler(_OnStandardError())


def worker_options(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command's user choose where it runs; the command gets `workers`."""

    @functools.wraps(command)
    def with_workers(
        *args: Any,
        workers: int,
        scheduler: str | None,
        queue: str | None,
        jobs: int,
        cpus: int,
        memory: str,
        walltime: str,
        gpus: int,
        partition: str,
        queue_options: tuple[str, ...],
        **others: Any,
    ) -> None:
        from sighthound.core.project.layout import cluster_keys_folder
        from sighthound.precompute.cluster.job_queues import JobQueue
        from sighthound.precompute.cluster.tasks import Workers

        jobs_of = None
        if queue is not None:
            project = Path(others["project"])
            keys = cluster_keys_folder(project if project.is_dir() else project.parent)
            keys.mkdir(parents=True, exist_ok=True)
            jobs_of = JobQueue(
                queue, jobs, cpus, memory, walltime, gpus, partition, queue_options, keys
            )  # fmt: skip
        command(
            *args,
            workers=Workers(workers, scheduler, jobs_of, helpers=os.cpu_count() or 1),
            **others,
        )

    for option in reversed(
        [
            click.option(
                "--workers",
                type=click.IntRange(min=1),
                default=1,
                show_default=True,
                help="Processes on this machine, each with a GPU of its own if there are any.",
            ),
            click.option(
                "--scheduler", metavar="ADDRESS", help="Dask scheduler to use: tcp://host:port."
            ),
            click.option(
                "--queue", type=click.Choice(["slurm", "sge"]), help="Start workers as its jobs."
            ),
            click.option(
                "--jobs", default=1, show_default=True, type=click.IntRange(1),
                help="Jobs of --queue.",
            ),
            click.option(
                "--cpus", default=4, show_default=True, type=click.IntRange(1),
                help="Processors a job.",
            ),
            click.option("--memory", default="16GB", show_default=True, help="Memory a job."),
            click.option("--walltime", default="04:00:00", show_default=True, help="Time a job."),
            click.option(
                "--gpus", default=0, show_default=True, type=click.IntRange(0),
                help="GPUs a job: 0 or 1.",
            ),
            click.option("--partition", default="", help="Partition or queue of the jobs."),
            click.option(
                "--queue-option", "queue_options", multiple=True, metavar="TEXT",
                help="Further line of the job script, as in --constraint=a100; repeatable.",
            ),
        ]
    ):  # fmt: skip
        with_workers = option(with_workers)
    return with_workers
