"""Train a network, predict with it, import and describe networks."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from sighthound.app.commands import (
    BOTH_STRANDS,
    EXISTING,
    FILE,
    PROJECT,
    SHIFTS,
    TRACKS,
    Number,
    asked_ensemble,
    worker_options,
)
from sighthound.app.commands.filters import filters
from sighthound.app.commands.progress import progress_bar, training_display
from sighthound.core import SighthoundError, load_project
from sighthound.core.model.model import DESCRIPTION
from sighthound.core.project.held_out import HELD_OUT_FILE
from sighthound.core.project.settings import Project


@click.command()
@PROJECT
@click.option("--fresh", is_flag=True, help="Discard an unfinished training, do not resume it.")
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    metavar="N",
    help="Train N networks of other seeds and teach one what they say together; [training] members "
    "by default.",
)
@click.option(
    "--folds",
    metavar="all|I,...",
    help="Train a model for each of these cross-validation folds ([dataset] folds), which it never "
    "sees, in the folder model.folds; those that are there stay.",
)
@click.option(
    "--from",
    "start",
    type=EXISTING,
    metavar="MODEL",
    help="Begin from this model's trunk, and its outputs for tracks that it has.",
)
@click.option(
    "--tensorboard",
    "curves",
    type=FILE,
    metavar="DIR",
    help="Write curves for TensorBoard, a run a network, as DIR/model.",
)
@click.option("--dry-run", is_flag=True, help="Make some steps, say what the whole takes, and end.")
def train(
    project: Path,
    fresh: bool,
    seeds: int | None,
    folds: str | None,
    start: Path | None,
    curves: Path | None,
    dry_run: bool,
) -> None:
    """Train the network; interrupted, the same command goes on from the last checkpoint."""
    from sighthound.precompute.training.settings import training_settings
    from sighthound.precompute.training.train import train

    settings = load_project(project)
    given = training_settings(settings.training)
    if seeds is not None:
        given = dataclasses.replace(given, members=seeds)
    chosen: list[int | None] = [None] if folds is None else _missing_folds(settings, folds, fresh)
    if dry_run:
        _print_training_plan(settings, given, chosen)
        return
    for fold in chosen:
        with training_display() as show:
            result = train(
                settings, given, progress=show, fold=fold, start=start, fresh=fresh, curves=curves
            )
        click.echo(
            f"{result.model}: best of {result.epochs} epochs is {result.best_epoch}, "
            f"{result.seconds / 60:.1f} minutes; held-out accuracy in "
            f"{result.model / HELD_OUT_FILE}"
        )
        for other in result.also:
            click.echo(f"{other}: the head of another project; name it in its [model] directory")
    if folds is None:
        click.echo(f"next: sighthound predict {project}")


@click.command()
@PROJECT
@TRACKS
@click.option("--group", "groups", multiple=True, metavar="NAME", help="Tracks of this group.")
@BOTH_STRANDS
@SHIFTS
@click.option(
    "--precision",
    type=click.Choice(["float32", "bfloat16"]),
    default="float32",
    show_default=True,
    help="bfloat16 is twice as fast where the processor has it, right to two or three digits.",
)
@click.option(
    "-o",
    "--output",
    "directory",
    type=FILE,
    metavar="DIR",
    help="Folder to write; that of the project's predictions by default.",
)
@click.option("--vcf", type=EXISTING, help="Predict the genome of an individual: its calls.")
@click.option("--sample", metavar="NAME", help="Of the calls; may be left out if there is one.")
@click.option("--copy", type=click.IntRange(1, 2), metavar="N",
              help="Only this copy of the genome: 1 or 2.")  # fmt: skip
@click.option(
    "--batch",
    "batch_size",
    default=0,
    type=click.IntRange(0),
    help="Windows at once; 0 chooses: 4 on a GPU.",
)
@click.option("--replace", is_flag=True, help="Replace predictions of another model or setting.")
@click.option("--verify", is_flag=True, help="Check the files that are there; predict nothing.")
@click.option(
    "--plan", is_flag=True, help="Say what it will take, by a measurement; predict nothing."
)
@click.option("--plan-tracks", type=click.IntRange(min=1), help="Plan for so many tracks.")
@click.option(
    "--plan-bases", type=Number(1), help="Plan for a genome of so many bases, as in 3.1e9."
)
@click.option(
    "--plan-tflops",
    type=Number(0, min_open=True),
    metavar="X",
    help="Plan for a GPU a worker that reaches X Tflop/s, with --cpus processors beside it.",
)
@click.option("--job-script", is_flag=True, help="Print the job script of --queue; run nothing.")
@worker_options
def predict(
    project: Path,
    tracks: tuple[str, ...],
    groups: tuple[str, ...],
    vcf: Path | None,
    sample: str | None,
    copy: int | None,
    verify: bool,
    plan: bool,
    plan_tracks: int | None,
    plan_bases: float | None,
    plan_tflops: float | None,
    job_script: bool,
    directory: Path | None,
    both_strands: bool,
    shifts: tuple[int, ...],
    workers: Any,
    **options: Any,
) -> None:
    """Predict the whole genome: one BigWig a track; resumes where it was stopped.

    With --verify, files are compared with their checksums, and some windows predicted again. With
    --plan, some windows are predicted and written, and the time, disk and memory of the whole are
    told. See docs/predict.md.
    """
    from sighthound.precompute.genome_wide.run import Calls

    settings = load_project(project)
    ensemble = asked_ensemble(both_strands, shifts)
    chosen = tracks_and_groups(settings, tracks, groups)
    if not plan and (plan_tracks or plan_bases or plan_tflops):
        raise SighthoundError("--plan-tracks, --plan-bases and --plan-tflops need --plan")
    if job_script:
        print_job_script(workers)
    elif plan:
        from sighthound.app.commands.plan_table import print_plan

        print_plan(
            settings, directory, ensemble, options["precision"], workers,
            tracks=plan_tracks or (len(chosen) if chosen else None),
            bases=int(plan_bases) if plan_bases else None,
            gpu_flops=plan_tflops * 1e12 if plan_tflops else None,
        )  # fmt: skip
    elif verify:
        verify_files(settings, directory)
    else:
        if vcf is None and (sample or copy):
            raise SighthoundError("--sample and --copy choose from calls; give them with --vcf")
        summary = predict_project(
            settings,
            tracks=chosen,
            ensemble=ensemble,
            calls=Calls(vcf, sample, copy) if vcf else None,
            directory=directory,
            workers=workers,
            **options,
        )
        for line in summary.left_out:
            click.echo(f"not used of {vcf}: {line}")
        click.echo(f"{summary.directory} is complete; next: sighthound serve {project}")


@click.group()
def model() -> None:
    """Import models that others published; describe a network."""


@model.command("import")
@click.argument("file", type=FILE)
@click.option("--params", type=EXISTING, required=True, help="Its params.json (or params.txt).")
@click.option("--targets", type=EXISTING, help="Its targets.txt: names the tracks.")
@click.option(
    "--gelu",
    type=click.Choice(["sigmoid", "tanh"]),
    help="Which function GELU is; told by the file's layers unless given.",
)
@click.option("--head", metavar="NAME", help="Of several heads, the one to import: human, mouse.")
@click.option(
    "--squash",
    type=click.Choice(["sqrt", "borzoi"]),
    help="What _sqrt and clip_soft of targets mean: as for Borzoi, or in later scripts (sqrt).",
)
@click.option("--out", type=FILE, required=True, metavar="DIR", help="Model folder to write.")
def import_model(
    file: Path,
    params: Path,
    targets: Path | None,
    gelu: str | None,
    head: str | None,
    squash: str | None,
    out: Path,
) -> None:
    """Import a published model: FILE is Keras-2 HDF5 or a TensorFlow-1 checkpoint.

    Every shape is checked, what is not understood is refused, and the result is compared with an
    unfolded computation before it is written. See docs/models.md.
    """
    from sighthound.core.model.published import check_free, import_model, save_imported

    check_free(out)
    imported = import_model(file, params, targets, gelu=gelu, head=head, squash=squash)
    save_imported(out, imported)
    for decision in imported.decisions:
        click.echo(decision)
    click.echo(f"{out} is written: {len(imported.tracks):,} tracks")
    click.echo(f"next: sighthound init PROJECT --fasta FASTA --model {out}")


@model.command()
@click.argument("network")
@click.option("--tracks", type=click.IntRange(min=1), help="Outputs of a preset.")
@click.option("--svg", type=FILE, metavar="FILE", help="Draw it into this file, too.")
@click.option("--json", "as_json", is_flag=True, help="Print plain data instead of a table.")
def describe(network: str, tracks: int | None, svg: Path | None, as_json: bool) -> None:
    """Show layers, parameters, FLOPs and receptive field.

    NETWORK is a model folder, a preset (paper, basenji2, small), or an architecture's JSON file.
    """
    from sighthound.app.commands.describe import (
        description_json,
        find_architecture,
        print_description,
    )
    from sighthound.app.figures.architecture import architecture_svg

    title, architecture = find_architecture(network, tracks)
    if as_json:
        click.echo(json.dumps(description_json(architecture, title), indent=1))
    else:
        print_description(architecture, title)
    if svg is not None:
        svg.write_text(architecture_svg(architecture, title), encoding="utf-8")
        click.echo(f"{svg} is drawn", err=True)


model.add_command(filters)


def _print_training_plan(project: Project, settings: Any, folds: list[int | None]) -> None:
    """Say what training would take, of all folds that it would train."""
    from sighthound.precompute.training.plan import plan_training

    if not folds:
        click.echo("nothing is left to train")
        return
    plan = plan_training(project, settings, folds[0])
    minutes = plan.seconds * len(folds) / 60
    networks = plan.networks * len(folds)
    steps = f"{plan.steps:,} steps a network"
    if plan.distillation_steps:
        steps += f", {plan.distillation_steps:,} of distillation"
    click.echo(
        f"{networks} {'network' if networks == 1 else 'networks'} of {plan.parameters:,} "
        f"parameters, {steps}; {plan.seconds_a_step:.2g} s a step here"
    )
    click.echo(
        f"about {minutes / 60:.1f} hours" if minutes > 90 else f"about {minutes:.0f} minutes"
    )
    memory = f"memory: {plan.memory / 1e9:.1f} GB"
    if plan.device_memory:
        memory += f", and {plan.device_memory / 1e9:.1f} GB of a GPU"
    if plan.devices > 1:
        memory += f"; {plan.devices} devices share every batch"
    click.echo(memory)


def _missing_folds(project: Project, asked: str, fresh: bool) -> list[int | None]:
    """Which cross-validation folds to train: those that are asked for and have no model yet."""
    from sighthound.precompute.training.train import fold_directory

    count = project.dataset.folds
    if asked == "all":
        if not count:
            raise SighthoundError(
                "--folds needs a data set with cross-validation folds; give [dataset] folds"
            )
        chosen = list(range(count))
    else:
        try:
            chosen = [int(number) for number in asked.split(",")]
        except ValueError:
            raise SighthoundError(
                f"--folds is {asked!r}; expected all, or numbers as in 0,2"
            ) from None
    return [
        fold
        for fold in dict.fromkeys(chosen)
        if fresh or not (fold_directory(project, fold) / DESCRIPTION).is_file()
    ]


def predict_project(project: Project, **options: Any) -> Any:
    """Predict with a progress bar, say where the time went, and list disagreements."""
    from sighthound.precompute.genome_wide.disagreements import find_disagreements
    from sighthound.precompute.genome_wide.run import predict_genome

    with progress_bar("predict") as progress:
        summary = predict_genome(project, progress=progress, **options)
    if summary.tracks:
        share = summary.network / max(summary.seconds, 1e-9)
        click.echo(
            f"tracks written: {len(summary.tracks):,}, in {summary.seconds:,.0f} s, "
            f"the network at work for {share:.0%} of them",
            err=True,
        )
    if summary.directory == project.predictions.directory:
        with progress_bar("disagreements") as progress:
            find_disagreements(project, progress=progress)
    return summary


def tracks_and_groups(
    project: Project, tracks: Sequence[str], groups: Sequence[str]
) -> list[str] | None:
    """Ids of the tracks that are named or in a named group; None for all."""
    table = project.read_tracks()
    known = {track.group for track in table}
    unknown = [group for group in groups if group not in known]
    if unknown:
        raise SighthoundError(
            f"no track is of group {unknown[0]!r}; there are {', '.join(sorted(known)) or 'none'}"
        )
    chosen = [*tracks, *(track.id for track in table if track.group in groups)]
    return list(dict.fromkeys(chosen)) or None


def verify_files(project: Project, directory: Path | None) -> None:
    """Check predictions; a problem is an error."""
    from sighthound.precompute.genome_wide.verify import verify_predictions

    with progress_bar("verify") as progress:
        problems = verify_predictions(project, directory, progress)
    for problem in problems[1:]:
        click.echo(problem, err=True)
    if problems:
        more = f" ({len(problems) - 1} more above)" if len(problems) > 1 else ""
        raise SighthoundError(f"{problems[0]}{more}; run sighthound predict again to mend it")
    click.echo(f"{directory or project.predictions.directory} is sound")


def print_job_script(workers: Any) -> None:
    """Print what a job of the batch system would run."""
    from sighthound.precompute.genome_wide.chunks import chunks_at_once

    if workers.queue is None:
        raise SighthoundError("--job-script needs a batch system; give --queue slurm or sge")
    click.echo(workers.queue.script(chunks_at_once(workers.queue.cpus)))
