"""A folder to work in belongs to one run, and is gone when that ends."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from sighthound.core import own_folder as own_folder_module
from sighthound.core.errors import SighthoundError
from sighthound.core.own_folder import locked, own_folder


def test_it_begins_empty_and_ends_gone(tmp_path):
    folder = tmp_path / ".x.part"
    (folder / "left").mkdir(parents=True)
    (folder / "left" / "huge").touch()
    with own_folder(folder, wait=False) as inside:
        assert not list(inside.iterdir())
        assert list(folder.iterdir()) == [inside]
        (inside / "file").touch()
    assert not list(tmp_path.iterdir())


def test_another_run_is_refused_or_waits(tmp_path):
    folder = tmp_path / ".x.part"
    with ThreadPoolExecutor() as threads:
        with own_folder(folder, wait=False) as first:
            with (
                pytest.raises(SighthoundError, match="at work for another run"),
                own_folder(folder, wait=False),
            ):
                pass
            assert first.is_dir()

            def names() -> str:
                with own_folder(folder, wait=True) as inside:
                    return inside.name

            second = threads.submit(names)
            assert not second.done()
        assert second.result() != first.name
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    with (
        pytest.raises(SighthoundError, match=r"cannot write .*x\.part"),
        own_folder(tmp_path / "no" / "x.part", wait=False),
    ):
        pass


def test_a_lock_is_held_by_one_at_a_time_and_let_go_of(tmp_path):
    file = tmp_path / "x.lock"
    with ThreadPoolExecutor() as threads:
        with locked(file, wait=False) as first:
            assert first
            with locked(file, wait=False) as second:
                assert not second

            def wait():
                with locked(file, wait=True) as held:
                    return held

            waiting = threads.submit(wait)
            assert not waiting.done()
        assert waiting.result(timeout=60)
    with locked(tmp_path / "gone" / "x.lock", wait=True) as held:
        assert not held


@pytest.mark.parametrize("error", [FileExistsError, FileNotFoundError])
def test_a_folder_that_another_run_removes_meanwhile_is_made_again(tmp_path, monkeypatch, error):
    plain, calls = os.open, []

    def removed_once(path, *more):
        if not calls:
            calls.append(path)
            path.rmdir()
            raise error(path)
        return plain(path, *more)

    monkeypatch.setattr(own_folder_module.os, "open", removed_once)
    with own_folder(tmp_path / ".x.part", wait=False) as inside:
        assert inside.is_dir()
    assert calls == [tmp_path / ".x.part"]
