"""What is left out after all places of reads are known: a blacklist, reads with too many places.

A place that is left out keeps its part of the read: a read that may come from there is not counted
whole at its other places.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.bed import read_bed
from sighthound.core.genome.chromosomes import Chromosomes
from sighthound.core.genome.interval_sets import merge
from sighthound.precompute.reads.places import Alignments, GenomeLine, Places


def blacklisted_stretches(bed: Path, line: GenomeLine, source: Path) -> np.ndarray:
    """Read a blacklist as stretches of the line, on every strand.

    Parameters
    ----------
    bed : path
    line : GenomeLine
    source : path
        The file that names the line's chromosomes, for errors.

    Returns
    -------
    int64 array, (2, stretches), first bases and ends, ascending

    Raises
    ------
    SighthoundError
        It is no BED, is of another assembly, or has no region on these chromosomes.
    """
    chromosomes = Chromosomes(line.lengths, source.name)
    number = {name: column for column, name in enumerate(line.lengths)}
    merged = merge(read_bed(bed, chromosomes))
    if not merged:
        raise SighthoundError(f"{bed} has no region on a chromosome of {source}")
    bounds = np.array([(i.start, i.end, number[i.chrom]) for i in merged], np.int64).T
    stretches = bounds[:2, None] + line.offsets[:, bounds[2]]
    return np.sort(stretches.reshape(2, -1), axis=1)


def without_stretches(alignments: Alignments, stretches: np.ndarray) -> Alignments:
    """Leave out places that touch any of the stretches, as `blacklisted_stretches` gives them."""
    return alignments.without(
        _touch(alignments.unique, stretches), _touch(alignments.shared, stretches), "blacklist"
    )


def without_many_places(alignments: Alignments, most: int) -> Alignments:
    """Leave out reads with more places than `most`, those that no file shows counted too."""
    return alignments.without(
        np.zeros(len(alignments.unique), bool),
        np.repeat(alignments.known > most, alignments.sizes),
        "too_many_places",
    )


def _touch(places: Places, stretches: np.ndarray) -> np.ndarray:
    """Mask of the places that share a base with a stretch."""
    first, end = stretches
    if not len(first):
        return np.zeros(len(places), bool)
    following = np.searchsorted(end, places.start, side="right")  # the first to end behind it
    last = places.start + (1 if places.span is None else places.span)
    return (following < len(end)) & (first[np.minimum(following, len(end) - 1)] < last)
