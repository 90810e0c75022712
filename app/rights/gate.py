"""The gate: nothing is answered to who is not known, but what is listed here as open.

A read token stands in front of an address, /read/TOKEN/hub/hub.txt, so that what a hub or a session
names relative to itself, and what a genome browser guesses beside a file, comes under it too. It
opens what genome browsers read, and no more. A script sends it as a header, Authorization: Bearer
TOKEN, and may read everything that its person may see.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, g, redirect, request

from sighthound.app.answers.jobs import Mistake
from sighthound.app.answers.written import respond_with
from sighthound.app.rights.asking import PASSWORDS, RECHECK, Recheck, known_asker, set_asker
from sighthound.app.rights.rights import TOKEN, Rights
from sighthound.core.errors import SighthoundError, UnavailableError

READ = "/read/"
LOGIN = "/login"
# Rules that anybody may ask: they hold nothing of a project but its title. The figures of the
# server are for addresses that are listed (`metrics`).
OPEN = frozenset({"/healthz", "/readyz", "/metrics", LOGIN, "/_favicon.ico"})
# What a token opens: rules of what genome browsers read.
_FILES = ("/tracks/<", "/genome/<")
READABLE = (*_FILES, "/hub/")
_OWN = ("/api/v1/uploads", "/api/v1/tokens")
# Code, the same for all projects: nobody's reading of it is noted.
_CODE = ("/assets/", "/_", "/pages/", "/guides/", "/api/v1/me", "/logout")

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Any]


def with_tokens(application: Wsgi) -> Wsgi:
    """Take a token out of the front of an address, for `Rights.find_asker`."""

    def taken(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        path = environ.get("PATH_INFO", "")
        if path.startswith(READ):
            token, slash, rest = path.removeprefix(READ).partition("/")
            if slash:
                environ[TOKEN] = token
                environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}{READ}{token}"
                environ["PATH_INFO"] = f"/{rest}"
        return application(environ, start)

    return taken


def add_gate(server: Flask, rights: Rights, unguarded: Collection[str] = ()) -> None:
    """Ask of every request who makes it, before anything else is done for it, and note it.

    Parameters
    ----------
    server : Flask
    rights : Rights
    unguarded : collection of str
        Further rules that anybody may ask: what the login page is made of.
    """
    are_open = OPEN.union(unguarded)
    server.wsgi_app = with_tokens(server.wsgi_app)  # type: ignore[method-assign,assignment]

    @server.before_request
    def check() -> Response | tuple[Response, int] | None:
        who = rights.find_asker()
        if who is not None:
            set_asker(who)
        rule = "" if request.url_rule is None else request.url_rule.rule
        if who is not None and rule.startswith(_FILES):
            g.may_again = rights.may_again(who)
        if TOKEN in request.environ and not (who is not None and rule.startswith(READABLE)):
            return _no_token()
        if who is not None and who.via.startswith("token") and not _only_reads(rule):
            return _refused("a read token reads, and changes nothing", 403)
        if who is not None or rule in are_open:
            return None
        return _unknown(rights)

    @server.after_request
    def note(response: Response) -> Response:
        who = known_asker()
        rule = request.path[:200] if request.url_rule is None else request.url_rule.rule
        if rule not in are_open:
            # For this person: what lies between keeps it for nobody else.
            if not response.cache_control.public:
                response.cache_control.private = True
            response.vary.add("Cookie")
        if who is not None and rule not in are_open and not rule.startswith(_CODE):
            row = f"{request.method} {rule}", asked_tracks(), response.status_code
            note = partial(rights.audit.note, who.person, who.via, *row)
            try:
                note()
                if "may_again" in g:
                    request.environ[RECHECK] = Recheck(g.may_again, note)
            except UnavailableError as error:
                # What is not written down is not given.
                response.close()
                response = respond_with(Mistake(str(error)))
                response.status_code = 503
        return response


def _only_reads(rule: str) -> bool:
    """Whether a request changes nothing that is kept; a computation can be given up."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return True
    return request.method == "DELETE" and not rule.startswith(_OWN)


def asked_tracks() -> str:
    """Give the ids of tracks that a request names, as it writes them."""
    values = [request.args.get(name, "") for name in ("tracks", "track", "contrast")]
    values.append((request.view_args or {}).get("track", ""))
    return ",".join(filter(None, values))


def _no_token() -> tuple[Response, int]:
    line = "this link reads nothing (any more): it has expired, was revoked, or was cut short"
    return _refused(line, 404)


def _unknown(rights: Rights) -> Response | tuple[Response, int]:
    if rights.login != PASSWORDS:
        header = rights.project.server.login_header
        return _refused(
            f"nobody knows who is asking: ask through the proxy that says {header}", 401
        )
    if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
        here = request.full_path.rstrip("?")
        return redirect(f"{request.script_root}{LOGIN}?next={quote(here, safe='')}", 303)  # type: ignore[return-value]
    return _refused(f"log in first, at {request.script_root}{LOGIN}", 401)


def _refused(line: str, status: int) -> tuple[Response, int]:
    response = respond_with(Mistake(line))
    response.headers["Cache-Control"] = "no-store"
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Login realm="Sighthound"'
    return response, status


def local_address(text: str) -> str:
    """Give an address below this server to go on to, "/" for any other.

    Raises
    ------
    SighthoundError
        It has characters that no address has.
    """
    if not text.isprintable():
        raise SighthoundError("the address to go on to has characters that no address has")
    is_local = text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if is_local and "\\" not in text else "/"
