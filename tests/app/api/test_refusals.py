"""What no page asks: each is refused in one line, before it costs anything, and nobody fails."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

from sighthound.app.exports import pdf
from sighthound.app.server.application import MAX_BODY_BYTES
from tests.fuzz.asking import Asked
from tests.fuzz.sending import send

OURS = {"X-Sighthound": "1"}
CALLBACK = "/_dash-update-component"
DIGITS = "9" * 5_000


def refused(answer: object, status: int = 400) -> str:
    """Give the line of an answer, after holding its form against what every error promises."""
    assert answer.status_code == status, answer.text  # type: ignore[attr-defined]
    line = answer.get_json()["error"]  # type: ignore[attr-defined]
    assert line
    assert len(line.splitlines()) == 1
    assert len(line) < 1_000
    return line


@pytest.mark.parametrize(
    "body",
    [
        "[0]", "null", '"x"', "{}", "{", "", "[" * 100_000, '{"a":' * 5_000 + "1" + "}" * 5_000,
        f'{{"output": {DIGITS}}}',
        '{"output": "no.such"}',
        '{"output": ["variant-figure.children"]}',
        '{"output": "variant-figure.children"}',
        '{"output": "variant-figure.children", "inputs": 5, "outputs": {}}',
        '{"output": "variant-figure.children", "inputs": [[]], "changedPropIds": [[]],'
        ' "outputs": {"id": "variant-figure", "property": "children"}}',
        '{"output": "variant-figure.children", "inputs": [{"id": "variant-data",'
        ' "property": "data", "value": [1]}], "changedPropIds": ["variant-data.data"],'
        ' "outputs": {"id": "variant-figure", "property": "children"}}',
        '{"output": "mutagenesis-figure.children", "inputs": [{"id": "mutagenesis-data",'
        ' "property": "data", "value": {"tracks": [{"name": NaN}]}}],'
        ' "changedPropIds": ["mutagenesis-data.data"],'
        ' "outputs": {"id": "mutagenesis-figure", "property": "children"}}',
    ],
)  # fmt: skip
def test_a_malformed_callback_of_dash_is_refused(web: FlaskClient, body: str) -> None:
    refused(web.post(CALLBACK, data=body, content_type="application/json"))


def test_a_callback_as_dash_sends_it_is_answered(web: FlaskClient) -> None:
    asked = {
        "output": "variant-figure.children",
        "outputs": {"id": "variant-figure", "property": "children"},
        "inputs": [{"id": "variant-data", "property": "data", "value": None}],
        "changedPropIds": ["variant-data.data"],
    }
    assert web.post(CALLBACK, json=asked).status_code in (200, 204)


@pytest.mark.parametrize(
    "path",
    [
        "/_dash-component-suites/x/y",
        "/_dash-component-suites/dash/no.js",
        "/_dash-component-suites/dash/..%2fdash.py",
        "/pages/tracks/_dash-component-suites/plotly/x.js",
        f"/api/{'x' * 5_000}",
    ],
)
def test_what_is_not_there_is_not_found(web: FlaskClient, path: str) -> None:
    assert "Not Found" in refused(web.get(path), 404)


@pytest.mark.parametrize(
    "number", [DIGITS, f"-{DIGITS}", "1e3", "1_0", "٣", "NaN", "", "1.0", "\0"]
)
def test_a_number_is_digits_of_a_length_that_a_genome_has(web: FlaskClient, number: str) -> None:
    window = {"chrom": "chrI", "start": number, "end": 9}
    assert "expected a whole number" in refused(web.get("/api/v1/genes", query_string=window))


@pytest.mark.parametrize(
    "text",
    [
        f"chrI:{DIGITS}", f"chrI:1-{DIGITS}", f"chrI\t{DIGITS}\t{DIGITS}", f"chrI:{DIGITS} A>G",
        f"chrI {DIGITS} {DIGITS}", f"chrI:1.{DIGITS}k", f"chrI-{DIGITS}-A-G",
    ],
)  # fmt: skip
def test_a_place_of_thousands_of_digits_is_none(web: FlaskClient, text: str) -> None:
    found = web.get("/api/v1/search", query_string={"q": text, "chrom": "chrI"}).get_json()
    assert found["results"] == []
    assert len(found.get("problem", "")) < 400
    refused(web.get("/hub/links.json", query_string={"locus": text}))


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (f"bytes=0-{DIGITS}", 206),
        (f"bytes={DIGITS}-", 416),
        (f"bytes=-{DIGITS}", 206),
        (f"bytes={'0' * 5_000}1-2", 206),
        ("bytes=٣-٤", 200),
        ("bytes=9..9-", 200),
    ],
)
def test_a_range_of_any_number_of_digits_is_read(web: FlaskClient, asked: str, status: int) -> None:
    with web.get("/genome/genome.fa.fai", headers={"Range": asked}) as answer:
        assert answer.status_code == status


@pytest.mark.parametrize("path", ["/api/v1/pdf", "/api/v1/shares", "/api/v1/search", CALLBACK, "/"])
def test_a_body_beyond_the_limit_is_refused_on_every_route(web: FlaskClient, path: str) -> None:
    too_large = (("Content-Length", str(MAX_BODY_BYTES + 1)), *OURS.items())
    for method in ("GET", "POST", "DELETE", "BREW"):
        assert send(web.application, Asked(method, path, headers=too_large))[0] == 413


def test_a_body_that_does_not_tell_its_length_is_read_up_to_the_limit(web: FlaskClient) -> None:
    body = b" " * (MAX_BODY_BYTES + 9)
    asked = Asked("POST", "/api/v1/pdf", headers=(*OURS.items(),), body=body, chunked=True)
    # What was read of it is no JSON.
    assert send(web.application, asked)[0] in (400, 413)


def picture(*shapes: dict) -> str:
    return json.dumps({"width": 400, "height": 300, "shapes": list(shapes)})


@pytest.mark.parametrize("width", ["1" + "0" * 400, "Infinity", "NaN", "-1", '"5"', "true", "null"])
def test_a_picture_has_a_size(web: FlaskClient, width: str) -> None:
    body = f'{{"width": {width}, "height": 10, "shapes": []}}'
    assert "width of a picture" in refused(web.post("/api/v1/pdf", data=body, headers=OURS))


def test_a_picture_is_refused_before_it_takes_long(web: FlaskClient) -> None:
    hatch = {
        "op": "hatch", "x": 0, "y": 0, "w": 40_000, "h": 40_000, "ground": "#fff", "stripe": "#000"
    }  # fmt: skip
    most = pdf.MAX_MARKS * pdf.HATCH // 80_000
    body = picture(*[hatch] * (most + 2))
    assert "show fewer rows" in refused(web.post("/api/v1/pdf", data=body, headers=OURS))
    text = {"op": "text", "x": 1, "y": 1, "size": 9, "text": "a" * (pdf.MAX_MARKS + 1)}
    assert "show fewer rows" in refused(web.post("/api/v1/pdf", data=picture(text), headers=OURS))


def test_values_of_one_signal_are_limited_by_tracks_times_pixels(
    web: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sighthound.app.api.signal.MAX_VALUES", 3_000)
    asked = "/api/v1/signal?chrom=chrI&start=0&end=9000&pixels=1600&tracks="
    assert web.get(f"{asked}ramp").status_code == 200
    assert "at most 1 tracks" in refused(web.get(f"{asked}ramp,counts"))


@pytest.mark.parametrize("path", ["/", "/about", "/api/v1/search", "/hub/hub.txt", "/no/such"])
def test_an_address_with_bytes_that_are_no_text_is_refused(web: FlaskClient, path: str) -> None:
    status, body = send(web.application, Asked("GET", path, "q=\xff"))
    assert status == 400
    assert "no UTF-8" in json.loads(body)["error"]
