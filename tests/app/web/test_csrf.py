"""Whom the server answers, and to whom a visitor's things belong."""

from __future__ import annotations

import dataclasses
import socket

import pytest
from flask.testing import FlaskClient

from sighthound.app.server.application import create_app
from sighthound.core.project.settings import Project


def served(project: Project, **settings: object) -> FlaskClient:
    server = dataclasses.replace(project.server, **settings)  # type: ignore[arg-type]
    lab = dataclasses.replace(project, server=server)
    return create_app(lab, scheduler_address=None).test_client()


@pytest.fixture(scope="module")
def local(project: Project) -> FlaskClient:
    return served(project, hosts=("browser.lab.org",))


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "localhost:8050", "LOCALHOST.", "127.0.0.1:8050", "[::1]:8050", "[::1]",
        "browser.lab.org", "Browser.Lab.org:443",
    ],
)  # fmt: skip
def test_the_server_answers_under_its_names(local: FlaskClient, host: str) -> None:
    assert local.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.5", "0x7f.1",
        "localhost@evil.example", "[::1", "[::1]evil", "browser.lab.org.evil", "a b", "",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "path", ["/", "/api/v1/project", "/hub/hub.txt", "/tracks/ramp/prediction.bw"]
)
def test_no_other_page_can_pose_as_the_server(local: FlaskClient, host: str, path: str) -> None:
    answer = local.get(path, environ_overrides={"HTTP_HOST": host})
    assert answer.status_code == 421
    line = answer.get_json()["error"]
    assert "hosts in [server] of sighthound.toml" in line
    assert len(line.splitlines()) == 1


def test_a_server_on_all_addresses_answers_under_each_and_under_the_machines_name(
    project: Project,
) -> None:
    everywhere = served(project, host="0.0.0.0")
    for host in ("10.0.0.5:8050", "[fe80::1]:8050", socket.gethostname()):
        assert everywhere.get("/healthz", headers={"Host": host}).status_code == 200
    assert everywhere.get("/healthz", headers={"Host": "evil.example"}).status_code == 421


def test_a_visitor_gets_one_cookie_with_the_page(local: FlaskClient) -> None:
    browser = local.application.test_client()
    cookie = browser.get("/").headers["Set-Cookie"]
    assert cookie.startswith("sighthound_visitor=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Set-Cookie" not in browser.get("/").headers
    # What genome browsers fetch, and everybody may keep, is nobody's.
    assert "Set-Cookie" not in local.application.test_client().get("/hub/hub.txt").headers
