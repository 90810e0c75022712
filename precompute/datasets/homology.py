"""Which pieces of a genome are homologous, by the k-mers that they share.

Paralogs in two folds let a network be scored on what it has learned by heart. As k-mers are hashed,
one in `_SAMPLED` of them stands for all, the same ones everywhere and on either strand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np

from sighthound.core.genome.sequence import Genome, Interval
from sighthound.precompute.datasets.repeats import hashed_reads

K = 24  # bases: chance does not repeat them in a genome
_SAMPLED = 16
_MOST_PIECES = 32  # what stands in more is a mobile element or low complexity, and no kinship


def families(genome: Genome, pieces: Sequence[Interval], share: float) -> list[int]:
    """Put pieces that share sequence, at once or by way of others, into one family.

    Parameters
    ----------
    pieces : sequence of Interval
        Not overlapping.
    share : float
        Of the smaller piece's k-mers, how many two must have in common, at least. K-mers of more
        than 32 pieces, as of transposons, are not counted.

    Returns
    -------
    list of int
        For each piece the index of the first one of its family.
    """
    hashes, owners = _sample(genome, pieces)
    sizes = np.bincount(owners, minlength=len(pieces))
    order = np.lexsort((owners, hashes))
    hashes, owners = hashes[order], owners[order]
    edges = [*np.unique(hashes, return_index=True)[1], len(hashes)]
    common: Counter[tuple[int, int]] = Counter()
    for first, last in pairwise(edges):
        if 1 < last - first <= _MOST_PIECES:
            common.update(combinations(owners[first:last].tolist(), 2))
    family = list(range(len(pieces)))

    def root(index: int) -> int:
        while family[index] != index:
            index = family[index]
        return index

    for (a, b), count in common.items():
        if count >= share * min(sizes[a], sizes[b]):
            low, high = sorted((root(a), root(b)))
            family[high] = low
    return [root(index) for index in range(len(pieces))]


def shared_with(
    genome: Genome, windows: Sequence[Interval], others: Sequence[Interval]
) -> np.ndarray:
    """Say how much of windows stands elsewhere, too.

    Parameters
    ----------
    windows : sequence of Interval
        Not overlapping.
    others : sequence of Interval
        Where it is looked for.

    Returns
    -------
    float64 array, (windows,)
        Of a window's different k-mers, the share that others have on either strand; NaN for one
        too short to have any.
    """
    hashes, owners = _sample(genome, windows)
    is_shared = np.zeros(len(hashes), bool)
    for chrom in dict.fromkeys(place.chrom for place in others):
        found, _ = _sample(genome, [place for place in others if place.chrom == chrom])
        is_shared |= np.isin(hashes, found)
    sizes = np.bincount(owners, minlength=len(windows))
    counts = np.bincount(owners[is_shared], minlength=len(windows))
    return np.where(sizes > 0, counts / np.maximum(sizes, 1), np.nan)


def _sample(genome: Genome, pieces: Sequence[Interval]) -> tuple[np.ndarray, np.ndarray]:
    """The different sampled k-mers of every piece, as hashes, and whose they are."""
    by_chromosome: dict[str, list[int]] = {}
    for index, piece in enumerate(pieces):
        by_chromosome.setdefault(piece.chrom, []).append(index)
    found = [np.zeros((0, 2), np.uint64)]
    for chrom, own in by_chromosome.items():
        own.sort(key=lambda index: pieces[index].start)
        begins = np.array([pieces[index].start for index in own])
        ends = np.array([pieces[index].end for index in own])
        for start, forward, turned in hashed_reads(genome, chrom, K):
            either = np.minimum(forward, turned)
            # By the high bits, as the low ones are those of few bases.
            places = np.flatnonzero((either >> np.uint64(40)) % np.uint64(_SAMPLED) == 0)
            slot = np.searchsorted(begins, start + places, side="right") - 1
            inside = (slot >= 0) & (start + places + K <= ends[slot])
            owner = np.array(own, np.uint64)[slot[inside]]
            found.append(np.stack([either[places[inside]], owner], axis=1))
    pairs = np.unique(np.concatenate(found), axis=0)
    return pairs[:, 0], pairs[:, 1].astype(int)
