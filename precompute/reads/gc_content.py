"""GC content and coverage: a third-degree polynomial of log2 coverage, and its correction.

Coverage is fitted and corrected in the same base (2), and both it and GC are weighed by the same
Gaussian around the same base (Kelley et al. 2018, Methods, "Data processing").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import Polynomial

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.tracks.card import GcCurve
from sighthound.precompute.reads.multireads import (
    PSEUDOCOUNT,
    gaussian_kernel,
    kernel_radius,
    smoothed_counts,
)
from sighthound.precompute.reads.places import Alignments, GenomeLine

GC_SD = 64  # bases; weighs both GC and coverage
MOST_WINDOWS = 20_000
FEWEST_WINDOWS = 50
_BLOCK = 1 << 20  # bases whose GC is smoothed at a time


@dataclass(frozen=True)
class GcModel:
    """log2 coverage as a third-degree polynomial of the Gaussian-weighted GC fraction."""

    genome: Genome
    polynomial: Polynomial
    baseline: float
    lowest: float
    highest: float
    r2: float
    windows: int

    def curve(self) -> GcCurve:
        """Give the fitted curve at 41 shares of GC."""
        gc = np.linspace(self.lowest, self.highest, 41)
        fitted = self.polynomial(gc)
        return GcCurve(
            tuple(np.round(gc, 4).tolist()), tuple(np.round(fitted, 4).tolist()),
            round(self.r2, 4), self.windows,
        )  # fmt: skip

    def correct(self, chrom: str, values: np.ndarray) -> None:
        """Divide coverage, float32, (bases,), by what GC predicts; where no base is known, by 1."""
        for start, gc in _smoothed_gc(self.genome, chrom):
            predicted = self.polynomial(np.clip(gc, self.lowest, self.highest))
            factor = np.exp2(self.baseline - predicted)
            values[start : start + len(gc)] *= np.where(np.isnan(gc), 1, factor).astype(np.float32)


def fit_gc(genome: Genome, line: GenomeLine, alignments: Alignments) -> GcModel:
    """Fit log2 coverage against GC, the same windows and the same Gaussian for both."""
    radius = kernel_radius(GC_SD)
    gcs, queries = [], []
    for column, (chrom, length) in enumerate(line.lengths.items()):
        centers = np.arange(radius, length - radius, 2 * radius)
        for start, gc in _smoothed_gc(genome, chrom, whole_windows=True):
            here = centers[(centers >= start) & (centers < start + len(gc))]
            here = here[~np.isnan(gc[here - start])]
            gcs.append(np.tile(gc[here - start], len(line.offsets)))
            queries.append((here + line.offsets[:, column, None]).ravel())
    query, gc = np.concatenate(queries), np.concatenate(gcs)
    if len(query) < FEWEST_WINDOWS:
        raise SighthoundError(
            f"{genome.path} has {len(query)} windows of {2 * radius} known bases; the GC fit needs "
            f"{FEWEST_WINDOWS}: leave GC correction out for so small a genome"
        )
    order = np.argsort(query)
    query, gc = query[order], gc[order]
    shared = np.sort(alignments.shared.anchor)
    several = np.searchsorted(shared, query + radius, "right") - np.searchsorted(
        shared, query - radius
    )
    clean = np.flatnonzero(several == 0)
    fitted = clean if len(clean) >= FEWEST_WINDOWS else np.arange(len(query))
    fitted = fitted[np.linspace(0, len(fitted) - 1, min(len(fitted), MOST_WINDOWS)).astype(int)]
    counts = smoothed_counts(line, alignments.unique.anchor, query[fitted], GC_SD)
    log2_coverage = np.log2(counts + PSEUDOCOUNT)
    polynomial = Polynomial.fit(gc[fitted], log2_coverage, 3)
    lowest, highest = np.quantile(gc[fitted], (0.005, 0.995))
    spread = log2_coverage.var()
    residual = (log2_coverage - polynomial(gc[fitted])).var()
    return GcModel(
        genome=genome,
        polynomial=polynomial,
        baseline=float(polynomial(np.clip(gc, lowest, highest)).mean()),
        lowest=float(lowest),
        highest=float(highest),
        r2=float(1 - residual / spread) if spread > 0 else 0.0,
        windows=len(fitted),
    )


def _smoothed_gc(
    genome: Genome, chrom: str, whole_windows: bool = False
) -> Iterator[tuple[int, np.ndarray]]:
    """Give the Gaussian-weighted GC fraction of known bases, block by block.

    Yields
    ------
    The block's start and float32 values, (bases,); NaN where no base in the window is known or,
    with `whole_windows`, where any is not.
    """
    from scipy.signal import oaconvolve  # takes seconds to import

    chrom = genome.resolve(chrom)
    kernel = gaussian_kernel(GC_SD).astype(np.float32)
    radius = len(kernel) // 2
    for start in range(0, genome.lengths[chrom], _BLOCK):
        end = min(start + _BLOCK, genome.lengths[chrom])
        bases = genome.one_hot(Interval(chrom, start - radius, end + radius)).astype(np.float32)
        known = bases.sum(axis=1)
        covered = oaconvolve(known, kernel, "valid")
        gc = oaconvolve(bases[:, 1] + bases[:, 2], kernel, "valid")
        if whole_windows:
            total = np.concatenate([[0], np.cumsum(known, dtype=np.int64)])
            usable = total[2 * radius + 1 :] - total[: -2 * radius - 1] == 2 * radius + 1
        else:
            usable = covered > 0.01
        values = np.full(end - start, np.nan, np.float32)
        values[usable] = np.clip(gc[usable] / covered[usable], 0, 1)
        yield start, values
