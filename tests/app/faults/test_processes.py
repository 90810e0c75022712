"""Each process of a server is killed, and stopped, while people ask: what they see of it."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from tests.app.faults.serving import PATIENT_S, Served, served
from tests.tiny import make_project

places = itertools.count(10_000, 640)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of a tiny project, which in the end lives and has logged no fault of its own."""
    root = tmp_path_factory.mktemp("served")
    with served(make_project(root / "lab"), root / "errors") as found:
        found.wait_ready()
        yield found
        assert found.get("healthz", tries=2) == (200, {"status": "ok"})
        assert "Traceback" not in found.errors.read_text()


def unasked() -> str:
    """A question that nobody has asked, whose answer is not at hand."""
    return f"api/v1/saliency?track=atac&chrom=chrI&position={next(places)}"


def answered(server: Served, url: str) -> tuple[set[int], Any]:
    """Ask as the page does; give the statuses before the answer, and the answer."""
    seen: set[int] = set()
    until = time.monotonic() + PATIENT_S
    while (found := server.get(url, tries=2))[0] != 200:
        seen.add(found[0])
        assert time.monotonic() < until, found
    return seen, found[1]


def test_a_question_that_a_stopped_worker_has_is_answered_by_another(server: Served) -> None:
    worker, url = server.worker(), unasked()
    worker.suspend()
    seen, answer = answered(server, url)
    assert seen == {202}, "it is never refused"
    assert answer["values"]
    assert not worker.is_running()
    assert "gives no sign of life; another is started" in server.errors.read_text()


def test_a_question_that_a_killed_worker_had_is_answered_by_another(server: Served) -> None:
    worker, url = server.worker(), unasked()
    worker.suspend()
    assert server.get(url)[0] == 202
    with contextlib.suppress(psutil.NoSuchProcess):  # stopped for a second, it is replaced anyway
        worker.kill()
    seen, answer = answered(server, url)
    assert seen <= {202}
    assert answer["values"]


@pytest.mark.parametrize("end", [psutil.Process.kill, psutil.Process.suspend])
def test_a_question_outlives_the_scheduler(
    server: Served, end: Callable[[psutil.Process], None]
) -> None:
    scheduler, url = server.scheduler(), unasked()
    server.worker().suspend()
    assert server.get(url)[0] == 202
    end(scheduler)
    seen, answer = answered(server, url)
    assert seen <= {202}
    assert answer["values"]
    assert not scheduler.is_running()


@pytest.mark.parametrize("end", [psutil.Process.kill, psutil.Process.suspend])
def test_who_asks_a_web_process_that_ends_is_answered_at_the_second_try(
    server: Served, end: Callable[[psutil.Process], None]
) -> None:
    web = server.web()
    window = "api/v1/genes?chrom=chrI&start=0&end=9000"
    stop = threading.Event()
    statuses: list[int] = []

    def ask() -> None:
        while not stop.is_set():
            statuses.append(server.get(window, tries=2)[0])

    asking = [threading.Thread(target=ask) for _ in range(4)]
    for thread in asking:
        thread.start()
    end(web)
    until = time.monotonic() + PATIENT_S
    while web.is_running() or server.web().pid == web.pid:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert server.get(window, tries=2)[0] == 200
    stop.set()
    for thread in asking:
        thread.join(PATIENT_S)
    assert set(statuses) == {200}
    assert len(statuses) >= len(asking)
