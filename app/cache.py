"""Answers of the inference worker, kept in the project's .cache folder between visits.

The keys hold what an answer was computed from (`app.identity`) and the request, so an answer never
needs to be taken back. Those of another version of the program, which nobody asks for any more, are
removed at the start; others when nobody made them anew for a month, or to make room.
"""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

from flask import Flask
from flask_caching import Cache

from app.identity import SOFTWARE

# A saliency row or a mutagenesis panel takes about this much on disk.
_TYPICAL_ANSWER_BYTES = 64 * 1024
_LAST_ANSWERS = 64
_KEPT_S = 30 * 24 * 3600

_log = logging.getLogger(__name__)


def open_cache(app: Flask, folder: Path, megabytes: int) -> Cache:
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
    """
    if megabytes <= 0:
        return Cache(app, config={"CACHE_TYPE": "SimpleCache", "CACHE_THRESHOLD": _LAST_ANSWERS})
    config: dict[str, object] = {
        "CACHE_DEFAULT_TIMEOUT": _KEPT_S,
        "CACHE_THRESHOLD": max(16, megabytes * 1024 * 1024 // _TYPICAL_ANSWER_BYTES),
    }
    if _is_writable(folder):
        _remove_others(folder)
        config |= {"CACHE_TYPE": "FileSystemCache", "CACHE_DIR": str(folder / SOFTWARE)}
    else:
        _log.warning("%s cannot be written; answers are kept in memory", folder)
        config |= {"CACHE_TYPE": "SimpleCache", "CACHE_THRESHOLD": 256}
    return Cache(app, config=config)


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
