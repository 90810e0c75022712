"""Every route of the HTTP interface, what it takes and what it gives, for openapi.json.

A test holds this table against the routes that there are. Parameters and keys of answers are words
that mean the same everywhere, so each is described once; "?" behind a parameter says that it may be
left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sighthound.app.api.next_place import DIRECTIONS, SERIES
from sighthound.app.api.ranked_places import MOST
from sighthound.app.api.signal import MAX_PIXELS

JSON, BINARY, TEXT, XML = "application/json", "application/octet-stream", "text/plain", "text/xml"
ZIP = "application/zip"


@dataclass(frozen=True)
class Operation:
    """One method of one route.

    Attributes
    ----------
    says : str
        What it answers, in a line.
    takes : str
        Names of parameters, of `PARAMETERS`; those in the path are required anyway.
    gives : str
        Keys of a JSON answer, of `KEYS`.
    media : tuple of str
        Kinds of content.
    body : str
        Keys of a JSON body, of `KEYS`, or a kind of content; empty where there is none.
    waits : bool
        Computed by the inference worker: 202 until it is done, and DELETE cancels.
    can_miss : bool
        Answers 404 for what is not there.
    is_file : bool
        Answers HEAD, OPTIONS and ranges of bytes, to pages of any origin.
    """

    says: str
    takes: str = ""
    gives: str = ""
    media: tuple[str, ...] = (JSON,)
    body: str = ""
    waits: bool = False
    can_miss: bool = False
    is_file: bool = False


# Name -> type, description.
PARAMETERS = {
    "chrom": ("string", "Chromosome, by the FASTA's name or an alias of it."),
    "start": ("integer", "First base of the window, 0-based."),
    "end": ("integer", "The base after its last, 0-based."),
    "pixels": ("integer", "Width of the drawing; no bin is narrower than a pixel."),
    "tracks": ("string", "Track ids, joined by commas."),
    "track": ("string", "Track id."),
    "gene": ("string", "Id of a gene."),
    "position": ("integer", "A base, 0-based."),
    "target": ("integer", "A base of the bin that is explained, 0-based."),
    "ref": ("string", "Reference allele, as in VCF."),
    "alt": ("string", "Alternative allele, as in VCF."),
    "q": ("string", "What a person typed."),
    "kind": ("string", "What is looked for, or which file of a track."),
    "direction": ("string", "next or previous."),
    "series": ("string", "experiment or prediction."),
    "folds": ("string", "Of train, valid and test, joined by commas; all by default."),
    "rank": ("integer", "Of the place in its list that one comes from, from 1."),
    "limit": ("integer", "Places that are given, at most."),
    "kinds": ("string", "Kinds of BigWig, joined by commas; all by default."),
    "variants": (
        "string",
        "Variants on one sequence, 1-based: chrIV:1234:A:G, joined by ';' or '+'.",
    ),
    "locus": ("string", "A region as people write it, 1-based and inclusive."),
    "name": ("string", "Name of a file."),
    "form": ("string", "Of a file: bw or bedgraph; of the tracks: rows or columns."),
    "most": ("integer", "Tracks that are named, at most."),
    "identifier": ("string", "Of a visitor's own file."),
}

# Name -> what else a value must be, in words of JSON Schema, whatever the project is.
LIMITS: dict[str, dict[str, Any]] = {
    **{name: {"minimum": 0} for name in ("start", "position", "target")},
    **{name: {"minimum": 1} for name in ("end", "most")},
    **{name: {"minimum": 1, "maximum": MOST} for name in ("rank", "limit")},
    "pixels": {"minimum": 1, "maximum": MAX_PIXELS},
    "direction": {"enum": list(DIRECTIONS)},
    "series": {"enum": list(SERIES)},
}

# Name -> type, of answers.
KEYS = {
    "title": "string", "genome": ["string", "object"], "simulated": "boolean",
    "chromosomes": "array", "folds": "array", "bin": "integer", "bins": "integer",
    "local_bins": "integer", "sequence_length": "integer",
    "context_bp": ["integer", "null"], "has_model": "boolean", "default_locus": "string",
    "default_tracks": "array", "track_sets": "object", "max_mutagenesis_bp": "integer",
    "live": ["object", "null"], "tracks": ["array", "object"], "genes": "array",
    "results": "array", "note": "string", "problem": "string",
    "place": ["object", "null"], "places": "array",
    "tables": "array", "chrom": "string", "start": "integer", "end": "integer",
    "sequence": "string", "track": "string", "target": "object", "values": "array",
    "context": "object", "truncated": "object", "reference": ["array", "number"],
    "effects": "array", "motifs": "array", "changes": "array", "position": "integer",
    "ref": "string", "alt": "string", "alternative": "array", "ranked": "array",
    "status": "string", "ready": "boolean", "project": "object", "worker": "object",
    "locus": "string", "igv_js_session": "string", "igv_desktop_session": "string",
    "igv_desktop": "string", "jbrowse": "string", "hub": "string",
    "ucsc": ["string", "null"], "ucsc_note": "string", "bigwigs": "array", "openapi": "string",
    "info": "object", "paths": "object", "components": "object", "version": "string",
    "fingerprint": "string", "model_hash": ["string", "null"], "variants": "array", "id": "string",
    "state": ["object", "string"], "progress": ["object", "null"], "written": "integer",
    "pending": ["integer", "array"], "levels": "object", "files": "array", "upload_mb": "integer",
    "upload_days": "integer", "allowed_urls": "array", "name": "string", "kind": "string",
    "bytes": "integer", "added": "number", "expires": "number", "sha256": "string",
    "items": "integer", "source": "string", "url": "string", "removed": "string",
    "total": "integer", "features": "array", "counts": "array", "bin_bp": "integer",
    "address": "string", "shapes": "array", "width": "number", "height": "number",
    "width_mm": "number", "subject": "string", "software": ["string", "object"],
    "model": ["object", "null"], "strand": "string", "description": "string",
    "aliases": "array", "starts": "array", "links": "array", "commands": "array",
    "script": "string", "complete": "boolean",
}  # fmt: skip

_WINDOW = "chrom start end"
_SHARED = "tracks? kinds? variants?"
_UPLOAD = "id name kind bytes added expires sha256 items note source"

OPERATIONS: dict[str, dict[str, Operation]] = {
    "/api/v1/openapi.json": {
        "get": Operation("This description.", gives="openapi info paths components")
    },
    "/api/v1/project": {
        "get": Operation(
            "The project: chromosomes, folds, tracks, model.",
            "form?",
            gives="version fingerprint model_hash title genome simulated chromosomes folds bin "
            "sequence_length context_bp tracks "
            "default_locus default_tracks track_sets has_model live max_mutagenesis_bp",
        )
    },
    "/api/v1/genome-run": {
        "get": Operation(
            "How far the prediction of the whole genome is: state is none, running, stopped or "
            "complete.",
            gives="state progress written pending",
        )
    },
    "/api/v1/signal": {
        "get": Operation(
            "Experiments and predictions of a window, in bins: uint32 length of a JSON header, the "
            "header, float32 series; little-endian.",
            f"{_WINDOW} pixels tracks?",
            media=(BINARY,),
        )
    },
    "/api/v1/prediction": {
        "get": Operation(
            "Predictions of a window made on the spot, in the form of /api/v1/signal.",
            f"{_WINDOW} pixels tracks?",
            media=(BINARY,),
            waits=True,
        )
    },
    "/api/v1/levels": {
        "get": Operation(
            "The genome-wide 99th percentile of each track's bins, of experiment and prediction; "
            "`pending` are those that are being worked out.",
            "tracks?",
            "levels pending",
        )
    },
    "/api/v1/genes": {"get": Operation("Genes that touch a window.", _WINDOW, "genes")},
    "/api/v1/gene": {
        "get": Operation(
            "A gene that touches a window: what it is, its starts, links to databases.",
            f"{_WINDOW} gene",
            "id name chrom start end strand description aliases starts links",
        )
    },
    "/api/v1/sequence": {
        "get": Operation("Bases of a window.", _WINDOW, "chrom start end sequence")
    },
    "/api/v1/search": {
        "get": Operation("Places by what a person typed.", "q? chrom?", "results note problem")
    },
    "/api/v1/next": {
        "get": Operation(
            "The next gene or peak from a base, or the next place of a ranked list.",
            "kind direction chrom? position? tracks? series? rank? folds?",
            "place note",
        )
    },
    "/api/v1/example": {
        "get": Operation(
            "The gene start on held-out sequence where experiment and prediction of a track both "
            "stand out most.",
            gives="place note",
        )
    },
    "/api/v1/disagreements": {
        "get": Operation(
            "Places where prediction and experiment differ most.",
            "tracks? folds? limit?",
            "places folds note",
        )
    },
    "/api/v1/top-variants": {
        "get": Operation(
            "Scored variants with the largest effects on tracks.",
            "tracks limit?",
            "places tables note",
        )
    },
    "/api/v1/bigwig": {
        "get": Operation(
            "BigWigs of tracks over a window, base by base: one as itself, several as a zip.",
            f"{_WINDOW} tracks kinds?",
            media=(BINARY, ZIP),
        )
    },
    "/api/v1/saliency": {
        "get": Operation(
            "Which bins drive a track's prediction at the bin of a base.",
            "track chrom position",
            "track chrom target bin start values context truncated",
            waits=True,
        )
    },
    "/api/v1/mutagenesis": {
        "get": Operation(
            "What every substitution in a region does to a prediction.",
            f"track? tracks? {_WINDOW} target",
            "track tracks chrom start end sequence target reference effects",
            waits=True,
        )
    },
    "/api/v1/motifs": {
        "get": Operation(
            "Names of the motifs that a mutagenesis found, and which changes make or break one.",
            f"track {_WINDOW} target",
            "motifs changes",
            waits=True,
        )
    },
    "/api/v1/variant": {
        "get": Operation(
            "What variants on one sequence do: the tracks and genes that change most, and both "
            "alleles of the tracks asked for.",
            "variants? chrom? position? ref? alt? tracks? most?",
            "variants chrom position ref alt bin bins local_bins start reference alternative "
            "tracks ranked genes",
            waits=True,
        )
    },
    "/api/v1/alternative": {
        "get": Operation(
            "Both alleles of the bins that variants can change, in the form of /api/v1/signal.",
            "variants tracks",
            media=(BINARY,),
            waits=True,
        )
    },
    "/api/v1/variant/motifs": {
        "get": Operation("Motifs that variants make or break.", "variants", "changes", waits=True)
    },
    "/api/v1/shares": {
        "post": Operation("Keep a view under a short name.", gives="id", body="state")
    },
    "/api/v1/shares/{name}": {
        "get": Operation("A view that was kept.", "name", "state", can_miss=True)
    },
    "/api/v1/uploads": {
        "get": Operation(
            "A visitor's own files.", gives="files upload_mb upload_days allowed_urls"
        ),
        "post": Operation(
            "Add a BigWig, bedGraph, wiggle, BED or VCF of one's own.",
            "name?",
            _UPLOAD,
            body=BINARY,
        ),
    },
    "/api/v1/uploads/from-url": {
        "post": Operation("Add a file from an address.", gives=_UPLOAD, body="url")
    },
    "/api/v1/uploads/{identifier}": {
        "delete": Operation("Remove a file.", "identifier", "removed", can_miss=True)
    },
    "/api/v1/uploads/{identifier}/features": {
        "get": Operation(
            "Features of a BED or VCF that touch a window.",
            f"identifier {_WINDOW} pixels?",
            "kind total features counts start bin_bp",
            can_miss=True,
        )
    },
    "/api/v1/pdf": {
        "post": Operation(
            "A picture as a PDF of one page.",
            media=("application/pdf",),
            body="shapes width height width_mm title subject",
        )
    },
    "/api/v1/reproduce": {
        "post": Operation(
            "How a view can be made again: its files with hashes, and commands; 202 until all "
            "hashes are there.",
            gives="software genome model commands files script complete",
            body="state address",
        )
    },
    "/tracks/{track}/{kind}.bw": {
        "get": Operation(
            "BigWig of a track: experiment, prediction, saliency or contribution.",
            "track kind",
            media=(BINARY,),
            is_file=True,
        )
    },
    "/tracks/{track}/{variants}/{kind}.{form}": {
        "get": Operation(
            "What the model predicts of variants: reference, alternative or difference, as BigWig "
            "or BedGraph, made when it is fetched.",
            "track variants kind form",
            media=(BINARY, TEXT),
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
    **{
        f"/hub/{path}": {"get": Operation(says, _SHARED, media=(TEXT,), is_file=True)}
        for path, says in {
            "hub.txt": "Track hub in one file.",
            "faceted/hub.txt": "Track hub in one file, with UCSC's faceted composite.",
            "faceted/metadata.tsv": "Its table.",
            "files/hub.txt": "Track hub in three files.",
            "files/genomes.txt": "Its second.",
            "files/trackDb.txt": "Its third.",
        }.items()
    },
    "/hub/igv.json": {
        "get": Operation(
            "Session of igv.js, with keys of its own.", f"locus? {_SHARED}", is_file=True
        )
    },
    "/hub/igv.xml": {
        "get": Operation(
            "Session of IGV on the desktop.", f"locus? {_SHARED}", media=(XML,), is_file=True
        )
    },
    "/hub/jbrowse.json": {
        "get": Operation(
            "Configuration of JBrowse 2, with keys of its own.",
            f"locus? {_SHARED}",
            is_file=True,
        )
    },
    "/hub/links.json": {
        "get": Operation(
            "Addresses of sessions, hubs and BigWigs.",
            f"locus? {_SHARED}",
            "locus igv_js_session igv_desktop_session igv_desktop jbrowse hub ucsc ucsc_note "
            "bigwigs",
            is_file=True,
        )
    },
    "/healthz": {"get": Operation("Whether the web server lives.", gives="status")},
    "/readyz": {
        "get": Operation(
            "Whether project and model are read; 503 until then.", gives="ready project worker"
        )
    },
}
