"""Tables as spreadsheets, web pages and other systems leave them; names that become files."""

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sighthound.core.errors import SighthoundError
from sighthound.core.files import data_files
from sighthound.core.model.published import check_free
from sighthound.core.model.published.params import read_params
from sighthound.core.model.published.targets import read_targets
from sighthound.core.project.settings import load_project, toml_text
from sighthound.core.tracks.sets import read_track_sets
from sighthound.core.tracks.track import MAX_ID, Track, read_tracks, tracks_table, write_tracks
from tests.paths import ROOT

TRACKS = "id\tname\tdescription\nx\tliver\tone\u2028two\x85 three\ny\tz\tw\n"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_table_is_read_alike_whatever_wrote_it(tmp_path, end, encoding):
    def written(name: str, text: str) -> Path:
        (tmp_path / name).write_bytes(text.replace("\n", end).encode(encoding))
        return tmp_path / name

    tracks = read_tracks(written("tracks.tsv", TRACKS))
    assert [(t.id, t.description) for t in tracks] == [("x", "one two three"), ("y", "w")]
    assert read_track_sets(written("s.tsv", "set\ttrack\na\tx\na\ty\n"), ["x", "y"]) == {
        "a": ["x", "y"]
    }
    targets = "index\tidentifier\tdescription\n0\tENC1\tDNASE:a\u2028b\tc\n1\tENC2\tCAGE:d\n"
    assert [t.description for t in read_targets(written("t.txt", targets))] == [
        "DNASE:a b c", "CAGE:d",
    ]  # fmt: skip
    assert read_params(written("p.txt", "cnn_filters 4\ncnn_filters 5\nbatch 2\n"))["batch"] == 2
    written("tracks.tsv", TRACKS)
    written("g.fa", ">c\nA\n")
    toml = written(
        "sighthound.toml", '[genome]\nname = "a"\nfasta = "g.fa"\n[tracks]\ntable = "tracks.tsv"\n'
    )
    assert load_project(toml).genome.name == "a"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id\tid\nx\ty\n", "two columns 'id'"),
        ("id,name\nx,y\n", "unknown column 'id,name', and no tab: save the table as text with"),
        ("id\nx\nX\n", "line 3: ids 'x' and 'X' differ in capitals only"),
        ("id\n../x\n", r"line 2: id '\.\./x' must be letters"),
        ("id\n..\n", r"line 2: id '\.\.' must be"),
        ("id\na/b\n", "line 2: id 'a/b' must be"),
        ("id\nµ\n", "line 2: id 'µ' must be"),
        ("id\n" + "a" * 300 + "\n", "line 2: id 'aaa.*at most 150 characters"),
        ("id\tname\nx\ta\tb\n", "line 2: 3 cells under 2 columns"),
        ("id\tname\nx\ta\0b\n", "after line 1: not UTF-8 text"),
    ],
)
def test_a_table_that_cannot_be_right_is_refused_with_its_line(tmp_path, text, message):
    (tmp_path / "tracks.tsv").write_text(text)
    with pytest.raises(SighthoundError, match=message):
        read_tracks(tmp_path / "tracks.tsv")


def test_empty_cells_that_a_spreadsheet_adds_are_passed_over(tmp_path):
    (tmp_path / "tracks.tsv").write_text("id\tname\t\t\nx\ta\t\t\t\n\t\t\n")
    assert [track.name for track in read_tracks(tmp_path / "tracks.tsv")] == ["a"]


def test_a_file_whose_name_has_two_spaces_stays_that_file(tmp_path):
    (tmp_path / "a  b\u2028.bw").write_bytes(b"")
    write_tracks(tmp_path / "t.tsv", [Track("x", "x", experiment=tmp_path / "a  b\u2028.bw")])
    assert read_tracks(tmp_path / "t.tsv")[0].experiment == tmp_path / "a  b\u2028.bw"


@pytest.mark.parametrize("name", ["a\tb.bw", "a\nb.bw", "a\rb.bw", "b.bw ", "\udcff.bw"])
def test_a_file_name_that_a_table_cannot_hold_is_refused(name):
    with pytest.raises(SighthoundError, match="a table cannot hold a name with tabs"):
        tracks_table([Track("x", "x", experiment=Path("/data") / name)])


@given(text=st.text(st.characters(codec="utf-8")))
def test_any_text_becomes_toml_and_comes_back(text):
    assert tomllib.loads(f"key = {toml_text(text)}") == {"key": text}


def test_a_name_that_is_no_text_is_refused():
    with pytest.raises(SighthoundError, match=r"'\\udcff' is not UTF-8"):
        toml_text("\udcff")


def test_ids_of_targets_fit_for_names_of_files_and_differ_in_more_than_capitals(tmp_path):
    names = ["ctcf", "CTCF", "../up", "a" * 400, "A" * 400, "µ"]
    lines = [f"{i}\t{name}\tDNASE:x" for i, name in enumerate(names)]
    (tmp_path / "t.txt").write_text("\n".join(["index\tidentifier\tdescription", *lines]))
    ids = [track.id for track in read_targets(tmp_path / "t.txt")]
    assert ids[:3] == ["ctcf", "CTCF.2", "up"]
    assert len({id.casefold() for id in ids}) == len(ids)
    assert max(map(len, ids)) <= MAX_ID


def test_what_systems_and_editors_leave_in_a_folder_is_no_data(tmp_path):
    for name in ("b.bw", "a.bw", "._a.bw", ".DS_Store", "a.bw~", "#a.bw#", "Thumbs.db", "~$x.bw"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "folder.bw").mkdir()
    (tmp_path / "nowhere.bw").symlink_to(tmp_path / "gone.bw")
    (tmp_path / "linked.bw").symlink_to(tmp_path / "a.bw")
    assert [path.name for path in data_files(tmp_path)] == ["a.bw", "b.bw", "linked.bw"]


def test_a_folder_with_nothing_but_leftovers_takes_a_model(tmp_path):
    (tmp_path / ".DS_Store").write_bytes(b"x")
    check_free(tmp_path)
    (tmp_path / ".git").mkdir()
    with pytest.raises(SighthoundError, match="is there already"):
        check_free(tmp_path)


def test_text_of_files_is_read_in_one_way():
    """Whoever splits a file's text, or looks for gzip, on their own gets line ends wrong."""
    own_way = re.compile(
        r"""read_text\([^()]*\)\.splitlines|\.read\(\)\.splitlines|\.read\(\)\.split\("""
        r"""|x1f\\x8b|gzip\.open\("""
    )
    allowed = {
        "core/text.py",
        "app/uploads/kinds.py",  # tells what a file is by its first bytes
        "precompute/reads/align.py",  # reads of FASTQ, sampled as bytes
    }
    found = [
        f"{path}: {line.strip()}"
        for folder in ("core", "app", "precompute")
        for path in (ROOT / folder).rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if own_way.search(line) and str(path.relative_to(ROOT)) not in allowed
    ]
    assert not found
