"""`sighthound admin backup` and `restore`: all that people keep comes back, and nothing else."""

import io
import json
import stat
import tarfile

import pytest
from click.testing import CliRunner

from sighthound.app.commands.admin import admin
from sighthound.app.state.database import Database
from sighthound.core.errors import SighthoundError
from sighthound.core.project.layout import key_file, people_file, shares_folder, state_address
from sighthound.core.project.settings import load_project
from tests.tiny import make_project

VIEW = "aaaaaaaaaa.json"


@pytest.fixture
def project(tmp_path):
    lab = load_project(make_project(tmp_path / "lab", model=False, predictions=False))
    state = Database(state_address(lab))
    state.write("INSERT INTO refusals VALUES (?, ?, ?)", "ana", "::1", 1.5)
    key_file(lab).write_bytes(b"k" * 32)
    people_file(lab).write_text("person\tpassword\nana\thash\n")
    shares_folder(lab).mkdir()
    (shares_folder(lab) / VIEW).write_text('{"locus":"chrI:1-9"}')
    return lab


def run(*words):
    result = CliRunner().invoke(admin, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_all_that_people_keep_comes_back(project, tmp_path):
    file = tmp_path / "backup.tar.gz"
    assert "4 rows and files" in run("backup", project.root, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    state = Database(state_address(project))
    state.write("DELETE FROM refusals")
    state.write("INSERT INTO refusals VALUES (?, ?, ?)", "later", "::1", 2.5)
    key_file(project).write_bytes(b"x" * 32)
    (shares_folder(project) / VIEW).unlink()
    assert "4 rows and files" in run("restore", project.root, file, "--yes")
    assert Database(state_address(project)).read("SELECT * FROM refusals") == [("ana", "::1", 1.5)]
    assert key_file(project).read_bytes() == b"k" * 32
    assert stat.S_IMODE(key_file(project).stat().st_mode) == 0o600
    assert (shares_folder(project) / VIEW).read_text() == '{"locus":"chrI:1-9"}'


def test_the_same_state_gives_the_same_bytes(project, tmp_path):
    first, second = tmp_path / "first.tar.gz", tmp_path / "second.tar.gz"
    for file in (first, second):
        run("backup", project.root, file)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    "name", ["../evil.json", "sighthound.toml", "shares/../x.json", "/etc/x", "shares/a/b.json"]
)
def test_a_backup_writes_nothing_that_a_server_does_not_keep(project, tmp_path, name):
    run("backup", project.root, tmp_path / "good.tar.gz")
    with tarfile.open(tmp_path / "good.tar.gz") as archive:
        rows = archive.extractfile("state.json").read()
    with tarfile.open(tmp_path / "bad.tar.gz", "w:gz") as archive:
        for entry, data in (("state.json", rows), (name, b"x")):
            info = tarfile.TarInfo(entry)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    before = sorted(path.name for path in tmp_path.rglob("*"))
    with pytest.raises(SighthoundError, match="nothing that a server keeps"):
        run("restore", project.root, tmp_path / "bad.tar.gz", "--yes")
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b cut"])
def test_what_is_no_backup_is_said(project, tmp_path, content):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(SighthoundError, match="is no backup"):
        run("restore", project.root, tmp_path / "file", "--yes")


def test_rows_of_another_version_are_left_alone(project, tmp_path):
    rows = json.dumps({"format": 1, "step": 99, "tables": {}}).encode()
    with tarfile.open(tmp_path / "new.tar.gz", "w:gz") as archive:
        info = tarfile.TarInfo("state.json")
        info.size = len(rows)
        archive.addfile(info, io.BytesIO(rows))
    with pytest.raises(SighthoundError, match="a newer version of Sighthound"):
        run("restore", project.root, tmp_path / "new.tar.gz", "--yes")
    assert Database(state_address(project)).read("SELECT COUNT(*) FROM refusals") == [(1,)]
