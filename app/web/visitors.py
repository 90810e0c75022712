"""Who is asking: a browser, told by a cookie that scripts cannot read and other sites cannot send.

The secret in it is the only name that a visitor has: what is theirs, files that they added and
computations that they wait for, is theirs under it.
"""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, has_request_context, request

from sighthound.app.rights.asking import known_asker, person

COOKIE = "sighthound_visitor"
_COOKIE_BYTES = 32
_DAY_S = 86_400
# From the last visit on that needed one; files of visitors may stay longer, and then so does it.
DAYS = 30


def known_visitor() -> str:
    """Give who is asking, by their login or the cookie that came; empty for who has none."""
    who = known_asker()
    if who is not None and who.person:
        return who.visitor
    given = request.cookies.get(COOKIE, "")
    return given if len(given) >= _COOKIE_BYTES else ""


def visitor() -> str:
    """Give who is asking, who gets a cookie with the answer where they have none yet.

    Empty outside of a request.
    """
    if not has_request_context():
        return ""
    who = known_asker()
    if who is not None and who.person:
        return who.visitor or who.via
    if not known_visitor():
        g.visitor = g.get("visitor") or secrets.token_urlsafe(_COOKIE_BYTES)
    return known_visitor() or str(g.visitor)


def asker() -> str:
    """Give who is asking, for taking turns: by login or cookie, else by the address.

    Who sends no cookie would be another visitor with every request.
    """
    if not has_request_context():
        return ""
    return known_visitor() or person() or f"at {request.remote_addr}"


def remember(response: Response, who: str, days: int = DAYS) -> None:
    """Send a visitor their cookie, unless a login says who they are."""
    if person():
        return
    response.set_cookie(
        COOKIE,
        who,
        max_age=days * _DAY_S,
        httponly=True,
        samesite="Strict",
        secure=is_encrypted(),
    )


def is_encrypted() -> bool:
    """Whether the request came over TLS, here or to the proxy in front."""
    return request.is_secure or request.headers.get("X-Forwarded-Proto") == "https"


def add_cookies(server: Flask) -> None:
    """Send new visitors their cookie with the page, so that all that it asks comes with it."""

    @server.before_request
    def meet() -> None:
        if request.path == "/" and request.method == "GET":
            visitor()

    @server.after_request
    def tell(response: Response) -> Response:
        who = g.pop("visitor", "")
        is_ours = request.path == "/" or request.path.startswith("/api/")
        if who and is_ours and "Set-Cookie" not in response.headers:
            remember(response, who)
        return response
