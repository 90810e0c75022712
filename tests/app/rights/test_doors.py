"""Nobody comes in who is not known: every route of the application, as it is enumerated from it."""

from __future__ import annotations

import re
from enum import StrEnum

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from sighthound.core.project.settings import Project
from tests.app.rights.conftest import behind_proxy

HTML = {"Accept": "text/html"}


class Door(StrEnum):
    """What a route is, for who may not see everything."""

    OPEN = "for everybody: it holds nothing of a project but its title"
    SAME = "the same for all who are known: code, genome, genes, how the server is"
    OWN = "one's own things; another's are not there"
    TRACKS = "of tracks: tests/app/rights/test_two_people.py asks it as two people"


# Every route has a door here: a new one is put under what it is, and a TRACKS one asked there, too.
DOORS = {
    Door.OPEN: [
        "/healthz", "/readyz", "/metrics", "/login", "/_favicon.ico", "/assets/bundles/login-*",
        "/assets/bundles/ui-login-*",
    ],
    Door.SAME: [
        "/api/v1/genes", "/api/v1/sequence", "/api/v1/search", "/api/v1/openapi.json",
        "/api/v1/variant/motifs", "/api/v1/pdf", "/genome/<name>", "/api/<path:_path>",
        "/genome/<path:_path>", "/hub/<path:_path>", "/tracks/<path:_path>", "/assets/*",
        "/guides/", "/guides/<path:name>", "*/_*", "/", "/pages/*", "/tracks", "/accuracy",
        "/variants", "/<path:path>",
    ],
    Door.OWN: [
        "/api/v1/me", "/api/v1/tokens", "/api/v1/tokens/<identifier>", "/api/v1/uploads",
        "/api/v1/uploads/from-url", "/api/v1/uploads/<identifier>",
        "/api/v1/uploads/<identifier>/features", "/logout", "/api/v1/variant-tables",
        "/api/v1/variant-tables/<identifier>/run",
        "/api/v1/variant-tables/<identifier>/start", "/api/v1/variant-tables/<identifier>/stop",
    ],
    Door.TRACKS: [
        "/api/v1/project", "/api/v1/genome-run", "/api/v1/signal", "/api/v1/levels",
        "/api/v1/prediction", "/api/v1/prediction/members", "/api/v1/gene",
        "/api/v1/track-card", "/api/v1/measured",
        "/api/v1/measured/agreement", "/api/v1/next", "/api/v1/example", "/api/v1/disagreements",
        "/api/v1/contrasts", "/api/v1/top-variants", "/api/v1/bigwig", "/api/v1/saliency",
        "/api/v1/mutagenesis", "/api/v1/saliency/members", "/api/v1/mutagenesis/members",
        "/api/v1/motifs", "/api/v1/variant", "/api/v1/variant/members", "/api/v1/variant/signs",
        "/api/v1/atlas", "/api/v1/atlas/places", "/api/v1/mutagenesis/nulls",
        "/api/v1/alternative",
        "/api/v1/shares", "/api/v1/shares/<name>", "/api/v1/reproduce", "/tracks/<track>/<kind>.bw",
        "/tracks/<track>/<variants>/<kind>.<any(bw, bedgraph):form>", "/hub/hub.txt",
        "/hub/faceted/hub.txt", "/hub/faceted/metadata.tsv", "/hub/files/hub.txt",
        "/hub/files/genomes.txt", "/hub/files/trackDb.txt", "/hub/igv.json", "/hub/igv.xml",
        "/hub/jbrowse.json", "/hub/links.json", "/about", "/accuracy/<path:name>",
        "/studies/<path:name>",
        "/api/v1/variant-tables/<identifier>", "/api/v1/variant-tables/<identifier>/rows",
        "/api/v1/variant-tables/<identifier>/file",
    ],
}  # fmt: skip


def door_of(rule: str) -> Door | None:
    """The door of a route: by its own name before one that a pattern gives to many."""
    for is_pattern in (False, True):
        for door, rules in DOORS.items():
            for known in rules:
                pattern = re.escape(known).replace(r"\*", ".*") if is_pattern else re.escape(known)
                if re.fullmatch(pattern, rule) and ("*" in known) == is_pattern:
                    return door
    return None


def asked(rule: Rule) -> str:
    """An address of a route."""
    values = {"track": "ramp", "kind": "experiment", "name": "hub.txt", "form": "bw"}
    return re.sub(r"<(?:[^>]*:)?(\w+)>", lambda m: values.get(m[1], "x"), rule.rule)


def test_every_route_has_a_door_and_every_door_a_route(served: Flask) -> None:
    rules = {rule.rule for rule in served.url_map.iter_rules()}
    without = {rule for rule in rules if door_of(rule) is None}
    assert without == set(), "say in DOORS what these routes are for who may not see everything"
    named = {rule for rules in DOORS.values() for rule in rules if "*" not in rule}
    assert named - rules == set()


