"""Cut a window out of a BigWig, base by base, without reading the rest.

The copy says the same of every base of the window, and nothing of any other; it knows all
chromosomes, so that it opens wherever the whole file does.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sighthound.core.bigwig.encoding import TILE_BINS
from sighthound.core.bigwig.files import chromosomes, new_bigwig, read_bins
from sighthound.core.genome.sequence import Interval


def cut_bigwig(source: Path, target: Path, window: Interval) -> None:
    """Write the part of a BigWig that lies in a window; equal values of neighbours are one entry.

    Memory holds `TILE_BINS` bases, and 40 bytes for every 256 bases up to the window's end. The
    file appears under its name when it is complete.

    Parameters
    ----------
    source, target : paths
    window : Interval
        Cut at the end of the chromosome; nothing is written where the file lacks it.

    Raises
    ------
    SighthoundError
        `source` is no BigWig, or damaged.
    """
    lengths = chromosomes(source)
    with new_bigwig(target, lengths, step=1) as writer:
        if window.chrom in lengths:
            end = min(window.end, lengths[window.chrom])
            first = window.start // TILE_BINS * TILE_BINS
            writer.add_tiles(window.chrom, first, _tiles(source, window, first, end))


def _tiles(source: Path, window: Interval, first: int, end: int) -> Iterator[NDArray[np.float32]]:
    for tile in range(first, end, TILE_BINS):
        start, until = max(tile, window.start), min(tile + TILE_BINS, end)
        values = np.full(until - tile, np.nan, np.float32)
        values[start - tile :] = read_bins(
            source, window.chrom, start, until, until - start, empty=np.nan
        )
        yield values
