"""Predictions on the spot, for tracks whose predicted BigWig is missing or not finished.

A window is cut into stretches of the grid on which the worker's windows lie; each is a job of its
own, kept under its place and tracks. They run one after another, so a window that moves on leaves
at most one behind. The answer has the binary form of /api/v1/signal. Positions are 0-based.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from flask import Blueprint, Response, request
from numpy.typing import NDArray

from sighthound.app.answers.jobs import Waiting
from sighthound.app.api.doubt import PRIORITY, check_members
from sighthound.app.api.signal import MAX_PIXELS
from sighthound.app.api.signal_windows import Grid, choose_grid, encode_window, read_window
from sighthound.app.inference import client, doubt_tasks, tasks
from sighthound.app.project_state import Catalogue
from sighthound.app.web.operation import BINARY, WINDOW, Operation, Operations
from sighthound.app.web.parameters import asked_tracks, asked_window, integer
from sighthound.core.errors import SighthoundError, UnavailableError

OPERATIONS: Operations = {
    "/api/v1/prediction": {
        "get": Operation(
            "Predictions of a window made on the spot, in the form of /api/v1/signal.",
            f"{WINDOW} pixels tracks?",
            media=(BINARY,),
            waits=True,
        )
    },
    "/api/v1/prediction/members": {
        "get": Operation(
            "Standard deviation of what the networks that taught the model predict of a window.",
            f"{WINDOW} pixels tracks?",
            media=(BINARY,),
            waits=True,
        )
    },
}


def blueprint(catalogue: Catalogue, inference: client.Inference) -> Blueprint:
    """Make the routes /api/v1/prediction and prediction/members."""
    routes = Blueprint("live", __name__, url_prefix="/api/v1")
    project, genome = catalogue.project, catalogue.genome

    def predicted(kind: str, task: Callable[..., Any], priority: int) -> tuple[Response, int]:
        """Answer with a number a bin and track, of one kind of series."""
        identity = client.asked_of(catalogue)
        interval = asked_window(genome)
        pixels = integer("pixels", 1, MAX_PIXELS)
        tracks = asked_tracks(catalogue)
        client.check_modelled(catalogue, [track.id for track in tracks])
        live = catalogue.live()
        if live is None:
            raise UnavailableError(
                "nothing can be predicted here: no model, or one of other bins than the "
                "predicted files; run 'sighthound predict' again"
            )
        grid = choose_grid(interval.start, interval.end, pixels, catalogue.native_bin())
        if len(interval) > live.max_bp or grid.read_bp != grid.native:
            raise SighthoundError(
                f"{interval} is too wide to predict on the spot; at most {live.max_bp:,} bp"
            )
        end = min(grid.end, genome.lengths[interval.chrom])
        ensemble = catalogue.ensemble()
        ids = tuple(track.id for track in tracks)
        stretches = range(grid.start // live.stretch_bp, -(-end // live.stretch_bp))
        questions = [
            client.question(kind, identity, interval.chrom, n, ids, ensemble) for n in stretches
        ]
        if request.method == "DELETE":
            return client.cancelled(inference, *questions)
        until = time.monotonic() + client.PATIENCE_S
        parts: list[NDArray[np.float32]] = []
        for question, stretch in zip(questions, stretches, strict=True):
            asked = (project, ids, interval.chrom, stretch, ensemble)
            patience = max(0.0, until - time.monotonic())
            found, status = inference.answer(
                question, task, *asked, priority=priority, patience=patience
            )
            if status == 202:
                return client.give(_not_yet(found, len(parts), len(questions)), status)
            parts.append(found)
        # Stretches are counted on the grid of the model that `live` was told of.
        client.check_unreplaced(catalogue, identity)
        first = stretches.start * live.stretch_bp
        values_of = _on_grid(np.concatenate(parts), first, grid)
        read: dict[tuple[str, str], NDArray[Any]] = {}
        for track, values in zip(tracks, values_of.T, strict=True):
            if track.experiment is not None and kind == "prediction":
                chrom = interval.chrom
                read[track.id, "experiment"] = read_window(
                    catalogue, track, chrom, grid, "experiment"
                )
            read[track.id, kind] = values
        said = {"live": True, "ensemble": live.ensemble}
        data = encode_window(interval, grid, tracks, read, (kind,), **said)
        response = Response(data, mimetype="application/octet-stream")
        response.headers["Cache-Control"] = "private, no-cache"
        return response, 200

    @routes.route("/prediction", methods=["GET", "DELETE"])
    def prediction() -> tuple[Response, int]:
        return predicted("prediction", tasks.prediction, 1)

    @routes.route("/prediction/members", methods=["GET", "DELETE"])
    def members() -> tuple[Response, int]:
        check_members(catalogue)
        manifest = catalogue.manifest()
        if manifest and manifest.identity.model not in (None, catalogue.model_hash()):
            raise SighthoundError(
                "the predicted files are of an earlier model, of which no networks are known; run "
                "'sighthound predict' again"
            )
        return predicted("spread", doubt_tasks.spread, PRIORITY)

    return routes


def _not_yet(part: Waiting, done: int, total: int) -> Waiting:
    """Say how far a window is; its parts say no more than that they run or wait."""
    if part.state == "queued":
        return part
    message = f"predicting, {done + 1} of {total}" if total > 1 else "predicting"
    return replace(part, done=done, total=total, message=message, seconds_left=None)


def _on_grid(values: NDArray[np.float32], first: int, grid: Grid) -> NDArray[np.float32]:
    """Cut predicted bins, from base `first` on, to a grid; NaN beyond the chromosome's end."""
    bins = (grid.end - grid.start) // grid.native
    skipped = (grid.start - first) // grid.native
    here = values[skipped : skipped + bins]
    cut = np.full((bins, values.shape[1]), np.nan, np.float32)
    cut[: len(here)] = here
    return cut
