"""The application factory: Flask and Dash, security headers, health, errors as one line.

Nothing here computes; it puts the routes of the other modules and the page together.
Everything is served from the server's own origin, and the headers hold the browser to that. Only
BigWigs, genome and hubs may be read by pages of other origins.
"""

from __future__ import annotations

import gzip
import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from dash.exceptions import DependencyException
from distributed.security import Security
from flask import Flask, Response, abort, request
from werkzeug.exceptions import HTTPException

from sighthound.app.answers.jobs import Mistake
from sighthound.app.answers.written import respond_with
from sighthound.app.api import (
    example,
    gene_card,
    genome_run,
    levels,
    next_place,
    prediction,
    ranked_places,
    reproduce,
    search,
    shares,
    signal,
    track_card,
    variants,
    window_bigwigs,
)
from sighthound.app.api import explain as asking
from sighthound.app.api import uploads as own_data
from sighthound.app.browsers import allele_tracks, files, hubs, tokens
from sighthound.app.exports import pdf
from sighthound.app.inference import client
from sighthound.app.inference.cache import open_cache
from sighthound.app.inference.connection import StartingError
from sighthound.app.pages import login
from sighthound.app.pages.bundle import ADDRESS as BUNDLES
from sighthound.app.pages.bundle import Bundle
from sighthound.app.pages.page import ASSETS, CALLBACK, Page
from sighthound.app.project_state import Catalogue
from sighthound.app.rights.asking import NONE
from sighthound.app.rights.gate import add_gate
from sighthound.app.rights.rights import Rights
from sighthound.app.server import health, logs, metrics, openapi
from sighthound.app.server.subpath import below
from sighthound.app.state.key import server_key
from sighthound.app.truth import routes as truth_routes
from sighthound.app.uploads.store import Uploads
from sighthound.app.variants import atlas
from sighthound.app.variants import routes as variant_tables
from sighthound.app.variants.runs import Runs
from sighthound.app.variants.tables import ScoredTables
from sighthound.app.web.csrf import WrongHostError, host_check, refuse_other_origins
from sighthound.app.web.file_hashes import FileHashes
from sighthound.app.web.public import public_line
from sighthound.app.web.security import (
    content_security_policy,
    inline_scripts,
    security_headers,
)
from sighthound.app.web.share_token import ask_for_token
from sighthound.app.web.visitors import add_cookies
from sighthound.core.errors import CancelledError, SighthoundError, UnavailableError
from sighthound.core.project.layout import answers_folder, hashes_file, key_file
from sighthound.core.project.settings import Project
from sighthound.core.tracks.track import Track

# Data of the demos lies in the assets folder for shipping, not for browsers.
UNSERVED_ASSETS = ("genome", "simulated", "yeast")
COMPRESSED_TYPES = frozenset(
    {"application/json", "application/javascript", "text/javascript", "text/css", "text/html"}
)
RETRY_S = 2  # until a worker that is starting is asked again
BUSY_S = 5  # until one that found too many questions waiting is asked again
COMPRESS_FROM_BYTES = 1_400
MAX_SHOWN_PATH, MAX_LINE = 200, 800
# Of any request but a visitor's file, whose limit is the project's.
MAX_BODY_BYTES = 24 * 1024 * 1024
# These come under names that hold their version, so their compressed form is made once.
BUNDLED = (
    BUNDLES,
    "/_dash-component-suites/",
    "/pages/accuracy/_dash-component-suites/",
    "/pages/variants/_dash-component-suites/",
)
_BUNDLES_KEPT = 128
_YEAR_S = 31_536_000

_log = logging.getLogger(__name__)


