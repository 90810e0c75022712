"""What a server's state is kept by: SQLite in a file, or PostgreSQL at an address.

Both take the same statements, with question marks for values.
"""

from __future__ import annotations

import importlib
import os
import sqlite3
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sighthound.core.errors import SighthoundError

SQLITE, POSTGRESQL = "sqlite:///", ("postgresql://", "postgres://")
BUSY_S = 5.0  # that a writer waits for another
CONNECT_S = 5
# Of the lock that is the only writer's place in PostgreSQL: any number that nobody else takes.
_WRITER = 0x51647468


class Engine(ABC):
    """Opens connections: objects with `execute(statement, values)` that gives a cursor.

    Attributes
    ----------
    name : str
        Of the database for people, without a password.
    error : type
        What its connections raise.
    """

    name: str
    error: type[Exception]

    @abstractmethod
    def connect(self) -> Any:
        """Open a connection that is in no transaction; OSError or `error` where it cannot."""

    @abstractmethod
    def begin(self, connection: Any) -> None:
        """Begin a transaction in the only writer's place."""

    @abstractmethod
    def is_in_transaction(self, connection: Any) -> bool:
        """Whether there is something to take back."""

    def is_lost(self, _connection: Any) -> bool:
        """Whether a connection that failed will never do again."""
        return False


class Sqlite(Engine):
    """SQLite with a write-ahead log: readers never wait for a writer.

    Parameters
    ----------
    file : path
        It and its folder are made when missing, for their owner's eyes only.
    """

    error = sqlite3.Error

    def __init__(self, file: Path) -> None:
        self.file, self.name = file, str(file)

    def connect(self) -> sqlite3.Connection:
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Before SQLite makes it for everybody's eyes; its log gets the same rights.
        os.close(os.open(self.file, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(self.file, timeout=BUSY_S, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        # A power cut may take the last transactions, never what was before them.
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def begin(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")

    def is_in_transaction(self, connection: sqlite3.Connection) -> bool:
        return connection.in_transaction


class Postgresql(Engine):
    """PostgreSQL, for web servers on several machines.

    Parameters
    ----------
    address : str
        As `postgresql://USER:PASSWORD@HOST/DATABASE`; what it leaves out is asked of the variables
        PGHOST, PGPASSWORD and so on, and of ~/.pgpass.

    Raises
    ------
    SighthoundError
        psycopg is not installed.
    """

    def __init__(self, address: str) -> None:
        try:
            self._psycopg = importlib.import_module("psycopg")
        except ImportError:
            raise SighthoundError(
                "the state's address is of PostgreSQL, which needs psycopg: "
                "pip install 'sighthound[postgresql]'"
            ) from None
        self.error = self._psycopg.Error
        self.address = address
        parts = urlsplit(address)
        self.name = (
            f"{parts.path.lstrip('/') or 'a database'} on {parts.hostname or 'this machine'}"
        )

    def connect(self) -> Any:
        found = self._psycopg.connect(self.address, autocommit=True, connect_timeout=CONNECT_S)
        return _Asked(found)

    def begin(self, connection: Any) -> None:
        connection.execute("BEGIN")
        connection.execute("SELECT pg_advisory_xact_lock(?)", (_WRITER,))

    def is_in_transaction(self, connection: Any) -> bool:
        idle = self._psycopg.pq.TransactionStatus.IDLE
        return not self.is_lost(connection) and connection.found.info.transaction_status != idle

    def is_lost(self, connection: Any) -> bool:
        return bool(connection.found.closed)


class _Asked:
    """A connection of psycopg that takes question marks."""

    def __init__(self, found: Any) -> None:
        self.found = found
        self._process = os.getpid()

    def close(self) -> None:
        self.found.close()

    def __del__(self) -> None:
        # With its thread; never in a process that was forked, which has the same socket.
        if self._process == os.getpid():
            self.close()

    def execute(self, statement: str, values: Any = ()) -> Any:
        return self.found.execute(statement.replace("%", "%%").replace("?", "%s"), values)


def engine_of(address: str) -> Engine:
    """Give what keeps the state at an address.

    Raises
    ------
    SighthoundError
        The address is none.
    """
    if address.startswith(SQLITE) and address != SQLITE:
        return Sqlite(Path(address.removeprefix(SQLITE)))
    if address.startswith(POSTGRESQL):
        return Postgresql(address)
    raise SighthoundError(
        f"the state's address is {address!r}; expected {SQLITE} and the path of a file, or "
        f"{POSTGRESQL[0]}USER@HOST/DATABASE"
    )
