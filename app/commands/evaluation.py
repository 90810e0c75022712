"""Say how right a project's model is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sighthound.app.commands import BOTH_STRANDS, EXISTING, PROJECT, SHIFTS, asked_ensemble
from sighthound.app.commands.progress import progress_bar
from sighthound.core import SighthoundError, __version__, load_project
from sighthound.core.model.model import read_description
from sighthound.core.project.evaluation import evaluation_folder, read_about
from sighthound.core.project.model_card import read_card
from sighthound.core.project.settings import Project

if TYPE_CHECKING:
    from sighthound.core.model.ensemble import Ensemble
    from sighthound.precompute.evaluation.evaluate import EvaluationSummary


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
@click.option(
    "--variants",
    type=EXISTING,
    metavar="VCF",
    help="By whose effects the networks that taught the model are compared. Default: random "
    "substitutions at starts of genes in the fold.",
)
@click.option("--ablation", is_flag=True,
              help="Against experiments of fewer reads, too: counts are thinned.")  # fmt: skip
@click.option("--sites", multiple=True, type=EXISTING, metavar="BED",
              help="Binding sites, by the name of each line: do explanations of promoters point at "
              "them? Repeatable.")  # fmt: skip
@click.option("--site-promoters", default=200, show_default=True, type=click.IntRange(10),
              help="Promoters that are explained for --sites, at most.")  # fmt: skip
@BOTH_STRANDS
@SHIFTS
def evaluate(
    project: Path, fold: str, elements: tuple[Path, ...], variants: Path | None,
    ablation: bool, sites: tuple[Path, ...], site_promoters: int, both_strands: bool,
    shifts: tuple[int, ...],
) -> None:  # fmt: skip
    """Measure the model on sequence that it never learned from.

    Writes PROJECT/evaluation: report.html, which needs nothing else, and its tables, with 95 %
    intervals, levels and the ceiling that replicates set; and card.json in the model's folder, with
    where not to believe it. Strands and shifts are averaged as in the model's held_out.tsv, unless
    they are given. Interrupted, the same command goes on. See docs/evaluation.md.
    """
    settings = load_project(project)
    ensemble = asked_ensemble(both_strands, shifts) if both_strands or shifts else None
    summary, words, report = _evaluated(
        settings, fold, ensemble, elements, variants=variants, ablation=ablation, sites=sites,
        site_promoters=site_promoters,
    )  # fmt: skip
    for number, reason in summary.missing.items():
        click.echo(f"no figure {number}: {reason}")
    if summary.without:
        click.echo(f"without numbers in this fold: {', '.join(summary.without)}")
    click.echo(f"{len(summary.tracks):,} tracks on {summary.bases:,} bases: {words}")
    for doubt in read_doubts(settings):
        click.echo(f"note: {doubt}")
    click.echo(f"{report} is written, beside its tables")


def read_doubts(project: Project) -> tuple[str, ...]:
    """Give the sentences of the model's card on where not to believe it."""
    card = read_card(project.model.directory)
    return card.doubts if card else ()


def evaluate_once(project: Project) -> None:
    """Evaluate a project's model, unless that was done with this software."""
    model = read_description(project.model.directory)["hash"]
    try:
        known = read_about(evaluation_folder(project))
    except SighthoundError:
        known = None
    if known is None or (known.model, known.version) != (model, __version__):
        _evaluated(project, "test", None, ())


def _evaluated(
    project: Project,
    fold: str,
    ensemble: Ensemble | None,
    elements: Sequence[Path],
    **more: Any,
) -> tuple[EvaluationSummary, str, Path]:
    """What it came to, how right the model is in words, and the report."""
    from sighthound.app.evaluation.panels import open_evaluation
    from sighthound.app.evaluation.panels import summary as in_words
    from sighthound.app.evaluation.report import write_report
    from sighthound.precompute.evaluation.evaluate import evaluate

    with progress_bar("evaluate") as progress:
        summary = evaluate(
            project, fold=fold, ensemble=ensemble, elements=elements, progress=progress, **more
        )
    found = open_evaluation(summary.directory, project.read_tracks())
    assert found is not None
    return summary, in_words(found), write_report(found, project.title, read_doubts(project))
