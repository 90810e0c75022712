"""Reads of a made genome with repeats: drawn from a known signal, with every place they fit.

Repeats are families of copies that differ by single bases. A read fits another copy where no base
under it differs, so its places are exact without an aligner. Positions are on one line: all
chromosomes side by side, 0-based and half-open.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pysam

REVERSE, SECONDARY = 0x10, 0x100
_LINES = 100_000  # of SAM, written at a time
_SLOT = 4_000  # bases; each holds one copy of a repeat at most


@dataclass(frozen=True)
class Family:
    """Copies of one repeat.

    Attributes
    ----------
    start : int64 array, (copies,)
    bases : uint8 array, (copies, length)
        Letters.
    """

    start: np.ndarray
    bases: np.ndarray

    @property
    def length(self) -> int:
        return self.bases.shape[1]


@dataclass(frozen=True)
class MadeGenome:
    """Chromosomes of equal lengths and the repeats in them.

    Attributes
    ----------
    lengths : dict of str to int
    bases : uint8 array, (bases,)
        Letters of all chromosomes, side by side.
    families : tuple of Family
    """

    lengths: dict[str, int]
    bases: np.ndarray
    families: tuple[Family, ...]

    @property
    def repeated(self) -> np.ndarray:
        """Mask of the bases in copies of repeats, (bases,)."""
        mask = np.zeros(len(self.bases), bool)
        for family in self.families:
            for start in family.start:
                mask[start : start + family.length] = True
        return mask

    def write_fasta(self, path: Path) -> None:
        """Write the genome, a line of 60 letters at a time, as aligners want it."""
        text, offset = self.bases.tobytes().decode(), 0
        with path.open("w") as file:
            for name, length in self.lengths.items():
                file.write(f">{name}\n")
                lines = range(offset, offset + length, 60)
                file.writelines(f"{text[i : min(i + 60, offset + length)]}\n" for i in lines)
                offset += length


@dataclass(frozen=True)
class Placed:
    """Reads at every place they fit, the places of a read side by side, the true one first.

    Attributes
    ----------
    read : int64 array, (places,)
    start : int64 array, (places,)
        Leftmost base.
    minus : bool array, (places,)
    length : int
        Bases in a read.
    """

    read: np.ndarray
    start: np.ndarray
    minus: np.ndarray
    length: int

    @property
    def reads(self) -> int:
        return int(self.read[-1]) + 1

    @property
    def shared_reads(self) -> int:
        """Reads with several places."""
        return int((np.bincount(self.read) > 1).sum())


def made_genome(
    random: np.random.Generator,
    bases: int,
    families: int,
    chromosomes: int = 4,
    copies: tuple[int, int] = (2, 6),
    length: tuple[int, int] = (500, 3_000),
    divergence: float = 0.02,
) -> MadeGenome:
    """Make a genome whose GC content drifts between 0.3 and 0.6 over some thousand bases.

    Parameters
    ----------
    random : Generator
    bases : int
        Of all chromosomes together.
    families : int
        Of repeats.
    chromosomes : int
    copies, length : (int, int)
        The least and the most copies and bases of a family.
    divergence : float
        The most bases of a copy, as a share, that differ from its family's; the least is none.
    """
    size = bases // chromosomes
    bases = size * chromosomes
    knots = np.arange(0, bases + 5_000, 5_000)
    share = np.interp(np.arange(bases), knots, random.uniform(0.3, 0.6, len(knots)))
    is_gc, second = random.random(bases) < share, random.random(bases) < 0.5
    letters = np.frombuffer(b"ATCG", np.uint8)[2 * is_gc + second].copy()
    slots = random.permutation(bases // _SLOT) * _SLOT
    made, used = [], 0
    for _ in range(families):
        count, size_of = (int(random.integers(low, high + 1)) for low, high in (copies, length))
        inside = random.integers(0, _SLOT - size_of, count)
        start = np.sort(slots[used : used + count] + inside)
        used += count
        start = start[start // size == (start + size_of) // size]  # within one chromosome
        alike = np.tile(letters[start[0] : start[0] + size_of], (len(start), 1))
        rate = np.linspace(0, divergence, len(start))[:, None]
        other = np.frombuffer(b"ACGT", np.uint8)[random.integers(0, 4, alike.shape)]
        alike = np.where(random.random(alike.shape) < rate, other, alike)
        for at, own in zip(start, alike, strict=True):
            letters[at : at + size_of] = own
        made.append(Family(start, alike))
    lengths = {f"chr{number + 1}": size for number in range(chromosomes)}
    return MadeGenome(lengths, letters, tuple(made))


def placed_reads(genome: MadeGenome, counts: np.ndarray, length: int) -> Placed:
    """Place reads wherever they fit.

    Parameters
    ----------
    genome : MadeGenome
    counts : int array, (2, bases)
        Reads whose 5' base is here, on the plus and the minus strand. Those that would hang over
        the end of a chromosome are left out.
    length : int
        Bases in a read.
    """
    bases = np.arange(counts.shape[1])
    start = np.concatenate([np.repeat(bases, counts[0]), np.repeat(bases, counts[1]) - length + 1])
    minus = np.repeat([False, True], counts.sum(axis=1))
    size = next(iter(genome.lengths.values()))
    inside = (start >= 0) & (start // size == (start + length - 1) // size)
    order = np.argsort(start[inside], kind="stable")
    start, minus = start[inside][order], minus[inside][order]
    reads, places = [np.arange(len(start))], [start]
    for family in genome.families:
        for source, at in enumerate(family.start):
            low, high = np.searchsorted(start, (at, at + family.length - length + 1))
            offset = start[low:high] - at
            for other, elsewhere in enumerate(family.start):
                if other == source:
                    continue
                differ = np.cumsum(family.bases[source] != family.bases[other])
                before = np.concatenate([[0], differ])
                fits = np.flatnonzero(before[offset + length] == before[offset])
                reads.append(low + fits)
                places.append(elsewhere + offset[fits])
    read = np.concatenate(reads)
    order = np.argsort(read, kind="stable")  # the true place was put in first
    read = read[order]
    return Placed(read, np.concatenate(places)[order], minus[read], length)


def write_bam(random: np.random.Generator, genome: MadeGenome, placed: Placed, path: Path) -> None:
    """Write a sorted, indexed BAM as of an aligner without NH tags; any place may come first."""
    size = next(iter(genome.lengths.values()))
    names, text = list(genome.lengths), genome.bases.tobytes().decode()
    turn = random.random(len(placed.read))
    order = np.lexsort((turn, placed.read))
    is_first = np.diff(placed.read[order], prepend=-1) > 0
    secondary = np.empty(len(order), bool)
    secondary[order] = ~is_first
    flag = np.where(placed.minus, REVERSE, 0) + np.where(secondary, SECONDARY, 0)
    quality = np.where(np.bincount(placed.read)[placed.read] > 1, 1, 42)
    by_base = np.argsort(placed.start, kind="stable")
    letters = "".join(
        map(chr, random.choice([70, 58, 44, 35], 1 << 16, p=[0.85, 0.08, 0.04, 0.03]))
    )
    length = placed.length
    shown = random.integers(0, len(letters) - length, len(placed.read))
    unsorted = path.with_suffix(".sam")
    with unsorted.open("w") as file:
        file.write("@HD\tVN:1.6\tSO:coordinate\n")
        file.writelines(f"@SQ\tSN:{name}\tLN:{n}\n" for name, n in genome.lengths.items())
        for low in range(0, len(by_base), _LINES):
            these = by_base[low : low + _LINES]
            columns = (placed.read, flag, placed.start, quality, shown)
            rows = zip(*(column[these].tolist() for column in columns), strict=True)
            file.writelines(
                f"read{read}\t{bits}\t{names[at // size]}\t{at % size + 1}\t{mapq}\t{length}M\t*\t0"
                f"\t0\t{text[at : at + length]}\t{letters[q : q + length]}\n"
                for read, bits, at, mapq, q in rows
            )
    pysam.view("-b", "-o", str(path), str(unsorted), catch_stdout=False)
    unsorted.unlink()
    pysam.index(str(path))


def twenty_megabases(
    folder: Path, chromosomes: int = 4, reads: int = 1_850_000
) -> tuple[Path, Path]:
    """Make the reads that the whole command is measured on: 2.1 M alignments over 20 Mb.

    A seventh of the genome is repeats; coverage drifts eightfold and more over 500 bases.

    Returns
    -------
    paths
        Of the BAM and of the genome's FASTA.
    """
    random = np.random.default_rng(2)
    genome = made_genome(random, 20_000_000, 400, chromosomes)
    bases = len(genome.bases)
    knots = np.arange(0, bases + 500, 500)
    rate = np.interp(np.arange(bases), knots, random.lognormal(0, 1, len(knots)))
    rate *= reads / rate.sum()
    bam, fasta = folder / "reads.bam", folder / "genome.fa"
    genome.write_fasta(fasta)
    placed = placed_reads(genome, random.poisson(np.stack([rate, rate]) / 2), 50)
    write_bam(random, genome, placed, bam)
    return bam, fasta
