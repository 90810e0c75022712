"""Damaged BigWigs: an answer or one line that names the file, whatever the bytes."""

from pathlib import Path

import numpy as np
import pyBigWig
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sighthound.core.bigwig.files import check_bigwig, chromosomes, read_bins, write_bigwig
from sighthound.core.errors import SighthoundError

LENGTHS = {"c1": 20_000, "c2": 900_000}


def written_by_us(path: Path) -> Path:
    values = np.random.default_rng(1).random(9000).astype(np.float32)
    write_bigwig(path, LENGTHS, [("c1", values[:200]), ("c2", values)], 100)
    return path


def written_by_pybigwig(path: Path, zooms: int = 3) -> Path:
    values = np.random.default_rng(2).random(20_000).tolist()
    with pyBigWig.open(str(path), "w") as file:
        file.addHeader(list(LENGTHS.items()), maxZooms=zooms)
        file.addEntries("c1", 0, values=values, span=1, step=1)
        file.addEntries("c2", 0, values=values[:4000], span=50, step=200)
    return path


WRITERS = (written_by_us, written_by_pybigwig)


def read_everything(path: Path) -> None:
    check_bigwig(path, 3)
    for chrom, length in chromosomes(path).items():
        for exact in (True, False):
            read_bins(path, chrom, 0, max(length, 1), max(1, min(length, 50)), exact=exact)


def what_reading_says(path: Path) -> str:
    try:
        read_everything(path)
    except SighthoundError as error:
        return str(error)
    return ""


def test_a_block_that_was_overwritten_is_told_with_file_and_chromosome(tmp_path):
    path = written_by_pybigwig(tmp_path / "x.bw", zooms=0)
    data = bytearray(path.read_bytes())
    data[len(data) // 4 : len(data) // 4 + 100] = bytes(100)
    path.write_bytes(data)
    with pytest.raises(SighthoundError, match=r"x\.bw: damaged BigWig, chromosome c1 \(") as error:
        read_bins(path, "c1", 0, 20_000, 10)
    assert "\n" not in str(error.value)
    assert read_bins(path, "c2", 0, 800, 1)[0] > 0  # what is whole can be read
    with pytest.raises(SighthoundError, match=r"x\.bw: damaged BigWig, chromosome c1 \("):
        check_bigwig(path)


@pytest.mark.parametrize("write", WRITERS)
def test_a_whole_file_passes_the_check(tmp_path, write):
    check_bigwig(write(tmp_path / "whole.bw"))


@pytest.fixture(scope="module", params=WRITERS, ids=lambda write: write.__name__)
def whole(request, tmp_path_factory):
    return request.param(tmp_path_factory.mktemp("whole") / "whole.bw").read_bytes()


@settings(max_examples=150)
@given(
    overwritten=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=16)),
        max_size=6,
    ),
    header=st.lists(st.tuples(st.integers(4, 300), st.integers(0, 255)), max_size=3),
    kept=st.floats(0, 1),
)
@example(overwritten=[], header=[], kept=0.999)
@example(overwritten=[], header=[(at, 255) for at in range(52, 56)], kept=1)
def test_any_damage_gives_an_answer_or_one_line_that_names_the_file(
    whole, tmp_path, overwritten, header, kept
):
    data = bytearray(whole)
    for place, content in overwritten:
        at = int(place * len(data))
        data[at : at + len(content)] = content
    for at, byte in header:
        data[at] = byte
    path = tmp_path / "bad.bw"
    path.write_bytes(data[: int(kept * len(data))])
    said = what_reading_says(path)
    assert not said or (said.startswith(f"{path}: ") and "\n" not in said)


def test_an_index_that_points_to_itself_is_damage_and_not_without_end(tmp_path):
    path = written_by_us(tmp_path / "circle.bw")
    data = bytearray(path.read_bytes())
    root = int.from_bytes(data[24:32], "little") + 48
    data[root : root + 4] = bytes([0, 0, 2, 0])
    for item in range(2):
        at = root + 4 + 24 * item
        data[at : at + 24] = bytes(8) + b"\xff" * 8 + root.to_bytes(8, "little")
    path.write_bytes(data)
    with pytest.raises(SighthoundError, match="an index that turns in a circle"):
        read_bins(path, "c1", 0, 20_000, 10)


@pytest.mark.parametrize("kind", ["directory", "nothing", "bigBed", "page"])
def test_what_is_no_bigwig_is_called_so(tmp_path, kind):
    path = tmp_path / "x.bw"
    if kind == "directory":
        path.mkdir()
    elif kind != "nothing":
        path.write_bytes(b"\xeb\xf2\x89\x87" * 20 if kind == "bigBed" else b"<!DOCTYPE html>")
    with pytest.raises(SighthoundError, match=r"x\.bw.*BigWig"):
        chromosomes(path)
