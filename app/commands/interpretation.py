"""Ask a model: saliency, mutagenesis, variants, and what variants are ranked among."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from sighthound.app.commands import (
    BOTH_STRANDS,
    CONTRASTS,
    FILE,
    PROJECT,
    SEED,
    SHIFTS,
    TRACKS,
    Number,
    asked_ensemble,
    asked_names,
    claimed_ensemble,
    worker_options,
)
from sighthound.app.commands.progress import progress_bar
from sighthound.core import load_project
from sighthound.core.interpretation.scores import SCORES

MEMBERS = click.option(
    "--members", "with_members", is_flag=True,
    help="Ask the networks that taught the model too: adds columns TRACK.members_mean, "
    "TRACK.members_sd and TRACK.known.",
)  # fmt: skip


@click.command()
@PROJECT
@click.option("--genes", metavar="all|NAME,...|FILE", help="Genes by name, or a file of names.")
@click.option("--region", metavar="CHROM:START-END", help="One region instead of genes.")
@click.option("--gradient", is_flag=True, help="With --region: base-level gradient x input.")
@TRACKS
@CONTRASTS
@BOTH_STRANDS
@SHIFTS
@MEMBERS
@click.option("--top", default=10, show_default=True, type=click.IntRange(1, 1000),
              help="Distal elements a start in the table.")  # fmt: skip
@click.option("--distal-from", default=500, show_default=True, type=click.IntRange(0),
              help="Their least distance from the start, in bases.")  # fmt: skip
@click.option("-o", "--output", type=FILE, help="Folder, or file of a region.")
@worker_options
def saliency(
    project: Path, genes: str | None, region: str | None, gradient: bool, tracks: tuple[str, ...],
    contrasts: tuple[tuple[str, str], ...], both_strands: bool, shifts: tuple[int, ...],
    with_members: bool, top: int, distal_from: int, output: Path | None, workers: Any,
) -> None:  # fmt: skip
    """Score which sequence drives predictions: of genes' starts as BigWigs, or of one region.

    With --genes: a BigWig and a table of distal elements a track, in a folder (default:
    PROJECT/saliency); resumes where it was stopped. With --region: a TSV on standard output, or -o
    FILE.tsv, .bedgraph; with --gradient -o FILE.bw. A contrast is explained with --region.
    """
    import time

    if (genes is None) == (region is None) or (gradient and (region is None or output is None)):
        raise click.UsageError("give --genes or --region; --gradient needs --region and -o FILE.bw")
    if with_members and (region is None or gradient):
        raise click.UsageError("--members goes with --region, and not with --gradient")
    settings, ensemble = load_project(project), asked_ensemble(both_strands, shifts)
    chosen = asked_names(tracks, contrasts)
    if region is not None:
        from sighthound.precompute.interpretation.saliency_region import (
            gradient_of_region,
            saliency_of_region,
        )

        if gradient:
            assert output is not None
            paths = gradient_of_region(settings, region, output, tracks=chosen, ensemble=ensemble)
            click.echo(f"{', '.join(map(str, paths))}: gradient x input, a first look at bases")
        else:
            saliency_of_region(
                settings,
                region,
                output,
                sys.stdout,
                tracks=chosen,
                ensemble=ensemble,
                with_members=with_members,
            )
        return
    from sighthound.precompute.interpretation.saliency_genes import named_genes, saliency_of_starts

    named = named_genes(settings, genes or "")
    started = time.perf_counter()
    with progress_bar("saliency") as progress:
        done = saliency_of_starts(
            settings, output, genes=named, tracks=chosen, ensemble=ensemble, top=top,
            distal_from=distal_from, workers=workers, progress=progress,
        )  # fmt: skip
    seconds = time.perf_counter() - started
    click.echo(
        f"{done.directory}: {done.starts:,} starts in {done.bins:,} bins, "
        f"{len(done.tracks)} track{'s' if len(done.tracks) != 1 else ''} in {seconds:.0f} s"
    )


@click.command()
@PROJECT
@click.argument("region", required=False)
@TRACKS
@CONTRASTS
@click.option("--target", metavar="GENE|CHROM:POS|REGION",
              help="Bins whose sum is explained; default: every bin that can change.")  # fmt: skip
@click.option("--profile", is_flag=True, help="Effects bin by bin.")
@click.option("--deletions", type=click.IntRange(1), metavar="SIZE", help="Delete SIZE bases.")
@click.option("--insertions", metavar="SEQUENCE", help="Insert a sequence before every base.")
@click.option("--knock-in", metavar="SEQUENCE", help="Write a motif from every base on.")
@click.option("--knock-out", multiple=True, metavar="REGION",
              help="Write N and shuffles over this region; repeatable.")  # fmt: skip
@click.option("--shuffles", default=20, show_default=True, type=click.IntRange(2))
@click.option("--seed", default=0, show_default=True, type=SEED, help="Of shuffles.")
@click.option("--allele", "alleles", multiple=True, metavar="'CHROM:POS REF>ALT'",
              help="Around this allele, in place of the reference; repeated: all on one sequence.",
              )  # fmt: skip
@BOTH_STRANDS
@SHIFTS
@MEMBERS
@click.option("--precision", type=click.Choice(["float32", "float64"]), default="float32",
              show_default=True)  # fmt: skip
@click.option("--limit", default=20_000, show_default=True, type=click.IntRange(1),
              help="Longest region, in bases.")  # fmt: skip
@click.option("-o", "--output", type=FILE, required=True, help="OUT.parquet, .tsv, .h5 or .bw.")
def mutagenesis(
    project: Path, region: str | None, tracks: tuple[str, ...],
    contrasts: tuple[tuple[str, str], ...], target: str | None, profile: bool,
    deletions: int | None, insertions: str | None, knock_in: str | None,
    knock_out: tuple[str, ...], shuffles: int, seed: int, alleles: tuple[str, ...],
    both_strands: bool, shifts: tuple[int, ...], with_members: bool, precision: str, limit: int,
    output: Path,
) -> None:  # fmt: skip
    """Predict what every substitution in REGION does, exactly; or deletions, insertions, motifs.

    Interrupted, the same command goes on. With --knock-out no REGION is given. A contrast needs a
    --target, whose bins are summed.
    """
    from sighthound.precompute.interpretation.mutagenesis import knock_out_file, mutagenesis_file

    kinds = {
        "profile": profile, "deletions": deletions, "insertions": insertions,
        "knock_in": knock_in, "knock_out": knock_out,
    }  # fmt: skip
    asked = [kind for kind, value in kinds.items() if value not in (None, False, ())]
    if len(asked) > 1:
        raise click.UsageError(f"give one of --{' and --'.join(asked).replace('_', '-')}")
    if (region is None) != bool(knock_out):
        raise click.UsageError("give REGION, or --knock-out with a region")
    if with_members and region is None:
        raise click.UsageError("--members goes with REGION, and not with --knock-out")
    settings = load_project(project)
    options: dict[str, Any] = {
        "tracks": asked_names(tracks, contrasts), "target": target, "dtype": precision,
        "limit": limit,
        "ensemble": asked_ensemble(both_strands, shifts), "alleles": alleles,
    }  # fmt: skip
    with progress_bar("mutagenesis") as progress:
        if region is None:
            paths = knock_out_file(
                settings, knock_out, output, shuffles=shuffles, seed=seed, progress=progress,
                **options,
            )  # fmt: skip
        else:
            paths = mutagenesis_file(
                settings, region, output, kind=asked[0] if asked else "substitutions",
                size=deletions or 0, sequence=insertions or knock_in or "",
                with_members=with_members, progress=progress, **options,
            )  # fmt: skip
    click.echo(f"{', '.join(map(str, paths))} written")


@click.command()
@PROJECT
@click.argument("variants", nargs=-1, required=True, metavar="'CHROM:POS REF>ALT'...")
@TRACKS
@BOTH_STRANDS
@SHIFTS
@click.option("--bedgraph", is_flag=True, help="BedGraph instead of BigWig.")
@click.option("-o", "--output", type=FILE, required=True, metavar="DIR", help="Folder to write.")
def alleles(
    project: Path, variants: tuple[str, ...], tracks: tuple[str, ...], both_strands: bool,
    shifts: tuple[int, ...], bedgraph: bool, output: Path,
) -> None:  # fmt: skip
    """Predict both alleles of a variant, or of several on one sequence, as signals to draw.

    Writes ID.reference.bw, ID.alternative.bw (aligned to the reference) and ID.difference.bw a
    track, with the bins that the variants can change.
    """
    from sighthound.precompute.interpretation.allele_tracks import write_alleles

    with progress_bar("alleles") as progress:
        paths = write_alleles(
            load_project(project), variants, output, form="bedgraph" if bedgraph else "bw",
            tracks=list(tracks) or None, ensemble=asked_ensemble(both_strands, shifts),
            progress=progress,
        )  # fmt: skip
    click.echo(f"{output}: {len(paths):,} files of {len(paths) // 3:,} tracks")


@click.command()
@PROJECT
@click.argument("variants", type=FILE)
@click.option("-o", "--output", type=FILE, required=True, help="Table to write (Parquet).")
@click.option("--track", "tracks", multiple=True, metavar="ID", help="Only this track; repeatable.")
@click.option(
    "--score",
    "scores",
    default="sad",
    show_default=True,
    metavar="NAMES",
    help=f"Any of {', '.join(SCORES)}, between commas; docs/variants.md says what they are.",
)
@click.option("--genes", is_flag=True, help="Score every gene in reach too: adds sed.")
@click.option(
    "--both-strands/--one-strand",
    default=True,
    show_default=True,
    help="Average predictions of both strands, or take the sequence as it is.",
)
@click.option(
    "--shift",
    "shifts",
    multiple=True,
    type=int,
    metavar="BASES",
    help="Average over shifts, as in --shift 1 --shift -1; repeatable; --shift 0 for none. "
    "Default: a third of a bin both ways.",
)
@click.option(
    "--members/--no-members",
    "with_members",
    default=True,
    show_default=True,
    help="Ask the networks that taught the model too, where there are any: is a score known?",
)
@click.option("--pseudocount", default=1.0, show_default=True, type=Number(0, min_open=True),
              help="Of the log scores.")  # fmt: skip
@click.option("--centered", is_flag=True, help="Each variant at the same place in its bin; slow.")
@click.option(
    "--mismatch",
    type=click.Choice(["skip", "flip", "error"]),
    default="skip",
    show_default=True,
    help="Where REF is not the genome's: leave out, exchange with ALT if that is, or stop.",
)
@click.option(
    "--bins", type=FILE, help="Keep predictions of every bin, reference and alternative (HDF5)."
)
@click.option("--vcf", "annotated", type=FILE, help="The variants with scores as INFO fields.")
@worker_options
def variants(
    project: Path,
    variants: Path,
    output: Path,
    tracks: tuple[str, ...],
    scores: str,
    genes: bool,
    both_strands: bool,
    shifts: tuple[int, ...],
    **options: Any,
) -> None:
    """Score the variants of a VCF or BCF file on every track; resumes where it was stopped."""
    from sighthound.precompute.interpretation.variant_scores import score_vcf

    settings = load_project(project)
    names = [name.strip() for name in scores.split(",") if name.strip()]
    with progress_bar("variants") as progress:
        summary = score_vcf(
            settings, variants, output,
            tracks=list(tracks) or None,
            scores=[*names, *(["sed"] if genes and "sed" not in names else [])],
            ensemble=claimed_ensemble(settings, both_strands, shifts),
            progress=progress, **options,
        )  # fmt: skip
    flipped = f", {summary.flipped:,} of them flipped" if summary.flipped else ""
    alleles = "allele" if summary.scored == 1 else "alleles"
    click.echo(f"{output}: {summary.scored:,} {alleles} scored{flipped}")
    if summary.nulls:
        click.echo(f"percentiles are among the matched nulls of {summary.nulls}")
    else:
        click.echo(
            "without percentiles: no nulls of this model, score and averaging; 'sighthound nulls' "
            "makes them"
        )
    if summary.signs:
        click.echo(
            "sign_probability: how often a measured effect has the predicted sign, by "
            f"{summary.signs}"
        )
    if summary.skipped:
        click.echo(f"{summary.skipped:,} skipped, listed in {summary.skipped_file}:")
        for reason in summary.reasons:
            click.echo(f"  {reason}")


@click.command()
@PROJECT
@click.option("--number", default=10_000, show_default=True, type=click.IntRange(100),
              help="Substitutions.")  # fmt: skip
@click.option("--score", "scores", default="sad", show_default=True, metavar="NAMES",
              help="As of 'sighthound variants', between commas; none by gene.")  # fmt: skip
@click.option("--both-strands/--one-strand", default=True, show_default=True,
              help="As of the variants that are to be ranked.")  # fmt: skip
@SHIFTS
@click.option(
    "--seed", default=0, show_default=True, type=SEED, help="Which substitutions are drawn."
)
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
