"""Who is logged in: a random secret in a cookie, of which the state keeps the hash."""

from __future__ import annotations

import hashlib
import secrets
import time

from sighthound.app.state.database import Database
from sighthound.core.errors import SighthoundError

DAYS = 14
_DAY_S = 86_400
# Wrong passwords of a name within the time before all are refused: from one address, and from all.
MOST_WRONG, MOST_WRONG_ANYWHERE, WITHIN_S = 10, 50, 300


class TooManyError(SighthoundError):
    """Too many wrong passwords; shown as status 429."""


class Logins:
    """The logins of a server's state."""

    def __init__(self, state: Database) -> None:
        self.state = state

    def begin(self, person: str) -> str:
        """Log a person in, and give the secret for their cookie."""
        secret, now = secrets.token_urlsafe(32), time.time()
        with self.state.transaction() as connection:
            connection.execute("DELETE FROM logins WHERE expires < ?", (now,))
            connection.execute(
                "INSERT INTO logins VALUES (?, ?, ?, ?)",
                (_hash(secret), person, now, now + DAYS * _DAY_S),
            )
        return secret

    def person(self, secret: str) -> str:
        """Give who has this secret; empty where nobody has, or no more."""
        if not secret:
            return ""
        found = self.state.read(
            "SELECT person FROM logins WHERE secret = ? AND expires >= ?",
            _hash(secret),
            time.time(),
        )
        return str(found[0][0]) if found else ""

    def end(self, secret: str) -> None:
        """Log out."""
        self.state.write("DELETE FROM logins WHERE secret = ?", _hash(secret))

    def end_all(self, person: str) -> int:
        """Log a person out everywhere; how many logins there were."""
        return self.state.write("DELETE FROM logins WHERE person = ?", person)

    def check_tries(self, person: str, address: str) -> None:
        """Refuse a further password where too many were wrong just now.

        Raises
        ------
        TooManyError
            For this name.
        """
        now = time.time()
        here, anywhere = self.state.read(
            "SELECT COALESCE(SUM(CASE WHEN address = ? THEN 1 ELSE 0 END), 0), COUNT(*) "
            # Those yet to come were noted before the clock was set back.
            "FROM refusals WHERE person = ? AND at BETWEEN ? AND ?",
            address, person, now - WITHIN_S, now,
        )[0]  # fmt: skip
        if here >= MOST_WRONG or anywhere >= MOST_WRONG_ANYWHERE:
            raise TooManyError(f"too many wrong passwords; try again in {WITHIN_S // 60} minutes")

    def refuse(self, person: str, address: str) -> None:
        """Remember a wrong password."""
        now = time.time()
        with self.state.transaction() as connection:
            connection.execute(
                "DELETE FROM refusals WHERE at NOT BETWEEN ? AND ?", (now - WITHIN_S, now)
            )
            connection.execute("INSERT INTO refusals VALUES (?, ?, ?)", (person, address, now))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
