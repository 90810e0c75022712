"""A stranger's file is checked in a process of its own, which may die of it.

What reads a file may be made to fail by it in ways that no `except` sees: an abort of a C library,
gigabytes for a small file, a loop. That process has limits of memory and time; this one only hears
how it ended. It is forked from a process that has the readers loaded and does nothing else, which
takes some milliseconds.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from sighthound.core.errors import SighthoundError

MEMORY_BYTES = 3 << 30
CPU_S = 60
# On a busy machine; others have threads of their own meanwhile.
WAIT_S = 100
# At a time: each takes a processor.
_TURNS = threading.BoundedSemaphore(2)

_log = logging.getLogger(__name__)


def run_apart(what: str, function: Callable[..., Any], *arguments: Any, write_bytes: int) -> Any:
    """Call a function in a process of its own.

    Parameters
    ----------
    what : str
        What is read, for the error.
    function : callable of a module
        With `arguments` and its result, it is sent from process to process.
    write_bytes : int
        How large a file it may write.

    Raises
    ------
    SighthoundError
        What it raised; or it died, or took too much memory or time.
    """
    with _TURNS:
        forking = multiprocessing.get_context("forkserver")
        forking.set_forkserver_preload([function.__module__])
        receiving, sending = forking.Pipe(duplex=False)
        process = forking.Process(
            target=_work, args=(sending, write_bytes, function, arguments), daemon=True
        )
        process.start()
        sending.close()
        found = None
        try:
            with contextlib.suppress(EOFError, OSError):
                if receiving.poll(WAIT_S):
                    found = receiving.recv()
        finally:
            process.kill()
            process.join()
            receiving.close()
    ended, result = found or ("died", f"exit code {process.exitcode}")
    if ended == "done":
        return result
    if ended == "refused":
        raise SighthoundError(result)
    _log.warning("the process that read %s failed: %s", what, result)
    raise SighthoundError(
        f"{what} cannot be read: it is damaged, or takes more than {MEMORY_BYTES >> 30} GB of "
        f"memory or {CPU_S} seconds to read; make or copy it again"
    )


def _work(
    sending: Connection, write_bytes: int, function: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    _limit(write_bytes)
    answer: tuple[str, Any]
    try:
        answer = "done", function(*arguments)
    except SighthoundError as error:
        answer = "refused", str(error)
    except Exception as error:
        answer = "failed", "".join(traceback.format_exception(error)[-3:])[-2_000:]
    sending.send(answer)


def _limit(write_bytes: int) -> None:
    import resource

    # What a library prints as it dies is not for the server's log.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    # Beyond the limit of a file, writing fails; it does not kill.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, write_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most))
