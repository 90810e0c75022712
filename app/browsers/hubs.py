"""Track hubs and IGV sessions of the running server, for the tracks and the locus asked for.

Hubs name their BigWigs relative to themselves; sessions name them by the address under which the
server was asked.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import json
from collections.abc import Callable, Sequence
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, request

from sighthound.app.answers.kept import Links, SharedFile
from sighthound.app.answers.written import written
from sighthound.app.browsers.allele_tracks import allele_path, read_haplotype
from sighthound.app.browsers.files import reference, variants_urls
from sighthound.app.project_state import Catalogue
from sighthound.app.web.byte_ranges import (
    METHODS,
    allow_other_origins,
    not_found,
    preflight,
    send_text,
)
from sighthound.app.web.operation import TEXT, XML, Operation, Operations
from sighthound.app.web.parameters import asked_tracks
from sighthound.core.browsers.igv import (
    Reference,
    igv_desktop_link,
    igv_desktop_session,
    igv_locus,
    igv_session,
)
from sighthound.core.browsers.jbrowse import jbrowse_config
from sighthound.core.browsers.tracks import ALLELES, LABELS, VARIANTS, SharedTrack, shared_tracks
from sighthound.core.browsers.ucsc_hub import Hub, default_shown, written_files
from sighthound.core.genome.sequence import Interval, parse_region
from sighthound.core.interpretation.allele_tracks import marks, say_haplotype
from sighthound.core.project.held_out import stated_pearson
from sighthound.core.tracks.track import Track
from sighthound.core.variants.haplotype import Haplotype

UCSC = "https://genome.ucsc.edu/cgi-bin/hgTracks"
UCSC_CANNOT = (
    "UCSC fetches hubs from its own servers, which cannot reach this address: run 'sighthound hub "
    "PROJECT -o DIR' and copy the folder to a web server that everybody can reach"
)
# Bases around variants that a session opens on, and the colour of their mark at UCSC.
AROUND_BP = 5_000
HIGHLIGHT = "#f5c9a8"
# Folder of the hub -> whether it is faceted, and in three files.
_FORMS = {"": (False, False), "faceted/": (True, False), "files/": (False, True)}


_SHARED = "tracks? kinds? variants?"
OPERATIONS: Operations = {
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
            "Addresses of sessions, hubs and BigWigs.", f"locus? {_SHARED}", Links, is_file=True
        )
    },
}


def _own_root() -> str:
    return request.url_root


def blueprint(catalogue: Catalogue, link_root: Callable[[], str] = _own_root) -> Blueprint:
    """Make the routes below /hub.

    Parameters
    ----------
    catalogue : Catalogue
    link_root : callable, optional
        Gives what stands in front of the addresses of what a genome browser is to read.
    """
    routes = Blueprint("hubs", __name__, url_prefix="/hub")
    routes.after_request(allow_other_origins)
    project, genome = catalogue.project, catalogue.genome

    def add(path: str, make: Callable[[], Response]) -> None:
        routes.add_url_rule(
            path,
            path.strip("/").replace(".", "_").replace("/", "_"),
            lambda: preflight() if request.method == "OPTIONS" else make(),
            methods=METHODS,
            provide_automatic_options=False,
        )

    def hub_texts(folder: str) -> Callable[[str], Response]:
        faceted, three_files = _FORMS[folder]
        up = "../" * (1 + folder.count("/"))

        def make(name: str) -> Response:
            every = list(catalogue.tracks().values())
            # The tracks asked for, where any are: links to chosen tracks stay small.
            chosen = asked_tracks(catalogue) or every
            tracks = bigwigs(chosen, up, asked_haplotype())
            known = variants_urls(project, up) if VARIANTS in _kinds() else {}
            asked = request.query_string.decode()
            ids = [track.id for track in chosen]
            is_choice = len(chosen) < len(every)
            hub = Hub(
                title=project.title,
                genome=project.genome.name,
                tracks=tuple(tracks),
                shown=default_shown(ids, ids if is_choice else project.server.default_tracks),
                faceted=faceted,
                held_out=stated_pearson(project),
                query=f"?{asked}" if asked else "",
                variants_url=known.get("variants_url", ""),
                variants_index_url=known.get("variants_index_url", ""),
            )
            text = written_files(hub, three_files).get(name)
            return not_found() if text is None else send_text(text)

        return make

    def asked_haplotype() -> Haplotype | None:
        text = request.args.get("variants", "")
        return read_haplotype(text, genome) if text else None

    def bigwigs(chosen: Sequence[Track], root: str, asked: Haplotype | None) -> list[SharedTrack]:
        """Those of some tracks, alleles only of what the model predicts."""

        def url(track: Track, kind: str) -> str:
            if asked is not None and kind in ALLELES:
                return f"{root}{allele_path(track.id, asked, kind)}"
            return f"{root}{_path(track, kind)}"

        kinds = [kind for kind in _kinds() if kind != VARIANTS and (asked or kind not in ALLELES)]
        said = "" if asked is None else say_haplotype(asked)
        every, modelled = list(catalogue.tracks().values()), set(catalogue.model_tracks())
        return [
            shared
            for shared in shared_tracks(project, chosen, every, url, kinds, said)
            if shared.kind not in ALLELES or shared.track.id in modelled
        ]

    def open_here() -> tuple[Sequence[SharedTrack], Interval, Haplotype | None]:
        every = catalogue.tracks()
        ids = list(every)
        shown = default_shown(ids, project.server.default_tracks)
        chosen = asked_tracks(catalogue) or [every[track] for track in ids if track in shown]
        asked = asked_haplotype()
        tracks = bigwigs(chosen, link_root(), asked)
        text = request.args.get("locus", "")
        if asked is not None and not text:
            length = genome.lengths[asked.chrom]
            around = max(0, asked.start - AROUND_BP), min(length, asked.end + AROUND_BP)
            return tracks, Interval(asked.chrom, *around), asked
        return tracks, parse_region(text or catalogue.default_locus(), genome), asked

    def shown_reference() -> Reference:
        known = reference(project, link_root())
        if VARIANTS in _kinds():
            return known
        return dataclasses.replace(known, variants_url="", variants_index_url="")

    def igv_json() -> Response:
        tracks, locus, asked = open_here()
        marked = [] if asked is None else marks(asked)
        session = igv_session(shown_reference(), tracks, locus, marked)
        return send_text(json.dumps(session, indent=1), "application/json")

    def igv_xml() -> Response:
        tracks, locus, asked = open_here()
        marked = [] if asked is None else marks(asked)
        session = igv_desktop_session(shown_reference(), tracks, locus, marked)
        return send_text(session, "application/xml")

    def jbrowse() -> Response:
        tracks, locus, _ = open_here()
        config = jbrowse_config(shown_reference(), tracks, locus)
        return send_text(json.dumps(config, indent=1), "application/json")

    def links() -> Response:
        tracks, locus, asked = open_here()
        root = link_root()
        ids = ",".join(dict.fromkeys(shared.track.id for shared in tracks))
        what = {"tracks": ids} | ({} if asked is None else {"variants": str(asked)})
        query = urlencode({"locus": igv_locus(locus), **what}, quote_via=quote)
        # IGV on the desktop tells a session by how its address ends.
        desktop = f"{root}hub/igv.xml?{query}&name=session.xml"
        hub = f"{root}hub/hub.txt?{urlencode(what, quote_via=quote)}"
        at_ucsc = {"db": project.genome.name, "hubUrl": hub, "position": igv_locus(locus)}
        if asked is not None:
            places = ((f"{project.genome.name}.{igv_locus(at)}") for at, _ in marks(asked))
            at_ucsc["highlight"] = "|".join(f"{place}{HIGHLIGHT}" for place in places)
        reachable = _may_be_reached(request.host)
        found = Links(
            str(locus),
            f"{root}hub/igv.json?{query}",
            desktop,
            igv_desktop_link(desktop, locus),
            f"{root}hub/jbrowse.json?{query}",
            hub,
            f"{UCSC}?{urlencode(at_ucsc)}" if reachable else None,
            "" if reachable else UCSC_CANNOT,
            tuple(SharedFile(s.track.id, s.kind, s.label, s.url) for s in tracks),
        )
        return send_text(written(found), "application/json")

    for folder, (faceted, three_files) in _FORMS.items():
        make = hub_texts(folder)
        names = ["hub.txt"] + (["genomes.txt", "trackDb.txt"] if three_files else [])
        for name in [*names, *(["metadata.tsv"] if faceted else [])]:
            add(f"/{folder}{name}", lambda make=make, name=name: make(name))  # type: ignore[misc]
    add("/igv.json", igv_json)
    add("/igv.xml", igv_xml)
    add("/jbrowse.json", jbrowse)
    add("/links.json", links)
    routes.add_url_rule(
        "/<path:_path>",
        "unknown",
        lambda _path: preflight() if request.method == "OPTIONS" else not_found(),
        methods=METHODS,
        provide_automatic_options=False,
    )
    return routes


def _kinds() -> list[str]:
    """Kinds that are asked for; alleles are left out later where there is no haplotype."""
    asked = [kind for kind in request.args.get("kinds", "").split(",") if kind]
    return asked or [*LABELS, VARIANTS]


def _path(track: Track, kind: str) -> str:
    return f"tracks/{quote(track.id, safe='')}/{kind}.bw"


def _may_be_reached(host: str) -> bool:
    """Say whether others could reach a host: no, where its name or address is a local one."""
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    try:
        return ipaddress.ip_address(name.strip("[]")).is_global
    except ValueError:
        return "." in name and not name.endswith((".local", ".localhost", ".internal", ".lan"))
