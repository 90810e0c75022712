"""The plan of a genome-wide prediction as a table in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from sighthound.app.commands.progress import progress_bar
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import load_model
from sighthound.core.project.settings import Project


def print_plan(
    project: Project,
    directory: Path | None,
    ensemble: Ensemble,
    precision: str,
    workers: Any,
    *,
    tracks: int | None,
    bases: int | None,
    gpu_flops: float | None,
) -> None:
    """Calibrate on this machine, and print what a prediction will take.

    Parameters
    ----------
    workers : Workers
    tracks : int, optional
        All of the model's by default.
    bases : int, optional
        Of a genome of equal windows; that of the project by default.
    gpu_flops : float, optional
        Operations a second of an assumed GPU a worker.
    """
    from sighthound.precompute.genome_wide.plan import (
        calibrate,
        count_windows,
        make_plan,
        with_outputs,
    )

    genome, model = project.open_genome(), load_model(project.model.directory)
    if tracks is not None and tracks != len(model.tracks):
        model = with_outputs(model, tracks)
    with progress_bar("plan") as progress:
        measured = calibrate(
            model, genome, directory or project.predictions.directory,
            ensemble=ensemble, precision=precision, workers=workers, progress=progress,
        )  # fmt: skip
    jobs = workers.queue
    lengths = genome.lengths.values()
    bins = sum(-(-n // model.bin) for n in lengths) if bases is None else -(-bases // model.bin)
    plan = make_plan(
        measured,
        bins=bins,
        bin=model.bin,
        tracks=len(model.tracks),
        windows=count_windows(model, genome, ensemble, measured) if bases is None else None,
        workers=jobs.jobs if jobs else workers.count,
        cpus=jobs.cpus if jobs else None,
        gpu_flops=gpu_flops,
    )
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(justify="right")
    table.add_column(style="dim")
    assumed = f"assumed: {gpu_flops / 1e12:g} Tflop/s a GPU" if gpu_flops else "measured here"
    many, costs = plan.workers > 1, measured.files
    rows = [
        ("genome", f"{bins * model.bin / 1e6:,.1f} Mb", f"{bins:,} bins of {model.bin} bp"),
        ("tracks", f"{plan.tracks:,}", f"{plan.values:,} values"),
        ("workers", f"{plan.workers}", "jobs" if jobs else "on this machine"),
        ("network", _time(plan.network), f"{plan.windows:,.0f} windows, {assumed}"),
        ("encoding", _time(plan.encode), f"{_rate(costs.encode)} a processor"),
        ("assembly", _time(plan.assemble), f"{_rate(costs.assemble)}, {costs.each:.3f} s a file"),
        ("in all", _time(plan.seconds), f"decided by: {plan.bottleneck}"),
        ("disk, files", _size(plan.files), f"{costs.written:.1f} bytes a value"),
        ("disk, meanwhile", _size(plan.partial), f"{measured.disk / 1e6:,.0f} MB/s written here"),
        ("memory", _size(plan.memory), "a worker" if many else ""),
    ]
    for row in rows:
        table.add_row(*row)
    console = Console(highlight=False)
    console.print(table)


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s"
    if seconds < 5400:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:.1f} h"


def _rate(seconds: float) -> str:
    return f"{1e-6 / max(seconds, 1e-12):,.0f} million values/s"


def _size(size: float) -> str:
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 1000:
            return f"{size:.1f} {unit}"
    return f"{size / 1000:.1f} TB"
