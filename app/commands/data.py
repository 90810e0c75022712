"""From files of a lab to a project: reads, coverage, settings, data sets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sighthound.app.commands import EXISTING, FILE, PROJECT
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
    "-k", "--max-alignments", default=10, show_default=True, help="Places a read, at most."
)
@click.option("--threads", default=2, show_default=True)
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


@click.command()
@click.argument("bam", type=FILE)
@click.argument("output", type=FILE)
@click.option(
    "--multi",
    type=click.Choice(["em", "fraction", "unique"]),
    default="em",
    show_default=True,
    help="Multi-mapping reads: shared by expectation-maximisation, 1/n at each place, or left out.",
)
@click.option("--sd", default=32.0, show_default=True, help="Smoothing of the EM, in bases.")
@click.option("--gc", type=EXISTING, metavar="FASTA", help="Correct for GC content of this genome.")
@click.option(
    "--position",
    type=click.Choice(["5prime", "center", "fragment"]),
    default="5prime",
    show_default=True,
    help="What a read counts at: its 5' base, its fragment's middle, or every base of it.",
)
@click.option("--mate", type=click.IntRange(1, 2), help="Count this mate's 5' ends only (CAGE: 1).")
@click.option("--strand", type=click.Choice(["+", "-"]), help="Count this strand only.")
@click.option("--shift", default=0, show_default=True, help="Move 5' ends downstream (ATAC: 4).")
@click.option("--fragment-length", type=int, help="Bases in a fragment of single-end reads.")
@click.option("--min-mapq", default=0, show_default=True)
@click.option("--keep-duplicates", is_flag=True)
def coverage(bam: Path, output: Path, sd: float, gc: Path | None, **options: Any) -> None:
    """Count the reads of a BAM file into a coverage BigWig."""
    from sighthound.precompute.reads.coverage import coverage

    with progress_bar("coverage") as progress:
        report = coverage(bam, output, smoothing_sd=sd, gc_fasta=gc, progress=progress, **options)
    click.echo(
        f"{output}: {report.unique_reads:,} unique and {report.multi_reads:,} multi-mapping reads"
    )
    if report.skipped:
        skipped = ", ".join(f"{n:,} {reason}" for reason, n in report.skipped.items() if n)
        click.echo(f"alignments left out: {skipped or 'none'}")
    for remark in report.remarks:
        click.echo(remark)
    if report.multi_reads and report.iterations:
        state = "converged" if report.converged else "stopped"
        click.echo(
            f"EM {state} after {report.iterations} rounds (change {report.change:.3f} a read)"
        )


@click.command()
@PROJECT
def dataset(project: Path) -> None:
    """Cut the genome into windows and folds, and read the experiments into bins.

    Or, where [dataset] names a folder of records of Basenji or Borzoi, read those.
    """
    from sighthound.precompute.training.dataset import make_dataset
    from sighthound.precompute.training.record_dataset import make_record_dataset

    settings = load_project(project)
    make = make_record_dataset if settings.dataset.records else make_dataset
    with progress_bar("dataset") as progress:
        summary = make(settings, progress=progress)
    windows = ", ".join(f"{n:,} {fold}" for fold, n in summary.windows.items())
    click.echo(f"{settings.dataset.directory}: windows: {windows}")
    for finding in summary.findings:
        click.echo(str(finding), err=True)
    click.echo(f"next: sighthound train {project}")


@click.command()
@click.argument("genome", type=EXISTING)
@click.option("-o", "--output", type=FILE, required=True, help="BED to write.")
@click.option("--length", default=50, show_default=True, help="Bases of a read.")
@click.option(
    "--share",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.5,
    show_default=True,
    help="A base is repeated when more than this share of the reads over it fit elsewhere too.",
)
def repeats(genome: Path, output: Path, length: int, share: float) -> None:
    """Find where reads of a genome (FASTA) cannot be placed, since their bases stand there twice.

    The BED is what [genome] unmappable or blacklist names, where no mappability is published.
    """
    from sighthound.precompute.reads.repeats import repeated_intervals, write_bed

    check_output(output)
    with progress_bar("repeats") as progress:
        found = repeated_intervals(Genome(genome), length, share, progress)
        write_bed(output, found)
    bases = sum(len(interval) for interval in found)
    click.echo(f"{output}: {len(found):,} regions, {bases:,} bases; name it in [genome] unmappable")
