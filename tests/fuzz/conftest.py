"""The tiny project, served without a worker: what a route refuses, it refuses before that."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings

from sighthound.app.server.application import create_app
from sighthound.core.project.settings import load_project
from tests.app.conftest import project_folder  # noqa: F401  the fixture

# Requests of each kind: a few in the suite, thousands in `make fuzz`.
REQUESTS = int(os.environ.get("SIGHTHOUND_FUZZ", "250"))
# The suite asks the same each time; `make fuzz` asks anew, and prints what it fails on.
AGAIN = settings(
    max_examples=REQUESTS,
    deadline=None,
    derandomize="SIGHTHOUND_FUZZ" not in os.environ,
    database=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


@pytest.fixture(scope="session")
def served(project_folder: Path) -> Iterator[Flask]:  # noqa: F811
    """The application, which takes files of up to 1 MB."""
    settings_file = project_folder / "sighthound.toml"
    app = create_app(load_project(settings_file), scheduler_address=None)
    yield app
    app.extensions["sighthound"].close()
