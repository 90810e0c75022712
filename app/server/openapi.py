"""The HTTP interface described in OpenAPI 3.1: the routes' operations, the answers' schemas."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, jsonify

from sighthound import core
from sighthound.app.answers.jobs import Cancelled, Mistake, Waiting
from sighthound.app.answers.schema import Schemas
from sighthound.app.server.operations import LIMITS, OPERATIONS
from sighthound.app.web.operation import JSON, PARAMETERS, Operation

_ERROR = {"$ref": "#/components/responses/Error"}


def blueprint(title: str) -> Blueprint:
    """Make the route /api/v1/openapi.json."""
    routes = Blueprint("openapi", __name__, url_prefix="/api/v1")
    document = describe(title)

    @routes.get("/openapi.json")
    def openapi() -> Response:
        return jsonify(document)

    return routes


def describe(title: str) -> dict[str, Any]:
    """Make the document.

    Parameters
    ----------
    title : str
        Of the project.
    """
    schemas = Schemas()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Sighthound: {title}",
            "version": core.__version__,
            "description": "Positions are 0-based and half-open unless a parameter says otherwise.",
        },
        "paths": {
            path: {
                method: described
                for name, operation in methods.items()
                for method, described in _methods(schemas, path, name, operation).items()
            }
            for path, methods in OPERATIONS.items()
        },
        "components": {
            "responses": {
                "Error": {
                    "description": "What is wrong, in one line.",
                    "content": {JSON: {"schema": schemas.of(Mistake)}},
                }
            },
            "schemas": schemas.parts,
        },
    }


def _methods(schemas: Schemas, path: str, name: str, operation: Operation) -> dict[str, Any]:
    """Describe a method, and those that come with it."""
    parameters = [_parameter(path, word) for word in operation.takes.split()]
    found = {
        "summary": operation.says,
        "operationId": re.sub(r"\W+", "_", f"{name} {path}").strip("_"),
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": _body(schemas, operation.body)} if operation.body else {}),
        "responses": _responses(schemas, operation),
    }
    methods = {name: found}
    if operation.waits:
        methods["delete"] = {
            **{key: found[key] for key in ("parameters",) if key in found},
            "summary": "Give up the computation that the same cookie asked for.",
            "operationId": re.sub(r"\W+", "_", f"delete {path}").strip("_"),
            "responses": {
                "200": _content("Whether there was one.", schemas.of(Cancelled)),
                "400": _ERROR,
            },
        }
    return methods


def _parameter(path: str, word: str) -> dict[str, Any]:
    name = word.rstrip("?")
    kind, says = PARAMETERS[name]
    is_in_path = f"{{{name}}}" in path
    return {
        "name": name,
        "in": "path" if is_in_path else "query",
        "required": is_in_path or not word.endswith("?"),
        "description": says,
        "schema": {"type": kind, **LIMITS.get(name, {})},
    }


def _responses(schemas: Schemas, operation: Operation) -> dict[str, Any]:
    schema = {} if operation.gives is None else schemas.of(operation.gives)
    content = {
        media: {"schema": schema} if media == JSON and schema else {} for media in operation.media
    }
    found: dict[str, Any] = {"200": {"description": operation.says, "content": content}}
    if operation.is_file:
        found["206"] = {"description": "The bytes asked for by Range.", "content": content}
        found["304"] = {"description": "Unchanged since If-None-Match or If-Modified-Since."}
        found["416"] = _ERROR
    if operation.waits:
        found["202"] = _content("Not yet: ask again.", schemas.of(Waiting))
        found |= {"409": _ERROR, "429": _ERROR, "503": _ERROR}
    if operation.unready:
        found[str(operation.unready)] = _content("Not all is known yet: ask again.", schema)
    if operation.takes or operation.body:
        found["400"] = _ERROR
    if operation.is_file or operation.can_miss:
        found["404"] = _ERROR
    return dict(sorted(found.items()))


def _body(schemas: Schemas, body: Any) -> dict[str, Any]:
    content = {body: {}} if isinstance(body, str) else {JSON: {"schema": schemas.of(body)}}
    return {"required": True, "content": content}


def _content(says: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": says, "content": {JSON: {"schema": schema}}}
