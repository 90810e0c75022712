"""The answers' cache where the disk is full."""

from __future__ import annotations

import logging
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from sighthound.app.inference.cache import open_cache


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
    cache = open_cache(Flask("full"), tmp_path, 1)
    with full_disk(), caplog.at_level(logging.WARNING, "sighthound.app.inference.cache"):
        for number in range(3):
            cache.set(f"answer {number}", bytes(1 << 20))
    assert cache.get("answer 0") is None
    assert not list(tmp_path.rglob("*.__wz_cache"))
    assert [r.name for r in caplog.records].count("sighthound.app.inference.cache") == 1
    cache.set("answer", bytes(1 << 20))
    assert cache.get("answer") == bytes(1 << 20)


def test_what_a_killed_server_left_half_written_is_removed_at_the_start(tmp_path: Path) -> None:
    open_cache(Flask("first"), tmp_path, 1)
    (folder,) = [path for path in tmp_path.iterdir() if path.is_dir()]
    (folder / "tmpabc.__wz_cache").write_bytes(b"half")
    open_cache(Flask("second"), tmp_path, 1)
    assert not list(tmp_path.rglob("*.__wz_cache"))
