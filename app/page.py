"""A page: a Dash app of its own at one address, which loads only what it uses.

Dash puts the scripts of every component library that the process has imported into every page,
and each app under an address of its own; here a page names the libraries that it leaves out, and
all pages share one address, so that a browser fetches a library once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import dash
from dash.development.base_component import Component
from flask import Flask

ASSETS = Path(__file__).resolve().parent.parent / "assets"
# Dash would include every .js of the assets folder as a classic script; ours are ES modules. The
# style sheet of one page is not for the others.
ASSETS_IGNORE = r"\.js$|^tracks\.css$"
_SUITES = "_dash-component-suites/"
_IMPORT = re.compile(r'^(?:import|export)\b(?:[^;"]*?\bfrom)? "(\.[^"]+)";', re.MULTILINE)

# Before anything is painted, the theme that a person chose; assets/view/theme.js keeps it.
_CHOSEN_THEME = (
    "<script>try { document.documentElement.dataset.theme = "
    'localStorage.getItem("sighthound-theme") ?? "" } catch {}</script>'
)

# For pages that begin with what the project holds: asked for before their modules are there.
PROJECT_LINK = '<link rel="preload" as="fetch" crossorigin href="/api/v1/project?form=columns">'

_INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{{%metas%}}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{%title%}}</title>
{{%favicon%}}
{{%css%}}
{head}
</head>
<body>
{{%app_entry%}}
<footer>
{{%config%}}
{{%scripts%}}
{{%renderer%}}
</footer>
</body>
</html>
"""


def index_string(entry: str, head: Sequence[str] = ()) -> str:
    """Make the page's HTML around its module, with all that this imports fetched at once.

    Parameters
    ----------
    entry : str
        The module, below the assets folder, as "view/main.js".
    head : sequence of str
        Further elements of the head.
    """
    preloads = [f'<link rel="modulepreload" href="/assets/{name}">' for name in modules(entry)]
    script = f'<script type="module" async src="/assets/{entry}"></script>'
    return _INDEX.format(head="\n".join([_CHOSEN_THEME, *head, *preloads, script]))


def modules(entry: str) -> list[str]:
    """Name a module and all that it imports, below the assets folder."""
    found: dict[str, None] = {}
    waiting = [ASSETS / entry]
    while waiting:
        file = waiting.pop()
        name = file.relative_to(ASSETS).as_posix()
        if name not in found:
            found[name] = None
            imports = _IMPORT.findall(file.read_text(encoding="utf-8"))
            waiting += [(file.parent / path).resolve() for path in imports]
    return sorted(found)


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
        Gives the page, anew for everyone who opens it.
    without : collection of str
        Libraries that are imported in this process and not used here, as "dash_ag_grid/".
    """

    def __init__(
        self,
        server: Flask,
        address: str,
        index: str,
        title: str,
        layout: Callable[[], Component],
        *,
        without: Collection[str],
        **settings: Any,
    ) -> None:
        self._without = tuple(f"{_SUITES}{library}" for library in without)
        first = address == "/"
        super().__init__(
            __name__,
            server=server,  # type: ignore[arg-type]
            # Beside the address, not below it: /tracks/ID/KIND.bw are files.
            url_base_pathname="/" if first else f"/pages{address}/",
            serve_locally=True,
            index_string=index,
            title=title,
            update_title="",
            add_log_handler=False,
            enable_mcp=False,
            use_pages=False,
            **settings,
        )
        self.layout = layout
        if not first:
            server.add_url_rule(address, f"page {address}", self.index)

    def interpolate_index(self, scripts: str = "", **parts: str) -> str:  # type: ignore[override]
        """Leave out the scripts of libraries that this page does not use; share the others."""
        lines = scripts.splitlines()
        kept = [line for line in lines if not any(part in line for part in self._without)]
        own = f"{self.config.requests_pathname_prefix}{_SUITES}"
        shared = "\n".join(kept).replace(f'"{own}', f'"/{_SUITES}')
        return super().interpolate_index(scripts=shared, **parts)
