"""The routes about measured effects: those of a window, and how predictions agree with them."""

from __future__ import annotations

from flask import Blueprint, Response, request

from sighthound.app.answers.truth import MeasuredAgreement, MeasuredHere
from sighthound.app.answers.written import respond_with
from sighthound.app.project_state import Catalogue
from sighthound.app.truth.tables import MeasuredTables
from sighthound.app.web.operation import WINDOW, Operation, Operations
from sighthound.app.web.parameters import asked_tracks, asked_window, shown
from sighthound.core.errors import SighthoundError

OPERATIONS: Operations = {
    "/api/v1/measured": {
        "get": Operation(
            "Measured effects of variants in a window, beside what the model predicts of them.",
            f"{WINDOW} tracks?",
            MeasuredHere,
        )
    },
    "/api/v1/measured/agreement": {
        "get": Operation(
            "How predictions agree with a table of measured effects, in a window and everywhere.",
            f"{WINDOW} table",
            MeasuredAgreement,
        )
    },
}


def blueprint(catalogue: Catalogue) -> Blueprint:
    """Make the routes /api/v1/measured and measured/agreement."""
    routes = Blueprint("measured", __name__, url_prefix="/api/v1")
    tables = MeasuredTables(catalogue)

    @routes.get("/measured")
    def measured() -> Response:
        tracks = [track.id for track in asked_tracks(catalogue)]
        return respond_with(tables.within(asked_window(catalogue.genome), tracks))

    @routes.get("/measured/agreement")
    def agreement() -> Response:
        name = request.args.get("table", "")
        found = tables.agreement(name, asked_window(catalogue.genome))
        if found is None:
            raise SighthoundError(f"no table of measured effects is called {shown(name)}")
        return respond_with(found)

    return routes
