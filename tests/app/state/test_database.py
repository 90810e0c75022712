"""A server's state: whole transactions, several at once, tables that grow by steps."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sighthound.app.state.database import Database
from sighthound.app.state.migrations import MIGRATIONS
from sighthound.core.errors import SighthoundError, UnavailableError

COUNT = ("CREATE TABLE counts (name TEXT PRIMARY KEY, n BIGINT NOT NULL)",)


def open_at(file: Path) -> Database:
    return Database(f"sqlite:///{file}")


def test_a_new_state_has_all_steps_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    database = open_at(tmp_path / "state" / "state.db")
    assert database.step() == len(MIGRATIONS)
    assert stat.S_IMODE((tmp_path / "state" / "state.db").stat().st_mode) == 0o600
    assert database.read("PRAGMA journal_mode") == [("wal",)]


def test_a_later_step_keeps_what_is_there(tmp_path: Path) -> None:
    database = open_at(tmp_path / "state.db")
    database.write("INSERT INTO refusals VALUES (?, ?, ?)", "ana", "::1", 1.5)
    database.migrate((*MIGRATIONS, COUNT))
    assert database.step() == len(MIGRATIONS) + 1
    assert database.read("SELECT * FROM refusals") == [("ana", "::1", 1.5)]
    with pytest.raises(SighthoundError, match="newer version"):
        open_at(tmp_path / "state.db")


def test_a_step_that_fails_leaves_nothing_of_itself(tmp_path: Path) -> None:
    database = open_at(tmp_path / "state.db")
    with pytest.raises(UnavailableError):
        database.migrate((*MIGRATIONS, (*COUNT, "CREATE TABLE logins (n BIGINT)")))
    assert database.step() == len(MIGRATIONS)
    assert database.read("SELECT name FROM sqlite_master WHERE name = 'counts'") == []


def test_writers_in_several_threads_lose_nothing(tmp_path: Path) -> None:
    database = open_at(tmp_path / "state.db")
    database.migrate((*MIGRATIONS, COUNT))
    database.write("INSERT INTO counts VALUES ('all', 0)")

    def count(_: int) -> None:
        with database.transaction() as connection:
            (n,) = connection.execute("SELECT n FROM counts").fetchone()
            connection.execute("UPDATE counts SET n = ?", (n + 1,))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(count, range(60)))
    assert database.read("SELECT n FROM counts") == [(60,)]


def test_an_exception_takes_the_whole_transaction_back(tmp_path: Path) -> None:
    database = open_at(tmp_path / "state.db")

    def fail() -> None:
        with database.transaction() as connection:
            connection.execute("INSERT INTO refusals VALUES ('ana', '', 1)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert database.read("SELECT * FROM refusals") == []


@pytest.mark.parametrize("address", ["", "sqlite:///", "state.db", "mysql://here/it"])
def test_what_is_no_address_of_a_database_is_refused(address: str) -> None:
    with pytest.raises(SighthoundError, match="expected sqlite:///"):
        Database(address)


def test_a_file_that_is_no_database_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"no database" * 1000)
    with pytest.raises(UnavailableError, match=r"state\.db, cannot be read"):
        open_at(tmp_path / "state.db")