def create_app(
    project: Project,
    *,
    scheduler_address: str | None,
    security: Security | None = None,
    token: str = "",
) -> Flask:
    """Make the web application of a project.

    Parameters
    ----------
    project : Project
        What is served.
    scheduler_address : str or None
        Dask scheduler of the inference worker; None serves signals without saliency and
        mutagenesis.
    security : distributed.Security, optional
        What the scheduler asks of those who connect.
    token : str
        Without which nobody is answered; empty lets everybody in.

    Returns
    -------
    Flask
        A WSGI application; its `extensions["sighthound"]` is the `client.Inference` to close.

    Raises
    ------
    SighthoundError
        The genome, the genes or the tracks table cannot be read.
    """
    server = Flask("sighthound", static_folder=None)
    server.json.sort_keys = False  # type: ignore[attr-defined]
    server.before_request(host_check(project.server))
    server.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    server.before_request(_refuse_raw_bytes)
    if token:
        ask_for_token(server, token)
    server.before_request(_refuse_large)
    server.before_request(refuse_other_origins)
    rights = None if project.server.login == NONE else Rights(project)
    if rights is not None:
        add_gate(server, rights, [bundle.address for bundle in login.BUNDLES])
        server.register_blueprint(login.blueprint(project, rights))
        for bundle in login.BUNDLES:
            _add_bundle(server, bundle)
    catalogue = Catalogue(project, None if rights is None else rights.hidden)
    # A mistake in a table is for whoever starts the server, not for who opens the page.
    catalogue.tracks()
    catalogue.track_sets()
    cache = open_cache(
        server,
        answers_folder(project),
        project.server.cache_mb,
        server_key(key_file(project)),
        project.server.shared_cache,
    )
    inference = client.Inference(scheduler_address, cache, project, security)
    server.extensions["sighthound"] = inference
    uploads = own_data.open_uploads(catalogue)
    genome_levels = levels.GenomeLevels(catalogue)

    def own(track: str) -> Track | None:
        return own_data.own_track(uploads, track)

    server.register_blueprint(signal.blueprint(catalogue, own))
    server.register_blueprint(levels.blueprint(catalogue, genome_levels, own))
    server.register_blueprint(example.blueprint(catalogue, genome_levels))
    server.register_blueprint(genome_run.blueprint(catalogue))
    server.register_blueprint(search.blueprint(catalogue))
    server.register_blueprint(gene_card.blueprint(catalogue))
    server.register_blueprint(track_card.blueprint(catalogue))
    server.register_blueprint(truth_routes.blueprint(catalogue))
    server.register_blueprint(next_place.blueprint(catalogue, genome_levels))
    server.register_blueprint(ranked_places.blueprint(catalogue))
    server.register_blueprint(asking.blueprint(catalogue, inference))
    server.register_blueprint(variants.blueprint(catalogue, inference))
    scored = ScoredTables(catalogue, Runs(catalogue, inference))
    server.register_blueprint(variant_tables.blueprint(catalogue, uploads, scored.runs, scored))
    server.register_blueprint(atlas.blueprint(catalogue))
    server.register_blueprint(prediction.blueprint(catalogue, inference))
    server.register_blueprint(files.blueprint(catalogue))
    server.register_blueprint(openapi.blueprint(project.title))
    server.register_blueprint(window_bigwigs.blueprint(catalogue))
    server.register_blueprint(allele_tracks.blueprint(catalogue, inference))
    server.register_blueprint(hubs.blueprint(catalogue, partial(tokens.link_root, rights)))
    server.register_blueprint(tokens.blueprint(catalogue, rights))
    _add_kept(server, catalogue, uploads, rights)
    server.register_blueprint(metrics.blueprint(inference, project.server.metrics))
    server.register_blueprint(health.blueprint(catalogue, inference))
    _add_errors(server, project)
    add_cookies(server)
    inline = _add_pages(server, catalogue, scored)
    policies = content_security_policy(inline), content_security_policy(inline, by_dash=True)
    server.wsgi_app = below(server.wsgi_app, project.server.path)  # type: ignore[assignment, method-assign]
    server.before_request(_hide_data)
    server.after_request(_Compressor())
    server.after_request(security_headers(*policies))
    return server


