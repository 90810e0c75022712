"""Every route of the HTTP interface, what it takes and what it gives: collected from the routes.

A test holds this table against the routes that there are.
"""

from __future__ import annotations

from typing import Any

from sighthound.app.answers.jobs import Alive, Ready
from sighthound.app.api import (
    example,
    explain,
    gene_card,
    genome_run,
    levels,
    next_place,
    prediction,
    ranked_places,
    reproduce,
    search,
    shares,
    signal,
    track_card,
    uploads,
    variants,
    window_bigwigs,
)
from sighthound.app.browsers import allele_tracks, files, hubs, tokens
from sighthound.app.exports import pdf
from sighthound.app.truth import routes as truth_routes
from sighthound.app.variants import atlas
from sighthound.app.variants import routes as variant_tables
from sighthound.app.variants.tables import DIRECTIONS, ORDERS
from sighthound.app.web.operation import Operation, Operations
from sighthound.core.interpretation.scores import SCORES

_SERVER: Operations = {
    "/api/v1/openapi.json": {"get": Operation("This description.", gives=dict[str, Any])},
    "/healthz": {"get": Operation("Whether the web server lives.", gives=Alive)},
    "/readyz": {
        "get": Operation(
            "Whether project and model are read and the disk has room; 503 where not.",
            gives=Ready,
            unready=503,
        )
    },
}
OPERATIONS: Operations = {
    path: methods
    for operations in (
        signal.OPERATIONS,
        genome_run.OPERATIONS,
        prediction.OPERATIONS,
        levels.OPERATIONS,
        gene_card.OPERATIONS,
        track_card.OPERATIONS,
        truth_routes.OPERATIONS,
        search.OPERATIONS,
        next_place.OPERATIONS,
        example.OPERATIONS,
        ranked_places.OPERATIONS,
        window_bigwigs.OPERATIONS,
        explain.OPERATIONS,
        variants.OPERATIONS,
        variant_tables.OPERATIONS,
        atlas.OPERATIONS,
        shares.OPERATIONS,
        tokens.OPERATIONS,
        uploads.OPERATIONS,
        pdf.OPERATIONS,
        reproduce.OPERATIONS,
        files.OPERATIONS,
        allele_tracks.OPERATIONS,
        hubs.OPERATIONS,
        _SERVER,
    )
    for path, methods in operations.items()
}
# Name of a parameter -> what else a value must be, in words of JSON Schema, whatever the project.
LIMITS: dict[str, dict[str, Any]] = {
    **{name: {"minimum": 0} for name in ("start", "position", "target", "least", "first")},
    **{name: {"minimum": 1} for name in ("end", "most")},
    **{name: {"minimum": 1, "maximum": ranked_places.MOST} for name in ("rank", "limit")},
    "pixels": {"minimum": 1, "maximum": signal.MAX_PIXELS},
    "percentile": {"minimum": 0, "maximum": 100},
    "sign": {"enum": list(DIRECTIONS)},
    "order": {"enum": list(ORDERS)},
    "score": {"enum": list(SCORES)},
    "direction": {"enum": list(next_place.DIRECTIONS)},
    "series": {"enum": list(next_place.SERIES)},
}
