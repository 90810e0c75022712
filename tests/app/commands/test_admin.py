"""`sighthound admin`: people, tokens, what is kept, who read what."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sighthound.app.cli import cli
from sighthound.app.rights.audit import Audit
from sighthound.app.rights.logins import Logins
from sighthound.app.state.database import Database
from sighthound.core.errors import SighthoundError
from sighthound.core.project.layout import state_address
from sighthound.core.project.settings import load_project
from tests.tiny import make_project


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    return Path(make_project(tmp_path / "lab", predictions=False))


def admin(*words: object, typed: str = "") -> Result:
    result = CliRunner().invoke(cli, ["admin", *map(str, words)], input=typed)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_a_person_is_let_in_and_out(lab: Path) -> None:
    typed = "a long password\na long password\n"
    assert "ana can log in" in admin("add-person", lab, "ana", typed=typed).output
    state = Database(state_address(load_project(lab)))
    secret = Logins(state).begin("ana")
    again = admin("add-person", lab, "ana", "--password-file", "-", typed="another password\n")
    assert "another password" in again.output
    assert Logins(state).person(secret) == ""
    token = admin("add-token", lab, "ana", "--name", "report", "--days", 9).output.strip()
    (told,) = admin("tokens", lab).output.splitlines()[1:]
    assert told.split("\t")[:3] == [token.partition(".")[0], "ana", "report"]
    assert "1 tokens revoked" in admin("remove-person", lab, "ana").output
    assert len(admin("tokens", lab).output.splitlines()) == 1


def test_people_are_listed_with_how_many_tracks_they_see(lab: Path) -> None:
    admin("add-person", lab, "ana", "--password-file", "-", typed="a long password\n")
    text = '[group.lab]\npeople = ["ben"]\ntracks = ["*"]\n'
    (lab / "rights.toml").write_text(text)
    count = len(load_project(lab).read_tracks())
    listed = admin("people", lab).output.splitlines()
    assert listed == ["person\tgroups\ttracks", "ana\t\t0", f"ben\tlab\t{count}"]


def test_what_was_read_is_listed_by_person_and_track(lab: Path) -> None:
    audit = Audit(Database(state_address(load_project(lab))))
    audit.note("ana", "login", "GET /api/v1/signal", "atac,cage", 200)
    audit.note("ana", "login", "GET /api/v1/signal", "atac,cage", 200)
    audit.note("ben", "proxy", "GET /hub/hub.txt", "", 200)
    (one,) = admin("audit", lab, "--track", "cage", "--days", 1).output.splitlines()[1:]
    assert one.split("\t")[1:6] == ["ana", "login", "GET /api/v1/signal", "200", "2"]
    assert len(admin("audit", lab, "--person", "ben").output.splitlines()) == 2


def test_what_is_not_there_is_said(lab: Path) -> None:
    with pytest.raises(SighthoundError, match="there is nobody"):
        admin("remove-person", lab, "eve")
    with pytest.raises(SighthoundError, match="no such token holds"):
        admin("revoke", lab, "0123")
    with pytest.raises(SighthoundError, match="nothing is kept"):
        admin("remove", lab, "aaaaaaaaaa")
    with pytest.raises(SighthoundError, match="expected 8 to"):
        admin("add-person", lab, "ana", "--password-file", "-", typed="short\n")
    assert not (lab / "people.tsv").exists()
