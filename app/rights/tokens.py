"""Read tokens: links by which a genome browser, which cannot log in, reads what a person may.

A token is its id and the server's signature of that; the state says whose it is, of which tracks,
and until when. It gives no more than its person may see at the time, and nothing once it is
revoked, has expired, or its person may log in no more.
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sighthound.app.state.database import Database
from sighthound.app.state.key import is_signed, signed
from sighthound.core.errors import SighthoundError

DAYS, MOST_DAYS = 30, 365
MOST_TOKENS = 50  # of a person, that hold
MAX_NAME = 100
# Of a link that a person is shown: a new one once so much of its time is over.
_RENEWED_AFTER = 0.5
_DAY_S = 86_400
_PURPOSE = "read token"
LINKS = "links of the page"


@dataclass(frozen=True)
class Token:
    """A token as the state has it.

    Attributes
    ----------
    id : str
        By which it is revoked; no secret.
    person, name : str
        Whose it is, and what for.
    tracks : tuple of str
        Ids of the only tracks that it reads; empty for all that the person may see.
    made, expires : float
        Seconds since 1970.
    """

    id: str
    person: str
    name: str
    tracks: tuple[str, ...]
    made: float
    expires: float


class Tokens:
    """The read tokens of a server's state.

    Parameters
    ----------
    state : Database
    key : bytes
        The server's own secret.
    """

    def __init__(self, state: Database, key: bytes) -> None:
        self.state, self.key = state, key

    def make(self, person: str, name: str, days: int = DAYS, tracks: Sequence[str] = ()) -> Token:
        """Make a token.

        Raises
        ------
        SighthoundError
            The name or the days are not as they can be, or the person has too many.
        """
        if not 0 < len(name) <= MAX_NAME or not name.isprintable():
            raise SighthoundError(f"a token's name has 1 to {MAX_NAME} characters, on one line")
        if not 1 <= days <= MOST_DAYS:
            raise SighthoundError(f"a token holds {days:,} days; expected 1 to {MOST_DAYS}")
        now = time.time()
        made = Token(secrets.token_hex(8), person, name, tuple(tracks), now, now + days * _DAY_S)
        with self.state.transaction() as connection:
            count = connection.execute(
                "SELECT COUNT(*) FROM tokens WHERE person = ? AND expires > ? AND revoked IS NULL",
                (person, now),
            ).fetchone()[0]
            if count >= MOST_TOKENS:
                raise SighthoundError(f"{MOST_TOKENS} tokens are yours already; revoke one first")
            connection.execute(
                "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, NULL)",
                (made.id, person, name, json.dumps(made.tracks), now, made.expires),
            )
        return made

    def text(self, token: Token) -> str:
        """Write a token as it stands in an address."""
        return f"{token.id}.{self._signature(token.id)}"

    def for_links(self, person: str) -> str:
        """Give the token of the links that the page shows a person, made anew in time."""
        found = [token for token in self.of(person) if token.name == LINKS]
        now = time.time()
        for token in found:
            if now < token.made + _RENEWED_AFTER * (token.expires - token.made):
                return self.text(token)
        return self.text(self.make(person, LINKS))

    def find(self, text: str) -> Token | None:
        """Give the token of an address, if it is one that holds."""
        identifier, _, signature = text.partition(".")
        given = signature.encode("utf-8", "replace")
        if not is_signed(self.key, _PURPOSE, identifier.encode("utf-8", "replace"), _raw(given)):
            return None
        found = self._read("id = ? AND expires > ? AND revoked IS NULL", identifier, time.time())
        return found[0] if found else None

    def of(self, person: str) -> list[Token]:
        """Give the tokens of a person that hold, the newest first."""
        return self._read("person = ? AND expires > ? AND revoked IS NULL", person, time.time())

    def all(self) -> list[Token]:
        """Give everybody's tokens that hold, the newest first."""
        return self._read("expires > ? AND revoked IS NULL", time.time())

    def revoke(self, identifier: str, person: str | None = None) -> bool:
        """Let a token hold no more; False where none of this id, and of the person, holds."""
        if person is None:
            return self._revoke("id = ?", identifier) > 0
        return self._revoke("id = ? AND person = ?", identifier, person) > 0

    def revoke_all(self, person: str) -> int:
        """Let no token of a person hold any more; how many did."""
        return self._revoke("person = ?", person)

    def _revoke(self, which: str, *values: object) -> int:
        now = time.time()
        return self.state.write(
            f"UPDATE tokens SET revoked = ? WHERE {which} AND expires > ? AND revoked IS NULL",
            now, *values, now,
        )  # fmt: skip

    def _read(self, which: str, *values: object) -> list[Token]:
        rows = self.state.read(
            "SELECT id, person, name, tracks, made, expires FROM tokens "
            f"WHERE {which} ORDER BY made DESC",
            *values,
        )
        return [
            Token(id, person, name, tuple(json.loads(tracks)), made, expires)
            for id, person, name, tracks, made, expires in rows
        ]

    def _signature(self, identifier: str) -> str:
        raw = signed(self.key, _PURPOSE, identifier.encode())
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _raw(signature: bytes) -> bytes:
    try:
        return base64.b64decode(signature + b"=", altchars=b"-_", validate=True)
    except ValueError:
        return b""
