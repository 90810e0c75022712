"""What the locus view draws: the project's summary, signals, genes and sequence. 0-based."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from flask import Blueprint, Response, request

from sighthound.app.answers.genome import Bases, GeneShape, GenesHere
from sighthound.app.answers.limits import MAX_SEQUENCE_BP
from sighthound.app.answers.project import (
    HeldOut,
    ProjectInColumns,
    ProjectSummary,
    ProjectTrack,
)
from sighthound.app.answers.written import respond_with, written
from sighthound.app.api.signal_windows import signal
from sighthound.app.identity import SOFTWARE
from sighthound.app.project_state import Catalogue
from sighthound.app.web.operation import BINARY, WINDOW, Operation, Operations
from sighthound.app.web.parameters import asked_tracks, asked_window, check_known, integer
from sighthound.core.annotation.genes import Gene, Transcript
from sighthound.core.errors import SighthoundError
from sighthound.core.project.formats import Declaration, Format, reading
from sighthound.core.tracks.track import Track

MAX_PIXELS = 16_384
_TOLD = 32  # summaries that are kept
# Pixels times tracks of one answer: 2,000 tracks on the widest of screens.
MAX_VALUES = 1 << 23
# What each answer reads of a project.
_OF_BINS = {Format.MODEL, Format.MANIFEST}
PROJECT = Declaration(
    "project", 1, frozenset(Format) - {Format.GENES, Format.WEIGHTS, Format.SIGNALS, Format.NULLS}
)
SIGNAL = Declaration("signal", 1, frozenset({Format.TRACKS, Format.SIGNALS, *_OF_BINS}))
GENES = Declaration("genes", 1, frozenset({Format.GENES}))
SEQUENCE = Declaration("sequence", 1, frozenset())


OPERATIONS: Operations = {
    "/api/v1/project": {
        "get": Operation(
            "The project: chromosomes, folds, tracks, model.",
            "form?",
            gives=ProjectSummary | ProjectInColumns,
        )
    },
    "/api/v1/signal": {
        "get": Operation(
            "Experiments and predictions of a window, in bins: uint32 length of a JSON header, the "
            "header, float32 series; little-endian.",
            f"{WINDOW} pixels tracks?",
            media=(BINARY,),
        )
    },
    "/api/v1/genes": {"get": Operation("Genes that touch a window.", WINDOW, GenesHere)},
    "/api/v1/sequence": {"get": Operation("Bases of a window.", WINDOW, Bases)},
}


def blueprint(
    catalogue: Catalogue, own: Callable[[str], Track | None] = lambda _: None
) -> Blueprint:
    """Make the routes /api/v1/project, signal, genes and sequence.

    Parameters
    ----------
    catalogue : Catalogue
    own : callable, optional
        Gives the asking visitor's own track of an id, if there is one.
    """
    routes = Blueprint("signal", __name__, url_prefix="/api/v1")
    genome = catalogue.genome

    # The last answer of each form, to those who see the same, with the state it is of: with
    # thousands of tracks it takes time.
    told: dict[tuple[str, str], tuple[str, bytes]] = {}

    @routes.get("/project")
    def project() -> Response:
        form = request.args.get("form", "rows")
        check_known("form of tracks", form, ("rows", "columns"))
        view = catalogue.view()
        state = PROJECT.key(catalogue.project, list(catalogue.tracks().values())) + view

        def tell() -> Response:
            kept = told.get((form, view))
            if kept is None or kept[0] != state:
                summary = catalogue.summary()
                text = written(in_columns(summary) if form == "columns" else summary)
                if len(told) >= _TOLD:
                    told.clear()
                kept = told[form, view] = (state, text.encode())
            return Response(kept[1], mimetype="application/json")

        return _unless_known(PROJECT, state, tell)

    @routes.get("/signal")
    def signal_() -> Response:
        interval = asked_window(genome)
        pixels = integer("pixels", 1, MAX_PIXELS)
        tracks = asked_tracks(catalogue, own)
        if pixels * len(tracks) > MAX_VALUES:
            raise SighthoundError(
                f"{len(tracks):,} tracks of {pixels:,} pixels are too many at once; ask for at "
                f"most {MAX_VALUES // pixels:,} tracks of this width"
            )
        return _unless_known(
            SIGNAL,
            SIGNAL.key(catalogue.project, tracks),
            lambda: Response(
                signal(catalogue, tracks, interval, pixels),
                mimetype="application/octet-stream",
            ),
        )

    @routes.get("/genes")
    def genes_() -> Response:
        interval = asked_window(genome)
        return _unless_known(
            GENES,
            GENES.key(catalogue.project),
            lambda: respond_with(
                GenesHere(tuple(map(describe_gene, catalogue.genes().overlapping(interval))))
            ),
        )

    @routes.get("/sequence")
    def sequence() -> Response:
        interval = asked_window(genome)
        if len(interval) > MAX_SEQUENCE_BP:
            raise SighthoundError(
                f"{len(interval):,} bases of sequence at once; ask for at most {MAX_SEQUENCE_BP:,}"
            )
        found = Bases(interval.chrom, interval.start, interval.end, genome.sequence(interval))
        return _unless_known(SEQUENCE, SEQUENCE.key(catalogue.project), lambda: respond_with(found))

    return routes


def in_columns(summary: ProjectSummary) -> ProjectInColumns:
    """Turn the tracks of a project into one list a key; `held_out` into lists as well."""
    columns: dict[str, Any] = {
        field.name: [getattr(row, field.name) for row in summary.tracks]
        for field in fields(ProjectTrack)
    }
    columns["held_out"] = {
        field.name: [getattr(held, field.name, None) for held in columns["held_out"]]
        for field in fields(HeldOut)
    }
    return ProjectInColumns(**(vars(summary) | {"tracks": columns}))


def describe_gene(gene: Gene) -> GeneShape:
    """Give a gene as /api/v1/genes does: the exons of all its transcripts joined.

    `coding` and `phase` are those of the transcript with the longest coding sequence.
    """
    exons = sorted(exon for transcript in gene.transcripts for exon in transcript.exons)
    joined: list[tuple[int, int]] = []
    for start, end in exons:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    translated = max(gene.transcripts, key=_coding_length)
    return GeneShape(
        gene.id,
        gene.name,
        gene.start,
        gene.end,
        gene.strand,
        gene.tss_positions,
        tuple(joined) or ((gene.start, gene.end),),
        translated.coding,
        translated.phase,
        gene.description,
    )


def _coding_length(transcript: Transcript) -> int:
    return sum(end - start for start, end in transcript.coding)


def _unless_known(declared: Declaration, state: str, make: Callable[[], Response]) -> Response:
    """Answer 304 when the browser holds this state of the same URL already."""
    tag = hashlib.sha256(f"{state} {SOFTWARE} {request.full_path}".encode()).hexdigest()[:24]
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        with reading(declared):
            response = make()
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    return response
