"""A page of another origin than our server's, on which the programs of others run."""

from __future__ import annotations

import functools
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.paths import ROOT

SCRIPT = ROOT / "tests" / "clients" / "others.js"
MODULES = ROOT / "tests" / "clients" / "node_modules"
IGV = MODULES / "igv" / "dist" / "igv.min.js"
_JBROWSE = MODULES / "@jbrowse" / "react-linear-genome-view" / "dist"
JBROWSE = (
    MODULES / "react" / "umd" / "react.production.min.js",
    MODULES / "react-dom" / "umd" / "react-dom.production.min.js",
    _JBROWSE / "react-linear-genome-view.umd.production.min.js",
)


class Quiet(SimpleHTTPRequestHandler):
    """Logs no request."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def page_with(folder: Path, scripts: Sequence[Path]) -> Iterator[str]:
    """Serve a page that has an element `others` and these scripts, on an origin of its own.

    Parameters
    ----------
    folder : path
        For the page and copies of the scripts.
    """
    for script in scripts:
        shutil.copy(script, folder)
    tags = "".join(f'<script src="{script.name}"></script>' for script in scripts)
    html = f'<!doctype html><meta charset="utf-8"><body><div id="others"></div>{tags}'
    (folder / "index.html").write_text(html)
    handler = functools.partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
