"""A client that holds every answer in JSON against what openapi.json says of its route."""

from __future__ import annotations

import functools
import re
from typing import Any

import jsonschema_rs
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from sighthound.app.server.openapi import describe

JSON = "application/json"


class DescribedClient(FlaskClient):
    """Fails where an answer is not as described."""

    def open(self, *args: Any, **given: Any) -> TestResponse:
        response = super().open(*args, **given)
        schema = schema_of(self.application, response)
        if schema is not None:
            schema.validate(response.get_json())
        return response


def schema_of(app: Flask, response: TestResponse) -> Any:
    """What the description says of an answer's content; None where it says nothing."""
    asked = response.request
    if response.mimetype != JSON or asked.method == "HEAD" or response.content_encoding:
        return None
    try:
        rule, _ = app.url_map.bind("").match(asked.path, asked.method, return_rule=True)
    except HTTPException:
        return None
    path = re.sub(r"<(?:[^>]*:)?(\w+)>", r"{\1}", rule.rule)
    return validator(path, asked.method.lower(), str(response.status_code))


@functools.cache
def document() -> dict[str, Any]:
    """What openapi.json says."""
    return describe("Tiny")


@functools.cache
def validator(path: str, method: str, status: str) -> Any:
    """What checks the JSON of a route's answer; None where none is described."""
    response = document()["paths"].get(path, {}).get(method, {}).get("responses", {}).get(status)
    if response is None:
        return None
    if "$ref" in response:
        response = document()["components"]["responses"]["Error"]
    schema = response.get("content", {}).get(JSON, {}).get("schema")
    if schema is None:
        return None
    return jsonschema_rs.validator_for(schema | {"components": document()["components"]})
