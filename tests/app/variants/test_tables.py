"""Rows of tables of scored variants: what is asked for, in order, and what stands beside it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from flask.testing import FlaskClient

from sighthound.app.server.application import create_app
from sighthound.core.project.settings import load_project
from tests.app.described import DescribedClient

TRACKS = ("ramp", "counts")
# Place on chrI from 1, REF, ALT, id, then SAD and log2 ratio of both tracks, known, percentile.
ALLELES: list[tuple[Any, ...]] = [
    (901, "A", "C", "rs1", (5.0, -1.0), (0.5, -0.1), 1, 99.2),
    (901, "A", "G", "", (0.5, -1.0), (0.1, -0.2), 0, 40.0),
    (5001, "G", "T", "", (-8.0, 2.0), (-0.4, 0.9), 0, 99.9),
    (9001, "C", "T", "rs2", (1.0, 1.0), (0.3, 0.2), 1, 10.0),
]


@pytest.fixture
def web(tmp_path: Path, project_folder: Path) -> FlaskClient:
    root = Path(shutil.copytree(project_folder, tmp_path / "lab"))
    rows = []
    for n, (position, ref, alt, name, sad, log2, known, percentile) in enumerate(ALLELES, 1):
        key = (n, 1, f"chrI:{position}:{ref}:{alt}", "chrI", position, name, ref, alt, False)
        rows += [
            (*key, "sad", "score", *sad), (*key, "sad", "known", known, known),
            (*key, "sad", "percentile", percentile, percentile),
            (*key, "log2_ratio", "score", *log2), (*key, "log2_ratio", "known", known, known),
        ]  # fmt: skip
    columns = [
        "record", "allele", "variant", "chrom", "position", "id", "ref", "alt", "flipped",
        "score", "value", *TRACKS,
    ]  # fmt: skip
    table = pa.Table.from_pandas(pd.DataFrame(rows, columns=columns), preserve_index=False)
    (root / "variants").mkdir()
    about = json.dumps({"model": "another", "members": ["a", "b"]})
    pq.write_table(
        table.replace_schema_metadata({b"sighthound": about}), root / "variants" / "calls.parquet"
    )
    app = create_app(load_project(root), scheduler_address=None)
    app.test_client_class = DescribedClient
    return app.test_client()


@pytest.fixture
def address(web: FlaskClient) -> str:
    (table,) = web.get("/api/v1/variant-tables").get_json()["tables"]
    assert table["name"] == "variants/calls.parquet"
    return f"/api/v1/variant-tables/{table['id']}"


def positions(web: FlaskClient, address: str, query: str) -> list[list[tuple[int, str]]]:
    found = web.get(f"{address}/rows?{query}").get_json()
    return [[(a["position"], a["alt"]) for a in site] for site in found["rows"]]


def test_a_table_is_described_with_the_model_that_it_is_of(web: FlaskClient, address: str) -> None:
    said = web.get(address).get_json()
    assert (said["alleles"], said["tracks"], said["members"]) == (4, [*TRACKS], 2)
    assert [score["name"] for score in said["scores"]] == ["sad", "log2_ratio"]
    assert said["percentiles_of"] == ["sad"]
    assert not said["is_present"]


def test_sites_come_by_their_largest_effect_with_all_their_alleles(
    web: FlaskClient, address: str
) -> None:
    assert positions(web, address, "score=sad&track=ramp") == [
        [(5000, "T")], [(900, "C"), (900, "G")], [(9000, "T")],
    ]  # fmt: skip
    assert positions(web, address, "score=sad&track=ramp&order=place&first=1&limit=1") == [
        [(5000, "T")]
    ]


@pytest.mark.parametrize(
    ("query", "passing"),
    [
        ("least=4", {901: "C", 5001: "T"}),
        ("known=1", {901: "C", 9001: "T"}),
        ("percentile=99", {901: "C", 5001: "T"}),
        ("sign=lowers", {5001: "T"}),
        ("words=rs2", {9001: "T"}),
        ("words=5,001", {5001: "T"}),
        ("gene=TFC3", {901: "CG", 5001: "T", 9001: "T"}),
    ],
)
def test_rows_are_those_that_are_asked_for(
    web: FlaskClient, address: str, query: str, passing: dict[int, str]
) -> None:
    found = web.get(f"{address}/rows?score=sad&track=ramp&{query}").get_json()
    kept: dict[int, str] = {}
    for site in found["rows"]:
        for allele in site:
            if allele["passes"]:
                kept[allele["position"] + 1] = kept.get(allele["position"] + 1, "") + allele["alt"]
    assert kept == passing
    assert found["passing"] == sum(map(len, passing.values()))
    assert found["total"] == 4


def test_another_allele_of_a_site_that_is_asked_for_stands_beside_it(
    web: FlaskClient, address: str
) -> None:
    found = web.get(f"{address}/rows?score=sad&track=ramp&least=4&sign=raises").get_json()
    assert [(a["alt"], a["passes"]) for a in found["rows"][0]] == [("C", True), ("G", False)]


def test_without_a_track_each_allele_is_given_on_that_of_its_largest_log2_ratio(
    web: FlaskClient, address: str
) -> None:
    found = web.get(f"{address}/rows?score=log2_ratio").get_json()
    first = found["rows"][0][0]
    assert (first["track"], first["score"], first["percentile"]) == ("counts", 0.9, 99.9)
    refused = web.get(f"{address}/rows?score=sad")
    assert refused.status_code == 400
    assert "each track's own unit" in refused.get_json()["error"]


def test_the_nearest_start_is_told_with_its_distance_along_the_gene(
    web: FlaskClient, address: str
) -> None:
    site = web.get(f"{address}/rows?score=sad&track=ramp&words=901").get_json()["rows"][0]
    assert (site[0]["gene_name"], site[0]["distance"]) == ("TFC3", -100)


def test_what_is_asked_for_can_be_taken_away(web: FlaskClient, address: str) -> None:
    query = "score=sad&track=ramp&least=4"
    tsv = web.get(f"{address}/file?form=tsv&{query}").get_data(as_text=True).splitlines()
    assert len(tsv) == 3
    cells = dict(zip(tsv[0].split("\t"), tsv[1].split("\t"), strict=True))
    assert (cells["variant"], cells["sad"], cells["known"]) == ("chrI:901:A:C", "5", "1")
    vcf = web.get(f"{address}/file?form=vcf&{query}").get_data(as_text=True).splitlines()
    records = [line.split("\t") for line in vcf if not line.startswith("#")]
    assert [record[:5] for record in records] == [
        ["chrI", "901", "rs1", "A", "C"], ["chrI", "5001", ".", "G", "T"],
    ]  # fmt: skip
    assert "SAD=-8;" in records[1][7]
    assert "KNOWN=0" in records[1][7]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("score=d9&track=ramp", "unknown score 'd9'"),
        ("score=sad&track=none", "no track 'none'"),
        ("score=sad&track=ramp&gene=NONE", "no gene is called 'NONE'"),
        ("score=sad&track=ramp&least=-1", "expected a number from 0 on"),
        ("score=sad&track=ramp&order=random", "unknown order"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_line(
    web: FlaskClient, address: str, query: str, said: str
) -> None:
    answer = web.get(f"{address}/rows?{query}")
    assert answer.status_code == 400
    assert said in answer.get_json()["error"]


def test_a_table_that_is_not_there_is_404(web: FlaskClient) -> None:
    for path in ("table-0", "table-0/rows?score=sad", "run-0/run", "../x/file?form=tsv&score=sad"):
        assert web.get(f"/api/v1/variant-tables/{path}").status_code == 404


def test_reports_in_the_folder_of_studies_are_listed_and_given_as_files(
    web: FlaskClient, tmp_path: Path
) -> None:
    assert web.get("/api/v1/variant-tables").get_json()["studies"] == []
    (tmp_path / "lab" / "studies" / "loci").mkdir(parents=True)
    (tmp_path / "lab" / "studies" / "loci" / "chrI.html").write_text("<p>a locus</p>")
    assert web.get("/api/v1/variant-tables").get_json()["studies"] == ["loci/chrI.html"]
    with web.get("/studies/loci/chrI.html") as given:
        assert given.get_data(as_text=True) == "<p>a locus</p>"
        assert given.headers["Content-Disposition"].startswith("attachment")
    for other in ("../sighthound.toml", "loci", "none.html"):
        assert web.get(f"/studies/{other}").status_code == 404
