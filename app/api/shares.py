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
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from flask import Blueprint, Response

from sighthound import assets
from sighthound.app.answers.jobs import Mistake
from sighthound.app.answers.kept import KeptView, ViewState
from sighthound.app.answers.written import respond_with
from sighthound.app.project_state import Catalogue
from sighthound.app.rights.asking import person
from sighthound.app.state.database import Database
from sighthound.app.web.csrf import asked_json, guard
from sighthound.app.web.operation import Operation, Operations
from sighthound.core.errors import SighthoundError
from sighthound.core.files import whole_file
from sighthound.core.project.layout import shares_folder

# A view of 4,229 tracks is 80 kB of address.
MAX_BYTES = 256 * 1024
# Letters of a name: 50 bits; a name that is taken by another view gets two more.
_NAME_LETTERS = 10
_NAME = re.compile(r"^[a-z2-7]{10,52}$")
_VIEW_CODE = Path(assets.__file__).parent / "view"
# What could be the id of a track: core.tracks.track says what ids are made of.
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")
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

    def remove(self, name: str) -> bool:
        """Remove a view; False where there is none of the name."""
        if not _NAME.match(name) or not self._file(name).is_file():
            return False
        self._file(name).unlink(missing_ok=True)
        return True

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


class Owners:
    """Who kept which view, and for whose eyes: those who may see all tracks that it names.

    Parameters
    ----------
    catalogue : Catalogue
    state : Database
    """

    def __init__(self, catalogue: Catalogue, state: Database) -> None:
        self.catalogue, self.state = catalogue, state

    def check_room(self, who: str) -> None:
        """Refuse a view of who has kept as many as a person may.

        Raises
        ------
        SighthoundError
            They have.
        """
        most = self.catalogue.project.server.person_shares
        if self.state.read("SELECT COUNT(*) FROM shares WHERE person = ?", who)[0][0] >= most:
            raise SighthoundError(
                f"{most:,} views are kept for you already; the long address works, or the "
                "administrator removes some or raises [server] person_shares"
            )

    def keep(self, name: str, who: str, view: dict[str, str]) -> None:
        """Remember that a person kept a view, with the tracks that they saw in it."""
        needs = sorted(self._named(view).intersection(self.catalogue.tracks()))
        self.state.write(
            "INSERT INTO shares VALUES (?, ?, ?, ?, ?) ON CONFLICT (name, person) DO NOTHING",
            name, who, json.dumps(needs), len(json.dumps(view)), time.time(),
        )  # fmt: skip

    def may_see(self, name: str, who: str, view: dict[str, str]) -> bool:
        """Whether a person may see a view: their own, or one whose tracks they all see.

        What others than those who saw a track wrote of it tells nothing about it.
        """
        rows = self.state.read("SELECT person, needs FROM shares WHERE name = ?", name)
        if not rows:
            # Kept before people logged in here, when everybody saw everything.
            return not self._named(view) & self.catalogue.hidden()
        seen = self.catalogue.tracks()
        return any(
            owner == who or all(t in seen for t in json.loads(needs)) for owner, needs in rows
        )

    def _named(self, view: dict[str, str]) -> set[str]:
        """Give what in a view could be ids of tracks."""
        words = {word for text in view.values() for word in _WORD.findall(text)}
        words |= {word for text in view.values() for word in _WORD.findall(unquote(text))}
        return words


def blueprint(catalogue: Catalogue, state: Database | None = None) -> Blueprint:
    """Make the routes /api/v1/shares; `state` says who kept what, where people log in."""
    routes = Blueprint("shares", __name__, url_prefix="/api/v1")
    project = catalogue.project
    shares = Shares(shares_folder(project), project.server.shares_mb)
    owners = None if state is None else Owners(catalogue, state)

    @routes.post("/shares")
    def keep() -> Response:
        guard()
        view = asked_json(4 * MAX_BYTES).get("state", {})
        if owners is not None:
            owners.check_room(person())
        name = shares.keep(view)
        if owners is not None:
            owners.keep(name, person(), view)
        return respond_with(KeptView(name))

    @routes.get("/shares/<name>")
    def find(name: str) -> tuple[Response, int]:
        state = shares.find(name)
        if state is not None and owners is not None and not owners.may_see(name, person(), state):
            state = None
        if state is None:
            line = (
                f"no view is kept here as {name[:60]!r}: the address was cut short, or is of "
                "another server; ask its sender for the long one"
            )
            return respond_with(Mistake(line)), 404
        response = respond_with(ViewState(state))
        # Who may see it can change; what it says cannot.
        response.headers["Cache-Control"] = (
            "private, max-age=31536000, immutable" if owners is None else "private, no-cache"
        )
        return response, 200

    return routes
