"""A server's state in PostgreSQL, where it is installed: as in SQLite, and through a restart."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sighthound.app.state.backup import rows_of, take_rows
from sighthound.app.state.database import Database
from sighthound.app.state.migrations import MIGRATIONS
from sighthound.core.errors import SighthoundError, UnavailableError

psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")


def program(name):
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return shutil.which(name) or (str(newest[0]) if newest else None)


class Server:
    """A PostgreSQL of this test alone."""

    def __init__(self, folder):
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.run("initdb", "--pgdata", "data", "--auth", "trust", "--username", "lab", "--no-sync")
        self.address = f"postgresql://lab@127.0.0.1:{self.port}/postgres"

    def run(self, name, *words):
        # It does not run as root.
        user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        command = [*user, program(name), *words]
        subprocess.run(command, cwd=self.folder, check=True, stdout=subprocess.DEVNULL)

    def start(self):
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off -k {self.folder}"
        self.run("pg_ctl", "-D", "data", "-o", options, "-l", "log", "-w", "start")

    def stop(self):
        self.run("pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")


@pytest.fixture(scope="module")
def server():
    if program("initdb") is None or program("pg_ctl") is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    with tempfile.TemporaryDirectory(prefix="sighthound-", dir="/tmp") as folder:
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        server = Server(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture
def database(server):
    found = Database(server.address)
    yield found
    found.close()


def test_postgresql_keeps_what_sqlite_keeps(database, tmp_path):
    ours = database
    assert ours.step() == len(MIGRATIONS)
    ours.write("INSERT INTO refusals VALUES (?, ?, ?)", "ana", "50% of ::1", 1.5)
    assert ours.read("SELECT * FROM refusals WHERE person = ?", "ana") == [
        ("ana", "50% of ::1", 1.5)
    ]

    def fail():
        with ours.transaction() as connection:
            connection.execute("DELETE FROM refusals")
            connection.execute("SELECT * FROM nothing")

    with pytest.raises(UnavailableError, match="nothing"):
        fail()
    other = Database(f"sqlite:///{tmp_path / 'state.db'}")
    take_rows(other, rows_of(ours))
    assert other.read("SELECT * FROM refusals") == [("ana", "50% of ::1", 1.5)]
    take_rows(ours, rows_of(other))
    assert ours.read("SELECT COUNT(*) FROM refusals") == [(1,)]


def test_writers_in_several_threads_lose_nothing(database):
    database.write("CREATE TABLE counts (n BIGINT NOT NULL)")
    database.write("INSERT INTO counts VALUES (0)")

    def count(_):
        with database.transaction() as connection:
            (n,) = connection.execute("SELECT n FROM counts").fetchone()
            connection.execute("UPDATE counts SET n = ?", (n + 1,))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(count, range(40)))
    assert database.read("SELECT n FROM counts") == [(40,)]
    database.write("DROP TABLE counts")


def test_a_database_that_stops_is_said_and_one_that_is_back_answers(server, database):
    server.stop()
    with pytest.raises(UnavailableError, match=r"postgres on 127\.0\.0\.1, cannot be read"):
        database.read("SELECT 1")
    server.start()
    assert database.read("SELECT 1") == [(1,)]
    server.stop()
    server.start()
    assert database.write("DELETE FROM refusals") >= 0


def test_an_address_says_no_password(server):
    with pytest.raises(UnavailableError) as refused:
        Database(server.address.replace("lab@", "nobody:secret@"))
    assert not re.search("secret", str(refused.value))


def test_rows_of_a_newer_program_are_refused(database):
    with pytest.raises(SighthoundError, match="newer"):
        take_rows(database, {**rows_of(database), "step": len(MIGRATIONS) + 1})
