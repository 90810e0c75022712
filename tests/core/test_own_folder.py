"""A folder to work in belongs to one run, and is gone when that ends."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.own_folder import own_folder


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