def _add_kept(server: Flask, catalogue: Catalogue, uploads: Uploads, rights: Rights | None) -> None:
    """Mount what visitors keep and take away: views, files of their own, pictures."""
    hashes = FileHashes(hashes_file(catalogue.project))
    server.register_blueprint(own_data.blueprint(catalogue, uploads))
    server.register_blueprint(shares.blueprint(catalogue, None if rights is None else rights.state))
    server.register_blueprint(pdf.blueprint())
    server.register_blueprint(
        reproduce.blueprint(catalogue, hashes, lambda name: own_data.own_file(uploads, name))
    )


def _add_errors(server: Flask, project: Project) -> None:
    def line(text: str, status: int) -> tuple[Response, int]:
        text = public_line(project, text)
        # Some name all that was given.
        text = text if len(text) <= MAX_LINE else f"{text[:MAX_LINE]}..."
        response = respond_with(Mistake(text))
        response.headers["Cache-Control"] = "no-store"
        return response, status

    @server.errorhandler(SighthoundError)
    def mistake(error: SighthoundError) -> tuple[Response, int]:
        return line(str(error), 400)

    @server.errorhandler(WrongHostError)
    def misdirected(error: WrongHostError) -> tuple[Response, int]:
        return line(str(error), 421)

    @server.errorhandler(UnavailableError)
    def unavailable(error: UnavailableError) -> tuple[Response, int]:
        response, status = line(str(error), 503)
        if isinstance(error, StartingError):
            response.headers["Retry-After"] = str(RETRY_S)
        return response, status

    @server.errorhandler(client.BusyError)
    def busy(error: client.BusyError) -> tuple[Response, int]:
        response, status = line(str(error), 429)
        response.headers["Retry-After"] = str(BUSY_S)
        return response, status

    @server.errorhandler(CancelledError)
    def cancelled(error: CancelledError) -> tuple[Response, int]:
        return line(str(error), 409)

    @server.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Any:
        if error.code is None or error.code < 400:
            return error
        return line(f"{error.name}: {request.path[:MAX_SHOWN_PATH]}", error.code)

    @server.errorhandler(DependencyException)
    def no_script(_error: DependencyException) -> tuple[Response, int]:
        return line(f"Not Found: {request.path[:MAX_SHOWN_PATH]}", 404)

    @server.errorhandler(Exception)
    def failed(error: Exception) -> tuple[Response, int]:
        named = request.headers.get(logs.ID_HEADER, "-")
        shown = request.full_path[:2_000]
        _log.error("%s %s failed, request %s", request.method, shown, named, exc_info=error)
        kind = type(error).__name__
        # All that a panel is drawn of came with the request.
        if request.path.endswith(f"/{CALLBACK}"):
            return line(f"no panel can be drawn of these data ({kind})", 400)
        return line(f"the server failed on this request ({kind}); its log says more", 500)

    # Dash answers any unknown path with the page; under /api that would hide a misspelling.
    @server.route("/api/<path:_path>")
    def unknown(_path: str) -> Response:
        abort(404)


