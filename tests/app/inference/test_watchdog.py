"""When a process counts as hung: stopped, or silent without doing anything."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from sighthound.app.inference.watchdog import (
    ANY_S,
    IDLE_S,
    STOPPED_S,
    Pulse,
    fault_of_memory,
    most_memory,
)


@pytest.fixture
def idle() -> Iterator[subprocess.Popen[bytes]]:
    """A process that does nothing."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def test_a_stopped_process_hangs_soon(idle: subprocess.Popen[bytes]) -> None:
    clock = Clock()
    pulse = Pulse(idle.pid, clock)
    assert not pulse.hangs("sign")
    os.kill(idle.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, idle.pid, os.WSTOPPED)
    assert psutil.Process(idle.pid).status() == psutil.STATUS_STOPPED
    assert not pulse.hangs("sign")
    clock.time += STOPPED_S + 0.1
    assert pulse.hangs("sign")
    assert not pulse.hangs("another sign")


def test_a_process_that_others_leave_no_processor_is_not_stopped(
    idle: subprocess.Popen[bytes],
) -> None:
    """As on a busy machine: it waits for its turn, silent for longer than a stopped one may be."""
    clock = Clock()
    pulse = Pulse(idle.pid, clock)
    assert not pulse.hangs("sign")
    for _ in range(int(IDLE_S / STOPPED_S) - 1):
        clock.time += STOPPED_S
        assert not pulse.hangs("sign")
    os.kill(idle.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, idle.pid, os.WSTOPPED)
    assert pulse.hangs("sign")


def test_a_silent_process_hangs_later_if_it_does_nothing(idle: subprocess.Popen[bytes]) -> None:
    clock = Clock()
    pulse = Pulse(idle.pid, clock)
    assert not pulse.hangs("sign")
    clock.time += IDLE_S - 1
    assert not pulse.hangs("sign")
    # Until it began to be looked at it started, which took processor time.
    clock.time += 2
    pulse.hangs("sign")
    clock.time += IDLE_S + 1
    assert pulse.hangs("sign")


def test_a_silent_process_that_computes_is_given_more_time() -> None:
    """As one is in which a library lets nothing else run."""
    clock = Clock()
    pulse = Pulse(os.getpid(), clock)
    assert not pulse.hangs("sign")
    began = psutil.Process().cpu_times()
    while sum(psutil.Process().cpu_times()[:2]) - sum(began[:2]) < 0.2:
        pass
    clock.time += IDLE_S + 1
    assert not pulse.hangs("sign")
    clock.time += ANY_S
    assert pulse.hangs("sign")


def test_memory_is_limited_by_the_settings_or_by_what_there_is() -> None:
    assert most_memory(1_000) == 1_000 << 20
    assert 0 < most_memory(0) < psutil.virtual_memory().total


def test_a_worker_that_grows_is_replaced_and_one_that_rests_sooner() -> None:
    most = 1_000 << 20
    assert "1,001 MB of memory, of 1,000" in fault_of_memory(1_001 << 20, most, computes=True)
    assert not fault_of_memory(900 << 20, most, computes=True)
    assert "900 MB" in fault_of_memory(900 << 20, most, computes=False)
    assert not fault_of_memory(600 << 20, most, computes=False)
