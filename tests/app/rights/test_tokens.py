"""Read tokens: what they open, for whom, how long; and the log of who read what."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sighthound.app.rights.audit import Audit
from sighthound.app.rights.tokens import Tokens
from sighthound.app.state.database import Database
from sighthound.app.state.key import server_key
from sighthound.core.project.layout import key_file, state_address
from sighthound.core.project.settings import Project
from tests.app.rights.conftest import SECRET

HEADERS = {"X-Sighthound": "1"}


@pytest.fixture
def tokens(lab: Project, served: Flask) -> Tokens:
    return Tokens(Database(state_address(lab)), server_key(key_file(lab)))


def made(client: FlaskClient, **asked: object) -> dict[str, str]:
    answer = client.post("/api/v1/tokens", json={"name": "mine", **asked}, headers=HEADERS)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def status(client: FlaskClient, address: str, **given: object) -> int:
    return client.open(address, buffered=True, **given).status_code  # type: ignore[arg-type]


def test_a_token_reads_what_its_person_may_and_nothing_else(
    ben: FlaskClient, stranger: FlaskClient
) -> None:
    root = made(ben)["root"]
    assert status(stranger, f"{root}tracks/ramp/experiment.bw") == 200
    assert status(stranger, f"{root}tracks/{SECRET}/experiment.bw") == 404
    assert status(stranger, f"{root}genome/genome.fa") == 200
    assert SECRET not in stranger.get(f"{root}hub/igv.json").text
    # A link opens what genome browsers read.
    for shut in ("api/v1/project", "", "about", "api/v1/me", "login"):
        assert status(stranger, f"{root}{shut}") == 404
    assert status(stranger, f"{root}hub/hub.txt", method="POST") in (403, 404, 405)


def test_a_token_for_some_tracks_reads_no_others(ana: FlaskClient, stranger: FlaskClient) -> None:
    root = made(ana, tracks=[SECRET])["root"]
    assert status(stranger, f"{root}tracks/{SECRET}/experiment.bw") == 200
    assert status(stranger, f"{root}tracks/ramp/experiment.bw") == 404


def test_nobody_gets_a_token_of_a_track_that_they_do_not_see(ben: FlaskClient) -> None:
    texts = []
    for track in (SECRET, "nonesuch"):
        asked = {"name": "mine", "tracks": [track]}
        answer = ben.post("/api/v1/tokens", json=asked, headers=HEADERS)
        assert answer.status_code == 400
        texts.append(answer.text.replace(track, "it"))
    assert texts[0] == texts[1]


def test_what_the_page_exports_works_without_a_login(
    ana: FlaskClient, stranger: FlaskClient
) -> None:
    links = ana.get("/hub/links.json").get_json()
    assert links == ana.get("/hub/links.json").get_json()  # one token, not one a look
    session = stranger.get(links["igv_js_session"].removeprefix("http://localhost"))
    assert session.status_code == 200
    urls = [track["url"] for track in session.get_json()["tracks"] if "url" in track]
    assert urls
    urls += [file["url"] for file in links["bigwigs"]]
    assert {status(stranger, url.removeprefix("http://localhost")) for url in urls} == {200}
    hub = stranger.get(links["hub"].removeprefix("http://localhost"))
    assert "bigDataUrl ../tracks/" in hub.text


def test_a_script_sends_its_token_and_changes_nothing(
    ben: FlaskClient, stranger: FlaskClient
) -> None:
    bearer = {"Authorization": f"Bearer {made(ben)['token']}", **HEADERS}
    assert stranger.get("/api/v1/me", headers=bearer).get_json()["person"] == "ben"
    assert SECRET not in stranger.get("/api/v1/project", headers=bearer).text
    for method, address in (
        ("POST", "/api/v1/tokens"), ("POST", "/api/v1/shares"), ("POST", "/api/v1/uploads"),
        ("DELETE", "/api/v1/tokens/x"), ("DELETE", "/api/v1/uploads/x"), ("POST", "/logout"),
    ):  # fmt: skip
        assert status(stranger, address, method=method, headers=bearer) == 403


def test_a_token_ends_when_it_is_revoked_by_whose_it_is(
    ana: FlaskClient, ben: FlaskClient, stranger: FlaskClient
) -> None:
    token = made(ben)
    address = f"/api/v1/tokens/{token['id']}"
    assert token["id"] in {t["id"] for t in ben.get("/api/v1/tokens").get_json()["tokens"]}
    assert token["token"] not in ben.get("/api/v1/tokens").text
    assert ana.delete(address, headers=HEADERS).status_code == 404
    hub = f"{token['root']}hub/hub.txt"
    assert status(stranger, hub) == 200
    assert ben.delete(address, headers=HEADERS).get_json() == {"revoked": token["id"]}
    assert status(stranger, hub) == 404


def test_a_token_ends_with_its_time(
    ben: FlaskClient, stranger: FlaskClient, tokens: Tokens
) -> None:
    token = made(ben, days=1)
    assert status(stranger, f"{token['root']}hub/hub.txt") == 200
    tokens.state.write("UPDATE tokens SET expires = 1 WHERE id = ?", token["id"])
    assert status(stranger, f"{token['root']}hub/hub.txt") == 404


@pytest.mark.parametrize("wrong", [".", "", "..%2F..", "%00", "a" * 5_000])
def test_what_is_no_token_opens_nothing(
    ben: FlaskClient, stranger: FlaskClient, wrong: str
) -> None:
    token = made(ben, days=2)["token"]
    head, _, tail = token.partition(".")
    for text in (wrong, f"{head}.{wrong}", f"{head}.{tail[:-1]}", f"{wrong}.{tail}", f"{token}x"):
        assert status(stranger, f"/read/{text}/hub/hub.txt") in (401, 404)


@pytest.mark.parametrize(
    "asked",
    [
        {"name": ""}, {"name": "a\nb"}, {"name": 5}, {"days": 0}, {"days": 366}, {"days": True},
        {"days": "9"}, {"tracks": "ramp"}, {"tracks": [5]},
    ],
)  # fmt: skip
def test_a_token_that_cannot_be_is_refused(ben: FlaskClient, asked: dict[str, object]) -> None:
    answer = ben.post("/api/v1/tokens", json={"name": "mine", **asked}, headers=HEADERS)
    assert answer.status_code == 400
    assert set(answer.get_json()) == {"error"}


def test_who_read_what_is_noted_and_what_was_refused(
    lab: Project, ben: FlaskClient, stranger: FlaskClient
) -> None:
    token = made(ben)
    for _ in range(3):
        status(stranger, f"{token['root']}tracks/imagined/prediction.bw")
    status(ben, f"/tracks/{SECRET}/experiment.bw")
    audit = Audit(Database(state_address(lab)))
    route = "GET /tracks/<track>/<kind>.bw"
    read = [one for one in audit.readings("ben", "imagined") if one.via == f"token {token['id']}"]
    assert [(one.route, one.status, one.times) for one in read] == [(route, 200, 3)]
    refused = audit.readings("ben", SECRET, days=1)
    assert (route, 404) in {(one.route, one.status) for one in refused}
    assert audit.readings("nobody") == []
    assert json.dumps([one.__dict__ for one in read])


def test_what_cannot_be_noted_is_not_given(
    served: Flask, ben: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sighthound.core.errors import UnavailableError

    def full(*_: object) -> None:
        raise UnavailableError("the server's state cannot be written")

    monkeypatch.setattr(Audit, "note", full)
    answer = ben.get("/tracks/ramp/experiment.bw", buffered=True)
    assert answer.status_code == 503
    assert answer.get_json() == {"error": "the server's state cannot be written"}
