"""Manifests: what is written is read, and what nobody writes is refused in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.project.manifest import (
    PredictedFile,
    PredictionIdentity,
    PredictionsManifest,
    RunProgress,
    SaliencyManifest,
    manifest_file,
    progress_file,
    read_predictions,
    read_progress,
    read_saliency,
)

IDENTITY = PredictionIdentity(
    "m1", "g1", "b1", "0.1", 32, Ensemble(True, (0, -3)), "bfloat16", {"vcf": "v", "copy": 1}
)
MANIFEST = PredictionsManifest(IDENTITY, {"atac": PredictedFile("ab" * 32, 77)}, ("cage.plus",))


def test_what_is_written_of_predictions_is_read(tmp_path: Path) -> None:
    MANIFEST.write(tmp_path)
    assert read_predictions(tmp_path) == MANIFEST
    said = json.loads(manifest_file(tmp_path).read_text())
    assert (said["tracks"], said["complete"]) == (["atac", "cage.plus"], False)


def test_an_identity_equals_what_is_read_of_it() -> None:
    assert json.loads(json.dumps(IDENTITY.to_json())) == IDENTITY.to_json()


def test_what_is_written_of_a_run_and_of_saliency_is_read(tmp_path: Path) -> None:
    progress = RunProgress("network", 5, 10, "bases", 2.5, 2.0, 1e9)
    progress.write(tmp_path)
    assert read_progress(tmp_path) == progress
    saliency = SaliencyManifest({"model": "m1", "top": 10}, ("atac",), True)
    saliency.write(tmp_path)
    assert read_saliency(tmp_path) == saliency


@pytest.mark.parametrize("text", [None, "", "{", "{}", "[]", "3"])
def test_a_manifest_that_says_nothing_is_none(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        for file in (manifest_file(tmp_path), progress_file(tmp_path)):
            file.write_text(text)
    assert read_predictions(tmp_path) is None
    assert read_saliency(tmp_path) is None
    assert read_progress(tmp_path) is None


def test_a_manifest_of_an_older_run_averages_nothing_that_it_does_not_say(tmp_path: Path) -> None:
    manifest_file(tmp_path).write_text(json.dumps({"model": "m1"}))
    known = read_predictions(tmp_path)
    assert known == PredictionsManifest(PredictionIdentity("m1"))
    assert (known.ensemble, known.precision) == (Ensemble(), "float32")


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("model", 3),
        ("bin", "32"),
        ("bin", True),
        ("ensemble", [0]),
        ("ensemble", {"shifts": "0"}),
        ("files", ["atac"]),
        ("files", {"atac": None}),
        ("files", {"atac": {"bytes": "many"}}),
        ("pending", "atac"),
        ("pending", [1]),
        ("individual", "NA12878"),
    ],
)
def test_an_entry_of_another_kind_is_named(tmp_path: Path, entry: str, value: object) -> None:
    manifest_file(tmp_path).write_text(json.dumps({"genome": "g1", entry: value}))
    with pytest.raises(SighthoundError, match=r"^\S+manifest\.json: \w+ is .*; delete the file"):
        read_predictions(tmp_path)


def test_progress_of_another_kind_is_named(tmp_path: Path) -> None:
    progress_file(tmp_path).write_text(json.dumps({"done": "half"}))
    with pytest.raises(SighthoundError, match=r"progress\.json: done is half"):
        read_progress(tmp_path)


def test_what_files_are_of_else_is_said_in_words() -> None:
    now = PredictionIdentity("m2", "g1", "b1", "0.1", 32, Ensemble(), "bfloat16", None)
    assert IDENTITY.differences(now) == [
        "model (m1, now m2)",
        'choice of strands and shifts ({"reverse_complement": true, "shifts": [0, -3]}, now '
        '{"reverse_complement": false, "shifts": [0]})',
        'individual ({"vcf": "v", "copy": 1}, now unknown)',
    ]


def test_files_whose_manifest_knows_no_bases_are_not_of_another_sequence() -> None:
    assert PredictionIdentity("m").differences(PredictionIdentity("m", bases="b")) == []
