"""Each command on a disk that fills while it writes: one clear line, and no half of anything."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sighthound.app import cli
from sighthound.core.bigwig.files import check_bigwig
from sighthound.core.model.model import save_model
from sighthound.core.project.settings import load_project
from tests.precompute.genome_wide.test_run import random_model
from tests.precompute.simulation.planted import planted_project


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 192 kB; check_output, which tries 64 kB, sees nothing amiss."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=192k", "tmpfs", str(folder)]
    done = sys.platform == "linux" and subprocess.run(mount, capture_output=True, check=False)
    if not done or done.returncode:
        pytest.skip("no small file system: mounting one asks for root on Linux")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, *words: object) -> str:
    """Run a command as from a shell; give its one line."""
    monkeypatch.setattr(sys, "argv", ["sighthound", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("sighthound:")]
    assert ended.value.code == 1
    assert len(said) == 1
    return said[0]


def fill(folder: Path, leave: int) -> None:
    """Leave only so many bytes of the disk."""
    free = shutil.disk_usage(folder).free
    (folder / "other").write_bytes(bytes(max(0, free - leave)))


def test_coverage_leaves_nothing(tmp_path, small_disk, monkeypatch, capsys):
    random = np.random.default_rng(0)
    sites = np.sort(random.choice(400_000, 60_000, replace=False))
    (tmp_path / "cuts.bed").write_text("".join(f"chr1\t{s}\t{s + 1}\n" for s in sites.tolist()))
    (tmp_path / "genome.fa").write_text(">chr1\n" + "ACGT" * 100_000 + "\n")
    words = ("coverage", tmp_path / "cuts.bed", small_disk / "out.bw",
             "--genome", tmp_path / "genome.fa")  # fmt: skip
    said = refused(monkeypatch, capsys, *words)
    assert f"cannot write {small_disk / 'out.bw'}: No space left on device" in said
    assert not list(small_disk.iterdir())


def project_on(disk: Path, beside: Path) -> Path:
    """A project whose experiments lie elsewhere, and whose outputs go to the small disk."""
    planted_project(beside)
    settings = beside / "sighthound.toml"
    text = settings.read_text()
    settings.write_text(
        text.replace("[dataset]", f'[dataset]\ndirectory = "{disk}/dataset"')
        + f'[predictions]\ndirectory = "{disk}/predictions"\n'
    )
    return beside


def test_dataset_leaves_nothing(tmp_path, small_disk, monkeypatch, capsys):
    project = project_on(small_disk, tmp_path / "lab")
    fill(small_disk, 10_000)
    said = refused(monkeypatch, capsys, "dataset", project)
    assert "targets.npy: No space left on device; nothing of it is kept" in said
    assert [path.name for path in small_disk.iterdir()] == ["other"]
    (small_disk / "other").unlink()
    monkeypatch.setattr(sys, "argv", ["sighthound", "dataset", str(project)])
    cli.main()
    assert (small_disk / "dataset" / "statistics.json").is_file()


def test_predict_leaves_whole_bigwigs_only(tmp_path, small_disk, monkeypatch, capsys):
    project = project_on(small_disk, tmp_path / "lab")
    save_model(load_project(project).model.directory, random_model())
    fill(small_disk, 15_000)
    said = refused(monkeypatch, capsys, "predict", project)
    assert f"cannot write into {small_disk / 'predictions'}" in said
    assert "No space left on device" in said
    left = list((small_disk / "predictions").glob("*.bw"))
    for file in left:
        check_bigwig(file)
    assert len(left) < 2
