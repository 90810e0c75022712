"""Who read what, and when: one row an hour, person, way in and kind of reading, with its count."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sighthound.app.state.database import Database

MAX_TRACKS = 100_000  # characters of a row's list
KEPT_DAYS = 365
_HOUR_S = 3600


@dataclass(frozen=True)
class Reading:
    """What one person read in one hour in one way.

    Attributes
    ----------
    hour : int
        Its beginning, seconds since 1970.
    person, via : str
        Who, and how: `login`, `proxy`, or `token` and its id.
    route : str
        Method and address, its parts named: `GET /tracks/<track>/<kind>.bw`.
    tracks : str
        Ids that were asked for, joined by commas; seen or not, as the status says.
    status, times : int
        Of the answers, and how many.
    last : float
        When the last was given.
    """

    hour: int
    person: str
    via: str
    route: str
    tracks: str
    status: int
    times: int
    last: float


class Audit:
    """The log of a server's state."""

    def __init__(self, state: Database) -> None:
        self.state = state

    def note(self, person: str, via: str, route: str, tracks: str, status: int) -> None:
        """Note that something was read, or asked for and not given."""
        now = time.time()
        hour = int(now // _HOUR_S) * _HOUR_S
        self.state.write(
            "INSERT INTO readings VALUES (?, ?, ?, ?, ?, ?, 1, ?) "
            "ON CONFLICT (hour, person, via, route, tracks, status) "
            "DO UPDATE SET times = readings.times + 1, last = excluded.last",
            hour, person, via, route, tracks[:MAX_TRACKS], status, now,
        )  # fmt: skip

    def readings(
        self, person: str | None = None, track: str | None = None, days: float | None = None
    ) -> list[Reading]:
        """Give what was read, the latest last: all, or by a person, of a track, in some days."""
        since = 0.0 if days is None else time.time() - days * 24 * _HOUR_S
        rows = self.state.read(
            "SELECT hour, person, via, route, tracks, status, times, last FROM readings "
            "WHERE last >= ? ORDER BY last, person, route",
            since,
        )
        found = [Reading(*row) for row in rows]
        return [
            one
            for one in found
            if (person is None or one.person == person)
            and (track is None or track in one.tracks.replace("/", ",").split(","))
        ]

    def sweep(self, days: int = KEPT_DAYS) -> int:
        """Forget what was read longer ago; how many rows that were."""
        return self.state.write(
            "DELETE FROM readings WHERE last < ?", time.time() - days * 24 * _HOUR_S
        )
