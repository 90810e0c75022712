"""How a benchmark measures and reports: medians of turns taken in one run, and a goal."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.paths import ROOT


@dataclass(frozen=True)
class Outcome:
    """A measured ratio, its goal, and the lines of the table behind it."""

    ratio: float
    goal: float
    lines: tuple[str, ...] = ()


def median_seconds(turns: Mapping[str, Callable[[], object]], rounds: int = 5) -> dict[str, float]:
    """Time functions in turn, A B A B, after one round to warm up.

    Returns
    -------
    dict of str to float
        Median seconds of each.
    """
    seconds: dict[str, list[float]] = {name: [] for name in turns}
    for number in range(rounds + 1):
        for name, run in turns.items():
            started = time.perf_counter()
            run()
            if number:
                seconds[name].append(time.perf_counter() - started)
    return {name: statistics.median(values) for name, values in seconds.items()}


def table(medians: Mapping[str, float]) -> tuple[str, ...]:
    """Give medians as lines of a table."""
    width = max(map(len, medians))
    return tuple(f"{name:{width}s}  {seconds * 1e3:10.1f} ms" for name, seconds in medians.items())


@dataclass(frozen=True)
class Used:
    """What a program took: processor time, of all its threads, and its memory at its peak."""

    seconds: float
    megabytes: float


# Of a process that a large one started, the system counts the large one's memory, too: so a small
# one starts it, and tells what its child took.
_MEASURED = """
import json, os, sys
asked = os.dup(1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, state, usage = os.wait4(pid, 0)
told = [os.waitstatus_to_exitcode(state), usage.ru_utime + usage.ru_stime, usage.ru_maxrss]
os.write(asked, json.dumps(told).encode())
"""


def used_by(command: Sequence[object]) -> Used:
    """Run a program to its end, its words kept from the terminal.

    Processor time (user and system) says the same on a busy machine as on a quiet one.
    """
    words = [str(word) for word in command]
    ran = subprocess.run(
        [sys.executable, "-S", "-c", _MEASURED, *words],
        capture_output=True, text=True, cwd=ROOT, check=True,
    )  # fmt: skip
    failed, seconds, kilobytes = json.loads(ran.stdout)
    if failed:
        raise SystemExit(f"{' '.join(words)} failed: {ran.stderr}")
    return Used(seconds, kilobytes / 1024)
