"""Seconds until who asked is answered, after the process with the model was killed or stopped.

One question is being computed then, another is asked at that moment; each is asked on as the page
does. On the project of SIGHTHOUND_DEMO_PROJECT (a tiny one).
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from tests.app.faults.serving import PATIENT_S, Served, served
from tests.benchmarks.measure import Outcome
from tests.benchmarks.page.visitors import Lab, project

# Seconds, on a quiet machine.
WANTED = {"interrupted": 20, "other": 15}
BEGUN_S = 0.2  # by then a question is at the model, and not yet answered
ENDS: dict[str, Callable[[psutil.Process], None]] = {
    "SIGKILL": psutil.Process.kill,
    "SIGSTOP": psutil.Process.suspend,
}


def answered(server: Served, url: str) -> float:
    """Ask until there is an answer; the moment of it."""
    until = time.monotonic() + PATIENT_S
    while (found := server.get(url, tries=3))[0] != 200:
        assert found[0] == 202, found
        assert time.monotonic() < until, found
        time.sleep(0.1)
    return time.monotonic()


def run() -> Outcome:
    """The ratio is the smallest of wanted / taken seconds."""
    lines, ratios = ["signal    question       seconds   wanted"], []
    with (
        tempfile.TemporaryDirectory() as folder,
        project() as path,
        served(path, Path(folder) / "errors") as server,
        ThreadPoolExecutor(2) as asking,
    ):
        server.wait_ready()
        lab = Lab(server.address)
        lab.random.seed()  # answers of an earlier run are kept
        for name, end in ENDS.items():
            worker = server.worker()
            moments = {"interrupted": asking.submit(answered, server, lab.mutagenesis()[1:])}
            time.sleep(BEGUN_S)
            end(worker)
            began = time.monotonic()
            assert not moments["interrupted"].done(), "it was computed before its worker ended"
            moments["other"] = asking.submit(answered, server, lab.mutagenesis()[1:])
            for kind, moment in moments.items():
                seconds = moment.result() - began
                ratios.append(WANTED[kind] / seconds)
                lines.append(f"{name:9s} {kind:12s} {seconds:9.1f} {WANTED[kind]:8d}")
    return Outcome(min(ratios), 1.0, tuple(lines))
