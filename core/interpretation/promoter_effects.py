"""What variants do to the reporter that the bases around them would drive.

A reporter holds a short promoter and nothing else. So a variant is put into stretches of the genome
as long as the promoters that were measured, at several places in them, each on its own; what the
alternative drives more is averaged over them. A promoter acts on the gene that it points to, so
there is an effect a strand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sighthound.core.genome.sequence import Genome, Interval, reverse_complement
from sighthound.core.interpretation.agreement import LEAST_MEMBERS, agreement
from sighthound.core.model.promoters import PromoterNetwork
from sighthound.core.variants.haplotype import Haplotype, haplotype
from sighthound.core.variants.variant import Variant

if TYPE_CHECKING:  # takes long to import, and most of core needs none
    import pandas as pd

# How far from the middle of a promoter a variant is put, in its lengths.
PLACES = (-0.36, -0.18, 0.0, 0.18, 0.36)
# Bases from a gene's start within which a stretch is taken for its promoter.
REACH = 1_000
STRANDS = ("+", "-")


@dataclass(frozen=True, eq=False)
class PromoterEffects:
    """Effects on a reporter that reads along one strand, then the other: `STRANDS`.

    Attributes
    ----------
    networks : int
        How many were asked.
    mean : float32 array, (variants, 2)
        Expression of the alternative less the reference's, in standard deviations of the measured
        promoters' expression: the mean of the networks.
    deviation : float32 array, (variants, 2)
        Sample standard deviation of the networks; NaN of one.
    is_known : bool array, (variants, 2)
        Whether they agree (`core.interpretation.agreement`); false of one.
    """

    networks: int
    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]
    is_known: NDArray[np.bool_]


def promoter_effects(
    networks: Sequence[PromoterNetwork],
    genome: Genome,
    variants: Sequence[Variant | Sequence[Variant]],
) -> PromoterEffects:
    """Predict what variants do to a reporter.

    Parameters
    ----------
    networks : sequence of PromoterNetwork
        One at least, all of promoters of one length.
    variants : sequence of Variant, or of sequences of Variant
        A sequence of variants is one haplotype. Where its variants lie further apart than a
        promoter is long, stretches are around their middle.
    """
    haplotypes = [haplotype(one) for one in variants]
    insert = networks[0].readout.insert
    stretches = [_alleles(genome, one, insert) for one in haplotypes]
    if not stretches:
        nothing = np.zeros((0, len(STRANDS)), np.float32)
        return PromoterEffects(len(networks), nothing, nothing, nothing > 0)
    # (variants, places, alleles, strands, insert, 4)
    bases = np.stack(stretches)
    bases = np.stack([bases, reverse_complement(bases)], axis=3)
    flat = bases.reshape(-1, *bases.shape[-2:])
    said = []
    for network in networks:
        driven = network.expression(flat).reshape(bases.shape[:4])
        said.append((driven[:, :, 1] - driven[:, :, 0]).mean(axis=1))
    if len(said) < LEAST_MEMBERS:
        (only,) = (one.astype(np.float32) for one in said)
        return PromoterEffects(1, only, np.full_like(only, np.nan), np.zeros(only.shape, bool))
    found = agreement(np.mean(said, axis=0), said)
    return PromoterEffects(len(said), found.mean, found.deviation, found.is_known)


def with_promoters(table: pd.DataFrame, effects: PromoterEffects) -> None:
    """Put effects on a reporter before the scores of a table, in place.

    Parameters
    ----------
    table : DataFrame
        Of `core.score_variants`, whose `record` numbers the variants from 1.
    effects : PromoterEffects
        Of these variants: columns "promoter.+" and "promoter.-", float32, and
        "promoter_known.+" and "promoter_known.-", bool.
    """
    rows = table["record"].to_numpy() - 1
    for number, strand in enumerate(STRANDS):
        columns = {"promoter": effects.mean, "promoter_known": effects.is_known}
        for name, values in columns.items():
            at = int(table.columns.get_indexer_for(["score"])[0])
            table.insert(at, f"{name}.{strand}", values[rows, number])


def _alleles(genome: Genome, one: Haplotype, insert: int) -> NDArray[np.uint8]:
    """Both alleles in stretches around a haplotype, (places, 2, insert, 4).

    Where bases are inserted or deleted, stretches of both alleles begin, and at every other place
    end, with the same bases: what moves beside a variant moves one way as often as the other.
    """
    middle = (one.start + one.end - (one.end > one.start)) // 2
    firsts = [middle - insert // 2 + round(place * insert) for place in PLACES]
    begin = min(firsts[0], one.start) - one.moved
    end = max(firsts[-1] + insert, one.end) + one.moved
    reference = genome.one_hot(Interval(one.chrom, begin, end))
    altered = one.altered(reference, begin)
    longer = len(altered) - len(reference)
    stretches = []
    for number, first in enumerate(firsts):
        at = first - begin
        other = at + longer if number % 2 else at
        stretches.append(np.stack([reference[at : at + insert], altered[other : other + insert]]))
    return np.stack(stretches)
