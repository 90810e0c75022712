"""People and their passwords, groups of tracks: what their files may hold, and what it means."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from sighthound.app.rights.groups import hidden_from, read_groups
from sighthound.app.rights.people import (
    add_person,
    check_name,
    is_password,
    read_people,
    remove_person,
)
from sighthound.core.errors import SighthoundError
from sighthound.core.tracks.track import Track

TRACKS = {
    track.id: track
    for track in (
        Track("atac-one", "One", "ATAC", group="published"),
        Track("atac-two", "Two", "ATAC"),
        Track("cage", "Cage", "CAGE", group="published"),
    )
}
SETS = {"Overview": ["cage"]}


def hidden(tmp_path: Path, person: str, text: str) -> set[str]:
    file = tmp_path / "rights.toml"
    file.write_text(text)
    groups = read_groups(file)
    assert groups is not None
    return set(hidden_from(person, groups, TRACKS, SETS))


def test_a_password_is_kept_as_a_hash_that_only_its_owner_can_read(tmp_path: Path) -> None:
    file = tmp_path / "people.tsv"
    assert add_person(file, "Ana Díaz", "correct horse")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "correct" not in file.read_text()
    people = read_people(file)
    assert is_password(people, "Ana Díaz", "correct horse")
    assert not is_password(people, "Ana Díaz", "correct horsf")
    assert not is_password(people, "ana díaz", "correct horse")
    assert not is_password(people, "", "")


def test_another_password_takes_the_place_of_the_first(tmp_path: Path) -> None:
    file = tmp_path / "people.tsv"
    add_person(file, "ana", "the first one")
    assert not add_person(file, "ana", "the second one")
    assert not is_password(read_people(file), "ana", "the first one")
    remove_person(file, "ana")
    assert read_people(file) == {}
    with pytest.raises(SighthoundError, match="there is nobody"):
        remove_person(file, "ana")


@pytest.mark.parametrize("name", ["", " ana", "a\tb", "a\nb", "*", "# ana", "a" * 101, "\x7f"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(SighthoundError, match="cannot be called"):
        check_name(name)


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "people.tsv"
    file.write_text("ana\tplain password\n")
    with pytest.raises(SighthoundError, match="line 1 is not a name, a tab and a hash"):
        read_people(file)


def test_a_person_sees_the_tracks_of_their_groups_and_no_others(tmp_path: Path) -> None:
    text = (
        '[group.lab]\npeople = ["ana"]\ntracks = ["*"]\n'
        '[group.all]\npeople = ["*"]\ntracks = ["group=published"]\n'
    )
    assert hidden(tmp_path, "ana", text) == set()
    assert hidden(tmp_path, "ben", text) == {"atac-two"}
    assert hidden(tmp_path, "ben", "") == set(TRACKS)


@pytest.mark.parametrize(
    ("pattern", "seen"),
    [
        ("atac-*", {"atac-one", "atac-two"}), ("assay=CAGE", {"cage"}), ("set=Over*", {"cage"}),
        ("id=cage", {"cage"}), ("ATAC-*", set()), ("name=One", {"atac-one"}), ("cag", set()),
    ],
)  # fmt: skip
def test_a_pattern_is_of_ids_columns_or_sets(tmp_path: Path, pattern: str, seen: set[str]) -> None:
    text = f'[group.g]\npeople = ["ana"]\ntracks = ["{pattern}"]\n'
    assert set(TRACKS) - hidden(tmp_path, "ana", text) == seen


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[group.g\n", "not valid TOML"),
        ("[groups.g]\npeople = []\ntracks = []\n", "'groups' is no section"),
        ("[group.g]\npeople = []\n", "must have people and tracks"),
        ('[group.g]\npeople = "ana"\ntracks = []\n', "expected a list of texts"),
        ('[group.g]\npeople = []\ntracks = ["colour=red"]\n', "tracks of 'colour'"),
    ],
)
def test_a_file_of_groups_that_is_wrong_says_where(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "rights.toml"
    file.write_text(text)
    with pytest.raises(SighthoundError, match=says):
        read_groups(file)
