"""/api/v1/next: from place to place.

Genes and peaks from a position on, around the whole genome; places of a ranked list from a rank on.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import TypeVar

from flask import Blueprint, Response, request

from sighthound.app.answers.limits import MAX_PEAK_TRACKS
from sighthound.app.answers.places import (
    ContrastPlace,
    Disagreement,
    GenePlace,
    PeakPlace,
    Step,
    TopVariant,
)
from sighthound.app.answers.written import respond_with
from sighthound.app.api.levels import GenomeLevels, Series
from sighthound.app.api.peaks import Peak, Peaks
from sighthound.app.api.ranked_places import KINDS as LISTS
from sighthound.app.api.ranked_places import MOST, Places, asked_places
from sighthound.app.api.search import gene_place
from sighthound.app.project_state import Catalogue
from sighthound.app.web.operation import Operation, Operations
from sighthound.app.web.parameters import asked_tracks, integer, one_of
from sighthound.core.annotation.genes import Gene, Genes
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome

KINDS = ("gene", "peak", *LISTS)
DIRECTIONS = {"next": 1, "previous": -1}
SERIES = ("experiment", "prediction")
_Place = TypeVar("_Place")
_NONE_LISTED = {
    "disagreement": "no place differs twofold in these tracks and folds",
    "contrast": "no place of the list is in these folds",
    "variant": "no variant has an effect on these tracks",
}


class GeneOrder:
    """Genes by the middle of their span, chromosome after chromosome."""

    def __init__(self, genes: Genes, genome: Genome) -> None:
        self._rank = {chrom: rank for rank, chrom in enumerate(genome.lengths)}
        placed = sorted(
            ((self._rank[g.chrom], (g.start + g.end) // 2, n, g) for n, g in enumerate(genes)),
            key=lambda entry: entry[:3],
        )
        self._places = [(rank, middle) for rank, middle, _, _ in placed]
        self._genes = [gene for *_, gene in placed]

    def next(self, chrom: str, position: int, step: int) -> Gene | None:
        """The gene whose middle is the nearest beyond the position; after the last, the first."""
        if not self._genes:
            return None
        here = (self._rank[chrom], position)
        after = bisect_right(self._places, here)
        at = after if step > 0 else bisect_left(self._places, here) - 1
        return self._genes[at % len(self._genes)]


OPERATIONS: Operations = {
    "/api/v1/next": {
        "get": Operation(
            "The next gene or peak from a base, or the next place of a ranked list.",
            "kind direction chrom? position? tracks? series? rank? folds? contrast?",
            Step,
        )
    },
}


def blueprint(catalogue: Catalogue, levels: GenomeLevels) -> Blueprint:
    """Make the route /api/v1/next."""
    routes = Blueprint("neighbours", __name__, url_prefix="/api/v1")
    genome = catalogue.genome
    peaks, places = Peaks(catalogue, levels), Places(catalogue)
    annotation = catalogue.project.genome.genes

    def ordered() -> GeneOrder:
        files = [] if annotation is None else [annotation]
        return catalogue.read_again(
            "order of genes", files, lambda: GeneOrder(catalogue.genes(), genome)
        )

    @routes.get("/next")
    def next_() -> Response:
        kind = one_of("kind", KINDS)
        step = DIRECTIONS[one_of("direction", DIRECTIONS)]
        if kind in LISTS:
            listed = asked_places(places, kind)
            ranked: Sequence[Disagreement | ContrastPlace | TopVariant] = listed.places
            place = following(ranked, _rank(), step)
            note = listed.note or _NONE_LISTED[kind]
            return respond_with(Step(place, None if place else note))
        chrom = genome.resolve(request.args.get("chrom", ""))
        position = integer("position", 0, genome.lengths[chrom] - 1)
        if kind == "gene":
            gene = ordered().next(chrom, position, step)
            if gene is None:
                return respond_with(Step(None, "the project has no genes"))
            return respond_with(Step(_gene(gene)))
        series = asked_series(catalogue)
        peak = peaks.next(series, chrom, position, step)
        if peak is None:
            return respond_with(Step(None, "no peak is near in the tracks shown"))
        return respond_with(Step(_peak(catalogue, peak)))

    return routes


def following(places: Sequence[_Place], rank: int | None, step: int) -> _Place | None:
    """Give the place after that of a rank, or before it, around the list.

    From no rank, or one that the list does not reach, the first or the last follows.
    """
    if not places:
        return None
    if rank is None or rank > len(places):
        return places[0 if step > 0 else -1]
    return places[(rank - 1 + step) % len(places)]


def asked_series(catalogue: Catalogue) -> list[Series]:
    """Read from the request whose peaks are looked for.

    `tracks` names tracks; `series`, experiment or prediction, which signal of theirs: the
    experiment where there is one, by default.
    """
    tracks = asked_tracks(catalogue)
    if not 1 <= len(tracks) <= MAX_PEAK_TRACKS:
        raise SighthoundError(f"{len(tracks)} tracks; give 1 to {MAX_PEAK_TRACKS} to find peaks of")
    wanted = request.args.get("series")
    if wanted is not None:
        one_of("series", SERIES)
    found = []
    for track in tracks:
        measured, predicted = track.experiment is not None, catalogue.prediction(track.id)
        if measured and wanted != "prediction":
            found.append(Series(track, "experiment"))
        elif predicted is not None and wanted != "experiment":
            found.append(Series(track, "prediction"))
    return found


def _rank() -> int | None:
    return integer("rank", 1, MOST) if "rank" in request.args else None


def _gene(gene: Gene) -> GenePlace:
    return GenePlace(**vars(gene_place(gene)), position=(gene.start + gene.end) // 2)


def _peak(catalogue: Catalogue, peak: Peak) -> PeakPlace:
    track, kind = peak.series.track, peak.series.kind
    unit = f"{track.aggregation} per {catalogue.native_bin()} bp"
    return PeakPlace(
        f"Peak of {track.name}",
        f"{kind} {peak.value:.4g} ({unit})",
        peak.chrom,
        peak.start,
        peak.end,
        "peak",
        position=peak.position,
        track=track.id,
        series=kind,
        value=peak.value,
    )
