"""What a picture was made of: commands, model, genome, software and the hashes of its files.

The commands are those of `sighthound`, with the arguments that give the very numbers in the
picture; the script checks the files first, then runs them. Positions in a view's address, and in
commands, are 1-based and inclusive.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

from flask import Blueprint, Response

from sighthound import core
from sighthound.app.answers.kept import (
    AskedView,
    Command,
    GenomeUsed,
    ModelUsed,
    Provenance,
    SourceFile,
    Upload,
)
from sighthound.app.answers.written import respond_with
from sighthound.app.api.shares import MAX_BYTES, check_texts
from sighthound.app.project_state import Catalogue
from sighthound.app.web.csrf import asked_json
from sighthound.app.web.file_hashes import FileHashes
from sighthound.app.web.operation import Operation, Operations
from sighthound.core.errors import SighthoundError
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import DESCRIPTION, WEIGHTS
from sighthound.core.tracks.contrasts import is_contrast, tracks_of
from sighthound.core.tracks.track import Track
from sighthound.core.variants.variant import Variant, parse_variant

MAX_ADDRESS = 4_000
_KIND_NAMES = {"bigwig": "BigWig", "bed": "BED", "vcf": "VCF"}
_SALIENCY = re.compile(r"^(?P<track>.+)@(?P<place>[^@]+:\d+)$")
_MUTAGENESIS = re.compile(r"^(?P<tracks>.+)@(?P<region>[^@]+:\d+-\d+)@(?P<target>\d+)$")


@dataclass(frozen=True)
class View:
    """What of a view's address its data depend on."""

    locus: str
    tracks: tuple[str, ...]
    saliencies: tuple[str, ...]
    mutageneses: tuple[str, ...]
    variants: tuple[Variant, ...]


OPERATIONS: Operations = {
    "/api/v1/reproduce": {
        "post": Operation(
            "How a view can be made again: its files with hashes, and commands; 202 until all "
            "hashes are there.",
            gives=Provenance,
            body=AskedView,
            unready=202,
        )
    },
}


def blueprint(
    catalogue: Catalogue, hashes: FileHashes, own: Callable[[str], Upload | None]
) -> Blueprint:
    """Make the route /api/v1/reproduce."""
    routes = Blueprint("reproduce", __name__, url_prefix="/api/v1")

    @routes.post("/reproduce")
    def reproduce() -> tuple[Response, int]:
        asked = asked_json(4 * MAX_BYTES)
        view = read_view(catalogue, check_texts(asked.get("state")))
        address = asked.get("address", "")
        if not isinstance(address, str) or len(address) > MAX_ADDRESS:
            raise SighthoundError("'address' is not the address of a view")
        found = provenance(catalogue, hashes, view, " ".join(address.split()), own)
        response = respond_with(found)
        response.headers["Cache-Control"] = "private, no-store"
        # Hashes of large files come later: ask again.
        return response, 200 if found.complete else 202

    return routes


def read_view(catalogue: Catalogue, state: Mapping[str, str]) -> View:
    """Read what matters of a view's address parameters, as they stand there, percent-encoded."""
    given = {key: unquote(value) for key, value in state.items()}
    listed = re.split(r",|%2C", state["tracks"]) if "tracks" in state else None
    ids = catalogue.default_tracks() if listed is None else map(unquote, listed)
    texts = [text for text in re.split(r"[;,+]", given.get("variant", "")) if text.strip()]
    saliencies = [state.get("saliency", ""), *state.get("earlier", "").split(",")]
    # The one in front comes first, and is among those that are kept.
    mutageneses = [state.get("mutagenesis", ""), *state.get("mutageneses", "").split(";")]
    return View(
        given.get("locus", catalogue.default_locus()).replace(",", ""),
        tuple(dict.fromkeys(track for track in ids if track)),
        tuple(dict.fromkeys(map(unquote, filter(None, saliencies)))),
        tuple(dict.fromkeys(map(unquote, filter(None, mutageneses)))),
        tuple(_variants(texts, catalogue)),
    )


