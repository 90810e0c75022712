"""Whether cut sites are shifted already, told by the bases that an enzyme prefers to cut at.

An enzyme that cuts both strands prefers a palindrome around the middle of its cut. So bases around
ends of the plus strand are those around ends of the minus strand, some bases further on: 8 where
Tn5 has doubled nine bases, 0 where both strands were brought to the middle one (+4/-4), -1 where
they were moved by +4/-5, or where DNase I cut between two bases. Each strand's own palindrome says
how far its ends lie from the middle. (The idea of held shifts is ChromBPNet's, which holds reads
against motifs that it brings along; here the strands are held against each other.)
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sighthound.core.genome.sequence import Genome, Interval, base_codes
from sighthound.core.tracks.card import ShiftCheck
from sighthound.precompute.reads.assays import NO_SHIFT, Shift

MOST_SITES = 1 << 18  # kept of those that are seen, evenly over the files
FEWEST_SITES = 200  # a strand
FLANK = 30  # bases looked at on each side of a cut
FURTHEST = 20  # bases between the strands that are tried
CLEAR, CLEARER = 0.4, 0.15  # correlation that tells, and by how much more than any other
TN5_MIDDLE = Shift(4, 4)
_STRANDS = 2
_PLACE_BITS = 40
_BLOCK = 1 << 22  # bases of the genome held at a time


class CutSites:
    """An even sample of cut sites, where the files have them: every one, second, fourth ..."""

    def __init__(self, most: int = MOST_SITES) -> None:
        self._most, self._step, self._seen = most, 1, 0
        self._codes = array("q")

    def add(self, chrom: int, base: int, is_minus: bool) -> None:
        """See the 5' end of one read, on the chromosome of this number."""
        if self._seen % self._step == 0:
            self._codes.append((chrom * _STRANDS + is_minus) << _PLACE_BITS | base)
            self._thin()
        self._seen += 1

    def add_many(self, chrom: np.ndarray, base: np.ndarray, is_minus: bool | np.ndarray) -> None:
        """See the cut sites of int64 arrays, (n,)."""
        codes = (chrom * _STRANDS + is_minus) << _PLACE_BITS | base
        self._codes.frombytes(codes[-self._seen % self._step :: self._step].tobytes())
        self._seen += len(codes)
        self._thin()

    def _thin(self) -> None:
        while len(self._codes) > self._most:
            self._codes, self._step = self._codes[::2], self._step * 2

    def by_chromosome(self) -> Iterator[tuple[int, list[np.ndarray]]]:
        """Give chromosomes with a cut, and the different bases that have one, of + and -."""
        codes = np.sort(np.array(self._codes, np.int64))
        codes = codes[np.diff(codes, prepend=-1) > 0]
        chroms = codes >> _PLACE_BITS + 1
        for chrom in chroms[np.diff(chroms, prepend=-1) > 0].tolist():
            edges = (np.arange(_STRANDS + 1) + chrom * _STRANDS) << _PLACE_BITS
            cuts = np.split(codes, np.searchsorted(codes, edges))[1:-1]
            yield chrom, [cut & ((1 << _PLACE_BITS) - 1) for cut in cuts]


class Agreement(NamedTuple):
    """By how many bases two profiles agree best, and by how many second best."""

    offset: int
    correlation: float
    other: int
    other_correlation: float

    @property
    def is_clear(self) -> bool:
        return self.correlation >= CLEAR and self.correlation - self.other_correlation >= CLEARER


