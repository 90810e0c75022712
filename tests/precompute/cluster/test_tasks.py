"""Tasks run here or in other processes, and their mistakes arrive here."""

import os

import pytest

from sighthound.core import SighthoundError
from sighthound.precompute.cluster.tasks import Workers, run_tasks


def square(number):
    """A number's square, and the process that computed it."""
    if number < 0:
        raise SighthoundError(f"{number} is negative")
    return number * number, os.getpid()


def use_up_the_disk(number):
    """What a task raises that cannot write."""
    raise OSError(28, "No space left on device", f"file{number}")


@pytest.mark.parametrize("workers", [Workers(), Workers(2)])
def test_what_a_task_raises_is_not_taken_for_a_lost_cluster(workers):
    with pytest.raises(OSError, match="No space left on device"):
        list(run_tasks(use_up_the_disk, [(0, 0)], workers))


def leave(number):
    """Ends its process."""
    os._exit(1)


def test_a_helper_that_is_killed_is_told_in_a_line():
    with Workers(helpers=2).open(helpers=2) as runner:
        assert dict(runner.run(abs, enumerate([-3]), holds_lock=True)) == {0: 3}
        with pytest.raises(SighthoundError, match="was killed; it may have been short of memory"):
            list(runner.run(leave, [(0, 0)], holds_lock=True))


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
