"""Files and folders that are there only as a whole."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.files import (
    check_output,
    check_output_folder,
    file_sha256,
    file_stamp,
    publish,
    read_json,
    replace_folder,
    stamps,
    whole_file,
    write_json,
    write_text,
)
from tests.paths import ROOT


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_under_its_name_when_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "table.tsv"
    with whole_file(file) as part:
        part.write_text("chrom\tstart\n")
        assert not file.exists()
    assert file.read_text() == "chrom\tstart\n"
    assert names(tmp_path) == ["table.tsv"]


def test_after_an_error_the_file_before_is_there_and_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "table.tsv"
    write_text(file, "before")

    def fail() -> None:
        with whole_file(file) as part:
            part.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert file.read_text() == "before"
    assert names(tmp_path) == ["table.tsv"]


def test_two_that_write_one_file_at_a_time_do_not_meet(tmp_path: Path) -> None:
    file = tmp_path / "chunk"
    with whole_file(file, unique=True) as one, whole_file(file, unique=True) as other:
        one.write_text("one")
        other.write_text("other")
    assert file.read_text() == "one", "the last to end"
    assert names(tmp_path) == ["chunk"]


def test_json_that_cannot_be_read_is_empty(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    assert read_json(file) == {}
    write_json(file, {"tracks": ["cage"]})
    assert read_json(file) == {"tracks": ["cage"]}
    file.write_text('{"tracks": [')
    assert read_json(file) == {}


def test_a_folder_is_made_only_when_asked_for(tmp_path: Path) -> None:
    with whole_file(tmp_path / "new" / "a.tsv", parents=True) as part:
        part.write_text("")
    with pytest.raises(FileNotFoundError):
        write_text(tmp_path / "missing" / "a.tsv", "")
    assert names(tmp_path) == ["new"]


def test_what_was_not_written_is_not_published(tmp_path: Path) -> None:
    write_text(tmp_path / "kept", "before")
    with pytest.raises(FileNotFoundError):
        publish(tmp_path / "kept.part", tmp_path / "kept")
    assert (tmp_path / "kept").read_text() == "before"


def test_a_folder_takes_the_place_of_another_with_nothing_of_it_left(tmp_path: Path) -> None:
    directory, part = tmp_path / "model", tmp_path / "model.part"
    for number in range(2):
        part.mkdir()
        write_text(part / f"{number}.json", "")
        replace_folder(part, directory)
    assert names(directory) == ["1.json"]
    assert names(tmp_path) == ["model"]


@pytest.mark.parametrize("change", ["time", "size", "another file of the same time and size"])
def test_a_stamp_is_another_where_a_file_is(tmp_path: Path, change: str) -> None:
    file, other = tmp_path / "a.bw", tmp_path / "b.bw"
    file.write_text("one")
    other.write_text("two")
    before, time = file_stamp(file), file.stat().st_mtime_ns
    if change == "time":
        os.utime(file, ns=(time, time + 1))
    elif change == "size":
        file.write_text("three")
        os.utime(file, ns=(time, time))
    else:
        os.utime(other, ns=(time, time))
        other.replace(file)
    assert file_stamp(file) != before


def test_stamps_of_files_change_when_one_comes_or_goes(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.write_text("one")
    before = stamps([here, there])
    there.write_text("two")
    both = stamps([here, there])
    here.unlink()
    assert len({before, both, stamps([here, there])}) == 3


def test_the_hash_of_a_file_is_that_of_sha256sum(tmp_path: Path) -> None:
    (tmp_path / "abc").write_text("abc")  # FIPS 180-2, example B.1
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert file_sha256(tmp_path / "abc") == expected


def test_stamps_and_hashes_of_files_are_taken_in_one_place() -> None:
    # Of an upload that arrives, of text, and of two files of which one may be a copy: not these.
    taken = re.compile(r"file_digest|st_ino\b.*st_size|st_size.*st_mtime_ns|st_mtime_ns.*st_size")
    found = {
        str(file.relative_to(ROOT))
        for top in ("app", "core", "precompute")
        for file in (ROOT / top).rglob("*.py")
        if any(taken.search(line) for line in file.read_text().splitlines())
    }
    assert found == {"core/files.py", "precompute/hub_folder.py"}


def test_nothing_is_written_over_what_is_read(tmp_path: Path) -> None:
    file = tmp_path / "genome.fa"
    file.write_text(">chr1\nACGT\n")
    (tmp_path / "link.fa").symlink_to(file)
    with pytest.raises(SighthoundError, match=r"genome\.fa would be written over itself; give the"):
        check_output(file, [tmp_path / "link.fa"])
    check_output(tmp_path / "other.bed", [file, tmp_path / "missing"])
    assert names(tmp_path) == ["genome.fa", "link.fa"]


def test_a_folder_may_be_new_at_any_depth_but_not_a_file_nor_below_one(tmp_path: Path) -> None:
    check_output_folder(tmp_path)
    check_output_folder(tmp_path / "new" / "newer")
    assert names(tmp_path) == [], "nothing is made"
    file = tmp_path / "notes"
    file.write_text("mine")
    for folder in (file, file / "new" / "newer"):
        with pytest.raises(SighthoundError, match=f"cannot write into {folder}: {file} is a file"):
            check_output_folder(folder)
    with pytest.raises(SighthoundError, match="cannot write into /proc/new: "):
        check_output_folder(Path("/proc/new"))
