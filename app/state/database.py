"""A server's state in a database that an address names: `sqlite:///FOLDER/state.db`.

SQLite with a write-ahead log: readers never wait for a writer, several processes may share it, and
a process that is killed leaves whole transactions. One connection a thread.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sighthound.app.state.migrations import MIGRATIONS
from sighthound.core.errors import SighthoundError, UnavailableError

SQLITE = "sqlite:///"
BUSY_S = 5.0  # that a writer waits for another


class Database:
    """The tables of a server's state.

    Parameters
    ----------
    address : str
        `sqlite:///` and a file's path: one more slash makes it absolute. The file and its folder
        are made when missing, for their owner's eyes only.

    Raises
    ------
    SighthoundError
        The address is none, or its tables are of a newer program.
    UnavailableError
        The database cannot be opened.
    """

    def __init__(self, address: str) -> None:
        if not address.startswith(SQLITE) or address == SQLITE:
            raise SighthoundError(
                f"the state's address is {address!r}; expected {SQLITE} and the path of a file"
            )
        self.file = Path(address.removeprefix(SQLITE))
        self._own = threading.local()
        self.migrate()

    def read(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Give the rows of a SELECT; values stand for its question marks."""
        with self._said():
            return self._connection().execute(statement, values).fetchall()

    def write(self, statement: str, *values: Any) -> int:
        """Change rows in a transaction of one statement, and say how many it changed."""
        with self.transaction() as connection:
            return int(connection.execute(statement, values).rowcount)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the only writer's place: all that is executed on the connection holds, or nothing.

        What is read inside stays true until the end.
        """
        with self._said():
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                # A full disk has taken it back already.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def migrate(self, steps: Sequence[Sequence[str]] = MIGRATIONS) -> None:
        """Bring the tables to the last step, each step whole or not at all."""
        with self.transaction() as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS steps (number BIGINT PRIMARY KEY)")
        while (done := self.step()) < len(steps):
            with self.transaction() as connection:
                # Another process may have done it meanwhile.
                if self.step() == done:
                    for statement in steps[done]:
                        connection.execute(statement)
                    connection.execute("INSERT INTO steps VALUES (?)", (done + 1,))
        if done > len(steps):
            raise SighthoundError(
                f"{self.file.name} is of a newer version of Sighthound (step {done}, this one "
                f"knows {len(steps)}); serve the project with that one"
            )

    def step(self) -> int:
        """Say how far the tables are."""
        return int(self.read("SELECT COALESCE(MAX(number), 0) FROM steps")[0][0])

    def close(self) -> None:
        """Close this thread's connection; the next question opens another."""
        if vars(self._own).pop("process", None) == os.getpid():
            self._own.connection.close()

    def _connection(self) -> sqlite3.Connection:
        # A connection must not be carried into a process that was forked.
        if getattr(self._own, "process", None) != os.getpid():
            try:
                self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                # Before SQLite makes it for everybody's eyes; its log gets the same rights.
                os.close(os.open(self.file, os.O_CREAT | os.O_RDWR, 0o600))
            except OSError as error:
                raise self._unreadable(error) from None
            connection = sqlite3.connect(self.file, timeout=BUSY_S, isolation_level=None)
            connection.execute("PRAGMA journal_mode = WAL")
            # A power cut may take the last transactions, never what was before them.
            connection.execute("PRAGMA synchronous = NORMAL")
            self._own.connection, self._own.process = connection, os.getpid()
        found: sqlite3.Connection = self._own.connection
        return found

    @contextlib.contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._unreadable(error) from None

    def _unreadable(self, error: Exception) -> UnavailableError:
        return UnavailableError(
            f"the server's state, {self.file}, cannot be read or written ({error}); ask its "
            "administrator"
        )
