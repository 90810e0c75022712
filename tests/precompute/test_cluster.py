"""Tasks run here or in other processes, and their mistakes arrive here."""

import os

import pytest

from core import SighthoundError
from precompute.cluster import Workers, run_tasks


def square(number):
    """A number's square, and the process that computed it."""
    if number < 0:
        raise SighthoundError(f"{number} is negative")
    return number * number, os.getpid()


def test_tasks_are_taken_only_as_they_are_done():
    taken = []

    def tasks():
        for number in range(5):
            taken.append(number)
            yield number, number

    results = run_tasks(square, tasks())
    assert next(results) == (0, (0, os.getpid()))
    assert taken == [0]
    assert [number for number, _ in results] == [1, 2, 3, 4]


def test_other_processes_compute_and_their_mistakes_arrive_here():
    results = run_tasks(square, ((n, 9 - n or -1) for n in range(10)), Workers(2))
    seen = {}
    with pytest.raises(SighthoundError, match="-1 is negative"):
        seen.update(results)
    for number, (value, process) in seen.items():
        assert value == (9 - number) ** 2
        assert process != os.getpid()


def test_no_workers_are_refused():
    with pytest.raises(SighthoundError, match="0 workers; expected at least 1"):
        Workers(0)
