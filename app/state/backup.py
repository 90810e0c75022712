"""All that people keep on a server in one file, and back: into this kind of database or another.

The file is a gzipped tar: `state.json` with every row of every table, the views under `shares/`,
and further files of the project that the state is nothing without.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from sighthound.app.state.database import Database
from sighthound.app.state.migrations import MIGRATIONS
from sighthound.core.errors import SighthoundError
from sighthound.core.files import whole_file

ROWS = "state.json"
FORMAT = 1
_TABLE = re.compile(r"CREATE TABLE (\w+)")


def tables() -> list[str]:
    """Name the tables that the last step has."""
    return [name for step in MIGRATIONS for line in step for name in _TABLE.findall(line)]


def rows_of(database: Database) -> dict[str, Any]:
    """Give every row, as of one moment, and the step of the tables."""
    with database.transaction() as connection:
        found = {
            table: [list(row) for row in connection.execute(f"SELECT * FROM {table}").fetchall()]
            for table in tables()
        }
        (step,) = connection.execute("SELECT MAX(number) FROM steps").fetchone()
    return {"format": FORMAT, "step": step, "tables": found}


def take_rows(database: Database, said: Mapping[str, Any]) -> int:
    """Put rows in place of those that are there, all or none; give how many.

    Raises
    ------
    SighthoundError
        They are of another format or of a newer program, or no such rows.
    """
    if said.get("format") != FORMAT or not isinstance(said.get("tables"), dict):
        raise SighthoundError(f"the backup is of format {said.get('format')!r}; expected {FORMAT}")
    if said.get("step") != len(MIGRATIONS):
        age = "a newer" if int(said.get("step") or 0) > len(MIGRATIONS) else "an older"
        raise SighthoundError(
            f"the backup is of {age} version of Sighthound (step {said.get('step')}, this one has "
            f"{len(MIGRATIONS)}); restore it with that one, which then brings the tables forward"
        )
    count = 0
    with database.transaction() as connection:
        for table in tables():
            connection.execute(f"DELETE FROM {table}")
            for row in said["tables"].get(table, []):
                places = ", ".join("?" * len(row))
                connection.execute(f"INSERT INTO {table} VALUES ({places})", tuple(row))
                count += 1
    return count


def write_backup(database: Database, root: Path, files: Iterable[Path], output: Path) -> int:
    """Write all that is kept into one file; the same state gives the same bytes.

    Parameters
    ----------
    database : Database
    root : path
        Of the project, below which the files lie.
    files : iterable of path
        What goes with the rows, those that are there.
    output : path
        A gzipped tar, for its owner's eyes only.

    Returns
    -------
    int
        Rows and files.
    """
    rows = rows_of(database)
    content = {ROWS: json.dumps(rows, sort_keys=True, indent=1).encode()}
    for file in sorted(files):
        if file.is_file():
            content[file.relative_to(root).as_posix()] = file.read_bytes()
    with whole_file(output) as part:
        part.touch(0o600)
        with (
            part.open("wb") as raw,
            gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w") as archive,
        ):
            for name, data in content.items():
                info = tarfile.TarInfo(name)
                info.size, info.mode = len(data), 0o600
                archive.addfile(info, io.BytesIO(data))
    return len(content) - 1 + sum(len(table) for table in rows["tables"].values())


def restore_backup(database: Database, root: Path, allowed: Iterable[str], backup: Path) -> int:
    """Put what a backup holds in place of what is there; give how many rows and files.

    Parameters
    ----------
    database : Database
    root : path
        Of the project.
    allowed : iterable of str
        Files, or folders with a slash at the end, that a backup may write, below `root`.
    backup : path

    Raises
    ------
    SighthoundError
        It is no backup, or holds a file that no backup has.
    """
    allowed = tuple(allowed)
    try:
        with tarfile.open(backup, "r:gz") as archive:
            members = [(m, archive.extractfile(m)) for m in archive.getmembers()]
            content = {m.name: data.read() for m, data in members if data is not None}
        rows = json.loads(content.pop(ROWS))
    except (OSError, tarfile.TarError, EOFError, KeyError, ValueError) as error:
        raise SighthoundError(
            f"{backup} is no backup ({error}); expected what 'sighthound admin backup' wrote"
        ) from None
    for name in content:
        path = PurePosixPath(name)
        known = name in allowed or f"{path.parent}/" in allowed
        if not known or ".." in path.parts or path.is_absolute():
            raise SighthoundError(f"{backup} holds {name}, which is nothing that a server keeps")
    count = take_rows(database, rows)
    for name, data in content.items():
        file = root / name
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with whole_file(file) as part:
            part.touch(0o600)
            part.write_bytes(data)
    return count + len(content)
