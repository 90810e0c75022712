"""BigWigs of what is in view, to take away: the chosen tracks over one window.

One BigWig comes as itself, several as a zip. All is made on disk before the first byte is sent, so
that a file is whole or there is an error; nothing is held in memory.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from flask import Blueprint, Response, request
from werkzeug.wsgi import wrap_file

from sighthound.app.project_state import Catalogue
from sighthound.app.web.operation import BINARY, WINDOW, ZIP, Operation, Operations
from sighthound.app.web.parameters import asked_tracks, asked_window
from sighthound.core.bigwig.window import cut_bigwig
from sighthound.core.browsers.tracks import KINDS, track_file
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Interval

# Bases times BigWigs of one request: some seconds of work.
MAX_BASES = 50_000_000
_BUFFER = 1 << 18


OPERATIONS: Operations = {
    "/api/v1/bigwig": {
        "get": Operation(
            "BigWigs of tracks over a window, base by base: one as itself, several as a zip.",
            f"{WINDOW} tracks kinds?",
            media=(BINARY, ZIP),
        )
    },
}


def blueprint(catalogue: Catalogue) -> Blueprint:
    """Make the route /api/v1/bigwig."""
    routes = Blueprint("window_files", __name__, url_prefix="/api/v1")
    project, genome = catalogue.project, catalogue.genome

    def asked_files() -> dict[str, Path]:
        """Give the BigWigs that are asked for by the name that each gets."""
        kinds = [kind for kind in request.args.get("kinds", "").split(",") if kind] or list(KINDS)
        for kind in kinds:
            if kind not in KINDS:
                raise SighthoundError(f"unknown kind {kind!r}; there are {', '.join(KINDS)}")
        found = {}
        for track in asked_tracks(catalogue):
            for kind in kinds:
                path = track_file(project, track, kind)
                if path is not None:
                    found[f"{quote(track.id, safe='+ ')}.{kind}.bw"] = path
        return found

    @routes.get("/bigwig")
    def bigwig() -> Response:
        window, files = asked_window(genome), asked_files()
        if not files:
            raise SighthoundError(
                "none of these tracks has a BigWig: give tracks= with an experiment, or run "
                "'sighthound predict'"
            )
        if len(window) * len(files) > MAX_BASES:
            raise SighthoundError(
                f"{len(files):,} BigWigs of {len(window):,} bases are too many at once; choose a "
                f"window of at most {MAX_BASES // len(files):,}, or take the whole files, which "
                "/hub/links.json lists"
            )
        place = f"{window.chrom}_{window.start + 1}-{window.end}"
        if len(files) == 1:
            ((name, source),) = files.items()
            return _sent(_cut(source, window), f"{place}.{name}", "application/octet-stream")
        return _sent(_zipped(files, window), f"sighthound_{place}.zip", "application/zip")

    return routes


def _cut(source: Path, window: Interval) -> BinaryIO:
    """Cut a window out of a BigWig into a file without a name, which its last reader removes."""
    with tempfile.TemporaryDirectory(prefix="sighthound-") as folder:
        target = Path(folder) / "window.bw"
        cut_bigwig(source, target, window)
        return target.open("rb")


def _zipped(files: dict[str, Path], window: Interval) -> BinaryIO:
    packed = tempfile.TemporaryFile(prefix="sighthound-")  # noqa: SIM115 the response closes it
    try:
        # BigWigs are compressed already.
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            for name, source in files.items():
                with _cut(source, window) as cut, archive.open(name, "w") as member:
                    while block := cut.read(_BUFFER):
                        member.write(block)
    except BaseException:
        packed.close()
        raise
    packed.seek(0)
    return packed


def _sent(file: BinaryIO, name: str, mimetype: str) -> Response:
    length = file.seek(0, io.SEEK_END)
    file.seek(0)
    response = Response(
        wrap_file(request.environ, file, _BUFFER), mimetype=mimetype, direct_passthrough=True
    )
    response.headers["Content-Length"] = str(length)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Cache-Control"] = "private, no-cache"
    return response
