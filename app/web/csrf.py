"""Who may change what the server keeps: only the page itself, never a page of another origin.

A form of another site can send a request with the visitor's cookies, but not with a header of its
own choice, nor without saying where it comes from (Fetch standard, CORS). Reading needs no guard:
no answer but BigWigs, genome and hubs can be read by pages of other origins.
"""

from __future__ import annotations

import ipaddress
import json
import re
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import abort, request

from sighthound.core.errors import SighthoundError
from sighthound.core.project.settings import ServerSettings

HEADER = "X-Sighthound"
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
LOCAL = ("localhost", "127.0.0.1", "::1")
# Deeper than any picture or view.
MAX_DEPTH = 100


class WrongHostError(SighthoundError):
    """A request for a name under which this server is not reached. Shown as status 421."""


def host_check(settings: ServerSettings) -> Callable[[], None]:
    """Make what refuses requests for names that are not this server's.

    A page of anybody may have its own name point to this machine (DNS rebinding): the browser then
    takes us for that page, and lets it read and change everything here.

    Parameters
    ----------
    settings : ServerSettings
        `host`, where the server listens, and `hosts`, further names. On all addresses
        ("0.0.0.0", "::") it answers to each, and to the machine's name: no page can have those.
    """
    everywhere = settings.host in ("0.0.0.0", "::", "")
    known = {*LOCAL, _name(settings.host), *map(_name, settings.hosts)}
    if everywhere:
        known |= {socket.gethostname().lower(), socket.getfqdn().lower()}

    def check() -> None:
        given = request.environ.get("HTTP_HOST")
        # No browser leaves it out.
        if given is None or _name(given) in known or (everywhere and _is_address(_name(given))):
            return
        shown = re.sub(r"[^\w.:\[\]-]", "?", given)[:100]
        raise WrongHostError(
            f"this server is not known as {shown!r}; where that is its name, add it to hosts in "
            f'[server] of sighthound.toml, as in hosts = ["{_name(shown)}"]'
        )

    return check


def _name(host: str) -> str:
    """Give a host without its port, in lower case and without brackets."""
    host = host.strip().lower()
    found = re.fullmatch(r"\[([^\]]*)\](?::\d*)?", host)
    if found:
        return found[1]
    return host.partition(":")[0].rstrip(".") if host.count(":") == 1 else host.rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def guard() -> None:
    """Refuse a request that no page of this server made.

    Raises
    ------
    SighthoundError
        It lacks the header that our page sends, or comes from another origin.
    """
    if request.headers.get(HEADER) != "1":
        raise SighthoundError(
            f"this address is for the page itself; scripts send the header '{HEADER}: 1'"
        )
    check_origin()


def guard_form() -> None:
    """Refuse a form that no page of this server sent: a form sends no header of its own choice.

    Raises
    ------
    SighthoundError
        It comes from another origin, or does not say from where.
    """
    if not any(name in request.headers for name in (HEADER, "Origin", "Sec-Fetch-Site")):
        raise SighthoundError(
            f"this form is for the page itself; scripts send the header '{HEADER}: 1'"
        )
    check_origin()


def check_origin() -> None:
    """Refuse a request that a page of another origin made, or one that a browser may not make.

    Raises
    ------
    SighthoundError
        It says so.
    """
    hosts = {request.host, request.headers.get("X-Forwarded-Host", request.host)}
    origin = request.headers.get("Origin")
    is_other = origin is not None and urlsplit(origin).netloc not in hosts
    if is_other or request.headers.get("Sec-Fetch-Site", "same-origin") not in (
        "same-origin",
        "none",
    ):
        raise SighthoundError(
            f"a page of {origin or 'another origin'} asked {request.host} to change something; "
            "only this server's own page may (a proxy must pass on the header Host)"
        )


def refuse_other_origins() -> None:
    """Refuse, before any route, what is not read and a page of another origin asks for."""
    if request.method in WRITES:
        check_origin()


def asked_json(most_bytes: int) -> dict[str, Any]:
    """Read a JSON object from the request.

    Raises
    ------
    SighthoundError
        It is no JSON object, or one in which too many lie in each other. One that is too large is
        answered 413.
    """
    if (request.content_length or 0) > most_bytes:
        abort(413)
    # Kept, so that Dash can read it again.
    data = request.get_data(cache=True)
    if len(data) > most_bytes:
        abort(413)
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise SighthoundError("the request is not JSON; expected an object") from None
    if not isinstance(found, dict):
        raise SighthoundError("the request is no JSON object")
    level: list[Any] = [found]
    for _ in range(MAX_DEPTH):
        inner = (outer.values() if isinstance(outer, dict) else outer for outer in level)
        level = [value for values in inner for value in values if isinstance(value, dict | list)]
        if not level:
            return found
    raise SighthoundError(f"the request's JSON lies in itself, more than {MAX_DEPTH} deep")
