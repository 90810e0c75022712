"""The page learns from files how far `sighthound predict` is."""

import time

import pytest

from sighthound.app.server.application import create_app
from sighthound.core import load_project
from sighthound.core.project.manifest import (
    PredictedFile,
    PredictionIdentity,
    PredictionsManifest,
    RunProgress,
)
from tests.tiny import make_project


@pytest.fixture
def folder(tmp_path):
    return make_project(tmp_path / "tiny", predictions=False)


def asked(folder):
    app = create_app(load_project(folder), scheduler_address=None)
    return app.test_client().get("/api/v1/genome-run").json


def write(folder, pending, updated):
    predictions = folder / "predictions"
    predictions.mkdir()
    files = {"atac": PredictedFile("0" * 64, 10)}
    PredictionsManifest(PredictionIdentity("m"), files, tuple(pending)).write(predictions)
    RunProgress("network", 5, 10, "bases", updated=updated).write(predictions)


def test_without_predictions_there_is_no_run(folder):
    assert asked(folder) == {"state": "none", "progress": None, "written": 0, "pending": 0}


def test_a_run_is_told_while_it_writes_its_progress(folder):
    write(folder, ["cage.plus", "cage.minus"], time.time())
    found = asked(folder)
    assert found["state"] == "running"
    assert found["progress"] == {
        "phase": "network", "done": 5, "total": 10, "unit": "bases", "rate": None,
        "seconds_left": None,
    }  # fmt: skip
    assert (found["written"], found["pending"]) == (1, 2)


@pytest.mark.parametrize("ago", [3600, -3600], ids=["an hour ago", "before the clock was set back"])
def test_a_run_that_writes_no_more_has_stopped(folder, ago):
    write(folder, ["cage.plus"], time.time() - ago)
    assert asked(folder)["state"] == "stopped"


def test_progress_left_behind_by_a_complete_run_is_not_told(folder):
    write(folder, [], time.time())
    assert asked(folder) == {"state": "complete", "progress": None, "written": 1, "pending": 0}
