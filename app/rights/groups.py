"""Groups of tracks for groups of people: rights.toml, which an administrator writes by hand.

    [group.lab]
    people = ["ana", "ben"]
    tracks = ["*"]

    [group.guests]
    people = ["*"]
    tracks = ["atac-*", "group=published", "set=Overview"]

A pattern of tracks is of ids, or of a column of the tracks table, or the name of a set of the
project. Where the file is, a person sees the tracks of their groups and no others; where it is not,
everybody who is logged in sees all.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from sighthound.core.errors import SighthoundError
from sighthound.core.text import read_text
from sighthound.core.tracks.track import Track

EVERYBODY = "*"
COLUMNS = ("id", "name", "assay", "sample", "group")
SET = "set"


@dataclass(frozen=True)
class Group:
    """People, and patterns of the tracks that they may see."""

    name: str
    people: frozenset[str]
    tracks: tuple[str, ...]

    def holds(self, person: str) -> bool:
        """Whether a person is of the group."""
        return person in self.people or EVERYBODY in self.people


def read_groups(file: Path) -> tuple[Group, ...] | None:
    """Read the groups; None where there is no file: everybody sees everything.

    Raises
    ------
    SighthoundError
        It is no TOML, or a group is not one of people and tracks.
    """
    if not file.exists():
        return None
    try:
        given = tomllib.loads(read_text(file))
    except tomllib.TOMLDecodeError as error:
        raise SighthoundError(f"{file} is not valid TOML: {error}") from None
    groups = given.pop("group", {})
    if given or not isinstance(groups, dict):
        wrong = next(iter(given), "group")
        raise SighthoundError(f"{file}: {wrong!r} is no section; expected [group.NAME]")
    return tuple(_group(file, name, group) for name, group in groups.items())


def _group(file: Path, name: str, given: Any) -> Group:
    if not isinstance(given, dict) or set(given) != {"people", "tracks"}:
        raise SighthoundError(f"{file}: [group.{name}] must have people and tracks, and no more")
    for key, values in given.items():
        if not isinstance(values, list) or not all(isinstance(v, str) and v for v in values):
            raise SighthoundError(
                f"{file}: {key} of [group.{name}] is {values!r}; expected a list of texts"
            )
    for pattern in given["tracks"]:
        column, is_one, _ = pattern.partition("=")
        if is_one and column not in (*COLUMNS, SET):
            raise SighthoundError(
                f"{file}: [group.{name}] has tracks of {column!r}; expected a pattern of ids, or "
                f"of one of {', '.join(COLUMNS)}, {SET}, as in group=published"
            )
    return Group(name, frozenset(given["people"]), tuple(given["tracks"]))


def hidden_from(
    person: str,
    groups: Sequence[Group],
    tracks: Mapping[str, Track],
    sets: Mapping[str, Sequence[str]],
) -> frozenset[str]:
    """Give the ids of the tracks that a person may not see.

    Parameters
    ----------
    person : str
    groups : sequence of Group
    tracks : mapping
        All of the project, by id.
    sets : mapping
        Ids of tracks by the name of a set.
    """
    patterns = [p for group in groups if group.holds(person) for p in group.tracks]
    seen: set[str] = set()
    for pattern in patterns:
        column, is_one, value = pattern.partition("=")
        if column == SET and is_one:
            seen.update(*(ids for name, ids in sets.items() if fnmatchcase(name, value)))
            continue
        column, value = (column, value) if is_one else ("id", pattern)
        seen.update(id for id, t in tracks.items() if fnmatchcase(getattr(t, column), value))
    return frozenset(tracks).difference(seen)
