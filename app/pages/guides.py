"""The guides: docs/ as a site with search, which setup.py or `make docs` builds.

MkDocs writes scripts and styles into each page, so each page's policy names those of that page.
"""

from __future__ import annotations

from pathlib import Path

from dash import html
from flask import Blueprint, Response, send_from_directory

from sighthound.app.pages import about
from sighthound.app.pages.page import plain_html
from sighthound.app.web.security import (
    POLICY,
    content_security_policy,
    inline_scripts,
    inline_styles,
)

GUIDES = Path(__file__).resolve().parent.parent / "guides"


def blueprint(folder: Path = GUIDES) -> Blueprint:
    """Make the routes of the guides.

    Parameters
    ----------
    folder : Path
        Of the built site; where there is none, a page says how it is built.
    """
    routes = Blueprint("guides", __name__)

    @routes.get("/guides/")
    @routes.get("/guides/<path:name>")
    def guide(name: str = "index.html") -> Response | tuple[str, int]:
        if not (folder / "index.html").exists():
            return _not_built(), 404
        response = send_from_directory(folder, name)
        if response.mimetype == "text/html" and response.status_code == 200:
            page = (folder / name).read_text(encoding="utf-8")
            response.headers[POLICY] = content_security_policy(
                inline_scripts(page), styles=inline_styles(page)
            )
        return response

    return routes


def _not_built() -> str:
    return plain_html(
        "Guides",
        html.Main(
            [
                html.H1("Guides"),
                html.P(
                    "This server runs from a source tree in which the guides are not built: "
                    "'make docs' builds them. They are the folder docs/ of the source."
                ),
                html.P(html.A("Back to the locus page", href="/")),
            ],
            className="about",
        ),
        about.BUNDLES,
    )
