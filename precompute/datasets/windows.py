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
Families = Callable[[Sequence[Interval]], Sequence[int]]
Piece = tuple[Interval, Interval]  # a contig, and a part of it


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
    families: Families | None = None,
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
    pieces = _pieces(free if fractions else (), window, total * min(fractions.values(), default=0))
    groups = _kin(pieces, families)
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
    return _laid_out(contigs, pieces, chosen, named, window, margin)


def cross_validation_folds(
    contigs: Sequence[Interval],
    count: int,
    *,
    window: int,
    margin: int,
    families: Families | None = None,
    seed: int = _FOLD_SEED,
) -> list[list[TargetWindow]]:
    """Divide contigs into parts, each of which is the test fold once, and once the validation fold.

    Parameters
    ----------
    contigs, window, margin, families
        As for `assign_folds`; a family larger than a part is trained on in every division.
    count : int
        Parts, of about as many bases each, and so divisions.

    Returns
    -------
    list of what `assign_folds` gives
        Number i tests on part i, validates on part i + 1 (the last one on part 0), and trains on
        the others.
    """
    share = sum(len(contig) for contig in contigs) / count
    pieces = _pieces(contigs, window, share)
    groups = _kin(pieces, families)
    bases = [sum(len(pieces[index][1]) for index in group) for group in groups]
    random = np.random.default_rng(seed).permutation(len(groups)).tolist()
    taken = [0] * count
    part_of: dict[int, int] = {}
    for number in sorted(random, key=lambda number: -bases[number]):  # the largest first
        if len(groups[number]) > 1 and bases[number] > share:
            continue
        part = taken.index(min(taken))
        part_of |= dict.fromkeys(groups[number], part)
        taken[part] += bases[number]
    divisions = []
    for test in range(count):
        folds = {test: "test", (test + 1) % count: "valid"}
        chosen = {index: folds[part] for index, part in part_of.items() if part in folds}
        divisions.append(_laid_out(contigs, pieces, chosen, {}, window, margin))
    return divisions


def _pieces(contigs: Iterable[Interval], window: int, fold: float) -> list[Piece]:
    """Cut contigs into pieces of up to eight windows, four or more of which make a fold."""
    size = window * max(1, min(8, int(fold / window / 4)))
    return [
        (contig, Interval(contig.chrom, start, min(start + size, contig.end)))
        for contig in contigs
        for start in range(contig.start, contig.end - window + 1, size)
    ]


def _kin(pieces: Sequence[Piece], families: Families | None) -> list[list[int]]:
    """Indices of the pieces of every family."""
    kin = families([stretch for _, stretch in pieces]) if families else range(len(pieces))
    members: dict[int, list[int]] = {}
    for index, family in enumerate(kin):
        members.setdefault(family, []).append(index)
    return list(members.values())


def _laid_out(
    contigs: Sequence[Interval],
    pieces: Sequence[Piece],
    chosen: dict[int, str],
    named: dict[str, str],
    window: int,
    margin: int,
) -> list[TargetWindow]:
    """Cut contigs where pieces are of another fold, by index of the piece or by chromosome."""
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


def new_bins(windows: Iterable[TargetWindow], bin_size: int) -> Iterator[tuple[TargetWindow, int]]:
    """Give each window with its first bin that the one before it does not hold.

    What is counted over these counts no base twice where a stride lets windows overlap.

    Parameters
    ----------
    windows : iterable of TargetWindow
        Of one fold, in order.
    """
    last = None
    for window in windows:
        is_beside = last is not None and last.chrom == window.chrom and last.start <= window.start
        overlap = max(0, last.end - window.start) if last is not None and is_beside else 0
        yield window, -(-overlap // bin_size)
        last = window


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
