"""From the places of reads to the values of a strand: summed, clipped, corrected, scaled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.precompute.reads.alignments import read_alignments
from sighthound.precompute.reads.assays import NO_SHIFT
from sighthound.precompute.reads.bam_files import header_lengths
from sighthound.precompute.reads.clipping import clip_piles
from sighthound.precompute.reads.counting import Counting
from sighthound.precompute.reads.gc_content import GcModel
from sighthound.precompute.reads.multireads import gaussian_kernel
from sighthound.precompute.reads.places import Alignments, GenomeLine, Places, Splice

_ROUNDING = 1e-9  # reads; what is left below it where all fragments have ended


class StrandValues:
    """The values of one strand, chromosome by chromosome, and what they came to.

    Attributes
    ----------
    total : float
        Sum of the values so far.
    clipped, clipped_multi : int
        Bases that had more than they may, in all or of reads with several places.
    """

    def __init__(
        self,
        line: GenomeLine,
        row: int,
        alignments: Alignments,
        weights: np.ndarray,
        *,
        gc: GcModel | None,
        factor: float,
        clip: int | None,
        clip_multi: float | None,
        sd: float,
    ) -> None:
        self.line, self.row, self.gc, self.factor = line, row, gc, factor
        self.clip, self.clip_multi, self.kernel = clip, clip_multi, gaussian_kernel(sd)
        shared_order = np.argsort(alignments.shared.start, kind="stable")
        self.unique = alignments.unique.in_order()
        self.shared = alignments.shared.where(shared_order)
        self.weights = weights[shared_order]
        self.splices = alignments.splices
        self.total, self.clipped, self.clipped_multi = 0.0, 0, 0

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
            if self.clip_multi is None:
                _add_up(values, offset, [(one, ones), (many, parts)], self.splices)
            else:
                _add_up(values, offset, [(many, parts)], self.splices)
                self.clipped_multi += int((values > self.clip_multi).sum())
                of_unique = np.zeros(length, np.float32)
                _add_up(of_unique, offset, [(one, ones)], self.splices)
                values = np.minimum(values, np.float32(self.clip_multi)) + of_unique
            if self.clip is not None:
                self.clipped += clip_piles(values, self.clip, self.kernel)
            if self.gc is not None:
                self.gc.correct(chrom, values)
            if self.factor != 1:
                values *= np.float32(self.factor)
            self.total += float(values.sum(dtype=float))
            yield chrom, values


def _add_up(
    values: np.ndarray,
    offset: int,
    weighted: list[tuple[Places, np.ndarray]],
    splices: tuple[Splice, ...],
) -> None:
    """Write the sum of weighted places into `values`, summing in float64 only where places are."""
    edges, steps = [], []
    for places, weight in weighted:
        edges.append(places.start - offset)
        steps.append(weight)
        if places.span is not None:
            edges.append(places.start + places.span - offset)
            steps.append(-weight)
        if places.splice is not None:
            whose, begin, size = _gaps(places.splice, splices)
            begin += places.start[whose] - offset
            edges += [begin, begin + size]
            steps += [-weight[whose], weight[whose]]
    edge, which = np.unique(np.concatenate(edges), return_inverse=True)
    step = np.bincount(which, np.concatenate(steps), len(edge))
    if weighted[0][0].span is None:
        values[edge] = step
    elif len(edge):
        level = np.cumsum(step)
        level[np.abs(level) < _ROUNDING] = 0
        values[edge[0] :] = np.repeat(level, np.diff(edge, append=len(values)))


def _gaps(
    kinds: np.ndarray, splices: tuple[Splice, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the gaps of places: of which place, bases from its start, and their number."""
    counts = np.array([len(gaps) for gaps in splices], np.int64)
    flat = np.array([gap for gaps in splices for gap in gaps], np.int64).reshape(-1, 2)
    first = np.cumsum(counts) - counts
    own = counts[kinds]
    whose = np.repeat(np.arange(len(kinds)), own)
    number = np.arange(len(whose)) - np.repeat(np.cumsum(own) - own, own)
    chosen = flat[first[kinds[whose]] + number]
    return whose, chosen[:, 0].copy(), chosen[:, 1]


def _covered(places: Places, splices: tuple[Splice, ...]) -> np.ndarray:
    """Count the bases at which each place counts, int64."""
    if places.span is None:
        return np.ones(len(places), np.int64)
    bases = places.span.astype(np.int64)
    if places.splice is not None:
        bases -= np.array([sum(n for _, n in gaps) for gaps in splices], np.int64)[places.splice]
    return bases


def scale_factor(
    alignments: Alignments,
    weights: np.ndarray,
    counting: Counting,
    line: GenomeLine,
    normalise: str,
    scale_by: Path | str | float | None,
    effective_size: int | None,
) -> tuple[str, float]:
    """Say what counts are multiplied by, and why."""
    if isinstance(scale_by, int | float):
        return "factor", float(scale_by)
    if scale_by is not None:
        spike = Path(scale_by)
        own = GenomeLine.of(header_lengths(spike), 0, stranded=False)
        whole = replace(counting, position="5prime", shift=NO_SHIFT, fragment_length=None)
        reads = read_alignments(spike, own, whole, lambda done, size, said="", /: None)
        count = len(reads.unique) + len(reads.first)
        if not count:
            raise SighthoundError(f"{spike} has no read to scale by")
        return "spike-in", 1e6 / count
    if normalise == "cpm":
        return "cpm", 1e6 / (len(alignments.unique) + len(alignments.first))
    if normalise == "rpgc":
        size = effective_size or sum(line.lengths.values())
        unique = int(_covered(alignments.unique, alignments.splices).sum())
        shared = float((weights * _covered(alignments.shared, alignments.splices)).sum())
        return "rpgc", size / (unique + shared)
    return "none", 1.0
