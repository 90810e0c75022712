"""A data set is stale when anything that it was made from changed, and is not when nothing did."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.files import content_mark
from sighthound.core.project.settings import Project, load_project
from sighthound.core.tracks.track import Track, write_tracks
from sighthound.precompute.datasets.dataset import make_dataset, open_dataset
from tests.precompute.simulation.planted import SETTINGS, planted_project

REGIONS = """[genome]
fasta = "genome.fa"
gaps = "gaps.bed"
blacklist = "black.bed"
unmappable = "unmappable.bed"
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """With files of regions, and a file of where one of the tracks has data."""
    project = planted_project(tmp_path / "project")
    for name in ("gaps", "black", "unmappable"):
        (project.root / f"{name}.bed").write_text("chr1\t100\t200\n")
    (project.root / "covered.bed").write_text("chr1\t0\t24010\n")
    tracks = [
        replace(track, covered=str(project.root / "covered.bed")) if track.covered else track
        for track in project.read_tracks()
    ]
    write_tracks(project.tracks.table, tracks)
    settings = SETTINGS.replace('[genome]\nfasta = "genome.fa"\n', REGIONS)
    (project.root / "sighthound.toml").write_text(settings)
    project = load_project(project.root)
    make_dataset(project)
    return project


def other_base(root: Path) -> None:
    """One base in the first tenth of a chromosome."""
    fasta = root / "genome.fa"
    text = fasta.read_text()
    at = text.index("\n") + 500
    fasta.write_text(text[:at] + ("C" if text[at] == "A" else "A") + text[at + 1 :])


def other_values(root: Path) -> None:
    """A file of the same name and size."""
    content = bytearray((root / "factor.bw").read_bytes())
    content[len(content) // 2] ^= 1
    (root / "factor.bw").write_bytes(content)


CHANGES: dict[str, Callable[[Path], object]] = {
    r"\[genome\] blacklist": lambda root: (root / "black.bed").write_text("chr1\t100\t216\n"),
    r"\[genome\] gaps": lambda root: (root / "gaps.bed").write_text("chr1\t100\t216\n"),
    r"\[genome\] unmappable": lambda root: (root / "unmappable.bed").write_text("chr1\t1\t2\n"),
    "covered of local": lambda root: (root / "covered.bed").write_text("chr1\t0\t20000\n"),
    "bases of the genome": other_base,
    "experiment of factor": other_values,
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_changed_is_named(project: Project, what: str) -> None:
    CHANGES[what](project.root)
    with pytest.raises(SighthoundError, match=rf"made from other input \({what} changed\)"):
        open_dataset(load_project(project.root))


def test_a_file_of_regions_that_is_named_no_more_is_a_change(project: Project) -> None:
    without = replace(project, genome=replace(project.genome, blacklist=None))
    with pytest.raises(SighthoundError, match=r"\(\[genome\] blacklist changed\)"):
        open_dataset(without)


def test_a_file_of_regions_that_is_gone_is_named(project: Project) -> None:
    (project.root / "black.bed").unlink()
    with pytest.raises(SighthoundError, match=r"\[genome\] blacklist: .*black.bed: No such file"):
        open_dataset(project)


def test_a_copy_of_everything_is_not_stale(project: Project, tmp_path: Path) -> None:
    shutil.copytree(project.root, tmp_path / "copy")
    for file in (tmp_path / "copy").iterdir():
        os.utime(file, (1, 1))
    assert open_dataset(load_project(tmp_path / "copy")).tracks == ("factor", "local")


def test_what_training_alone_reads_of_the_table_is_no_change(project: Project) -> None:
    tracks = [replace(t, name="x", clip=3.0, transform="sqrt") for t in project.read_tracks()]
    write_tracks(project.tracks.table, tracks)
    assert open_dataset(project).tracks == ("factor", "local")


def test_other_tracks_and_settings_are_changes(project: Project) -> None:
    write_tracks(project.tracks.table, [Track("one", "one", experiment=project.root / "factor.bw")])
    with pytest.raises(SighthoundError, match=r"\(tracks table changed\)"):
        open_dataset(project)
    file = project.root / "sighthound.toml"
    file.write_text(file.read_text().replace("512", "1024"))
    with pytest.raises(SighthoundError, match="settings changed"):
        open_dataset(load_project(project.root))


def test_a_data_set_made_before_inputs_were_recorded_stays_good(project: Project) -> None:
    file = project.dataset.directory / "statistics.json"
    statistics = json.loads(file.read_text())
    del statistics["inputs"]
    file.write_text(json.dumps(statistics))
    assert open_dataset(project).tracks == ("factor", "local")


def test_the_mark_of_a_large_file_tells_its_ends_and_its_size(tmp_path: Path) -> None:
    file = tmp_path / "large"
    content = bytearray(3 << 20)
    marks = set()
    for place in (0, 50_000, len(content) // 5, len(content) - 1):
        content[place] += 1
        file.write_bytes(content)
        marks.add(content_mark(file))
    file.write_bytes(content + b"\0")
    assert len({*marks, content_mark(file)}) == 5
    file.write_bytes(content)
    assert content_mark(file) in marks
