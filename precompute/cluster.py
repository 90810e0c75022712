"""Many equal tasks, here or on Dask workers, with no more in flight than the workers need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from core.errors import SighthoundError

_IN_FLIGHT = 2  # tasks a worker: one that runs, and one that waits for it


def run_tasks(
    function: Callable[[Any], Any],
    tasks: Iterable[tuple[int, Any]],
    workers: int = 1,
    scheduler: str | None = None,
) -> Iterator[tuple[int, Any]]:
    """Call a function with every task.

    Parameters
    ----------
    function : callable
        Of a module, so that workers can import it.
    tasks : iterable of (int, task)
        Consumed as workers become free.
    workers : int
        Processes on this machine; 1 computes in this one.
    scheduler : str, optional
        Address of a running Dask scheduler, as in tcp://host:8786, to use instead. Its workers
        need this package and the same files under the same paths.

    Yields
    ------
    (int, result), in the order in which they are done

    Raises
    ------
    SighthoundError
        The scheduler does not answer, or a worker was lost again and again.
    """
    if workers < 1:
        raise SighthoundError(f"{workers} workers; expected at least 1")
    if scheduler is None and workers == 1:
        for number, task in tasks:
            yield number, function(task)
        return
    import distributed

    try:
        if scheduler is None:
            client = distributed.Client(
                n_workers=workers, threads_per_worker=1, dashboard_address=None, security=True,
                set_as_default=False,
            )  # fmt: skip
        else:
            client = distributed.Client(scheduler, set_as_default=False, timeout=10)
    except (OSError, ValueError) as error:
        raise SighthoundError(
            f"no Dask scheduler answers at {scheduler} ({error}); start one, or use --workers"
        ) from None
    with client:
        yield from _submit(client, function, tasks)


def _submit(
    client: Any, function: Callable[[Any], Any], tasks: Iterable[tuple[int, Any]]
) -> Iterator[tuple[int, Any]]:
    import distributed

    waiting: dict[Any, int] = {}
    remaining = iter(tasks)
    is_last = False
    try:
        while True:
            free = _IN_FLIGHT * max(1, len(client.nthreads())) - len(waiting)
            for _ in range(0 if is_last else free):
                number, task = next(remaining, (-1, None))
                if number < 0:
                    is_last = True
                    break
                waiting[client.submit(function, task, pure=False)] = number
            if not waiting:
                return
            done = distributed.wait(list(waiting), return_when="FIRST_COMPLETED").done
            for future in done:
                yield waiting.pop(future), future.result()
    except distributed.scheduler.KilledWorker as error:
        raise SighthoundError(
            f"a worker died again and again ({error}); it may be short of memory: use fewer workers"
        ) from None
    finally:
        client.cancel(list(waiting))
