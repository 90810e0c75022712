"""The effect of every substitution: made, looked up, and taken away."""

from __future__ import annotations

import time
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
    asked_ensemble,
    worker_options,
)
from sighthound.app.commands.progress import progress_bar
from sighthound.core import SighthoundError, load_project


@click.command()
@PROJECT
@click.option("--regions", type=EXISTING, metavar="BED",
              help="Only the bases of these; default: the genome.")  # fmt: skip
@TRACKS
@click.option("--around", type=click.IntRange(0), metavar="BASES", default=256, show_default=True,
              help="Effects are summed over the bins of so many bases to either side.")  # fmt: skip
@BOTH_STRANDS
@SHIFTS
@click.option("-o", "--output", "directory", type=FILE, help="Folder; default: PROJECT/atlas.")
@click.option("--replace", is_flag=True, help="Replace an atlas of another model or setting.")
@click.option("--top", default=1000, show_default=True, type=click.IntRange(1),
              help="Places a track in the ranked list.")  # fmt: skip
@click.option("--lookup", "variants", multiple=True, metavar="CHROM:POS:REF:ALT",
              help="Print the effects of this substitution from the atlas; repeatable.",
              )  # fmt: skip
@click.option("--bigwigs", type=FILE, metavar="DIR",
              help="Write the atlas' BigWigs and a UCSC hub of them into this folder.",
              )  # fmt: skip
@worker_options
def atlas(
    project: Path, regions: Path | None, tracks: tuple[str, ...], around: int, both_strands: bool,
    shifts: tuple[int, ...], directory: Path | None, replace: bool, top: int,
    variants: tuple[str, ...], bigwigs: Path | None, workers: Any,
) -> None:  # fmt: skip
    """Predict what every substitution of the genome does, exactly; resumes where it was stopped.

    Makes PROJECT/atlas, a store of 1 byte a substitution and track, and its ranked.tsv: where does
    one base matter most? With --lookup or --bigwigs the atlas that is there is read. See
    docs/atlas.md.
    """
    from sighthound.core.project.atlas import RANKED_FILE, read_atlas
    from sighthound.core.project.layout import atlas_folder

    settings = load_project(project)
    folder = directory or atlas_folder(settings)
    if variants or bigwigs:
        known = read_atlas(folder)
        if known is None:
            raise SighthoundError(f"there is no atlas in {folder}; make it: sighthound atlas")
        _check_present(settings, known)
        if variants:
            _print_effects(settings, known, variants, tracks)
        if bigwigs:
            from sighthound.precompute.genome_wide.atlas_files import write_letters

            with progress_bar("BigWigs") as progress:
                files = write_letters(settings, known, bigwigs, tracks or None, progress)
            click.echo(f"{bigwigs}: {len(files) - 1} BigWigs and hub.txt")
        return
    from sighthound.precompute.genome_wide.atlas import make_atlas
    from sighthound.precompute.genome_wide.atlas_files import rank_places, write_ranked

    started = time.perf_counter()
    with progress_bar("") as progress:
        made = make_atlas(
            settings, folder, regions=regions, tracks=tracks or None, around=around,
            ensemble=asked_ensemble(both_strands, shifts), workers=workers, replace=replace,
            progress=lambda done, total, _="", /: progress(done, total, "substitutions"),
        )  # fmt: skip
        table = rank_places(
            settings, made, top, lambda done, total, _="", /: progress(done, total, "ranking")
        )
        write_ranked(table, folder / RANKED_FILE)
    for row in table[table["rank"] == 1].itertuples():
        near = f", {abs(row.distance):,} bases from the start of {row.gene}" if row.gene else ""
        click.echo(
            f"{row.track}: {row.chrom}:{row.position:,} {row.ref}>{row.alt} {row.effect:+.4g}{near}"
        )
    click.echo(
        f"{folder} is complete: {made.bytes / 1e6:,.1f} MB, {time.perf_counter() - started:.0f} s"
    )


def _check_present(settings: Any, known: Any) -> None:
    """Refuse an atlas of another genome, and say that one is of another model."""
    from sighthound.core.model.model import DESCRIPTION, read_description

    genome, identity = settings.open_genome(), known.manifest.identity
    if identity.genome != genome.fingerprint:
        raise SighthoundError(
            f"{known.directory} is an atlas of another genome than {genome.path.name}; make it "
            "again: sighthound atlas --replace"
        )
    model = settings.model.directory
    if (model / DESCRIPTION).is_file() and read_description(model)["hash"] != identity.model:
        click.echo(
            f"the atlas is of another model than {model}; 'sighthound atlas --replace' makes it "
            "again",
            err=True,
        )


def _print_effects(
    settings: Any, known: Any, variants: tuple[str, ...], tracks: tuple[str, ...]
) -> None:
    """Print a row a variant and track."""
    from sighthound.core.variants.variant import parse_variant

    genome, columns = settings.open_genome(), known.columns(tracks or None)
    found = [parse_variant(text, genome, genes=settings.read_genes) for text in variants]
    rows = [known.lookup(variant) for variant in found]
    click.echo("variant\ttrack\teffect")
    for variant, effects in zip(found, rows, strict=True):
        for column in columns:
            click.echo(f"{variant}\t{known.tracks[column]}\t{effects[column]:.4g}")
