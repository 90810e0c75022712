"""BigWigs, genome, genes and variants over HTTP, as IGV, UCSC and JBrowse read them.

An address names a track of the tracks table and a kind; the path of the file comes from the
project, so that no part of an address ever reaches the file system.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Response, request

from sighthound.app.project_state import Catalogue
from sighthound.app.web import remembered
from sighthound.app.web.byte_ranges import (
    METHODS,
    allow_other_origins,
    not_found,
    preflight,
    send_by_proxy,
    send_file,
)
from sighthound.app.web.operation import BINARY, Operation, Operations
from sighthound.core.annotation.read import sniff_format
from sighthound.core.browsers.igv import Reference
from sighthound.core.browsers.tracks import KINDS, track_file
from sighthound.core.files import file_stamp
from sighthound.core.project.settings import Project
from sighthound.core.text import is_bgzip, is_gzip
from sighthound.core.variants.tabix_index import INDEX_ENDINGS, own_index

VARIANTS = "variants.vcf.gz"


OPERATIONS: Operations = {
    "/tracks/{track}/{kind}.bw": {
        "get": Operation(
            "BigWig of a track: experiment, prediction, saliency or contribution.",
            "track kind",
            media=(BINARY,),
            is_file=True,
        )
    },
    "/genome/{name}": {
        "get": Operation(
            "The genome, its genes, known variants, and their indexes.",
            "name",
            media=(BINARY,),
            is_file=True,
        )
    },
}


def blueprint(catalogue: Catalogue) -> Blueprint:
    """Make the routes /tracks/<id>/<kind>.bw and /genome/<file>."""
    routes = Blueprint("trackserver", __name__)
    routes.after_request(allow_other_origins)
    project = catalogue.project

    def answer(path: Path | None, holds: Callable[[], bool]) -> Response:
        if request.method == "OPTIONS":
            return preflight()
        if path is None:
            return not_found()
        try:
            remembered.offer(path, file_stamp(path), holds, catalogue.is_alike_for_all)
            location = project.server.accel
            return send_by_proxy(path, project.root, location) or send_file(path)
        except (FileNotFoundError, IsADirectoryError):
            return not_found()

    @routes.route("/tracks/<track>/<kind>.bw", methods=METHODS, provide_automatic_options=False)
    def bigwig(track: str, kind: str) -> Response:
        tables = catalogue.tables()
        found = catalogue.tracks().get(track)
        path = track_file(project, found, kind) if found is not None and kind in KINDS else None
        return answer(path, lambda: all(map(operator.is_, catalogue.tables(), tables)))

    @routes.route("/genome/<name>", methods=METHODS, provide_automatic_options=False)
    def genome(name: str) -> Response:
        # The settings name these files, and whoever changes those starts another process.
        return answer(genome_files(project).get(name), lambda: True)

    # Dash answers any unknown path with the page, which would look like a damaged BigWig.
    for prefix in ("tracks", "genome"):
        routes.add_url_rule(
            f"/{prefix}/<path:_path>",
            f"unknown_{prefix}",
            lambda _path: preflight() if request.method == "OPTIONS" else not_found(),
            methods=METHODS,
            provide_automatic_options=False,
        )
    return routes


def genome_files(project: Project) -> dict[str, Path]:
    """Give the files of /genome by name: sequence, genes, variants and their indexes."""
    fasta = project.genome.fasta
    name = "genome.fa.gz" if is_gzip(fasta) else "genome.fa"
    files = {name: fasta}
    files |= {f"{name}{end}": Path(f"{fasta}{end}") for end in (".fai", ".gzi")}
    genes = project.genome.genes
    if genes is not None:
        name = f"genes.{sniff_format(genes)}{'.gz' if is_gzip(genes) else ''}"
        files[name] = genes
        index = own_index(genes) if is_bgzip(genes) else None
        if index is not None:
            files[f"{name}{index.suffix}"] = index
    variants = project.variants
    if variants.vcf is not None and variants.index is not None:
        files |= {VARIANTS: variants.vcf, f"{VARIANTS}{variants.index.suffix}": variants.index}
    return {name: path for name, path in files.items() if path.is_file()}


def reference(project: Project, root: str) -> Reference:
    """Give the addresses of genome, genes and variants below `root`, which ends in a slash."""
    files = {name: f"{root}genome/{quote(name)}" for name in genome_files(project)}
    fasta = next(name for name in files if name.startswith("genome.fa"))
    genes = next((name for name in files if name.startswith("genes.")), "")
    indexes = [files[f"{genes}{end}"] for end in INDEX_ENDINGS if f"{genes}{end}" in files]
    return Reference(
        name=project.genome.name or project.title,
        fasta_url=files[fasta],
        fai_url=files.get(f"{fasta}.fai", ""),
        gzi_url=files.get(f"{fasta}.gzi", ""),
        genes_url=files.get(genes, ""),
        genes_index_url=indexes[0] if indexes else "",
        genes_format=genes.split(".")[1] if genes else "",
        **variants_urls(project, root),
    )


def variants_urls(project: Project, root: str) -> dict[str, str]:
    """Give `variants_url` and `variants_index_url` below `root`; nothing where there is no VCF."""
    index = project.variants.index
    if index is None:
        return {}
    url = f"{root}genome/{VARIANTS}"
    return {"variants_url": url, "variants_index_url": f"{url}{index.suffix}"}
