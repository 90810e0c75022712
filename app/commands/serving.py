"""Show a project: in the browser, the demo, or as a track hub for others' browsers."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from sighthound.app.commands import FILE, PROJECT, TRACKS
from sighthound.app.commands.evaluation import evaluate_once
from sighthound.app.commands.models import predict_project
from sighthound.app.commands.progress import progress_bar
from sighthound.core import load_project
from sighthound.core.browsers.tracks import KINDS

EVERYWHERE = "0.0.0.0"


@click.command()
@PROJECT
@click.option("--host", help="Address to listen on; 127.0.0.1 unless the settings say otherwise.")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="8050 unless the settings say otherwise."
)
@click.option("--open/--no-open", "open_browser", default=False, help="Open a browser window.")
@click.option(
    "--share",
    is_flag=True,
    help="Print an address with a token, for colleagues: on all addresses of this machine, unless "
    "--host says otherwise, and only for those who have it.",
)
def serve(
    project: Path, host: str | None, port: int | None, open_browser: bool, share: bool
) -> None:
    """Serve the genome browser of a project."""
    from sighthound.app.server.launch import serve

    server = load_project(project).server
    serve(
        project,
        host=host or (EVERYWHERE if share else server.host),
        port=port or server.port,
        threads=server.threads,
        open_browser=open_browser,
        share=share,
    )


@click.command()
@PROJECT
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8786, show_default=True)
@click.option(
    "--keys",
    type=FILE,
    required=True,
    metavar="DIR",
    help="Folder of the certificate that web servers have, too; made when there is none.",
)
def inference(project: Path, host: str, port: int, keys: Path) -> None:
    """Have a project's model in a process of its own, for web servers whose settings name it."""
    from sighthound.app.server.launch import serve_inference

    serve_inference(project, host, port, keys)


@click.command()
@PROJECT
@click.option("--thorough", is_flag=True, help="Read every BigWig to its end, and its checksum.")
def doctor(project: Path, thorough: bool) -> None:
    """Say what keeps a project from being served, and what to do; ends with 3 if anything does."""
    from sighthound.app.server.checkup import GOOD, WRONG, checkup

    states = []
    for finding in checkup(load_project(project), thorough):
        states.append(finding.state)
        click.echo(f"{finding.state:6} {finding.about:12} {finding.words}")
        if finding.advice:
            click.echo(f"{'':6} {'':12} -> {finding.advice}")
    if WRONG in states:
        sys.exit(3)
    looks = len(states) - states.count(GOOD)
    click.echo(f"nothing is wrong{f'; {looks} to look at' if looks else ''}")


@click.command()
@click.argument("directory", type=FILE, required=False)
@click.option(
    "--dataset",
    type=click.Choice(["simulated", "yeast"]),
    help="Instead of the shipped yeast experiments: simulated ones, whose causes are known; or the "
    "recipe that makes the real ones from public addresses.",
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
    dataset: str | None,
    mirror: Path | None,
    prepare_only: bool,
    port: int | None,
    open_browser: bool,
) -> None:
    """Prepare the demo in DIRECTORY and serve it: real experiments on the yeast genome.

    DIRECTORY is sighthound-demo by default, or sighthound- and the name of the data set.
    """
    directory = directory or Path(f"sighthound-{dataset or 'demo'}")
    if mirror and dataset != "yeast":
        raise click.UsageError("--mirror goes with --dataset yeast; the others fetch nothing")
    with progress_bar("") as progress:
        if dataset == "yeast":
            from sighthound.precompute.recipes.yeast import prepare_yeast

            prepare_yeast(directory, mirror, progress)
        elif dataset == "simulated":
            from sighthound.precompute.recipes.simulated_demo import prepare_simulated

            prepare_simulated(directory, progress)
        else:
            from sighthound.precompute.recipes.demo import prepare_demo

            prepare_demo(directory, progress)
    from sighthound.core.model.ensemble import Ensemble

    ensemble = Ensemble(reverse_complement=True)
    project = load_project(directory)
    predict_project(project, ensemble=ensemble, replace=True)
    evaluate_once(project)
    click.echo(f"{directory} is ready")
    if prepare_only:
        click.echo(f"next: sighthound serve {directory}")
        return
    # A fresh process: the web server must not be forked from one that has loaded TensorFlow.
    command = [sys.executable, "-m", "sighthound", "serve", str(directory)]
    command += ["--port", str(port)] if port else []
    command += ["--open"] if open_browser else []
    os.execv(sys.executable, command)