def _add_pages(server: Flask, catalogue: Catalogue, scored: ScoredTables) -> list[str]:
    """Mount the pages; give the hashes of the inline scripts that they may run."""
    from sighthound.app.pages import about, accuracy, guides, locus, tracks, variants

    title, root = catalogue.project.title, catalogue.project.server.path
    heading = catalogue.heading()
    indices = [page.index(heading) for page in (locus, tracks, accuracy, variants)]
    first = Page(
        server,
        "/",
        indices[0],
        title,
        locus.layout,
        without=locus.WITHOUT,
        root=root,
        assets_folder=str(ASSETS),
        assets_path_ignore=[rf"^{name}(/|$)" for name in UNSERVED_ASSETS],
    )
    locus.register_callbacks(first)
    table = Page(
        server,
        "/tracks",
        indices[1],
        f"Tracks \u2013 {title}",
        tracks.layout,
        without=tracks.WITHOUT,
        root=root,
        # Its style sheet and modules are the first page's, and no asset is served twice.
        assets_folder=str(ASSETS / "tracks"),
    )
    measured = Page(
        server,
        "/accuracy",
        indices[2],
        f"Accuracy \u2013 {title}",
        accuracy.layout,
        without=accuracy.WITHOUT,
        root=root,
        assets_folder=str(ASSETS / "tracks"),
    )
    accuracy.register_callbacks(measured, catalogue)
    many = Page(
        server,
        "/variants",
        indices[3],
        f"Variants \u2013 {title}",
        variants.layout,
        root=root,
        without=variants.WITHOUT,
        assets_folder=str(ASSETS / "tracks"),
    )
    variants.register_callbacks(many, catalogue, scored)
    server.register_blueprint(variants.blueprint(catalogue, scored))
    server.register_blueprint(accuracy.blueprint(catalogue))
    server.add_url_rule("/about", "about", lambda: about.page(catalogue))
    server.register_blueprint(guides.blueprint())
    pages = (locus, tracks, accuracy, variants, about)
    for bundle in (bundle for page in pages for bundle in page.BUNDLES):
        _add_bundle(server, bundle)
    inline = [source for index in indices for source in inline_scripts(index)]
    hashes = [script for page in (first, table, measured, many) for script in page.csp_hashes()]
    return list(dict.fromkeys([*hashes, *inline]))


def _add_bundle(server: Flask, bundle: Bundle) -> None:
    @server.get(bundle.address, endpoint=bundle.name)
    def give() -> Response:
        answer = Response(bundle.content, mimetype=bundle.mimetype)
        answer.cache_control.public = answer.cache_control.immutable = True
        answer.cache_control.max_age = _YEAR_S
        return answer


def _refuse_raw_bytes() -> None:
    """Refuse parameters whose bytes are no text: every reader of an address would fail on them."""
    try:
        request.query_string.decode()
    except UnicodeDecodeError:
        raise SighthoundError(
            "the parameters of the address hold bytes that are no UTF-8; write them as %FF"
        ) from None


def most_body(project: Project) -> Callable[[str], int]:
    """Make what says how many bytes the body of a request for a path may have."""
    file_bytes = project.server.upload_mb << 20

    def most(path: str) -> int:
        return max(file_bytes, MAX_BODY_BYTES) if "/uploads" in path else MAX_BODY_BYTES

    return most


def _refuse_large() -> None:
    """Refuse at once a body that no route would read to its end."""
    if request.endpoint != own_data.TAKES_FILES and (request.content_length or 0) > MAX_BODY_BYTES:
        abort(413)


def _hide_data() -> Response | None:
    parts = request.path.strip("/").split("/")
    if parts[0] == "assets" and len(parts) > 1 and parts[1] in UNSERVED_ASSETS:
        abort(404)
    return None


class _Compressor:
    """Compresses text with gzip for browsers that take it; never binary data or ranges."""

    def __init__(self) -> None:
        self._bundles: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def __call__(self, response: Response) -> Response:
        if response.mimetype not in COMPRESSED_TYPES:
            return response
        response.vary.add("Accept-Encoding")
        if (
            response.status_code != 200
            or "Content-Encoding" in response.headers
            or not request.accept_encodings["gzip"]
        ):
            return response
        is_bundle = request.path.startswith(BUNDLED)
        kept = self._bundles.get(request.full_path) if is_bundle else None
        if kept is None:
            # Static files come as streams, which must be read before they can be compressed.
            response.direct_passthrough = False
            data = response.get_data()
            if len(data) < COMPRESS_FROM_BYTES:
                return response
            kept = gzip.compress(data, 6 if is_bundle else 3, mtime=0)
            if is_bundle:
                with self._lock:
                    if len(self._bundles) >= _BUNDLES_KEPT:
                        self._bundles.clear()
                    self._bundles[request.full_path] = kept
        response.direct_passthrough = False
        response.set_data(kept)
        response.headers["Content-Encoding"] = "gzip"
        tag, _ = response.get_etag()
        if tag is not None:
            response.set_etag(tag, weak=True)
        return response
