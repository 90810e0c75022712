"""What is said of a variant's effects: over which bins, of what, and against which spread.

Two windows: the whole context, all bins that the variant can change; and the local stretch of about
128 bases that it changes most, found for each track. A log2 ratio is of means over bins, to which
the track's spread is added: the standard deviation of its prediction over the genome. So a change
counts against what the track does elsewhere; nothing becomes something only because it is divided
by nearly nothing, and a broad mark that changes a little everywhere ranks below a broken site.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sighthound.app.answers.effects import (
    GeneEffect,
    GeneTrackEffect,
    LocalEffect,
    TrackEffect,
)
from sighthound.core.bigwig.reader import open_bigwig
from sighthound.core.errors import SighthoundError
from sighthound.core.interpretation.variant_scores import PSEUDOCOUNT
from sighthound.core.tracks.track import Track

# The width of a peak, and of the paper's bins: over a wider stretch a start that moves to its
# neighbour is summed to nothing.
LOCAL_BP = 128
# Tracks of a gene that an answer names.
GENE_TRACKS = 10
# Assays that measure what a gene expresses, by their names.
_EXPRESSION = re.compile(
    r"rna|cage|stripe|rampage|tss|(pro|gro|net|csrna|start)-?(seq|cap)|expression|transcript", re.I
)
_NOT_EXPRESSION = re.compile(r"chip|clip|cut|polymerase|pol ?ii|dnase|mnase", re.I)


@dataclass(frozen=True)
class Stretches:
    """A stretch of bins of every track, and both alleles summed over it.

    Attributes
    ----------
    first : int array, (tracks,)
        First bin.
    bins : int
        How many.
    reference, alternative : float64 arrays, (tracks,)
        Sums.
    """

    first: NDArray[np.int64]
    bins: int
    reference: NDArray[np.float64]
    alternative: NDArray[np.float64]


@dataclass(frozen=True)
class GeneSums:
    """Both alleles at the starts of a gene.

    Attributes
    ----------
    gene, name, strand : str
        Of the gene; `gene` is its id.
    tss : tuple of int
        First bases of its transcripts.
    bins : int
        How many these lie in.
    reference, alternative : float64 arrays, (tracks,)
        Sums over them.
    """

    gene: str
    name: str
    strand: str
    tss: tuple[int, ...]
    bins: int
    reference: NDArray[np.float64]
    alternative: NDArray[np.float64]


@dataclass(frozen=True)
class Effects:
    """What a haplotype does to every track, and at the starts of every gene in reach.

    Attributes
    ----------
    start, bin, bins : int
        First base, size and number of the bins that it can change.
    tracks : tuple of str
        Of the model.
    reference, alternative : float64 arrays, (tracks,)
        Sums over these bins.
    local : Stretches
        The bins that change most.
    genes : tuple of GeneSums
        Those with a start in these bins.
    near : float64 array, (tracks,), optional
        Of the reference, the sums around the first variant that its nulls are matched on.
    percentiles : float32 array, (tracks,), optional
        Of the size of each SAD among matched nulls, 0 to 100; NaN where there are too few. Without
        nulls, and of anything but one substitution, None.
    """

    start: int
    bin: int
    bins: int
    tracks: tuple[str, ...]
    reference: NDArray[np.float64]
    alternative: NDArray[np.float64]
    local: Stretches
    genes: tuple[GeneSums, ...]
    near: NDArray[np.float64] | None = None
    percentiles: NDArray[np.float32] | None = None


def changed_most(
    reference: NDArray[np.float32], alternative: NDArray[np.float32], bins: int, middle: int
) -> Stretches:
    """Find, for every track, the consecutive bins whose absolute changes sum to most.

    Parameters
    ----------
    reference, alternative : arrays, (all bins, tracks)
    bins : int
        Of a stretch; all, where there are fewer.
    middle : int
        A bin around which a track's stretch lies if nothing changes.

    Returns
    -------
    Stretches
        Of stretches that change alike, the first.
    """
    count = len(reference)
    bins = min(bins, count)
    changes = _running(np.abs(alternative - reference), bins)
    first = changes.argmax(axis=0)
    first[changes.max(axis=0) <= 0] = min(max(0, middle - bins // 2), count - bins)
    return stretches(reference, alternative, bins, first)


def stretches(
    reference: NDArray[np.float32],
    alternative: NDArray[np.float32],
    bins: int,
    first: NDArray[np.int64],
) -> Stretches:
    """Sum both alleles over a stretch of so many bins of every track, given its first bin."""
    bins = min(bins, len(reference))
    before, after = (
        np.take_along_axis(_running(values, bins), first[None], axis=0)[0]
        for values in (reference, alternative)
    )
    return Stretches(first, bins, before, after)


def _running(values: NDArray[Any], bins: int) -> NDArray[np.float64]:
    """Sums of so many consecutive bins, by the first."""
    summed = np.zeros((len(values) + 1, values.shape[1]))
    np.cumsum(values, axis=0, out=summed[1:])
    return summed[bins:] - summed[:-bins]


def of_tracks(found: Effects, tracks: Sequence[str]) -> Effects:
    """Give the effects on some tracks alone, in the order of the model's."""
    wanted = set(tracks)
    kept = [number for number, track in enumerate(found.tracks) if track in wanted]
    if len(kept) == len(found.tracks):
        return found

    def some(one: Any) -> Any:
        """Leave out of arrays, a value a track, what is of other tracks."""
        arrays = {f.name: getattr(one, f.name) for f in fields(one)}
        return replace(
            one, **{name: a[kept] for name, a in arrays.items() if isinstance(a, np.ndarray)}
        )

    return replace(
        some(found),
        tracks=tuple(found.tracks[number] for number in kept),
        local=some(found.local),
        genes=tuple(map(some, found.genes)),
    )


