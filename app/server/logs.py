"""What the server writes down: one line a request, rotated, and each fault once a minute."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path

ID_HEADER = "X-Request-ID"
ROTATED_BYTES, ROTATED_FILES = 10_000_000, 5
ONCE_S = 60.0
MOST_KINDS = 1_000
_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)

access = logging.getLogger("sighthound.access")


def request_id(given: str) -> str:
    """Give a request its name: the one that a proxy gave, where it is one, else a new one."""
    return given if _ID.fullmatch(given) else secrets.token_hex(8)


def write_accesses(path: Path) -> None:
    """Write a line a request to a file; after so many bytes another is begun, the last ones stay.

    Addresses are written without their parameters.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        path, maxBytes=ROTATED_BYTES, backupCount=ROTATED_FILES - 1, delay=True, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    access.addHandler(handler)
    access.setLevel(logging.INFO)
    access.propagate = False


def say_faults_once() -> None:
    """Have what this process says of itself go to standard error, each fault once a minute."""
    ours, once = logging.getLogger("sighthound"), Once()
    # Of a scheduler that is gone it writes tracebacks; here it is answered, and found again.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    handler = logging.StreamHandler()
    ours.addHandler(handler)
    ours.propagate = False
    for speaker in (handler, *logging.getLogger("gunicorn.error").handlers):
        speaker.addFilter(once)


class Once(logging.Filter):
    """Lets a fault through once a minute, with how often it was kept back.

    Parameters
    ----------
    now : callable, optional
        Seconds of a clock that nobody sets.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        # What, and from where -> when it was last let through, and how often not since.
        self._seen: dict[tuple[object, ...], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        key = (record.name, record.msg, *_origin(record))
        now = self._now()
        last, kept_back = self._seen.get(key, (-ONCE_S, 0))
        if now - last < ONCE_S:
            self._seen[key] = last, kept_back + 1
            return False
        if len(self._seen) >= MOST_KINDS:
            self._seen.clear()
        self._seen[key] = now, 0
        if kept_back:
            record.msg = f"{record.msg} (and {kept_back:,} times like this since it was last said)"
        return True


def _origin(record: logging.LogRecord) -> tuple[object, ...]:
    """Where a fault was raised, whatever it says of this one."""
    raised = record.exc_info and record.exc_info[2]
    if not raised:
        return (record.args,)
    while raised.tb_next is not None:
        raised = raised.tb_next
    return (raised.tb_frame.f_code.co_filename, raised.tb_lineno)
