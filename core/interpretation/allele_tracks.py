"""What a haplotype does to a prediction, as signals that genome browsers draw.

Of a track there are three: the prediction of the reference allele, that of the alternative, aligned
to the reference's bins, and their difference. They hold the bins that the haplotype can change;
beyond them both alleles are alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.genome.sequence import Interval
from sighthound.core.text import plain_line
from sighthound.core.variants.haplotype import Haplotype

# Longest allele that a label spells out.
_SPELT_OUT = 8


@dataclass(frozen=True)
class AlleleBins:
    """One track's predictions of the bins that a haplotype can change.

    Attributes
    ----------
    chrom, start : str, int
        Where the first bin begins, 0-based.
    bin : int
        Bases a bin.
    reference, alternative : float32 arrays, (bins,)
        In the track's unit.
    """

    chrom: str
    start: int
    bin: int
    reference: np.ndarray
    alternative: np.ndarray

    def values(self, kind: str) -> np.ndarray:
        """Values of one of `core.browsers.tracks.ALLELES`, float32 (bins,)."""
        if kind == "difference":
            return self.alternative - self.reference
        return {"reference": self.reference, "alternative": self.alternative}[kind]

    def write_bigwig(self, path: Path, kind: str, lengths: Mapping[str, int]) -> None:
        """Write one kind as a BigWig that knows all chromosomes; float32 bit for bit."""
        before = np.full(self.start // self.bin, np.nan, np.float32)
        bins = np.concatenate([before, self.values(kind)])
        write_bigwig(path, lengths, [(self.chrom, bins)], self.bin, mantissa_bits=None)

    def bedgraph(self, kind: str, name: str, length: int) -> str:
        """Write one kind as BedGraph, 0-based and half-open as that format is.

        Parameters
        ----------
        name : str
            What stands above it in a browser.
        length : int
            Of the chromosome, where the last bin is cut.
        """
        starts = self.start + self.bin * np.arange(len(self.reference))
        ends = np.minimum(starts + self.bin, length)
        lines = [
            f"{self.chrom}\t{start}\t{end}\t{value:.6g}"
            for start, end, value in zip(starts, ends, self.values(kind), strict=True)
        ]
        title = plain_line(name).replace('"', "'")
        return "\n".join([f'track type=bedGraph name="{title}"', *lines]) + "\n"


def say_haplotype(haplotype: Haplotype) -> str:
    """Name a haplotype as people read it, short enough for a label.

    Examples
    --------
    >>> from sighthound.core.variants.haplotype import haplotype
    >>> from sighthound.core.variants.variant import Variant
    >>> say_haplotype(haplotype(Variant("chrI", 1233, "A", "G")))
    'chrI:1,234 A>G'
    >>> say_haplotype(haplotype([Variant("chrI", 4, "AC", "A"), Variant("chrI", 9, "C", "T")]))
    'chrI:5 AC>A and 1 more'
    """
    first = haplotype.variants[0]
    alleles = ">".join(
        allele if len(allele) <= _SPELT_OUT else f"{allele[:4]}..{len(allele)} bp"
        for allele in (first.ref, first.alt)
    )
    more = len(haplotype.variants) - 1
    said = f"{first.chrom}:{first.position + 1:,} {alleles}"
    return f"{said} and {more} more" if more else said


def marks(haplotype: Haplotype) -> list[tuple[Interval, str]]:
    """Where the variants are, and what stands there."""
    return [
        (Interval(v.chrom, v.position, v.end), f"{v.chrom}:{v.position + 1:,} {v.ref}>{v.alt}")
        for v in haplotype.variants
    ]
