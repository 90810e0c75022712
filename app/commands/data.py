"""From files of a lab to a project: reads, coverage, settings, data sets."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import Any

import click

from sighthound.app.commands import EXISTING, FILE, PROJECT, Number
from sighthound.app.commands.progress import progress_bar
from sighthound.core import load_project
from sighthound.core.files import check_output
from sighthound.core.genome.sequence import Genome
from sighthound.core.project.settings import SETTINGS_FILE


@click.command()
@click.argument("project", type=FILE)
@click.option("--fasta", type=EXISTING, required=True, help="Genome, plain or bgzip FASTA.")
@click.option("--genes", type=EXISTING, help="Annotation: GTF, GFF3 or BED.")
@click.option("--bigwigs", type=FILE, help="Folder of experiments (BigWig).")
@click.option(
    "--model", type=FILE, metavar="DIR", help="A model, as imported: its tracks are predicted."
)
@click.option(
    "--records", type=FILE, metavar="DIR", help="TFRecords of Basenji or Borzoi, to train on."
)
@click.option("--name", default="", help="Name of the assembly, as in hg38.")
def init(
    project: Path,
    fasta: Path,
    genes: Path | None,
    bigwigs: Path | None,
    model: Path | None,
    records: Path | None,
    name: str,
) -> None:
    """Begin a project: settings, and a tracks table filled from file names, to be edited.

    With experiments (--bigwigs) to train on, or with a model that is there (--model). With both, an
    experiment named like one of the model's tracks becomes that track's.
    """
    from sighthound.precompute.new_project import init_project

    tracks = init_project(project, fasta, genes, bigwigs, name, model, records)
    click.echo(f"{project / SETTINGS_FILE} and {project / 'tracks.tsv'}: {len(tracks)} tracks")
    following = "dataset" if model is None else "predict"
    click.echo(f"Look through both, then: sighthound {following} {project}")


@click.command()
@click.argument("fastq1", type=EXISTING)
@click.argument("fastq2", type=EXISTING, required=False)
@click.option("--fasta", type=EXISTING, required=True, help="Genome, plain or bgzip FASTA.")
@click.option("-o", "--output", type=FILE, required=True, help="Sorted, indexed BAM to write.")
@click.option(
    "-k",
    "--max-alignments",
    default=10,
    show_default=True,
    type=click.IntRange(1),
    help="Places a read, at most.",
)
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1))
def align(
    fastq1: Path, fastq2: Path | None, fasta: Path, output: Path, max_alignments: int, threads: int
) -> None:
    """Align reads with bowtie2, keeping every place of multi-mapping reads."""
    from sighthound.precompute.reads.align import align

    with progress_bar("align") as progress:
        align(
            fastq1, fastq2, fasta, output,
            max_alignments=max_alignments, threads=threads, progress=progress,
        )  # fmt: skip
    click.echo(f"{output} is written; next: sighthound coverage {output} OUT.bw")


def _say_assays(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if not asked or context.resilient_parsing:
        return
    from sighthound.precompute.reads.assays import ASSAYS

    for name, assay in ASSAYS.items():
        click.echo(f"{name:13} {assay.words}\n{'':13} {assay}")
    context.exit()


def _size_range(_: click.Context, __: click.Parameter, text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    least, _dash, most = text.partition("-")
    if not (least.isdigit() and most.isdigit()):
        raise click.BadParameter(f"{text!r} is no range of bases; write it as 0-120")
    return int(least), int(most)


@click.command()
@click.argument("inputs", nargs=-1, required=True, type=FILE, metavar="READS...")
@click.argument("output", type=FILE)
@click.option(
    "--assay",
    metavar="NAME",
    help="Counts as the assay needs: dnase, atac, chip-tf, chip-histone, mnase, cage, procap or "
    "rna. --list-assays says which options each stands for; any of them given here goes before.",
)
@click.option(
    "--list-assays", is_flag=True, is_eager=True, expose_value=False, callback=_say_assays,
    help="Say what each assay stands for.",
)  # fmt: skip
@click.option(
    "--multi",
    type=click.Choice(["em", "fraction", "unique"]),
    default="em",
    show_default=True,
    help="Multi-mapping reads: shared by expectation-maximisation, 1/n at each place, or left out.",
)
@click.option(
    "--sd", type=Number(0, min_open=True), help="Smoothing of the EM, in bases. [default: 32]"
)
@click.option(
    "--iterations", type=click.IntRange(min=1), default=10, show_default=True,
    help="Rounds of the EM, at most.",
)  # fmt: skip
@click.option(
    "--tolerance",
    type=Number(min=0),
    default=0.05,
    show_default=True,
    help="The EM ends when shares change by less, in reads a read.",
)
@click.option(
    "--genome", type=click.Path(exists=True, path_type=Path), metavar="FASTA|PROJECT",
    help="For fragments, for --gc, and to see whether cut sites are shifted already.",
)  # fmt: skip
@click.option("--gc", "correct_gc", is_flag=True, help="Correct for the genome's GC content.")
@click.option(
    "--position",
    type=click.Choice(["5prime", "center", "fragment", "aligned"]),
    help="What a read counts at: its 5' base, its fragment's middle or every base, or all bases "
    "that it is aligned to (RNA; introns are left out). [default: 5prime]",
)
@click.option(
    "--mate",
    type=click.IntRange(1, 2),
    help="Count this mate's 5' ends only (CAGE: 1), or of aligned bases take this mate's strand.",
)
@click.option(
    "--strand",
    type=click.Choice(["+", "-", "both"]),
    help="Count this strand only, or each into a file of its own.",
)
@click.option(
    "--shift", metavar="BASES", help="Move 5' ends downstream: 4, or by strand +4/-4 (ATAC)."
)
@click.option(
    "--fragment-length",
    type=click.IntRange(1),
    help="Bases in a fragment of single-end reads. [default: learned from their strands]",
)
@click.option(
    "--fragment-sizes", callback=_size_range, metavar="MIN-MAX",
    help="Count fragments of so many bases only, as 0-120 (nucleosome-free).",
)  # fmt: skip
@click.option("--min-mapq", default=0, show_default=True, type=click.IntRange(0))
@click.option("--keep-duplicates", is_flag=True, help="Count reads that are flagged as copies.")
@click.option(
    "--umi-tag", metavar="TAG", help="Find copies by place and this tag (RX), not by their flags."
)
@click.option("--max-places", type=click.IntRange(min=1), help="Most places a read may have.")
@click.option("--blacklist", type=EXISTING, metavar="BED", help="No read counts in these regions.")
@click.option(
    "--clip", type=click.IntRange(min=2), metavar="MOST",
    help="Cut piles to what the coverage around them allows, at most MOST reads a base.",
)  # fmt: skip
@click.option(
    "--clip-multi", type=Number(min=0, min_open=True), metavar="MOST",
    help="Most that reads with several places may add up to at a base.",
)  # fmt: skip
@click.option(
    "--normalise",
    type=click.Choice(["none", "cpm", "rpgc"]),
    default="none",
    show_default=True,
    help="Per million reads that count, or to a mean of 1 over the effective genome.",
)
@click.option("--effective-size", type=click.IntRange(min=1), help="Of the genome, for rpgc.")
@click.option(
    "--scale-by", metavar="BAM|FACTOR", help="Multiply by this, or by a million over its reads."
)
def coverage(
    inputs: tuple[Path, ...],
    output: Path,
    genome: Path | None,
    sd: float | None,
    scale_by: str | None,
    **options: Any,
) -> None:
    """Count reads into a coverage BigWig, with a card beside it that says how.

    READS are BAM, SAM or CRAM with all alignments of a read, or fragments as text (fragments.tsv,
    BEDPE, BED of cut sites), plain or gzip; several add up.
    """
    from sighthound.precompute.reads.coverage import coverage

    scale: Path | float | None = None
    if scale_by is not None:
        try:
            scale = float(scale_by)
        except ValueError:
            scale = Path(scale_by)
    if genome is not None and (genome.is_dir() or genome.name == SETTINGS_FILE):
        genome = load_project(genome).genome.fasta
    with progress_bar("coverage") as progress:
        report = coverage(
            inputs, output, genome=genome,
            smoothing_sd=sd, scale_by=scale, command=_as_typed(), progress=progress, **options,
        )  # fmt: skip
    for written, card in zip(report.outputs, report.cards, strict=True):
        click.echo(f"{written} (sum {card.depth:,.6g})")
    for what, words in report.card.lines():
        if what not in ("strand", "sum of values"):
            click.echo(f"  {what}: {words}", err=what == "warning")


def _as_typed() -> str:
    """Give the command that runs, files without their folders."""
    words = [Path(word).name if os.sep in word else word for word in sys.argv[1:]]
    return shlex.join(["sighthound", *words])


@click.command()
@PROJECT
def dataset(project: Path) -> None:
    """Cut the genome into windows and folds, and read the experiments into bins.

    Or, where [dataset] names a folder of records of Basenji or Borzoi, read those.
    """
    from sighthound.precompute.datasets.dataset import make_dataset
    from sighthound.precompute.datasets.record_dataset import make_record_dataset

    settings = load_project(project)
    make = make_record_dataset if settings.dataset.records else make_dataset
    with progress_bar("dataset") as progress:
        summary = make(settings, progress=progress)
    windows = ", ".join(f"{n:,} {fold}" for fold, n in summary.windows.items())
    folds = settings.dataset.folds
    of = f" in cross-validation fold 0 of {folds}" if folds else ""
    click.echo(f"{settings.dataset.directory}: windows: {windows}{of}")
    for finding in summary.findings:
        click.echo(str(finding), err=True)
    click.echo(f"next: sighthound train {project}")


@click.command()
@click.argument("genome", type=EXISTING)
@click.option("-o", "--output", type=FILE, required=True, help="BED to write.")
@click.option("--length", default=50, show_default=True, type=click.IntRange(1),
              help="Bases of a read.")  # fmt: skip
@click.option(
    "--share",
    type=Number(0, 1, max_open=True),
    default=0.5,
    show_default=True,
    help="A base is repeated when more than this share of the reads over it fit elsewhere too.",
)
def repeats(genome: Path, output: Path, length: int, share: float) -> None:
    """Find where reads of a genome (FASTA) cannot be placed, since their bases stand there twice.

    The BED is what [genome] unmappable or blacklist names, where no mappability is published.
    """
    from sighthound.precompute.datasets.repeats import repeated_intervals, write_bed

    check_output(output, [genome])
    with progress_bar("repeats") as progress:
        found = repeated_intervals(Genome(genome), length, share, progress)
        write_bed(output, found)
    bases = sum(len(interval) for interval in found)
    click.echo(f"{output}: {len(found):,} regions, {bases:,} bases; name it in [genome] unmappable")


@click.command("check-tracks")
@PROJECT
@click.option("--report", type=FILE, metavar="HTML", help="Write what was seen, with pictures.")
def check_tracks(project: Path, report: Path | None) -> None:
    """Look through the experiments: swapped strands and samples, shifts, other genomes, and more.

    Each suspicion has its evidence; what has nothing to be held against is named. Where
    something is suspicious, the exit code is 3.
    """
    from sighthound.precompute.quality.check import check_tracks

    with progress_bar("check-tracks") as progress:
        found = check_tracks(load_project(project), report, progress)
    for suspicion in found.suspicions:
        click.echo(str(suspicion))
    click.echo(
        f"{len(found.tracks):,} tracks looked through, {len(found.suspicions):,} suspicions"
        + (f"; {report} is written" if report else "")
    )
    if found.unjudged:
        click.echo(f"without others to be held against: {', '.join(found.unjudged)}")
    if found.shallow:
        click.echo(found.shallow)
    if found.suspicions:
        raise click.exceptions.Exit(3)
