"""Whether the server lives, and whether it can answer everything: project, model, disk."""

from __future__ import annotations

import shutil
from pathlib import Path

from flask import Blueprint, Response

from sighthound.app.answers.jobs import Alive, Phase, Ready
from sighthound.app.answers.written import respond_with
from sighthound.app.inference.client import Inference
from sighthound.app.project_state import Catalogue
from sighthound.app.web.public import public_line
from sighthound.core.errors import SighthoundError
from sighthound.core.model.model import WEIGHTS
from sighthound.core.project.layout import answers_folder

# Of the disk on which answers and visitors' files are kept.
LEAST_FREE_BYTES = 64 << 20


def blueprint(catalogue: Catalogue, inference: Inference) -> Blueprint:
    """Make the routes /healthz, which costs nothing, and /readyz, which looks at everything."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def healthz() -> Response:
        return respond_with(Alive())

    @routes.get("/readyz")
    def readyz() -> tuple[Response, int]:
        project, worker = _project(catalogue), inference.state()
        disk = free_space(answers_folder(catalogue.project))
        ready = project.phase == disk.phase == "ready" and worker.phase in ("ready", "off")
        return respond_with(Ready(ready, project, worker, disk)), 200 if ready else 503

    return routes


def free_space(folder: Path) -> Phase:
    """Say whether there is room on the disk of a folder, or of where it would be made."""
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        return Phase(
            "failed",
            f"the disk of the project has only {free >> 20} MB left: answers are not kept, and "
            "files and views of visitors not taken, until there is room",
        )
    return Phase("ready", "ready")


def _project(catalogue: Catalogue) -> Phase:
    """Say whether what the project names can be read."""
    project = catalogue.project
    try:
        catalogue.tracks()
        catalogue.genes()
        project.open_genome()
        if catalogue.model() is not None and not (project.model.directory / WEIGHTS).is_file():
            raise SighthoundError(
                f"the model has no {WEIGHTS}; copy {project.model.directory} again"
            )
    except SighthoundError as error:
        return Phase("failed", public_line(project, str(error)))
    return Phase("ready", "ready")
