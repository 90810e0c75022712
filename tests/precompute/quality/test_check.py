"""The command over a project's files."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from sighthound.app.cli import cli
from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.errors import SighthoundError
from sighthound.core.project.settings import load_project
from sighthound.core.tracks.track import write_tracks
from sighthound.precompute.datasets.dataset import make_dataset
from sighthound.precompute.quality.check import check_tracks
from tests.tiny import LENGTHS, make_project


def test_an_experiment_of_another_build_is_one_suspicion_among_others(tmp_path: Path) -> None:
    project = load_project(make_project(tmp_path / "lab"))
    lengths = {"chrI": 41_000}
    values = [("chrI", np.ones(41_000 // 16 + 1, np.float32))]
    write_bigwig(tmp_path / "lab" / "experiments" / "atac.bw", lengths, values, 16)
    found = check_tracks(project)
    assert found.tracks == ("cage.plus", "cage.minus")
    (wrong,) = (s for s in found.suspicions if s.kind == "wrong build")
    assert wrong.tracks == ("atac",)
    assert "its chrI has 41,000 bases" in wrong.words


def test_with_none_that_can_be_read_it_is_an_error(tmp_path: Path) -> None:
    project = load_project(make_project(tmp_path / "lab"))
    write_tracks(
        project.tracks.table,
        [
            replace(track, experiment=None, strand_pair="", covered="")
            for track in project.read_tracks()
        ],
    )
    with pytest.raises(SighthoundError, match="no track has an experiment"):
        check_tracks(project)


def test_the_report_stands_alone_and_shows_windows_values_and_correlations(tmp_path: Path) -> None:
    lab = make_project(tmp_path / "lab")
    make_dataset(load_project(lab))
    report = tmp_path / "report.html"
    result = CliRunner().invoke(cli, ["check-tracks", str(lab), "--report", str(report)])
    assert result.exit_code in (0, 3), result.output
    assert "3 tracks looked through" in result.output
    page = report.read_text()
    assert not re.search(r"(?:src|href)=|url\(|@import", page)
    for name in LENGTHS:
        assert f">{name}</text>" in page
    assert "chrII:1-" in page
    assert re.search(r"atac and cage.plus: r -?0\.\d{3}", page)


def test_what_is_suspicious_is_the_exit_code_and_escaped_in_the_report(tmp_path: Path) -> None:
    lab = make_project(tmp_path / "lab")
    project = load_project(lab)
    tracks = project.read_tracks()
    write_tracks(project.tracks.table, [replace(t, sample="<b>cells") for t in tracks])
    bases = np.zeros(LENGTHS["chrI"], np.float32)
    bases[::100] = np.random.default_rng(1).integers(1, 200, 400)
    cut = np.minimum(bases, 60)
    write_bigwig(lab / "experiments" / "atac.bw", {"chrI": 40_000}, [("chrI", cut)], 1)
    report = tmp_path / "report.html"
    result = CliRunner().invoke(cli, ["check-tracks", str(lab), "--report", str(report)])
    assert result.exit_code == 3
    assert "saturated: atac: " in result.output
    assert "<b>" not in report.read_text()
