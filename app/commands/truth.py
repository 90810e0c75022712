"""Hold a model against measured effects of variants."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sighthound.app.commands import FILE, claimed_ensemble, worker_options
from sighthound.app.commands.progress import progress_bar
from sighthound.core import SighthoundError, load_project
from sighthound.core.files import no_file
from sighthound.core.interpretation.scores import SCORES
from sighthound.core.model.model import DESCRIPTION
from sighthound.core.project.settings import Project
from sighthound.core.project.signs import SignCalibration
from sighthound.core.project.truth import READOUTS, read_truth, remove_truth, truth_files

if TYPE_CHECKING:  # draws figures, which most commands do not
    from sighthound.app.evaluation.truth import TruthCard

SIGNED = [score.name for score in SCORES.values() if score.has_sign]
_SHOWN = 12  # tracks and ceilings that are printed


@click.command()
@click.argument("project", type=FILE, metavar="[PROJECT]")
@click.argument("table", type=FILE, required=False)
@click.option("--name", metavar="NAME", help="What the table is called; default: as its file.")
@click.option("--column", "columns", multiple=True, metavar="WHAT=NAME",
              help="Which column is what, as in --column effect=log2FC; repeatable. WHAT is chrom, "
              "position, ref, alt, variant, effect, p, q, experiment, element, gene, strand or "
              "release.")  # fmt: skip
@click.option("--score", type=click.Choice(SIGNED), default="sum_log2_ratio", show_default=True,
              help="What is predicted; docs/variants.md says what they are.")  # fmt: skip
@click.option("--both-strands/--one-strand", default=True, show_default=True,
              help="Average predictions of both strands, or take the sequence as it is.",
              )  # fmt: skip
@click.option("--shift", "shifts", multiple=True, type=int, metavar="BASES",
              help="Average over shifts; repeatable; --shift 0 for none. Default: a third of a bin "
              "both ways.")  # fmt: skip
@click.option("--members/--no-members", "with_members", default=True, show_default=True,
              help="Ask the networks that taught the model too, where there are any: their "
              "agreement tells how right a sign is.")  # fmt: skip
@click.option("--remove", metavar="NAME", help="Take a table out of the project again.")
@worker_options
def truth(
    project: Path, table: Path | None, name: str | None, columns: tuple[str, ...], score: str,
    both_strands: bool, shifts: tuple[int, ...], with_members: bool, remove: str | None,
    workers: Any,
) -> None:  # fmt: skip
    """Put measured effects of variants beside predictions: on the page, in tables, in a report.

    TABLE is CSV or TSV, plain or gzip, of reporters, saturation mutagenesis, eQTL and the like: a
    line of names, then place (from 1), REF, ALT and effect a row, and p, FDR, experiment or gene
    where there are any. Writes NAME.parquet, .comparison.tsv, .ceilings.tsv and .html into
    PROJECT/measured; interrupted, the same command goes on. Without TABLE: lists the tables there
    are. With a TABLE alone: says what it holds, without a project.
    """
    named = dict(_named(text) for text in columns)
    if table is None and project.is_file() and project.suffix != ".toml":
        _say_table(project, named)
        return
    settings = load_project(project)
    if remove is not None:
        remove_truth(settings, remove)
        click.echo(f"{remove} is removed")
    elif table is None:
        _list(settings)
    else:
        ensemble = None
        if (settings.model.directory / DESCRIPTION).is_file():
            ensemble = claimed_ensemble(settings, both_strands, shifts)
        options = {"name": name, "columns": named, "score": score, "ensemble": ensemble,
                   "with_members": with_members}  # fmt: skip
        _add(settings, table, workers=workers, **options)


def _named(text: str) -> tuple[str, str]:
    what, mark, name = text.partition("=")
    if not mark or not name:
        raise click.UsageError(f"--column {text}: expected WHAT=NAME, as effect=log2FC")
    return what.strip(), name.strip()


def _list(project: Project) -> None:
    files = truth_files(project)
    if not files:
        click.echo("no table of measured effects yet: sighthound truth PROJECT TABLE")
    for file in files:
        found = read_truth(file)
        of = f"predicted by model {found.model}" if found.model else "not predicted"
        click.echo(f"{found.name}: {len(found.rows):,} measurements of {found.source}, {of}")


def _say_table(table: Path, named: dict[str, str]) -> None:
    from sighthound.app.evaluation.truth import ceiling_rows, ceiling_words
    from sighthound.core.truth.comparison import ceilings
    from sighthound.core.truth.tables import read_measured, rebuilt_sequences

    found = read_measured(table, named=named)
    for words in found.lines():
        click.echo(words)
    sequences = rebuilt_sequences(found)
    bases = sum(map(len, sequences))
    unknown = sum(sequence.count("N") for sequence in sequences.values())
    click.echo(
        f"{found.rows['experiment'].nunique():,} experiments; {len(sequences):,} stretches of "
        f"{bases:,} bases, rebuilt from REF, {unknown:,} of them unknown"
    )
    known = ceilings(found.rows)
    click.echo(ceiling_words(known))
    for one, other, n, r, *_ in ceiling_rows(known)[1:]:
        click.echo(f"  {one} and {other}: r {r}, {n} alleles")


def _add(project: Project, table: Path, **options: Any) -> None:
    from sighthound.app.evaluation.truth import (
        TruthCard,
        ceiling_rows,
        comparison_rows,
        summary,
    )
    from sighthound.app.evaluation.truth_report import write_truth_report
    from sighthound.precompute.interpretation.measured_effects import add_truth

    if not table.is_file():
        raise SighthoundError(f"{table} {no_file(table)}; give a table of measured effects")
    with progress_bar("truth") as progress:
        found = add_truth(project, table, progress=progress, **options)
    names = {track.id: track.name for track in project.read_tracks()} | READOUTS
    card = TruthCard(found.truth, found.comparisons, found.ceilings, names)
    report = write_truth_report(found.file, card, project.title, found.signs)
    for words in (*found.truth.said, summary(card)):
        click.echo(words)
    for track, n, r, rank_r, sign, signed, area, _ in comparison_rows(card)[:_SHOWN]:
        click.echo(
            f"  {track}: r {r}, Spearman {rank_r}, same sign {sign} of {signed}, AUROC {area}; "
            f"{n} measurements"
        )
    for one, other, n, r, *_ in ceiling_rows(found.ceilings)[1:_SHOWN]:
        click.echo(f"  ceiling, {one} and {other}: r {r}, {n} alleles")
    if found.signs is not None:
        _say_signs(card, found.signs)
    click.echo(f"{report} is written, beside its tables")


def _say_signs(card: TruthCard, signs: SignCalibration) -> None:
    from sighthound.app.evaluation.signs import sign_rows
    from sighthound.core.truth.signs import LEAST_ALLELES, LEAST_CHROMOSOMES

    if not any(signs.curves.values()):
        click.echo(
            "how far signs can be believed is not told: that takes "
            f"{LEAST_ALLELES} alleles of a known sign on {LEAST_CHROMOSOMES} chromosomes"
        )
    for score in signs.curves:
        for track, n, right, error, wrong, surest in sign_rows(card, signs, score)[:_SHOWN]:
            click.echo(
                f"  sign of {score}, {track}: {right} of {n} alleles right; on chromosomes left "
                f"out calibration error {error}, wrong {wrong}, of the surest fifth {surest}"
            )
