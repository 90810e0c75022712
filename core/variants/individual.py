"""The genome of an individual: the reference with the alleles of one sample written into it.

Each of the sample's copies of a chromosome is a sequence of its own, with its own coordinates.
What is predicted on it is lifted to the reference's bins by the share of their bases: a reference
bin takes the bins of the copy that its bases lie in, and one of which no base is left has no value.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome, Interval, one_hot
from sighthound.core.variants.variant import Variant
from sighthound.core.variants.vcf import Tally, read_alleles, records, samples

_MOST_COPIES = 24
_MARGIN = 1_024  # bases beyond a window that deletions may bring in


@dataclass(frozen=True)
class Copy:
    """A stretch of one copy of a chromosome.

    Attributes
    ----------
    bases : uint8 array, (length, 4)
    starts, altered, lengths : int64 arrays, (pieces,)
        Pieces whose bases lie side by side on reference and copy: first base on the reference, on
        the copy (counted from the stretch's first base), and length.
    """

    bases: np.ndarray
    starts: np.ndarray
    altered: np.ndarray
    lengths: np.ndarray

    def place(self, position: int) -> int:
        """Where a base of the reference lies, or what follows it if it is deleted."""
        rank = self._piece(position)
        inside = min(position - int(self.starts[rank]), int(self.lengths[rank]))
        return int(self.altered[rank]) + max(0, inside)

    def one_hot(self, start: int, end: int) -> np.ndarray:
        """Bases of the copy, zeros beyond the stretch: uint8 array, (end - start, 4)."""
        inside = self.bases[max(0, start) : max(0, end)]
        left = min(max(-start, 0), end - start)
        return np.pad(inside, ((left, end - start - left - len(inside)), (0, 0)))

    def lifting(self, start: int, bins: int, altered_bins: int, size: int) -> sparse.csr_array:
        """Weights that carry bins of the copy, from `place(start)` on, to bins of the reference.

        Parameters
        ----------
        start : int
            First base, on the reference.
        bins, altered_bins : int
        size : int
            Bases a bin.

        Returns
        -------
        float64 sparse array, (bins, altered_bins)
            Rows sum to 1, or to NaN where no base of the bin is left.
        """
        # (first base, end, shift) of what is left, from `start` on: the copy's base is base + shift
        left = []
        for rank in range(self._piece(start), len(self.starts)):
            first = max(int(self.starts[rank]), start)
            last = min(int(self.starts[rank] + self.lengths[rank]), start + bins * size)
            if first < last:
                shift = int(self.altered[rank] - self.starts[rank]) - self.place(start) + start
                left.append((first - start, last - start, shift))
        edges = [
            np.unique(
                np.concatenate(
                    [[first, last], _grid(first, last, size), _grid(first, last, size, by)]
                )
            )
            for first, last, by in left
        ]
        rows = [edge[:-1] // size for edge in edges]
        columns = [(edge[:-1] + by) // size for edge, (_, _, by) in zip(edges, left, strict=True)]
        bases = [np.diff(edge).astype(np.float64) for edge in edges]
        shape = (bins, altered_bins)
        none = [np.zeros(0, np.int64)]
        place = (np.concatenate(rows + none), np.concatenate(columns + none))
        shared = sparse.coo_array((np.concatenate(bases + none), place), shape).tocsr()
        total = shared.sum(axis=1)
        gone = np.flatnonzero(total == 0)
        missing = (np.full(len(gone), np.nan), (gone, np.zeros(len(gone), np.int64)))
        weights = sparse.diags_array(1 / np.maximum(total, 1)) @ shared
        return sparse.csr_array(weights + sparse.coo_array(missing, shape))

    def _piece(self, position: int) -> int:
        return max(0, int(np.searchsorted(self.starts, position, side="right")) - 1)


def _grid(first: int, last: int, size: int, shift: int = 0) -> np.ndarray:
    """Where bins of `size` begin strictly between first and last, of bases moved by `shift`."""
    begin = (first + shift) // size + 1
    return np.arange(begin, (last - 1 + shift) // size + 1, dtype=np.int64) * size - shift


def make_copy(
    genome: Genome, chrom: str, start: int, end: int, variants: Sequence[Variant]
) -> Copy:
    """Write variants into a stretch of a chromosome, which may reach beyond its ends.

    Parameters
    ----------
    start, end : int
        0-based, half-open, on the reference.
    variants : sequence of Variant
        Of this chromosome, sorted and apart; those that are not inside the stretch are left out.
    """
    reference = genome.sequence(Interval(chrom, start, end))
    pieces, starts, altered, lengths = [], [start], [0], []
    at, there = start, 0
    for variant in variants:
        position, ref, alt = variant.trimmed()
        if position < start or position + len(ref) > end:
            continue
        pieces += [reference[at - start : position - start], alt]
        there += position - at + len(alt)
        at = position + len(ref)
        if variant.shift:
            # Of a replacement of unequal lengths the first bases are substituted, the rest inserted
            # or deleted.
            lengths.append(position + min(len(ref), len(alt)) - starts[-1])
            starts.append(at)
            altered.append(there)
    pieces.append(reference[at - start :])
    lengths.append(end - starts[-1])
    columns = (np.array(column, np.int64) for column in (starts, altered, lengths))
    return Copy(one_hot("".join(pieces)), *columns)


def copy_windows(
    individual: Individual, genome: Genome, chrom: str, position: int, length: int
) -> list[np.ndarray]:
    """Give the bases of each copy about a base of the reference, which is in the middle of each.

    Parameters
    ----------
    position : int
        0-based, on the reference; where it is deleted, what follows it.
    length : int

    Returns
    -------
    list of uint8 array, (length, 4); of one where all copies are alike
    """
    reach = length // 2 + _MARGIN
    first, last = position - reach, position + reach
    found = []
    for variants in individual.within(chrom, first, last):
        copy = make_copy(genome, chrom, first, last, variants)
        begin = copy.place(position) - length // 2
        found.append(copy.one_hot(begin, begin + length))
    return found


class Individual:
    """The variants that a sample carries.

    Parameters
    ----------
    copies : sequence of dict
        Of each copy, chromosome -> variants, sorted and apart.
    """

    def __init__(self, copies: Sequence[dict[str, list[Variant]]]) -> None:
        self.copies = tuple(copies)

    def __len__(self) -> int:
        return sum(len(found) for copy in self.copies for found in copy.values())

    def within(self, chrom: str, start: int, end: int) -> list[list[Variant]]:
        """The variants of each copy between two bases; of one copy where all have the same."""
        found = []
        for copy in self.copies:
            listed = copy.get(chrom, [])
            first = bisect.bisect_left(listed, start, key=_last_base)
            found.append(listed[first : bisect.bisect_left(listed, end, key=_first_base)])
        return found[:1] if all(variants == found[0] for variants in found) else found


def read_individual(
    path: Path, genome: Genome, sample: str | None = None, copy: int | None = None
) -> tuple[Individual, list[str]]:
    """Read the variants of a sample from its calls.

    Parameters
    ----------
    path : path
        VCF or BCF. A genotype that is not phased counts in the order it is written in, a missing
        one as the reference; a file without samples is one copy with every first ALT. Where calls
        have other numbers of copies than elsewhere (chrX, chrM), each stands for its share of all:
        a haploid call for every copy. On a chromosome with haploid calls, so does a half call.
    sample : str, optional
        May be left out where the file has one or none.
    copy : int, optional
        Only this copy, from 1; all by default. Where there is one only, that one.

    Returns
    -------
    Individual, and one line a kind of alleles that were left out

    Raises
    ------
    SighthoundError
        The file is missing, of another assembly, without genotypes, or has no such sample or copy.
    """
    genotypes = _genotypes(path, sample)
    ploidies = {len(carried) for carried in genotypes if any(a is not None for a in carried)}
    ploidy = max(ploidies, default=1)
    if copy is not None and not 1 <= copy <= ploidy:
        raise SighthoundError(f"{path} has copies 1 to {ploidy}; copy {copy} was asked for")
    copies = math.lcm(*ploidies)
    if copies > _MOST_COPIES:
        listed = ", ".join(map(str, sorted(ploidies)))
        raise SighthoundError(
            f"{path} has calls of {listed} copies, which have no common number up to "
            f"{_MOST_COPIES}; give calls of one number of copies a file"
        )
    found: list[dict[str, list[Variant]]] = [{} for _ in range(copies if copy is None else 1)]
    tally = Tally()
    for allele in read_alleles(path, genome):
        carried = genotypes[allele.record - 1]
        if copy is None:
            own = [carried[n * len(carried) // copies] for n in range(copies) if carried]
        elif allele.number in carried and 1 < len(carried) < copy:
            chrom, position, *_ = allele.text.split("\t")
            raise SighthoundError(
                f"{path} has {len(carried)} copies at {chrom}:{position}; copy {copy} was asked for"
            )
        else:
            own = [*carried[copy - 1 : copy]] if len(carried) != 1 else [*carried]
        carriers = [n for n, number in enumerate(own) if number == allele.number]
        if carriers:
            tally.add(allele)
        for number in carriers:
            if allele.variant is not None:
                found[number].setdefault(allele.variant.chrom, []).append(allele.variant)
    if not tally.total:
        raise SighthoundError(f"{path}: {sample or 'the sample'} carries no alternative allele")
    tally.check_assembly(path, genome)
    given = sum(len(listed) for variants in found for listed in variants.values())
    individual = Individual([{c: _apart(v) for c, v in variants.items()} for variants in found])
    lost = given - len(individual)
    return individual, tally.lines() + ([f"{lost:,} overlap another before them"] if lost else [])


def _first_base(variant: Variant) -> int:
    return variant.trimmed()[0]


def _last_base(variant: Variant) -> int:
    position, ref, _ = variant.trimmed()
    return position + max(len(ref), 1) - 1


def _apart(variants: Sequence[Variant]) -> list[Variant]:
    """Sort variants, and drop each that overlaps one before it."""
    kept: list[Variant] = []
    end, last = -1, (-1, -1)
    for variant in sorted(variants, key=lambda v: v.trimmed()):
        position, ref, _ = variant.trimmed()
        if position >= end and (position, position + len(ref)) != last:
            kept.append(variant)
            end = position + len(ref)
            last = (position, end)
    return kept


def _genotypes(path: Path, sample: str | None) -> list[tuple[int | None, ...]]:
    """The alleles that the copies carry, a tuple a record."""
    names = samples(path)
    some = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
    if sample is not None and sample not in names:
        raise SighthoundError(f"{path} has no sample {sample!r}; it has {some or 'none'}")
    if sample is None and len(names) > 1:
        raise SighthoundError(f"{path} has {len(names)} samples; choose one of {some}")
    if not names:
        return [(1,) for _ in records(path)]
    name = sample or names[0]
    calls = [(record.chrom, record.samples[name].get("GT")) for record in records(path)]
    if calls and all(call is None for _, call in calls):
        raise SighthoundError(f"{path} has no genotypes (GT) of {name}; give a file of calls")
    genotypes = [(chrom, tuple(call or ())) for chrom, call in calls]
    haploid = {chrom for chrom, call in genotypes if len(call) == 1 and call[0] is not None}
    return [_called(call) if chrom in haploid else call for chrom, call in genotypes]


def _called(call: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """A call of a chromosome that has one copy: of a half call, the allele that is known."""
    known = tuple(allele for allele in call if allele is not None)
    return known if len(known) == 1 else call
