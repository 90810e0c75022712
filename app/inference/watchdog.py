"""Who sees to it that a process that hangs, or grows, is replaced.

A process that should give a sign of life and does not is stopped, deadlocked or only kept busy by
a library that lets nothing else run; its state and its processor time tell these apart. Times are
monotonic: the machine's clock may be set while it runs.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import psutil
from distributed.system import MEMORY_LIMIT

# Seconds without a sign of life after which a process is replaced: one that is stopped, which the
# system says of it, however busy the machine is; one that uses no processor; any.
STOPPED_S, IDLE_S, ANY_S = 1.0, 15.0, 90.0
# Seconds of processor time in IDLE_S below which it does nothing.
NOTHING_S = 0.1
# Of the machine's memory, or its container's, that the worker may take; and the share of that at
# which it is replaced when it computes nothing.
MOST_MEMORY, LEAKED = 0.75, 0.7
LOOK_S = 0.5
# Seconds after which a scheduler without a worker process gives up.
WORKERLESS_S = 15.0

_log = logging.getLogger(__name__)


class Pulse:
    """Says of one process whether it hangs.

    Parameters
    ----------
    pid : int
    now : callable, optional
        Seconds of a clock that nobody sets.
    """

    def __init__(self, pid: int, now: Callable[[], float] = time.monotonic) -> None:
        self.pid, self._now = pid, now
        self._sign: object = None
        self._since = self._looked = now()
        self._used = 0.0

    def hangs(self, sign: object) -> bool:
        """Say whether it has hung for too long.

        Parameters
        ----------
        sign
            What is another value after each sign of life.
        """
        now = self._now()
        if sign != self._sign:
            self._sign, self._since, self._looked = sign, now, now
            self._used = self._processor_s()
            return False
        silent = now - self._since
        if silent < STOPPED_S:
            return False
        if silent > ANY_S or self._is_stopped():
            return True
        if now - self._looked > IDLE_S:
            used, before = self._processor_s(), self._used
            self._looked, self._used = now, used
            return used - before < NOTHING_S
        return False

    def _processor_s(self) -> float:
        with contextlib.suppress(psutil.Error):
            times = psutil.Process(self.pid).cpu_times()
            return float(times.user + times.system)
        return 0.0

    def _is_stopped(self) -> bool:
        with contextlib.suppress(psutil.Error):
            return bool(psutil.Process(self.pid).status() == psutil.STATUS_STOPPED)
        return False


def most_memory(megabytes: int) -> int:
    """Give the bytes of memory that the worker may take; 0 megabytes: a share of what there is."""
    return megabytes << 20 if megabytes else int(MEMORY_LIMIT * MOST_MEMORY)


def watch(cluster: Any, most_bytes: int, beat: Callable[[], None]) -> None:
    """Replace the cluster's worker when it hangs or grows, as long as this process lives.

    Parameters
    ----------
    cluster : distributed.LocalCluster
        Its nanny starts another worker in the place of one that ended.
    most_bytes : int
        Memory that the worker may take.
    beat : callable
        Called about twice a second in the scheduler's event loop: a sign that this one lives.
    """
    pulse: Pulse | None = None
    worked = time.monotonic()
    while True:
        cluster.loop.add_callback(beat)
        time.sleep(LOOK_S)
        # Without its nanny no worker is started again: one that lost the scheduler ends it, too.
        pid = next((nanny.pid for nanny in list(cluster.workers.values())), None)
        if pid is not None and psutil.pid_exists(pid):
            worked = time.monotonic()
        elif time.monotonic() - worked > WORKERLESS_S:
            # Dask starts no other for one that ended while it started; who started us does.
            os._exit(1)
        else:
            continue
        if pulse is None or pulse.pid != pid:
            pulse = Pulse(pid)
        for state in list(cluster.scheduler.workers.values()):
            why = fault_of_memory(_memory(pid), most_bytes, bool(state.processing))
            if pulse.hangs(state.last_seen):
                why = "gives no sign of life"
            if why:
                _log.warning("the inference worker %s; another is started", why)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                pulse = None
                break


def fault_of_memory(taken: int, most: int, computes: bool) -> str:
    """Say what is wrong with the memory that the worker takes; nothing where nothing is."""
    if taken > most or (taken > LEAKED * most and not computes):
        return f"takes {taken >> 20:,} MB of memory, of {most >> 20:,} MB that it may"
    return ""


def _memory(pid: int) -> int:
    with contextlib.suppress(psutil.Error):
        return int(psutil.Process(pid).memory_info().rss)
    return 0
