"""Variants: what they are, how people write them, and whether they are the genome's.

Positions are 0-based inside; text is 1-based, as VCF says: "chrIV:1,234 A>G" is base 1,233 here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sighthound.core.annotation.genes import Genes
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.regions import plain_characters
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.variants.hgvs import is_hgvs, read_hgvs

_BASES = r"[A-Za-z]+"
_BETWEEN = r"\s*(?:>|:|/|\s)\s*"
_POSITION = r"(?P<position>\d[\d,_]{0,23})"
# chrIV:1,234 A>G, chrIV:1234:A:G, chrIV:g.1234A>G; gnomAD's 4-1234-A-G; columns of a VCF.
_TYPED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"^(?:(?P<chrom>[^\s]+?):\s*)?(?:g\.)?{_POSITION}[\s:]*"
        rf"(?P<ref>{_BASES}){_BETWEEN}(?P<alt>{_BASES})$",
        rf"^(?P<chrom>[^\s:]+)\s+{_POSITION}[\s:]*(?P<ref>{_BASES}){_BETWEEN}(?P<alt>{_BASES})$",
        rf"^(?P<chrom>[^\s:]+)-{_POSITION}-(?P<ref>{_BASES})-(?P<alt>{_BASES})$",
        rf"^(?P<chrom>\S+)\t{_POSITION}\t(?P<id>\S+)\t(?P<ref>{_BASES})\t(?P<alt>{_BASES})(?:\t.*)?$",
    )
)
_AS_PEOPLE_WRITE = "write chromosome:position REF>ALT, as in chrIV:1,234 A>G"


@dataclass(frozen=True, order=True)
class Variant:
    """One alternative allele at one place.

    Attributes
    ----------
    chrom : str
    position : int
        Of the first base of `ref`, 0-based.
    ref, alt : str
        Bases A C G T, at least one each, as VCF has them.
    id : str

    Examples
    --------
    >>> variant = Variant("chr1", 4, "AC", "A")
    >>> str(variant), variant.end, variant.shift
    ('chr1:5:AC:A', 6, -1)
    """

    chrom: str
    position: int
    ref: str
    alt: str
    id: str = ""

    def __post_init__(self) -> None:
        for allele in (self.ref, self.alt):
            if not allele or set(allele) - set("ACGT"):
                raise SighthoundError(
                    f"allele {allele!r} of a variant at {self.chrom}:{self.position + 1:,}; "
                    "expected bases A, C, G and T, at least one"
                )
        if self.ref == self.alt:
            raise SighthoundError(f"variant {self} changes nothing; give another ALT than REF")
        if self.position < 0:
            raise SighthoundError(f"variant {self} begins before base 1")

    def __str__(self) -> str:
        return f"{self.chrom}:{self.position + 1}:{self.ref}:{self.alt}"

    @property
    def end(self) -> int:
        """The base after the last of `ref`."""
        return self.position + len(self.ref)

    @property
    def shift(self) -> int:
        """Bases by which what lies right of it moves; negative for deletions."""
        return len(self.alt) - len(self.ref)

    def trimmed(self) -> tuple[int, str, str]:
        """Position, reference and alternative without the bases that both begin or end with.

        Examples
        --------
        >>> Variant("chr1", 9, "G", "GCTA").trimmed()
        (10, '', 'CTA')
        """
        ref, alt, start = self.ref, self.alt, 0
        while start < min(len(ref), len(alt)) and ref[start] == alt[start]:
            start += 1
        ref, alt = ref[start:], alt[start:]
        while ref and alt and ref[-1] == alt[-1]:
            ref, alt = ref[:-1], alt[:-1]
        return self.position + start, ref, alt

    def flipped(self) -> Variant:
        """The same place with the alleles' roles exchanged."""
        return Variant(self.chrom, self.position, self.alt, self.ref, self.id)


