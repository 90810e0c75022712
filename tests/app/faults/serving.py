"""A server as `sighthound serve` starts it, its processes by what they are, and questions to it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

import psutil

from tests.browser.site import end, free_port
from tests.paths import ROOT

# On a machine that is busy with other things.
PATIENT_S = 600


@dataclass(frozen=True)
class Served:
    """A running server.

    Attributes
    ----------
    process : psutil.Process
        That a user started; the others are its children, and theirs.
    errors : path
        What it said on its standard error.
    """

    address: str
    process: psutil.Process
    errors: Path

    def web(self) -> psutil.Process:
        """The process that owns the connections."""
        return self._child(self.process, "serve")

    def scheduler(self) -> psutil.Process:
        """The process that hands questions to the worker."""
        return self._child(self.process, "sighthound.app.inference.worker")

    def worker(self) -> psutil.Process:
        """The process that has the model."""
        return self._child(self.scheduler(), "spawn_main")

    def _child(self, parent: psutil.Process, word: str) -> psutil.Process:
        def found() -> list[psutil.Process]:
            with contextlib.suppress(psutil.Error):
                return [c for c in parent.children() if any(word in w for w in c.cmdline())]
            return []

        until = time.monotonic() + PATIENT_S
        while not (children := found()):
            assert time.monotonic() < until, f"no process of {word}"
            time.sleep(0.05)
        return children[0]

    def get(self, path: str, tries: int = 1, timeout: float = PATIENT_S) -> tuple[int, Any]:
        """Ask once, and again where the connection breaks: status, and what was answered."""
        for left in reversed(range(tries)):
            try:
                with urllib.request.urlopen(f"{self.address}{path}", timeout=timeout) as answer:
                    return answer.status, json.load(answer)
            except urllib.error.HTTPError as refused:
                with refused:
                    return refused.code, json.load(refused)
            except (OSError, HTTPException):
                if not left:
                    raise
        raise AssertionError

    def wait_ready(self) -> None:
        """Wait until everything can be answered."""
        until = time.monotonic() + PATIENT_S
        while not (found := self.get("readyz", tries=2)[1])["ready"]:
            assert time.monotonic() < until, found
            time.sleep(0.1)


@contextlib.contextmanager
def served(project: Path, errors: Path) -> Iterator[Served]:
    """Serve a project until the block ends."""
    port = free_port()
    command = [sys.executable, "-m", "sighthound", "serve", str(project), "--port", str(port)]
    with (
        errors.open("w") as log,
        subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        assert process.stdout is not None
        try:
            assert f"127.0.0.1:{port}" in process.stdout.readline(), errors.read_text()
            yield Served(f"http://127.0.0.1:{port}/", psutil.Process(process.pid), errors)
        finally:
            end(process, errors)
