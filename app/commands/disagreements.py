"""Lists of places worth a look."""

from __future__ import annotations

from pathlib import Path

import click

from sighthound.app.commands import FILE, PROJECT, TRACKS
from sighthound.app.commands.progress import progress_bar
from sighthound.core import load_project


@click.command()
@PROJECT
@TRACKS
@click.option(
    "--top", default=200, show_default=True, type=click.IntRange(1), help="Places a track."
)
@click.option("--window", default=1_024, show_default=True, type=click.IntRange(1), metavar="BASES",
              help="Both signals are averaged over so many.")  # fmt: skip
@click.option("--workers", default=1, show_default=True, help="Processes on this machine.")
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
    for row in strongest(file, 10, list(tracks) or None):
        times = 2 ** abs(row["log2_ratio"])
        more = "more" if row["log2_ratio"] > 0 else "less"
        place = f"{row['chrom']}:{row['start']:,}-{row['end']:,}"
        fold = f" [{row['fold']}]" if row["fold"] else ""
        click.echo(f"{place}  {row['track']}: {times:.1f} times {more} predicted{fold}")
    if output is not None:
        write_tsv(file, output)
    click.echo(f"{output or file} is written")
