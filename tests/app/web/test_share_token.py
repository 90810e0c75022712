"""`sighthound serve --share`: who has the address with the token may enter, and nobody else."""

import pytest

from sighthound.app.server.application import create_app
from sighthound.app.web.share_token import new_token

TOKEN = "a-token"


@pytest.fixture(scope="module")
def app(project):
    return create_app(project, scheduler_address=None, token=TOKEN)


@pytest.mark.parametrize(
    "path", ["/", "/tracks", "/about", "/hub/hub.txt", "/genome/genome.fa", "/?token=other", "/no"]
)
def test_who_has_no_token_gets_nothing(app, path):
    answer = app.test_client().get(path)
    assert answer.status_code == 401
    assert "ask who runs it" in answer.text


def test_the_page_is_told_in_its_own_words(app):
    answer = app.test_client().get("/api/v1/project")
    assert answer.status_code == 401
    assert "token" in answer.get_json()["error"]


def test_the_first_visit_makes_the_token_a_cookie_and_takes_it_off_the_address(app):
    client = app.test_client()
    answer = client.get(f"/?locus=chrI:1-100&token={TOKEN}&tracks=ramp")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/?locus=chrI%3A1-100&tracks=ramp"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert client.get("/").status_code == 200
    assert client.get("/api/v1/project").status_code == 200


def test_a_script_sends_it_as_a_header(app):
    asked = {"headers": {"Authorization": f"Bearer {TOKEN}"}}
    assert app.test_client().get("/api/v1/project", **asked).status_code == 200


def test_the_way_back_never_leaves_the_server(app):
    answer = app.test_client().get(f"//evil.org/x?token={TOKEN}", base_url="http://localhost")
    assert not answer.headers.get("Location", "/").startswith("//")


def test_whether_the_server_lives_is_open(app):
    assert app.test_client().get("/healthz").status_code == 200


def test_no_two_tokens_are_alike():
    assert len({new_token() for _ in range(10)}) == 10
    assert len(new_token()) == 32
