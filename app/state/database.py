"""A server's state in a database that an address names: `sqlite:///FOLDER/state.db`.

A process that is killed leaves whole transactions, and several processes may share it. SQLite
needs no other program; PostgreSQL is for web servers on several machines. One connection a thread.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from sighthound.app.state.engines import engine_of
from sighthound.app.state.migrations import MIGRATIONS
from sighthound.core.errors import SighthoundError, UnavailableError


class Database:
    """The tables of a server's state.

    Parameters
    ----------
    address : str
        `sqlite:///` and a file's path, one more slash makes it absolute; or `postgresql://...`.

    Raises
    ------
    SighthoundError
        The address is none, or its tables are of a newer program.
    UnavailableError
        The database cannot be opened.
    """

    def __init__(self, address: str) -> None:
        self.engine = engine_of(address)
        self._own = threading.local()
        self.migrate()

    def read(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Give the rows of a SELECT; values stand for its question marks."""
        with self._said():
            try:
                rows = self._connection().execute(statement, values).fetchall()
            except self.engine.error:
                # The database may have been started again meanwhile: then once more.
                if not self.engine.is_lost(self._connection()):
                    raise
                self.close()
                rows = self._connection().execute(statement, values).fetchall()
        return [tuple(row) for row in rows]

    def write(self, statement: str, *values: Any) -> int:
        """Change rows in a transaction of one statement, and say how many it changed."""
        with self.transaction() as connection:
            return int(connection.execute(statement, values).rowcount)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Any]:
        """Hold the only writer's place: all that is executed on the connection holds, or nothing.

        What is read inside stays true until the end.
        """
        with self._said():
            connection = self._begun()
            try:
                yield connection
            except BaseException:
                # A full disk has taken it back already.
                if self.engine.is_in_transaction(connection):
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
                f"the state in {self.engine.name} is of a newer version of Sighthound (step "
                f"{done}, this one knows {len(steps)}); serve the project with that one"
            )

    def step(self) -> int:
        """Say how far the tables are."""
        return int(self.read("SELECT COALESCE(MAX(number), 0) FROM steps")[0][0])

    def close(self) -> None:
        """Close this thread's connection; the next question opens another."""
        if vars(self._own).pop("process", None) == os.getpid():
            self._own.connection.close()

    def _begun(self) -> Any:
        """A connection in a transaction; one that was lost meanwhile is made anew."""
        connection = self._connection()
        try:
            self.engine.begin(connection)
        except self.engine.error:
            if not self.engine.is_lost(connection):
                raise
            self.close()
            connection = self._connection()
            self.engine.begin(connection)
        return connection

    def _connection(self) -> Any:
        # A connection must not be carried into a process that was forked.
        if getattr(self._own, "process", None) != os.getpid():
            try:
                connection = self.engine.connect()
            except OSError as error:
                raise self._unreadable(error) from None
            self._own.connection, self._own.process = connection, os.getpid()
        return self._own.connection

    @contextlib.contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except self.engine.error as error:
            raise self._unreadable(error) from None

    def _unreadable(self, error: Exception) -> UnavailableError:
        line = " ".join(str(error).split())
        return UnavailableError(
            f"the server's state, {self.engine.name}, cannot be read or written ({line}); ask its "
            "administrator"
        )
