"""Who is asking, for the time of a request; outside of one it is the server itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import g, has_request_context

NONE, PASSWORDS, PROXY = "none", "passwords", "proxy"
# Where a request's environ has what is asked each time that its answer is given again.
RECHECK = "sighthound.recheck"


@dataclass(frozen=True)
class Asker:
    """Who is asking.

    Attributes
    ----------
    person : str
        Their name; empty where nobody is asked for one.
    via : str
        How that is known: `login`, `proxy`, or `token` and its id; empty where it is not asked.
    only : frozenset of str or None
        Ids of the tracks that their token is for; None for all that the person may see.
    visitor : str
        The secret under which what they keep is theirs; empty for a token, which keeps nothing.
    """

    person: str = ""
    via: str = ""
    only: frozenset[str] | None = None
    visitor: str = ""


@dataclass(frozen=True)
class Recheck:
    """What is asked each time that an answer is given again; both may wait.

    Attributes
    ----------
    may : callable
        Whether who asks may still see as much, but for what tables of tracks say.
    note : callable
        Notes the reading; where it raises SighthoundError, nothing is given.
    """

    may: Callable[[], bool]
    note: Callable[[], object]


def set_asker(who: Asker) -> None:
    """Say who makes this request."""
    g.asker = who


def known_asker() -> Asker | None:
    """Give who makes this request; None where that is not known, and outside of a request."""
    return g.get("asker") if has_request_context() else None


def person() -> str:
    """Give the name of who makes this request; empty where it is not known."""
    who = known_asker()
    return "" if who is None else who.person
