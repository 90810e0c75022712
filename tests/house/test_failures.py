"""A run that is cut off, or that hangs, has said what failed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser import site
from tests.paths import ROOT

WAITS = """
import time
from pathlib import Path

def test_wrong():
    assert 1 == 2, "one is not two"

def test_next():
    until = time.monotonic() + 60
    while not Path({seen!r}).exists():
        assert time.monotonic() < until
        time.sleep(0.01)
"""
HANGS = """
import threading

def test_hangs():
    threading.Event().wait()

def test_right():
    pass
"""


def run(file: Path, *options: str) -> subprocess.Popen[str]:
    plugins = ["-p", "xdist", "-p", "tests.conftest"]  # and no others: they take seconds
    command = [sys.executable, "-m", "pytest", "-c", "setup.cfg", *plugins, *options, "-n", "1"]
    return subprocess.Popen(
        [*command, "--rootdir", str(file.parent), str(file)],
        cwd=ROOT, env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def test_a_failure_is_said_before_the_next_test_has_ended(tmp_path: Path) -> None:
    file, seen = tmp_path / "test_it.py", tmp_path / "seen"
    file.write_text(WAITS.format(seen=str(seen)))
    with run(file) as process:
        assert process.stdout is not None
        said = next((line for line in process.stdout if "FAILED" in line), "")
        seen.touch()
        rest = process.stdout.read()
    assert said.startswith("FAILED test_it.py::test_wrong: ")
    assert "test_it.py:6: AssertionError: one is not two" in said
    assert "1 failed, 1 passed" in rest


def test_a_test_that_hangs_fails_with_where_it_was_and_the_others_are_run(tmp_path: Path) -> None:
    file = tmp_path / "test_it.py"
    file.write_text(HANGS)
    with run(file, "-o", "faulthandler_timeout=2") as process:
        assert process.stdout is not None
        said = process.stdout.read()
    assert "Timeout (0:00:02)!" in said
    assert f'File "{file}", line 5 in test_hangs' in said
    assert "FAILED test_it.py::test_hangs: worker 'gw0' crashed while running" in said
    assert "1 failed, 1 passed" in said


IGNORES = """
import signal, time

def stays():
    print("started", flush=True)
    time.sleep(600)

signal.signal(signal.SIGTERM, signal.SIG_IGN)
stays()
"""


def test_a_server_that_does_not_end_fails_with_its_stacks_and_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "ENDED_S", 0.1)
    errors = tmp_path / "errors"
    with (
        errors.open("w") as log,
        subprocess.Popen([sys.executable, "-c", IGNORES], stdout=subprocess.PIPE, stderr=log) as it,
    ):
        assert it.stdout is not None
        assert it.stdout.readline() == b"started\n"
        with pytest.raises(AssertionError, match="had not ended") as raised:
            site.end(it, errors)
    assert "line 6 in stays" in str(raised.value)
