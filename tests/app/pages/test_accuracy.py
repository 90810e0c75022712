"""The accuracy page: the figures of an evaluation, or what to do where there is none."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dash import dcc

from sighthound.app.evaluation.panels import panels
from sighthound.app.evaluation.report import track_rows
from sighthound.app.pages import accuracy
from sighthound.app.project_state import Catalogue
from sighthound.app.server.application import create_app
from sighthound.core.project.model_card import CardLine, ModelCard, write_card
from sighthound.core.project.settings import load_project
from sighthound.core.project.truth import Truth, predicted_column, truth_file
from sighthound.core.tracks.track import write_tracks
from tests.app.evaluation.conftest import evaluation as evaluation
from tests.tiny import make_project


@pytest.fixture
def folder(tmp_path: Path, evaluation: Any) -> Path:
    root = make_project(tmp_path / "lab", predictions=False)
    write_tracks(root / "tracks.tsv", evaluation.tracks.values())
    shutil.copytree(evaluation.folder, root / "evaluation")
    return root


def parts(component: Any) -> list[Any]:
    """A component and all within it."""
    if isinstance(component, list | tuple):
        return [part for one in component for part in parts(one)]
    if not hasattr(component, "to_plotly_json"):
        return [component]
    return [component, *parts(getattr(component, "children", None) or [])]


def text(component: Any) -> str:
    return " ".join(str(part) for part in parts(component) if isinstance(part, str))


def test_the_page_shows_the_figures_of_the_evaluation(folder, evaluation):
    shown = parts(accuracy.contents(Catalogue(load_project(folder))))
    graphs = {part.id: part.figure for part in shown if isinstance(part, dcc.Graph)}
    drawn = {f"figure-{panel.id}": panel.figure for panel in panels(evaluation) if panel.figure}
    assert {id: figure.to_json() for id, figure in graphs.items()} == {
        id: figure.to_json() for id, figure in drawn.items()
    }
    said = text(shown)
    assert all(cell in said for row in track_rows(evaluation) for cell in row)


def test_it_warns_of_figures_of_another_model(folder):
    said = text(accuracy.contents(Catalogue(load_project(folder))))
    assert "These figures are of an earlier model" in said


def test_dark_figures_have_the_dark_ground(folder):
    shown = parts(accuracy.contents(Catalogue(load_project(folder)), "dark"))
    grounds = {p.figure.layout.paper_bgcolor for p in shown if isinstance(p, dcc.Graph)}
    assert grounds == {"#10161d"}


def test_without_an_evaluation_the_command_is_named(tmp_path):
    folder = make_project(tmp_path / "lab", predictions=False)
    assert "sighthound evaluate lab" in text(accuracy.contents(Catalogue(load_project(folder))))


def test_a_damaged_table_is_said_in_place(folder):
    (folder / "evaluation" / "tracks.tsv").write_text("nothing\n")
    said = text(accuracy.contents(Catalogue(load_project(folder))))
    assert "tracks.tsv is damaged" in said
    assert str(folder) not in said


def test_tables_are_given_as_files_and_nothing_else_is(folder):
    web = create_app(load_project(folder), scheduler_address=None).test_client()
    answer = web.get("/accuracy/tracks.tsv")
    assert answer.data == (folder / "evaluation" / "tracks.tsv").read_bytes()
    assert answer.headers["Content-Disposition"] == "attachment; filename=tracks.tsv"
    answer.close()
    assert web.get("/accuracy/evaluation.json").status_code == 404
    assert web.get("/accuracy/report.html").status_code == 404
    assert web.get("/accuracy/..%2Fsighthound.toml").status_code == 404


def test_the_models_card_is_shown_with_units_and_what_numbers_are_over(folder):
    lines = (
        CardLine("levels", "CAGE: level", 0.78, "mean predicted / mean measured", "2 tracks"),
        CardLine("members", "effects that are known", 0.58, "share of changes", "9 tracks"),
        CardLine("folds", "test", 948_066, "bases", "7.8% of the genome"),
    )
    doubt = "Levels of CAGE are 22% low (median of 2 tracks, test fold)."
    catalogue = Catalogue(load_project(folder))
    hash = str(catalogue.model_hash())
    for model, warning in ((hash, False), ("other", True)):
        write_card(folder / "model", ModelCard(model, "g", "1", True, lines, (doubt,)))
        shown = accuracy.contents(catalogue)
        said = text(shown)
        assert doubt in said
        assert "0.780 mean predicted / mean measured 2 tracks" in said
        assert "58% of changes 9 tracks" in said
        assert "948,066 bases 7.8% of the genome" in said
        assert ("This card is of an earlier model." in said) is warning
    assert "model-card" in {getattr(part, "id", None) for part in parts(shown)}


def test_measured_effects_are_drawn_beside_the_evaluation(tmp_path):
    project = load_project(make_project(tmp_path / "lab", predictions=False))
    effect = np.arange(-15.0, 15.0)
    rows = pd.DataFrame(
        {
            "chrom": "chrI", "position": np.arange(30) * 1000, "ref": "A", "alt": "C",
            "effect": effect, "p": np.nan, "q": 0.01, "element": "", "experiment": "",
            "gene": "", predicted_column("atac"): np.float32(effect),
        }
    )  # fmt: skip
    model = Catalogue(project).model_hash()
    for of in (model, "another"):
        made = Truth("mpra", rows, "m.tsv", (), "lfc", "g", "1", of, ("atac",), "sum_log2_ratio")
        made.write(truth_file(project, "mpra"))
        shown = accuracy.contents(Catalogue(project))
        drawn = {part.id for part in parts(shown) if isinstance(part, dcc.Graph)}
        both = {"figure-truth-mpra", "figure-truth-mpra-points"}
        assert drawn == (both if of == model else set())
        assert "Measured effects: mpra" in text(shown)
