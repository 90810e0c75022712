"""Who is asking: one cookie for all of a browser's requests, which no script can read."""

from __future__ import annotations

from flask import Flask

from sighthound.app.web.visitors import COOKIE, DAYS, known_visitor, visitor


def application() -> Flask:
    from sighthound.app.web.visitors import add_cookies

    app = Flask("visitors")
    add_cookies(app)
    app.add_url_rule("/", "page", lambda: "page")
    app.add_url_rule("/api/v1/who", "who", lambda: visitor() + "|" + visitor())
    app.add_url_rule("/api/v1/known", "known", lambda: known_visitor() or "nobody")
    app.add_url_rule("/tracks/a.bw", "file", visitor)
    return app


def test_the_page_gives_a_cookie_that_scripts_and_other_sites_never_see() -> None:
    cookie = application().test_client().get("/").headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=Strict", f"Max-Age={DAYS * 86_400}"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_behind_a_proxy_with_https_the_cookie_is_sent_by_https_alone() -> None:
    answer = application().test_client().get("/", headers={"X-Forwarded-Proto": "https"})
    assert "Secure" in answer.headers["Set-Cookie"].split("; ")


def test_a_visitor_keeps_the_name_and_another_browser_has_another() -> None:
    app = application()
    client = app.test_client()
    client.get("/")
    first, again = client.get("/api/v1/who").text.split("|")
    assert first == again == client.get("/api/v1/known").text
    assert "Set-Cookie" not in client.get("/").headers
    other = app.test_client().get("/api/v1/who").text
    assert first not in other


def test_who_has_no_cookie_is_named_once_a_request_and_gets_it_with_the_answer() -> None:
    client = application().test_client()
    assert client.get("/api/v1/known").text == "nobody"
    answer = client.get("/api/v1/who")
    one, same = answer.text.split("|")
    assert one == same
    assert f"{COOKIE}={one};" in answer.headers["Set-Cookie"]


def test_files_for_other_programs_come_without_a_cookie() -> None:
    assert "Set-Cookie" not in application().test_client().get("/tracks/a.bw").headers


def test_a_cookie_too_short_to_be_ours_names_nobody() -> None:
    client = application().test_client()
    client.set_cookie(COOKIE, "guessed")
    assert client.get("/api/v1/known").text == "nobody"


def test_outside_of_a_request_nobody_asks() -> None:
    assert visitor() == ""
