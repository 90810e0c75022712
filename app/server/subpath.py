"""A server below a path of a site, as https://lab.org/browser/.

What is asked comes with its path in front; from a proxy that takes it off, without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def below(application: Wsgi, path: str) -> Wsgi:
    """Let an application be found below a path, which it then knows as its root.

    Parameters
    ----------
    application : WSGI application
    path : str
        As "/browser", or empty.
    """
    if not path:
        return application

    def moved(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        asked = environ.get("PATH_INFO", "")
        if asked == path:
            return _moved(environ, start, f"{path}/")
        if asked.startswith(f"{path}/"):
            environ["PATH_INFO"] = asked[len(path) :]
        environ["SCRIPT_NAME"] = path
        return application(environ, start)

    return moved


def _moved(environ: dict[str, Any], start: Callable[..., Any], path: str) -> Iterable[bytes]:
    query = environ.get("QUERY_STRING", "")
    start("308 Permanent Redirect", [("Location", quote(path) + (f"?{query}" if query else ""))])
    return []
