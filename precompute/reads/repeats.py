"""Sequence that a genome holds more than once, where short reads cannot be placed.

Aligners drop reads that fit several places, or share them out; published coverage is then zero or
half there, which is no measurement. Such stretches are left out of training and of accuracy by
`[genome] blacklist`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sighthound.core.files import write_text
from sighthound.core.genome.sequence import Genome, Interval, one_hot

# Odd, so that it has an inverse modulo 2^64; its bits are those of the golden ratio.
_BASE = np.uint64(0x9E3779B97F4A7C15)


def repeated_intervals(genome: Genome, read_length: int = 50, share: float = 0.5) -> list[Interval]:
    """Find bases that most reads over them cannot be placed at.

    Parameters
    ----------
    read_length : int
        Bases; a read is ambiguous if the same bases stand elsewhere in the genome, on either
        strand. Mismatches are not considered.
    share : float
        Of the reads over a base, how many must be ambiguous.

    Returns
    -------
    list of Interval, in the order of the genome, not touching
    """
    forward = {chrom: _hashes(_codes(genome, chrom), read_length) for chrom in genome.lengths}
    turned = {
        chrom: _hashes((3 - _codes(genome, chrom))[::-1], read_length) for chrom in genome.lengths
    }
    every = np.sort(np.concatenate([*forward.values(), *turned.values()]))
    repeated = np.unique(every[1:][every[1:] == every[:-1]])
    found = []
    for chrom, hashes in forward.items():
        is_repeated = np.isin(hashes, repeated)
        flags = _share_over_bases(is_repeated, genome.lengths[chrom], read_length) > share
        edges = np.flatnonzero(np.diff(flags, prepend=False, append=False))
        found += [Interval(chrom, int(a), int(b)) for a, b in edges.reshape(-1, 2)]
    return found


def write_bed(path: Path, intervals: list[Interval]) -> None:
    """Write intervals as BED."""
    write_text(path, "".join(f"{i.chrom}\t{i.start}\t{i.end}\n" for i in intervals))


def _codes(genome: Genome, chrom: str) -> np.ndarray:
    """Bases as 0 to 3; N counts as A, and runs of N as repeated."""
    whole = Interval(chrom, 0, genome.lengths[chrom])
    return one_hot(genome.sequence(whole)).argmax(axis=1)


def _hashes(codes: np.ndarray, length: int) -> np.ndarray:
    """Polynomial hash, modulo 2^64, of every run of `length` codes, from prefix sums."""
    if len(codes) < length:
        return np.zeros(0, np.uint64)
    with np.errstate(over="ignore"):
        powers = _powers(_BASE, len(codes))
        prefix = np.concatenate([[np.uint64(0)], np.cumsum((codes + 1).astype(np.uint64) * powers)])
        # A run's sum begins with the power of its place; the inverse moves all to the first place.
        runs = prefix[length:] - prefix[:-length]
        return runs * _powers(np.uint64(pow(int(_BASE), -1, 1 << 64)), len(runs))


def _powers(base: np.uint64, count: int) -> np.ndarray:
    factors = np.full(count, base)
    factors[0] = 1
    return np.cumprod(factors)


def _share_over_bases(flags: np.ndarray, bases: int, length: int) -> np.ndarray:
    """Share of the runs over each base that are flagged; run i begins at base i."""
    before = np.concatenate([[0], np.cumsum(flags)])
    at = np.arange(bases)
    first, last = np.clip(at - length + 1, 0, len(flags)), np.clip(at + 1, 0, len(flags))
    return (before[last] - before[first]) / np.maximum(last - first, 1)
