"""Search for a better network."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sighthound.app.commands import PROJECT, worker_options
from sighthound.app.commands.progress import progress_bar
from sighthound.core import load_project
from sighthound.core.files import write_text

if TYPE_CHECKING:
    from sighthound.precompute.tuning.tune import TuningResult

_PICTURE = "importance.svg"


@click.command()
@PROJECT
@click.option(
    "--trials",
    type=click.IntRange(min=1),
    metavar="N",
    help="In all, with those that are done; [tune] trials by default.",
)
@click.option(
    "--epochs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Of a trial; [tune] epochs, or those of [training], by default.",
)
@click.option("--fresh", is_flag=True, help="Discard the study that is there.")
@worker_options
def tune(
    project: Path, trials: int | None, epochs: int | None, fresh: bool, workers: Any
) -> None:  # fmt: skip
    """Search for a better network, judged by the validation fold.

    Trains networks of other filters, widths, layers, dropout, rates and betas ([tune] has the
    ranges), and gives up early on those that do worse than the median. PROJECT/tuning gets a table
    of trials, a picture of what matters, and the best architecture with its [training]. Stopped,
    the same command goes on; with a higher --trials, too. Needs Optuna: pip install
    'sighthound[tune]'. See docs/training.md.
    """
    from sighthound.precompute.tuning.settings import tune_settings
    from sighthound.precompute.tuning.tables import BEST_TRAINING
    from sighthound.precompute.tuning.tune import tune

    settings = load_project(project)
    asked = tune_settings(settings.tune)
    asked = dataclasses.replace(
        asked,
        trials=asked.trials if trials is None else trials,
        epochs=asked.epochs if epochs is None else epochs,
    )
    with progress_bar("tune") as progress:
        result = tune(settings, asked, workers=workers, progress=progress, fresh=fresh)
    states = [trial.state for trial in result.trials]
    counts = ", ".join(f"{states.count(state):,} {state}" for state in dict.fromkeys(states))
    click.echo(f"{len(states):,} trials: {counts}; in {result.directory}")
    if result.importance:
        write_text(result.directory / _PICTURE, _picture(result, settings.title))
        first = list(result.importance.items())[:3]
        click.echo("what matters most: " + ", ".join(f"{n} ({s:.0%})" for n, s in first))
    else:
        click.echo("too few complete trials to say what matters")
    click.echo(
        f"best: trial {result.best.number}, validation loss {result.best.valid_loss:.4f} "
        f"({_first(result)})"
    )
    click.echo(f"next: put {result.directory / BEST_TRAINING} in the place of [training]")


def _first(result: TuningResult) -> str:
    """What the network that the project had came to."""
    first = result.trials[0]
    if first.state != "complete":
        return f"the project's own network: {first.state}"
    return f"the project's own network: {first.valid_loss:.4f}"


def _picture(result: TuningResult, title: str) -> str:
    from sighthound.app.figures.importance import importance_svg, searched  # imports plotly

    complete = [trial for trial in result.trials if trial.state == "complete"]
    rows = searched(
        result.importance,
        {p.name: (p.low, p.high, p.log) for p in result.space},
        [(trial.values, trial.valid_loss or 0.0) for trial in complete],
    )
    words = f"{len(complete):,} complete trials; orange: trial {result.best.number}, the best"
    return importance_svg(rows, f"{title}: what matters to the validation loss", words)
