"""The rights of a project: who is asking, and which tracks they may not see.

The files of people and groups are read again when they change. One that cannot be read lets nobody
see anything, until it can.
"""

from __future__ import annotations

import ipaddress
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import has_request_context, request

from sighthound.app.rights.asking import NONE, PASSWORDS, Asker, known_asker
from sighthound.app.rights.audit import Audit
from sighthound.app.rights.groups import Group, hidden_from, read_groups
from sighthound.app.rights.logins import Logins
from sighthound.app.rights.people import Hash, check_name, read_people
from sighthound.app.rights.tokens import Tokens
from sighthound.app.state.database import Database
from sighthound.app.state.key import server_key, signed
from sighthound.core.errors import SighthoundError, UnavailableError
from sighthound.core.files import stamps
from sighthound.core.project.layout import key_file, people_file, rights_file, state_address
from sighthound.core.project.settings import Project
from sighthound.core.tracks.track import Track

COOKIE = "sighthound_login"
# Where a token stands in a request, once it has been taken out of the address.
TOKEN = "sighthound.token"
_KEPT = 1_000  # people whose hidden tracks are remembered
_log = logging.getLogger(__name__)

Sets = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class _Credentials:
    """What a request says of who makes it: a token, a cookie, or a name that a proxy gave."""

    token: str = ""
    cookie: str = ""
    name: str = ""


class Rights:
    """Who may see what of a project whose people are known.

    Parameters
    ----------
    project : Project
        Its `[server] login` is not "none".

    Raises
    ------
    SighthoundError
        A file of people or groups is wrong, or nobody could log in.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.login = project.server.login
        if self.login == NONE:
            raise ValueError("nobody is asked who they are")
        self._people = _Fresh(people_file(project), read_people)
        self._groups = _Fresh(rights_file(project), read_groups)
        self._proxies = [ipaddress.ip_network(proxy) for proxy in project.server.proxies]
        self._hidden: dict[Asker, tuple[tuple[Any, ...], frozenset[str]]] = {}
        # A mistake is for whoever starts the server.
        if self.login == PASSWORDS and not self._people.read():
            raise SighthoundError(
                "nobody can log in yet; 'sighthound admin add-person PROJECT NAME' lets somebody"
            )
        self._groups.read()
        self.key = server_key(key_file(project))
        state = Database(state_address(project))
        self.logins, self.audit = Logins(state), Audit(state)
        self.tokens = Tokens(state, self.key)
        self.state = state

    def people(self) -> dict[str, Hash]:
        """People who may log in by a password."""
        found: dict[str, Hash] = self._people.get()
        return found

    def find_asker(self) -> Asker | None:
        """Say who makes this request, by token, proxy or cookie; None for nobody that is known."""
        return self._asker(self._credentials())

    def may_again(self, who: Asker) -> Callable[[], bool]:
        """Make what says, at any later time, whether who makes this request may see as much.

        To be made before it is decided what they see; the tables of tracks and sets come to that.
        """
        credentials, groups = self._credentials(), self._groups.get()
        return lambda: self._groups.get() is groups and self._asker(credentials) == who

    def _credentials(self) -> _Credentials:
        token = request.environ.get(TOKEN) or _bearer()
        if token or self.login == PASSWORDS:
            return _Credentials(token, request.cookies.get(COOKIE, ""))
        return _Credentials(name=self._by_proxy())

    def _asker(self, given: _Credentials) -> Asker | None:
        if given.token:
            return self._by_token(given.token)
        name = given.name
        if self.login == PASSWORDS:
            name = self.logins.person(given.cookie)
            name = name if name in self.people() else ""
        via = "login" if self.login == PASSWORDS else "proxy"
        return Asker(name, via, visitor=self.visitor(name)) if name else None

    def _by_token(self, text: str) -> Asker | None:
        token = self.tokens.find(text)
        if token is None or (self.login == PASSWORDS and token.person not in self.people()):
            return None
        only = frozenset(token.tracks) if token.tracks else None
        return Asker(token.person, f"token {token.id}", only)

    def _by_proxy(self) -> str:
        """Give the name in the header of a proxy that is believed, and of no other."""
        try:
            address = ipaddress.ip_address(request.remote_addr or "")
        except ValueError:
            return ""
        if not any(address in network for network in self._proxies):
            return ""
        name = request.headers.get(self.project.server.login_header, "")
        # Two headers come as one, joined by a comma: one of them is not the proxy's.
        if "," in name:
            return ""
        try:
            return check_name(name)
        except SighthoundError:
            return ""

    def hidden(self, tracks: Mapping[str, Track], sets: Sets) -> frozenset[str]:
        """Give the ids of the tracks that who makes this request may not see.

        The server itself, at work outside of a request, sees all; who is not known sees none.
        """
        if not has_request_context():
            return frozenset()
        who = known_asker()
        if who is None:
            return frozenset(tracks)
        groups: tuple[Group, ...] | None = self._groups.get()
        state = (groups, tracks, sets)
        kept = self._hidden.get(who)
        if kept is not None and all(a is b for a, b in zip(kept[0], state, strict=True)):
            return kept[1]
        found: frozenset[str] = frozenset()
        if groups is not None:
            found = hidden_from(who.person, groups, tracks, sets)
        if who.only is not None:
            found |= frozenset(tracks).difference(who.only)
        if len(self._hidden) >= _KEPT:
            self._hidden.clear()
        self._hidden[who] = state, found
        return found

    def visitor(self, name: str) -> str:
        """Give the secret under which what a person keeps is theirs, in whatever browser."""
        return visitor_of(self.key, name)


def visitor_of(key: bytes, name: str) -> str:
    """Make that secret out of the server's own."""
    return signed(key, "visitor", name.encode()).hex()


def _bearer() -> str:
    """Give the token of a script, which sends it in a header (RFC 6750)."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


class _Fresh:
    """What a file says, read again when it changes."""

    def __init__(self, file: Path, read: Callable[[Path], Any]) -> None:
        self._file, self._read_file = file, read
        self._lock = threading.Lock()
        self._kept: tuple[str, Any] | None = None

    def read(self) -> Any:
        """Read the file, unless what is known is of its present version."""
        stamp = stamps([self._file])
        with self._lock:
            if self._kept is None or self._kept[0] != stamp:
                self._kept = stamp, self._read_file(self._file)
            return self._kept[1]

    def get(self) -> Any:
        """As `read`; but what is wrong with the file is told to the log alone."""
        try:
            return self.read()
        except SighthoundError as error:
            _log.error("nobody may see anything: %s", error)
            raise UnavailableError(
                f"{self._file.name} cannot be read, so that nobody may see anything now; ask the "
                "administrator"
            ) from None
