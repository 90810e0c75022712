"""Every route's answer is as openapi.json describes it, and nothing else would be."""

from __future__ import annotations

import copy
from typing import Any

import jsonschema_rs
import pytest
from flask.testing import FlaskClient

from sighthound.core.interpretation.scores import SCORES
from sighthound.core.model.activations import FUNCTIONS
from sighthound.core.model.blocks import BLOCKS
from tests.app.described import JSON, document, validator
from tests.app.inference.test_client import ask

HEADERS = {"X-Sighthound": "1"}
WINDOW = "chrom=chrI&start=1000&end=3000"
REGION = "chrom=chrI&start=20000&end=20020&target=20010"
# What each route is asked here; `DescribedClient` holds the answers against the description.
ASKED = {
    "/api/v1/openapi.json": [""],
    "/api/v1/project": ["", "?form=columns"],
    "/api/v1/genome-run": [""],
    "/api/v1/levels": ["?tracks=ramp,imagined"],
    "/api/v1/genes": [f"?{WINDOW}"],
    "/api/v1/gene": [f"?{WINDOW}&gene=YAL001C"],
    "/api/v1/track-card": ["?track=ramp"],
    "/api/v1/measured": [f"?{WINDOW}", f"?{WINDOW}&tracks=ramp"],
    "/api/v1/sequence": ["?chrom=chrI&start=0&end=50"],
    "/api/v1/search": ["?q=TFC3", "?q=chrI:100-200", "?q=4:1", "?q=chrI:7", "?q=", "?q=chrI:9-"],
    "/api/v1/next": [
        "?kind=gene&direction=next&chrom=I&position=0",
        "?kind=peak&direction=next&chrom=I&position=0&tracks=ramp",
        "?kind=disagreement&direction=next",
        "?kind=contrast&direction=next",
    ],
    "/api/v1/example": [""],
    "/api/v1/disagreements": [""],
    "/api/v1/contrasts": [""],
    "/api/v1/top-variants": ["?tracks=ramp"],
    "/api/v1/saliency": ["?track=ramp&chrom=chrI&position=20010"],
    "/api/v1/mutagenesis": [f"?track=ramp&{REGION}", f"?tracks=ramp,counts&{REGION}"],
    "/api/v1/saliency/members": ["?track=ramp&chrom=chrI&position=20010"],
    "/api/v1/mutagenesis/members": [f"?tracks=ramp,counts&{REGION}"],
    "/api/v1/mutagenesis/nulls": [f"?tracks=ramp,counts&{REGION}"],
    "/api/v1/motifs": [f"?track=ramp&{REGION}"],
    "/api/v1/variant": ["?variants=%s", "?variants=%s&tracks=ramp&most=1"],
    "/api/v1/variant/members": ["?variants=%s"],
    "/api/v1/variant/signs": ["?variants=%s"],
    "/api/v1/variant/motifs": ["?variants=%s"],
    "/api/v1/uploads": [""],
    "/api/v1/variant-tables": [""],
    "/api/v1/atlas": ["?variants=%s"],
    "/api/v1/atlas/places": [""],
    "/api/v1/me": [""],
    "/api/v1/tokens": [""],
    "/hub/links.json": ["", "?tracks=ramp&variants=%s"],
    "/healthz": [""],
    "/readyz": [""],
}  # fmt: skip
# Asked by tests of their own: with a file, an address, or an id that an answer gave.
ELSEWHERE = {
    ("/api/v1/shares", "post"), ("/api/v1/shares/{name}", "get"), ("/api/v1/uploads", "post"),
    ("/api/v1/uploads/{identifier}", "delete"), ("/api/v1/uploads/from-url", "post"),
    ("/api/v1/measured/agreement", "get"), ("/api/v1/uploads/{identifier}/features", "get"),
    ("/api/v1/variant-tables", "post"),
    ("/api/v1/variant-tables/{identifier}", "get"),
    ("/api/v1/variant-tables/{identifier}", "delete"),
    ("/api/v1/variant-tables/{identifier}/run", "get"),
    ("/api/v1/variant-tables/{identifier}/start", "post"),
    ("/api/v1/variant-tables/{identifier}/stop", "post"),
    ("/api/v1/variant-tables/{identifier}/rows", "get"),
    ("/api/v1/reproduce", "post"), ("/api/v1/tokens", "post"),
    ("/api/v1/tokens/{identifier}", "delete"),
}  # fmt: skip


def test_every_route_that_answers_json_is_asked_here() -> None:
    answering = {
        (path, method)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
        if (
            "schema" in operation["responses"]["200"].get("content", {}).get(JSON, {})
            and method != "delete"
        )
        or path.endswith("{identifier}")
    }
    assert answering == {(path, "get") for path in ASKED} | ELSEWHERE


@pytest.mark.parametrize("path", ASKED)
def test_answers_are_as_described(explaining: FlaskClient, path: str) -> None:
    url = "/api/v1/sequence?chrom=chrI&start=99&end=100"
    ref = explaining.get(url).get_json()["sequence"]
    variant = f"chrI:100:{ref}:{'A' if ref != 'A' else 'C'}"
    for query in ASKED[path]:
        found = ask(explaining, path + query.replace("%s", variant))
        assert validator(path, "get", "200").is_valid(found)


