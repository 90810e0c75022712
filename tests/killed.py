"""`python -m tests.killed`: run commands of sighthound that die at a moment, one a line of JSON.

A line is [moment, words of the command]. Python tells of every file that is opened, renamed or
removed: the command's process dies by SIGKILL when its main thread does so for the moment-th time.
With 0 it lives. Answered is [exit code, such moments that there were]; -9 is killed. What commands
import is imported once: each runs in a fork.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import get_ident
from typing import Any

import pysam  # noqa: F401

from tests.paths import ROOT


class Killable:
    """Commands that can be killed at a moment of theirs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, words: list[str], moment: int = 0) -> int:
        """Run a command, killed at a moment or to its end; give how many moments there were.

        That is 0 for one that was killed. One with processes of its own has a few more or less
        each time, and may end before.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([moment, words]) + "\n")
        self._process.stdin.flush()
        code, moments = json.loads(self._process.stdout.readline())
        assert code == 0 or (moment and code == -signal.SIGKILL), (words, moment, code)
        return int(moments)


@contextmanager
def killable() -> Iterator[Killable]:
    """Give a way to run commands that can be killed."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.killed"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    ) as process:  # fmt: skip
        yield Killable(process)
        assert process.stdin is not None
        process.stdin.close()


def contents(folder: Path) -> dict[str, bytes]:
    """Give the bytes of every file in a folder and below."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def _run(words: list[str], moment: int, told_to: int) -> None:
    from sighthound.app.cli import cli

    told, main_thread = 0, get_ident()

    def count(event: str, given: tuple[Any, ...]) -> None:
        nonlocal told
        if not event.startswith(("open", "os.", "shutil.", "subprocess.", "mmap.")):
            return
        if get_ident() != main_thread:
            return
        told += 1
        if told == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    cli.main(words, standalone_mode=False)
    os.write(told_to, str(told).encode())


def main() -> None:
    """Answer each line of standard input."""
    import sighthound.app.commands.data
    import sighthound.precompute.reads.align
    import sighthound.precompute.reads.coverage  # noqa: F401

    for line in sys.stdin:
        moment, words = json.loads(line)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            _run(words, moment, writer)
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as told:
            moments = int(told.read() or 0)
        _, status = os.waitpid(child, 0)
        print(json.dumps([os.waitstatus_to_exitcode(status), moments]), flush=True)


if __name__ == "__main__":
    main()
