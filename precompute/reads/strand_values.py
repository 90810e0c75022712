"""From the places of reads to the values of a strand: summed, clipped, corrected, scaled."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sighthound.precompute.reads.clipping import clip_piles
from sighthound.precompute.reads.gc_content import GcModel
from sighthound.precompute.reads.places import Alignments, GenomeLine, Places

_ROUNDING = 1e-9  # reads; what is left below it where all fragments have ended


class StrandValues:
    """The values of one strand, chromosome by chromosome, and what they came to.

    Attributes
    ----------
    total : float
        Sum of the values so far.
    clipped : int
        Bases that had more than they may.
    """

    def __init__(
        self,
        line: GenomeLine,
        row: int,
        alignments: Alignments,
        weights: np.ndarray,
        gc: GcModel | None,
        factor: float,
        clip: int | None,
        sd: float,
    ) -> None:
        self.line, self.row, self.gc, self.factor, self.clip, self.sd = (
            line, row, gc, factor, clip, sd,
        )  # fmt: skip
        unique_order = np.argsort(alignments.unique.start, kind="stable")
        shared_order = np.argsort(alignments.shared.start, kind="stable")
        self.unique = alignments.unique.where(unique_order)
        self.shared = alignments.shared.where(shared_order)
        self.weights = weights[shared_order]
        self.total, self.clipped = 0.0, 0

    def chromosomes(self) -> Iterator[tuple[str, np.ndarray]]:
        """Give every chromosome's coverage, float32, (bases,)."""
        for column, (chrom, length) in enumerate(self.line.lengths.items()):
            offset = self.line.offsets[self.row, column]
            values = np.zeros(length, np.float32)
            ends = (offset, offset + length)
            low, high = np.searchsorted(self.unique.start, ends)
            one, ones = self.unique.where(slice(low, high)), np.ones(high - low)
            low, high = np.searchsorted(self.shared.start, ends)
            many, parts = self.shared.where(slice(low, high)), self.weights[low:high]
            _add_up(values, offset, [(one, ones), (many, parts)])
            if self.clip is not None:
                self.clipped += clip_piles(values, self.clip, self.sd)
            if self.gc is not None:
                self.gc.correct(chrom, values)
            if self.factor != 1:
                values *= np.float32(self.factor)
            self.total += float(values.sum(dtype=float))
            yield chrom, values


def _add_up(values: np.ndarray, offset: int, weighted: list[tuple[Places, np.ndarray]]) -> None:
    """Write the sum of weighted places into `values`, summing in float64 only where places are."""
    edges, steps = [], []
    for places, weight in weighted:
        edges.append(places.start - offset)
        steps.append(weight)
        if places.span is not None:
            edges.append(places.start + places.span - offset)
            steps.append(-weight)
    edge, which = np.unique(np.concatenate(edges), return_inverse=True)
    step = np.bincount(which, np.concatenate(steps), len(edge))
    if weighted[0][0].span is None:
        values[edge] = step
    elif len(edge):
        level = np.cumsum(step)
        level[np.abs(level) < _ROUNDING] = 0
        values[edge[0] :] = np.repeat(level, np.diff(edge, append=len(values)))
