"""The web application as a whole: what it lets in, what it says, how it starts and ends."""

from __future__ import annotations

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from sighthound.app.server.launch import serve
from sighthound.core.errors import SighthoundError
from tests.paths import ROOT


def test_importing_the_web_side_does_not_import_tensorflow() -> None:
    modules = sorted(
        ".".join(("sighthound", *file.relative_to(ROOT).with_suffix("").parts))
        for file in (ROOT / "app").rglob("*.py")
        if file.name not in ("__init__.py", "__main__.py")
    )
    code = (
        f"import sys, importlib\nfor name in {modules}: importlib.import_module(name)\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_every_answer_keeps_the_browser_to_this_origin(web: FlaskClient) -> None:
    for path in ("/", "/api/v1/project", "/nothing/here.js", "/api/v1/nothing"):
        headers = web.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "http" not in policy
        assert "unsafe-eval" not in policy
        assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_the_page_names_no_other_origin(web: FlaskClient) -> None:
    page = web.get("/")
    assert page.status_code == 200
    assert 'src="http' not in page.text
    assert 'href="http' not in page.text


@pytest.mark.parametrize("path", ["genome/PROVENANCE.md", "yeast/model/weights.npz", "simulated"])
def test_the_demos_data_are_no_assets(web: FlaskClient, path: str) -> None:
    assert web.get(f"/assets/{path}").status_code == 404


def test_an_unknown_address_under_api_is_an_error_in_json(web: FlaskClient) -> None:
    response = web.get("/api/v1/signals")
    assert response.status_code == 404
    assert response.get_json() == {"error": "Not Found: /api/v1/signals"}


def test_the_server_is_well_and_ready_without_a_worker(web: FlaskClient) -> None:
    assert web.get("/healthz").get_json() == {"status": "ok"}
    ready = web.get("/readyz")
    assert ready.status_code == 200
    assert ready.get_json()["worker"]["phase"] == "off"


def test_text_is_compressed_and_signals_are_not(web: FlaskClient) -> None:
    accepts = {"Accept-Encoding": "gzip"}
    text = "/api/v1/sequence?chrom=chrI&start=0&end=20000"
    packed = web.get(text, headers=accepts)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed.data)) == web.get(text).get_json()
    signal_url = "/api/v1/signal?chrom=chrI&start=0&end=40000&pixels=1000&tracks=ramp"
    assert "Content-Encoding" not in web.get(signal_url, headers=accepts).headers


def test_a_port_in_use_is_one_clear_line(project_folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SighthoundError, match=f"127.0.0.1:{port}: address already in use"):
            serve(project_folder, port=port)


def test_serve_answers_at_once_and_ends_with_all_its_processes(project_folder: Path) -> None:
    code = f"from sighthound.app.server.launch import serve; serve({str(project_folder)!r}, port=0)"
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        assert line.startswith("Tiny is at http://127.0.0.1:")
        url = line.split()[3]
        with urllib.request.urlopen(f"{url}healthz", timeout=600) as answer:
            assert json.load(answer) == {"status": "ok"}
        # A hundred tracks with long ids.
        with urllib.request.urlopen(f"{url}healthz?tracks={'x' * 8000}", timeout=600) as answer:
            assert answer.status == 200
        children = _descendants(server.pid)
        assert children, "a web process and the inference worker"
        server.send_signal(signal.SIGINT)
        assert server.wait(30) == 0
    assert not [pid for pid in children if _is_running(pid)]


def _descendants(pid: int) -> list[int]:
    import psutil

    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not Path(f"/proc/{pid}/stat").read_text().split(")")[1].startswith(" Z")
