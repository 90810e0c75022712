"""Files and folders that are there only as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from sighthound.core.files import (
    publish,
    read_json,
    replace_folder,
    whole_file,
    write_json,
    write_text,
)


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
