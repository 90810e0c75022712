"""Many equal tasks, here or on Dask workers, with no more in flight than the workers need."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import multiprocessing.connection
import os
import shutil
import signal
import subprocess
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sighthound.core.errors import CancelledError, SighthoundError
from sighthound.precompute.cluster.job_queues import JobQueue

_CONNECT_SECONDS = 10
_WORKERS_SECONDS = 600  # for the first worker of a running scheduler to come
_REPORTS = "sighthound-reports"  # topic of Dask's event log

Reporter = Callable[[Any], None]

_stopping = threading.Event()
_reporter: Reporter | None = None


@dataclass(frozen=True)
class Workers:
    """Where tasks run.

    Attributes
    ----------
    count : int
        Processes on this machine; with 1, tasks run in this one. Each has its own GPU, as far as
        there are any.
    scheduler : str, optional
        Address of a running Dask scheduler, as in tcp://host:8786, to use instead. Its workers
        need this package and the same files under the same paths.
    queue : JobQueue, optional
        A batch system that starts the workers.
    helpers : int
        Where tasks run in this process: further processes for those that hold Python's lock. As
        with `count`, a script that asks for them guards itself by `if __name__ == "__main__"`.
    """

    count: int = 1
    scheduler: str | None = None
    queue: JobQueue | None = None
    helpers: int = 0

    def __post_init__(self) -> None:
        if self.count < 1:
            raise SighthoundError(f"{self.count} workers; expected at least 1")
        if self.scheduler and self.queue:
            raise SighthoundError(
                f"both a scheduler ({self.scheduler}) and a queue ({self.queue.kind}) are given; "
                "expected one of them"
            )

    @property
    def are_here(self) -> bool:
        """Whether tasks run in this process."""
        return self.count == 1 and self.scheduler is None and self.queue is None

    @property
    def threads(self) -> int:
        """Threads for the network of each worker, 0 for as many as there are."""
        is_shared = self.count > 1 and self.scheduler is None and self.queue is None
        return max(1, (os.cpu_count() or 1) // self.count) if is_shared else 0

    @contextmanager
    def open(self, concurrent: int = 1, helpers: int = 0) -> Iterator[TaskRunner]:
        """Start the workers, or connect to them.

        Parameters
        ----------
        concurrent : int
            Tasks that a process works on at a time, each in a thread of its own. Workers of a
            running scheduler have as many as they were started with.
        helpers : int
            As many of the worker's own `helpers` as have enough to do.

        Raises
        ------
        SighthoundError
            The scheduler does not answer.
        """
        if self.are_here:
            with _helpers(min(helpers, self.helpers)) as pool:
                yield _Here(concurrent, pool)
            return
        import distributed

        if self.queue is None:
            with self._client(concurrent) as client:
                yield _Elsewhere(client, _WORKERS_SECONDS)
            return
        with (
            self.queue.start(concurrent) as cluster,
            distributed.Client(cluster, set_as_default=False) as client,
        ):
            yield _Elsewhere(client, None)  # jobs may wait for days

    def _client(self, concurrent: int) -> Any:
        import distributed

        try:
            if self.scheduler is None:
                return distributed.Client(
                    n_workers=self.count, threads_per_worker=concurrent, dashboard_address=None,
                    security=True, set_as_default=False, silence_logs=logging.CRITICAL,
                )  # fmt: skip
            return distributed.Client(
                self.scheduler, set_as_default=False, timeout=_CONNECT_SECONDS
            )
        except (OSError, ValueError) as error:
            raise SighthoundError(
                f"no Dask scheduler answers at {self.scheduler} ({error}); start one, or use "
                "--workers"
            ) from None


class TaskRunner(ABC):
    """Workers that are there."""

    @abstractmethod
    def run(
        self,
        function: Callable[[Any], Any],
        tasks: Iterable[tuple[int, Any]],
        on_report: Reporter | None = None,
        holds_lock: bool = False,
    ) -> Iterator[tuple[int, Any]]:
        """Call a function with every task.

        Parameters
        ----------
        function : callable
            Of a module, so that workers can import it.
        tasks : iterable of (int, task)
            Consumed as workers become free.
        on_report : callable, optional
            Takes what tasks give to `report`, in some thread.
        holds_lock : bool
            Whether the function holds Python's lock, so that threads would only be in each other's
            way.

        Yields
        ------
        (int, result), in the order in which they are done

        Raises
        ------
        SighthoundError
            A worker was lost again and again, or the scheduler was. What a task raises is raised.
        """


class _Here(TaskRunner):
    def __init__(self, concurrent: int, helpers: ProcessPoolExecutor | None) -> None:
        self.concurrent, self.helpers = concurrent, helpers

    def run(
        self,
        function: Callable[[Any], Any],
        tasks: Iterable[tuple[int, Any]],
        on_report: Reporter | None = None,
        holds_lock: bool = False,
    ) -> Iterator[tuple[int, Any]]:
        global _reporter
        _stopping.clear()
        _reporter = on_report
        try:
            if holds_lock and self.helpers is not None:
                yield from _in_pool(self.helpers, os.cpu_count() or 1, function, tasks)
            elif holds_lock or self.concurrent == 1:
                for number, task in tasks:
                    yield number, function(task)
            else:
                with ThreadPoolExecutor(self.concurrent) as pool:
                    yield from _in_pool(pool, self.concurrent, function, tasks)
        except BrokenProcessPool:
            raise SighthoundError(
                "a process of this run was killed; it may have been short of memory: the same "
                "command goes on from here"
            ) from None
        finally:
            _reporter = None


def _in_pool(
    pool: Executor, size: int, function: Callable[[Any], Any], tasks: Iterable[tuple[int, Any]]
) -> Iterator[tuple[int, Any]]:
    waiting: dict[Future[Any], int] = {}
    remaining = iter(tasks)
    try:
        while True:
            while len(waiting) <= size:
                number, task = next(remaining, (-1, None))
                if number < 0:
                    break
                waiting[pool.submit(function, task)] = number
            if not waiting:
                return
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                yield waiting.pop(future), future.result()
    finally:
        if waiting:
            _stopping.set()
        for future in waiting:
            future.cancel()


@contextmanager
def _helpers(count: int) -> Iterator[ProcessPoolExecutor | None]:
    """Processes that start now, so that they are there when they are needed."""
    if count < 2:
        yield None
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, context, initializer=_become_helper) as pool:
        for _ in range(count):
            pool.submit(int)
        yield pool


def _become_helper() -> None:
    """End when the process that started this one does, even if that is killed, and not before."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def follow() -> None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


