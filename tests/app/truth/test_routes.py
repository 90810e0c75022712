"""Measured effects of a window, and how predictions agree with them, as the page asks for them."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from sighthound.app.server.application import create_app
from sighthound.core import load_project
from sighthound.core.model.model import read_description
from sighthound.core.project.truth import Truth, predicted_column, truth_file
from sighthound.core.tracks.metrics import pearson
from tests.app.described import DescribedClient
from tests.tiny import TRACKS, make_project

WINDOW = "chrom=chrI&start=1000&end=4000"


def table(n=60):
    rng = np.random.default_rng(0)
    effect = rng.normal(size=n)
    return pd.DataFrame(
        {
            "chrom": "chrI", "position": np.arange(n) * 100, "ref": "A", "alt": "C",
            "effect": effect, "p": np.nan, "q": np.where(np.arange(n) % 2, 0.01, np.nan),
            "element": "", "experiment": "one", "gene": "ALPHA1",
            **{predicted_column(t): np.float32(effect + rng.normal(size=n)) for t in TRACKS},
        }
    )  # fmt: skip


@pytest.fixture
def project(tmp_path):
    return load_project(make_project(tmp_path / "lab", predictions=False))


@pytest.fixture
def truth(project):
    model = read_description(project.model.directory)["hash"]
    made = Truth(
        "mpra", table(), "mpra.tsv", ("all",), "logFC", "g", "1", model, TRACKS, "sum_log2_ratio"
    )
    made.write(truth_file(project, "mpra"))
    return made


@pytest.fixture
def web(project):
    app = create_app(project, scheduler_address=None)
    app.test_client_class = DescribedClient
    return app.test_client()


def test_a_window_has_its_measurements_with_predictions_of_the_tracks_asked_for(web, truth):
    (found,) = web.get(f"/api/v1/measured?{WINDOW}&tracks=atac").get_json()["tables"]
    assert (found["name"], found["total"], found["tracks"]) == ("mpra", 30, ["atac"])
    first, second = found["effects"][:2]
    assert (first["position"], first["ref"], first["alt"], first["q"]) == (1000, "A", "C", None)
    assert first["effect"] == pytest.approx(truth.rows["effect"][10], rel=1e-5)
    assert first["predicted"] == pytest.approx([truth.predicted[10, 0]], rel=1e-5)
    assert second["q"] == 0.01
    (told,) = web.get("/api/v1/project").get_json()["measured"]
    assert told == {"name": "mpra", "chromosomes": truth.rows["chrom"].unique().tolist()}


def test_agreement_is_of_the_window_and_of_all(web, truth):
    found = web.get(f"/api/v1/measured/agreement?{WINDOW}&table=mpra").get_json()
    here = {one["track"]: one for one in found["here"]}
    assert (here["atac"]["n"], here["atac"]["significant"]) == (30, 15)
    inside = slice(10, 40)
    expected = pearson(truth.predicted[inside, 0], truth.rows["effect"][inside]).item()
    assert here["atac"]["pearson"]["value"] == pytest.approx(expected, rel=1e-4)
    assert [one["n"] for one in found["everywhere"]] == [60, 60, 60]
    assert found["repeats"] == []
    assert "no ceiling is known" in found["summary"]
    missing = web.get(f"/api/v1/measured/agreement?{WINDOW}&table=other")
    assert missing.status_code == 400
    assert "no table of measured effects is called 'other'" in missing.get_json()["error"]


def test_predictions_of_another_model_are_not_shown(web, project, truth):
    dataclasses.replace(truth, model="old").write(truth_file(project, "mpra"))
    (found,) = web.get(f"/api/v1/measured?{WINDOW}&tracks=atac").get_json()["tables"]
    assert (found["total"], found["tracks"], found["score"]) == (30, [], "")
    found = web.get(f"/api/v1/measured/agreement?{WINDOW}&table=mpra").get_json()
    assert (found["here"], found["everywhere"]) == ([], [])


def test_of_too_many_measurements_the_largest_are_given(web, project, truth, monkeypatch):
    monkeypatch.setattr("sighthound.app.truth.tables.MOST", 5)
    (found,) = web.get(f"/api/v1/measured?{WINDOW}").get_json()["tables"]
    sizes = truth.rows["effect"][10:40].abs().nlargest(5)
    assert found["total"] == 30
    assert [one["position"] for one in found["effects"]] == sorted(100 * sizes.index)
