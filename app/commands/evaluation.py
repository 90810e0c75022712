"""Say how right a project's model is."""

from __future__ import annotations

from pathlib import Path

import click

from sighthound.app.commands import BOTH_STRANDS, EXISTING, PROJECT, SHIFTS, asked_ensemble
from sighthound.app.commands.progress import progress_bar
from sighthound.core import load_project


@click.command()
@PROJECT
@click.option(
    "--fold",
    type=click.Choice(["test", "valid"]),
    default="test",
    show_default=True,
    help="Which held-out sequence: the one nobody chose by, or the one training stopped by.",
)
@click.option(
    "--elements",
    multiple=True,
    type=EXISTING,
    metavar="BED",
    help="Annotated elements, by the name of each line: does saliency find them? Repeatable.",
)
@BOTH_STRANDS
@SHIFTS
def evaluate(
    project: Path, fold: str, elements: tuple[Path, ...], both_strands: bool,
    shifts: tuple[int, ...],
) -> None:  # fmt: skip
    """Measure the model on sequence that it never learned from.

    Writes PROJECT/evaluation: report.html, which needs nothing else, and its tables, with 95 %
    intervals, levels and the ceiling that replicates set. Strands and shifts are averaged as in the
    model's held_out.tsv, unless they are given. Interrupted, the same command goes on. See
    docs/evaluation.md.
    """
    from sighthound.app.evaluation.panels import open_evaluation
    from sighthound.app.evaluation.panels import summary as in_words
    from sighthound.app.evaluation.report import write_report
    from sighthound.precompute.evaluation.evaluate import evaluate

    settings = load_project(project)
    ensemble = asked_ensemble(both_strands, shifts) if both_strands or shifts else None
    with progress_bar("evaluate") as progress:
        summary = evaluate(
            settings, fold=fold, ensemble=ensemble, elements=elements, progress=progress
        )
    for number, reason in summary.missing.items():
        click.echo(f"no figure {number}: {reason}")
    if summary.without:
        click.echo(f"without numbers in this fold: {', '.join(summary.without)}")
    found = open_evaluation(summary.directory, settings.read_tracks())
    assert found is not None
    report = write_report(found, settings.title)
    click.echo(f"{len(summary.tracks):,} tracks on {summary.bases:,} bases: {in_words(found)}")
    click.echo(f"{report} is written, beside its tables")
