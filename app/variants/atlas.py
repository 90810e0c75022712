"""The project's atlas for the page: any substitution at once, and where one base matters most."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from flask import Blueprint, Response, request

from sighthound.app.answers.atlas import AtlasEffect, AtlasEffects, AtlasPlace, AtlasPlaces
from sighthound.app.answers.written import respond_with
from sighthound.app.project_state import Catalogue
from sighthound.app.web.operation import Operation, Operations
from sighthound.app.web.parameters import check_known, integer
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import ALPHABET, Interval
from sighthound.core.model.ensemble import Ensemble, in_words
from sighthound.core.project.atlas import RANKED_FILE, Atlas, read_atlas
from sighthound.core.project.layout import atlas_folder
from sighthound.core.project.manifest import manifest_file
from sighthound.core.variants.variant import parse_variant

if TYPE_CHECKING:
    import pandas as pd

MOST = 1_000
_NONE = AtlasEffects(0, "", ())

OPERATIONS: Operations = {
    "/api/v1/atlas": {
        "get": Operation(
            "The effects of one substitution, looked up in the project's atlas.",
            "variants",
            AtlasEffects,
        )
    },
    "/api/v1/atlas/places": {
        "get": Operation("Where one base matters most.", "track? limit?", AtlasPlaces)
    },
}


def blueprint(catalogue: Catalogue) -> Blueprint:
    """Make the routes /api/v1/atlas and atlas/places."""
    routes = Blueprint("atlas", __name__, url_prefix="/api/v1/atlas")
    folder = atlas_folder(catalogue.project)

    def known() -> Atlas | None:
        return catalogue.read_again("atlas", [manifest_file(folder)], lambda: read_atlas(folder))

    def is_present(atlas: Atlas) -> bool:
        identity = atlas.manifest.identity
        now = catalogue.model_hash(), catalogue.genome.fingerprint
        return (identity.model, identity.genome) == now

    @routes.get("")
    def effects() -> Response:
        atlas = known()
        variant = parse_variant(
            request.args.get("variants", ""), catalogue.genome, genes=catalogue.genes
        )
        if atlas is None or not is_present(atlas) or len(variant.ref) != 1 or len(variant.alt) != 1:
            return respond_with(_NONE)
        place = Interval(variant.chrom, variant.position, variant.position + 1)
        found = atlas.effects(place)[0, ALPHABET.index(variant.alt)]
        if np.isnan(found).all():
            return respond_with(_NONE)
        seen = frozenset(catalogue.seen(atlas.tracks))
        rows = zip(atlas.tracks, found.tolist(), strict=True)
        told = (AtlasEffect(t, None if np.isnan(v) else v) for t, v in rows if t in seen)
        return respond_with(AtlasEffects(atlas.manifest.around, _averaged(atlas), tuple(told)))

    @routes.get("/places")
    def places() -> Response:
        atlas = known()
        limit = integer("limit", 1, MOST) if "limit" in request.args else 100
        file = folder / RANKED_FILE
        tracks = () if atlas is None else catalogue.seen(atlas.tracks)
        if atlas is None or not tracks or not file.is_file():
            return respond_with(AtlasPlaces((), "", 0, "", False, False, 0, ()))
        track = check_known("track", request.args.get("track") or tracks[0], tracks)
        table = catalogue.read_again("ranked places of the atlas", [file], lambda: _read(file))
        own = table[table["track"] == track]
        found = AtlasPlaces(
            tracks, track, atlas.manifest.around, _averaged(atlas),
            is_present(atlas), atlas.is_complete, len(own),
            tuple(_place(row) for row in own.head(limit).to_dict("records")),
        )  # fmt: skip
        return respond_with(found)

    return routes


def _averaged(atlas: Atlas) -> str:
    return in_words(atlas.manifest.identity.ensemble or Ensemble())


def _read(file: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        table = pd.read_csv(file, sep="\t", keep_default_na=False, dtype={"distance": str})
        return table[
            ["track", "rank", "chrom", "position", "ref", "alt", "effect", "gene", "distance"]
        ].astype({"chrom": str, "gene": str})
    except (OSError, ValueError, KeyError):
        raise SighthoundError(
            f"{file.name} of the atlas cannot be read; 'sighthound atlas' writes it again"
        ) from None


def _place(row: dict[str, Any]) -> AtlasPlace:
    chrom, position, ref, alt = row["chrom"], int(row["position"]), row["ref"], row["alt"]
    distance = int(float(row["distance"])) if row["gene"] and row["distance"] else None
    return AtlasPlace(
        int(row["rank"]), f"{chrom}:{position}:{ref}:{alt}", chrom, position - 1, ref, alt,
        float(row["effect"]), row["gene"], distance,
    )  # fmt: skip
