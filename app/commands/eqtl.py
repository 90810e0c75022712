"""Hold a model against eQTL: associations with expression, and effects of haplotypes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sighthound.app.commands import FILE, PROJECT, SEED, Number
from sighthound.app.commands.progress import progress_bar
from sighthound.core import load_project
from sighthound.core.association.columns import ROLES
from sighthound.core.expression.study import check_folder

if TYPE_CHECKING:
    from sighthound.core.association.panel import Panel


@click.command()
@PROJECT
@click.argument("samples", type=FILE)
@click.option("-o", "--output", type=FILE, required=True, metavar="DIR",
              help="Folder for the report and its tables.")  # fmt: skip
@click.option("--panel", "genotypes", type=FILE,
              help="Genotypes: a VCF or BCF file, or the prefix of PLINK's files.")  # fmt: skip
@click.option("--scores", type=FILE, metavar="TABLE",
              help="SED of their variants, as 'sighthound variants --genes --score sed' writes it.",
              )  # fmt: skip
@click.option("--relative", is_flag=True,
              help="Take log2 of the predictions for both alleles, in place of their difference.",
              )  # fmt: skip
@click.option("--maf", default=0.01, show_default=True, type=Number(0, 0.5),
              help="Least frequency of the rarer allele.")  # fmt: skip
@click.option("--cis-kb", default=100.0, show_default=True,
              type=Number(0, min_open=True), metavar="KB",
              help="How far a gene's variants may lie from its nearest start.")  # fmt: skip
@click.option("--window-kb", default=1000.0, show_default=True,
              type=Number(0, min_open=True), metavar="KB",
              help="How far apart two variants in LD may be.")  # fmt: skip
@click.option("--prune", "prune_r2", default=0.2, show_default=True, type=Number(0, 1),
              help="Largest r2 of a gene's variants that are counted as significant or not.",
              )  # fmt: skip
@click.option("--shuffles", default=200, show_default=True, type=click.IntRange(20),
              help="Of SED, for what is found where there is nothing.")  # fmt: skip
@click.option("--seed", default=0, show_default=True, type=SEED)
@click.option("--ambiguous", is_flag=True,
              help="Use alleles A/T and C/G of statistics and scores as they are written.",
              )  # fmt: skip
@click.option("--column", "columns", multiple=True, nargs=2, metavar="ROLE COLUMN",
              help="Another column of the statistics than the usual: effect, other, chrom, "
              "position, id, beta, se, z, p, n, gene; repeatable.")  # fmt: skip
@click.option("--haplotypes", type=FILE, metavar="VCF",
              help="Calls of a sample, whose haplotypes are held against --measured.",
              )  # fmt: skip
@click.option("--haplotype-sample", metavar="NAME", help="Which sample of --haplotypes.")
@click.option("--measured", type=FILE, metavar="TABLE",
              help="Measured effects of the haplotype: gene, effect (log2), and experiment, group, "
              "q if there are any.")  # fmt: skip
def eqtl(
    project: Path, samples: Path, output: Path, genotypes: Path | None, scores: Path | None,
    maf: float, cis_kb: float, window_kb: float, columns: tuple[tuple[str, str], ...],
    haplotypes: Path | None, haplotype_sample: str | None, measured: Path | None,
    relative: bool, ambiguous: bool, **options: Any,
) -> None:  # fmt: skip
    """Hold predicted effects of variants on genes against eQTL: tables, and a report.

    SAMPLES is a table: sample, track, and statistics (GTEx, eQTL Catalogue and the like) or
    expression (a row a gene, a column a person). Of every sample chi-squared is regressed on LD
    scores with and without |SED-LD|; significant variants are counted by what it adds; signs are
    compared; and the same is done with shuffled SED. See docs/eqtl.md.
    """
    from sighthound.app.studies.eqtl_report import summary, write_eqtl_report
    from sighthound.precompute.studies.eqtl import HaplotypeChoice, make_study
    from sighthound.precompute.studies.eqtl_inputs import StudySettings

    if (haplotypes is None) != (measured is None):
        raise click.UsageError("--haplotypes and --measured go together")
    if haplotype_sample is not None and haplotypes is None:
        raise click.UsageError("--haplotype-sample goes with --haplotypes")
    if (genotypes is None) != (scores is None):
        raise click.UsageError("--panel and --scores go together")
    unknown = [role for role, _ in columns if role not in (*ROLES, "effect", "other")]
    if unknown:
        raise click.UsageError(
            f"--column {unknown[0]}: expected effect, other or one of {', '.join(ROLES)}"
        )
    check_folder(output)
    settings = load_project(project)
    choice = StudySettings(
        cis=round(cis_kb * 1000), window=round(window_kb * 1000), is_relative=relative,
        use_ambiguous=ambiguous, **options,
    )  # fmt: skip
    chosen = None
    if haplotypes is not None and measured is not None:
        chosen = HaplotypeChoice(haplotypes, measured, haplotype_sample)
    panel = _opened(genotypes, maf)
    with progress_bar("eqtl") as progress:
        about = make_study(
            settings, samples, output, panel=panel, scores=scores,
            settings=choice, haplotypes=chosen, columns=dict(columns), progress=progress,
        )  # fmt: skip
    report = write_eqtl_report(output, settings.title)
    for line in (*about.said, *summary(output)):
        click.echo(line)
    click.echo(f"{report} is written, beside its tables")


def _opened(genotypes: Path | None, maf: float) -> Panel | None:
    from sighthound.precompute.studies.panels import PanelChoice

    if genotypes is None:
        return None
    opened, said = PanelChoice(genotypes, None, maf).open()
    click.echo(said)
    return opened
