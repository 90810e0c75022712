"""How predicted effects agree with measured ones: r, signs, what is told from nothing, the ceiling.

A measurement is one row of a table: an allele in an experiment. Measurements of neighbouring places
are no independent witnesses (one oligonucleotide, one promoter), so intervals are over blocks of
neighbours: the bootstrap of `core.tracks.bootstrap` for correlations and shares, and for the area
under the curve the variance of clustered data (Obuchowski, Biometrics 53, 567 (1997)).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sighthound.core.tracks.bootstrap import (
    LEAST_BLOCKS,
    Bootstrap,
    Estimate,
    correlation,
    interval_of,
    positive,
)
from sighthound.core.tracks.metrics import auroc
from sighthound.core.truth.tables import SIGNIFICANT

if TYPE_CHECKING:
    import pandas as pd

APART = 500  # bases without a measurement between two blocks
WITHIN = 16  # bases of a block where few elements were measured, each densely
LEAST_LABELS = 5  # of either kind, below which an area is no evidence
ALL_PAIRS = "any two experiments"
_Z = 1.959964  # standard deviations of a normal distribution that 95 % lie within


@dataclass(frozen=True)
class Comparison:
    """How predictions for one track agree with measured effects.

    Attributes
    ----------
    track : str
    n : int
        Measurements with a prediction.
    pearson, spearman : Estimate
        NaN below 20 measurements.
    signed : int
        Measurements whose sign is known: the significant ones, or where nothing is said of
        significance all but 0.
    same_sign : Estimate
        Share of them that are predicted with that sign.
    significant : int
        Measurements at a false discovery rate below 5 %.
    auroc : Estimate
        Whether sizes of predictions tell them from the others; NaN where nothing is said of
        significance, or below 5 of either kind.
    """

    track: str
    n: int
    pearson: Estimate
    spearman: Estimate
    signed: int
    same_sign: Estimate
    significant: int
    auroc: Estimate


@dataclass(frozen=True)
class Ceiling:
    """How far two measurements of one allele agree: what may be expected of a prediction.

    Attributes
    ----------
    one, other : str
        The experiments; `one` is `ALL_PAIRS`, and `other` empty, for all pairs together.
    n : int
        Alleles (or, of all together, pairs of measurements).
    pearson, spearman : Estimate
    signed : int
        Of which both are significant; of all, where nothing is said of significance.
    same_sign : Estimate
    """

    one: str
    other: str
    n: int
    pearson: Estimate
    spearman: Estimate
    signed: int
    same_sign: Estimate

    @property
    def reachable(self) -> float:
        """The r that a prediction without any error reaches with one measurement: sqrt(r)."""
        return math.sqrt(self.pearson.value) if self.pearson.value > 0 else math.nan


def compare(rows: pd.DataFrame, predicted: ArrayLike, tracks: Sequence[str]) -> list[Comparison]:
    """Compare measured effects with predictions.

    Parameters
    ----------
    rows : DataFrame
        Of a `MeasuredTable`: `chrom`, `position`, `effect`, `q`; by place.
    predicted : float array, (rows, tracks)
        NaN where there is none.
    tracks : sequence of str

    Returns
    -------
    list of Comparison, one a track
    """
    values = np.asarray(predicted, float)
    if not len(rows):
        nothing = Estimate()
        return [Comparison(t, 0, nothing, nothing, 0, nothing, 0, nothing) for t in tracks]
    blocks = blocks_of(rows)
    bootstrap = Bootstrap(blocks)
    effects, q = (rows[name].to_numpy(float) for name in ("effect", "q"))
    return [
        _compared(track, effects, q, values[:, number], bootstrap)
        for number, track in enumerate(tracks)
    ]


def ceilings(rows: pd.DataFrame) -> list[Ceiling]:
    """Compare experiments of the same alleles, and repeated measurements of one.

    Parameters
    ----------
    rows : DataFrame
        As for `compare`, with `ref`, `alt` and `experiment`.

    Returns
    -------
    list of Ceiling
        All pairs together first, then each two experiments that share 20 alleles or more; empty
        where no allele was measured twice.
    """
    numbers = rows.groupby(["chrom", "position", "ref", "alt"], sort=False).ngroup().to_numpy()
    experiments = rows["experiment"].to_numpy(str)
    order = np.argsort(numbers, kind="stable")
    pairs = [
        sorted(pair, key=lambda row: experiments[row])
        for group in np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1)
        for pair in itertools.combinations(group.tolist(), 2)
    ]
    if not pairs:
        return []
    low, high = np.array(pairs).T
    # In either order: which of two is called the first says nothing.
    every = np.concatenate([low, high]), np.concatenate([high, low])
    found = [_ceiling(ALL_PAIRS, "", rows.iloc[every[0]], rows.iloc[every[1]], len(pairs))]
    by_names: dict[tuple[str, str], list[int]] = {}
    for number, (one, other) in enumerate(zip(experiments[low], experiments[high], strict=True)):
        by_names.setdefault((str(one), str(other)), []).append(number)
    for (one, other), places in sorted(by_names.items()):
        own = rows.iloc[low[places]], rows.iloc[high[places]]
        ceiling = _ceiling(one, other, own[0], own[1], len(places))
        if math.isfinite(ceiling.pearson.value) and one != other:
            found.append(ceiling)
    return found


def blocks_of(rows: pd.DataFrame) -> NDArray[np.int64]:
    """Number blocks of neighbours: measurements with less than 500 bases between them are of one.

    Where that makes fewer than eight, as of a few elements each of whose bases was changed, blocks
    are of 16 bases.

    Parameters
    ----------
    rows : DataFrame
        `chrom` and `position`; in any order.

    Returns
    -------
    int array, (rows,)
    """
    chroms = np.unique(rows["chrom"].to_numpy(str), return_inverse=True)[1]
    positions = rows["position"].to_numpy(np.int64)
    order = np.lexsort((positions, chroms))
    step = np.diff(positions[order]) > APART
    step |= np.diff(chroms[order]) != 0
    found = np.zeros(len(rows), np.int64)
    found[order[1:]] = np.cumsum(step)
    if found.max(initial=0) + 1 < LEAST_BLOCKS:
        places = np.stack([found, positions // WITHIN], axis=1)
        found = np.unique(places, axis=0, return_inverse=True)[1].ravel()
    return found


def _compared(
    track: str,
    effects: NDArray[np.float64],
    q: NDArray[np.float64],
    predicted: NDArray[np.float64],
    bootstrap: Bootstrap,
) -> Comparison:
    known = np.isfinite(predicted)
    effects = np.where(known, effects, math.nan)
    n, r = correlation(predicted, effects, bootstrap)
    rank_r = correlation(_ranks(predicted, known), _ranks(effects, known), bootstrap)[1]
    significant = known & (q < SIGNIFICANT)
    signed = significant if np.isfinite(q).any() else known & (effects != 0)
    same = signed & (np.sign(predicted) == np.sign(effects))
    judged = known & np.isfinite(q)
    area = area_with_interval(
        np.abs(predicted[judged]), significant[judged], bootstrap.blocks[judged]
    )
    share = _share(same, signed, bootstrap)
    return Comparison(
        track, n, r, rank_r, int(signed.sum()), share, int(significant.sum()), area
    )  # fmt: skip


def _ceiling(one: str, other: str, a: pd.DataFrame, b: pd.DataFrame, n: int) -> Ceiling:
    bootstrap = Bootstrap(blocks_of(a))
    x, y = (rows["effect"].to_numpy(float) for rows in (a, b))
    q = np.stack([rows["q"].to_numpy(float) for rows in (a, b)])
    everything = np.ones(len(x), bool)
    sure = (q < SIGNIFICANT).all(axis=0) if np.isfinite(q).any() else (x != 0) & (y != 0)
    signed = np.asarray(sure, bool)
    same = np.asarray(signed & (np.sign(x) == np.sign(y)))
    return Ceiling(
        one, other, n,
        correlation(x, y, bootstrap)[1],
        correlation(_ranks(x, everything), _ranks(y, everything), bootstrap)[1],
        int(signed.sum()) * n // len(x),
        _share(same, signed, bootstrap),
    )  # fmt: skip


def _ranks(values: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    from scipy.stats import rankdata  # takes a second, which the server does not have to wait

    found = np.full(len(values), math.nan)
    found[known] = rankdata(values[known])
    return found


def _share(of: NDArray[np.bool_], among: NDArray[np.bool_], bootstrap: Bootstrap) -> Estimate:
    """A share with its interval: Wilson's (1927), a block a trial, where draws say too little."""
    if not among.any():
        return Estimate()
    total, drawn = bootstrap.sums((of, among))
    value = float(total[0] / total[1])
    n = len(np.unique(bootstrap.blocks[among]))
    if n >= LEAST_BLOCKS and 0 < value < 1:
        return interval_of(value, drawn[:, 0] / positive(drawn[:, 1]), bootstrap)
    spread = _Z * math.sqrt(value * (1 - value) / n + _Z**2 / (4 * n**2))
    middle, scale = value + _Z**2 / (2 * n), 1 + _Z**2 / n
    return Estimate(
        value, max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)
    )  # fmt: skip


