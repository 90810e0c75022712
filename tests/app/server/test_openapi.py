"""/api/v1/openapi.json describes every route there is, and no other; and what they give."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.paths import ROOT

DESCRIBED = re.compile(r"/(api/v1|tracks|genome|hub)/|/(healthz|readyz)$")
LIMITS = {"minimum": -1, "maximum": 1}
# Whatever lies below an address that is none: answered 404.
CATCH_ALL = re.compile(r"<path:")


@pytest.fixture(scope="module")
def document(web: FlaskClient) -> dict[str, Any]:
    return web.get("/api/v1/openapi.json").get_json()


def routes(web: FlaskClient) -> dict[str, set[str]]:
    """Methods of every route of the interface, by its path as OpenAPI writes it."""
    found: dict[str, set[str]] = {}
    for rule in web.application.url_map.iter_rules():
        if DESCRIBED.match(rule.rule) and not CATCH_ALL.search(rule.rule):
            path = re.sub(r"<(?:[^>]*:)?(\w+)>", r"{\1}", rule.rule)
            methods = {m.lower() for m in rule.methods or ()} - {"head", "options"}
            found.setdefault(path, set()).update(methods)
    return found


def test_every_route_is_described_and_every_described_route_exists(
    web: FlaskClient, document: dict[str, Any]
) -> None:
    described = {path: set(methods) for path, methods in document["paths"].items()}
    assert described == routes(web), "describe a new route beside it"


def test_every_described_route_is_in_the_docs(document: dict[str, Any]) -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    for path in document["paths"]:
        name = path.removeprefix("/hub/").split("{")[0]
        # The faceted hub's table is named beside its hub.
        assert name in text or name.split("/")[-1] in text, f"{path} is not in docs/api.md"


def test_parameters_of_paths_are_declared_and_references_lead_somewhere(
    document: dict[str, Any],
) -> None:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            declared = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
            assert declared == set(re.findall(r"{(\w+)}", path))
            for response in operation["responses"].values():
                if "$ref" in response:
                    _, *steps = response["$ref"].split("/")
                    place: Any = document
                    for step in steps:
                        place = place[step]
    names = [op["operationId"] for methods in document["paths"].values() for op in methods.values()]
    assert len(names) == len(set(names))


# Requests that are right, of which one parameter at a time is set to a limit, or beyond it.
RIGHT = {
    "/api/v1/signal": {
        "chrom": "chrI", "start": "0", "end": "4096", "pixels": "9", "tracks": "ramp",
    },
    "/api/v1/next": {
        "kind": "peak", "direction": "next", "chrom": "chrI", "position": "0", "tracks": "ramp",
        "series": "experiment", "rank": "1",
    },
    "/api/v1/disagreements": {"tracks": "ramp", "limit": "9"},
}  # fmt: skip


def test_what_the_description_calls_impossible_is_refused_and_no_more(
    web: FlaskClient, document: dict[str, Any]
) -> None:
    tried = set()
    for path, right in RIGHT.items():
        for parameter in document["paths"][path]["get"]["parameters"]:
            name, schema = parameter["name"], parameter["schema"]
            # Ranks are of lists.
            asked = right | ({"kind": "disagreement"} if name == "rank" else {})
            allowed = schema.get("enum", []) + [schema[k] for k in LIMITS if k in schema]
            refused = ["x"] if "enum" in schema else []
            refused += [schema[k] + step for k, step in LIMITS.items() if k in schema]
            for value in allowed:
                assert web.get(path, query_string=asked | {name: value}).status_code == 200
            for value in refused:
                answer = web.get(path, query_string=asked | {name: value})
                assert answer.status_code == 400
                assert name in answer.get_json()["error"]
                tried.add(name)
    assert tried == {
        "start", "end", "pixels", "direction", "series", "position", "rank", "limit"
    }  # fmt: skip
