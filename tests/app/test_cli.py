"""The command line: help, exit codes, errors of one line, the road from BigWigs to predictions."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from app.cli import cli, main
from tests.paths import ROOT
from tests.tiny import SETTINGS, make_project

COMMANDS = (
    "align", "coverage", "dataset", "demo", "init", "mutagenesis", "predict", "saliency", "serve",
    "train",
)  # fmt: skip


def run(*arguments, cwd=None):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "app", *map(str, arguments)],
        capture_output=True, text=True, cwd=cwd, env=environment, check=False,
    )  # fmt: skip


def test_every_command_is_listed_and_explains_itself():
    assert set(COMMANDS) == set(cli.commands)
    for name in COMMANDS:
        result = CliRunner().invoke(cli, [name, "--help"])
        assert result.exit_code == 0
        assert len(result.output.splitlines()) > 5


def test_every_command_is_in_the_readme():
    readme = (ROOT / "README.md").read_text()
    assert all(f"sighthound {name}" in readme for name in COMMANDS)


def test_a_users_error_is_one_line_and_code_1(tmp_path):
    result = run("serve", tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith("sighthound: ")
    assert result.stderr.count("\n") == 1
    assert "is no project" in result.stderr


def test_wrong_usage_is_code_2(tmp_path):
    assert run("predict").returncode == 2
    assert run("coverage", "--multi", "some", "a.bam", "b.bw").returncode == 2


def test_a_cancelled_command_is_code_130(monkeypatch):
    def cancel(**options):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "main", cancel)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 130


def test_the_road_from_experiments_to_predictions(tmp_path):
    """dataset, train and predict on a tiny project leave what the page reads."""
    folder = make_project(tmp_path / "tiny", model=False, predictions=False)
    training = "\n[training]\nfilters = 8\nepochs = 1\nbatch_size = 4\nwarmup_steps = 1\n"
    (folder / "sighthound.toml").write_text(SETTINGS + training)
    for command in ("dataset", "train", "predict"):
        result = run(command, folder)
        assert result.returncode == 0, result.stderr
        assert "next: sighthound" in result.stdout
    header, *rows = (folder / "model" / "held_out.tsv").read_text().splitlines()
    assert header == "track\tfold\tbin\tn_bins\tpearson\tpearson_log1p\tr2"
    assert len(rows) > 3
    assert {path.name for path in (folder / "predictions").iterdir()} == {
        "atac.bw", "cage.plus.bw", "cage.minus.bw", "manifest.json",
    }  # fmt: skip
