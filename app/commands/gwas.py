"""Whether predictions tell variants of genome-wide association studies from matched others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sighthound.app.commands import BOTH_STRANDS, FILE, SEED, SHIFTS, Number, claimed_ensemble
from sighthound.app.commands.association import PANEL
from sighthound.app.commands.progress import progress_bar
from sighthound.core import load_project
from sighthound.core.files import check_output_folder


@click.command()
@PANEL
@click.argument("loci", type=FILE)
@click.option("-o", "--output", type=FILE, required=True, metavar="FOLDER",
              help="Where tables and the report are written.")  # fmt: skip
@click.option("--project", type=FILE, metavar="PROJECT", help="Score the variants by its model.")
@click.option("--scores", type=FILE, metavar="TABLE",
              help="Scores in place of a project, as 'sighthound variants --score max_log2' "
              "writes them.")  # fmt: skip
@click.option("--score", metavar="NAME", help="Which score of --scores.")
@click.option("--other", nargs=2, type=(FILE, str), metavar="TABLE COLUMN",
              help="Another predictor's score, alone and beside the predictions.")  # fmt: skip
@click.option("--genes", type=FILE, metavar="ANNOTATION",
              help="For distances to start sites (GTF, GFF3, BED). Default: the project's.",
              )  # fmt: skip
@click.option("--samples", type=FILE, help="List of the people to use, one a line.")
@click.option("--maf", default=0.01, show_default=True, type=Number(0, 0.5),
              help="Least frequency of the rarer allele.")  # fmt: skip
@click.option("--negatives", default=5, show_default=True, type=click.IntRange(1),
              help="For each positive.")  # fmt: skip
@click.option("--components", default=50, show_default=True, type=click.IntRange(1),
              help="Principal components, at most.")  # fmt: skip
@click.option(
    "--seed", default=0, show_default=True, type=SEED, help="Of the negatives that are drawn."
)
@BOTH_STRANDS
@SHIFTS
def gwas(
    panel: Path, loci: Path, output: Path, project: Path | None, scores: Path | None,
    score: str | None, other: tuple[Path, str] | None, genes: Path | None, samples: Path | None,
    maf: float, negatives: int, components: int, seed: int, both_strands: bool,
    shifts: tuple[int, ...],
) -> None:  # fmt: skip
    """Ask whether predictions tell the variants of LOCI from matched others of PANEL.

    LOCI is a table with a row a variant, by id or place, as the GWAS Catalog's. Negatives are alike
    in frequency, LD and distance to start sites. Effects go through PCA into a logistic regression,
    cross-validated by chromosome. Without --project and --scores, writes the variants to be scored.
    See docs/gwas.md.
    """
    from sighthound.app.studies.gwas_report import gwas_summary, write_gwas_page
    from sighthound.core.annotation.genes import read_genes
    from sighthound.precompute.studies.gwas import (
        check_study,
        choose_variants,
        fit_study,
        write_study,
        write_vcf,
    )
    from sighthound.precompute.studies.panels import PanelChoice

    if project is not None and scores is not None:
        raise click.UsageError("give --project or --scores, not both")
    if score is not None and scores is None:
        raise click.UsageError("--score goes with --scores")
    if other and project is None and scores is None:
        raise click.UsageError("--other goes with --project or --scores")
    if project is None and (both_strands or shifts):
        raise click.UsageError("--both-strands and --shift go with --project")
    check_output_folder(output)
    settings = None if project is None else load_project(project)
    if genes is None and settings is not None:
        genes = settings.genome.genes
    opened, said = PanelChoice(panel, samples, maf).open()
    click.echo(said)
    with progress_bar("LD scores") as progress:
        chosen = choose_variants(
            opened, loci, None if genes is None else read_genes(genes),
            negatives=negatives, seed=seed, progress=progress,
        )  # fmt: skip
    for words in chosen.said:
        click.echo(words)
    table, column = other or (None, None)
    if project is not None or scores is not None:
        check_study(chosen, table, column)
    output.mkdir(parents=True, exist_ok=True)
    about: dict[str, Any] = {
        "panel": panel.name, "loci": loci.name, "seed": seed, "negatives": negatives,
        "positions": "1-based",
    }  # fmt: skip
    vcf = output / "variants.vcf"
    for words in write_vcf(vcf, chosen, None if settings is None else settings.open_genome()):
        click.echo(words)
    if settings is not None:
        scores = _scored(settings, vcf, output, both_strands, shifts)
    if scores is None:
        write_study(output, chosen, None, about)
        click.echo(f"{vcf}: {len(chosen.table):,} variants to be scored; then the same command "
                   "with --scores")  # fmt: skip
        return
    fit = fit_study(
        chosen, scores, score=score, other=table, other_column=column, components=components
    )
    write_study(output, chosen, fit, about)
    write_gwas_page(
        output / "report.html", loci.name, table=fit.table, areas=fit.areas, gains=fit.gains,
        tracks=fit.tracks, balance=chosen.balance, components=fit.components,
        said=(said, *chosen.said, *fit.said),
    )  # fmt: skip
    for words in (*fit.said, gwas_summary(fit.table, fit.areas)):
        click.echo(words)
    click.echo(f"{output}: report.html, and its tables")


def _scored(
    settings: Any, vcf: Path, output: Path, both_strands: bool, shifts: tuple[int, ...]
) -> Path:
    from sighthound.precompute.interpretation.variant_scores import score_vcf

    scores = output / "scores.parquet"
    with progress_bar("variants") as progress:
        score_vcf(
            settings, vcf, scores, scores=["max_log2"], with_members=False, with_measured=False,
            ensemble=claimed_ensemble(settings, both_strands, shifts), progress=progress,
        )  # fmt: skip
    return scores
