"""A page: its frame as HTML, its own drawing code, and a Dash app for what Dash draws in it.

A page's frame comes with its address, so that it is seen at once and its modules draw into it;
they start Dash when they have done what a person waits for.

Dash puts the scripts of every component library that the process has imported into every page, and
each app under an address of its own; here a page names the libraries that it leaves out, and all
pages share one address, so that a browser fetches a library once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import dash
from dash import html
from dash.development.base_component import Component
from flask import Flask, request
from markupsafe import escape

from sighthound import assets
from sighthound.app.pages.bundle import Bundle, join_modules, join_styles
from sighthound.app.pages.markup import to_html
from sighthound.app.web.csrf import asked_json
from sighthound.app.web.security import drawn_by_dash
from sighthound.core.errors import SighthoundError

ASSETS = Path(assets.__file__).resolve().parent
STYLES = ASSETS / "styles"
# What every page is styled with, before what is its own.
COMMON_STYLES = ("base.css", "frame.css", "controls.css", "dialogs.css", "notices.css")
# Where Dash draws, in a frame.
DASH_HERE = html.Div(id="dash-here")
_SUITES = "_dash-component-suites/"
_FROM_ROOT = re.compile(r'<[^<>]*?\b(?:href|src)="(?=/(?!/))')
# Where Dash's scripts send the data of a panel to have it drawn.
CALLBACK = "_dash-update-component"
MAX_CALLBACK_BYTES = 16 * 1024 * 1024

# Before anything is painted, the theme that a person chose; assets/ui/theme.js keeps it.
_CHOSEN_THEME = (
    "<script>try { document.documentElement.dataset.theme = "
    'localStorage.getItem("sighthound-theme") ?? "" } catch {}</script>'
)

# For pages that begin with what the project holds: asked for before their modules are there.
PROJECT_LINK = '<link rel="preload" as="fetch" crossorigin href="/api/v1/project?form=columns">'

_HTML = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
{head}
</head>
<body>
{body}
</body>
</html>
"""
# Inert, until assets/ui/dash.js starts what is in it.
_DASH = """
{%config%}
<template id="dash-scripts">
{%scripts%}
{%renderer%}
</template>"""


def index_string(frame: Component, bundles: Sequence[Bundle], head: Sequence[str] = ()) -> str:
    """Make the HTML of a page in which Dash draws.

    Parameters
    ----------
    frame : Component
        All that Dash does not draw, with `DASH_HERE` where it draws.
    bundles : sequence of Bundle
        The page's style sheets and its modules.
    head : sequence of str
        Further elements of the head.
    """
    body = _without_places(to_html(frame)).replace(to_html(DASH_HERE), "{%app_entry%}")
    return _html("{%title%}", bundles, [*head, "{%favicon%}", "{%css%}"], body + _DASH)


def plain_html(title: str, body: Component, bundles: Sequence[Bundle]) -> str:
    """Make the HTML of a page in which Dash draws nothing, for the request at hand."""
    icon = '<link rel="icon" type="image/x-icon" href="/_favicon.ico">'
    return below(request.script_root, _html(escape(title), bundles, [icon], to_html(body)))


def below(root: str, written: str) -> str:
    """Let the addresses of a page's HTML, which are written from "/", lie below a path.

    Examples
    --------
    >>> below("/browser", '<a href="/about">')
    '<a href="/browser/about">'
    """
    return _FROM_ROOT.sub(rf"\g<0>{root}", written) if root else written


def _html(title: str, bundles: Sequence[Bundle], head: Sequence[str], body: str) -> str:
    links = [
        f'<link rel="stylesheet" href="{bundle.address}">'
        if bundle.name.endswith(".css")
        else f'<script type="module" src="{bundle.address}"></script>'
        for bundle in bundles
    ]
    return _HTML.format(title=title, head="\n".join([_CHOSEN_THEME, *links, *head]), body=body)


def script_bundle(entry: str) -> Bundle:
    """Join a module, as "view/page/main.js" below the assets folder, and all that it imports."""
    return join_modules(entry.replace("/", "-"), ASSETS / entry)


