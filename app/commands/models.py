"""Train a network, predict with it, import and describe networks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from app.commands import EXISTING, FILE, PROJECT
from app.commands.filters import filters
from app.progress import progress_bar, training_display
from core import load_project


@click.command()
@PROJECT
@click.option("--fresh", is_flag=True, help="Discard an unfinished training, do not resume it.")
def train(project: Path, fresh: bool) -> None:
    """Train the network; interrupted, the same command goes on from the last checkpoint."""
    from precompute.training import train

    settings = load_project(project)
    with training_display() as show:
        result = train(settings, progress=show, fresh=fresh)
    click.echo(
        f"{result.model}: best of {result.epochs} epochs is {result.best_epoch}, "
        f"{result.seconds / 60:.1f} minutes; held-out accuracy in {result.model / 'held_out.tsv'}"
    )
    click.echo(f"next: sighthound predict {project}")


@click.command()
@PROJECT
@click.option("--track", "tracks", multiple=True, metavar="ID", help="Only this track; repeatable.")
@click.option("--both-strands", is_flag=True, help="Average predictions of both strands.")
@click.option(
    "--precision",
    type=click.Choice(["float32", "bfloat16"]),
    default="float32",
    show_default=True,
    help="bfloat16 is twice as fast where the processor has it, right to two or three digits.",
)
def predict(project: Path, tracks: tuple[str, ...], both_strands: bool, precision: str) -> None:
    """Predict the whole genome: one BigWig a track; resumes where it was stopped."""
    settings = load_project(project)
    predict_project(settings, list(tracks) or None, both_strands, precision)
    click.echo(f"{settings.predictions.directory} is complete; next: sighthound serve {project}")


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
@click.option("--out", type=FILE, required=True, metavar="DIR", help="Model folder to write.")
def import_model(
    file: Path,
    params: Path,
    targets: Path | None,
    gelu: str | None,
    head: str | None,
    out: Path,
) -> None:
    """Import a published model: FILE is Keras-2 HDF5 or a TensorFlow-1 checkpoint.

    Every shape is checked, what is not understood is refused, and the result is compared with an
    unfolded computation before it is written. See docs/models.md.
    """
    from core.published import check_free, import_model, save_imported

    check_free(out)
    imported = import_model(file, params, targets, gelu=gelu, head=head)
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
    from app.describe import description_json, find_architecture, print_description
    from app.figures.architecture import architecture_svg

    title, architecture = find_architecture(network, tracks)
    if as_json:
        click.echo(json.dumps(description_json(architecture, title), indent=1))
    else:
        print_description(architecture, title)
    if svg is not None:
        svg.write_text(architecture_svg(architecture, title), encoding="utf-8")
        click.echo(f"{svg} is drawn", err=True)


model.add_command(filters)


def predict_project(
    project: Any, tracks: list[str] | None, both_strands: bool, precision: str = "float32"
) -> None:
    from core.inference import Ensemble
    from precompute.disagreements import find_disagreements
    from precompute.predictions import predict_genome

    ensemble = Ensemble(reverse_complement=both_strands)
    with progress_bar("predict") as progress:
        predict_genome(project, tracks, progress, ensemble, precision)
    with progress_bar("disagreements") as progress:
        find_disagreements(project, progress=progress)
