"""Sets of tracks under names, for everybody who opens the project: a table of a set and a track."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from sighthound.core.errors import SighthoundError
from sighthound.core.text import plain_line, table_rows

_HEADER = ["set", "track"]


def read_track_sets(path: Path, known: Collection[str]) -> dict[str, list[str]]:
    """Read a table of sets, as the tracks page exports it.

    Parameters
    ----------
    path : path
        Tab-separated, with the columns `set` and `track`; a set is all lines of its name.
    known : collection of str
        Ids of the tracks that there are.

    Returns
    -------
    dict of str to list of str
        Track ids by set, both in the table's order.

    Raises
    ------
    SighthoundError
        No such columns, or a track that is not known; the line is named.
    """
    rows = [(number, [plain_line(cell) for cell in cells]) for number, cells in table_rows(path)]
    if not rows or rows[0][1] != _HEADER:
        given = "\t".join(rows[0][1]) if rows else "nothing"
        raise SighthoundError(
            f"table of sets {path} begins with {given!r}; expected the columns set and track"
        )
    sets: dict[str, list[str]] = {}
    for number, cells in rows[1:]:
        if len(cells) != len(_HEADER) or not all(cells):
            line = "\t".join(cells)
            raise SighthoundError(
                f"table of sets {path}, line {number}: {line!r}; expected a set, a tab, a track"
            )
        name, track = cells
        if track not in known:
            raise SighthoundError(
                f"table of sets {path}, line {number}: no track {track!r} in the tracks table"
            )
        members = sets.setdefault(name, [])
        if track not in members:
            members.append(track)
    return sets