def style_bundle(name: str, sheets: Sequence[str]) -> Bundle:
    """Join style sheets of assets/styles, named as glob patterns, each once."""
    files = [file for sheet in sheets for file in sorted(STYLES.glob(sheet))]
    return join_styles(name, dict.fromkeys(files))


class Page(dash.Dash):
    """A Dash app at one address.

    Parameters
    ----------
    server : Flask
        Where it is mounted.
    address : str
        Of the page, as "/tracks"; "/" is the first page, from which the others take scripts.
    index : str
        As `index_string` gives it.
    title : str
        Of the browser's window.
    layout : function
        Gives what Dash draws, anew for everyone who opens the page.
    without : collection of str
        Libraries that are imported in this process and not used here, as "dash_ag_grid/".
    root : str
        Below which path of its site the server is, as "/browser"; empty at the top.
    """

    def __init__(
        self,
        server: Flask,
        address: str,
        index: str,
        title: str,
        layout: Callable[[], Component | list[Component]],
        *,
        without: Collection[str],
        root: str = "",
        **settings: Any,
    ) -> None:
        self._without = tuple(f"{_SUITES}{library}" for library in without)
        first = address == "/"
        self._root = root
        # Beside the address, not below it: /tracks/ID/KIND.bw are files.
        self._own = "/" if first else f"/pages{address}/"
        super().__init__(
            __name__,
            server=server,  # type: ignore[arg-type]
            routes_pathname_prefix=self._own,
            requests_pathname_prefix=f"{root}{self._own}",
            serve_locally=True,
            include_assets_files=False,
            index_string=below(root, index),
            title=title,
            update_title="",
            add_log_handler=False,
            enable_mcp=False,
            use_pages=False,
            **settings,
        )
        self.layout = layout
        server.before_request(self._check_callback)
        if not first:
            server.add_url_rule(address, f"page {address}", self.index)

    def _check_callback(self) -> None:
        """Refuse, before Dash fails on it, what Dash's own scripts never send."""
        if request.path != f"{self._own}{CALLBACK}":
            return
        if request.method != "POST":
            return
        # No form of another page can say that it sends JSON.
        if request.mimetype != "application/json":
            raise SighthoundError("what a panel is drawn of comes as JSON (application/json)")
        asked = asked_json(MAX_CALLBACK_BYTES)
        output = asked.get("output")
        known = self.callback_map.get(output) if isinstance(output, str) else None
        if known is None:
            raise SighthoundError("no panel of this page is drawn of what was asked")
        inputs, states = (asked.get(key, []) for key in ("inputs", "state"))
        changed, outputs = asked.get("changedPropIds", []), asked.get("outputs")
        if not (
            _are_properties(inputs, len(known["inputs"]))
            and _are_properties(states, len(known["state"]))
            and _are_properties([outputs], 1)
            and isinstance(changed, list)
            and all(isinstance(name, str) for name in changed)
        ):
            raise SighthoundError(f"{output} is not drawn of these inputs")

    def interpolate_index(  # type: ignore[override]
        self, scripts: str = "", title: str = "", **parts: str
    ) -> str:
        """Leave out the scripts of libraries that this page does not use; share the others."""
        drawn_by_dash()
        lines = scripts.splitlines()
        kept = [line for line in lines if not any(part in line for part in self._without)]
        own = f"{self.config.requests_pathname_prefix}{_SUITES}"
        shared = "\n".join(kept).replace(f'"{own}', f'"{self._root}/{_SUITES}')
        # Dash takes a title for HTML.
        written = _without_places(str(escape(title)))
        return super().interpolate_index(  # type: ignore[no-untyped-call]
            scripts=shared, title=written, **parts
        )


def _without_places(written: str) -> str:
    """Keep Dash from filling in what looks like one of its places in a name of somebody's."""
    return written.replace("{%", "{&#37;")


def _are_properties(found: Any, count: int) -> bool:
    """Whether these are so many properties of components, as Dash names them."""
    return (
        isinstance(found, list)
        and len(found) == count
        and all(
            isinstance(one, dict)
            and isinstance(one.get("id"), str)
            and isinstance(one.get("property"), str)
            for one in found
        )
    )
