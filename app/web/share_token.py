"""A server that is shared by an address with a token, as notebooks are: who has it may enter.

The token of the address becomes a cookie at the first visit, and leaves the address, so that it is
not passed on with a view. Scripts send it as a header, Authorization: Bearer TOKEN.
"""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import urlencode

from flask import Flask, Response, request

from sighthound.app.answers.jobs import Mistake
from sighthound.app.answers.written import respond_with

COOKIE = "sighthound_token"
PARAMETER = "token"
_OPEN = ("/healthz", "/readyz", "/metrics")
_WORDS = "this server is shared by an address with a token; ask who runs it for that"


def new_token() -> str:
    """Make a token that nobody guesses: 192 bits."""
    return secrets.token_urlsafe(24)


def ask_for_token(server: Flask, token: str) -> None:
    """Let a server answer only those who have the token.

    Parameters
    ----------
    server : Flask
    token : str
    """

    def is_it(given: str) -> bool:
        return hmac.compare_digest(given.encode(), token.encode())

    @server.before_request
    def check() -> Response | tuple[Response, int] | None:
        if request.path in _OPEN:
            return None
        given = request.args.get(PARAMETER, "")
        if request.method == "GET" and is_it(given):
            return _enter(token)
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if is_it(request.cookies.get(COOKIE, "")) or is_it(bearer):
            return None
        if request.path.startswith("/api/"):
            return respond_with(Mistake(_WORDS)), 401
        return Response(f"{_WORDS}\n", status=401, mimetype="text/plain")


def _enter(token: str) -> Response:
    """Give the cookie, and lead to the same address without the token."""
    kept = [(k, v) for k, v in request.args.items(multi=True) if k != PARAMETER]
    # One slash: two would name another server.
    path = f"{request.script_root}/{request.path.lstrip('/')}"
    address = path + (f"?{urlencode(kept)}" if kept else "")
    answer = Response(status=302, headers={"Location": address})
    answer.set_cookie(
        COOKIE,
        token,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure or request.headers.get("X-Forwarded-Proto") == "https",
        path=f"{request.script_root}/",
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