def area_with_interval(
    scores: NDArray[np.float64], labels: NDArray[np.bool_], blocks: NDArray[np.int64]
) -> Estimate:
    """Area under the curve with its interval, by Obuchowski's variance of clustered data."""
    from scipy.stats import rankdata

    m, n = int(labels.sum()), int((~labels).sum())
    if min(m, n) < LEAST_LABELS:
        return Estimate()
    area = auroc(scores, labels)
    among = rankdata(scores)
    # Of every score the share of the other kind that lies below it (or, of others, above it).
    placed = np.empty(len(scores))
    placed[labels] = (among[labels] - rankdata(scores[labels])) / n
    placed[~labels] = 1 - (among[~labels] - rankdata(scores[~labels])) / m
    own: dict[bool, NDArray[Any]] = {}
    with_kind = {}
    count = int(blocks.max()) + 1
    for kind in (True, False):
        rows = labels == kind
        members = np.bincount(blocks[rows], minlength=count)
        own[kind] = np.bincount(blocks[rows], placed[rows], count) - members * area
        with_kind[kind] = int((members > 0).sum())
    both = len(np.unique(blocks))
    if min(with_kind.values()) < LEAST_BLOCKS:
        return Estimate(area)
    variance = sum(
        with_kind[kind] / (with_kind[kind] - 1) * float((own[kind] ** 2).sum()) / size**2
        for kind, size in ((True, m), (False, n))
    )
    variance += 2 * both / (both - 1) * float((own[True] * own[False]).sum()) / (m * n)
    half = _Z * math.sqrt(max(0.0, variance))
    return Estimate(area, max(0.0, area - half), min(1.0, area + half))