def test_who_is_not_known_is_refused_by_every_route_and_method(
    served: Flask, stranger: FlaskClient
) -> None:
    tried = 0
    for rule in served.url_map.iter_rules():
        if door_of(rule.rule) is Door.OPEN:
            continue
        for method in rule.methods or ():
            answer = stranger.open(asked(rule), method=method, headers={"X-Sighthound": "1"})
            assert answer.status_code == 401, (method, rule.rule, answer.status_code)
            tried += 1
            if method != "HEAD":
                assert set(answer.get_json()) == {"error"}
                assert "zebrafin" not in answer.text
    assert tried > 100


def test_what_is_no_route_is_refused_like_what_is_one(stranger: FlaskClient) -> None:
    one = stranger.get("/tracks/zebrafin/experiment.bw")
    none = stranger.get("/tracks/nonesuch/experiment.bw")
    assert (one.status_code, one.data) == (none.status_code, none.data)
    assert stranger.get("/no/such/page").status_code == 401


def test_a_person_who_opens_a_page_is_led_to_the_login_and_back(stranger: FlaskClient) -> None:
    answer = stranger.get("/tracks?q=a&b=c", headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/login?next=%2Ftracks%3Fq%3Da%26b%3Dc"
    assert 'value="/tracks?q=a&amp;b=c"' in stranger.get(answer.headers["Location"]).text


def test_what_the_login_page_is_made_of_is_there_for_everybody(stranger: FlaskClient) -> None:
    page = stranger.get("/login").text
    links = re.findall(r'(?:href|src)="(/assets/[^"]+)"', page)
    assert len(links) == 2
    assert [stranger.get(link).status_code for link in links] == [200, 200]


def test_logging_out_ends_the_login_everywhere_in_that_browser(served: Flask) -> None:
    from tests.app.rights.conftest import logged_in

    client = logged_in(served, "ben")
    assert client.get("/api/v1/me").get_json() == {"person": "ben", "login": "passwords"}
    cookie = client.get_cookie("sighthound_login")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert client.post("/logout").status_code == 400  # a page of another origin sends no header
    answer = client.post("/logout", headers={"X-Sighthound": "1"})
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert client.get("/api/v1/me").status_code == 401
    client.set_cookie("sighthound_login", cookie.value)
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("onward", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_a_login_leads_nowhere_else(served: Flask, onward: str) -> None:
    form = {"name": "ben", "password": "ben's long password", "next": onward}
    answer = served.test_client().post("/login", data=form, headers={"X-Sighthound": "1"})
    assert answer.headers["Location"] == "/"


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(served: Flask) -> None:
    client = served.test_client()
    texts = []
    for name in ("ben", "bea"):
        form = {"name": name, "password": "guessed password"}
        answer = client.post("/login", data=form, headers={"X-Sighthound": "1"})
        assert answer.status_code == 401
        assert "Set-Cookie" not in answer.headers
        texts.append(answer.text.replace(f'value="{name}"', ""))
    assert texts[0] == texts[1]


def test_a_name_is_not_guessed_at_for_ever(served: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sighthound.app.rights.logins.MOST_WRONG", 2)
    client = served.test_client()
    form = {"name": "eve", "password": "guessed password"}
    codes = [
        client.post("/login", data=form, headers={"X-Sighthound": "1"}).status_code
        for _ in range(3)
    ]
    assert codes == [401, 401, 429]


def test_a_form_of_another_origin_logs_nobody_in(served: Flask) -> None:
    form = {"name": "ben", "password": "ben's long password"}
    for headers in ({}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = served.test_client().post("/login", data=form, headers=headers)
        assert answer.status_code == 400
        assert "Set-Cookie" not in answer.headers
    own = served.test_client().post("/login", data=form, headers={"Origin": "http://localhost"})
    assert own.status_code == 303


def test_a_header_is_believed_of_a_proxy_that_is_listed_and_of_no_other(lab: Project) -> None:
    client = behind_proxy(lab).test_client()

    def person(address: str, *names: str) -> str | None:
        headers = [("X-Remote-User", name) for name in names]
        answer = client.get(
            "/api/v1/me", headers=headers, environ_overrides={"REMOTE_ADDR": address}
        )
        return answer.get_json().get("person")

    assert person("10.0.0.7", "ana") == "ana"
    assert person("10.0.1.7", "ana") is None
    assert person("127.0.0.1", "ana") is None
    assert person("10.0.0.7") is None
    # One of the two is not the proxy's.
    assert person("10.0.0.7", "mallory", "ana") is None
    assert person("10.0.0.7", " ") is None


def test_a_proxy_has_no_login_page_to_lead_to(lab: Project) -> None:
    answer = behind_proxy(lab).test_client().get("/", headers=HTML)
    assert answer.status_code == 401
    assert "X-Remote-User" in answer.get_json()["error"]