def provenance(
    catalogue: Catalogue,
    hashes: FileHashes,
    view: View,
    address: str,
    own: Callable[[str], Upload | None],
) -> Provenance:
    """Give what /api/v1/reproduce answers."""
    project = catalogue.project
    known = catalogue.tracks()
    tracks = [known[track] for track in view.tracks if track in known]
    sources = [*_sources(catalogue, hashes, tracks)]
    for identifier in view.tracks:
        upload = None if identifier in known else own(identifier)
        if upload is not None:
            role = f"{_KIND_NAMES[upload.kind]} added by hand" + (
                f" from {upload.source}" if upload.source else ""
            )
            sources.append(SourceFile(role, upload.name, upload.bytes, False, upload.sha256))
    model = catalogue.model()
    found = Provenance(
        f"sighthound {core.__version__}",
        GenomeUsed(project.genome.name, project.genome.fasta.name, catalogue.genome.fingerprint),
        None if model is None else ModelUsed(str(model["hash"]), _predicted_by(catalogue)),
        view.locus,
        address,
        tuple(Command(title, line) for title, line in _commands(catalogue, view, tracks)),
        tuple(sources),
        complete=all(source.sha256 is not None for source in sources),
    )
    return replace(found, script=script(found))


def script(found: Provenance) -> str:
    """Write what is known of a picture as a shell script: checks the files, then makes the data."""
    genome, model = found.genome, found.model
    head = [
        "#!/bin/sh",
        "# The data of a picture by Sighthound. Run it as: sh FILE PROJECT",
        f"# picture    {found.locus}",
        f"# address    {found.address}",
        f"# software   {found.software}",
        f"# genome     {genome.name} ({genome.file}), fingerprint {genome.fingerprint}",
        f"# model      {model.hash if model else 'none'}",
    ]
    if model and model.predictions:
        head.append(f"# predicted  {model.predictions}")
    body = ["", "set -eu", 'PROJECT="${1:-.}"', ""]
    sums = [_sum(file.sha256, file.path) for file in found.files if file.inside and file.sha256]
    if sums:
        body += ["(cd \"$PROJECT\" && sha256sum --check --quiet) <<'SUMS'", *sums, "SUMS", ""]
    others = [file for file in found.files if not file.inside]
    for file in others:
        body.append(f"# not in the project: {file.sha256 or 'unknown'}  {file.path}")
    body += [""] if others else []
    for command in found.commands:
        body += [f"# {command.title}", command.line, ""]
    return "\n".join(_one_line(line) for line in [*head, *body]) + "\n"


def _commands(catalogue: Catalogue, view: View, tracks: list[Track]) -> Iterator[tuple[str, str]]:
    modelled = set(catalogue.model_tracks())
    predicted = [f"--track {shlex.quote(track.id)}" for track in tracks if track.id in modelled]
    averaged, claimed = _averaging(catalogue.ensemble()), _averaging(catalogue.claiming())
    if predicted:
        manifest = catalogue.manifest()
        precision = manifest.precision if manifest else "float32"
        options = [] if precision == "float32" else [f"--precision {precision}"]
        yield (
            "the predictions, genome-wide",
            _line("predict", *predicted, *averaged, *options),
        )
    saliencies = [asked for asked in map(_SALIENCY.match, view.saliencies) if asked]
    saliencies = [asked for asked in saliencies if _is_of(asked["track"], modelled)]
    for number, saliency in enumerate(saliencies, start=1):
        yield (
            f"the saliency of {saliency['track']} at {saliency['place']}",
            _line(
                "saliency",
                f"--region {_point(saliency['place'])}",
                _named(saliency["track"]),
                _output("saliency", number),
            ),
        )
    mutageneses = [
        (asked, explained)
        for asked in map(_MUTAGENESIS.match, view.mutageneses)
        if asked and (explained := [t for t in asked["tracks"].split(",") if _is_of(t, modelled)])
    ]
    for number, (asked, explained) in enumerate(mutageneses, start=1):
        target = f"{asked['region'].rpartition(':')[0]}:{asked['target']}"
        yield (
            f"the mutagenesis of {asked['region']} on {', '.join(explained)}",
            _line(
                "mutagenesis",
                shlex.quote(asked["region"]),
                *map(_named, explained),
                f"--target {shlex.quote(target)}",
                _output("mutagenesis", number),
            ),
        )
    if view.variants and modelled:
        named = [shlex.quote(str(variant)) for variant in view.variants]
        yield (
            "both alleles and their difference, all variants on one sequence",
            _line("alleles", *named, *predicted, *claimed, "-o alleles"),
        )
        yield "the variants as a file", _vcf(view.variants, catalogue)
        yield (
            "what each does to every track",
            _line("variants", "variants.vcf", *claimed, "-o variants.parquet"),
        )


