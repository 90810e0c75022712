"""How far the genome-wide prediction of the project is, for the page: reads what the run wrote."""

from __future__ import annotations

import time
from typing import Literal

from flask import Blueprint, Response

from sighthound.app.answers.project import GenomeRun, RunProgress
from sighthound.app.answers.written import hints_of, respond_with
from sighthound.app.project_state import Catalogue
from sighthound.app.web.operation import Operation, Operations
from sighthound.core.project.manifest import RunProgress as WrittenProgress

# A run writes its progress at least once a window; a larger network takes seconds for one.
STALE_SECONDS = 120


OPERATIONS: Operations = {
    "/api/v1/genome-run": {
        "get": Operation("How far the prediction of the whole genome is.", gives=GenomeRun)
    },
}


def genome_run(catalogue: Catalogue, now: float | None = None) -> GenomeRun:
    """Tell the state of the predictions."""
    manifest, progress = catalogue.manifest(), catalogue.run_progress()
    pending = len(catalogue.seen(manifest.pending)) if manifest else 0
    # A time that is yet to come was written before the clock was set back.
    is_fresh = progress and abs((now or time.time()) - progress.updated) < STALE_SECONDS
    unfinished: Literal["running", "stopped"] = "running" if is_fresh else "stopped"
    return GenomeRun(
        "none" if manifest is None else unfinished if pending else "complete",
        # Counted in tracks it tells of those that are hidden.
        _told(progress) if pending and progress and not catalogue.hidden() else None,
        len(catalogue.seen(manifest.files)) if manifest else 0,
        pending,
    )


def _told(progress: WrittenProgress) -> RunProgress:
    fields = (getattr(progress, name) for name in hints_of(RunProgress))
    return RunProgress(*fields)


def blueprint(catalogue: Catalogue) -> Blueprint:
    """Make the route /api/v1/genome-run."""
    routes = Blueprint("genome_run", __name__, url_prefix="/api/v1")

    @routes.get("/genome-run")
    def genome_run_() -> Response:
        response = respond_with(genome_run(catalogue))
        response.headers["Cache-Control"] = "no-store"
        return response

    return routes
