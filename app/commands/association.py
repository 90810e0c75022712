"""From variants to traits: LD, and summary statistics beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sighthound.app.commands import FILE, SEED, Number
from sighthound.app.commands.progress import progress_bar

if TYPE_CHECKING:
    from sighthound.core.association.panel import Panel
    from sighthound.precompute.studies.matched import StatisticsChoice
    from sighthound.precompute.studies.panels import WindowChoice

PANEL = click.argument("panel", type=FILE)
_PANEL_OPTIONS = (
    click.option("--samples", type=FILE, help="List of the people to use, one a line."),
    click.option("--maf", default=0.0, show_default=True, type=Number(0, 0.5),
                 help="Least frequency of the rarer allele."),
    click.option("--region", metavar="CHROM:START-END", help="Variants of this region alone."),
    click.option("--window-kb", type=Number(0, min_open=True), metavar="KB",
                 help="How far apart two variants may be. Default: 1000."),
    click.option("--window-variants", type=click.IntRange(1), metavar="N",
                 help="The same, in variants."),
    click.option("--window-cm", type=Number(0, min_open=True), metavar="CM",
                 help="The same, by the genetic map of a .bim file."),
    click.option("--blocks", type=FILE, metavar="BED", help="LD blocks, in place of a window."),
)  # fmt: skip


def panel_options(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command's user choose people, variants and window."""
    for option in reversed(_PANEL_OPTIONS):
        command = option(command)
    return command


STATISTICS = click.argument("statistics", type=FILE)
_COLUMN_OPTIONS = (
    click.option("--effect-allele", metavar="COLUMN", help="Of whose copies effects are."),
    click.option("--other-allele", metavar="COLUMN", help="The other allele."),
    click.option("--column", "columns", multiple=True, nargs=2, metavar="ROLE COLUMN",
                 help="Another column than the usual: chrom, position, id, beta, se, z, p, n, "
                 "frequency, gene; repeatable."),
    click.option("--gene", metavar="ID", help="Rows of this gene alone."),
)  # fmt: skip
_MATCH_OPTIONS = (
    click.option("--match", "by", type=click.Choice(["position", "id"]),
                 help="How variants are found in the panel. Default: by position, if given."),
    click.option("--ambiguous", is_flag=True,
                 help="Use alleles A/T and C/G as they are written."),
)  # fmt: skip


