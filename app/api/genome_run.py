"""How far the genome-wide prediction of the project is, for the page: reads what the run wrote."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify

from sighthound.app.project_state import Catalogue

# A run writes its progress at least once a window; a larger network takes seconds for one.
STALE_SECONDS = 120


def genome_run(catalogue: Catalogue, now: float | None = None) -> dict[str, Any]:
    """Tell the state of the predictions.

    Returns
    -------
    dict
        state: "none", "running", "stopped" (an unfinished run that nobody goes on with) or
        "complete"; progress: the fields of `RunProgress` but `updated`, or None; written and
        pending: numbers of tracks.
    """
    manifest, progress = catalogue.manifest(), catalogue.run_progress()
    pending = len(manifest.pending) if manifest else 0
    state = "none" if manifest is None else "stopped" if pending else "complete"
    if pending and progress and (now or time.time()) - progress.updated < STALE_SECONDS:
        state = "running"
    told = asdict(progress) if pending and progress else None
    return {
        "state": state,
        "progress": told and {k: v for k, v in told.items() if k != "updated"},
        "written": len(manifest.files) if manifest else 0,
        "pending": pending,
    }


def blueprint(catalogue: Catalogue) -> Blueprint:
    """Make the route /api/v1/genome-run."""
    routes = Blueprint("genome_run", __name__, url_prefix="/api/v1")

    @routes.get("/genome-run")
    def genome_run_() -> Response:
        response = jsonify(genome_run(catalogue))
        response.headers["Cache-Control"] = "no-store"
        return response

    return routes
