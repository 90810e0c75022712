"""Random substitutions that variants are ranked among."""

from __future__ import annotations

from pathlib import Path

import click

from sighthound.app.commands import PROJECT, SHIFTS, claimed_ensemble
from sighthound.app.commands.progress import progress_bar
from sighthound.core import load_project


@click.command()
@PROJECT
@click.option("--number", default=10_000, show_default=True, type=click.IntRange(100),
              help="Substitutions.")  # fmt: skip
@click.option("--score", "scores", default="sad", show_default=True, metavar="NAMES",
              help="As of 'sighthound variants', between commas; none by gene.")  # fmt: skip
@click.option("--both-strands/--one-strand", default=True, show_default=True,
              help="As of the variants that are to be ranked.")  # fmt: skip
@SHIFTS
@click.option("--seed", default=0, show_default=True, help="Which substitutions are drawn.")
def nulls(
    project: Path, number: int, scores: str, both_strands: bool, shifts: tuple[int, ...], seed: int
) -> None:
    """Score random substitutions of the genome, once: variants are then ranked among them.

    Afterwards 'sighthound variants' adds rows of the value "percentile", and the page's card of a
    variant says how many matched nulls its effect is larger than. See docs/variants.md.
    """
    from sighthound.core.variants.nulls import MATCHED_ON
    from sighthound.precompute.interpretation.nulls import make_nulls

    settings = load_project(project)
    with progress_bar("nulls") as progress:
        file = make_nulls(
            settings, number=number, seed=seed,
            scores=[name.strip() for name in scores.split(",") if name.strip()],
            ensemble=claimed_ensemble(settings, both_strands, shifts), progress=progress,
        )  # fmt: skip
    click.echo(f"{file} is written; variants are matched on {MATCHED_ON}")
