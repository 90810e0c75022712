"""The guides: a site with search, linked from the page's help, that runs nothing unknown."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import ConsoleMessage
from werkzeug.serving import make_server

from sighthound.app.pages import guides
from sighthound.app.web.security import content_security_policy, inline_scripts, security_headers
from tests.browser.site import chromium
from tests.paths import ROOT


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site. Strict: a dead link or anchor, or a page that is in no menu, is an error."""
    folder = tmp_path_factory.mktemp("guides")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", folder],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def application(folder: Path) -> Flask:
    app = Flask("guides")
    app.register_blueprint(guides.blueprint(folder))
    policy = content_security_policy([])
    app.after_request(security_headers(policy, policy))
    return app


@contextmanager
def served(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def client(built: Path) -> FlaskClient:
    return application(built).test_client()


def test_the_help_of_the_page_links_to_them(web: FlaskClient) -> None:
    sheet = (ROOT / "assets/view/page/helpsheet.js").read_text(encoding="utf-8")
    assert 'href: "guides/"' in sheet
    assert 'href="/guides/"' in web.get("/about").text
    answer = web.get("/guides/")
    with contextlib.closing(answer):
        # A source tree in which nothing is built says how to.
        assert answer.status_code == 200 or "make docs" in answer.text


def test_every_address_that_a_guide_names_answers(built: Path, client: FlaskClient) -> None:
    asked: dict[str, int] = {}
    for page in sorted(built.glob("*.html")):
        if page.name == "404.html":
            continue
        for target in re.findall(r'(?:src|href)="([^"#]+)', page.read_text("utf-8")):
            address = urljoin(f"/guides/{page.name}", target)
            if not re.match(r"\w+:", address) and address not in asked:
                asked[address] = client.get(address, buffered=True).status_code
    assert len(asked) > 30
    assert {address for address, status in asked.items() if status != 200} == set()


def test_a_guides_policy_lets_run_its_own_inline_scripts_and_nothing_from_elsewhere(
    built: Path, client: FlaskClient
) -> None:
    for page in sorted(built.glob("*.html")):
        answer = client.get(f"/guides/{page.name}", buffered=True)
        scripts = inline_scripts(answer.text)
        policy = answer.headers["Content-Security-Policy"]
        allowed = policy.split("script-src ")[1].split(";")[0]
        assert allowed.split() == ["'self'", *scripts]
        assert "http" not in policy
        loaded = re.findall(r'<(?:script|img|link)[^>]+(?:src|href)="(https?://[^"]+)', answer.text)
        assert loaded == [], f"{page.name} loads what is elsewhere"


def test_the_search_finds_words_in_a_browser_that_obeys_the_policy(built: Path) -> None:
    with served(application(built)) as address, chromium() as browser:
        page = browser.new_page()
        refused: list[str] = []

        def hear(message: ConsoleMessage) -> None:
            if message.type == "error":
                refused.append(message.text)

        page.on("console", hear)
        page.goto(f"{address}/guides/motifs.html")
        page.get_by_role("textbox", name="Search docs").fill("JASPAR")
        page.keyboard.press("Enter")
        page.locator("#mkdocs-search-results a[href*='motifs.html']").first.wait_for()
        assert refused == []


def test_a_source_tree_without_them_says_how_they_are_built(tmp_path: Path) -> None:
    answer = application(tmp_path).test_client().get("/guides/motifs.html")
    assert answer.status_code == 404
    assert "make docs" in answer.text


def test_nothing_beside_the_site_is_given(built: Path, client: FlaskClient) -> None:
    (built.parent / "secret.txt").write_text("mine")
    assert client.get("/guides/../secret.txt").status_code == 404
    assert client.get("/guides/%2e%2e/secret.txt").status_code == 404
