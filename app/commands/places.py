"""Lists of places worth a look."""

from __future__ import annotations

from pathlib import Path

import click

from sighthound.app.commands import EXISTING, FILE, PROJECT, TRACKS
from sighthound.app.commands.progress import progress_bar
from sighthound.core import load_project

_SHOWN = 10  # rows that are printed


@click.command()
@PROJECT
@TRACKS
@click.option(
    "--top", default=200, show_default=True, type=click.IntRange(1), help="Places a track."
)
@click.option("--window", default=1_024, show_default=True, type=click.IntRange(1), metavar="BASES",
              help="Both signals are averaged over so many.")  # fmt: skip
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1),
              help="Processes on this machine.")  # fmt: skip
@click.option("-o", "--output", type=FILE, help="The list as a table, too (.tsv).")
def disagreements(
    project: Path, tracks: tuple[str, ...], top: int, window: int, workers: int,
    output: Path | None,
) -> None:  # fmt: skip
    """Rank the places where prediction and experiment disagree most.

    The list lies beside the predicted BigWigs, and on the page. `sighthound predict` makes it; this
    command makes it again where experiments changed, or with other settings. See docs/find.md.
    """
    from sighthound.precompute.cluster.tasks import Workers
    from sighthound.precompute.genome_wide.disagreements import (
        find_disagreements,
        strongest,
        write_tsv,
    )

    with progress_bar("disagreements") as progress:
        file = find_disagreements(
            load_project(project), list(tracks) or None, top=top, window=window,
            workers=Workers(workers), progress=progress,
        )  # fmt: skip
    if file is None:
        click.echo("no track has both an experiment and a prediction: there is nothing to compare")
        return
    for row in strongest(file, _SHOWN, list(tracks) or None):
        times = 2 ** abs(row["log2_ratio"])
        more = "more" if row["log2_ratio"] > 0 else "less"
        place = f"{row['chrom']}:{row['start']:,}-{row['end']:,}"
        fold = f" [{row['fold']}]" if row["fold"] else ""
        click.echo(f"{place}  {row['track']}: {times:.1f} times {more} predicted{fold}")
    if output is not None:
        write_tsv(file, output)
    click.echo(f"{output or file} is written")


@click.command()
@PROJECT
@click.argument("track")
@click.argument("other")
@click.option("--places", type=EXISTING, metavar="BED",
              help="Places to compare at, such as peaks; default: genes' starts.")  # fmt: skip
@click.option("--top", default=50, show_default=True, type=click.IntRange(1, 500),
              help="Places in the list.")  # fmt: skip
@click.option("--order", type=click.Choice(["both", "measured", "predicted"]), default="both",
              show_default=True, help="By which difference; both: the smaller, where they agree.",
              )  # fmt: skip
@click.option("-o", "--output", type=FILE, help="The list as text, too (.tsv).")
def contrasts(
    project: Path, track: str, other: str, places: Path | None, top: int, order: str,
    output: Path | None,
) -> None:  # fmt: skip
    """Rank places by how much TRACK differs from OTHER, and name the motif that explains each.

    Differences are log2((TRACK + 1) / (OTHER + 1)) of the experiments and of the predictions. The
    list lies beside the predicted BigWigs, and on the page. See docs/find.md.
    """
    from sighthound.core.project.contrast_lists import read_contrast_list
    from sighthound.precompute.interpretation.contrast_places import find_contrasts, write_tsv

    with progress_bar("contrasts") as progress:
        file = find_contrasts(
            load_project(project), track, other, places=places, top=top, order=order,
            progress=progress,
        )  # fmt: skip
    table = read_contrast_list(file).table
    for row in table.head(_SHOWN).to_dict("records"):
        why = f"  {row['motif']} (q {row['q_value']:.2g})" if row["motif"] else ""
        fold = f" [{row['fold']}]" if row["fold"] else ""
        where = f"{row['chrom']}:{row['start']:,}-{row['end']:,}"
        log2 = f"log2 {row['measured']:+.2f} measured, {row['predicted']:+.2f} predicted"
        click.echo(f"{row['place']}  {where}{fold}: {log2}{why}")
    if not len(table):
        click.echo("no place differs in the same direction in experiment and prediction")
    named = int((table["motif"] != "").sum())
    if output is not None:
        write_tsv(file, output)
    click.echo(f"{output or file} is written: {len(table):,} places, {named:,} with a motif")
