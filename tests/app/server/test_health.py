"""Readiness looks at the project's files, the model's and the disk."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from sighthound.app.server import health
from sighthound.app.server.application import create_app
from sighthound.core.model.model import WEIGHTS
from sighthound.core.project.settings import load_project
from tests.tiny import make_project


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("health") / "lab", predictions=False)


def test_a_model_without_weights_is_said_until_they_are_there(folder: Path) -> None:
    client = create_app(load_project(folder), scheduler_address=None).test_client()
    assert client.get("/readyz").status_code == 200
    weights = folder / "model" / WEIGHTS
    weights.rename(folder / "elsewhere")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    said = answer.get_json()
    assert said["project"]["message"] == f"the model has no {WEIGHTS}; copy model again"
    assert client.get("/healthz").status_code == 200
    (folder / "elsewhere").rename(weights)
    assert client.get("/readyz").get_json()["ready"]


def test_a_full_disk_is_said_until_there_is_room(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage(5 << 20))
    said = health.free_space(folder / "not" / "there")
    assert said.phase == "failed"
    assert "only 5 MB left: answers are not kept" in said.message
    monkeypatch.undo()
    assert health.free_space(folder).phase == "ready"
