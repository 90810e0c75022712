"""What is read once at the start is read again when its files change, without an interruption.

Tracks, genes, models and predictions are looked at with every question. The settings and the
genome are not: where they change, gunicorn starts another web process, which answers from then on,
and the one before ends when all that it was asked is answered. What cannot be read is said, and
the server goes on as it was.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from pathlib import Path

from sighthound.core.errors import SighthoundError
from sighthound.core.files import stamps
from sighthound.core.project.settings import SETTINGS_FILE, Project, load_project

LOOK_S = 2.0

_log = logging.getLogger(__name__)


def readable(path: Path) -> Project:
    """Read a project and all that a server of it needs.

    Raises
    ------
    SighthoundError
        Something of it cannot be read.
    """
    project = load_project(path)
    project.open_genome()
    project.read_genes()
    project.read_tracks()
    return project


class Reload:
    """Asks gunicorn, in whose first process it lives, to start another web process.

    Parameters
    ----------
    path : path
        The project's folder, or its settings file.
    project : Project
        As it was read at the start.
    """

    def __init__(self, path: Path, project: Project) -> None:
        self.settings = path / SETTINGS_FILE if path.is_dir() else path
        self._fasta = project.genome.fasta
        self._stamp = self._stamps()

    def start(self) -> None:
        """Look from now on, in a thread."""
        threading.Thread(target=self._watch, daemon=True).start()

    def is_due(self) -> bool:
        """Whether something changed since it was last asked, and can be read."""
        stamp = self._stamps()
        if stamp == self._stamp:
            return False
        try:
            project = readable(self.settings)
        except SighthoundError as error:
            _log.warning("%s; the server goes on as it was", error)
            self._stamp = stamp
            return False
        self._fasta = project.genome.fasta
        self._stamp = self._stamps()
        return True

    def _stamps(self) -> str:
        return stamps((self.settings, self._fasta))

    def _watch(self) -> None:
        wait = threading.Event().wait
        while not wait(LOOK_S):
            if self.is_due():
                os.kill(os.getpid(), signal.SIGHUP)
