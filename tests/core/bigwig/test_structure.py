"""Where things lie in a BigWig: its byte order, its header, and bytes that cannot be true."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.bigwig.structure import (
    ContradictionError,
    RawBytes,
    TotalSummary,
    byte_order,
    structure_of,
)
from sighthound.core.bigwig.trees import BRANCH, LEAF, Sections, write_r_tree

LENGTHS = {"chrI": 1000, "chrII": 500}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    values = [("chrI", np.full(100, 2, np.float32)), ("chrII", np.full(50, 4, np.float32))]
    write_bigwig(tmp_path / "a.bw", LENGTHS, values, 10, mantissa_bits=None)
    return tmp_path / "a.bw"


@pytest.fixture
def descriptor(path: Path) -> Iterator[int]:
    opened = os.open(path, os.O_RDONLY)
    yield opened
    os.close(opened)


def test_the_first_bytes_tell_the_order(path: Path) -> None:
    start = path.read_bytes()[:4]
    assert byte_order(start) == "<"
    assert byte_order(start[::-1]) == ">"
    assert byte_order(b"\x1f\x8b\x08\x00") is None
    assert byte_order(b"") is None


def test_a_file_says_its_chromosomes_and_the_sum_of_its_bases(path: Path, descriptor: int) -> None:
    raw = RawBytes(descriptor, path.stat().st_size, "<")
    structure = structure_of(path, path.stat(), raw)
    assert dict(structure.chromosomes) == LENGTHS
    assert structure.total == TotalSummary(1500, 2 * 1000 + 4 * 500, 4 * 1000 + 16 * 500)
    assert structure.total.deviation() == pytest.approx(np.std([2] * 1000 + [4] * 500))
    assert list(structure.zooms) == sorted(structure.zooms)


def test_what_lies_beyond_the_end_is_a_contradiction(path: Path, descriptor: int) -> None:
    size = path.stat().st_size
    raw = RawBytes(descriptor, size, "<")
    assert len(raw.read(size - 4, 4)) == 4
    with pytest.raises(ContradictionError, match=f"ends before byte {size + 1:,}"):
        raw.read(size - 3, 4)
    with pytest.raises(ContradictionError):
        structure_of(path.with_name("short"), path.stat(), RawBytes(descriptor, 100, "<"))


def tree(tmp_path: Path, sections: Sections) -> Path:
    file = io.BytesIO()
    write_r_tree(file, sections)
    (tmp_path / "tree").write_bytes(file.getvalue())
    return tmp_path / "tree"


def test_every_leaf_of_a_tree_is_found_once_and_in_order(tmp_path: Path) -> None:
    sections = Sections()
    for number in reversed(range(700)):  # three nodes of leaves below a root
        sections.add(0, 10 * number, 10 * number + 10, 1000 + number, 1)
    path = tree(tmp_path, sections)
    with path.open("rb") as file:
        raw = RawBytes(file.fileno(), path.stat().st_size, "<")
        nodes = list(raw.nodes(48, LEAF, BRANCH))
        few = list(raw.nodes(48, LEAF, BRANCH, lambda items: items["span"][:, 1] < 20))
    assert len(nodes) == 3
    assert np.concatenate(nodes)["offset"].tolist() == [1000 + n for n in range(700)]
    assert np.concatenate(few)["offset"].tolist() == [1000, 1001]


def test_a_tree_that_turns_in_a_circle_ends(tmp_path: Path) -> None:
    sections = Sections()
    for number in range(300):
        sections.add(0, number, number + 1, number, 1)
    path = tree(tmp_path, sections)
    data = bytearray(path.read_bytes())
    # The first item of the root points to the root.
    data[52 + 16 : 52 + 24] = (48).to_bytes(8, "little")
    path.write_bytes(data)
    with path.open("rb") as file:
        raw = RawBytes(file.fileno(), len(data), "<")
        with pytest.raises(ContradictionError, match="turns in a circle"):
            list(raw.nodes(48, LEAF, BRANCH))
