"""Predictions of both alleles as BigWig and BedGraph that IGV, UCSC and JBrowse fetch by address.

An address names track and variants: /tracks/cage/chrIV:1234:A:G/difference.bw; variants of one
sequence are joined by "+". The inference worker predicts when it is fetched, and the answer is kept
under a hash of the model, the genome and the variants, so the same address is the same file.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request

from sighthound.app.inference import variant_tasks
from sighthound.app.inference.client import (
    Inference,
    Question,
    asked_of,
    check_modelled,
    question,
)
from sighthound.app.project_state import Catalogue
from sighthound.app.web.byte_ranges import (
    METHODS,
    allow_other_origins,
    not_found,
    preflight,
    send_bytes,
)
from sighthound.app.web.operation import BINARY, TEXT, Operation, Operations
from sighthound.core.browsers.tracks import ALLELES
from sighthound.core.errors import SighthoundError, UnavailableError
from sighthound.core.genome.sequence import Genome
from sighthound.core.interpretation.allele_tracks import AlleleBins, say_haplotype
from sighthound.core.variants.haplotype import Haplotype, parse_haplotype

# Seconds that a genome browser waits for a file; it takes no "ask again" for an answer.
PATIENCE_S = 60.0
# Longest text of variants: an address must stay one that every client sends.
MAX_TEXT = 2_000


OPERATIONS: Operations = {
    "/tracks/{track}/{variants}/{kind}.{form}": {
        "get": Operation(
            "What the model predicts of variants: reference, alternative or difference, as BigWig "
            "or BedGraph, made when it is fetched.",
            "track variants kind form",
            media=(BINARY, TEXT),
            is_file=True,
        )
    },
}


def blueprint(catalogue: Catalogue, inference: Inference) -> Blueprint:
    """Make the route /tracks/<id>/<variants>/<kind>.<bw or bedgraph>.

    Parameters
    ----------
    catalogue : Catalogue
        The project's tracks, genome and model.
    inference : Inference
        Runs the jobs.
    """
    routes = Blueprint("alleles", __name__)
    routes.after_request(allow_other_origins)
    project, genome = catalogue.project, catalogue.genome

    def job(asked: Haplotype, track: str) -> tuple[Question, tuple[Any, ...]]:
        """Name and arguments of the job that predicts a track."""
        arguments = (asked.variants, (track,), catalogue.claiming())
        return question("alternative", asked_of(catalogue), *arguments), arguments

    def bins(asked: Haplotype, named: Question, arguments: tuple[Any, ...]) -> AlleleBins:
        found, status = inference.answer(
            named, variant_tasks.alternative, project, *arguments, patience=PATIENCE_S
        )
        if status == 202:
            raise UnavailableError("both alleles are still being predicted; ask again in a moment")
        columns = (allele[:, 0] for allele in (found.reference, found.alternative))
        return AlleleBins(asked.chrom, found.start, found.bin, *columns)

    def bigwig(asked: Haplotype, track: str, kind: str) -> bytes:
        """Make the file, or take it from among the kept answers."""
        named, arguments = job(asked, track)
        name = f"{named.key}-{kind}"
        kept = inference.cache.get(name)
        if kept is None:
            kept = as_bigwig(bins(asked, named, arguments), kind, genome)
            inference.cache.set(name, kept)
        return kept

    @routes.route(
        "/tracks/<track>/<variants>/<kind>.<any(bw, bedgraph):form>",
        methods=METHODS,
        provide_automatic_options=False,
    )
    def alleles(track: str, variants: str, kind: str, form: str) -> Response:
        if request.method == "OPTIONS":
            return preflight()
        if track not in catalogue.tracks() or kind not in ALLELES:
            return not_found()
        check_modelled(catalogue, [track])
        asked = read_haplotype(variants, genome)
        if form == "bw":
            return send_bytes(bigwig(asked, track, kind), "application/octet-stream")
        name = f"{catalogue.tracks()[track].name} {kind}, {say_haplotype(asked)}"
        text = bins(asked, *job(asked, track)).bedgraph(kind, name, genome.lengths[asked.chrom])
        return send_bytes(text.encode(), "text/plain; charset=utf-8")

    return routes


def as_bigwig(bins: AlleleBins, kind: str, genome: Genome) -> bytes:
    """Write one kind of bins as the bytes of a BigWig."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "alleles.bw"
        bins.write_bigwig(path, kind, genome.lengths)
        return path.read_bytes()


def read_haplotype(text: str, genome: Genome) -> Haplotype:
    """Read variants of one sequence from an address: "chrIV:1234:A:G+chrIV:1300:CT:C".

    Raises
    ------
    SighthoundError
        One is no variant or does not fit the genome, two overlap, or the text is too long.
    """
    if len(text) > MAX_TEXT:
        raise SighthoundError(
            f"variants of {len(text):,} letters in one address; at most {MAX_TEXT:,} here, more "
            "with 'sighthound alleles'"
        )
    return parse_haplotype(text, genome)


def allele_path(track: str, asked: Haplotype, kind: str) -> str:
    """Give the address of a track's allele below the server's root."""
    return f"tracks/{quote(track, safe='')}/{quote(str(asked), safe=':')}/{kind}.bw"
