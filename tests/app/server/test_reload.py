"""When a changed project is read again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sighthound.app.server.reload import Reload
from sighthound.core.project.settings import load_project
from tests.tiny import make_project


def test_changed_settings_are_due_once_and_broken_ones_never(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lab = make_project(tmp_path / "lab", model=False, predictions=False)
    reload = Reload(lab, load_project(lab))
    assert not reload.is_due()
    settings = lab / "sighthound.toml"
    kept = settings.read_text()
    settings.write_text(kept.replace("A tiny project", "Another title"))
    assert reload.is_due()
    assert not reload.is_due()
    settings.write_text("title =")
    assert not reload.is_due()
    assert "is not valid TOML" in caplog.text
    assert "goes on as it was" in caplog.text
    settings.write_text(kept)
    assert reload.is_due()


def test_another_genome_is_due(tmp_path: Path) -> None:
    lab = make_project(tmp_path / "lab", model=False, predictions=False)
    reload = Reload(lab, load_project(lab))
    fasta = lab / "genome.fa"
    other = tmp_path / "other.fa"
    other.write_text(fasta.read_text().replace("A", "C"))
    (lab / "genome.fa.fai").unlink()
    os.replace(other, fasta)
    assert reload.is_due()
