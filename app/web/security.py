"""Headers that hold a browser to the server's own origin and to inline scripts that are known."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable

from flask import Response, g

from sighthound.app.web.byte_ranges import add_missing
from sighthound.app.web.visitors import is_encrypted

_YEAR_S = 31_536_000
POLICY = "Content-Security-Policy"
_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)
_INLINE_STYLE = re.compile(r"<[^<>]*?\bstyle=\"([^\"]+)\"")


def inline_scripts(page: str) -> list[str]:
    """The sources, as a policy names them, of the inline scripts of a page's HTML."""
    scripts = filter(str.strip, _INLINE_SCRIPT.findall(page))
    return list(dict.fromkeys(f"'sha256-{_sha256(script)}'" for script in scripts))


def inline_styles(page: str) -> list[str]:
    """The sources, as a policy names them, of the style attributes of a page's HTML."""
    found = dict.fromkeys(_INLINE_STYLE.findall(page))
    return ["'unsafe-hashes'", *(f"'sha256-{_sha256(style)}'" for style in found)] if found else []


def content_security_policy(
    inline: Iterable[str], by_dash: bool = False, styles: Iterable[str] = ()
) -> str:
    """What a page may load and run: no script or style within the page, but scripts that are named.

    Parameters
    ----------
    inline : iterable of str
        Sources of the inline scripts that it may run, as `inline_scripts` gives them.
    by_dash : bool
        Dash draws in the page. Dash's renderer and core components and AG Grid then write style
        elements without a nonce, Plotly style attributes: such styles are allowed, there alone.
    styles : iterable of str
        Sources of the style attributes that it may have, as `inline_styles` gives them.
    """
    rules = {
        "default-src": ["'self'"],
        "script-src": ["'self'", *inline],
        "style-src": ["'self'", *(["'unsafe-inline'"] if by_dash else styles)],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items())


def security_headers(policy: str, of_dash: str) -> Callable[[Response], Response]:
    """Make what adds the headers to a response, and the policy where it has none of its own.

    Parameters
    ----------
    policy, of_dash : str
        Of all answers, and of the pages that `drawn_by_dash` was called for.
    """
    headers = {
        POLICY: policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }

    def add(response: Response) -> Response:
        if g.get("drawn_by_dash") and POLICY not in response.headers:
            response.headers[POLICY] = of_dash
        add_missing(response, headers)
        if is_encrypted():
            response.headers["Strict-Transport-Security"] = f"max-age={_YEAR_S}"
        return response

    return add


def drawn_by_dash() -> None:
    """Say that the answer to this request is a page in which Dash draws."""
    g.drawn_by_dash = True


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
