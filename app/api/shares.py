"""Views under short addresses: what a long address says, kept in a folder of the project.

The name of a view is a hash of what it shows, so the same view has one name whoever shares it, and
a name never comes to mean something else. Views are never evicted: they are in papers and mails.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import os
import re
import threading
from pathlib import Path
from typing import Any

from flask import Blueprint, Response

from sighthound import assets
from sighthound.app.answers.jobs import Mistake
from sighthound.app.answers.kept import KeptView, ViewState
from sighthound.app.answers.written import respond_with
from sighthound.app.web.csrf import asked_json, guard
from sighthound.app.web.operation import Operation, Operations
from sighthound.core.errors import SighthoundError
from sighthound.core.files import whole_file
from sighthound.core.project.layout import shares_folder
from sighthound.core.project.settings import Project

# A view of 4,229 tracks is 80 kB of address.
MAX_BYTES = 256 * 1024
# Letters of a name: 50 bits; a name that is taken by another view gets two more.
_NAME_LETTERS = 10
_NAME = re.compile(r"^[a-z2-7]{10,52}$")
_VIEW_CODE = Path(assets.__file__).parent / "view"
# How the drawing code declares a part of the view, which see: assets/view/state/state.js.
_DECLARED = re.compile(
    r"^\s*declareField\(\{\s*name:\s*\"(\w+)\"(?:,\s*key:\s*\"([\w-]+)\")?", re.MULTILINE
)


OPERATIONS: Operations = {
    "/api/v1/shares": {
        "post": Operation("Keep a view under a short name.", gives=KeptView, body=ViewState)
    },
    "/api/v1/shares/{name}": {
        "get": Operation("A view that was kept.", "name", ViewState, can_miss=True)
    },
}


class Shares:
    """The views that are kept.

    Parameters
    ----------
    folder : path
        One small file a view; made when the first is kept.
    megabytes : int
        How much they may take together.
    """

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        self.megabytes = megabytes
        self._lock = threading.Lock()

    def keep(self, state: dict[str, str]) -> str:
        """Keep a view and give its name.

        Parameters
        ----------
        state : dict of str to str
            The parameters of the view's address, as in assets/view/state/state.js.

        Raises
        ------
        SighthoundError
            It is no such state, is too large, or there is no room for it.
        """
        text = canonical(state)
        digest = base64.b32encode(hashlib.sha256(text).digest()).decode().lower().rstrip("=")
        with self._lock:
            for letters in range(_NAME_LETTERS, len(digest) + 1, 2):
                name = digest[:letters]
                kept = self._read(name)
                if kept == text:
                    return name
                if kept is None:
                    self._write(name, text)
                    return name
        raise AssertionError("two views have one hash")

    def find(self, name: str) -> dict[str, str] | None:
        """Give the view of a name, or None."""
        text = self._read(name) if _NAME.match(name) else None
        return None if text is None else json.loads(text)

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def _read(self, name: str) -> bytes | None:
        try:
            return self._file(name).read_bytes()
        except OSError:
            return None

    def _write(self, name: str, text: bytes) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            used = sum(entry.stat().st_size for entry in os.scandir(self.folder))
            if used + len(text) > self.megabytes * 1024 * 1024:
                raise SighthoundError(
                    f"no room for another short address: {self.folder.name}/ holds its "
                    f"{self.megabytes} MB; the long address works, or the administrator raises "
                    "[server] shares_mb"
                )
            with whole_file(self._file(name), unique=True) as part:
                part.write_bytes(text)
        except OSError as error:
            raise SighthoundError(
                f"the view cannot be kept on the server ({error.strerror}); "
                "use the long address, or save the session as a file"
            ) from None


def canonical(state: Any) -> bytes:
    """Write a view's state in the one form that is hashed and kept.

    Examples
    --------
    >>> canonical({"mode": "overlay", "locus": "chrI:1-9"})
    b'{"locus":"chrI:1-9","mode":"overlay"}'
    """
    for key in check_texts(state):
        if key not in view_parameters():
            known = ", ".join(sorted(view_parameters()))
            raise SighthoundError(f"{key[:40]!r} is no part of a view; expected {known}")
    text = json.dumps(state, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    data = text.encode("utf-8", "replace")
    if len(data) > MAX_BYTES:
        raise SighthoundError(
            f"the view takes {len(data):,} bytes, at most {MAX_BYTES:,} are kept; show fewer "
            "tracks, or save the session as a file"
        )
    return data


def check_texts(state: Any) -> dict[str, str]:
    """Check that a view's state is made of texts.

    Raises
    ------
    SighthoundError
        It is not.
    """
    if not isinstance(state, dict) or not state:
        raise SighthoundError("a view is an object of its address's parameters, such as locus")
    for key, value in state.items():
        if not isinstance(value, str):
            raise SighthoundError(f"{key[:40]} of a view is {str(value)[:40]!r}; expected a text")
    return state


@functools.cache
def view_parameters() -> frozenset[str]:
    """Names of the parameters that a view's address has: what the drawing code declares."""
    found = set()
    for file in _VIEW_CODE.rglob("*.js"):
        for name, key in _DECLARED.findall(file.read_text(encoding="utf-8")):
            found.add(key or name)
    return frozenset(found)


def blueprint(project: Project) -> Blueprint:
    """Make the routes /api/v1/shares."""
    routes = Blueprint("shares", __name__, url_prefix="/api/v1")
    shares = Shares(shares_folder(project), project.server.shares_mb)

    @routes.post("/shares")
    def keep() -> Response:
        guard()
        return respond_with(KeptView(shares.keep(asked_json(4 * MAX_BYTES).get("state", {}))))

    @routes.get("/shares/<name>")
    def find(name: str) -> tuple[Response, int]:
        state = shares.find(name)
        if state is None:
            line = (
                f"no view is kept here as {name[:60]!r}: the address was cut short, or is of "
                "another server; ask its sender for the long one"
            )
            return respond_with(Mistake(line)), 404
        response = respond_with(ViewState(state))
        response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
        return response, 200

    return routes
