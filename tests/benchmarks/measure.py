"""How a benchmark measures and reports: medians of turns taken in one run, and a goal."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


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
