"""`python -m tests.precompute.datasets.killed PROJECT MOMENT`: make a data set, and be killed.

Python tells of every file that is opened, renamed or removed: the process dies by SIGKILL when its
main thread does so for the MOMENT-th time. With 0 it lives, and prints how many there are.
"""

import os
import signal
import sys
from pathlib import Path
from threading import get_ident

from sighthound.core.project.settings import load_project
from sighthound.precompute.datasets.dataset import make_dataset


def main() -> None:
    project, moment = load_project(Path(sys.argv[1])), int(sys.argv[2])
    told, main_thread = 0, get_ident()

    def count(event: str, given: tuple) -> None:
        nonlocal told
        if not event.startswith(("open", "os.", "shutil.", "mmap.")) or get_ident() != main_thread:
            return
        told += 1
        if told == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    make_dataset(project)
    print(told)


if __name__ == "__main__":
    main()
