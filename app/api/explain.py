"""The routes that explain a prediction: saliency, mutagenesis, and the motifs that it finds.

Where a track is named, "A/B" names the contrast of two. Positions are 0-based, half-open.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from flask import Blueprint, request

from sighthound.app.answers.doubt import MembersOnMutagenesis, MembersOnSaliency
from sighthound.app.answers.explanations import Motifs, Mutagenesis, MutagenesisOfTrack, Saliency
from sighthound.app.answers.jobs import Waiting
from sighthound.app.answers.nulls import NullsOnMutagenesis
from sighthound.app.api.doubt import PRIORITY, ask_members, check_members
from sighthound.app.identity import Identity
from sighthound.app.inference import doubt_tasks, motif_tasks, null_tasks, tasks
from sighthound.app.inference.client import (
    Answer,
    Inference,
    Question,
    asked_of,
    cancelled,
    check_modelled,
    give,
    question,
    respond,
)
from sighthound.app.project_state import Catalogue
from sighthound.app.web.operation import WINDOW, Operation, Operations
from sighthound.app.web.parameters import asked_names, integer
from sighthound.core.errors import SighthoundError
from sighthound.core.project.settings import Project
from sighthound.core.tracks.contrasts import tracks_of

OPERATIONS: Operations = {
    "/api/v1/saliency": {
        "get": Operation(
            "Which bins drive a track's prediction at the bin of a base.",
            "track chrom position",
            Saliency,
            waits=True,
        )
    },
    "/api/v1/mutagenesis": {
        "get": Operation(
            "What every substitution in a region does to a prediction.",
            f"track? tracks? {WINDOW} target",
            MutagenesisOfTrack | Mutagenesis,
            waits=True,
        )
    },
    "/api/v1/saliency/members": {
        "get": Operation(
            "How far the networks that taught the model agree on a saliency.",
            "track chrom position",
            MembersOnSaliency,
            waits=True,
        )
    },
    "/api/v1/mutagenesis/members": {
        "get": Operation(
            "How far the networks that taught the model agree on a mutagenesis.",
            f"track? tracks? {WINDOW} target",
            MembersOnMutagenesis,
            waits=True,
        )
    },
    "/api/v1/mutagenesis/nulls": {
        "get": Operation(
            "How large what every substitution in a region does is among substitutions that match.",
            f"track? tracks? {WINDOW} target",
            NullsOnMutagenesis,
            waits=True,
        )
    },
    "/api/v1/motifs": {
        "get": Operation(
            "Names of the motifs that a mutagenesis found, and which changes make or break one.",
            f"track {WINDOW} target",
            Motifs,
            waits=True,
        )
    },
}


def blueprint(catalogue: Catalogue, inference: Inference) -> Blueprint:
    """Make the routes of saliency and mutagenesis, what members and nulls say of both, and motifs.

    Parameters
    ----------
    catalogue : Catalogue
        The project's tracks, genome and model.
    inference : Inference
        Runs the jobs.
    """
    routes = Blueprint("explain", __name__, url_prefix="/api/v1")
    project, genome = catalogue.project, catalogue.genome

    def asked_of_model(parameter: str) -> list[str]:
        names = asked_names(catalogue, parameter)
        check_modelled(catalogue, [track for name in names for track in tracks_of(name)])
        if not names:
            raise SighthoundError(f"an explanation of no track; give at least one in {parameter!r}")
        return names

    def one_of_model() -> str:
        names = asked_of_model("track")
        if len(names) > 1:
            raise SighthoundError(f"{len(names)} tracks in 'track'; give one")
        return names[0]

    def place() -> tuple[str, str, int]:
        track = one_of_model()
        chrom = genome.resolve(request.args.get("chrom", ""))
        position = integer("position", 0, genome.lengths[chrom] - 1)
        # Any base of a bin asks for the same answer.
        return track, chrom, position - position % catalogue.model_bin()

    @routes.route("/saliency", methods=["GET", "DELETE"])
    def saliency() -> Answer:
        asked = place()
        named = question("saliency", asked_of(catalogue), *asked)
        return respond(inference, named, tasks.saliency, project, *asked, priority=1)

    @routes.route("/saliency/members", methods=["GET", "DELETE"])
    def saliency_members() -> Answer:
        check_members(catalogue)
        identity, asked = asked_of(catalogue), place()
        named = question("saliency-members", identity, *asked)
        if request.method == "DELETE":
            return cancelled(inference, named)
        own = question("saliency", identity, *asked)
        found = inference.answer(own, tasks.saliency, project, *asked, priority=1)
        return give(*ask_members(inference, named, found, doubt_tasks.saliency, asked[-1]))

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

    def mutated_tracks() -> list[str]:
        is_one = "tracks" not in request.args
        return [one_of_model()] if is_one else asked_of_model("tracks")

    @routes.route("/mutagenesis", methods=["GET", "DELETE"])
    def mutagenesis() -> Answer:
        identity = asked_of(catalogue)
        is_one = "tracks" not in request.args
        tracks, asked = mutated_tracks(), region()
        if request.method == "DELETE":
            return mutations.cancel(identity, tracks, asked)
        found = mutations.ask(identity, tracks, asked)
        if isinstance(found, Waiting):
            return give(found, 202)
        return give(found.of_one() if is_one else found, 200)

    @routes.route("/mutagenesis/members", methods=["GET", "DELETE"])
    def mutagenesis_members() -> Answer:
        check_members(catalogue)
        identity = asked_of(catalogue)
        tracks, asked = mutated_tracks(), region()
        named = question("mutagenesis-members", identity, tracks, asked)
        if request.method == "DELETE":
            return cancelled(inference, named)
        found = mutations.ask(identity, tracks, asked)
        status = 202 if isinstance(found, Waiting) else 200
        task, target = doubt_tasks.mutagenesis, asked[-1]
        return give(*ask_members(inference, named, (found, status), task, target))

    @routes.route("/mutagenesis/nulls", methods=["GET", "DELETE"])
    def mutagenesis_nulls() -> Answer:
        # The target is as of the mutagenesis; what is ranked is over all bins.
        chrom, start, end, _ = region()
        tracks = tuple(name for name in mutated_tracks() if len(tracks_of(name)) == 1)
        asked = (tracks, chrom, start, end, catalogue.claiming())
        named = question("mutagenesis-nulls", asked_of(catalogue), *asked)
        task = null_tasks.mutagenesis
        return respond(inference, named, task, project, *asked, priority=PRIORITY)

    mutations = _Mutations(project, inference)

    @routes.route("/motifs", methods=["GET", "DELETE"])
    def motifs() -> Answer:
        identity = asked_of(catalogue)
        track, asked = one_of_model(), region()
        named = question("motifs", identity, track, asked, project.motifs)
        if request.method == "DELETE":
            return cancelled(inference, named)
        found = mutations.ask(identity, [track], asked)
        if isinstance(found, Waiting):
            return give(found, 202)
        given = (*asked[:3], found.tracks[0].effects)
        return respond(inference, named, motif_tasks.motifs, project, *given, is_beside=True)

    return routes


class _Mutations:
    """Mutageneses, kept by track: those of further tracks are computed alone, all in one pass."""

    def __init__(self, project: Project, inference: Inference) -> None:
        self.project, self.inference = project, inference

    def ask(
        self, identity: Identity, tracks: Sequence[str], region: tuple[str, int, int, int]
    ) -> Mutagenesis | Waiting:
        """Give the answer for these tracks, or how far it is."""
        kept = self._kept(identity, tracks, region)
        missing = tuple(track for track in tracks if kept[track] is None)
        if missing:
            asked = (missing, *region)
            found, status = self.inference.answer(
                _mutations(identity, missing, region), tasks.mutagenesis, self.project, *asked
            )
            if status == 202:
                return found
            for track, one in zip(missing, found.tracks, strict=True):
                kept[track] = dataclasses.replace(found, tracks=(one,))
                if len(missing) > 1:
                    alone = _mutations(identity, (track,), region)
                    self.inference.cache.set(alone.key, kept[track])
        every = [one for track in tracks if (one := kept[track]) is not None]
        return dataclasses.replace(every[0], tracks=tuple(one.tracks[0] for one in every))

    def cancel(
        self, identity: Identity, tracks: Sequence[str], region: tuple[str, int, int, int]
    ) -> Answer:
        kept = self._kept(identity, tracks, region)
        missing = tuple(track for track in tracks if kept[track] is None)
        return cancelled(self.inference, _mutations(identity, missing, region))

    def _kept(
        self, identity: Identity, tracks: Sequence[str], region: tuple[str, int, int, int]
    ) -> dict[str, Mutagenesis | None]:
        get = self.inference.cache.get
        return {track: get(_mutations(identity, (track,), region).key) for track in tracks}


def _mutations(
    identity: Identity, tracks: tuple[str, ...], region: tuple[str, int, int, int]
) -> Question:
    return question("mutagenesis", identity, tracks, region)
