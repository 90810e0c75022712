"""Whose effect is it? Each row's alleles against a reference panel and the genome, in words.

Rows are matched by chromosome, position and alleles, or by name and alleles. What a row is found
to be is said, counted and kept; nothing is guessed. The alleles of A/T and C/G read the same on
both strands: such rows are called ambiguous, whatever their order, and are not used unless asked.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sighthound.core.association.sites import Sites
from sighthound.core.association.variant_table import VariantTable
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.chromosomes import Chromosomes, own_names
from sighthound.core.genome.sequence import Genome, Interval

SAME, EXCHANGED = "same", "exchanged"
STRAND, STRAND_EXCHANGED = "other strand", "other strand, exchanged"
DIFFERENT, ABSENT = "other alleles", "not in the panel"
UNREADABLE, DUPLICATE, NO_STATISTIC = "no alleles", "duplicate", "no statistic"
AMBIGUOUS = "ambiguous"
_SIGNS = {SAME: 1, EXCHANGED: -1, STRAND: 1, STRAND_EXCHANGED: -1}
REF, ALT = "effect allele is REF", "other allele is REF"
REF_OTHER_STRAND, NEITHER = "REF on the other strand", "REF mismatch"
EITHER, UNPLACED = "both could be REF", "beyond the genome"
_COMPLEMENT = str.maketrans("ACGT", "TGCA")
# Of rows found by name, the share that may lie elsewhere before tables are of two assemblies.
_ELSEWHERE = 0.5


@dataclass(frozen=True, eq=False)
class Alignment:
    """What each row of a table is found to be.

    Attributes
    ----------
    variant : int64 array, (rows,)
        Its variant of the panel; -1 where there is none.
    found : object array, (rows,)
        One of the words above, about alleles.
    is_ambiguous : bool array, (rows,)
        A/T or C/G: the strand cannot be told from the alleles.
    is_duplicate : bool array, (rows,)
        An earlier row with a statistic has the same variant, and gene if there are any; of copies
        that differ in their statistic, as one of the counted allele, the first is one too.
    sign : float64 array, (rows,)
        What makes an effect one of the allele that the panel counts; 0 where a row is not used.
    """

    variant: np.ndarray
    found: np.ndarray
    is_ambiguous: np.ndarray
    is_duplicate: np.ndarray
    sign: np.ndarray

    @property
    def is_used(self) -> np.ndarray:
        """Which rows are used: bool array, (rows,)."""
        return self.sign != 0

    def words(self, effect_name: str, panel_name: str) -> list[str]:
        """Say it: what the effect allele is, and how many rows are what."""
        counts = Counter(self.found)
        matched = int(np.isin(self.found, list(_SIGNS)).sum())
        turned = counts[EXCHANGED] + counts[STRAND_EXCHANGED]
        lines = [
            f"effect allele = {effect_name}, which is the allele that {panel_name} counts at "
            f"{matched - turned:,} of {matched:,}; {turned:,} exchanged, "
            f"{int(self.is_ambiguous.sum()):,} ambiguous (A/T, C/G), "
            f"{counts[STRAND] + counts[STRAND_EXCHANGED]:,} on the other strand"
        ]
        others = {
            DIFFERENT: counts[DIFFERENT], ABSENT: counts[ABSENT], UNREADABLE: counts[UNREADABLE],
            "duplicates": int(self.is_duplicate.sum()), NO_STATISTIC: counts[NO_STATISTIC],
        }  # fmt: skip
        said = ", ".join(f"{count:,} {what}" for what, count in others.items() if count)
        lines.append(
            f"{int(self.is_used.sum()):,} of {len(self.found):,} rows are used"
            + (f"; left out: {said}" if said else "")
        )
        return lines


def align(
    table: VariantTable,
    sites: Sites,
    *,
    by: str | None = None,
    use_ambiguous: bool = False,
    statistic: np.ndarray | None = None,
) -> Alignment:
    """Find each row's variant in a panel, and which way round its alleles are.

    Parameters
    ----------
    table : VariantTable
        With alleles.
    sites : Sites
        The panel's.
    by : {"position", "id"}, optional
        What variants are found by; by default the position where the table has one.
    use_ambiguous : bool
        Take alleles A/T and C/G as they are written.
    statistic : float array, (rows,), optional
        Rows without are not used; copies of a variant that differ in it are all duplicates.

    Raises
    ------
    SighthoundError
        The table has no alleles or names to go by; no row is found; or by name rows lie elsewhere.
    """
    assert table.effect is not None
    assert table.other is not None
    by = by or ("position" if table.has_places else "id")
    places, known = _keys(table, sites, by)
    effect, other = pd.Series(table.effect), pd.Series(table.other)
    turned = {a: str(a).translate(_COMPLEMENT)[::-1] for a in {*effect.unique(), *other.unique()}}
    are_bases = effect.str.fullmatch("[ACGT]+") & other.str.fullmatch("[ACGT]+")
    readable = (are_bases & (effect != other)).to_numpy(bool)
    forward = (effect, other)
    backward = (effect.map(turned), other.map(turned))
    in_panel = pd.Index(known + "\t" + sites.counted.astype(str) + "\t" + sites.other.astype(str))
    first_of = pd.Series(np.arange(len(sites)), in_panel)
    first_of = first_of[~first_of.index.duplicated()]
    variant = np.full(len(table), -1, np.int64)
    found = np.where(pd.Index(places).isin(pd.Index(known)), DIFFERENT, ABSENT).astype(object)
    for word, (a, b) in (
        (SAME, forward), (EXCHANGED, forward[::-1]),
        (STRAND, backward), (STRAND_EXCHANGED, backward[::-1]),
    ):  # fmt: skip
        rows = first_of.index.get_indexer(pd.Index(places + "\t" + a + "\t" + b))
        new = (rows >= 0) & (variant < 0) & readable
        variant[new] = first_of.to_numpy()[rows[new]]
        found[new] = word
    found[~readable] = UNREADABLE
    if (variant < 0).all():
        raise SighthoundError(_why_none(table, sites, by))
    if by == "position":
        _check_assembly(table, sites, variant)
    is_ambiguous = (variant >= 0) & (forward[0] == backward[1]).to_numpy(bool)
    sign = np.array([_SIGNS.get(word, 0) for word in found], np.float64)
    is_duplicate = _duplicates(table, variant, None if statistic is None else statistic * sign)
    if not use_ambiguous:
        sign[is_ambiguous] = 0
    sign[is_duplicate] = 0
    if statistic is not None:
        missing = ~np.isfinite(statistic)
        found[missing], sign[missing] = NO_STATISTIC, 0
    return Alignment(variant, found, is_ambiguous, is_duplicate, sign)


def against_genome(table: VariantTable, genome: Genome) -> np.ndarray:
    """Say which allele of each row is the genome's: object array, (rows,), of the words above.

    Raises
    ------
    SighthoundError
        The table has no positions.
    """
    if table.chrom is None or table.position is None or table.effect is None:
        raise SighthoundError(
            f"{table.path} has no chromosome and position to hold against {genome.path.name}"
        )
    assert table.other is not None
    found = np.full(len(table), UNPLACED, object)
    for name, chrom in own_names(pd.unique(table.chrom), genome).items():
        bases = genome.sequence(Interval(chrom, 0, genome.lengths[chrom]))
        for row in np.flatnonzero(table.chrom == name):
            start, effect, other = table.position[row], table.effect[row], table.other[row]
            if 0 <= start < len(bases):
                found[row] = _of_genome(bases, int(start), effect, other)
    return found


def genome_words(table: VariantTable, found: np.ndarray, genome_name: str) -> str:
    """Say what the effect allele is in the genome, and how many rows are otherwise."""
    counts = Counter(found)
    which, rest = (REF, ALT) if counts[REF] >= counts[ALT] else (ALT, REF)
    placed = len(found) - counts[UNPLACED]
    others = ", ".join(
        f"{counts[what]:,} {what}"
        for what in (REF_OTHER_STRAND, EITHER, NEITHER, UNPLACED)
        if counts[what]
    )
    return (
        f"effect allele = {table.effect_name}, which is {'REF' if which == REF else 'ALT'} at "
        f"{counts[which]:,} of {placed:,} in {genome_name}; {counts[rest]:,} exchanged, "
        f"{int(palindromes(table).sum()):,} ambiguous (A/T, C/G)"
        + (f", {others}" if others else "")
    )


def palindromes(table: VariantTable) -> np.ndarray:
    """Say which rows have alleles that read the same on both strands: bool array, (rows,)."""
    assert table.effect is not None
    assert table.other is not None
    effect = np.array([str(allele).translate(_COMPLEMENT)[::-1] for allele in table.effect], object)
    return effect == table.other


def copies(table: VariantTable, statistic: np.ndarray) -> np.ndarray:
    """Say which rows are copies of one before, as `Alignment.is_duplicate` does without a panel."""
    assert table.effect is not None
    assert table.other is not None
    if table.chrom is not None and table.position is not None:
        place = pd.Series(table.chrom) + ":" + pd.Series(table.position).astype(str)
    else:
        place = pd.Series(table.id)
    pairs = [":".join(sorted(pair)) for pair in zip(table.effect, table.other, strict=True)]
    variant = pd.factorize(place + ":" + pd.Series(pairs))[0]
    # As effects of the allele that comes first in the alphabet.
    return _duplicates(table, variant, np.where(table.effect <= table.other, 1, -1) * statistic)


def _of_genome(bases: str, start: int, effect: str, other: str) -> str:
    is_effect = bases.startswith(effect, start)
    is_other = bases.startswith(other, start)
    if is_effect and is_other:  # an insertion or deletion: the one begins the other
        return EITHER
    if is_effect or is_other:
        return REF if is_effect else ALT
    turned = (str(allele).translate(_COMPLEMENT)[::-1] for allele in (effect, other))
    return REF_OTHER_STRAND if any(bases.startswith(t, start) for t in turned) else NEITHER


def _keys(table: VariantTable, sites: Sites, by: str) -> tuple[np.ndarray, np.ndarray]:
    """What names a row's place, and a variant's of the panel."""
    if by == "id":
        if table.id is None:
            raise SighthoundError(f"{table.path} has no ids to find variants by")
        return table.id.astype(str).astype(object), sites.id.astype(str).astype(object)
    if table.chrom is None or table.position is None:
        raise SighthoundError(f"{table.path} has no positions to find variants by")
    resolver = Chromosomes({str(c): 0 for c in sites.chromosomes()}, "the panel")
    names = pd.unique(table.chrom)
    own = {name: f"{name} of the table" for name in names} | own_names(names, resolver)
    mapped = pd.Series(table.chrom).map(own)
    places = mapped + ":" + pd.Series(table.position).astype(str)
    known = pd.Series(sites.chrom).astype(str) + ":" + pd.Series(sites.position).astype(str)
    return places.to_numpy(object), known.to_numpy(object)


def _why_none(table: VariantTable, sites: Sites, by: str) -> str:
    said = f"none of the {len(table):,} rows of {table.path} is a variant of the panel"
    if by == "position" and table.id is not None:
        shared = int(np.isin(table.id.astype(str), sites.id.astype(str)).sum())
        if shared:
            return (
                f"{said} by position and alleles, but {shared:,} are by name: the two are of "
                "different assemblies; give a panel of the table's assembly, or find them by name "
                "(--match id)"
            )
    return f"{said} by {by} and alleles; give a panel of the same chromosomes and assembly"


def _check_assembly(table: VariantTable, sites: Sites, variant: np.ndarray) -> None:
    """Refuse positions of another assembly, of which some are variants by chance."""
    if table.id is None:
        return
    places = pd.Series(np.arange(len(sites)), sites.id.astype(str))
    places = places[~places.index.duplicated()]
    by_name = places.reindex(table.id.astype(str)).to_numpy()
    named = np.isfinite(by_name)
    elsewhere = named & (variant < 0)
    moved = elsewhere.copy()
    assert table.position is not None
    moved[elsewhere] = (
        sites.position[by_name[elsewhere].astype(int)] != table.position[elsewhere]
    )  # alleles may differ at the same place: that is another finding
    if moved.sum() > _ELSEWHERE * max(1, named.sum()):
        raise SighthoundError(
            f"{int(moved.sum()):,} of {int(named.sum()):,} variants of {table.path} that the panel "
            "knows by name lie elsewhere in it: the two are of different assemblies; give a panel "
            "of the table's assembly, or find them by name (--match id)"
        )


def _duplicates(
    table: VariantTable, variant: np.ndarray, statistic: np.ndarray | None
) -> np.ndarray:
    frame = pd.DataFrame({"variant": variant})
    if "gene" in table.columns:
        frame["gene"] = table.frame[table.columns["gene"]].astype(str).to_numpy()
    there = variant >= 0
    if statistic is not None:  # a row that says nothing is nobody's copy
        there = there & np.isfinite(statistic)
    frame = frame[there]
    is_copy = frame.duplicated(keep=False)
    again = frame.duplicated(keep="first")
    if statistic is not None and is_copy.any():
        copies = frame[is_copy].assign(statistic=statistic[frame.index[is_copy]])
        keys = [c for c in copies.columns if c != "statistic"]
        differ = copies.groupby(keys)["statistic"].transform("nunique") > 1
        again.loc[differ.index[differ]] = True
    found = np.zeros(len(variant), bool)
    found[frame.index[again]] = True
    return found
