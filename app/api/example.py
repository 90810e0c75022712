"""The place where a project shows best what it does: what the tour goes to.

On sequence that was held out (test, else valid, else anywhere), the gene start where experiment and
prediction of one track both stand out most from the genome; without a gene there any bin, without
an experiment the prediction alone. The same project has the same place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from flask import Blueprint, Response
from numpy.typing import NDArray

from sighthound.app.answers.places import Example, ExamplePlace
from sighthound.app.answers.written import respond_with
from sighthound.app.api.levels import (
    STRETCH_BP,
    GenomeLevels,
    Series,
    Signal,
    read_native,
    series_of,
)
from sighthound.app.project_state import Catalogue
from sighthound.app.web.operation import Operation, Operations
from sighthound.core.annotation.genes import Gene
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Interval
from sighthound.core.project.formats import Declaration, Format, reading
from sighthound.core.tracks.track import Track

EXAMPLE = Declaration(
    "example", 1, frozenset(Format) - {Format.TRACK_SETS, Format.WEIGHTS, Format.PREDICTED}
)
FOLDS = ("test", "valid")
SEARCHED_BP = 32_000_000
# Bases to either side of a start whose highest bin counts; a stretch must hold them.
REACH_BP = 500
_KEPT = 32  # examples: people who see other tracks have others


OPERATIONS: Operations = {
    "/api/v1/example": {
        "get": Operation(
            "The gene start on held-out sequence where experiment and prediction of a track both "
            "stand out most.",
            gives=Example,
        )
    },
}


def blueprint(catalogue: Catalogue, levels: GenomeLevels) -> Blueprint:
    """Make the route /api/v1/example."""
    routes = Blueprint("example", __name__, url_prefix="/api/v1")
    kept: dict[str, ExamplePlace | None] = {}

    @routes.get("/example")
    def example() -> Response:
        track = _best_track(catalogue)
        state = EXAMPLE.key(catalogue.project, [] if track is None else [track])
        state += "" if track is None else track.id
        if state not in kept:
            with reading(EXAMPLE):
                found = find_example(catalogue, levels)
            if len(kept) >= _KEPT:
                kept.clear()
            kept[state] = found
        place = kept[state]
        return respond_with(Example(place, None if place else "no predictions yet"))

    return routes


def find_example(catalogue: Catalogue, levels: GenomeLevels) -> ExamplePlace | None:
    """Find the place; None without predictions in files."""
    track = _best_track(catalogue)
    if track is None:
        return None
    tops = {s.kind: levels.of(s) for s in series_of(catalogue, track)}
    heights = {kind: level.p99 for kind, level in tops.items() if level and level.p99 > 0}
    for at_genes in (True, False):
        best: tuple[float, Interval, int, Gene | None, str] | None = None
        for stretch, fold in _stretches(catalogue):
            try:
                evidence = _evidence(catalogue, track, heights, stretch)
            except SighthoundError:
                continue
            for score, position, gene in _candidates(catalogue, evidence, stretch, at_genes):
                if best is None or score > best[0]:
                    best = score, stretch, position, gene, fold
        if best is not None:
            return _place(track, *best[1:])
    return None


def _place(
    track: Track, stretch: Interval, position: int, gene: Gene | None, fold: str
) -> ExamplePlace:
    return ExamplePlace(
        gene.name if gene else f"Peak of {track.name}",
        gene.id if gene else "",
        stretch.chrom,
        gene.start if gene else position,
        gene.end if gene else position + 1,
        "gene" if gene else "peak",
        position=position,
        track=track.id,
        fold=fold,
    )


def _best_track(catalogue: Catalogue) -> Track | None:
    """The default track that is predicted best of those with both signals; else of all."""
    tracks, held_out = catalogue.tracks(), catalogue.held_out()
    shown = [tracks[t] for t in catalogue.project.server.default_tracks if t in tracks]
    predicted = [t for t in shown or tracks.values() if catalogue.prediction(t.id) is not None]
    predicted = predicted or [t for t in tracks.values() if catalogue.prediction(t.id) is not None]
    measured = [t for t in predicted if t.experiment is not None]

    def accuracy(track: Track) -> float:
        known = held_out.get(track.id)
        return -1.0 if known is None or known.pearson_log1p is None else known.pearson_log1p

    # Of equals the first in the table's order.
    return max(measured or predicted, key=accuracy, default=None)


def _stretches(catalogue: Catalogue) -> Iterator[tuple[Interval, str]]:
    """What is searched: held-out stretches, in pieces that are read at once."""
    folds = catalogue.folds()
    fold = next((name for name in FOLDS if any(f.fold == name for f in folds)), "")
    chosen = [Interval(f.chrom, f.start, f.end) for f in folds if f.fold == fold]
    if not fold:
        chosen = [Interval(chrom, 0, n) for chrom, n in catalogue.genome.lengths.items()]
    left = SEARCHED_BP
    for stretch in chosen:
        for start in range(stretch.start, stretch.end, STRETCH_BP):
            if left <= 0:
                return
            end = min(stretch.end, start + STRETCH_BP)
            left -= end - start
            yield Interval(stretch.chrom, start, end), fold


def _evidence(
    catalogue: Catalogue, track: Track, heights: Mapping[Signal, float], stretch: Interval
) -> NDArray[np.float32]:
    """How far each native bin stands out, in every signal of the track; 0 without data."""
    native = catalogue.native_bin()
    first, last = stretch.start // native, -(-stretch.end // native)
    values = [
        read_native(catalogue, Series(track, kind), stretch.chrom, first, last) / np.float32(top)
        for kind, top in heights.items()
    ]
    return np.nan_to_num(np.min(values, axis=0)) if values else np.zeros(last - first, np.float32)


def _candidates(
    catalogue: Catalogue, evidence: NDArray[np.float32], stretch: Interval, at_genes: bool
) -> Iterator[tuple[float, int, Gene | None]]:
    """Places of a stretch with how much speaks for each: starts of genes, or its highest bin."""
    native = catalogue.native_bin()
    first, reach = stretch.start // native, max(1, REACH_BP // native)
    if not at_genes:
        top = int(evidence.argmax())
        yield float(evidence[top]), (first + top) * native + native // 2, None
        return
    for gene in catalogue.genes().overlapping(stretch):
        for tss in gene.tss_positions:
            if not stretch.start + REACH_BP <= tss < stretch.end - REACH_BP:
                continue
            at = tss // native - first
            yield float(evidence[max(0, at - reach) : at + reach + 1].max()), tss, gene
