"""`sighthound hub`: a folder that holds all it names, again and again, over nobody's files."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from sighthound.app.cli import cli
from sighthound.core.browsers.ucsc_check import check_hub
from sighthound.core.errors import SighthoundError
from sighthound.core.project.settings import Project, load_project
from sighthound.precompute.hub_folder import write_hub
from tests.tiny import make_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return load_project(make_project(tmp_path / "lab", model=False))


def named(directory: Path, text: str) -> list[Path]:
    lines = text.splitlines()
    return [directory / line.split(" ")[1] for line in lines if line.startswith("bigDataUrl ")]


def test_the_command_writes_a_folder_to_copy_out(tmp_path: Path, project: Project) -> None:
    arguments = ["hub", str(project.root), "-o", str(tmp_path / "out"), "--email", "a@b.edu"]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 0, done.output
    assert "3 tracks in 6 BigWigs" in done.output
    assert "web server that UCSC can reach" in done.output
    text = (tmp_path / "out" / "hub.txt").read_text()
    assert check_hub(text) == []
    assert "email a@b.edu\n" in text
    files = named(tmp_path / "out", text)
    # The composite names six, the overlay of the one track whose pair is on one scale two again.
    assert len(files) == 8
    experiment = project.root / "experiments" / "cage.plus.bw"
    copy = tmp_path / "out" / "bigwigs" / "cage_plus.experiment.bw"
    assert set(files) == set((tmp_path / "out" / "bigwigs").iterdir())
    assert copy.read_bytes() == experiment.read_bytes()
    assert copy.stat().st_ino != experiment.stat().st_ino


def test_three_files_faceted_with_absolute_addresses(tmp_path: Path, project: Project) -> None:
    write_hub(
        project, tmp_path / "out", url="https://lab.org/hub/", genome="sacCer3",
        three_files=True, faceted=True, overlays=False, tracks=["atac"], kinds=["prediction"],
    )  # fmt: skip
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "hub.txt", "genomes.txt", "trackDb.txt", "metadata.tsv", "bigwigs"
    }  # fmt: skip
    tracks = (tmp_path / "out" / "trackDb.txt").read_text()
    assert check_hub(tracks, (tmp_path / "out" / "metadata.tsv").read_text()) == []
    assert "metaDataUrl https://lab.org/hub/metadata.tsv\n" in tracks
    assert "bigDataUrl https://lab.org/hub/bigwigs/atac.prediction.bw\n" in tracks
    assert (tmp_path / "out" / "genomes.txt").read_text().startswith("genome sacCer3\n")


def test_links_take_no_space_and_copies_replace_them(tmp_path: Path, project: Project) -> None:
    source = project.root / "experiments" / "atac.bw"
    target = tmp_path / "out" / "bigwigs" / "atac.experiment.bw"
    write_hub(project, tmp_path / "out", link=True)
    assert target.stat().st_ino == source.stat().st_ino
    write_hub(project, tmp_path / "out")
    assert target.stat().st_ino != source.stat().st_ino
    first = target.stat().st_ino
    write_hub(project, tmp_path / "out")
    assert target.stat().st_ino == first, "what is there already is kept"
    source.write_bytes((project.root / "experiments" / "cage.plus.bw").read_bytes())
    write_hub(project, tmp_path / "out")
    assert target.read_bytes() == source.read_bytes()


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path, project: Project) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(SighthoundError, match="has other files in it"):
        write_hub(project, tmp_path)
    with pytest.raises(SighthoundError, match=r"notes\.txt is a file"):
        write_hub(project, tmp_path / "notes.txt")
    assert not (tmp_path / "bigwigs").exists()


def test_an_unknown_track_is_one_line_and_writes_nothing(tmp_path: Path, project: Project) -> None:
    with pytest.raises(SighthoundError, match="unknown track 'dnase'; there are atac, cage"):
        write_hub(project, tmp_path / "out", tracks=["dnase"])
    assert not (tmp_path / "out").exists()
