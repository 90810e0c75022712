"""Track hubs and IGV sessions of the running server, for the tracks and the locus asked for.

Hubs name their BigWigs relative to themselves; sessions name them by the address under which the
server was asked.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Sequence
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, request

from app.byte_ranges import METHODS, allow_other_origins, not_found, preflight, send_text
from app.catalogue import Catalogue
from app.signal import asked_tracks
from app.trackserver import reference
from core.genome import Interval, parse_region
from core.hub import Hub, default_shown, written_files
from core.igv import igv_desktop_link, igv_desktop_session, igv_locus, igv_session
from core.shared_tracks import KINDS, SharedTrack, shared_tracks
from core.tracks import Track

UCSC = "https://genome.ucsc.edu/cgi-bin/hgTracks"
UCSC_CANNOT = (
    "UCSC fetches hubs from its own servers, which cannot reach this address: run 'sighthound hub "
    "PROJECT -o DIR' and copy the folder to a web server that everybody can reach"
)
# Folder of the hub -> whether it is faceted, and in three files.
_FORMS = {"": (False, False), "faceted/": (True, False), "files/": (False, True)}


def blueprint(catalogue: Catalogue) -> Blueprint:
    """Make the routes below /hub."""
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
            tracks = shared_tracks(
                project, chosen, every, lambda t, kind: f"{up}{_path(t, kind)}", _kinds()
            )
            ids = [track.id for track in chosen]
            is_choice = len(chosen) < len(every)
            hub = Hub(
                title=project.title,
                genome=project.genome.name,
                tracks=tuple(tracks),
                shown=default_shown(ids, ids if is_choice else project.server.default_tracks),
                faceted=faceted,
                held_out=_pearson(catalogue),
            )
            text = written_files(hub, three_files).get(name)
            return not_found() if text is None else send_text(text)

        return make

    def open_here() -> tuple[Sequence[SharedTrack], Interval]:
        every = catalogue.tracks()
        ids = list(every)
        shown = default_shown(ids, project.server.default_tracks)
        chosen = asked_tracks(catalogue) or [every[track] for track in ids if track in shown]
        root = request.host_url
        tracks = shared_tracks(
            project,
            chosen,
            list(every.values()),
            lambda t, kind: f"{root}{_path(t, kind)}",
            _kinds(),
        )
        asked = request.args.get("locus", "")
        return tracks, parse_region(asked or catalogue.default_locus(), genome)

    def igv_json() -> Response:
        tracks, locus = open_here()
        session = igv_session(reference(project, request.host_url), tracks, locus)
        return send_text(json.dumps(session, indent=1), "application/json")

    def igv_xml() -> Response:
        tracks, locus = open_here()
        session = igv_desktop_session(reference(project, request.host_url), tracks, locus)
        return send_text(session, "application/xml")

    def links() -> Response:
        tracks, locus = open_here()
        root = request.host_url
        ids = ",".join(dict.fromkeys(shared.track.id for shared in tracks))
        asked = urlencode({"locus": igv_locus(locus), "tracks": ids}, quote_via=quote)
        # IGV on the desktop tells a session by how its address ends.
        desktop = f"{root}hub/igv.xml?{asked}&name=session.xml"
        hub = f"{root}hub/hub.txt?{urlencode({'tracks': ids}, quote_via=quote)}"
        at_ucsc = {"db": project.genome.name, "hubUrl": hub, "position": igv_locus(locus)}
        reachable = _may_be_reached(request.host)
        found = {
            "locus": str(locus),
            "igv_js_session": f"{root}hub/igv.json?{asked}",
            "igv_desktop_session": desktop,
            "igv_desktop": igv_desktop_link(desktop, locus),
            "hub": hub,
            "ucsc": f"{UCSC}?{urlencode(at_ucsc)}" if reachable else None,
            "ucsc_note": "" if reachable else UCSC_CANNOT,
            "bigwigs": [
                {"track": s.track.id, "kind": s.kind, "name": s.label, "url": s.url} for s in tracks
            ],
        }
        return send_text(json.dumps(found, indent=1), "application/json")

    for folder, (faceted, three_files) in _FORMS.items():
        make = hub_texts(folder)
        names = ["hub.txt"] + (["genomes.txt", "trackDb.txt"] if three_files else [])
        for name in [*names, *(["metadata.tsv"] if faceted else [])]:
            add(f"/{folder}{name}", lambda make=make, name=name: make(name))  # type: ignore[misc]
    add("/igv.json", igv_json)
    add("/igv.xml", igv_xml)
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
    return [kind for kind in request.args.get("kinds", "").split(",") if kind] or list(KINDS)


def _path(track: Track, kind: str) -> str:
    return f"tracks/{quote(track.id, safe='')}/{kind}.bw"


def _pearson(catalogue: Catalogue) -> dict[str, float]:
    rows = catalogue.held_out().items()
    return {track: row["pearson"] for track, row in rows if row["pearson"] is not None}


def _may_be_reached(host: str) -> bool:
    """Say whether others could reach a host: no, where its name or address is a local one."""
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    try:
        return ipaddress.ip_address(name.strip("[]")).is_global
    except ValueError:
        return "." in name and not name.endswith((".local", ".localhost", ".internal", ".lan"))
