"""GC content and coverage: a third-degree polynomial of log2 coverage, and its correction.

Coverage is fitted and corrected in the same base (2), and both it and GC are weighed by the same
Gaussian around the same base (Kelley et al. 2018, Methods, "Data processing").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.polynomial import Polynomial

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import ALPHABET, Genome, Interval, base_codes
from sighthound.core.tracks.card import GcCurve
from sighthound.precompute.reads.multireads import (
    gaussian_kernel,
    kernel_radius,
    smoothed_counts,
)
from sighthound.precompute.reads.places import PSEUDOCOUNT, Alignments, GenomeLine

GC_SD = 64  # bases; weighs both GC and coverage
MOST_WINDOWS = 20_000
FEWEST_WINDOWS = 50
_BLOCK = 1 << 20  # bases whose GC is smoothed at a time
_PIECE = 1 << 12  # of them, that one Fourier transform takes
_LEAST_KNOWN = 0.01  # of a window, by weight
_N = len(ALPHABET)  # the code of a base that is not known


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
            here = values[start : start + len(gc)]
            covered = np.flatnonzero(here)
            share = gc[covered]
            predicted = self.polynomial(np.clip(share, self.lowest, self.highest))
            factor = np.exp2(self.baseline - predicted)
            here[covered] *= np.where(np.isnan(share), 1, factor).astype(np.float32)


def fit_gc(genome: Genome, line: GenomeLine, alignments: Alignments) -> GcModel:
    """Fit log2 coverage against GC, the same windows and the same Gaussian for both."""
    radius = kernel_radius(GC_SD)
    gcs, queries = [], []
    for column, chrom in enumerate(line.lengths):
        for centers, gc in _gc_of_windows(genome, chrom):
            gcs.append(np.tile(gc, len(line.offsets)))
            queries.append((centers + line.offsets[:, column, None]).ravel())
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


def _gc_of_windows(genome: Genome, chrom: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give windows side by side of which every base is known: centres, and Gaussian-weighted GC."""
    chrom, length = genome.resolve(chrom), genome.lengths[genome.resolve(chrom)]
    radius = kernel_radius(GC_SD)
    kernel = gaussian_kernel(GC_SD).astype(np.float32)
    block = _BLOCK // (2 * radius) * (2 * radius)
    for start in range(radius, length - radius, block):
        end = min(start + block, length - radius)
        codes = base_codes(genome.sequence(Interval(chrom, start - radius, end + radius)))
        is_known, is_gc = codes < _N, _is_gc(codes).astype(np.float32)
        known = _windows(is_known, radius).all(axis=1)
        yield start + 2 * radius * np.flatnonzero(known), _windows(is_gc, radius)[known] @ kernel


def _windows(values: np.ndarray, radius: int) -> np.ndarray:
    """View of windows around every so manyth base, side by side but for one that two share."""
    return sliding_window_view(values, 2 * radius + 1)[:: 2 * radius]


def _smoothed_gc(genome: Genome, chrom: str) -> Iterator[tuple[int, np.ndarray]]:
    """Give the Gaussian-weighted GC fraction of known bases, block by block.

    Yields
    ------
    The block's start and float32 values, (bases,); NaN where no base in the window is known.
    """
    chrom, length = genome.resolve(chrom), genome.lengths[genome.resolve(chrom)]
    kernel = gaussian_kernel(GC_SD).astype(np.float32)
    radius = len(kernel) // 2
    for start in range(0, length, _BLOCK):
        end = min(start + _BLOCK, length)
        codes = base_codes(genome.sequence(Interval(chrom, start - radius, end + radius)))
        gc, known = _smoothed(_is_gc(codes), kernel), codes < _N
        if not known.all():
            covered = _smoothed(known, kernel)
            with np.errstate(divide="ignore", invalid="ignore"):
                gc = np.where(covered > _LEAST_KNOWN, gc / covered, np.float32(np.nan))
        yield start, np.clip(gc, 0, 1)


def _is_gc(codes: np.ndarray) -> np.ndarray:
    return (codes == ALPHABET.index("C")) | (codes == ALPHABET.index("G"))


def _smoothed(values: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Convolve, (n + taps - 1,) to float32, (n,), piece by piece of a size that caches hold.

    Overlap-save, as scipy's oaconvolve, which takes a second to import.
    """
    count = len(values) - len(kernel) + 1
    step = _PIECE - len(kernel) + 1
    padded = np.zeros(-(-count // step) * step + len(kernel) - 1, np.float32)
    padded[: len(values)] = values
    pieces = np.fft.rfft(sliding_window_view(padded, _PIECE)[::step])
    pieces *= np.fft.rfft(kernel, _PIECE)
    return np.fft.irfft(pieces, _PIECE)[:, len(kernel) - 1 :].ravel()[:count]
