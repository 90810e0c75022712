"""The routes that explain a prediction: saliency, mutagenesis, and the motifs that it finds.

Positions are 0-based, half-open.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, request

from app import answers, motif_names
from app.catalogue import Catalogue
from app.explain import (
    Answer,
    Inference,
    cancelled,
    check_modelled,
    give,
    job_key,
    respond,
)
from app.parameters import asked_tracks, integer, one_of
from core.errors import SighthoundError


def blueprint(catalogue: Catalogue, inference: Inference) -> Blueprint:
    """Make the routes /api/v1/saliency, mutagenesis and motifs.

    Parameters
    ----------
    catalogue : Catalogue
        The project's tracks, genome and model.
    inference : Inference
        Runs the jobs.
    """
    routes = Blueprint("explain", __name__, url_prefix="/api/v1")
    project, genome = catalogue.project, catalogue.genome

    def modelled_track() -> str:
        track = one_of("track", catalogue.tracks())
        check_modelled(catalogue, [track])
        return track

    @routes.route("/saliency", methods=["GET", "DELETE"])
    def saliency() -> Answer:
        track = modelled_track()
        chrom = genome.resolve(request.args.get("chrom", ""))
        position = integer("position", 0, genome.lengths[chrom] - 1)
        # Any base of a bin asks for the same answer.
        position -= position % catalogue.model_bin()
        asked = (track, chrom, position)
        key = job_key("saliency", catalogue, asked)
        return respond(inference, key, answers.saliency, project, *asked, priority=1)

    def region() -> tuple[str, int, int, int]:
        chrom = genome.resolve(request.args.get("chrom", ""))
        length = genome.lengths[chrom]
        start = integer("start", 0, length - 1)
        end = integer("end", start + 1, length)
        most = project.server.max_mutagenesis_bp
        if end - start > most:
            raise SighthoundError(
                f"{end - start:,} bases are too many for mutagenesis; choose at most {most:,}"
            )
        target = integer("target", 0, length - 1)
        return chrom, start, end, target - target % catalogue.model_bin()

    @routes.route("/mutagenesis", methods=["GET", "DELETE"])
    def mutagenesis() -> Answer:
        is_one = "tracks" not in request.args
        tracks = [modelled_track()] if is_one else [t.id for t in asked_tracks(catalogue)]
        if not tracks:
            raise SighthoundError("mutagenesis of no track; give at least one in 'tracks'")
        check_modelled(catalogue, tracks)
        asked = region()
        if request.method == "DELETE":
            return give(*mutations.cancel(tracks, asked))
        found, status = mutations.ask(tracks, asked)
        if status == 200 and is_one:
            found = {**found["tracks"][0], **{k: v for k, v in found.items() if k != "tracks"}}
        return give(found, status)

    mutations = _Mutations(catalogue, inference)

    @routes.route("/motifs", methods=["GET", "DELETE"])
    def motifs() -> Answer:
        track, asked = modelled_track(), region()
        named = (track, *asked, *dataclasses.astuple(project.motifs))
        key = job_key("motifs", catalogue, named)
        if request.method == "DELETE":
            return cancelled(inference, key)
        found, status = mutations.ask([track], asked)
        if status == 202:
            return give(found, status)
        given = (*asked[:3], found["tracks"][0]["effects"])
        return respond(inference, key, motif_names.motifs, project, *given)

    return routes


class _Mutations:
    """Mutageneses, kept by track: those of further tracks are computed alone, all in one pass."""

    def __init__(self, catalogue: Catalogue, inference: Inference) -> None:
        self.catalogue, self.inference = catalogue, inference

    def ask(
        self, tracks: Sequence[str], region: tuple[str, int, int, int]
    ) -> tuple[dict[str, Any], int]:
        """Give the answer for these tracks, or how far it is."""
        kept = self._kept(tracks, region)
        missing = tuple(track for track in tracks if kept[track] is None)
        if missing:
            asked = (missing, *region)
            found, status = self.inference.answer(
                self._key(missing, region), answers.mutagenesis, self.catalogue.project, *asked
            )
            if status == 202:
                return found, status
            for track, one in zip(missing, found["tracks"], strict=True):
                kept[track] = {**found, "tracks": [one]}
                if len(missing) > 1:
                    self.inference.cache.set(self._key((track,), region), kept[track])
        every = [kept[track] or {} for track in tracks]
        return {**every[0], "tracks": [one["tracks"][0] for one in every]}, 200

    def cancel(
        self, tracks: Sequence[str], region: tuple[str, int, int, int]
    ) -> tuple[dict[str, Any], int]:
        kept = self._kept(tracks, region)
        missing = tuple(track for track in tracks if kept[track] is None)
        return {"cancelled": self.inference.cancel(self._key(missing, region))}, 200

    def _kept(
        self, tracks: Sequence[str], region: tuple[str, int, int, int]
    ) -> dict[str, dict[str, Any] | None]:
        return {t: self.inference.cache.get(self._key((t,), region)) for t in tracks}

    def _key(self, tracks: tuple[str, ...], region: tuple[str, int, int, int]) -> str:
        return job_key("mutagenesis", self.catalogue, (tracks, *region))
