"""The routes of visitors' own files: added by upload or from an allowed address, listed, removed.

Whose they are, `app.web.visitors` says.
"""

from __future__ import annotations

import threading
from typing import Any, BinaryIO, cast

from flask import Blueprint, Response, request

from sighthound.app.answers.jobs import Mistake
from sighthound.app.answers.kept import AskedAddress, Features, Removed, Upload, UploadedFiles
from sighthound.app.answers.written import respond_with
from sighthound.app.api.signal import MAX_PIXELS
from sighthound.app.project_state import Catalogue
from sighthound.app.uploads.fetch import fetched
from sighthound.app.uploads.store import Uploads
from sighthound.app.web.csrf import asked_json, guard
from sighthound.app.web.operation import BINARY, WINDOW, Operation, Operations
from sighthound.app.web.parameters import asked_window, integer
from sighthound.app.web.visitors import DAYS, known_visitor, remember, visitor
from sighthound.core.errors import SighthoundError
from sighthound.core.project.layout import uploads_folder
from sighthound.core.tracks.track import Track

TAKES_FILES = "own_data.add"  # the route that limits its own body
# Fetches at a time: each holds one of the server's threads.
_FETCHES = threading.BoundedSemaphore(2)


OPERATIONS: Operations = {
    "/api/v1/uploads": {
        "get": Operation("A visitor's own files.", gives=UploadedFiles),
        "post": Operation(
            "Add a BigWig, bedGraph, wiggle, BED or VCF of one's own.",
            "name?",
            Upload,
            body=BINARY,
        ),
    },
    "/api/v1/uploads/from-url": {
        "post": Operation("Add a file from an address.", gives=Upload, body=AskedAddress)
    },
    "/api/v1/uploads/{identifier}": {
        "delete": Operation("Remove a file.", "identifier", Removed, can_miss=True)
    },
    "/api/v1/uploads/{identifier}/features": {
        "get": Operation(
            "Features of a BED or VCF that touch a window.",
            f"identifier {WINDOW} pixels?",
            Features,
            can_miss=True,
        )
    },
}


def open_uploads(catalogue: Catalogue) -> Uploads:
    """Open the visitors' files of a project."""
    project = catalogue.project
    return Uploads(
        uploads_folder(project),
        catalogue.genome,
        file_mb=project.server.upload_mb,
        total_mb=project.server.uploads_mb,
        days=project.server.upload_days,
        person_mb=project.server.person_uploads_mb,
    )


def own_track(uploads: Uploads, identifier: str) -> Track | None:
    """Give the asking visitor's BigWig of an id, or None."""
    return uploads.track(known_visitor(), identifier)


def own_file(uploads: Uploads, identifier: str) -> Upload | None:
    """Give what is known of the asking visitor's file of an id, or None."""
    return uploads.find(known_visitor(), identifier)


def blueprint(catalogue: Catalogue, uploads: Uploads) -> Blueprint:
    """Make the routes /api/v1/uploads."""
    routes = Blueprint("own_data", __name__, url_prefix="/api/v1")
    server = catalogue.project.server

    @routes.get("/uploads")
    def listed() -> Response:
        return _private(
            UploadedFiles(
                tuple(uploads.of(known_visitor())),
                server.upload_mb,
                server.upload_days,
                server.allowed_urls,
            )
        )

    @routes.post("/uploads")
    def add() -> Response:
        guard()
        # The project's limit, which is told in words.
        request.max_content_length = None
        name = request.args.get("name", "file")
        upload = uploads.add(
            visitor(), name, cast(BinaryIO, request.stream), size=request.content_length
        )
        return _for(upload)

    @routes.post("/uploads/from-url")
    def add_from_url() -> Response:
        guard()
        address = asked_json(8_192).get("url")
        if not isinstance(address, str):
            raise SighthoundError("the request lacks 'url', the address of a file")
        if not _FETCHES.acquire(blocking=False):
            raise SighthoundError("other files are being fetched; try again in a moment")
        try:
            with fetched(address, server.allowed_urls) as (name, stream):
                upload = uploads.add(visitor(), name, stream, source=address.strip())
        finally:
            _FETCHES.release()
        return _for(upload)

    @routes.delete("/uploads/<identifier>")
    def remove(identifier: str) -> tuple[Response, int]:
        guard()
        if not uploads.remove(known_visitor(), identifier):
            return _not_yours(identifier)
        return _private(Removed(identifier)), 200

    @routes.get("/uploads/<identifier>/features")
    def features(identifier: str) -> tuple[Response, int]:
        interval = asked_window(catalogue.genome)
        pixels = integer("pixels", 1, MAX_PIXELS) if "pixels" in request.args else 1_000
        found = uploads.features(known_visitor(), identifier, interval, pixels)
        if found is None:
            return _not_yours(identifier)
        return _private(found), 200

    def _for(upload: Upload) -> Response:
        response = _private(upload)
        # Anew, so that it stays as long as the file.
        remember(response, visitor(), max(DAYS, server.upload_days))
        return response

    return routes


def _private(found: Any) -> Response:
    response = respond_with(found)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _not_yours(identifier: str) -> tuple[Response, int]:
    line = (
        f"{identifier[:40]!r} is no file of this browser: it has expired, was removed, or is "
        "another visitor's"
    )
    return _private(Mistake(line)), 404
