"""What nobody who is up to something gets: paths, headers, bodies that are no bodies."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sighthound.core.project.settings import Project

HEADERS = {"X-Sighthound": "1"}
# The files that a traversal would like to have, from any folder that is served.
TRAVERSALS = [
    "/tracks/..%2F..%2Fpeople.tsv/experiment.bw", "/tracks/../people.tsv", "/genome/../people.tsv",
    "/genome/..%2Fpeople.tsv", "/genome/%2e%2e/.state/key", "/hub/../people.tsv",
    "/accuracy/../people.tsv", "/accuracy/..%2F.state%2Fkey", "/assets/../people.tsv",
    "/assets/..%2F..%2Fsetup.cfg", "/guides/../../setup.cfg", "/guides/..%2F..%2Fsetup.cfg",
    "/api/v1/shares/..%2Fpeople", "/api/v1/uploads/..%2F..%2Fkey/features",
    "/tracks/%00/experiment.bw", "/_dash-component-suites/dash/../../setup.cfg", "/people.tsv",
    "/.state/key", "/rights.toml", "/sighthound.toml", "/.cache/hashes.json",
]  # fmt: skip


@pytest.mark.parametrize("address", TRAVERSALS)
def test_no_address_leads_to_a_file_that_is_not_served(ana: FlaskClient, address: str) -> None:
    answer = ana.get(address, buffered=True)
    for inside in (b"scrypt$", b"[group", b"[server]", b"[metadata]", b"root:"):
        assert inside not in answer.data
    # Dash answers what is no route with its page.
    assert answer.status_code in (400, 404) or answer.mimetype == "text/html"


@pytest.mark.parametrize("broken", ["a%0d%0aSet-Cookie:x=1", "a%0aX-Evil:1", "%c4%8d%c4%8aX:1"])
def test_no_header_can_be_written_by_an_address(
    served: Flask, stranger: FlaskClient, broken: str
) -> None:
    answers = [
        stranger.get(f"/tracks?q={broken}", headers={"Accept": "text/html"}),
        stranger.get(f"/login?next=/{broken}"),
        served.test_client().post(
            "/login",
            data=f"name=ben&password=ben%27s+long+password&next=/{broken}",
            content_type="application/x-www-form-urlencoded",
            headers=HEADERS,
        ),
        stranger.get(f"/read/{broken}/hub/hub.txt"),
    ]
    for answer in answers:
        assert answer.status_code in (200, 303, 400, 401, 404)
        assert not {"X-Evil", "X"} & set(answer.headers.keys())
        assert all("x=1" not in cookie for cookie in answer.headers.getlist("Set-Cookie"))
        assert all("\n" not in value and "\r" not in value for value in answer.headers.values())


POSTS = [
    "/api/v1/shares", "/api/v1/tokens", "/api/v1/uploads/from-url", "/api/v1/reproduce",
    "/api/v1/pdf", "/_dash-update-component", "/pages/accuracy/_dash-update-component",
]  # fmt: skip
BODIES = {
    "nothing": b"", "no JSON": b"{", "a list": b"[]", "a number": b"1e999",
    "bytes": b"\xff\xfe\x00",
    "deep": b"[" * 50_000, "deeper": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "a pickle": b"\x80\x04\x95\x1a\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94",
    "wrong kinds": json.dumps({"state": 1, "name": [], "url": {}, "output": 5}).encode(),
    "nulls": json.dumps({"state": {"locus": None}, "name": None, "url": None}).encode(),
}  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=str)
@pytest.mark.parametrize("address", POSTS)
def test_a_body_that_is_none_is_refused_in_a_line(
    ana: FlaskClient, address: str, body: str
) -> None:
    answer = ana.post(address, data=BODIES[body], content_type="application/json", headers=HEADERS)
    assert answer.status_code in (400, 413), answer.text
    assert set(answer.get_json()) == {"error"}
    assert "\n" not in answer.get_json()["error"]


@pytest.mark.parametrize("address", [*POSTS, "/login", "/logout"])
def test_a_body_that_is_too_large_is_not_read(ana: FlaskClient, address: str) -> None:
    answer = ana.post(
        address, data=b"x", headers=HEADERS, environ_overrides={"CONTENT_LENGTH": str(1 << 40)}
    )
    assert answer.status_code == 413


def test_a_login_form_of_megabytes_is_refused(served: Flask) -> None:
    form = {"name": "a" * 100_000, "password": "b" * 100_000}
    answer = served.test_client().post("/login", data=form, headers=HEADERS)
    assert answer.status_code == 413


def writes(served: Flask) -> list[tuple[str, str]]:
    """Every route that changes something or takes a body, and its methods."""
    found = []
    for rule in served.url_map.iter_rules():
        address = rule.rule.replace("<identifier>", "x").replace("<path:path>", "x")
        if "<" not in address:
            methods = (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}
            found += [(method, address) for method in sorted(methods)]
    return found


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
    ids=str,
)
def test_no_page_of_another_origin_writes_by_any_route(
    served: Flask, ana: FlaskClient, headers: dict[str, str]
) -> None:
    every = writes(served)
    assert ("POST", "/_dash-update-component") in every
    assert ("DELETE", "/api/v1/mutagenesis") in every
    for method, address in every:
        answer = ana.open(address, method=method, json={}, headers={**HEADERS, **headers})
        assert answer.status_code == 400, (method, address)
        assert "may" in answer.get_json()["error"]


def test_dash_takes_no_form_of_another_page(ana: FlaskClient) -> None:
    # A form of any page can send text, and an old browser says nothing of where it comes from.
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        answer = ana.post("/_dash-update-component", data=b'{"output": "x"}', content_type=kind)
        assert answer.status_code == 400
        assert "JSON" in answer.get_json()["error"]


def test_a_browser_that_came_over_tls_comes_back_over_tls(stranger: FlaskClient) -> None:
    header = "Strict-Transport-Security"
    assert header not in stranger.get("/login").headers
    for given in (
        {"base_url": "https://localhost"}, {"headers": {"X-Forwarded-Proto": "https"}},
    ):  # fmt: skip
        assert "max-age=31536000" in stranger.get("/login", **given).headers[header]


def test_no_answer_names_a_path_of_the_machine(lab: Project, ana: FlaskClient) -> None:
    (lab.root / "ramp.bw").rename(lab.root / "ramp.moved")
    try:
        answers = [
            ana.get(address, buffered=True)
            for address in (
                "/api/v1/signal?chrom=chrI&start=0&end=4096&pixels=9&tracks=ramp",
                "/api/v1/bigwig?chrom=chrI&start=0&end=4096&tracks=ramp", "/readyz", "/about",
                "/tracks/ramp/experiment.bw", "/api/v1/project", "/api/v1/levels?tracks=ramp",
            )
        ]  # fmt: skip
    finally:
        (lab.root / "ramp.moved").rename(lab.root / "ramp.bw")
    assert not any(str(lab.root).encode() in answer.data for answer in answers)


def test_pages_run_no_script_and_wear_no_style_of_somebody_else(ana: FlaskClient) -> None:
    def styles(address: str) -> str:
        with ana.get(address) as answer:
            policy = answer.headers["Content-Security-Policy"]
        rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
        assert "unsafe" not in rules["script-src"]
        assert rules["object-src"] == "'none'"
        return str(rules["style-src"])

    for address in ("/login", "/about", "/api/v1/project"):
        assert styles(address) == "'self'"
    # Guides name those that MkDocs writes, where they are built.
    assert "unsafe-inline" not in styles("/guides/")
    # Where Dash draws it writes styles into the page.
    for address in ("/", "/tracks", "/accuracy", "/variants"):
        assert styles(address) == "'self' 'unsafe-inline'"
