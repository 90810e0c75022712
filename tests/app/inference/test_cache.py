"""The answers' cache: where the disk is full, and where others write into it."""

from __future__ import annotations

import logging
import pickle
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from sighthound.app.inference.cache import open_cache

KEY = bytes(range(32))


@contextmanager
def full_disk() -> Iterator[None]:
    """No file grows beyond 64 kB, as on a disk without room."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_no_litter_and_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache = open_cache(Flask("full"), tmp_path, 1, KEY)
    with full_disk(), caplog.at_level(logging.WARNING, "sighthound.app.inference.cache"):
        for number in range(3):
            cache.set(f"answer {number}", bytes(1 << 20))
    assert cache.get("answer 0") is None
    assert not list(tmp_path.rglob("*.__wz_cache"))
    assert [r.name for r in caplog.records].count("sighthound.app.inference.cache") == 1
    cache.set("answer", bytes(1 << 20))
    assert cache.get("answer") == bytes(1 << 20)


def test_what_a_killed_server_left_half_written_is_removed_at_the_start(tmp_path: Path) -> None:
    open_cache(Flask("first"), tmp_path, 1, KEY)
    (folder,) = [path for path in tmp_path.iterdir() if path.is_dir()]
    (folder / "tmpabc.__wz_cache").write_bytes(b"half")
    open_cache(Flask("second"), tmp_path, 1, KEY)
    assert not list(tmp_path.rglob("*.__wz_cache"))


class Planted:
    """What runs code where it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return pytest.fail, ("a pickle of somebody else was read",)


def test_what_others_wrote_or_moved_is_not_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache = open_cache(Flask("signed"), tmp_path, 1, KEY)
    cache.set("one", {"a": 1})
    cache.set("two", {"b": 2})
    assert cache.get("one") == {"a": 1}
    backend: Any = cache.cache
    one, two = (Path(backend._get_filename(key)) for key in ("one", "two"))
    head = one.read_bytes()[:4]
    one.write_bytes(head + pickle.dumps(("one", Planted())))
    assert cache.get("one") is None
    one.write_bytes(head + bytes(32) + pickle.dumps(("one", Planted())))
    assert cache.get("one") is None
    one.write_bytes(two.read_bytes())
    assert cache.get("one") is None
    one.write_bytes(two.read_bytes()[:20])
    assert cache.get("one") is None
    assert "is not signed by this server" in caplog.text
    assert open_cache(Flask("other"), tmp_path, 1, bytes(32)).get("two") is None
    assert open_cache(Flask("again"), tmp_path, 1, KEY).get("two") == {"b": 2}
