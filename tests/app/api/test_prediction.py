"""Predictions on the spot through the real inference worker."""

from __future__ import annotations

import dataclasses
import json
import struct
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from sighthound import core
from sighthound.app import project_state
from sighthound.app.inference import client as explain
from sighthound.app.project_state import Catalogue
from sighthound.app.server.application import create_app
from sighthound.core.bigwig.files import read_bins
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.project.settings import PredictionsSettings, Project, load_project
from sighthound.precompute.genome_wide.run import predict_genome
from tests.app.conftest import BIN, LENGTHS
from tests.app.inference.test_client import Blocked
from tests.tiny import make_project

URL = "/api/v1/prediction"


def predict(client: FlaskClient, **query: Any) -> tuple[dict[str, Any], dict[tuple, np.ndarray]]:
    """Ask until the answer is there; give its header, and series by track and stat."""
    deadline = time.monotonic() + 600
    while (response := client.get(URL, query_string=query)).status_code == 202:
        assert response.get_json()["state"] in ("queued", "running")
        assert time.monotonic() < deadline
    assert response.status_code == 200, response.data
    (n,) = struct.unpack_from("<I", response.data)
    header = json.loads(response.data[4 : 4 + n])
    floats = np.frombuffer(response.data, "<f4", offset=4 + n)
    bins = header["bins"]
    assert {s["kind"] for s in header["series"]} == {"prediction"}
    return header, {
        (s["track"], s["stat"]): floats[s["offset"] : s["offset"] + bins] for s in header["series"]
    }


@pytest.fixture(scope="module")
def predicted(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The genome-wide predictions of the project's model, as files."""
    folder = tmp_path_factory.mktemp("predicted")
    elsewhere = PredictionsSettings(directory=folder)
    predict_genome(dataclasses.replace(project, predictions=elsewhere))
    return folder


# Across three stretches of the grid, and at the end of a chromosome that is no whole bin.
@pytest.mark.parametrize(
    ("chrom", "start", "end"), [("chrI", 5_000, 21_000), ("chrII", 9_000, LENGTHS["chrII"])]
)
def test_a_window_is_predicted_as_the_files_have_it(
    explaining: FlaskClient, predicted: Path, chrom: str, start: int, end: int
) -> None:
    header, series = predict(
        explaining, chrom=chrom, start=start, end=end, pixels=2_000, tracks="counts,ramp"
    )
    assert (header["bin_bp"], header["live"]) == (BIN, True)
    assert header["ensemble"] == "forward strand only"
    for track in ("counts", "ramp"):
        stored = read_bins(
            predicted / f"{track}.bw", chrom, header["start"], header["end"], header["bins"]
        )
        # Files keep ten bits of the mantissa.
        np.testing.assert_allclose(series[track, "mean"], stored, rtol=2**-10)


def test_the_ensemble_of_the_files_is_averaged_on_the_spot_too(
    explaining: FlaskClient, project: Project
) -> None:
    manifest = project.predictions.directory / "manifest.json"
    both = {"ensemble": {"reverse_complement": True, "shifts": [0, 3]}}
    manifest.write_text(json.dumps(both))
    try:
        header, series = predict(
            explaining, chrom="chrI", start=9_000, end=10_000, pixels=500, tracks="imagined"
        )
    finally:
        manifest.unlink()
    assert header["ensemble"] == "mean of both strands, mean of 2 shifts"
    model = core.load_model(project.model.directory)
    window = core.Interval("chrI", header["start"] - 150 * BIN, header["end"] + 150 * BIN)
    whole = model.predict(project.open_genome().one_hot(window)[None], Ensemble(True, (0, 3)))[
        0, :, model.track_index("imagined")
    ]
    first = 150 - model.crop
    np.testing.assert_allclose(
        series["imagined", "mean"], whole[first : first + header["bins"]], rtol=1e-4
    )


def test_zoomed_out_the_mean_and_the_largest_bin_are_given(explaining: FlaskClient) -> None:
    where = {"chrom": "chrI", "start": 0, "end": 16_384, "tracks": "ramp"}
    _, native = predict(explaining, pixels=2_000, **where)
    header, pooled = predict(explaining, pixels=64, **where)
    assert header["bin_bp"] == 4 * BIN
    groups = native["ramp", "mean"].reshape(-1, 4)
    np.testing.assert_allclose(pooled["ramp", "mean"], groups.mean(axis=1), rtol=1e-6)
    np.testing.assert_array_equal(pooled["ramp", "max"], groups.max(axis=1))


def test_the_local_r_is_that_with_the_experiment(explaining: FlaskClient) -> None:
    header, series = predict(
        explaining, chrom="chrI", start=640, end=6_400, pixels=1_000, tracks="ramp,imagined"
    )
    ramp = np.arange(10, 100)
    expected = np.corrcoef(np.log1p(ramp), np.log1p(series["ramp", "mean"]))[0, 1]
    assert header["pearson"] == {"ramp": pytest.approx(expected, abs=1e-3), "imagined": None}


def test_while_the_worker_is_busy_the_page_is_told_and_can_give_up(
    explaining: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    inference = explaining.application.extensions["sighthound"]
    url = f"{URL}?chrom=chrI&start=24000&end=40000&pixels=900&tracks=imagined,ramp"
    with Blocked(explaining):
        monkeypatch.setattr(explain, "PATIENCE_S", 0.01)
        waiting = explaining.get(url)
        assert (waiting.status_code, waiting.get_json()["state"]) == (202, "queued")
        assert waiting.headers["Cache-Control"] == "no-store"
        assert len(inference._jobs) == 1, "one stretch at a time"
        assert explaining.delete(url).get_json() == {"cancelled": True}
        assert not inference._jobs


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ({"tracks": "nothing"}, 400, "unknown track 'nothing'"),
        ({"chrom": "chrIX"}, 400, "unknown chromosome"),
        ({"end": LENGTHS["chrI"] + 1}, 400, "end is"),
    ],
)
def test_what_cannot_be_predicted_is_refused_in_one_line(
    explaining: FlaskClient, query: dict[str, Any], status: int, says: str
) -> None:
    asked = {"chrom": "chrI", "start": 0, "end": 640, "pixels": 100, "tracks": "ramp"} | query
    response = explaining.get(URL, query_string=asked)
    assert response.status_code == status
    assert says in response.get_json()["error"]


def test_a_window_wider_than_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project_state, "LIVE_BP", 10_000)
    folder = make_project(tmp_path / "tiny", predictions=False)
    web = create_app(load_project(folder), scheduler_address=None).test_client()
    assert web.get("/api/v1/project").get_json()["live"]["max_bp"] == 10_000
    response = web.get(f"{URL}?chrom=chrI&start=0&end=10001&pixels=900&tracks=atac")
    assert response.status_code == 400
    assert "chrI:1-10,001 is too wide" in response.get_json()["error"]


def test_the_summary_says_which_tracks_are_predicted_on_the_spot(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "tiny", predictions=False)

    def live() -> dict[str, Any]:
        tracks = Catalogue(load_project(folder)).summary().tracks
        assert all(track.has_prediction for track in tracks)
        return {track.id: track.live for track in tracks}

    assert set(live().values()) == {True}
    predict_genome(load_project(folder))
    assert set(live().values()) == {False}


def test_without_a_model_nothing_is_live(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "tiny", model=False, predictions=False)
    summary = Catalogue(load_project(folder)).summary()
    assert summary.live is None
    assert not any(track.has_prediction or track.live for track in summary.tracks)