@click.command()
@PROJECT
@click.option(
    "-o",
    "--output",
    "directory",
    type=FILE,
    required=True,
    metavar="DIR",
    help="Folder to write: new, empty, or a hub of before.",
)
@TRACKS
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(list(KINDS)),
    help="Only these BigWigs; repeatable. Default: all there are.",
)
@click.option(
    "--variant",
    "variants",
    multiple=True,
    metavar="'CHROM:POS REF>ALT'",
    help="Also both alleles of this variant and their difference, as the model predicts them; "
    "repeated: variants on one sequence.",
)
@click.option("--vcf", is_flag=True, help="Also the project's VCF of known variants.")
@click.option(
    "--assembly",
    is_flag=True,
    help="Also the genome (twoBit): an assembly hub, for a genome that UCSC does not know.",
)
@click.option("--genome", default="", help="UCSC's name of the assembly, if not that of [genome].")
@click.option(
    "--email", default="hub@localhost", show_default=True, help="Whom users of the hub may ask."
)
@click.option(
    "--url",
    default="",
    metavar="URL",
    help="Where the folder will be; addresses in the hub are relative without it.",
)
@click.option("--three-files", is_flag=True, help="hub.txt, genomes.txt and trackDb.txt.")
@click.option(
    "--faceted",
    is_flag=True,
    help="UCSC's faceted composite, for hundreds of tracks; other browsers do not read it.",
)
@click.option("--no-overlays", is_flag=True, help="No overlays of experiment and prediction.")
@click.option("--link", is_flag=True, help="Hard links instead of copies: same disk, no space.")
def hub(
    project: Path,
    directory: Path,
    tracks: tuple[str, ...],
    kinds: tuple[str, ...],
    variants: tuple[str, ...],
    vcf: bool,
    assembly: bool,
    genome: str,
    email: str,
    url: str,
    three_files: bool,
    faceted: bool,
    no_overlays: bool,
    link: bool,
) -> None:
    """Write a track hub for the UCSC Genome Browser: hub.txt and the BigWigs it names.

    UCSC fetches a hub from its own servers and cannot see a server behind a lab's firewall: copy
    DIR to a web server that everybody can reach. IGV and JBrowse read the lab's server itself.
    """
    from sighthound.precompute.hub_folder import write_hub

    with progress_bar("copy") as progress:
        shared = write_hub(
            load_project(project),
            directory,
            tracks=list(tracks) or None,
            kinds=list(kinds) or list(KINDS),
            variants=variants,
            vcf=vcf,
            assembly=assembly,
            genome=genome,
            email=email,
            url=url,
            three_files=three_files,
            faceted=faceted,
            overlays=not no_overlays,
            link=link,
            progress=progress,
        )
    count = len({item.track.id for item in shared})
    click.echo(f"{directory / 'hub.txt'}: {count:,} tracks in {len(shared):,} BigWigs")
    # The name of an assembly hub's genome is looked up in the hub, any other among UCSC's own.
    where = "genome" if assembly else "db"
    click.echo(
        f"next: copy {directory} to a web server that UCSC can reach, and open "
        f"https://genome.ucsc.edu/cgi-bin/hgTracks?"
        f"{where}={genome or load_project(project).genome.name}"
        f"&hubUrl={url.rstrip('/') or 'https://YOUR-SERVER/' + directory.resolve().name}/hub.txt"
    )
