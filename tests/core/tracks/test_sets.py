"""Sets of tracks that a project names for everybody."""

from pathlib import Path

import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.project.settings import load_project
from sighthound.core.tracks.sets import read_track_sets
from tests.tiny import make_project


def write(folder: Path, text: str) -> Path:
    (folder / "sets.tsv").write_text(text)
    return folder / "sets.tsv"


def test_a_set_is_all_lines_of_its_name(tmp_path):
    table = write(tmp_path, "set\ttrack\nboth\ta\none\tb\nboth\tb\nboth\ta\n\n")
    assert read_track_sets(table, ("a", "b", "c")) == {"both": ["a", "b"], "one": ["b"]}


def test_a_table_from_a_spreadsheet_is_read(tmp_path):
    table = write(tmp_path, "\ufeffset\ttrack\r\nboth\ta\r\n")
    assert read_track_sets(table, ("a",)) == {"both": ["a"]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "begins with 'nothing'; expected the columns set and track"),
        ("id\tname\n", "expected the columns set and track"),
        ("set\ttrack\nboth\n", "line 2: 'both'; expected a set, a tab, a track"),
        ("set\ttrack\nboth\ta\nboth\tz\n", "line 3: no track 'z' in the tracks table"),
    ],
)
def test_a_mistake_in_the_table_is_named(tmp_path, text, message):
    with pytest.raises(SighthoundError, match=message):
        read_track_sets(write(tmp_path, text), ("a",))


def test_a_project_names_its_table_of_sets(tmp_path):
    folder = make_project(tmp_path / "lab", model=False, predictions=False)
    assert load_project(folder).tracks.sets is None
    settings = folder / "sighthound.toml"
    settings.write_text(
        settings.read_text().replace('"tracks.tsv"', '"tracks.tsv"\nsets = "sets.tsv"')
    )
    with pytest.raises(SighthoundError, match="does not exist"):
        load_project(folder)
    table = write(folder, "set\ttrack\n")
    assert load_project(folder).tracks.sets == table
