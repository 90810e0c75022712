"""Show a project in the browser: serve it, or the demo."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from app.commands import FILE, PROJECT
from app.commands.models import predict_project
from app.progress import progress_bar
from core import load_project


@click.command()
@PROJECT
@click.option("--host", help="Address to listen on; 127.0.0.1 unless the settings say otherwise.")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="8050 unless the settings say otherwise."
)
@click.option("--open/--no-open", "open_browser", default=False, help="Open a browser window.")
def serve(project: Path, host: str | None, port: int | None, open_browser: bool) -> None:
    """Serve the genome browser of a project."""
    _serve(project, host, port, open_browser)


@click.command()
@click.argument("directory", type=FILE, required=False)
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
    predict_project(load_project(directory), None, both_strands=True)
    click.echo(f"{directory} is ready")
    if prepare_only:
        click.echo(f"next: sighthound serve {directory}")
        return
    # A fresh process: the web server must not be forked from one that has loaded TensorFlow.
    command = [sys.executable, "-m", "app", "serve", str(directory)]
    command += ["--port", str(port)] if port else []
    command += ["--open"] if open_browser else []
    os.execv(sys.executable, command)


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
