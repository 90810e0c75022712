"""The HTTP interface described in OpenAPI 3.1, made from the table of `app.api.operations`."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, jsonify

from sighthound import core
from sighthound.app.api.operations import JSON, KEYS, LIMITS, OPERATIONS, PARAMETERS, Operation

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
                for method, described in _methods(path, name, operation).items()
            }
            for path, methods in OPERATIONS.items()
        },
        "components": {
            "responses": {
                "Error": {
                    "description": "What is wrong, in one line.",
                    "content": {JSON: {"schema": _object("error", {"error": "string"})}},
                }
            }
        },
    }


def _methods(path: str, name: str, operation: Operation) -> dict[str, Any]:
    """Describe a method, and those that come with it."""
    parameters = [_parameter(path, word) for word in operation.takes.split()]
    found = {
        "summary": operation.says,
        "operationId": re.sub(r"\W+", "_", f"{name} {path}").strip("_"),
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": _body(operation.body)} if operation.body else {}),
        "responses": _responses(operation),
    }
    methods = {name: found}
    if operation.waits:
        methods["delete"] = {
            **{key: found[key] for key in ("parameters",) if key in found},
            "summary": "Give up the computation that the same cookie asked for.",
            "operationId": re.sub(r"\W+", "_", f"delete {path}").strip("_"),
            "responses": {
                "200": _content(
                    "Whether there was one.", JSON, _object("cancelled", {"cancelled": "boolean"})
                ),
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


def _responses(operation: Operation) -> dict[str, Any]:
    schema = _object(operation.gives, KEYS)
    content = {
        media: {"schema": schema} if media == JSON and operation.gives else {}
        for media in operation.media
    }
    found: dict[str, Any] = {"200": {"description": operation.says, "content": content}}
    if operation.is_file:
        found["206"] = {"description": "The bytes asked for by Range.", "content": content}
        found["304"] = {"description": "Unchanged since If-None-Match or If-Modified-Since."}
        found["416"] = _ERROR
    if operation.waits:
        states = {"state": "string", "done": "integer", "total": "integer", "message": "string"}
        found["202"] = _content("Not yet: ask again.", JSON, _object(" ".join(states), states))
        found |= {"409": _ERROR, "503": _ERROR}
    if operation.takes or operation.body:
        found["400"] = _ERROR
    if operation.is_file or operation.can_miss:
        found["404"] = _ERROR
    return dict(sorted(found.items()))


def _body(body: str) -> dict[str, Any]:
    media = body if "/" in body else JSON
    schema = {} if "/" in body else _object(body, KEYS)
    return {"required": True, "content": {media: {"schema": schema} if schema else {}}}


def _content(says: str, media: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": says, "content": {media: {"schema": schema}}}


def _object(keys: str, types: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {key: {"type": types[key]} for key in keys.split()}}
