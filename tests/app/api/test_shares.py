"""Views under short addresses: one name a view, kept for good, written by our page only."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from sighthound.app.api.shares import Shares, view_parameters
from sighthound.app.server.application import create_app
from sighthound.core.errors import SighthoundError
from sighthound.core.project.settings import Project

OURS = {"X-Sighthound": "1"}
STATE = {"locus": "chrI:1001-9000", "tracks": "ramp,counts", "mode": "overlay"}


def test_a_view_is_found_under_its_short_name_by_a_server_started_later(
    web: FlaskClient, project: Project
) -> None:
    name = web.post("/api/v1/shares", json={"state": STATE}, headers=OURS).get_json()["id"]
    assert len(name) == 10
    later = create_app(project, scheduler_address=None).test_client()
    assert later.get(f"/api/v1/shares/{name}").get_json() == {"state": STATE}


def test_one_view_has_one_name_whoever_shares_it_in_whatever_order(tmp_path: Path) -> None:
    shares = Shares(tmp_path / "shares", 1)
    name = shares.keep(STATE)
    assert shares.keep(dict(reversed(STATE.items()))) == name
    assert shares.keep({**STATE, "mode": "residual"}) != name
    assert len(list((tmp_path / "shares").iterdir())) == 2


def test_a_name_that_another_view_has_gets_more_letters(tmp_path: Path) -> None:
    shares = Shares(tmp_path, 1)
    name = shares.keep(STATE)
    (tmp_path / f"{name}.json").write_text('{"locus":"chrI:1-2"}')
    longer = shares.keep(STATE)
    assert longer.startswith(name)
    assert len(longer) == len(name) + 2
    assert shares.find(longer) == STATE


def test_the_parts_of_a_view_are_those_that_the_drawing_code_declares() -> None:
    assert {"locus", "tracks", "mode", "saliency", "mutagenesis"} <= view_parameters()


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({}, "an object of its address's parameters"),
        (["locus"], "an object of its address's parameters"),
        ({"locus": "chrI:1-2", "evil": "1"}, "'evil' is no part of a view; expected"),
        ({"locus": 5}, "locus of a view is '5'; expected a text"),
        ({"locus": "x" * 300_000}, "the view takes 300,012 bytes, at most 262,144 are kept"),
    ],
)
def test_what_is_no_view_is_refused(web: FlaskClient, state: object, message: str) -> None:
    answer = web.post("/api/v1/shares", json={"state": state}, headers=OURS)
    assert answer.status_code == 400
    assert message in answer.get_json()["error"]


@pytest.mark.parametrize("name", ["abcdefghij", "x", "..%2Fsighthound", "A" * 200])
def test_an_unknown_name_is_one_clear_line(web: FlaskClient, name: str) -> None:
    answer = web.get(f"/api/v1/shares/{name}")
    assert answer.status_code == 404
    assert "error" in answer.get_json()


def test_an_unknown_name_says_what_to_do(web: FlaskClient) -> None:
    assert web.get("/api/v1/shares/abcdefghij").get_json()["error"] == (
        "no view is kept here as 'abcdefghij': the address was cut short, or is of another server; "
        "ask its sender for the long one"
    )


def test_views_take_no_more_than_the_project_allows_and_none_goes(tmp_path: Path) -> None:
    shares = Shares(tmp_path, 1)
    first = shares.keep({"locus": "first"})
    for number in range(4):
        shares.keep({"locus": f"{number}" * 250_000})
    with pytest.raises(SighthoundError, match=r"no room .* raises \[server\] shares_mb"):
        shares.keep({"locus": "x" * 250_000})
    assert shares.find(first) == {"locus": "first"}


def test_a_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SighthoundError, match=r"cannot be kept on the server .* long address"):
        Shares(tmp_path / "file" / "shares", 1).keep(STATE)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {**OURS, "Origin": "https://evil.example"},
        {**OURS, "Origin": "null"},
        {**OURS, "Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/shares"),
        ("POST", "/api/v1/uploads?name=a.bed"),
        ("POST", "/api/v1/uploads/from-url"),
        ("DELETE", "/api/v1/uploads/own-abcdefghijkm"),
        ("POST", "/api/v1/pdf"),
    ],
)
def test_only_our_own_page_changes_what_the_server_keeps(
    web: FlaskClient, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = web.open(path, method=method, data=json.dumps({"state": STATE}), headers=headers)
    assert answer.status_code == 400
    assert answer.get_json()["error"].startswith(("this address is for the page", "a page of"))
    assert "Set-Cookie" not in answer.headers


def test_no_other_origin_is_told_that_it_may(web: FlaskClient) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = web.options("/api/v1/shares", headers=asked)
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_own_page_may_behind_a_proxy_that_says_which_host_was_asked(web: FlaskClient) -> None:
    headers = {**OURS, "Origin": "https://browser.lab.org", "X-Forwarded-Host": "browser.lab.org"}
    assert web.post("/api/v1/shares", json={"state": STATE}, headers=headers).status_code == 200