def spread_ratio(
    reference: NDArray[Any], alternative: NDArray[Any], bins: int, spread: NDArray[Any]
) -> NDArray[np.float64]:
    """Compare sums over so many bins as log2((alternative / bins + spread) / (the reference's)).

    NaN where either is not above zero.
    """
    before, after = (np.asarray(v, float) / bins + spread for v in (reference, alternative))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log2(after / before)
    return np.where((before > 0) & (after > 0), ratio, np.nan)


def is_expression(assay: str) -> bool:
    """Tell by an assay's name whether it measures what genes express: RNA-seq, CAGE, PRO-seq."""
    return bool(_EXPRESSION.search(assay)) and not _NOT_EXPRESSION.search(assay)


def predicted_spread(path: Path) -> float | None:
    """Read the standard deviation of a predicted BigWig over the genome from its total summary.

    None where the file does not say, or where it is zero.
    """
    try:
        with open_bigwig(path) as file:
            return (file.total.deviation() if file.total else 0.0) or None
    except SighthoundError:
        return None


def ranked(found: Effects, spreads: Sequence[float | None], most: int) -> tuple[TrackEffect, ...]:
    """Lay out what a variant does to the tracks that it changes most, the largest SAD first.

    Parameters
    ----------
    found : Effects
    spreads : sequence of float or None
        One a track; None is told as it is, and counts as 1 in the track's unit.
    most : int
        Tracks.
    """
    added = _added(spreads)
    before, after, local = found.reference, found.alternative, found.local
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log2(after + PSEUDOCOUNT) - np.log2(before + PSEUDOCOUNT)
    order = np.argsort(-np.abs(after - before), kind="stable")[:most]
    starts = found.start + local.first * found.bin
    nearby = (
        starts,
        starts + local.bins * found.bin,
        local.alternative - local.reference,
        spread_ratio(local.reference, local.alternative, local.bins, added),
        local.reference,
        local.alternative,
    )
    beside = (LocalEffect(*row) for row in _rows(nearby, order))
    whole = (
        after - before,
        ratio,
        spread_ratio(before, after, found.bins, added),
        before,
        after,
    )

    def percentile(track: int) -> float | None:
        if found.percentiles is None or np.isnan(found.percentiles[track]):
            return None
        return float(found.percentiles[track])

    return tuple(
        TrackEffect(found.tracks[i], *(*row, near, spreads[i], percentile(i)))
        for i, row, near in zip(order.tolist(), _rows(whole, order), beside, strict=True)
    )


def of_genes(
    found: Effects,
    tracks: Mapping[str, Track],
    spreads: Sequence[float | None],
    most: int,
) -> tuple[GeneEffect, ...]:
    """Lay out what a variant does at the starts of genes, the most changed gene first.

    Of the tracks of a gene those come first that measure expression on its strand, of them the
    largest log2 ratio.

    Parameters
    ----------
    found, spreads
        As for `ranked`.
    tracks : mapping
        Of the project, by id.
    most : int
        Genes.
    """
    added = _added(spreads)
    known = [tracks.get(name) for name in found.tracks]
    laid = []
    for gene in found.genes:
        before, after = gene.reference, gene.alternative
        ratio = spread_ratio(before, after, gene.bins, added)
        size = np.abs(np.nan_to_num(ratio))
        other = np.array([not _measures(track, gene.strand) for track in known])
        order = np.lexsort((np.arange(len(size)), -size, other))
        first = order[:GENE_TRACKS]
        rows = tuple(
            GeneTrackEffect(found.tracks[i], not other[i], *row)
            for i, row in zip(
                first.tolist(), _rows((after - before, ratio, before, after), first), strict=True
            )
        )
        told = GeneEffect(gene.gene, gene.name, gene.strand, gene.tss, gene.bins, rows)
        laid.append((float(size[order[0]]), told))
    laid.sort(key=lambda pair: -pair[0])
    return tuple(gene for _, gene in laid[:most])


def _rows(columns: Sequence[NDArray[Any]], order: NDArray[np.int64]) -> Iterator[tuple[Any, ...]]:
    """Rows of some columns, in an order, as Python's numbers."""
    return zip(*(column[order].tolist() for column in columns), strict=True)


def _measures(track: Track | None, strand: str) -> bool:
    """Whether a track measures the expression of a gene on a strand."""
    if track is None or not is_expression(track.assay):
        return False
    return strand not in "+-" or track.strand not in "+-" or track.strand == strand


def _added(spreads: Sequence[float | None]) -> NDArray[np.float64]:
    return np.array([PSEUDOCOUNT if spread is None else spread for spread in spreads], float)
