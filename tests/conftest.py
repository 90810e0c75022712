"""What tests of several packages share: the demo and the yeast project, prepared once as by a user.

SIGHTHOUND_DEMO_PROJECT and SIGHTHOUND_YEAST_PROJECT name folders that are prepared already.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT, SHARED_DATA

YEAST_FILES = SHARED_DATA / "yeast"


@pytest.fixture(scope="session")
def demo_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `sighthound demo --prepare-only` makes."""
    if given := os.environ.get("SIGHTHOUND_DEMO_PROJECT"):
        return Path(given)
    return _prepared(tmp_path_factory.mktemp("demo") / "demo")


@pytest.fixture(scope="session")
def yeast_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `sighthound demo --dataset yeast --prepare-only` makes."""
    if given := os.environ.get("SIGHTHOUND_YEAST_PROJECT"):
        return Path(given)
    if not os.environ.get("CI") and not YEAST_FILES.is_dir():
        pytest.skip("no shared data")
    directory = tmp_path_factory.mktemp("yeast") / "yeast"
    return _prepared(directory, "--dataset", "yeast", "--mirror", str(YEAST_FILES))


def _prepared(directory: Path, *options: str) -> Path:
    command = [sys.executable, "-m", "app", "demo", *options, "--prepare-only", str(directory)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return directory
