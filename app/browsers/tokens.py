"""The routes of who is asking: their name, and read tokens of their own."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, request

from sighthound.app.answers.jobs import Mistake
from sighthound.app.answers.rights import AskedToken, Me, ReadToken, ReadTokens, Revoked
from sighthound.app.answers.written import respond_with
from sighthound.app.project_state import Catalogue
from sighthound.app.rights.asking import NONE, person
from sighthound.app.rights.gate import READ
from sighthound.app.rights.rights import Rights
from sighthound.app.rights.tokens import DAYS, Token
from sighthound.app.web.csrf import asked_json, guard
from sighthound.app.web.operation import Operation, Operations
from sighthound.app.web.parameters import check_known
from sighthound.core.errors import SighthoundError

_MOST_BYTES = 64 * 1024

OPERATIONS: Operations = {
    "/api/v1/me": {"get": Operation("Who is asking.", gives=Me)},
    "/api/v1/tokens": {
        "get": Operation("Read tokens of who is asking.", gives=ReadTokens),
        "post": Operation("Make a read token.", gives=ReadToken, body=AskedToken),
    },
    "/api/v1/tokens/{identifier}": {
        "delete": Operation("Revoke a read token.", "identifier", Revoked, can_miss=True)
    },
}


def blueprint(catalogue: Catalogue, rights: Rights | None) -> Blueprint:
    """Make the routes /api/v1/me and tokens; `rights` is None where nobody logs in."""
    routes = Blueprint("tokens", __name__, url_prefix="/api/v1")

    @routes.get("/me")
    def me() -> Response:
        return _private(Me(person(), NONE if rights is None else rights.login))

    @routes.get("/tokens")
    def tokens() -> Response:
        found = [] if rights is None else rights.tokens.of(person())
        return _private(ReadTokens(tuple(map(_told, found))))

    @routes.post("/tokens")
    def make() -> Response:
        guard()
        asked = asked_json(_MOST_BYTES)
        if rights is None:
            raise SighthoundError("nobody logs in here, so that links need no token")
        name, days, tracks = asked.get("name"), asked.get("days", DAYS), asked.get("tracks", [])
        is_list = isinstance(tracks, list) and all(isinstance(track, str) for track in tracks)
        if not isinstance(name, str) or type(days) is not int or not is_list:
            raise SighthoundError("a token has a name, and may have days and a list of tracks")
        for track in tracks:
            check_known("track", track, catalogue.tracks())
        token = rights.tokens.make(person(), name, days, tuple(dict.fromkeys(tracks)))
        text = rights.tokens.text(token)
        return _private(
            replace(_told(token), token=text, root=f"{request.url_root}{READ[1:]}{text}/")
        )

    @routes.delete("/tokens/<identifier>")
    def revoke(identifier: str) -> tuple[Response, int]:
        guard()
        if rights is None or not rights.tokens.revoke(identifier, person()):
            return _private(Mistake(f"{identifier[:40]!r} is no token of yours that holds")), 404
        return _private(Revoked(identifier)), 200

    return routes


def link_root(rights: Rights | None) -> str:
    """Give what stands in front of addresses that a genome browser is to read for who is asking.

    Under a read token it is that token's; else, where people log in, one is made for them.
    """
    root = request.url_root
    if rights is None or READ in request.script_root:
        return root
    return f"{root}{READ[1:]}{rights.tokens.for_links(person())}/"


def _told(token: Token) -> ReadToken:
    return ReadToken(token.id, token.name, token.tracks, token.made, token.expires)


def _private(found: object) -> Response:
    response = respond_with(found)
    response.headers["Cache-Control"] = "private, no-store"
    return response
