"""Headers that hold a browser to the server's own origin and to inline scripts that are known."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable

from flask import Response

from sighthound.app.web.byte_ranges import add_missing
from sighthound.app.web.visitors import is_encrypted

_YEAR_S = 31_536_000
POLICY = "Content-Security-Policy"
_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


def inline_scripts(page: str) -> list[str]:
    """The sources, as a policy names them, of the inline scripts of a page's HTML."""
    scripts = filter(str.strip, _INLINE_SCRIPT.findall(page))
    return list(dict.fromkeys(f"'sha256-{_sha256(script)}'" for script in scripts))


def content_security_policy(inline: Iterable[str]) -> str:
    """What a page may load and run.

    Parameters
    ----------
    inline : iterable of str
        Sources of the inline scripts that it may run, as `inline_scripts` gives them.
    """
    rules = {
        "default-src": ["'self'"],
        "script-src": ["'self'", *inline],
        # Dash components and Plotly write style attributes.
        "style-src": ["'self'", "'unsafe-inline'"],
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


def security_headers(policy: str) -> Callable[[Response], Response]:
    """Make what adds the headers to a response, and the policy where it has none of its own."""
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
        add_missing(response, headers)
        if is_encrypted():
            response.headers["Strict-Transport-Security"] = f"max-age={_YEAR_S}"
        return response

    return add


def _sha256(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
