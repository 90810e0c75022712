"""Contigs, windows and folds: which stretches of a genome a network learns from and is tested on.

As in Basenji's data step (Kelley et al. 2018): contigs lie between gaps, windows tile contigs, and
whole contigs or long pieces of them make a fold. Everything lies on the grid of bins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sighthound.core.genome.interval_sets import bases_covered, by_chromosome, merge
from sighthound.core.genome.sequence import Interval

_FOLD_SEED = 20180307


@dataclass(frozen=True)
class TargetWindow:
    """A stretch whose bins are targets; the network also sees `crop` bins on either side.

    `unmappable` is the share of its bases that cannot be mapped, `observed` the share of its
    targets (bins x tracks) that hold data.
    """

    chrom: str
    start: int
    end: int
    fold: str
    unmappable: float = 0.0
    observed: float = 1.0


def find_contigs(
    lengths: dict[str, int], breaks: Iterable[Interval], bin_size: int, shortest: int
) -> list[Interval]:
    """Cut chromosomes at gaps; ends are drawn in to the grid of bins.

    Parameters
    ----------
    lengths : dict of str to int
        Chromosomes and their lengths in bases.
    breaks : iterable of Interval
        Gaps and long unmappable stretches.
    bin_size, shortest : int
        Bases a bin, and of the shortest contig to keep.

    Returns
    -------
    list of Interval, in the order of `lengths`

    Examples
    --------
    >>> [str(c) for c in find_contigs({"chr1": 1000}, [Interval("chr1", 350, 420)], 100, 200)]
    ['chr1:1-300', 'chr1:501-1,000']
    """
    gaps = by_chromosome(merge(breaks))
    contigs = []
    for chrom, length in lengths.items():
        start = 0
        for stretch in [*gaps.get(chrom, ()), Interval(chrom, length, length)]:
            first = -(-start // bin_size) * bin_size
            last = stretch.start // bin_size * bin_size
            if last - first >= shortest:
                contigs.append(Interval(chrom, first, last))
            start = stretch.end
    return contigs


def assign_folds(
    contigs: Sequence[Interval],
    valid: tuple[str, ...] | float,
    test: tuple[str, ...] | float,
    *,
    window: int,
    margin: int,
    families: Callable[[Sequence[Interval]], Sequence[int]] | None = None,
    seed: int = _FOLD_SEED,
) -> list[TargetWindow]:
    """Divide contigs into folds so that no held-out sequence holds a training target.

    Parameters
    ----------
    contigs : sequence of Interval
        On the grid of bins.
    valid, test : tuple of str or float
        Chromosomes, or a share of the bases: pieces of contigs, whole windows long, chosen at
        random (always the same ones).
    window, margin : int
        Bases of a window's targets, and of the sequence seen on either side of them; training
        contigs keep `margin` away from the other folds.
    families : callable, optional
        Says of which family each piece is: those of one go to one fold. A family larger than
        a fold stays in training.

    Returns
    -------
    list of TargetWindow, in the order of `contigs`
    """
    named = dict.fromkeys(valid, "valid") if isinstance(valid, tuple) else {}
    if isinstance(test, tuple):
        named |= dict.fromkeys(test, "test")
    shares = (("test", test), ("valid", valid))
    fractions = {fold: share for fold, share in shares if isinstance(share, float)}
    total = sum(len(contig) for contig in contigs)
    free = [contig for contig in contigs if contig.chrom not in named]
    piece = window * max(1, min(8, int(total * min(fractions.values(), default=0) / window / 4)))
    pieces = [
        (contig, Interval(contig.chrom, start, min(start + piece, contig.end)))
        for contig in (free if fractions else ())
        for start in range(contig.start, contig.end - window + 1, piece)
    ]
    kin = families([stretch for _, stretch in pieces]) if families else range(len(pieces))
    members: dict[int, list[int]] = {}
    for index, family in enumerate(kin):
        members.setdefault(family, []).append(index)
    groups = list(members.values())
    order = iter(np.random.default_rng(seed).permutation(len(groups)))
    chosen: dict[int, str] = {}
    for fold, share in fractions.items():
        taken = 0
        while taken < share * total and (number := next(order, None)) is not None:
            bases = sum(len(pieces[index][1]) for index in groups[number])
            if len(groups[number]) > 1 and bases > share * total:
                continue
            chosen |= dict.fromkeys(groups[number], fold)
            taken += bases
    held_out: dict[Interval, list[tuple[Interval, str]]] = {}
    for index in sorted(chosen):
        contig, stretch = pieces[index]
        held_out.setdefault(contig, []).append((stretch, chosen[index]))

    folds = []
    for contig in contigs:
        start = contig.start
        rest = named.get(contig.chrom, "train")
        for stretch, fold in held_out.get(contig, ()):
            folds.append(TargetWindow(contig.chrom, start, stretch.start, rest))
            folds.append(TargetWindow(contig.chrom, stretch.start, stretch.end, fold))
            start = stretch.end
        folds.append(TargetWindow(contig.chrom, start, contig.end, rest))
    return [f for f in _keep_apart(folds, margin) if f.end - f.start >= window]


def tile_windows(
    contigs: Iterable[TargetWindow],
    window: int,
    unmappable: Sequence[Interval],
    most: float,
    stride: int = 0,
) -> list[TargetWindow]:
    """Lay windows in every contig, without those that are mostly unmappable.

    Parameters
    ----------
    contigs : iterable of TargetWindow
        Of one fold each.
    window : int
        Bases of a window's targets.
    unmappable : sequence of Interval
        Sorted within a chromosome, without overlaps.
    most : float
        Share of unmappable bases above which a window is left out.
    stride : int
        Bases from one training window to the next; 0 lays them end to end. Those of the other
        folds always lie so, or bases would count twice in accuracy.
    """
    stretches = by_chromosome(unmappable)
    windows = []
    for contig in contigs:
        step = stride if stride and contig.fold == "train" else window
        starts = np.arange(contig.start, contig.end - window + 1, step)
        bases = bases_covered(starts, starts + window, stretches.get(contig.chrom, []))
        for start, share in zip(starts.tolist(), (bases / window).tolist(), strict=True):
            if share <= most:
                windows.append(
                    TargetWindow(contig.chrom, start, start + window, contig.fold, share)
                )
    return windows


def _keep_apart(folds: Sequence[TargetWindow], margin: int) -> Iterator[TargetWindow]:
    """Draw training contigs in where another fold lies nearer than `margin`."""
    for index, fold in enumerate(folds):
        start, end = fold.start, fold.end
        if fold.fold == "train":
            others = [f for f in folds[max(0, index - 2) : index + 3] if f.fold != "train"]
            for other in (f for f in others if f.chrom == fold.chrom):
                if other.end <= fold.start:
                    start = max(start, other.end + margin)
                else:
                    end = min(end, other.start - margin)
        if end > start:
            yield TargetWindow(fold.chrom, start, end, fold.fold)
