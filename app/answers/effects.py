"""What the model answers about variants: effects on every track and gene, motifs made or broken.

Positions are 0-based. Alleles are summed over bins, in the track's unit.
"""

from __future__ import annotations

from dataclasses import dataclass

from sighthound.app.answers.explanations import Chance, Turn
from sighthound.app.answers.written import Number, Optionally, Rows, Strand, StrandOrNone


@dataclass(frozen=True)
class AskedVariant:
    """A variant as VCF writes it, but for the position.

    Attributes
    ----------
    chrom : str
        Chromosome.
    position : int
        First base of the reference allele.
    ref : str
        Reference allele.
    alt : str
        Alternative allele.
    """

    chrom: str
    position: int
    ref: str
    alt: str


@dataclass(frozen=True)
class LocalEffect:
    """What variants do to a track in the bins that they change most.

    Attributes
    ----------
    start, end : int
        These bins.
    sad : float
        Alternative minus reference.
    log2 : float
        Of the means, the track's spread added to each; null where one is not above zero.
    reference : float
        Sum of the reference allele.
    alternative : float
        Sum of the alternative allele.
    """

    start: int
    end: int
    sad: Number
    log2: Number | None
    reference: Number
    alternative: Number


@dataclass(frozen=True)
class TrackEffect:
    """What variants do to a track over all bins that they can change.

    Attributes
    ----------
    track : str
        Its id.
    sad : float
        Alternative minus reference.
    log2_ratio : float
        log2(alternative + 1) - log2(reference + 1); null where a sum is not above -1.
    log2 : float
        Of the means over bins, the track's spread added to each; null where one is not above zero.
    reference : float
        Sum of the reference allele.
    alternative : float
        Sum of the alternative allele.
    local : LocalEffect
        The same of the `local_bins` that the variant changes most.
    spread : float
        Standard deviation of the track's prediction over the genome; null where it is not known,
        and then 1 is added in its place.
    percentile : float
        Of the size of `sad` among random substitutions that match, 0 to 100; null where there are
        none.
    """

    track: str
    sad: Number
    log2_ratio: Number | None
    log2: Number | None
    reference: Number
    alternative: Number
    local: LocalEffect
    spread: Number | None
    percentile: Number | None


@dataclass(frozen=True)
class GeneTrackEffect:
    """What variants do to a track at the starts of a gene.

    Attributes
    ----------
    track : str
        Its id.
    is_expression : bool
        Whether it measures expression on the gene's strand.
    sed : float
        Alternative minus reference.
    log2 : float
        Of the means, the track's spread added to each; null where one is not above zero.
    reference : float
        Sum of the reference allele.
    alternative : float
        Sum of the alternative allele.
    """

    track: str
    is_expression: bool
    sed: Number
    log2: Number | None
    reference: Number
    alternative: Number


@dataclass(frozen=True)
class GeneEffect:
    """What variants do at the starts of a gene.

    Attributes
    ----------
    gene : str
        Its id.
    name : str
        Its name.
    strand : str
        `+`, `-` or `.`.
    tss : array of int
        First bases of its transcripts.
    bins : int
        How many bins these lie in.
    ranked : array of GeneTrackEffect
        Ten tracks: those first that measure expression on the gene's strand, of them the largest
        `log2`.
    """

    gene: str
    name: str
    strand: StrandOrNone
    tss: tuple[int, ...]
    bins: int
    ranked: tuple[GeneTrackEffect, ...]


@dataclass(frozen=True)
class VariantEffects:
    """What variants on one sequence do.

    Attributes
    ----------
    variants : array of AskedVariant
        In order.
    tracks : array of str
        Those whose bins are given.
    bin : int
        Bases a bin.
    bins : int
        How many bins the variants can change.
    local_bins : int
        How many `local` is of.
    ranked : array of TrackEffect
        The largest SAD by size first.
    genes : array of GeneEffect
        Those with a start in these bins, the one first whose first track changes most; 20 at most.
    chrom, position, ref, alt : str or int
        Of one variant, as in `variants`.
    start : int
        First base of the bins that are given; only with `tracks`.
    reference : array
        A row a track of `tracks`: the reference allele's bins.
    alternative : array
        A row a track: the alternative allele's, aligned to the reference's bins.
    matched_on : str
        What the substitutions are matched on that `percentile` is among; only where there are some.
    """

    variants: tuple[AskedVariant, ...]
    tracks: tuple[str, ...]
    bin: int
    bins: int
    local_bins: int
    ranked: tuple[TrackEffect, ...]
    genes: tuple[GeneEffect, ...]
    chrom: Optionally[str] = None
    position: Optionally[int] = None
    ref: Optionally[str] = None
    alt: Optionally[str] = None
    start: Optionally[int] = None
    reference: Optionally[Rows] = None
    alternative: Optionally[Rows] = None
    matched_on: Optionally[str] = None


@dataclass(frozen=True)
class MotifOfVariants:
    """A motif that variants make or break.

    Attributes
    ----------
    kind : str
        `gain` or `loss`.
    name : str
        Of the factor.
    motif : str
        Id of the matrix.
    url : str
        Where JASPAR describes it.
    start, end : int
        Where the site begins on the chromosome, and how wide it is.
    strand : str
        On which it reads.
    p_reference : float
        Of the best site over the variant in the reference.
    p_alternative : float
        In the alternative.
    """

    kind: Turn
    name: str
    motif: str
    url: str
    start: int
    end: int
    strand: Strand
    p_reference: Chance
    p_alternative: Chance


@dataclass(frozen=True)
class VariantMotifs:
    """Motifs that variants make or break.

    Attributes
    ----------
    changes : array of MotifOfVariants
        The most surprising first.
    """

    changes: tuple[MotifOfVariants, ...]
