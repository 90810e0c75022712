"""Lists of places worth a look: what commands left in files, as the page shows it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from flask.testing import FlaskClient

from sighthound.app.server.application import create_app
from sighthound.core.project.contrast_lists import COLUMNS, ContrastList
from sighthound.core.project.settings import load_project

ROWS = [
    # track, chrom, start, end (from 1), fold, log2 ratio; in the order of the overall rank
    ("ramp", "chrI", 1001, 2000, "train", -4.0),
    ("counts", "chrI", 1501, 2500, "train", -3.0),
    ("counts", "chrI", 1501, 2500, "train", 2.5),
    ("ramp", "chrII", 101, 300, "test", 2.0),
    ("gone", "chrII", 101, 300, "test", 2.0),
]


@pytest.fixture
def folder(tmp_path: Path, project_folder: Path) -> Path:
    return Path(shutil.copytree(project_folder, tmp_path / "places"))


@pytest.fixture
def web(folder: Path) -> FlaskClient:
    return create_app(load_project(folder), scheduler_address=None).test_client()


def answer(web: FlaskClient, path: str) -> dict[str, Any]:
    response = web.get(f"/api/v1/{path}")
    assert response.status_code == 200, response.get_json()
    return response.get_json()


def write(file: Path, table: pd.DataFrame, about: dict[str, Any]) -> None:
    file.parent.mkdir(exist_ok=True)
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    pq.write_table(arrow.replace_schema_metadata({b"sighthound": json.dumps(about)}), file)


def write_disagreements(folder: Path, model: str | None) -> None:
    table = pd.DataFrame(ROWS, columns=["track", "chrom", "start", "end", "fold", "log2_ratio"])
    table["experiment"], table["prediction"] = 8.0, 2.0
    table["deviation"] = table["log2_ratio"] * 2
    table["overall"] = np.arange(1, len(table) + 1)
    write(folder / "predictions" / "disagreements.parquet", table, {"model": model})


def test_disagreements_are_listed_strongest_first_and_tracks_joined(
    folder: Path, web: FlaskClient
) -> None:
    write_disagreements(folder, None)
    found = answer(web, "disagreements")
    assert [(p["track"], p["start"], p["end"], p["also"]) for p in found["places"]] == [
        ("ramp", 1000, 2000, ["counts"]),
        ("counts", 1500, 2500, []),
        ("ramp", 100, 300, []),
    ]
    assert [(p["rank"], p["label"]) for p in found["places"]][1:] == [
        (2, "chrI:1,501-2,500"),
        (3, "chrII:101-300"),
    ]
    assert found["folds"] == ["test", "train"]
    assert "note" not in found


def test_disagreements_are_filtered_by_track_and_fold(folder: Path, web: FlaskClient) -> None:
    write_disagreements(folder, None)
    (only,) = answer(web, "disagreements?folds=test,valid")["places"]
    assert (only["chrom"], only["fold"]) == ("chrII", "test")
    assert len(answer(web, "disagreements?tracks=counts")["places"]) == 2
    assert len(answer(web, "disagreements?limit=1")["places"]) == 1
    assert web.get("/api/v1/disagreements?tracks=gone").status_code == 400


def test_a_list_that_is_missing_or_old_says_what_to_do(folder: Path, web: FlaskClient) -> None:
    assert "run 'sighthound disagreements'" in answer(web, "disagreements")["note"]
    write_disagreements(folder, "another model")
    assert "of an earlier model" in answer(web, "disagreements")["note"]


def test_the_places_of_a_list_follow_each_other_by_rank_and_around(
    folder: Path, web: FlaskClient
) -> None:
    write_disagreements(folder, None)
    places = answer(web, "disagreements")["places"]

    def step(query: str) -> dict[str, Any]:
        return answer(web, f"next?kind=disagreement&{query}")["place"]

    assert step("direction=next") == places[0]
    assert step("direction=next&rank=1") == places[1]
    assert step("direction=next&rank=3") == places[0]
    assert step("direction=previous&rank=1") == places[2]
    assert step("direction=previous") == places[2]
    assert step("direction=next&rank=9") == places[0], "another list is begun at its head"
    assert step("direction=next&rank=1&folds=test")["fold"] == "test"
    assert step("direction=next&rank=1&tracks=counts")["track"] == "counts"
    response = web.get("/api/v1/next?kind=disagreement&direction=next&rank=0")
    assert (response.status_code, "expected 1 to 500" in response.get_json()["error"]) == (
        400,
        True,
    )


def test_where_no_place_is_listed_a_step_says_why(folder: Path, web: FlaskClient) -> None:
    missing = answer(web, "next?kind=disagreement&direction=next")
    assert missing["place"] is None
    assert "run 'sighthound disagreements'" in missing["note"]
    write_disagreements(folder, None)
    none = answer(web, "next?kind=disagreement&direction=next&folds=valid")
    assert none == {"place": None, "note": "no place differs twofold in these tracks and folds"}


def scores(effects: dict[str, tuple[float, float]]) -> pd.DataFrame:
    """A table as `sighthound variants` writes it, of effects on `ramp` and `counts`."""
    rows = []
    for variant, (ramp, counts) in effects.items():
        chrom, position, ref, alt = variant.split(":")
        about = {
            "variant": variant,
            "chrom": chrom,
            "position": int(position),
            "id": f"rs{position}",
        }
        for score, value, scale in (
            ("sad", "score", 1),
            ("log2_ratio", "score", 99),
            ("sad", "reference", 99),
        ):
            row = {"ref": ref, "alt": alt, "score": score, "value": value}
            rows.append({**about, **row, "ramp": ramp * scale, "counts": counts * scale})
    return pd.DataFrame(rows)


def test_top_variants_are_ranked_in_units_of_each_track(folder: Path, web: FlaskClient) -> None:
    effects = {f"chrI:{n}:A:C": (0.01, 1.0) for n in range(1, 99)}
    effects |= {"chrI:500:AC:A": (-0.4, 1.0), "chrII:7:G:T": (0.01, 20.0)}
    write(folder / "variants" / "scores.parquet", scores(effects), {"version": "test"})
    (folder / "other.parquet").write_bytes(b"no table")
    found = answer(web, "top-variants?tracks=ramp,counts&limit=3")
    assert found["tables"] == ["variants/scores.parquet"]
    first, second, _ = found["places"]
    assert {first["variant"], second["variant"]} == {"chrI:500:AC:A", "chrII:7:G:T"}
    deletion = next(p for p in found["places"] if p["variant"] == "chrI:500:AC:A")
    assert (deletion["track"], deletion["value"], deletion["score"]) == ("ramp", -0.4, "sad")
    assert (deletion["start"], deletion["end"], deletion["id"]) == (499, 501, "rs500")
    (one,) = answer(web, "top-variants?tracks=counts&limit=1")["places"]
    assert (one["rank"], one["label"]) == (1, "rs7")
    assert one["variant"] == "chrII:7:G:T"
    step = answer(web, "next?kind=variant&direction=next&rank=1&tracks=ramp,counts")["place"]
    assert step == second


def test_top_variants_say_whether_the_networks_agree_on_them(
    folder: Path, web: FlaskClient
) -> None:
    table = scores({"chrI:500:AC:A": (-0.4, 1.0), "chrII:7:G:T": (0.01, 20.0)})
    known = table[table["value"] == "score"].assign(value="known", ramp=1.0, counts=0.0)
    file = folder / "variants" / "scores.parquet"
    write(file, table, {"version": "test"})
    found = answer(web, "top-variants?tracks=ramp,counts")["places"]
    assert {place["known"] for place in found} == {None}
    write(file, pd.concat([table, known]), {"version": "test"})
    found = answer(web, "top-variants?tracks=ramp,counts")["places"]
    assert {place["track"]: place["known"] for place in found} == {"ramp": True, "counts": False}


def test_without_scored_variants_it_is_said_how_to_make_them(web: FlaskClient) -> None:
    assert "run 'sighthound variants'" in answer(web, "top-variants?tracks=ramp")["note"]
    assert web.get("/api/v1/top-variants").status_code == 400


def write_contrasts(folder: Path, model: str) -> None:
    rows = [
        (1, "TFC3", "chrI", 1001, 1256, "+", "test", "ramp", "counts", 7, 0, 3.0, 3, 0, 2.0,
         "GCN4", "MA0303.1", 0.01, "effects", 1101, 1109, "-", 0.5),
        (2, "VPS8", "chrI", 5001, 5256, "+", "train", "ramp", "counts", 0, 3, -2.0, 0, 1, -1.0,
         "", "", np.nan, "", 0, 0, "", np.nan),
    ]  # fmt: skip
    found = ContrastList(pd.DataFrame(rows, columns=COLUMNS), "ramp", "counts", model, "starts")
    found.write(folder / "predictions" / "contrasts" / "ramp_over_counts.parquet")


def test_contrasts_are_listed_with_the_motif_that_explains_each(
    folder: Path, web: FlaskClient
) -> None:
    assert "run 'sighthound contrasts'" in answer(web, "contrasts")["note"]
    write_contrasts(folder, "another")
    found = answer(web, "contrasts")
    assert (found["contrast"], found["contrasts"]) == ("ramp/counts", ["ramp/counts"])
    assert "of an earlier model" in found["note"]
    first, second = found["places"]
    assert (first["label"], first["start"], first["end"]) == ("TFC3", 1000, 1256)
    assert (first["measured"], first["predicted"], first["effect"]) == (3, 2, 0.5)
    assert (first["motif"], first["motif_start"], first["q_value"]) == ("GCN4", 1100, 0.01)
    assert (second["motif"], second["q_value"], second["effect"]) == ("", None, None)
    assert [p["rank"] for p in answer(web, "contrasts?folds=train")["places"]] == [1]
    step = answer(web, "next?kind=contrast&direction=next&rank=1&contrast=ramp/counts")
    assert step["place"]["label"] == "VPS8"
    assert web.get("/api/v1/contrasts?contrast=counts/ramp").status_code == 400
