"""The front desk: every command of `sighthound`, thin over the functions that do the work.

Exit codes: 0 done, 1 a user's error (one line on standard error), 2 wrong usage, 130 cancelled.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from app.progress import console, progress_bar, training_display
from core import SighthoundError, __version__, load_project

_FILE = click.Path(path_type=Path)
_EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
_PROJECT = click.argument("project", type=_FILE)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="sighthound")
def cli() -> None:
    """Sighthound: a genome browser with a model behind it.

    See it work on shipped data:  sighthound demo

    For a lab's own data, in this order:  init, (align, coverage), dataset, train, predict, serve.
    PROJECT is a folder with a sighthound.toml, or that file.
    """


@cli.command()
@click.argument("project", type=_FILE)
@click.option("--fasta", type=_EXISTING, required=True, help="Genome, plain or bgzip FASTA.")
@click.option("--genes", type=_EXISTING, help="Annotation: GTF, GFF3 or BED.")
@click.option("--bigwigs", type=_FILE, help="Folder of experiments (BigWig).")
@click.option(
    "--model", type=_FILE, metavar="DIR", help="A model, as imported: its tracks are predicted."
)
@click.option("--name", default="", help="Name of the assembly, as in hg38.")
def init(
    project: Path,
    fasta: Path,
    genes: Path | None,
    bigwigs: Path | None,
    model: Path | None,
    name: str,
) -> None:
    """Begin a project: settings, and a tracks table filled from file names, to be edited.

    With experiments (--bigwigs) to train on, or with a model that is there (--model). With both, an
    experiment named like one of the model's tracks becomes that track's.
    """
    from precompute.scaffold import init_project

    tracks = init_project(project, fasta, genes, bigwigs, name, model)
    click.echo(f"{project / 'sighthound.toml'} and {project / 'tracks.tsv'}: {len(tracks)} tracks")
    following = "dataset" if model is None else "predict"
    click.echo(f"Look through both, then: sighthound {following} {project}")


@cli.command()
@click.argument("fastq1", type=_EXISTING)
@click.argument("fastq2", type=_EXISTING, required=False)
@click.option("--fasta", type=_EXISTING, required=True, help="Genome, plain or bgzip FASTA.")
@click.option("-o", "--output", type=_FILE, required=True, help="Sorted, indexed BAM to write.")
@click.option(
    "-k", "--max-alignments", default=10, show_default=True, help="Places a read, at most."
)
@click.option("--threads", default=2, show_default=True)
def align(
    fastq1: Path, fastq2: Path | None, fasta: Path, output: Path, max_alignments: int, threads: int
) -> None:
    """Align reads with bowtie2, keeping every place of multi-mapping reads."""
    from precompute.align import align

    with progress_bar("align") as progress:
        align(
            fastq1, fastq2, fasta, output,
            max_alignments=max_alignments, threads=threads, progress=progress,
        )  # fmt: skip
    click.echo(f"{output} is written; next: sighthound coverage {output} OUT.bw")


@cli.command()
@click.argument("bam", type=_FILE)
@click.argument("output", type=_FILE)
@click.option(
    "--multi",
    type=click.Choice(["em", "fraction", "unique"]),
    default="em",
    show_default=True,
    help="Multi-mapping reads: shared by expectation-maximisation, 1/n at each place, or left out.",
)
@click.option("--sd", default=32.0, show_default=True, help="Smoothing of the EM, in bases.")
@click.option(
    "--gc", type=_EXISTING, metavar="FASTA", help="Correct for GC content of this genome."
)
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
    from precompute.coverage import coverage

    with progress_bar("coverage") as progress:
        report = coverage(bam, output, smoothing_sd=sd, gc_fasta=gc, progress=progress, **options)
    click.echo(
        f"{output}: {report.unique_reads:,} unique and {report.multi_reads:,} multi-mapping reads"
    )
    if report.skipped:
        skipped = ", ".join(f"{n:,} {reason}" for reason, n in report.skipped.items() if n)
        click.echo(f"alignments left out: {skipped or 'none'}")
    if report.multi_reads and report.iterations:
        state = "converged" if report.converged else "stopped"
        click.echo(
            f"EM {state} after {report.iterations} rounds (change {report.change:.3f} a read)"
        )


@cli.command()
@_PROJECT
def dataset(project: Path) -> None:
    """Cut the genome into windows and folds, and read the experiments into bins."""
    from precompute.dataset import make_dataset

    settings = load_project(project)
    with progress_bar("dataset") as progress:
        summary = make_dataset(settings, progress=progress)
    windows = ", ".join(f"{n:,} {fold}" for fold, n in summary.windows.items())
    click.echo(f"{settings.dataset.directory}: windows: {windows}")
    click.echo(f"next: sighthound train {project}")


@cli.command()
@_PROJECT
@click.option("--fresh", is_flag=True, help="Discard an unfinished training, do not resume it.")
def train(project: Path, fresh: bool) -> None:
    """Train the network; interrupted, the same command goes on from the last checkpoint."""
    from precompute.training import train

    settings = load_project(project)
    with training_display() as show:
        result = train(settings, progress=show, fresh=fresh)
    click.echo(
        f"{result.model}: best of {result.epochs} epochs is {result.best_epoch}, "
        f"{result.seconds / 60:.1f} minutes; held-out accuracy in {result.model / 'held_out.tsv'}"
    )
    click.echo(f"next: sighthound predict {project}")


@cli.command()
@_PROJECT
@click.option("--track", "tracks", multiple=True, metavar="ID", help="Only this track; repeatable.")
@click.option("--both-strands", is_flag=True, help="Average predictions of both strands.")
def predict(project: Path, tracks: tuple[str, ...], both_strands: bool) -> None:
    """Predict the whole genome: one BigWig a track; resumes where it was stopped."""
    settings = load_project(project)
    _predict(settings, list(tracks) or None, both_strands)
    click.echo(f"{settings.predictions.directory} is complete; next: sighthound serve {project}")


@cli.command()
@_PROJECT
@click.argument("variants", type=_FILE)
@click.option("-o", "--output", type=_FILE, required=True, help="Table to write (Parquet).")
@click.option("--track", "tracks", multiple=True, metavar="ID", help="Only this track; repeatable.")
@click.option(
    "--score",
    "scores",
    default="sad",
    show_default=True,
    metavar="NAMES",
    help="Any of sad, log_sad, max_log2, sed, between commas.",
)
@click.option("--genes", is_flag=True, help="Score every gene in reach too: adds sed.")
@click.option("--both-strands", is_flag=True, help="Average predictions of both strands.")
@click.option(
    "--shift", "shifts", multiple=True, type=int, metavar="BASES",
    help="Average over shifts too, as in --shift 1 --shift -1; repeatable.",
)  # fmt: skip
@click.option("--pseudocount", default=1.0, show_default=True, help="Of the log scores.")
@click.option("--centered", is_flag=True, help="Each variant at the same place in its bin; slow.")
@click.option(
    "--mismatch",
    type=click.Choice(["skip", "flip", "error"]),
    default="skip",
    show_default=True,
    help="Where REF is not the genome's: leave out, exchange with ALT if that is, or stop.",
)
@click.option(
    "--bins", type=_FILE, help="Keep predictions of every bin, reference and alternative (HDF5)."
)
@click.option("--vcf", "annotated", type=_FILE, help="The variants with scores as INFO fields.")
@click.option("--workers", default=1, show_default=True, help="Processes on this machine.")
@click.option("--scheduler", metavar="ADDRESS", help="Dask scheduler to use: tcp://host:port.")
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
    from core.inference import Ensemble
    from precompute.scoring import score_vcf

    names = [name.strip() for name in scores.split(",") if name.strip()]
    with progress_bar("variants") as progress:
        summary = score_vcf(
            load_project(project), variants, output,
            tracks=list(tracks) or None,
            scores=[*names, *(["sed"] if genes and "sed" not in names else [])],
            ensemble=Ensemble(both_strands, tuple(dict.fromkeys((0, *shifts)))),
            progress=progress, **options,
        )  # fmt: skip
    flipped = f", {summary.flipped:,} of them flipped" if summary.flipped else ""
    click.echo(f"{output}: {summary.scored:,} alleles scored{flipped}")
    if summary.skipped:
        click.echo(f"{summary.skipped:,} skipped, listed in {summary.skipped_file}:")
        for reason in summary.reasons:
            click.echo(f"  {reason}")


@cli.command()
@_PROJECT
@click.option("--host", help="Address to listen on; 127.0.0.1 unless the settings say otherwise.")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="8050 unless the settings say otherwise."
)
@click.option("--open/--no-open", "open_browser", default=False, help="Open a browser window.")
def serve(project: Path, host: str | None, port: int | None, open_browser: bool) -> None:
    """Serve the genome browser of a project."""
    _serve(project, host, port, open_browser)


@cli.command()
@click.argument("directory", type=_FILE, required=False)
@click.option(
    "--dataset",
    type=click.Choice(["simulated", "yeast"]),
    default="simulated",
    show_default=True,
    help="Assays simulated on the yeast genome, or real yeast data from public addresses.",
)
@click.option(
    "--mirror",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Take the public files from this folder instead of the network (also SIGHTHOUND_DATA).",
)
@click.option("--prepare-only", is_flag=True, help="Do everything but serve.")
@click.option("--port", type=click.IntRange(1, 65535))
@click.option("--open/--no-open", "open_browser", default=False, help="Open a browser window.")
def demo(
    directory: Path | None,
    dataset: str,
    mirror: Path | None,
    prepare_only: bool,
    port: int | None,
    open_browser: bool,
) -> None:
    """Prepare the demo in DIRECTORY (default: sighthound-demo) and serve it."""
    directory = directory or Path(
        "sighthound-demo" if dataset == "simulated" else "sighthound-yeast"
    )
    with progress_bar("") as progress:
        if dataset == "yeast":
            from precompute.yeast import prepare_yeast

            prepare_yeast(directory, mirror, progress)
        else:
            from precompute.demo import prepare_demo

            prepare_demo(directory, progress)
    _predict(load_project(directory), None, both_strands=True)
    click.echo(f"{directory} is ready")
    if prepare_only:
        click.echo(f"next: sighthound serve {directory}")
        return
    # A fresh process: the web server must not be forked from one that has loaded TensorFlow.
    command = [sys.executable, "-m", "app", "serve", str(directory)]
    command += ["--port", str(port)] if port else []
    command += ["--open"] if open_browser else []
    os.execv(sys.executable, command)


@cli.group()
def model() -> None:
    """Import models that others published; describe a network."""


@model.command("import")
@click.argument("file", type=_FILE)
@click.option("--params", type=_EXISTING, required=True, help="Its params.json (or params.txt).")
@click.option("--targets", type=_EXISTING, help="Its targets.txt: names the tracks.")
@click.option(
    "--gelu",
    type=click.Choice(["sigmoid", "tanh"]),
    help="Which function GELU is; told by the file's layers unless given.",
)
@click.option("--head", metavar="NAME", help="Of several heads, the one to import: human, mouse.")
@click.option("--out", type=_FILE, required=True, metavar="DIR", help="Model folder to write.")
def import_model(
    file: Path,
    params: Path,
    targets: Path | None,
    gelu: str | None,
    head: str | None,
    out: Path,
) -> None:
    """Import a published model: FILE is Keras-2 HDF5 or a TensorFlow-1 checkpoint.

    Every shape is checked, what is not understood is refused, and the result is compared with an
    unfolded computation before it is written. See docs/models.md.
    """
    from core.published import check_free, import_model, save_imported

    check_free(out)
    imported = import_model(file, params, targets, gelu=gelu, head=head)
    save_imported(out, imported)
    for decision in imported.decisions:
        click.echo(decision)
    click.echo(f"{out} is written: {len(imported.tracks):,} tracks")
    click.echo(f"next: sighthound init PROJECT --fasta FASTA --model {out}")


@model.command()
@click.argument("network")
@click.option("--tracks", type=click.IntRange(min=1), help="Outputs of a preset.")
@click.option("--svg", type=_FILE, metavar="FILE", help="Draw it into this file, too.")
@click.option("--json", "as_json", is_flag=True, help="Print plain data instead of a table.")
def describe(network: str, tracks: int | None, svg: Path | None, as_json: bool) -> None:
    """Show layers, parameters, FLOPs and receptive field.

    NETWORK is a model folder, a preset (paper, basenji2, small), or an architecture's JSON file.
    """
    from app.describe import description_json, find_architecture, print_description
    from app.figures.architecture import architecture_svg

    title, architecture = find_architecture(network, tracks)
    if as_json:
        click.echo(json.dumps(description_json(architecture, title), indent=1))
    else:
        print_description(architecture, title)
    if svg is not None:
        svg.write_text(architecture_svg(architecture, title), encoding="utf-8")
        click.echo(f"{svg} is drawn", err=True)


def main() -> None:
    """Run a command, and end with the exit code that tells how it went."""
    try:
        cli.main(standalone_mode=False)
    except SighthoundError as error:
        click.echo(f"sighthound: {' '.join(str(error).split())}", err=True)
        sys.exit(1)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        console.print("cancelled; the same command goes on where it can")
        sys.exit(130)


def _predict(project: Any, tracks: list[str] | None, both_strands: bool) -> None:
    from core.inference import Ensemble
    from precompute.predictions import predict_genome

    ensemble = Ensemble(reverse_complement=both_strands)
    with progress_bar("predict") as progress:
        predict_genome(project, tracks=tracks, progress=progress, ensemble=ensemble)


def _serve(project: Path, host: str | None, port: int | None, open_browser: bool) -> None:
    from app.serve import serve

    server = load_project(project).server
    serve(
        project,
        host=host or server.host,
        port=port or server.port,
        threads=server.threads,
        open_browser=open_browser,
    )


if __name__ == "__main__":
    main()
