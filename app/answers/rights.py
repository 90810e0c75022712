"""Who is asking, and the read tokens that are theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from sighthound.app.answers.written import OneOf, Optionally


@dataclass(frozen=True)
class Me:
    """Who is asking.

    Attributes
    ----------
    person : str
        Their name; empty where nobody is asked for one.
    login : str
        How the server knows.
    """

    person: str
    login: Annotated[str, OneOf("none", "passwords", "proxy")]


@dataclass(frozen=True)
class ReadToken:
    """A read token: a link by which a genome browser reads what its person may see.

    Attributes
    ----------
    id : str
        By which it is revoked; no secret.
    name : str
        What for.
    tracks : array of str
        Ids of the only tracks that it reads; empty for all that the person may see.
    made, expires : float
        Seconds since 1970.
    token : str
        What a script sends; only when it is made.
    root : str
        Stands in front of an address to be read, as of `hub/hub.txt`; only when it is made.
    """

    id: str
    name: str
    tracks: tuple[str, ...]
    made: float
    expires: float
    token: Optionally[str] = None
    root: Optionally[str] = None


@dataclass(frozen=True)
class ReadTokens:
    """A person's read tokens.

    Attributes
    ----------
    tokens : array of ReadToken
        Those that hold, the newest first.
    """

    tokens: tuple[ReadToken, ...]


@dataclass(frozen=True)
class AskedToken:
    """A read token that is to be made.

    Attributes
    ----------
    name : str
        What for.
    days : int
        How long it holds; 30 by default, at most 365.
    tracks : array of str
        Ids of the only tracks that it reads; all by default.
    """

    name: str
    days: Optionally[int] = None
    tracks: Optionally[tuple[str, ...]] = None


@dataclass(frozen=True)
class Revoked:
    """That a read token holds no more.

    Attributes
    ----------
    revoked : str
        Its id.
    """

    revoked: str
