"""The tracks page as the server gives it, and the tracks as columns, which the page is made of."""

from __future__ import annotations

import dataclasses
import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from dash.development.base_component import Component
from flask.testing import FlaskClient

from sighthound.app.answers.project import Heading
from sighthound.app.pages import tracks
from sighthound.app.pages.page import ASSETS
from sighthound.app.server.application import create_app
from sighthound.core.project.settings import load_project
from tests.many_tracks import TRACKS, make_many_tracks


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_many_tracks(tmp_path_factory.mktemp("tracks") / "many")


@pytest.fixture(scope="module")
def lab(many: Path) -> Iterator[FlaskClient]:
    app = create_app(load_project(many), scheduler_address=None)
    yield app.test_client()
    app.extensions["sighthound"].close()


def ids(part: Component) -> set[str]:
    return {child.id for child in part._traverse() if getattr(child, "id", None)}


def status(web: FlaskClient, address: str) -> int:
    answer = web.get(address)
    answer.close()
    return answer.status_code


def scripts(web: FlaskClient, address: str) -> list[str]:
    return re.findall(r'<script src="([^"]+)"', web.get(address).text)


def test_the_frame_has_every_place_that_the_modules_look_for() -> None:
    main = (ASSETS / "tracks" / "main.js").read_text()
    places = re.search(r"const places = \{(.+?)\};", main)
    assert places is not None
    looked_for = {*re.findall(r'"([a-z-]+)": this', places[1]), "to-locus"}
    assert looked_for <= ids(tracks.frame(Heading("Tiny", "tiny", True, "none")))
    assert tracks.layout().to_plotly_json()["props"]["id"] == "tracks-grid"


def test_what_the_modules_make_is_styled_by_a_sheet_of_the_page() -> None:
    sheet, script = (bundle.content.decode() for bundle in tracks.BUNDLES)
    made = {name for words in re.findall(r'class: "([^"]+)"', script) for name in words.split()}
    rule = re.compile(r"^\.([\w-]+)", re.MULTILINE)
    styled = {name for file in ASSETS.rglob("*.css") for name in rule.findall(file.read_text())}
    assert made & styled <= set(rule.findall(sheet))


def test_the_table_is_only_for_the_page_that_shows_it(web: FlaskClient) -> None:
    first, table = scripts(web, "/"), scripts(web, "/tracks")
    assert not any("dash_ag_grid" in script for script in first)
    assert any("dash_ag_grid" in script for script in table)
    assert not any("dash/dcc/" in script for script in table)
    # The same address for both pages: a browser fetches a library once.
    shared = {script for script in first if "/deps/react-dom" in script}
    assert shared
    assert shared <= set(table)


def test_every_script_and_style_of_the_tracks_page_is_there(web: FlaskClient) -> None:
    page = web.get("/tracks?locus=chrI:1-100")
    links = [*scripts(web, "/tracks"), *re.findall(r'(?:href|src)="(/[^"]+)"', page.text)]
    assert {bundle.address for bundle in tracks.BUNDLES} <= set(links)
    for link in links:
        assert status(web, link) == 200, link


def test_the_pages_own_address_leaves_those_of_files_alone(web: FlaskClient) -> None:
    assert status(web, "/tracks/ramp/prediction.bw") == 200
    assert status(web, "/tracks/nothing/prediction.bw") == 404
    assert status(web, "/pages/tracks/_dash-layout") == 200
    assert status(web, "/pages/tracks/assets/genome/PROVENANCE.md") == 404


def test_no_column_holds_code_for_the_browser_to_evaluate(web: FlaskClient) -> None:
    written = web.get("/pages/tracks/_dash-layout").text
    assert "tracks-grid" in written
    for word in ("function", "dangerously_allow_code", "valueGetter", "valueFormatter"):
        assert word not in written


def test_tracks_as_columns_say_what_tracks_as_rows_say(web: FlaskClient) -> None:
    rows = web.get("/api/v1/project").get_json()
    columns = web.get("/api/v1/project?form=columns").get_json()
    tracks, given = rows.pop("tracks"), columns.pop("tracks")
    assert rows == columns
    scores = given.pop("held_out")
    held_out = [track.pop("held_out") for track in tracks]
    assert held_out[0]["pearson_log1p"] == 0.625
    assert held_out[1:] == [None, None]
    assert scores == {key: [value, None, None] for key, value in held_out[0].items()}
    assert tracks == [{key: given[key][index] for key in given} for index in range(3)]


def test_another_form_of_tracks_is_refused(web: FlaskClient) -> None:
    answer = web.get("/api/v1/project?form=tree")
    assert answer.status_code == 400
    assert "rows, columns" in answer.get_json()["error"]


def test_thousands_of_tracks_are_a_small_answer(lab: FlaskClient) -> None:
    answer = lab.get("/api/v1/project?form=columns", headers={"Accept-Encoding": "gzip"})
    assert len(answer.data) < 150_000
    given = json.loads(gzip.decompress(answer.data))["tracks"]
    assert {len(column) for key, column in given.items() if key != "held_out"} == {TRACKS}
    assert {len(column) for column in given["held_out"].values()} == {TRACKS}


def test_a_prediction_that_appears_is_told_at_once(many: Path, lab: FlaskClient) -> None:
    def predicted() -> dict[str, bool]:
        given = lab.get("/api/v1/project?form=columns").get_json()["tracks"]
        return dict(zip(given["id"], given["has_prediction"], strict=True))

    missing = next(track for track, there in predicted().items() if not there)
    file = many / "predictions" / f"{missing}.bw"
    file.symlink_to("atac.bw")
    assert predicted()[missing]
    file.unlink()
    assert not predicted()[missing]


def test_sets_of_the_project_are_for_everybody(many: Path, tmp_path: Path) -> None:
    project = load_project(many)
    table = tmp_path / "sets.tsv"
    table.write_text("set\ttrack\nfirst\tENC00000\nfirst\tENC00001\n")
    sets = dataclasses.replace(project.tracks, sets=table)
    app = create_app(dataclasses.replace(project, tracks=sets), scheduler_address=None)
    web = app.test_client()
    assert web.get("/api/v1/project").get_json()["track_sets"] == {
        "first": ["ENC00000", "ENC00001"]
    }
    table.write_text("set\ttrack\n")
    assert web.get("/api/v1/project").get_json()["track_sets"] == {}
    app.extensions["sighthound"].close()
