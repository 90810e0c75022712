"""A list of variants is read, scored in the background, and opened by its address."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from flask.testing import FlaskClient

from sighthound.app.variants.runs import MAX_ALLELES

HEADERS = {"X-Sighthound": "1"}
TABLES = "/api/v1/variant-tables"


def bases(client: FlaskClient, start: int, end: int) -> str:
    found = client.get(f"/api/v1/sequence?chrom=chrI&start={start}&end={end}").get_json()
    return str(found["sequence"])


def listed(client: FlaskClient, start: int, count: int) -> str:
    """So many substitutions of neighbouring bases."""
    sequence = bases(client, start, start + count)
    other = {"A": "C", "C": "G", "G": "T", "T": "A"}
    return "\n".join(
        f"chrI:{start + n + 1} {base}>{other[base]}" for n, base in enumerate(sequence)
    )


def post(client: FlaskClient, path: str = "", **body: Any) -> dict[str, Any]:
    answer = client.post(f"{TABLES}{path}", json=body, headers=HEADERS)
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def finished(client: FlaskClient, identifier: str) -> dict[str, Any]:
    """Look until a list is scored no more."""
    until = time.monotonic() + 300
    while True:
        run: dict[str, Any] = client.get(f"{TABLES}/{identifier}/run").get_json()
        if run["state"] not in ("waiting", "running"):
            return run
        assert time.monotonic() < until, run


def test_a_list_is_scored_as_the_card_scores_each_variant(explaining: FlaskClient) -> None:
    text = listed(explaining, 1_200, 10) + "\nnothing"
    run = post(explaining, text=text, name="mine")
    assert run["name"] == "mine"
    assert (run["state"], run["alleles"], run["members"]) == ("read", 10, 2)
    assert run["left_out"] == ["line 11: 'nothing' is no variant, and no id that is known here"]
    post(explaining, f"/{run['id']}/start")
    done = finished(explaining, run["id"])
    assert (done["state"], done["done"], done["message"]) == ("done", 10, "")
    rows = explaining.get(f"{TABLES}/{run['id']}/rows?score=sad&track=ramp&order=place").get_json()[
        "rows"
    ]
    first = rows[0][0]
    found = explaining.get(f"/api/v1/variant?variants={first['variant']}&most=3")
    while found.status_code == 202:
        found = explaining.get(f"/api/v1/variant?variants={first['variant']}&most=3")
    (card,) = [row for row in found.get_json()["ranked"] if row["track"] == "ramp"]
    assert first["score"] == pytest.approx(card["sad"], rel=1e-3, abs=1e-5)
    assert first["known"] in (True, False)
    by_gene = explaining.get(f"{TABLES}/{run['id']}/rows?score=sed&track=ramp").get_json()
    assert {a["gene_name"] for site in by_gene["rows"] for a in site} == {"TFC3"}
    # Of the same speed the next list is told how long it takes.
    assert post(explaining, text="chrI:1,201 " + text.split()[1])["seconds"] > 0


def test_a_list_is_its_visitors_and_read_by_who_knows_its_address(explaining: FlaskClient) -> None:
    run = post(explaining, text=listed(explaining, 21_000, 2))
    stranger = explaining.application.test_client()
    stranger.get("/")
    assert stranger.get(f"{TABLES}/{run['id']}/run").get_json()["alleles"] == 2
    assert stranger.get(TABLES).get_json()["runs"] == []
    for path in ("start", "stop"):
        answer = stranger.post(f"{TABLES}/{run['id']}/{path}", json={}, headers=HEADERS)
        assert answer.status_code == 404
    assert stranger.delete(f"{TABLES}/{run['id']}", headers=HEADERS).status_code == 404
    assert run["id"] in [r["id"] for r in explaining.get(TABLES).get_json()["runs"]]
    removed = explaining.delete(f"{TABLES}/{run['id']}", headers=HEADERS)
    assert removed.get_json() == {"removed": run["id"]}
    assert explaining.get(f"{TABLES}/{run['id']}/run").status_code == 404


def test_a_list_that_is_stopped_goes_on_from_there(explaining: FlaskClient) -> None:
    run = post(explaining, text=listed(explaining, 22_000, 40), members=False)
    post(explaining, f"/{run['id']}/start")
    stopped = post(explaining, f"/{run['id']}/stop")
    assert stopped["state"] == "stopped"
    assert explaining.get(f"{TABLES}/{run['id']}").status_code == 404  # nothing to look at yet
    post(explaining, f"/{run['id']}/start")
    assert finished(explaining, run["id"])["state"] == "done"
    found = explaining.get(f"{TABLES}/{run['id']}/rows?score=log2_ratio").get_json()
    assert (found["total"], found["rows"][0][0]["known"]) == (40, None)


def test_a_vcf_of_a_visitors_own_is_scored_by_its_id(explaining: FlaskClient) -> None:
    base = bases(explaining, 23_000, 23_001)
    alts = [alt for alt in "ACGT" if alt != base][:2]
    vcf = (
        "##fileformat=VCFv4.2\n##contig=<ID=chrI>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        f"chrI\t23001\trs5\t{base}\t{','.join(alts)}\t.\t.\t.\nchrI\t23002\t.\tA\t<DEL>\t.\t.\t.\n"
        "chrUn\t5\t.\tA\tC\t.\t.\t.\n"
    )
    upload = explaining.post(
        "/api/v1/uploads?name=two.vcf", data=vcf.encode(), headers=HEADERS
    ).get_json()
    run = post(explaining, upload=upload["id"])
    assert (run["name"], run["alleles"]) == ("two.vcf", 2)
    # The file was sorted and its alleles split: no line of it is named, and nothing is lost.
    note, symbolic = run["left_out"]
    assert re.fullmatch(
        r"2 of 4 alleles cannot be scored, 1 of them at no place of genome\S*", note
    )
    assert symbolic == "1 symbolic allele (first chrI 23002 . A <DEL>)"
    stranger = explaining.application.test_client()
    stranger.get("/")
    refused = stranger.post(TABLES, json={"upload": upload["id"]}, headers=HEADERS)
    assert "no VCF of yours" in refused.get_json()["error"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "give 'text'"),
        ({"text": "hello"}, "no variant of the list can be scored: line 1: 'hello'"),
        ({"text": 5}, "text of the request is no text"),
        ({"upload": "own-nothing12345"}, "no VCF of yours here"),
    ],
)
def test_what_is_no_list_is_refused_in_a_line(
    explaining: FlaskClient, body: dict[str, Any], said: str
) -> None:
    answer = explaining.post(TABLES, json=body, headers=HEADERS)
    assert answer.status_code == 400
    assert said in answer.get_json()["error"]


def test_a_list_that_is_too_long_is_refused_before_it_is_scored(explaining: FlaskClient) -> None:
    found = bases(explaining, 0, MAX_ALLELES // 3 + 1)
    lines = [
        f"chrI:{n}:{base}:{alt}" for n, base in enumerate(found, 1) for alt in "ACGT" if alt != base
    ]
    answer = explaining.post(TABLES, json={"text": "\n".join(lines)}, headers=HEADERS)
    assert answer.status_code == 400
    assert f"at most {MAX_ALLELES:,}" in answer.get_json()["error"]


def test_other_sites_cannot_have_lists_read(explaining: FlaskClient) -> None:
    assert explaining.post(TABLES, json={"text": "chrI:5 A>C"}).status_code == 400
