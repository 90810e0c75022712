"""How the experiment of a track was made: the card beside its BigWig, for a person."""

from __future__ import annotations

from flask import Blueprint, Response, request

from sighthound.app.answers.genome import CardLine, CardPicture, TrackCard
from sighthound.app.answers.written import respond_with
from sighthound.app.project_state import Catalogue
from sighthound.app.web.operation import Operation, Operations
from sighthound.core.errors import SighthoundError
from sighthound.core.tracks.card import read_card
from sighthound.core.tracks.card_pictures import fragments_picture, gc_picture

OPERATIONS: Operations = {
    "/api/v1/track-card": {
        "get": Operation(
            "How the experiment of a track was made: reads in and out, shift, scale, sharing, GC.",
            "track",
            TrackCard,
        )
    },
}


def blueprint(catalogue: Catalogue) -> Blueprint:
    """Make the route /api/v1/track-card."""
    routes = Blueprint("track_card", __name__, url_prefix="/api/v1")

    @routes.get("/track-card")
    def track_card() -> Response:
        name = request.args.get("track", "")
        track = catalogue.tracks().get(name)
        if track is None:
            raise SighthoundError(f"unknown track {name[:80]!r}")
        card = None if track.experiment is None else read_card(track.experiment)
        if card is None:
            return respond_with(TrackCard((), ()))
        lines = tuple(CardLine(what, words) for what, words in card.lines())
        drawn = {"GC": gc_picture(card), "fragments": fragments_picture(card)}
        pictures = tuple(CardPicture(what, svg) for what, svg in drawn.items() if svg)
        return respond_with(TrackCard(lines, pictures))

    return routes
