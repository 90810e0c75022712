"""Answers of the inference worker, kept in the project's .cache folder between visits.

The keys hold the model's hash, the genome's fingerprint and the request, so an answer never needs
to be taken back; old ones make room for new ones.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from flask import Flask
from flask_caching import Cache

# A saliency row or a mutagenesis panel takes about this much on disk.
_TYPICAL_ANSWER_BYTES = 64 * 1024
_LAST_ANSWERS = 64

_log = logging.getLogger(__name__)


def open_cache(app: Flask, folder: Path, megabytes: int) -> Cache:
    """Open the answers' cache.

    Parameters
    ----------
    app : Flask
        The application that uses it.
    folder : path
        Where the files lie; made when missing. Where it cannot be written, answers are kept in
        memory instead.
    megabytes : int
        About how much disk the cache may take. With 0 none: only the last answers are kept, in
        memory, so that an answer of several parts can be collected.
    """
    if megabytes <= 0:
        return Cache(app, config={"CACHE_TYPE": "SimpleCache", "CACHE_THRESHOLD": _LAST_ANSWERS})
    config: dict[str, object] = {
        "CACHE_DEFAULT_TIMEOUT": 0,
        "CACHE_THRESHOLD": max(16, megabytes * 1024 * 1024 // _TYPICAL_ANSWER_BYTES),
    }
    if _is_writable(folder):
        config |= {"CACHE_TYPE": "FileSystemCache", "CACHE_DIR": str(folder)}
    else:
        _log.warning("%s cannot be written; answers are kept in memory", folder)
        config |= {"CACHE_TYPE": "SimpleCache", "CACHE_THRESHOLD": 256}
    return Cache(app, config=config)


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)
