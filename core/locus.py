"""Windows of sequence for questions about a locus, the same ones for neighbouring questions.

Questions about bins near each other should meet in one reference pass, so windows lie on a grid and
hold the full context of every bin that is asked about. Beyond a chromosome's ends a window reads
zeros, as genome-wide predictions do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.genome import Genome, Interval
from core.inference import Model

# Bins between one window and the next, at least.
_GRID_BINS = 128


@dataclass(frozen=True)
class LocusWindow:
    """A window of sequence around some bins of a chromosome.

    Attributes
    ----------
    interval : Interval
        May run past the chromosome's ends.
    bin, crop : int
        Of the model.
    """

    interval: Interval
    bin: int
    crop: int

    def index(self, position: int) -> int:
        """Bin of a base, of all bins of the window."""
        return (position - self.interval.start) // self.bin

    def predicted_index(self, position: int) -> int:
        """Bin of a base, counted after cropping, as `Model.predict` and saliency count."""
        return self.index(position) - self.crop

    def bin_start(self, index: int) -> int:
        """First base, on the chromosome, of a bin of the window."""
        return self.interval.start + index * self.bin

    def one_hot(self, genome: Genome) -> np.ndarray:
        """Sequence of the window, uint8 (length, 4)."""
        return genome.one_hot(self.interval)


def locus_window(model: Model, chrom: str, start: int, end: int) -> LocusWindow:
    """Place a window in which every bin of a region has its full context.

    Parameters
    ----------
    chrom, start, end : str, int, int
        The region, 0-based and half-open.

    Examples
    --------
    Two regions in the same stretch of the grid have the same window, whose bins beyond the region
    are its context.
    """
    bin_size = model.bin
    grid = max(_GRID_BINS, model.bins // 2)
    margin = max(model.receptive_field_bins, model.crop)
    first = start // bin_size // grid * grid
    last = -(-end // (bin_size * grid)) * grid
    interval = Interval(chrom, (first - margin) * bin_size, (last + margin) * bin_size)
    return LocusWindow(interval, bin_size, model.crop)
