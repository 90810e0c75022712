"""One or several variants on one sequence, its predictions aligned to the reference's bins.

An insertion or deletion moves what lies beside it, and with it the grid of bins. So the altered
sequence is predicted once for each stretch between such variants, anchored so that this stretch
keeps its place in the grid; each bin then takes the predictions of the anchorings by the share of
its reference bases that belong to their stretch. Deleted bases belong to none: a bin of which
nothing is left is predicted as 0. Of a replacement of unequal lengths, the first bases count as
substituted, the rest as inserted or deleted.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sighthound.core.annotation.genes import Genes
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome, Interval, one_hot
from sighthound.core.variants.variant import Variant, is_like_a_variant, parse_variant

FAR = np.iinfo(np.int64).max // 4  # beyond every chromosome
# "+" or ";" stands between variants, and so does a comma, where it does not group digits.
_BETWEEN_VARIANTS = re.compile(r"\s*[+;]\s*|\s*,\s+(?=\S)|(?<=[A-Za-z]),|,(?=[A-Za-z])")

_INTRONIC = re.compile(r"[cn]\.[-*\d]+\+\d+(?:_[-*\d]+\+\d+)?")


@dataclass(frozen=True)
class Stretch:
    """Reference bases that all move by the same number of bases.

    Attributes
    ----------
    start, end : int
        0-based, half-open; the first begins and the last ends beyond the chromosome.
    shift : int
        Bases that lie more, or fewer, left of it in the altered sequence.
    """

    start: int
    end: int
    shift: int


@dataclass(frozen=True)
class Haplotype:
    """Variants of one chromosome that are on the same sequence, in order.

    Attributes
    ----------
    start, end : int
        The reference bases that are replaced; both are the same for an insertion alone.
    """

    variants: tuple[Variant, ...]
    start: int
    end: int

    @property
    def chrom(self) -> str:
        return self.variants[0].chrom

    @property
    def is_moving(self) -> bool:
        """Whether any base changes its place."""
        return any(v.shift for v in self.variants)

    @property
    def moved(self) -> int:
        """Most bases by which anything can move."""
        return sum(abs(v.shift) for v in self.variants)

    @property
    def changed(self) -> tuple[int, int]:
        """First and last but one of the bases that differ, or lie beside what is inserted."""
        is_between = self.end == self.start
        return self.start - is_between, self.end + is_between

    def stretches(self) -> list[Stretch]:
        """The reference bases that remain, cut wherever something is inserted or deleted."""
        found, start, shift = [], -FAR, 0
        for variant in self.variants:
            if not variant.shift:
                continue
            position, ref, alt = variant.trimmed()
            found.append(Stretch(start, position + min(len(ref), len(alt)), shift))
            start, shift = position + len(ref), shift + variant.shift
        return [*found, Stretch(start, FAR, shift)]

    def weights(self, bin_starts: np.ndarray, size: int) -> np.ndarray:
        """Share of each anchoring in each bin.

        Parameters
        ----------
        bin_starts : int array, (bins,)
        size : int
            Bases a bin.

        Returns
        -------
        float64 array, (stretches, bins)
            Sums over stretches are 1, and 0 where no base of the bin is left.
        """
        starts = np.asarray(bin_starts, np.int64)
        bases = np.stack(
            [
                np.clip(np.minimum(s.end, starts + size) - np.maximum(s.start, starts), 0, None)
                for s in self.stretches()
            ]
        )
        return bases / np.maximum(bases.sum(axis=0), 1)

    def altered(self, bases: np.ndarray, start: int) -> np.ndarray:
        """Write the variants into a piece of the chromosome that holds them all.

        Parameters
        ----------
        bases : uint8 array, (length, 4)
            From base `start` of the chromosome on.

        Returns
        -------
        uint8 array, (length + sum of the shifts, 4)
        """
        pieces, at = [], 0
        for variant in self.variants:
            position, ref, alt = variant.trimmed()
            pieces += [bases[at : position - start], one_hot(alt)]
            at = position + len(ref) - start
        return np.concatenate([*pieces, bases[at:]])

    def __str__(self) -> str:
        return "+".join(map(str, self.variants))


def haplotype(variants: Variant | Sequence[Variant]) -> Haplotype:
    """Put variants onto one sequence.

    Raises
    ------
    SighthoundError
        None are given, they lie on different chromosomes, or two overlap.

    Examples
    --------
    >>> both = haplotype([Variant("chr1", 40, "A", "ACC"), Variant("chr1", 9, "GT", "G")])
    >>> str(both), [stretch.shift for stretch in both.stretches()]
    ('chr1:10:GT:G+chr1:41:A:ACC', [0, -1, 1])
    """
    given = [variants] if isinstance(variants, Variant) else list(variants)
    if not given:
        raise SighthoundError("a haplotype of no variants; give at least one")

    def span(variant: Variant) -> tuple[int, int]:
        position, ref, _ = variant.trimmed()
        return position, position + len(ref)

    ordered = sorted(given, key=lambda v: (v.chrom, *span(v)))
    for left, right in itertools.pairwise(ordered):
        if left.chrom != right.chrom:
            raise SighthoundError(
                f"{left} and {right} lie on different chromosomes; a haplotype lies on one"
            )
        if span(right)[0] < span(left)[1] or span(right) == span(left):
            raise SighthoundError(
                f"{left} and {right} overlap, so they cannot be on one sequence; give them apart"
            )
    return Haplotype(tuple(ordered), span(ordered[0])[0], span(ordered[-1])[1])


def parse_haplotype(
    text: str,
    genome: Genome | None = None,
    *,
    chrom: str | None = None,
    known: Callable[[str], Variant | None] = lambda name: None,
    genes: Callable[[], Genes] | None = None,
) -> Haplotype:
    """Read variants of one sequence as people type them: "chrIV:1,234 A>G + 1,300 CT>C".

    Parameters
    ----------
    text : str
        Variants as for `parse_variant`, joined by "+", ";" or ","; one that names no chromosome
        is on that of the one before.
    genome, chrom, genes
        As for `parse_variant`; `chrom` is that of the first.
    known : callable, optional
        Gives the variant of an id, such as an rsID; None where it knows none.

    Raises
    ------
    SighthoundError
        As for `parse_variant` and `haplotype`.

    Examples
    --------
    >>> str(parse_haplotype("chrIV:1,234 A>G, 1,300 CT>C"))
    'chrIV:1234:A:G+chrIV:1300:CT:C'
    """
    variants: list[Variant] = []
    for part in split_haplotype(text):
        named = None if is_like_a_variant(part) else known(part)
        variants.append(named or parse_variant(part, genome, chrom=chrom, genes=genes))
        chrom = variants[-1].chrom
    return haplotype(variants)


def split_haplotype(text: str) -> list[str]:
    """The variants of a haplotype, as they were typed."""
    # In HGVS a plus may be part of a position: c.88+2T>G is in an intron.
    kept = _INTRONIC.sub(lambda match: match[0].replace("+", "\0"), text.strip())
    return [part.replace("\0", "+") for part in _BETWEEN_VARIANTS.split(kept) if part]


class AlteredGenome(Genome):
    """A genome with variants written into it that move nothing; it keeps its fingerprint.

    Raises
    ------
    SighthoundError
        An insertion or a deletion, beside which every base has another place.
    """

    def __init__(self, genome: Genome, written: Haplotype) -> None:
        if written.is_moving:
            raise SighthoundError(
                f"{written} moves the bases beside it, so that places on the genome are no longer "
                "its places; give variants whose alleles have equal lengths"
            )
        super().__init__(genome.path)
        self._fingerprint = genome.fingerprint
        self._written = written

    def sequence(self, interval: Interval) -> str:
        """Read bases in upper case, those of the variants in place of the reference's."""
        bases = list(super().sequence(interval))
        if self.resolve(interval.chrom) == self._written.chrom:
            for variant in self._written.variants:
                for position, base in enumerate(variant.alt, variant.position):
                    if interval.start <= position < interval.end:
                        bases[position - interval.start] = base.upper()
        return "".join(bases)
