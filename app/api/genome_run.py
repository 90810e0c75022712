"""How far the genome-wide prediction of the project is, for the page: reads what the run wrote."""

from __future__ import annotations

import time
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
        "complete"; progress: what `progress.json` says, or None; written and pending: numbers of
        tracks.
    """
    manifest, progress = catalogue.manifest(), catalogue.run_progress()
    pending = len(manifest.get("pending") or [])
    state = "none" if not manifest else "stopped" if pending else "complete"
    is_fresh = (now or time.time()) - float(progress.get("updated") or 0) < STALE_SECONDS
    if pending and is_fresh:
        state = "running"
    return {
        "state": state,
        "progress": {k: v for k, v in progress.items() if k != "updated"} if pending else None,
        "written": len(manifest.get("files") or []),
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
