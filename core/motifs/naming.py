"""Names for what a mutagenesis finds: motifs that the effects look like, or on bases that matter.

Positions are 0-based and half-open, on the chromosome.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.motifs.jaspar import Motif, background_of
from sighthound.core.motifs.match import hits_on_important_bases, match_effects
from sighthound.core.motifs.scan import MotifScanner, motif_scanner

# Sequence on either side of what was mutated: motifs may reach over its edges, and its composition
# is the background.
FLANK = 500
# A hit by sequence alone is named when so much of the window's importance lies on it.
_LEAST_SHARE = 0.1


@dataclass(frozen=True)
class NamedMotif:
    """A motif in its place; `by` says whether the effects look like it or the sequence matches."""

    start: int
    end: int
    strand: str
    name: str
    motif: str
    url: str
    q_value: float
    by: str


def scanner_of(known: tuple[Motif, ...], bases: np.ndarray) -> MotifScanner:
    """Give the scanner of some motifs against the composition of some bases, one-hot."""
    # Rounded, so that neighbouring windows share a scanner.
    strong = round(float(background_of(bases.astype(np.float32))[1]), 2)
    return motif_scanner(known, (0.5 - strong, strong, strong, 0.5 - strong))


def name_motifs(
    genome: Genome, region: Interval, effects: np.ndarray, known: tuple[Motif, ...]
) -> list[NamedMotif]:
    """Name the motifs of a mutagenesis, none over another.

    What the effects look like comes before what the sequence matches.

    Parameters
    ----------
    region : Interval
        The bases that were mutated.
    effects : array, (bases, 4), A C G T
        Alternative minus reference.
    known : tuple of Motif
        Those that are compared.

    Returns
    -------
    list of NamedMotif, by place
    """
    first = region.start - FLANK
    around = Interval(region.chrom, first, region.end + FLANK)
    sequence = genome.one_hot(around).astype(np.float32)
    scanner = scanner_of(known, sequence)
    addresses = {motif.id: (motif.url, len(motif)) for motif in known}
    found = []
    for match in match_effects(sequence[FLANK : FLANK + len(effects)], effects, known, most=1):
        url, width = addresses[match.motif]
        start = region.start + match.start + match.offset
        found.append(
            NamedMotif(
                start, start + width, match.strand, match.name, match.motif, url, match.q_value,
                "effects",
            )
        )  # fmt: skip
    for row in hits_on_important_bases(scanner, sequence, effects, FLANK):
        if row.share < _LEAST_SHARE:
            break
        hit = row.hit
        found.append(
            NamedMotif(
                first + hit.start, first + hit.end, hit.strand, hit.name, hit.motif,
                addresses[hit.motif][0], hit.q_value, "sequence",
            )
        )  # fmt: skip
    return _apart(found)


def _apart(found: Sequence[NamedMotif]) -> list[NamedMotif]:
    placed: list[NamedMotif] = []
    for one in found:
        if all(one.end <= other.start or one.start >= other.end for other in placed):
            placed.append(one)
    return sorted(placed, key=lambda one: one.start)
