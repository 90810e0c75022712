"""Pieces of a long job, kept on disk until all are there, so that the same command goes on."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from sighthound.core.files import whole_file

Arrays = dict[str, np.ndarray]
_IDENTITY = "identity.json"


class Pieces:
    """Results of the parts of one job, in a folder beside its output.

    Parameters
    ----------
    directory : path
        Emptied if it holds pieces of another job.
    identity : dict
        What the results depend on, as JSON has it.
    """

    def __init__(self, directory: Path, identity: dict[str, Any]) -> None:
        self.directory, self.identity = directory, identity
        text = json.dumps(identity, sort_keys=True)
        file = directory / _IDENTITY
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir(parents=True)
            file.write_text(text, encoding="utf-8")

    def has(self, name: str) -> bool:
        return self._file(name).is_file()

    def get(self, name: str, compute: Callable[[], Arrays]) -> Arrays:
        """Give a piece, computed and kept unless it is there; a damaged one is computed again."""
        if self.has(name):
            try:
                with self._file(name).open("rb") as source, np.load(source) as kept:
                    return {key: kept[key] for key in kept.files}
            except (OSError, ValueError, EOFError, zipfile.BadZipFile):
                pass
        arrays = compute()
        with whole_file(self._file(name)) as part, part.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        return arrays

    def drop(self, name: str) -> None:
        self._file(name).unlink(missing_ok=True)

    def discard(self) -> None:
        """Delete all pieces: the job is done."""
        shutil.rmtree(self.directory, ignore_errors=True)

    def _file(self, name: str) -> Path:
        return self.directory / f"{name}.npz"
