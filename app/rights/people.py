"""People and their passwords: a file of names and hashes, which `sighthound admin` writes.

A password is kept as scrypt's hash of it (RFC 7914) with a salt of its own, at the cost that OWASP
asks for; a line says its cost, so that later lines may be dearer.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass
from pathlib import Path

from sighthound.core.errors import SighthoundError, UnavailableError
from sighthound.core.files import whole_file
from sighthound.core.text import read_text, split_lines

# scrypt's N, r and p: 32 MB and a tenth of a second a password.
COST = (1 << 15, 8, 3)
MAX_NAME = 100
LEAST_PASSWORD, MOST_PASSWORD = 8, 1_000  # characters
# At a time: each takes memory and a processor, and anybody may try.
_TRIES = threading.BoundedSemaphore(2)
_PATIENCE_S = 3.0
_HEAD = "# People who may log in; 'sighthound admin add-person' and 'remove-person' write this."


@dataclass(frozen=True)
class Hash:
    """A password as it is kept: scrypt's cost, salt and result."""

    cost: tuple[int, int, int]
    salt: bytes
    key: bytes

    def __str__(self) -> str:
        texts = (base64.b64encode(part).decode() for part in (self.salt, self.key))
        return "$".join(["scrypt", *map(str, self.cost), *texts])

    @classmethod
    def read(cls, text: str) -> Hash:
        """Read what `str` wrote; ValueError for anything else."""
        kind, *cost, salt, key = text.split("$")
        n, r, p = map(int, cost)
        if kind != "scrypt":
            raise ValueError(kind)
        return cls((n, r, p), base64.b64decode(salt), base64.b64decode(key))

    def fits(self, password: str) -> bool:
        """Whether this is a password's hash; as long for a wrong one as for the right one."""
        return hmac.compare_digest(_scrypt(password, self.salt, self.cost), self.key)


def hashed(password: str) -> Hash:
    """Hash a password with a new salt."""
    salt = secrets.token_bytes(16)
    return Hash(COST, salt, _scrypt(password, salt, COST))


def _scrypt(password: str, salt: bytes, cost: tuple[int, int, int]) -> bytes:
    n, r, p = cost
    if not _TRIES.acquire(timeout=_PATIENCE_S):
        raise UnavailableError("too many people log in at once; try again in a moment")
    try:
        return hashlib.scrypt(
            password.encode("utf-8", "replace"), salt=salt, n=n, r=r, p=p, maxmem=256 * n * r
        )
    finally:
        _TRIES.release()


# What an unknown name's password is held against, so that it takes as long as a known one's.
_NOBODY = Hash(COST, bytes(16), bytes(64))


def is_password(people: dict[str, Hash], name: str, password: str) -> bool:
    """Whether a person is known and this is their password."""
    return people.get(name, _NOBODY).fits(password[:MOST_PASSWORD])


def check_name(name: str) -> str:
    """Refuse what no person can be called: a name is one line of letters that can be seen.

    Raises
    ------
    SighthoundError
        It is empty, too long, "*", begins or ends with a space, or has what cannot be printed.
    """
    if not 0 < len(name) <= MAX_NAME or not name.isprintable() or name != name.strip():
        raise SighthoundError(
            f"a person cannot be called {name[:MAX_NAME]!r}; expected 1 to {MAX_NAME} characters "
            "that can be seen, with no space at either end"
        )
    if name in ("*", "#") or name.startswith("# "):
        raise SighthoundError(f"a person cannot be called {name!r}, which means something else")
    return name


def read_people(file: Path) -> dict[str, Hash]:
    """Read the people who may log in; none where there is no file.

    Raises
    ------
    SighthoundError
        A line is not a name, a tab and a hash.
    """
    if not file.exists():
        return {}
    people = {}
    for number, line in enumerate(split_lines(read_text(file)), 1):
        if not line.strip() or line == _HEAD:
            continue
        name, _, text = line.partition("\t")
        try:
            people[name] = Hash.read(text)
        except ValueError:
            raise SighthoundError(
                f"{file}: line {number} is not a name, a tab and a hash; remove it, and let "
                "'sighthound admin add-person' write it"
            ) from None
    return people


def add_person(file: Path, name: str, password: str) -> bool:
    """Let a person log in by a password, or give them another; whether they are new.

    Raises
    ------
    SighthoundError
        The name is none, or the password too short.
    """
    check_name(name)
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise SighthoundError(
            f"the password has {len(password)} characters; expected {LEAST_PASSWORD} to "
            f"{MOST_PASSWORD:,}"
        )
    people = read_people(file)
    is_new = name not in people
    _write(file, people | {name: hashed(password)})
    return is_new


def remove_person(file: Path, name: str) -> None:
    """Let a person log in no more.

    Raises
    ------
    SighthoundError
        Nobody is called so.
    """
    people = read_people(file)
    if name not in people:
        known = ", ".join(people) or "nobody"
        raise SighthoundError(f"nobody in {file.name} is called {name!r}; there is {known}")
    _write(file, {other: kept for other, kept in people.items() if other != name})


def _write(file: Path, people: dict[str, Hash]) -> None:
    lines = [_HEAD, *(f"{name}\t{kept}" for name, kept in people.items()), ""]
    with whole_file(file, unique=True) as part:
        part.touch(mode=0o600)
        part.write_text("\n".join(lines), encoding="utf-8")
