"""Motifs that a haplotype makes or breaks: the best site over each variant, in either sequence.

What a substitution does to motifs is `MotifScanner.changes`; here alleles may have any length, and
neighbouring variants are read together, on one sequence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sighthound.core.motifs.scan import CHANGE_FOLD, HIT_P_VALUE, MotifScanner
from sighthound.core.variants.haplotype import Haplotype


@dataclass(frozen=True)
class SiteChange:
    """A motif that a haplotype makes ("gain") or breaks ("loss").

    `start` and `end` (0-based, half-open) are where its site begins on the chromosome and how wide
    it is: a gained site holds bases that the chromosome may not have. P-values are of the best
    site over the variant, in either sequence.
    """

    motif: str
    name: str
    kind: str
    start: int
    end: int
    strand: str
    p_reference: float
    p_alternative: float


def haplotype_changes(
    scanner: MotifScanner,
    found: Haplotype,
    bases: np.ndarray,
    start: int,
    p_below: float = HIT_P_VALUE,
    least_fold: float = CHANGE_FOLD,
) -> list[SiteChange]:
    """Find the motifs that a haplotype makes or breaks.

    Parameters
    ----------
    scanner : MotifScanner
    found : Haplotype
    bases : uint8 array, (length, 4)
        The chromosome around it, with a motif's width of flanks, from base `start` on.
    start : int
    p_below : float
        A motif is there when its best site over a variant has at most this p-value.
    least_fold : float
        And its p-value must change this many fold.

    Returns
    -------
    list of SiteChange, by p-value of the site that is there
    """
    altered = found.altered(bases, start)
    changes: dict[tuple[str, str, int], SiteChange] = {}
    shift = 0
    for variant in found.variants:
        position, ref, alt = variant.trimmed()
        at = position - start
        # Beside an insertion or deletion lie the bases that it parts or joins.
        beside = int(len(ref) != len(alt))
        before = scanner.best_sites(bases, at - beside, at + len(ref) + beside)
        after = scanner.best_sites(altered, at + shift - beside, at + shift + len(alt) + beside)
        p_before, p_after = before.p_values, after.p_values
        gain = (p_after <= p_below) & (p_before > p_below) & (p_before >= least_fold * p_after)
        loss = (p_before <= p_below) & (p_after > p_below) & (p_after >= least_fold * p_before)
        for index in np.flatnonzero(gain | loss).tolist():
            motif = scanner.motifs[index]
            site = after if gain[index] else before
            first = start + int(site.starts[index]) - (shift if gain[index] else 0)
            kind = "gain" if gain[index] else "loss"
            change = SiteChange(
                motif.id, motif.name, kind, first, first + len(motif), str(site.strands[index]),
                float(p_before[index]), float(p_after[index]),
            )  # fmt: skip
            changes.setdefault((motif.id, kind, first), change)
        shift += variant.shift
    return sorted(changes.values(), key=lambda c: (min(c.p_reference, c.p_alternative), c.motif))