def _averaging(ensemble: Ensemble) -> list[str]:
    """Options of commands that average these strands and shifts."""
    strands = ["--both-strands"] if ensemble.reverse_complement else []
    return strands + [f"--shift {shift}" for shift in ensemble.shifts if shift]


def _is_of(name: str, modelled: set[str]) -> bool:
    """Whether a track, or both of a contrast, are among the model's."""
    return modelled.issuperset(name.split("/"))


def _named(name: str) -> str:
    tracks = [shlex.quote(track) for track in tracks_of(name)]
    return f"--contrast {' '.join(tracks)}" if is_contrast(name) else f"--track {tracks[0]}"


def _output(name: str, number: int) -> str:
    """Name a question's own file: saliency.tsv, saliency_2.tsv, and so on."""
    return f"-o {name}{'' if number == 1 else f'_{number}'}.tsv"


def _line(command: str, *arguments: str) -> str:
    return f'sighthound {command} "$PROJECT" {" ".join(arguments)}'


def _point(place: str) -> str:
    chrom, _, position = place.rpartition(":")
    return shlex.quote(f"{chrom}:{position}-{position}")


def _vcf(variants: tuple[Variant, ...], catalogue: Catalogue) -> str:
    chroms = dict.fromkeys(v.chrom for v in variants)
    lines = ["##fileformat=VCFv4.2"]
    lines += [f"##contig=<ID={c},length={catalogue.genome.lengths[c]}>" for c in chroms]
    lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
    lines += [f"{v.chrom}\t{v.position + 1}\t.\t{v.ref}\t{v.alt}\t.\t.\t." for v in variants]
    # Whoever types a tab into a shell gets files' names.
    text = "\n".join([*lines, ""]).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
    return f"printf '%b' {shlex.quote(text)} > variants.vcf"


def _variants(texts: list[str], catalogue: Catalogue) -> Iterator[Variant]:
    for text in texts:
        yield parse_variant(text, catalogue.genome)


def _predicted_by(catalogue: Catalogue) -> str:
    manifest = catalogue.manifest()
    if not manifest:
        return ""
    ensemble = catalogue.ensemble()
    strands = "both strands" if ensemble.reverse_complement else "forward strand"
    model = manifest.identity.model or ""
    other = "" if model == catalogue.model_hash() else f", by another model, {model}"
    return f"{strands}, sighthound {manifest.identity.version or '?'}{other}"


def _sources(catalogue: Catalogue, hashes: FileHashes, tracks: list[Track]) -> Iterator[SourceFile]:
    project = catalogue.project
    model = project.model.directory
    files: list[tuple[str, Path | None]] = [
        ("genome", project.genome.fasta),
        ("genes", project.genome.genes),
        ("tracks table", project.tracks.table),
        ("model", model / DESCRIPTION),
        ("model's weights", model / WEIGHTS),
    ]
    for track in tracks:
        files.append((f"experiment of {track.id}", track.experiment))
        files.append((f"prediction of {track.id}", catalogue.prediction(track.id)))
    for role, path in files:
        # Its size tells of tracks that are hidden.
        if role == "tracks table" and catalogue.hidden():
            continue
        if path is None or not path.is_file():
            continue
        absolute = path.absolute()
        inside = absolute.is_relative_to(project.root)
        # A file's place elsewhere on the server is nobody's business.
        shown = str(absolute.relative_to(project.root)) if inside else path.name
        yield SourceFile(role, shown, path.stat().st_size, inside, hashes.find(path))


def _sum(sha256: str, path: str) -> str:
    """Write a line for sha256sum, which begins with a backslash where the name is escaped."""
    written = path.replace("\\", "\\\\").replace("\n", "\\n")
    return f"{'' if written == path else chr(92)}{sha256}  {written}"


def _one_line(text: str) -> str:
    return re.sub(r"[\r\n]+", " ", text)
