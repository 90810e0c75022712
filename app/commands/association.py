"""From variants to traits: LD, and summary statistics beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from sighthound.app.commands import FILE
from sighthound.app.commands.progress import progress_bar

PANEL = click.argument("panel", type=FILE)
_PANEL_OPTIONS = (
    click.option("--samples", type=FILE, help="List of the people to use, one a line."),
    click.option("--maf", default=0.0, show_default=True, type=click.FloatRange(0, 0.5),
                 help="Least frequency of the rarer allele."),
    click.option("--region", metavar="CHROM:START-END", help="Variants of this region alone."),
    click.option("--window-kb", type=click.FloatRange(0, min_open=True), metavar="KB",
                 help="How far apart two variants may be. Default: 1000."),
    click.option("--window-variants", type=click.IntRange(1), metavar="N",
                 help="The same, in variants."),
    click.option("--window-cm", type=click.FloatRange(0, min_open=True), metavar="CM",
                 help="The same, by the genetic map of a .bim file."),
    click.option("--blocks", type=FILE, metavar="BED", help="LD blocks, in place of a window."),
)  # fmt: skip


def panel_options(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command's user choose people, variants and window."""
    for option in reversed(_PANEL_OPTIONS):
        command = option(command)
    return command


@click.command()
@PANEL
@click.option("--scores", type=FILE, metavar="OUT", help="Write the LD score of each variant.")
@click.option("--pairs", type=FILE, metavar="OUT", help="Write r of pairs of variants.")
@click.option("--pruned", type=FILE, metavar="OUT",
              help="Write variants of which no two are in LD.")  # fmt: skip
@click.option("--profile", type=FILE, metavar="OUT",
              help="Write the signed LD profile of --values: sums of r times value, as SED-LD.",
              )  # fmt: skip
@click.option("--annotations", type=FILE, metavar="TABLE|BED",
              help="With --scores: LD scores by annotation, too.")  # fmt: skip
@click.option("--values", type=FILE, metavar="TABLE",
              help="With --profile: a column a track, as of 'sighthound variants'.")  # fmt: skip
@click.option("--score", metavar="NAME", help="Which score of --values or --annotations.")
@click.option("--gene", metavar="ID", help="Which gene of --values.")
@click.option("--ambiguous", is_flag=True,
              help="Take alleles A/T and C/G of --values as they are written.")  # fmt: skip
@click.option("--min-r2", default=0.2, show_default=True, type=click.FloatRange(0, 1),
              help="Least r2 of --pairs.")  # fmt: skip
@click.option("--prune", "r2", default=0.2, show_default=True, type=click.FloatRange(0, 1),
              help="Largest r2 of --pruned.")  # fmt: skip
@click.option("--shrink", metavar="SHARE|map",
              help="Shrink r of --pairs and --profile: by a share, or by the genetic map "
              "(Wen & Stephens 2010).")  # fmt: skip
@panel_options
def ld(
    panel: Path, scores: Path | None, pairs: Path | None, pruned: Path | None,
    profile: Path | None, annotations: Path | None, values: Path | None, score: str | None,
    gene: str | None, ambiguous: bool, min_r2: float, r2: float, shrink: str | None,
    **choices: Any,
) -> None:  # fmt: skip
    """Measure LD among the genotypes of PANEL: a VCF or BCF file, or the prefix of PLINK's files.

    Tables are Parquet or TSV by their ending; r is of copies of the alleles that they name. See
    docs/association.md.
    """
    from sighthound.precompute.studies.ld_tables import (
        check_table,
        write_pairs,
        write_profile,
        write_pruned,
        write_scores,
    )
    from sighthound.precompute.studies.panels import asked_shrinkage

    outputs = [path for path in (scores, pairs, pruned, profile) if path is not None]
    if not outputs:
        raise click.UsageError("give --scores, --pairs, --pruned or --profile, and a file each")
    if (profile is None) != (values is None):
        raise click.UsageError("--profile and --values go together")
    if annotations is not None and scores is None:
        raise click.UsageError("--annotations goes with --scores")
    if shrink is not None and pairs is None and profile is None:
        raise click.UsageError("--shrink goes with --pairs or --profile")
    for path in outputs:
        check_table(path)
    opened, ends, about = _opened(panel, choices)
    shrinkage = asked_shrinkage(shrink, opened)
    shrunk = {**about, "shrinkage": shrink or "none"}
    words: tuple[str, ...] = ()
    said = []
    with progress_bar("ld") as progress:

        def phase(name: str) -> Callable[..., None]:
            return lambda done, total, _="": progress(done, total, name)

        if scores is not None:
            table, words = write_scores(
                opened, ends, scores, about, annotations=annotations, score=score,
                progress=phase("scores"),
            )  # fmt: skip
            said.append(f"{scores}: mean LD score {table['ld_score'].mean():.2f}")
        if pairs is not None:
            count = write_pairs(
                opened, ends, pairs, shrunk, least_r2=min_r2, shrinkage=shrinkage,
                progress=phase("pairs"),
            )  # fmt: skip
            said.append(f"{pairs}: {count:,} pairs of r2 {min_r2:g} or more")
        if pruned is not None:
            count = write_pruned(opened, ends, pruned, about, r2=r2, progress=phase("pruning"))
            said.append(f"{pruned}: {count:,} variants, no two of r2 above {r2:g}")
        if profile is not None:
            assert values is not None
            count, found = write_profile(
                opened, ends, values, profile, shrunk, score=score, gene=gene,
                use_ambiguous=ambiguous, shrinkage=shrinkage, progress=phase("profile"),
            )  # fmt: skip
            words += found
            said.append(f"{profile}: signed LD profiles of {count:,} tracks")
    for line in (*words, *said):
        click.echo(line)


def _opened(panel: Path, choices: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """Open what `PANEL` and `panel_options` choose: panel, window, and what tables say of both."""
    from sighthound.precompute.studies.panels import PanelChoice, WindowChoice

    opened, said = PanelChoice(panel, choices["samples"], choices["maf"], choices["region"]).open()
    window = WindowChoice(
        choices["window_kb"], choices["window_variants"], choices["window_cm"], choices["blocks"]
    )
    click.echo(said)
    about = {
        "panel": panel.name, "people": len(opened.samples), "variants": len(opened),
        "window": window.words(), "positions": "1-based",
    }  # fmt: skip
    return opened, window.ends(opened), about
