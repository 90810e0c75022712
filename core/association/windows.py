"""Which variants are held against which: windows of bases, variants or centimorgans, and LD blocks.

A window is the index after the last variant that each is held against, itself included; so all
that computes over pairs does not ask how the window was meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sighthound.core.association.sites import Sites
from sighthound.core.errors import SighthoundError


def window_ends(
    sites: Sites,
    *,
    bases: int | None = None,
    variants: int | None = None,
    centimorgans: float | None = None,
) -> np.ndarray:
    """Say how far to the right each variant's window goes; none beyond its chromosome.

    Parameters
    ----------
    sites : Sites
        In order.
    bases, variants, centimorgans : optional
        How far apart two variants may be; of those given, the nearest counts.

    Returns
    -------
    int64 array, (variants,), never falling

    Raises
    ------
    SighthoundError
        Centimorgans are asked for, and the panel has no genetic map.
    """
    ends = np.empty(len(sites), np.int64)
    for part in sites.chromosomes().values():
        ends[part] = part.stop
    if variants is not None:
        ends = np.minimum(ends, np.arange(len(sites)) + variants + 1)
    for chrom, part in sites.chromosomes().items():
        if bases is not None:
            places = sites.position[part]
            within = np.searchsorted(places, places + bases, side="right")
            ends[part] = np.minimum(ends[part], part.start + within)
        if centimorgans is not None:
            checked_map(sites, chrom, part)
            # The map does not fall, and jumps of its rounding must not make windows fall.
            places = sites.centimorgans[part]
            within = np.searchsorted(places, places + centimorgans, side="right")
            ends[part] = np.minimum(ends[part], part.start + within)
    return ends


def width(ends: np.ndarray) -> int:
    """Say how many variants a window has to the right, on average."""
    return max(1, round(float(np.mean(ends - np.arange(len(ends))))))


def checked_map(sites: Sites, chrom: str, part: slice) -> None:
    """Refuse a chromosome without a genetic map.

    Raises
    ------
    SighthoundError
        All places are 0, or they fall.
    """
    places = sites.centimorgans[part]
    if len(places) > 1 and (not places.any() or (np.diff(places) < 0).any()):
        raise SighthoundError(
            f"the genetic map of {chrom} is missing or falls (third column of the .bim file); give "
            "a window in bases, or a panel with centimorgans"
        )


def block_ends(sites: Sites, regions: Mapping[str, Sequence[tuple[int, int]]]) -> np.ndarray:
    """Hold variants against those of the same LD block.

    Parameters
    ----------
    regions : mapping
        Chromosome, as the panel calls it -> starts and ends of its blocks, 0-based, half-open.

    Returns
    -------
    int64 array, (variants,); variants outside of all blocks are held against none but themselves

    Raises
    ------
    SighthoundError
        Two blocks overlap, or no variant is in any.
    """
    ends = np.arange(1, len(sites) + 1)
    for chrom, part in sites.chromosomes().items():
        places, last = sites.position[part], -1
        for start, end in sorted(regions.get(chrom, ())):
            if start < last:
                raise SighthoundError(
                    f"LD blocks overlap at {chrom}:{start + 1:,}; each base may be in one"
                )
            first, after = np.searchsorted(places, [start, end])
            ends[part.start + first : part.start + after] = part.start + after
            last = end
    if not (ends > np.arange(1, len(sites) + 1)).any():
        raise SighthoundError(
            "no LD block holds two variants of the panel; are chromosomes and assembly the same?"
        )
    return ends


def blocks_of(ends: np.ndarray) -> list[slice]:
    """Give the blocks that `block_ends` made, those of a single variant too."""
    starts = np.flatnonzero(np.r_[True, ends[1:] != ends[:-1]])
    return [
        slice(int(s), int(e)) for s, e in zip(starts, np.r_[starts[1:], len(ends)], strict=True)
    ]
