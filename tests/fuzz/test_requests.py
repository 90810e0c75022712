"""No request ends in a fault, whatever is asked, and none takes long."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import schemathesis
from flask import Flask
from hypothesis import given, settings
from schemathesis.config import SchemathesisConfig

from sighthound.app.server.operations import OPERATIONS
from tests.app.conftest import project_folder  # noqa: F401  the fixture
from tests.fuzz.asking import Asked, requests
from tests.fuzz.conftest import AGAIN, REQUESTS
from tests.fuzz.sending import send

LONGEST_S = 10


def check(app: Flask, asked: Asked, root: Path) -> None:
    """Hold an answer against what every answer promises."""
    began = time.monotonic()
    status, data = send(app, asked)
    assert time.monotonic() - began < LONGEST_S, asked
    # 503: there is no worker behind this server, as the interface says.
    assert status < 500 or status == 503, (asked, data)
    assert str(root).encode() not in data, (asked, data)
    if status >= 400 and asked.method != "HEAD":
        said = json.loads(data)["error"]
        assert said
        assert not set("\r\n\u2028\u2029") & set(said), said
        assert len(said) < 2_000, said


@AGAIN
@given(asked=requests())
def test_no_request_ends_in_a_fault(
    served: Flask,
    project_folder: Path,  # noqa: F811
    asked: Asked,
) -> None:
    check(served, asked, project_folder)


@pytest.fixture(scope="module")
def described(served: Flask) -> schemathesis.BaseSchema:
    """The description of the interface, as a client loads it."""
    return schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", served, config=SchemathesisConfig()
    )


@pytest.mark.parametrize(
    ("path", "method"),
    [(path, method) for path, methods in OPERATIONS.items() for method in methods],
)
def test_what_the_description_calls_possible_ends_in_no_fault(
    described: schemathesis.BaseSchema, path: str, method: str
) -> None:
    @settings(AGAIN, max_examples=max(3, REQUESTS // 50))
    @given(case=described[path][method.upper()].as_strategy())
    def ask(case: schemathesis.Case) -> None:
        answer = case.call()
        assert answer.status_code < 500 or answer.status_code == 503, answer.text

    ask()
