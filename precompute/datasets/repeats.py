"""Sequence that a genome holds more than once, where short reads cannot be placed.

Aligners drop reads that fit several places, or share them out; published coverage is then zero or
half there, which is no measurement. Such stretches are left out of training and of accuracy by
`[genome] blacklist`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.files import write_text
from sighthound.core.genome.sequence import Genome, Interval, one_hot
from sighthound.core.progress import Progress

# Odd, so that it has an inverse modulo 2^64; its bits are those of the golden ratio.
_BASE = np.uint64(0x9E3779B97F4A7C15)
_BLOCK = 1 << 21  # reads that are hashed at once
_HASHES = 1 << 26  # held in memory and sorted at once: 0.5 GB


def repeated_intervals(
    genome: Genome,
    read_length: int = 50,
    share: float = 0.5,
    progress: Progress | None = None,
) -> list[Interval]:
    """Find bases that most reads over them cannot be placed at.

    Memory holds a byte a base; what is sorted of a large genome is one part of all hashes after
    the other, each in a pass of its own.

    Parameters
    ----------
    read_length : int
        Bases; a read is ambiguous if the same bases stand elsewhere in the genome, on either
        strand. Mismatches are not considered.
    share : float
        Of the reads over a base, how many must be ambiguous.
    progress : callable, optional
        Called with (done, total), counted in passes x chromosomes.

    Returns
    -------
    list of Interval, in the order of the genome, not touching

    Raises
    ------
    SighthoundError
        A read length below 1, or above every chromosome's.
    """
    longest = max(genome.lengths.values())
    if not 1 <= read_length <= longest:
        raise SighthoundError(
            f"reads of {read_length:,} bases; expected 1 to {longest:,}, the bases of the longest "
            f"chromosome of {genome.path.name}"
        )
    passes = -(-2 * sum(genome.lengths.values()) // _HASHES)
    is_repeated = {
        chrom: np.zeros(max(0, length - read_length + 1), bool)
        for chrom, length in genome.lengths.items()
    }
    for number in range(passes):
        collected = []
        for index, chrom in enumerate(genome.lengths):
            for _, forward, turned in hashed_reads(genome, chrom, read_length):
                collected += [h[_part(h, passes) == number] for h in (forward, turned)]
            if progress:
                progress(number * len(genome.lengths) + index + 1, passes * len(genome.lengths))
        every = np.sort(np.concatenate(collected))
        repeated = np.unique(every[1:][every[1:] == every[:-1]])
        del collected, every
        for chrom, flags in is_repeated.items():
            for start, forward, _ in hashed_reads(genome, chrom, read_length):
                mine = np.flatnonzero(_part(forward, passes) == number)
                flags[start + mine] = np.isin(forward[mine], repeated)
    found = []
    for chrom, flags in is_repeated.items():
        shares = _share_over_bases(flags, genome.lengths[chrom], read_length)
        edges = np.flatnonzero(np.diff(shares > share, prepend=False, append=False))
        found += [Interval(chrom, int(a), int(b)) for a, b in edges.reshape(-1, 2)]
    return found


def write_bed(path: Path, intervals: list[Interval]) -> None:
    """Write intervals as BED."""
    write_text(path, "".join(f"{i.chrom}\t{i.start}\t{i.end}\n" for i in intervals))


def hashed_reads(
    genome: Genome, chrom: str, length: int
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Hash every read of a chromosome: where a block begins, reads forward, the same turned.

    N counts as A, and runs of N as repeated.
    """
    for start in range(0, genome.lengths[chrom] - length + 1, _BLOCK):
        end = min(start + _BLOCK + length - 1, genome.lengths[chrom])
        codes = one_hot(genome.sequence(Interval(chrom, start, end))).argmax(axis=1)
        yield start, _hashes(codes, length), _hashes((3 - codes)[::-1], length)[::-1]


def _part(hashes: np.ndarray, parts: int) -> np.ndarray:
    """Which pass a hash is for; by its high bits, as its low ones are those of few bases."""
    return (hashes >> np.uint64(32)) % np.uint64(parts)


def _hashes(codes: np.ndarray, length: int) -> np.ndarray:
    """Polynomial hash, modulo 2^64, of every run of `length` codes, from prefix sums."""
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
