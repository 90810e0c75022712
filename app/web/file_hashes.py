"""SHA-256 of files, computed once for each version of a file and kept beside the answers."""

from __future__ import annotations

import json
import logging
import queue
import threading
from pathlib import Path

from sighthound.core.files import Stamp, file_sha256, file_stamp, write_text

_log = logging.getLogger(__name__)


class FileHashes:
    """Hashes files one after another beside the server's work.

    Parameters
    ----------
    store : path
        JSON file of what is known: path -> stamp, hash. Where it cannot be written,
        hashes are kept in memory.
    """

    def __init__(self, store: Path) -> None:
        self.store = store
        self._lock = threading.Lock()
        self._known: dict[str, list[object]] = _read(store)
        self._asked: queue.SimpleQueue[Path] = queue.SimpleQueue()
        self._waiting: set[Path] = set()
        self._worker: threading.Thread | None = None

    def find(self, path: Path) -> str | None:
        """Give a file's hash, or None while it is being computed; "" for a file that is gone."""
        try:
            stamp = file_stamp(path)
        except OSError:
            return ""
        with self._lock:
            known = self._known.get(str(path))
            if known is not None and known[:-1] == [*stamp]:
                return str(known[-1])
            if path not in self._waiting:
                self._waiting.add(path)
                self._asked.put(path)
            if self._worker is None or not self._worker.is_alive():
                self._worker = threading.Thread(target=self._work, daemon=True)
                self._worker.start()
        return None

    def _work(self) -> None:
        while True:
            path = self._asked.get()
            try:
                stamp = file_stamp(path)
                digest = file_sha256(path)
                changed = file_stamp(path) != stamp
            except OSError as error:
                _log.warning("%s cannot be hashed: %s", path, error)
                stamp, digest, changed = Stamp(0, 0, 0), "", False
            with self._lock:
                self._waiting.discard(path)
                if changed:
                    continue
                self._known[str(path)] = [*stamp, digest]
                if not self._waiting:
                    self._write()

    def _write(self) -> None:
        try:
            self.store.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_text(self.store, json.dumps(self._known), unique=True)
        except OSError as error:
            _log.warning("%s cannot be written: %s", self.store, error)


def _read(store: Path) -> dict[str, list[object]]:
    try:
        known = json.loads(store.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
