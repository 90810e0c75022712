"""A window of sequence, and the numbering of its bins.

A bin has three numbers. Of the chromosome: counted from the base where its grid begins. Of the
window: counted from the window's first base, before cropping, as reference passes count. Predicted:
counted after cropping, as `Model.predict` and saliency count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import overload

import numpy as np

from sighthound.core.genome.sequence import Genome, Interval


@dataclass(frozen=True)
class Window:
    """A window of sequence on a chromosome.

    Attributes
    ----------
    interval : Interval
        May run past the chromosome's ends.
    bin, crop : int
        Bases a bin, and bins taken off each end, of the model.

    Examples
    --------
    >>> window = Window(Interval("chrI", 256, 1280), 64, 2)
    >>> window.bins, window.index(400), window.predicted_index(400), window.bin_start(2)
    (16, 2, 0, 384)
    """

    interval: Interval
    bin: int
    crop: int

    @property
    def bins(self) -> int:
        """Bins of the window, before cropping."""
        return len(self.interval) // self.bin

    @overload
    def index(self, position: int) -> int: ...
    @overload
    def index(self, position: np.ndarray) -> np.ndarray: ...
    def index(self, position: int | np.ndarray) -> int | np.ndarray:
        """Bin of the window that a base of the chromosome is in."""
        return (position - self.interval.start) // self.bin

    def predicted_index(self, position: int) -> int:
        """Predicted bin that a base of the chromosome is in, counted after cropping."""
        return self.index(position) - self.crop

    @overload
    def bin_start(self, index: int) -> int: ...
    @overload
    def bin_start(self, index: np.ndarray) -> np.ndarray: ...
    def bin_start(self, index: int | np.ndarray) -> int | np.ndarray:
        """First base, on the chromosome, of a bin of the window."""
        return self.interval.start + index * self.bin

    def one_hot(self, genome: Genome) -> np.ndarray:
        """Sequence of the window, uint8 (length, 4)."""
        return genome.one_hot(self.interval)


def window_around(position: int, length: int, bin: int) -> int:
    """Start of a window of `length` bases on the bin grid, with the bin of `position` central."""
    return (position // bin - math.floor(length / bin / 2)) * bin
