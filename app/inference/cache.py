"""Answers of the inference worker, kept in the project's .cache folder between visits.

The keys hold what an answer was computed from (`app.identity`) and the request, so an answer never
needs to be taken back. Those of another version of the program, which nobody asks for any more, are
removed at the start; others when nobody made them anew for a month, or to make room.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
from pathlib import Path
from typing import Any

from flask import Flask
from flask_caching import Cache
from flask_caching.backends.filesystemcache import FileSystemCache

from sighthound.app.identity import SOFTWARE
from sighthound.app.state.signed_values import SignedValues, named, of_name

# A saliency row or a mutagenesis panel takes about this much on disk.
_TYPICAL_ANSWER_BYTES = 64 * 1024
_LAST_ANSWERS = 64
_KEPT_S = 30 * 24 * 3600

_log = logging.getLogger(__name__)


def open_cache(app: Flask, folder: Path, megabytes: int, key: bytes, shared: str = "") -> Cache:
    """Open the answers' cache.

    Parameters
    ----------
    app : Flask
        The application that uses it.
    folder : path
        In which the files lie, in a folder of the program's version; made when missing. Where it
        cannot be written, answers are kept in memory instead.
    megabytes : int
        About how much disk the cache may take. With 0 none: only the last answers are kept, in
        memory, so that an answer of several parts can be collected.
    key : bytes
        The server's own secret, by which it knows its answers.
    shared : str
        Address of a Redis that keeps them instead, for web servers that answer together.
    """
    config: dict[str, object]
    if shared:
        config = {
            "CACHE_TYPE": "sighthound.app.inference.shared_cache.SharedAnswers",
            "CACHE_DEFAULT_TIMEOUT": _KEPT_S,
            "CACHE_OPTIONS": {"address": shared, "signing": SignedValues(key)},
        }
        return Cache(app, config=config)
    if megabytes <= 0:
        return Cache(app, config={"CACHE_TYPE": "SimpleCache", "CACHE_THRESHOLD": _LAST_ANSWERS})
    config = {
        "CACHE_DEFAULT_TIMEOUT": _KEPT_S,
        "CACHE_THRESHOLD": max(16, megabytes * 1024 * 1024 // _TYPICAL_ANSWER_BYTES),
    }
    if _is_writable(folder):
        _remove_others(folder)
        config |= {
            "CACHE_TYPE": "sighthound.app.inference.cache.AnswerFiles",
            "CACHE_DIR": str(folder / SOFTWARE),
            "CACHE_OPTIONS": {"serializer": SignedValues(key)},
        }
    else:
        _log.warning("%s cannot be written; answers are kept in memory", folder)
        config |= {"CACHE_TYPE": "SimpleCache", "CACHE_THRESHOLD": 256}
    return Cache(app, config=config)


class AnswerFiles(FileSystemCache):
    """Answers in files; what a full disk left half-written is removed, and said in the log."""

    def __init__(self, *arguments: Any, serializer: SignedValues, **settings: Any) -> None:
        self.serializer = serializer  # type: ignore[assignment]  # no kind is asked for
        # One after another: what lies there beside them, nobody writes any more.
        self._writing = threading.RLock()
        self._is_full = False
        super().__init__(*arguments, **settings)
        self._sweep()

    def set(  # type: ignore[override]
        self, key: str, value: Any, timeout: int | None = None, mgmt_element: bool = False
    ) -> bool:
        with self._writing:
            bound = value if mgmt_element else named(key, value)
            kept = bool(super().set(key, bound, timeout, mgmt_element))
            if not kept:
                self._sweep()
        if not kept and not self._is_full:
            _log.warning("%s cannot be written; answers are not kept until it can", self._path)
        self._is_full = not kept
        return kept

    def get(self, key: str) -> Any:
        kept = super().get(key)
        # Its own count of files is none of our answers.
        return kept if key == self._fs_count_file else of_name(key, kept)

    def _sweep(self) -> None:
        for left in Path(self._path).glob(f"*{self._fs_transaction_suffix}"):
            left.unlink(missing_ok=True)


def _remove_others(folder: Path) -> None:
    """Remove what other versions of the program left."""
    for entry in list(folder.iterdir()):
        if entry.is_dir() and not entry.is_symlink():
            if entry.name != SOFTWARE:
                shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)