def column_options(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command's user say which columns of summary statistics are what."""
    for option in reversed(_COLUMN_OPTIONS):
        command = option(command)
    return command


def statistics_options(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command's user say how summary statistics are read, and found in a panel."""
    for option in reversed(_MATCH_OPTIONS):
        command = option(command)
    return column_options(command)


def chosen_statistics(
    path: Path, options: dict[str, Any], people: float | None = None
) -> StatisticsChoice:
    """Give what `STATISTICS` and its options choose, which are taken out of the options."""
    from sighthound.core.association.columns import ROLES
    from sighthound.precompute.studies.matched import StatisticsChoice

    columns = dict(options.pop("columns"))
    unknown = [role for role in columns if role not in ROLES]
    if unknown:
        raise click.UsageError(f"--column {unknown[0]}: expected one of {', '.join(ROLES)}")
    for role in ("effect", "other"):
        name = options.pop(f"{role}_allele")
        if name is not None:
            columns[role] = name
    by, ambiguous = options.pop("by", None), options.pop("ambiguous", False)
    return StatisticsChoice(path, columns, by, ambiguous, people, options.pop("gene"))


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
@click.option(
    "--gene", metavar="ID", help="Of --values with genes, this one; default: each of them."
)
@click.option("--ambiguous", is_flag=True,
              help="Take alleles A/T and C/G of --values as they are written.")  # fmt: skip
@click.option("--min-r2", default=0.2, show_default=True, type=Number(0, 1),
              help="Least r2 of --pairs.")  # fmt: skip
@click.option("--prune", "r2", default=0.2, show_default=True, type=Number(0, 1),
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
    if len({*outputs}) < len(outputs):
        raise click.UsageError("give each table a file of its own")
    for path in outputs:
        check_table(path, [given for given in (annotations, values) if given is not None])
    opened, window, about = _opened(panel, choices)
    ends = window.ends(opened)
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
            said.append(
                f"{profile}: signed LD profiles of {count:,} track{'s' if count != 1 else ''}"
            )
    for line in (*words, *said):
        click.echo(line)


def _opened(panel: Path, choices: dict[str, Any]) -> tuple[Panel, WindowChoice, dict[str, Any]]:
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
    return opened, window, about


@click.command()
@STATISTICS
@click.option("--panel", type=FILE, help="Genotypes to hold the table against (VCF, BCF, PLINK).")
@click.option("--genome", type=FILE, metavar="FASTA", help="Genome to hold the table against.")
@click.option("-o", "--output", type=FILE, help="What each row is found to be (.parquet, .tsv).")
@click.option("--lead-p", default=5e-8, show_default=True, type=Number(0, 1),
              help="Loci whose best P is at most this are held against LD.")  # fmt: skip
@click.option(
    "--locus-kb",
    default=500.0,
    show_default=True,
    type=Number(0, min_open=True),
    help="How far a locus goes, each way.",
)
@click.option("--samples", type=FILE, help="List of the people of --panel to use.")
@statistics_options
def check_statistics(
    statistics: Path, panel: Path | None, genome: Path | None, output: Path | None, lead_p: float,
    locus_kb: float, samples: Path | None, **options: Any,
) -> None:  # fmt: skip
    """Say whose effects summary STATISTICS are, and which do not fit.

    Each row's alleles are held against the panel and the genome: exchanged, on the other strand,
    ambiguous, copied, absent. Loci are held against LD (DENTIST-S). See docs/association.md.
    """
    from sighthound.core.genome.sequence import Genome
    from sighthound.precompute.studies.ld_tables import check_table
    from sighthound.precompute.studies.panels import PanelChoice
    from sighthound.precompute.studies.statistics_check import check_statistics as check

    if panel is None and genome is None:
        raise click.UsageError("give --panel or --genome, or both")
    if output is not None:
        check_table(output, [statistics])
    choice = chosen_statistics(statistics, options)
    opened = None
    if panel is not None:
        opened, said = PanelChoice(panel, samples).open()
        click.echo(said)
    about = {
        "statistics": statistics.name, "positions": "1-based",
        "panel": None if panel is None else panel.name,
        "genome": None if genome is None else genome.name,
    }  # fmt: skip
    for line in check(
        choice, opened, None if genome is None else Genome(genome), output, about,
        p=lead_p, bases=round(locus_kb * 1000),
    ):  # fmt: skip
        click.echo(line)


@click.command()
@PANEL
@STATISTICS
@click.argument("annotations", type=FILE)
@click.option("-o", "--output", type=FILE, required=True, help="Table to write (.parquet, .tsv).")
@click.option("--score", metavar="NAME", help="Which score of ANNOTATIONS.")
@click.option("--score-gene", metavar="ID", help="Which gene of ANNOTATIONS.")
@click.option("--people", type=Number(1), metavar="N",
              help="In the study, where STATISTICS has no column of N.")  # fmt: skip
@click.option("--per-sd", is_flag=True,
              help="ANNOTATIONS are per standard deviation of genotypes, not per allele.",
              )  # fmt: skip
@click.option("--no-background", is_flag=True, help="Without profiles of minor alleles beside.")
@click.option("--flips", default=100_000, show_default=True, type=click.IntRange(100),
              help="Random signs of LD blocks, for P.")  # fmt: skip
@click.option("--seed", default=0, show_default=True, type=SEED)
@statistics_options
@panel_options
def sldp(
    panel: Path, statistics: Path, annotations: Path, output: Path, score: str | None,
    score_gene: str | None, people: float | None, per_sd: bool, no_background: bool, flips: int,
    seed: int, **options: Any,
) -> None:  # fmt: skip
    """Ask whether signed ANNOTATIONS point the way that a trait's effects go.

    Signed LD profile regression (Reshef et al. 2018) of each column of ANNOTATIONS, as 'sighthound
    variants' writes them, all in one pass over the genotypes of PANEL. See docs/association.md.
    """
    from sighthound.core.association.annotations import read_annotations
    from sighthound.precompute.studies.ld_tables import check_table
    from sighthound.precompute.studies.matched import matched_statistics
    from sighthound.precompute.studies.signed_profiles import write_signed_profiles

    check_table(output, [statistics, annotations])
    choice = chosen_statistics(statistics, options, people)
    opened, window, about = _opened(panel, options)
    matched = matched_statistics(choice, opened)
    read = read_annotations(
        annotations, opened.sites, signed=True, score=score, gene=score_gene,
        use_ambiguous=choice.use_ambiguous,
    )  # fmt: skip
    for line in matched.words:
        click.echo(f"{statistics.name}: {line}")
    for line in read.words:
        click.echo(f"{annotations.name}: {line}")
    with progress_bar("sldp") as progress:
        table = write_signed_profiles(
            opened, window, matched, read, output,
            {**about, "statistics": statistics.name, "annotations": annotations.name},
            is_per_allele=not per_sd, has_background=not no_background, flips=flips, seed=seed,
            progress=progress,
        )  # fmt: skip
    for row in table.head(10).itertuples():
        click.echo(f"{row.annotation}: r_f {row.r_f:+.3f}, z {row.z:+.2f}, P {row.p:.2g}")
    click.echo(f"{output}: {len(table):,} annotation{'s' if len(table) != 1 else ''}")


@click.command()
@PANEL
@STATISTICS
@click.option("--annotations", type=FILE, metavar="TABLE|BED",
              help="A column an annotation; default: all variants alike.")  # fmt: skip
@click.option("-o", "--output", type=FILE, required=True, help="Table to write (.parquet, .tsv).")
@click.option("--score", metavar="NAME", help="Which score of --annotations.")
@click.option("--absolute", is_flag=True, help="Take the size of signed scores.")
@click.option("--people", type=Number(1), metavar="N",
              help="In the study, where STATISTICS has no column of N.")  # fmt: skip
@statistics_options
@panel_options
def ldsc(
    panel: Path, statistics: Path, annotations: Path | None, output: Path, score: str | None,
    absolute: bool, people: float | None, **options: Any,
) -> None:  # fmt: skip
    """Measure heritability, and how much of it lies in annotations: LD score regression.

    Stratified as by Finucane et al. (2015), LD scores from the genotypes of PANEL, standard errors
    from leaving out blocks of neighbours. See docs/association.md.
    """
    from sighthound.precompute.studies.ld_tables import check_table
    from sighthound.precompute.studies.matched import matched_statistics
    from sighthound.precompute.studies.signed_profiles import write_heritability

    if absolute and annotations is None:
        raise click.UsageError("--absolute goes with --annotations")
    check_table(output, [statistics, *([] if annotations is None else [annotations])])
    choice = chosen_statistics(statistics, options, people)
    opened, window, about = _opened(panel, options)
    matched = matched_statistics(choice, opened)
    for line in matched.words:
        click.echo(f"{statistics.name}: {line}")
    with progress_bar("ldsc") as progress:
        fit, table, words = write_heritability(
            opened, window.ends(opened), matched, annotations, output,
            {**about, "statistics": statistics.name,
             "annotations": None if annotations is None else annotations.name},
            score=score, is_absolute=absolute, progress=progress,
        )  # fmt: skip
    for line in words:
        click.echo(line)
    click.echo(
        f"heritability {fit.heritability:.4g} (s.e. {fit.heritability_se:.2g}), intercept "
        f"{fit.intercept:.3f} ({fit.intercept_se:.2g}); {fit.variants:,} variants, "
        f"{fit.left_out:,} left out whose chi-squared is too large"
    )
    for row in table.iloc[1:].head(10).itertuples():
        click.echo(
            f"{row.annotation}: enrichment {row.enrichment:.2f} (s.e. {row.enrichment_se:.2f}), "
            f"tau {row.tau:.2g}, P {row.p:.2g}"
        )
    click.echo(f"{output}: {len(table):,} annotation{'s' if len(table) != 1 else ''}")
