"""Chi-squared of variants on genes, on LD scores, with and without the size of SED-LD.

Kelley et al. 2018: were |SED-LD| to say more than LD alone of where eQTL are, the regression with
it would fit better. Everything is made of sums over blocks of neighbouring genes, so that pairs
need not sit in memory; standard errors are of leaving out blocks in turn, and a pair's expected
chi-squared is of a fit that its own block was not in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.stats

from sighthound.core.errors import SighthoundError

LARGEST_CHI2 = 80.0  # a larger one counts as this: few would rule the fit
DISTANCES = (500, 2_000, 8_000, 32_000)  # bases from a gene's start, of the annotations
FEWEST_BLOCKS = 8
# Columns beside |SED-LD|: 1 and the LD score; then marks of distances, and LD scores by distance.
PLAIN, BY_DISTANCE = "LD score", "LD score and distance"
MODELS = {PLAIN: slice(0, 2), BY_DISTANCE: slice(0, 2 + 2 * len(DISTANCES))}


def distance_class(distance: np.ndarray) -> np.ndarray:
    """Say in which of the classes of distance from a start a place is; after the last: beyond."""
    return np.searchsorted(DISTANCES, distance, side="right")


def distance_marks(distance: np.ndarray) -> np.ndarray:
    """Mark the classes of distance: float64 array, (places, classes), beyond all of them none."""
    return (distance_class(distance)[:, None] == np.arange(len(DISTANCES))).astype(np.float64)


class PairSums:
    """Sums over variants of genes, block by block.

    Parameters
    ----------
    blocks, columns, candidates : int
        Candidates are columns that are each fitted by itself beside the others.
    """

    def __init__(self, blocks: int, columns: int, candidates: int) -> None:
        self.pairs = np.zeros(blocks)
        self.xx = np.zeros((blocks, columns, columns))
        self.xy = np.zeros((blocks, columns))
        self.y, self.yy = np.zeros(blocks), np.zeros(blocks)
        self.xd = np.zeros((blocks, columns, candidates))
        self.dd = np.zeros((blocks, candidates))
        self.dy = np.zeros((blocks, candidates))

    def add(self, block: int, x: np.ndarray, chi2: np.ndarray, candidates: np.ndarray) -> None:
        """Take the variants of a gene.

        Parameters
        ----------
        x : float array, (variants, columns)
        chi2 : float array, (variants,)
        candidates : float array, (variants, candidates)
        """
        y = np.minimum(chi2, LARGEST_CHI2)
        self.pairs[block] += len(y)
        self.xx[block] += x.T @ x
        self.xy[block] += x.T @ y
        self.y[block] += y.sum()
        self.yy[block] += y @ y
        self.xd[block] += x.T @ candidates
        self.dd[block] += (candidates * candidates).sum(axis=0)
        self.dy[block] += y @ candidates


@dataclass(frozen=True, eq=False)
class ExpectedChi2:
    """What two regressions expect, fitted without each block in turn.

    Attributes
    ----------
    without : float64 array, (blocks, columns)
        Coefficients without |SED-LD|, for pairs of each block.
    with_profile : float64 array, (blocks, columns + 1)
        And with it, the last.
    """

    without: np.ndarray
    with_profile: np.ndarray

    def difference(self, x: np.ndarray, size: np.ndarray, blocks: np.ndarray) -> np.ndarray:
        """By how much |SED-LD| raises what is expected of pairs, float64, (pairs,).

        Parameters
        ----------
        x : float array, (pairs, columns)
        size : float array, (pairs,)
            |SED-LD|.
        blocks : int array, (pairs,)
        """
        both = np.concatenate((x, size[:, None]), axis=1)
        after = (both * self.with_profile[blocks]).sum(axis=1)
        return after - (x * self.without[blocks]).sum(axis=1)


@dataclass(frozen=True, eq=False)
class SizeFit:
    """The regression of chi-squared on candidates, each by itself beside the columns.

    Attributes
    ----------
    slope, se, z, p : float64 arrays, (candidates,)
        Of the candidate; P of two sides, of Student's t.
    r2_without : float
    r2_with : float64 array, (candidates,)
        Share of the variance of chi-squared that is explained.
    """

    slope: np.ndarray
    se: np.ndarray
    z: np.ndarray
    p: np.ndarray
    r2_without: float
    r2_with: np.ndarray


def fit_sizes(
    sums: PairSums, columns: slice, expected: int = 1
) -> tuple[SizeFit, list[ExpectedChi2]]:
    """Fit every candidate.

    Parameters
    ----------
    columns : slice
        Those that the candidate stands beside.
    expected : int
        Of how many candidates, the first, it is said what is expected of pairs.

    Raises
    ------
    SighthoundError
        Fewer than eight blocks have pairs.
    """
    used = np.flatnonzero(sums.pairs > 0)
    if len(used) < FEWEST_BLOCKS:
        raise SighthoundError(
            f"genes with variants fill {len(used)} blocks; a regression with standard errors needs "
            f"at least {FEWEST_BLOCKS}: give more genes"
        )
    xx, xy = sums.xx[:, columns, columns], sums.xy[:, columns]
    xd = sums.xd[:, columns]
    total = float(sums.yy.sum() - sums.y.sum() ** 2 / sums.pairs.sum())
    slopes, ses, shares = [], [], []
    with_profile = []
    for number in range(sums.dd.shape[1]):
        left = np.zeros((len(xx), xx.shape[1] + 1, xx.shape[1] + 1))
        left[:, :-1, :-1] = xx
        left[:, :-1, -1] = left[:, -1, :-1] = xd[:, :, number]
        left[:, -1, -1] = sums.dd[:, number]
        right = np.concatenate((xy, sums.dy[:, number, None]), axis=1)
        whole, parts = _without_each(left, right)
        spread = parts[used, -1] - parts[used, -1].mean()
        slopes.append(whole[-1])
        ses.append(np.sqrt((len(used) - 1) / len(used) * (spread @ spread)))
        shares.append(_share(left, right, whole, sums, total))
        if number < expected:
            with_profile.append(parts)
    alone, without = _without_each(xx, xy)
    slope, se = np.array(slopes), np.array(ses)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(se > 0, slope / se, np.nan)
    p = 2 * scipy.stats.t.sf(np.abs(z), len(used) - 1)
    fit = SizeFit(slope, se, z, p, _share(xx, xy, alone, sums, total), np.array(shares))
    return fit, [ExpectedChi2(without, parts) for parts in with_profile]


def share_at_least(values: np.ndarray, among: np.ndarray) -> float:
    """P by rank: how often another is at least as large, itself counted."""
    known = among[np.isfinite(among)]
    return float((1 + (known >= values).sum()) / (1 + len(known)))


def gene_blocks(genes: int, blocks: int) -> np.ndarray:
    """Put genes, in the order of the genome, into so many blocks of neighbours: int, (genes,)."""
    count = max(1, min(blocks, genes))
    return np.arange(genes) * count // max(1, genes)


def _without_each(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of all blocks, (columns,), and without each, (blocks, columns)."""
    a, b = left.sum(axis=0), right.sum(axis=0)
    size = np.sqrt(np.diag(a))
    size = np.where(size > 0, size, 1)  # a column that is nowhere has no coefficient
    scaled = np.concatenate(((a - left), a[None])) / size[:, None] / size
    solved = np.linalg.pinv(scaled, rcond=1e-10, hermitian=True)
    wanted = np.concatenate(((b - right), b[None])) / size
    found = (solved @ wanted[..., None])[..., 0] / size
    return found[-1], found[:-1]


def _share(
    left: np.ndarray, right: np.ndarray, found: np.ndarray, sums: PairSums, total: float
) -> float:
    rest = sums.yy.sum() - 2 * found @ right.sum(axis=0) + found @ left.sum(axis=0) @ found
    return float(1 - rest / total) if total > 0 else float("nan")


def drawn_profiles(
    pools: Sequence[np.ndarray], classes: np.ndarray, count: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw scores of other variants at the same distance from their genes.

    Parameters
    ----------
    pools : sequence of float arrays
        Scores of each class of distance.
    classes : int array, (variants,)

    Returns
    -------
    float64 array, (variants, count)
    """
    drawn = np.zeros((len(classes), count))
    for number in np.unique(classes):
        own = np.flatnonzero(classes == number)
        drawn[own] = pools[number][rng.integers(len(pools[number]), size=(len(own), count))]
    return drawn