class _Elsewhere(TaskRunner):
    def __init__(self, client: Any, patience: float | None) -> None:
        self.client, self.patience = client, patience

    def run(
        self,
        function: Callable[[Any], Any],
        tasks: Iterable[tuple[int, Any]],
        on_report: Reporter | None = None,
        holds_lock: bool = False,
    ) -> Iterator[tuple[int, Any]]:
        import distributed

        client = self.client
        if on_report is not None:
            client.subscribe_topic(_REPORTS, lambda event: on_report(event[1]))
        self._wait_for_a_worker()
        failure: BaseException | None = None
        waiting: dict[Any, int] = {}
        finished = distributed.as_completed(loop=client.loop)
        remaining = iter(tasks)
        is_last = False
        try:
            while failure is None:
                # One more a worker than it has threads, so that none waits for the next.
                threads = client.nthreads()
                free = sum(threads.values()) + max(1, len(threads)) - len(waiting)
                for _ in range(0 if is_last else free):
                    number, task = next(remaining, (-1, None))
                    if number < 0:
                        is_last = True
                        break
                    future = client.submit(function, task, pure=False)
                    waiting[future] = number
                    finished.add(future)
                if not waiting:
                    return
                future = next(finished)
                number = waiting.pop(future)
                if future.status == "error":
                    failure = future.exception()
                else:
                    yield number, future.result()
        except (OSError, TimeoutError, distributed.CancelledError, RuntimeError) as error:
            raise SighthoundError(
                f"the Dask scheduler or all its workers were lost ({type(error).__name__}); start "
                "them again: the same command goes on from here"
            ) from None
        finally:
            if on_report is not None:
                with contextlib.suppress(Exception):
                    client.unsubscribe_topic(_REPORTS)
            with contextlib.suppress(Exception):
                client.cancel(list(waiting))
        if isinstance(failure, distributed.scheduler.KilledWorker):
            raise SighthoundError(
                f"a worker died again and again ({failure}); it may be short of memory: use fewer "
                "workers"
            )
        if failure is not None:
            raise failure

    def _wait_for_a_worker(self) -> None:
        try:
            if not self.client.nthreads():
                self.client.wait_for_workers(1, timeout=self.patience)
        except (OSError, TimeoutError):
            raise SighthoundError(
                "the Dask scheduler has no worker; start some with: dask worker ADDRESS"
            ) from None


def run_tasks(
    function: Callable[[Any], Any],
    tasks: Iterable[tuple[int, Any]],
    workers: Workers | None = None,
) -> Iterator[tuple[int, Any]]:
    """Start workers for one kind of task; see `TaskRunner.run`."""
    with (workers or Workers()).open() as runner:
        yield from runner.run(function, tasks)


def report(news: Any) -> None:
    """Tell the run, from within a task, how far it is; what is told may be lost."""
    if _reporter is not None:
        _reporter(news)
        return
    import distributed

    with contextlib.suppress(ValueError):  # no worker: nobody listens
        distributed.get_worker().log_event(_REPORTS, news)


def check_running() -> None:
    """Leave a task whose run has ended.

    Raises
    ------
    CancelledError
    """
    if _stopping.is_set():
        raise CancelledError("the run that this task belongs to has ended")


def own_gpu() -> None:
    """Give this worker one GPU of its machine, by its number, before TensorFlow is imported."""
    import distributed

    try:
        name = distributed.get_worker().name
    except ValueError:
        return
    gpus = _gpus()
    if isinstance(name, int) and gpus and "CUDA_VISIBLE_DEVICES" not in os.environ:
        os.environ["CUDA_VISIBLE_DEVICES"] = str(name % gpus)


def _gpus() -> int:
    program = shutil.which("nvidia-smi")
    if program is None:
        return 0
    listed = subprocess.run([program, "-L"], capture_output=True, text=True, check=False)
    return sum(line.startswith("GPU ") for line in listed.stdout.splitlines())