def parse_variant(
    text: str,
    genome: Genome | None = None,
    *,
    chrom: str | None = None,
    genes: Callable[[], Genes] | None = None,
) -> Variant:
    """Read a variant as people type it: "chrIV:1,234 A>G", "IV:5 AC>A" or "chrIV:1234:A:G".

    Parameters
    ----------
    text : str
        1-based; gnomAD's 4-1234-A-G, a line of a VCF with one ALT, and with a genome HGVS
        (see `core.variants.hgvs`) too.
    genome : Genome, optional
        Gives the chromosome's own name, and is checked to have the reference allele there.
    chrom : str, optional
        The chromosome of a variant that is written without one.
    genes : callable, optional
        Gives the genes that HGVS positions may be of.

    Raises
    ------
    SighthoundError
        The text is no variant, or not one of this genome.

    Examples
    --------
    >>> parse_variant("chrIV:1,234 A>G")
    Variant(chrom='chrIV', position=1233, ref='A', alt='G', id='')
    """
    text = plain_characters(text)
    found = (pattern.match(text.strip()) for pattern in _TYPED)
    match = next((m for m in found if m and (m["chrom"] or chrom)), None)
    if match is None and genome is not None and is_hgvs(text):
        read = read_hgvs(text, genome, chrom=chrom, genes=genes)
        return Variant(read.chrom, read.position, read.ref, read.alt)
    if match is None:
        raise SighthoundError(f"{text[:200]!r} is not a variant; {_AS_PEOPLE_WRITE}")
    name = match["chrom"] or str(chrom)
    name = name if genome is None else genome.resolve(name)
    position = int(re.sub(r"[,_]", "", match["position"])) - 1
    known = match.groupdict().get("id") or ""
    variant = Variant(
        name, position, match["ref"].upper(), match["alt"].upper(), "" if known == "." else known
    )
    if genome is not None:
        check_variants([variant], genome)
    return variant


def is_like_a_variant(text: str) -> bool:
    """Whether a person meant a variant, of this genome or not.

    Examples
    --------
    >>> is_like_a_variant("chrIV:1,234 A>G"), is_like_a_variant("chrIV:1,234-2,000")
    (True, False)
    """
    text = plain_characters(text)
    return any(pattern.match(text.strip()) for pattern in _TYPED) or is_hgvs(text)


def check_variants(variants: Sequence[Variant], genome: Genome) -> None:
    """Check that the genome has the reference alleles.

    Raises
    ------
    SighthoundError
        Says how many it has not, and names the first.
    """
    wrong = [(v, reason) for v in variants if (reason := misfit(v, genome))]
    if wrong:
        variant, reason = wrong[0]
        counted = f"{len(wrong):,} of {len(variants):,} variants do not fit the genome; the first, "
        raise SighthoundError(
            f"{counted if len(variants) > 1 else 'variant '}{variant}: {reason}; "
            "give variants of the genome's own assembly"
        )


def of_genome(
    genome: Genome, chrom: str, position: int, one: str, other: str, id: str = ""
) -> Variant | None:
    """Make a variant of two alleles, of which either may be the genome's.

    Parameters
    ----------
    chrom : str
        As the genome calls it.
    position : int
        0-based.
    one, other : str
        The first is REF where the genome has both, as it may of an insertion or deletion.

    Returns
    -------
    Variant, or None where neither allele is the genome's, or one is no bases
    """
    if one == other or not all(set(allele) <= set("ACGT") and allele for allele in (one, other)):
        return None
    for ref, alt in ((one, other), (other, one)):
        variant = Variant(chrom, position, ref, alt, id)
        if not misfit(variant, genome):
            return variant
    return None


def misfit(variant: Variant, genome: Genome) -> str:
    """Why a variant does not fit the genome; empty if it does."""
    if variant.chrom not in genome.lengths:
        return f"unknown chromosome {variant.chrom}"
    length = genome.lengths[variant.chrom]
    if variant.end > length:
        return f"beyond the chromosome's end at {length:,}"
    found = genome.sequence(Interval(variant.chrom, variant.position, variant.end))
    if found == variant.ref:
        return ""
    shown = found if len(found) <= 20 else found[:17] + "..."
    return f"REF differs from the genome, which has {shown}"
