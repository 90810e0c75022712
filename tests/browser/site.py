"""A served project and a real Chromium, for tests and benchmarks of the page."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import SIGBUS, SIGKILL
from typing import Any

import psutil
from playwright.sync_api import Browser, sync_playwright

READY_S = 600  # that a busy machine may take
ENDED_S = 60  # after SIGTERM; then a server says where its threads are, and is killed
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]


@contextmanager
def served(project: Path) -> Iterator[str]:
    """Serve a project on a free port until the block ends; gives the page's address."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "sighthound", "serve", str(project), "--port", str(port)]
    )
    address = f"http://127.0.0.1:{port}/"
    try:
        wait_until_ready(address, process)
        yield address
    finally:
        end(process)


def end(process: subprocess.Popen[Any], errors: Path | None = None) -> None:
    """End a server, by SIGTERM.

    Parameters
    ----------
    process : Popen
    errors : Path, optional
        Where its standard error goes, if that is a file.

    Raises
    ------
    AssertionError
        It had not ended after `ENDED_S`; it and its children were killed. With PYTHONFAULTHANDLER,
        which tests have, each of them has written before what its threads did.
    """
    process.terminate()
    try:
        process.wait(timeout=ENDED_S)
    except subprocess.TimeoutExpired:
        server = psutil.Process(process.pid)
        family = [server, *server.children(recursive=True)]
        # Nobody but Python's faulthandler takes SIGBUS.
        for signal, seconds in ((SIGBUS, 5), (SIGKILL, READY_S)):
            for one in family:
                with suppress(psutil.NoSuchProcess):
                    one.send_signal(signal)
            psutil.wait_procs(family, timeout=seconds)
        said = errors.read_text(encoding="utf-8") if errors else "its stacks are on standard error"
        raise AssertionError(
            f"the server had not ended {ENDED_S} s after SIGTERM, and was killed; {said}"
        ) from None


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium, which can reach nothing but 127.0.0.1."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def answer(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=READY_S) as response:
        return json.load(response)


def wait_until_ready(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended"
        try:
            if answer(f"{address}readyz")["ready"]:
                return
        except OSError:  # not there yet, or busy
            pass
        time.sleep(0.1)
    raise AssertionError(f"not ready after {READY_S} s")
