"""Pieces of a long job: computed once, kept for the same job alone, whole or not there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sighthound.precompute.cluster.checkpoints import Arrays, Pieces


class Counted:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Arrays:
        self.times += 1
        return {"x": np.arange(3), "y": np.array([0.5], np.float32)}


def test_a_piece_is_computed_once_for_all_who_go_on_with_the_job(tmp_path: Path) -> None:
    compute = Counted()
    for _ in range(2):
        found = Pieces(tmp_path / "p", {"model": "a"}).get("one", compute)
        np.testing.assert_array_equal(found["x"], [0, 1, 2])
        assert found["y"].dtype == np.float32
    assert compute.times == 1


def test_another_job_finds_none_of_them(tmp_path: Path) -> None:
    first = Pieces(tmp_path / "p", {"model": "a"})
    first.get("one", Counted())
    assert first.has("one")
    assert Pieces(tmp_path / "p", {"model": "a"}).has("one")
    assert not Pieces(tmp_path / "p", {"model": "b"}).has("one")


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"nothing of the kind"])
def test_a_damaged_piece_is_computed_again(tmp_path: Path, damage: bytes) -> None:
    compute = Counted()
    pieces = Pieces(tmp_path / "p", {})
    pieces.get("one", compute)
    (file,) = (tmp_path / "p").glob("*.npz")
    file.write_bytes(damage)
    np.testing.assert_array_equal(pieces.get("one", compute)["x"], [0, 1, 2])
    assert compute.times == 2
    pieces.get("one", compute)
    assert compute.times == 2


def test_a_piece_whose_computation_fails_is_not_there(tmp_path: Path) -> None:
    def fail() -> Arrays:
        raise RuntimeError("no")

    pieces = Pieces(tmp_path / "p", {})
    with pytest.raises(RuntimeError):
        pieces.get("one", fail)
    assert not pieces.has("one")


def test_a_finished_job_leaves_nothing(tmp_path: Path) -> None:
    pieces = Pieces(tmp_path / "p", {})
    pieces.get("one", Counted())
    pieces.drop("one")
    pieces.drop("never there")
    assert not pieces.has("one")
    pieces.discard()
    assert list(tmp_path.iterdir()) == []
