"""The disk of the kept answers fills: people are answered, nothing half-written stays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from flask import Flask

from sighthound.app.inference.cache import open_cache
from tests.test_full_disk import fill, small_disk  # noqa: F401  the fixture


def test_answers_are_not_kept_on_a_full_disk_and_are_again_when_there_is_room(
    small_disk: Path,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    cache = open_cache(Flask("x"), small_disk / "answers", 1, b"a secret of the server")
    small = np.arange(10)
    assert cache.set("before", small)
    fill(small_disk, leave=8_192)
    large = np.random.default_rng(0).random(20_000)
    for name in ("one", "another"):
        assert not cache.set(name, large)
        assert cache.get(name) is None
    assert sum("answers are not kept until" in line for line in caplog.messages) == 1
    assert not list((small_disk / "answers").rglob("*.__wz_cache"))
    assert (cache.get("before") == small).all()
    (small_disk / "other").unlink()
    assert cache.set("one", small)
    assert (cache.get("one") == small).all()