def test_what_a_visitor_keeps_is_as_described(explaining: FlaskClient) -> None:
    state = {"locus": "chrI:1-900", "tracks": "ramp"}
    name = explaining.post("/api/v1/shares", json={"state": state}, headers=HEADERS).get_json()
    assert explaining.get(f"/api/v1/shares/{name['id']}").get_json() == {"state": state}
    bed = b"chrI\t10\t90\tone\t5\t+\nchrI\t20\t80\n"
    upload = explaining.post("/api/v1/uploads?name=a.bed", data=bed, headers=HEADERS).get_json()
    address = f"/api/v1/uploads/{upload['id']}"
    found = explaining.get(f"{address}/features?chrom=chrI&start=0&end=100").get_json()
    assert [feature.get("name") for feature in found["features"]] == ["one", None]
    assert explaining.delete(address, headers=HEADERS).get_json() == {"removed": upload["id"]}
    answer = explaining.post("/api/v1/reproduce", json={"state": state}, headers=HEADERS)
    assert answer.status_code in (200, 202)
    assert validator("/api/v1/reproduce", "post", "200").is_valid(answer.get_json())


def test_a_wrong_answer_is_refused_wherever_it_is_wrong(web: FlaskClient) -> None:
    right = web.get("/api/v1/project").get_json()
    check = validator("/api/v1/project", "get", "200")

    def wrong(change: Any) -> bool:
        answer = copy.deepcopy(right)
        change(answer)
        return not check.is_valid(answer)

    assert check.is_valid(right)
    assert wrong(lambda answer: answer.pop("bin"))
    assert wrong(lambda answer: answer.update(more=1))
    assert wrong(lambda answer: answer.update(bin="64"))
    assert wrong(lambda answer: answer["tracks"][0].pop("unit"))
    assert wrong(lambda answer: answer["tracks"][0].update(strand="up"))
    assert wrong(lambda answer: answer["tracks"][0]["held_out"].update(r2="high"))
    assert wrong(lambda answer: answer["chromosomes"][0].update(length=None))


def test_a_client_notices_an_answer_that_is_not_as_described(web: FlaskClient) -> None:
    app = web.application
    view = app.view_functions["health.healthz"]
    app.view_functions["health.healthz"] = lambda: {"status": "well"}
    try:
        with pytest.raises(jsonschema_rs.ValidationError):
            web.get("/healthz")
    finally:
        app.view_functions["health.healthz"] = view


def test_the_page_is_told_every_score_of_variants(web: FlaskClient) -> None:
    project = web.get("/api/v1/project").get_json()
    scores = {score["name"]: score for score in project["scores"]}
    assert list(scores) == list(SCORES)
    assert scores["log2_ratio"]["unit"] == SCORES["log2_ratio"].unit
    assert [name for name, score in scores.items() if score["by_gene"]] == ["sed"]


def test_the_page_is_told_what_tracks_count_and_what_networks_are_made_of(web: FlaskClient) -> None:
    project = web.get("/api/v1/project").get_json()
    assert [(a["name"], a["color"], a["n_tracks"]) for a in project["assays"]] == [
        ("ATAC", 0, 1),
        ("CAGE", 1, 2),
    ]
    assert "Tn5" in project["assays"][0]["words"]
    assert [block["name"] for block in project["blocks"]] == list(BLOCKS)
    settings = {block["name"]: block["settings"] for block in project["blocks"]}
    assert settings["crop"] == ["bins"]
    assert "dilations" in settings["dilated"]
    assert [kind["name"] for kind in project["activations"]] == list(FUNCTIONS)


def test_the_limits_that_the_page_is_told_are_those_that_routes_refuse_beyond(
    web: FlaskClient,
) -> None:
    limits = web.get("/api/v1/project").get_json()["limits"]

    def status(path: str, **query: object) -> int:
        return web.get(f"/api/v1/{path}", query_string=query).status_code

    most = limits["sequence_bp"]
    assert status("sequence", chrom="chrI", start=0, end=most) == 200
    assert status("sequence", chrom="chrI", start=0, end=most + 1) == 400
    bases = web.get("/api/v1/sequence?chrom=chrI&start=0&end=200").get_json()["sequence"]
    changed = [f"chrI:{at + 1}:{base}:{base}T" for at, base in enumerate(bases)]
    # Of what is not refused the model would be asked, which is not here.
    assert status("variant", variants=";".join(changed[: limits["variants"]])) == 503
    assert status("variant", variants=";".join(changed[: limits["variants"] + 1])) == 400
    longest = bases[0] + "T" * (limits["allele_bp"] - 1)
    assert status("variant", variants=f"chrI:1:{bases[0]}:{longest}") == 503
    assert status("variant", variants=f"chrI:1:{bases[0]}:{longest}T") == 400
