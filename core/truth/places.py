"""Alleles of a table held against the genome: names of chromosomes, bases, releases, deletions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sighthound.core.genome.sequence import Genome, Interval

if TYPE_CHECKING:  # takes long to import, and most of core needs none
    import pandas as pd

DELETED = "-"
_APART = 10_000  # bases between places that are looked up in the genome apart


def bases_there(found: pd.DataFrame, genome: Genome | None) -> list[str]:
    """What is at the places of REF: in the genome, or in most rows of the table; empty beyond."""
    starts = found["position"].to_numpy()
    ends = starts + found["ref"].str.len().to_numpy()
    there = [""] * len(found)
    if genome is None:
        # A longer REF is a longer deletion: only rows of one base contradict one another.
        single = found[found["ref"].str.len() == 1]
        place = ["release", "chrom", "position"]
        counts = single.value_counts([*place, "ref"]).rename("rows").reset_index()
        counts = counts.sort_values([*place, "rows", "ref"], ascending=[True] * 3 + [False, True])
        usual = counts.drop_duplicates(place).rename(columns={"ref": "usual"})
        merged = found[[*place, "ref"]].merge(usual, on=place, how="left")
        is_single = merged["ref"].str.len() == 1
        return merged["usual"].where(is_single, merged["ref"]).tolist()
    for chrom, rows in found.groupby("chrom", sort=False).indices.items():
        order = rows[np.argsort(starts[rows], kind="stable")]
        length = genome.lengths[str(chrom)]
        for piece in _pieces(order, starts):
            first, last = int(starts[piece[0]]), min(length, int(ends[piece].max()))
            if last <= first:
                continue
            bases = genome.sequence(Interval(str(chrom), first, last))
            for row in piece.tolist():
                if ends[row] <= length:
                    there[row] = bases[starts[row] - first : ends[row] - first]
    return there


def fitting_release(found: pd.DataFrame, fits: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which rows are of the release that fits best, the newest by name of equals."""
    names = sorted(set(found["release"]))
    if len(names) < 2:
        return np.ones(len(found), bool)
    own = {name: found["release"].eq(name).to_numpy() for name in names}
    best = max(names, key=lambda name: (float(fits[own[name]].mean()), name))
    return own[best]


def anchored(found: pd.DataFrame, genome: Genome) -> pd.DataFrame:
    """Write deletions as VCF does, with the base before (or, at a chromosome's start, after)."""
    deleted = np.flatnonzero(found["alt"].eq(DELETED))
    found = found.copy()
    refs, alts, places = (found[c].tolist() for c in ("ref", "alt", "position"))
    for row in deleted.tolist():
        chrom, at, ref = found["chrom"].iloc[row], places[row], refs[row]
        before = at > 0
        place = Interval(chrom, at - 1, at) if before else Interval(chrom, len(ref), len(ref) + 1)
        base = genome.sequence(place)
        refs[row], alts[row] = (base + ref if before else ref + base), base
        places[row] = at - 1 if before else at
    return found.assign(ref=refs, alt=alts, position=np.array(places, np.int64))


def _pieces(order: NDArray[Any], starts: NDArray[Any]) -> Iterator[NDArray[Any]]:
    yield from np.split(order, np.flatnonzero(np.diff(starts[order]) > _APART) + 1)
