"""Which variants of a locus may be causal, from summary statistics, LD and predictions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sighthound.app.commands import BOTH_STRANDS, FILE, SHIFTS, Number, claimed_ensemble
from sighthound.app.commands.association import STATISTICS, chosen_statistics, column_options
from sighthound.app.commands.progress import progress_bar
from sighthound.core import SighthoundError, load_project
from sighthound.core.files import check_output_folder
from sighthound.core.finemapping.locus import METHODS
from sighthound.core.model.model import DESCRIPTION

if TYPE_CHECKING:
    from sighthound.core.finemapping.predicted import PredictedEffects

_SHOWN = 5  # variants a locus that are printed


@click.command()
@STATISTICS
@click.option("-o", "--output", type=FILE, required=True, metavar="FOLDER",
              help="Where tables and pages are written.")  # fmt: skip
@click.option("--panel", type=FILE, help="Genotypes for LD (VCF, BCF, PLINK).")
@click.option("--samples", type=FILE, help="List of the people of --panel to use.")
@click.option("--ld", "pairs", type=FILE, metavar="TABLE",
              help="LD in place of genotypes: pairs of 'sighthound ld' or PLINK, LocusZoom's "
              "answers, or r2 with the lead.")  # fmt: skip
@click.option("--susie", type=FILE, metavar="TABLE",
              help="Probabilities and credible sets of SuSiE or its kin.")  # fmt: skip
@click.option("--genes", type=FILE, metavar="ANNOTATION", help="Genes to draw (GTF, GFF3, BED).")
@click.option("--map", "genetic_map", type=FILE, metavar="TABLE",
              help="Genetic map whose recombination is drawn: HapMap's, or PLINK's .map.",
              )  # fmt: skip
@click.option("--lead", metavar="VARIANT",
              help="The one to map around: its id, or chromosome:position. Default: those of the "
              "smallest P.")  # fmt: skip
@click.option("--lead-p", default=5e-8, show_default=True, type=Number(0, 1),
              help="Largest P of a lead.")  # fmt: skip
@click.option("--locus-kb", default=250.0, show_default=True,
              type=Number(0, min_open=True), help="How far a locus goes, each way.",
              )  # fmt: skip
@click.option("--method", type=click.Choice(list(METHODS)),
              help="Whose posterior counts. Default: the first there is of susie, pics, abf.",
              )  # fmt: skip
@click.option("--min-r2", default=0.5, show_default=True, type=Number(0, 1),
              help="Least r2 with the lead of candidates of PICS.")  # fmt: skip
@click.option("--prior-sd", default=0.15, show_default=True,
              type=Number(0, min_open=True),
              help="Of effects, for Bayes factors; 0.2 is usual for log odds.")  # fmt: skip
@click.option("--level", default=0.95, show_default=True,
              type=Number(0, 1, min_open=True), help="Of credible sets.")  # fmt: skip
@click.option("--project", type=FILE, metavar="PROJECT",
              help="Predict by its model: effects, genes, mutagenesis.")  # fmt: skip
@click.option("--sed-prior", default=0.0, show_default=True, type=Number(0, 1),
              metavar="WEIGHT", help="With --project: weigh posteriors by |SED|, so much.",
              )  # fmt: skip
@BOTH_STRANDS
@SHIFTS
@column_options
def finemap(
    statistics: Path, output: Path, panel: Path | None, samples: Path | None, pairs: Path | None,
    susie: Path | None, genes: Path | None, lead: str | None, lead_p: float, locus_kb: float,
    method: str | None, min_r2: float, prior_sd: float, level: float, project: Path | None,
    sed_prior: float, both_strands: bool, shifts: tuple[int, ...], genetic_map: Path | None,
    **options: Any,
) -> None:  # fmt: skip
    """Say which variants of the loci of STATISTICS may be causal.

    Probabilities by PICS, of P and LD with the lead; by approximate Bayes factors, of effects and
    their errors; and those of SuSiE, read. Writes variants.parquet, variants.tsv and a page a locus
    into FOLDER; with --project, also what is predicted and which genes change. See
    docs/finemapping.md.
    """
    from sighthound.app.studies.locus_figures import p_words
    from sighthound.app.studies.locus_report import locus_summary, write_locus_page
    from sighthound.core.annotation.genes import read_genes
    from sighthound.core.finemapping.lead_ld import LeadLD, PanelLD, read_ld_table
    from sighthound.core.finemapping.recombination import read_genetic_map
    from sighthound.core.finemapping.susie_tables import read_susie_table
    from sighthound.precompute.studies.finemapping import (
        FineMappingChoice,
        fine_map,
        page_name,
        with_prior,
        with_recombination,
        write_predictions,
        write_variants,
    )
    from sighthound.precompute.studies.locus_predictions import predict_effects, prior_of
    from sighthound.precompute.studies.panels import PanelChoice

    if panel is not None and pairs is not None:
        raise click.UsageError("give --panel or --ld, not both")
    if samples is not None and panel is None:
        raise click.UsageError("--samples goes with --panel")
    if project is None and (sed_prior or both_strands or shifts):
        raise click.UsageError("--sed-prior, --both-strands and --shift go with --project")
    settings = None if project is None else load_project(project)
    if settings is not None and not (settings.model.directory / DESCRIPTION).is_file():
        raise SighthoundError(
            f"{settings.root} has no model yet: train one, or leave --project out"
        )
    if genes is None and settings is not None and settings.genome.genes is not None:
        genes = settings.genome.genes
    check_output_folder(output)
    known: LeadLD | None = None
    if panel is not None:
        opened, said = PanelChoice(panel, samples).open()
        click.echo(said)
        known = PanelLD.of(opened)
    elif pairs is not None:
        known = read_ld_table(pairs)
    loci = fine_map(
        chosen_statistics(statistics, options),
        FineMappingChoice(lead, lead_p, round(locus_kb * 1000), method, prior_sd, min_r2, level),
        known,
        None if susie is None else read_susie_table(susie),
        None if genes is None else read_genes(genes),
    )
    if genetic_map is not None:
        rates = read_genetic_map(genetic_map)
        loci = [with_recombination(locus, rates) for locus in loci]
    predicted: list[PredictedEffects | None] = [None] * len(loci)
    if settings is not None:
        ensemble = claimed_ensemble(settings, both_strands, shifts)
        for number, locus in enumerate(loci):
            with progress_bar("predictions") as progress:
                found = predict_effects(settings, locus, ensemble, progress=progress)
            predicted[number] = found
            if sed_prior and locus.method:
                loci[number] = with_prior(locus, *prior_of(locus, found, sed_prior))
    output.mkdir(parents=True, exist_ok=True)
    about = {
        "statistics": statistics.name, "ld": None if known is None else known.words,
        "susie": None if susie is None else susie.name, "level": level, "prior_sd": prior_sd,
        "least_r2": min_r2, "positions": "1-based",
    }  # fmt: skip
    write_variants(output, loci, about)
    if settings is not None:
        write_predictions(output, loci, [one for one in predicted if one is not None], about)
    for locus, effects in zip(loci, predicted, strict=True):
        write_locus_page(output / page_name(locus), locus, statistics.name, effects)
        lines = locus.said if effects is None else (*locus.said, *effects.said)
        lacks = locus.missing if effects is None else (*locus.missing, *effects.missing)
        for words in (*lines, *(f"missing: {lack}" for lack in lacks)):
            click.echo(words)
        click.echo(locus_summary(locus))
        for row in locus.ranked.head(_SHOWN if locus.method else 0).itertuples():
            click.echo(f"  {row.id or row.position}: {row.posterior:.3g}, P {p_words(row.log10_p)}")
    click.echo(f"{output}: {len(loci):,} page{'s' if len(loci) != 1 else ''}, variants.parquet")