@dataclass(frozen=True)
class CutMotif:
    """Where ends of each strand lie, by the bases around them.

    Attributes
    ----------
    sites : (int, int)
        Cut sites looked at, of + and -.
    strands : Agreement
        Of + with -: bases by which ends of one cut lie apart.
    plus, minus : Agreement
        Of each strand with its own reverse complement: twice the bases from an end downstream
        to the middle of the cut.
    """

    sites: tuple[int, int]
    strands: Agreement
    plus: Agreement
    minus: Agreement

    @property
    def is_clear(self) -> bool:
        """Whether all three are clear, and say the same."""
        doubled = self.plus.offset, self.minus.offset
        return (
            min(self.sites) >= FEWEST_SITES
            and self.strands.is_clear
            and self.plus.is_clear
            and self.minus.is_clear
            and sum(doubled) == 2 * self.strands.offset
            and doubled[0] % 2 == doubled[1] % 2
        )

    @property
    def is_at_a_base(self) -> bool:
        """Whether the middle of a cut is a base (Tn5), and not between two (DNase I)."""
        return self.plus.offset % 2 == 0

    @property
    def moved(self) -> Shift:
        """By how much ends were moved downstream already."""
        if self.is_at_a_base:
            return Shift(
                TN5_MIDDLE.plus - self.plus.offset // 2, TN5_MIDDLE.minus - self.minus.offset // 2
            )
        return Shift(-(self.plus.offset + 1) // 2, -(self.minus.offset + 1) // 2)


def find_motif(cuts: CutSites, lengths: dict[str, int], genome: Genome) -> CutMotif:
    """Hold the bases around cuts of the strands against each other.

    Parameters
    ----------
    cuts : CutSites
    lengths : dict of str to int
        Chromosomes in the order in which `cuts` numbers them.
    genome : Genome
    """
    width = 2 * FLANK + 1
    counts = np.zeros((_STRANDS, width, 4), np.int64)
    sites = [0, 0]
    names = list(lengths)
    for chrom, strands in cuts.by_chromosome():
        name, length = genome.resolve(names[chrom]), lengths[names[chrom]]
        for strand, bases in enumerate(strands):
            sites[strand] += len(bases)
        for start in range(0, length, _BLOCK):
            end = min(start + _BLOCK, length)
            codes = base_codes(genome.sequence(Interval(name, start - FLANK, end + FLANK)))
            for strand, bases in enumerate(strands):
                here = bases[slice(*np.searchsorted(bases, (start, end)))] - start
                for at in range(width):
                    counts[strand, at] += np.bincount(codes[here + at], minlength=5)[:4]
    plus, minus = (_preference(strand) for strand in counts)
    return CutMotif(
        (sites[0], sites[1]),
        _agreement(plus, minus),
        _agreement(plus, plus[::-1, ::-1]),
        _agreement(minus[::-1, ::-1], minus),
    )


def _preference(counts: np.ndarray) -> np.ndarray:
    """From counts, (positions, 4), to log2 of shares without what all positions or bases have."""
    shares = np.log2((counts + 1) / (counts + 1).sum(axis=1, keepdims=True))
    shares -= shares.mean(axis=0)
    return shares - shares.mean(axis=1, keepdims=True)


def _agreement(left: np.ndarray, right: np.ndarray) -> Agreement:
    """Correlate `left` at a position with `right` so many bases before it, for each offset."""
    found = []
    for offset in range(-FURTHEST, FURTHEST + 1):
        low, high = max(0, offset), len(left) + min(0, offset)
        one, other = left[low:high], right[low - offset : high - offset]
        size = np.sqrt((one**2).sum() * (other**2).sum())
        found.append((float((one * other).sum() / size) if size else 0.0, offset))
    (best, offset), (second, other_offset) = sorted(found, reverse=True)[:2]
    return Agreement(offset, best, other_offset, second)


def check_shift(motif: CutMotif, asked: Shift, assay: str | None) -> ShiftCheck:
    """Say whether the shift that is asked for is right for the reads.

    Parameters
    ----------
    motif : CutMotif
        Of the reads as the files hold them.
    asked : Shift
    assay : str or None
        One of `reads.assays.ASSAYS`.
    """
    words, warning = _judged(motif, asked, assay)
    return ShiftCheck(
        sites=sum(motif.sites),
        offset=motif.strands.offset if motif.is_clear else None,
        correlation=round(motif.strands.correlation, 3),
        other_offset=motif.strands.other,
        other_correlation=round(motif.strands.other_correlation, 3),
        moved=str(motif.moved) if motif.is_clear else "",
        words=words,
        warning=warning,
    )


def _judged(motif: CutMotif, asked: Shift, assay: str | None) -> tuple[str, str]:
    """Give what was found, and what to do."""
    best = motif.strands
    if not motif.is_clear:
        return f"cannot be told from the bases around {sum(motif.sites):,} cut sites", ""
    evidence = (
        f"ends of the strands lie {best.offset} bases apart (correlation {best.correlation:.2f}, "
        f"next {best.other_correlation:.2f} at {best.other}; {sum(motif.sites):,} cut sites)"
    )
    moved = motif.moved
    state = "not shifted" if moved == NO_SHIFT else f"shifted by {moved} already"
    total = Shift(moved.plus + asked.plus, moved.minus + asked.minus)
    if motif.is_at_a_base:
        words = f"the reads are {state}, as cuts of Tn5: {evidence}"
        if assay == "dnase":
            return words, "the cuts are Tn5's, not DNase I's: give --assay atac"
        good, accepted = TN5_MIDDLE, (TN5_MIDDLE, Shift(4, 5))
        if total == Shift(4, 5):
            better = Shift(4 - moved.plus, 4 - moved.minus)
            words += f"; --shift {better} would bring both strands to one base"
    else:
        words = f"the reads are {state}, as cuts between two bases: {evidence}"
        if assay == "atac":
            return words, (
                "the cuts lie between two bases, as those of DNase I: Tn5's do not; give "
                "--assay dnase"
            )
        if assay is None:  # starts of transcripts look so, too
            return words, ""
        good, accepted = NO_SHIFT, (NO_SHIFT, Shift(0, -1))
    if total in accepted:
        return words, ""
    right = Shift(good.plus - moved.plus, good.minus - moved.minus)
    if moved == NO_SHIFT:
        what = "no shift is asked" if asked == NO_SHIFT else f"--shift {asked} is asked"
        return words, f"the reads are not shifted, and {what}: give --shift {right}"
    return words, (
        f"the reads are shifted by {moved} already, and --shift {asked} makes it {total}: give "
        f"--shift {right}"
    )
