"""Linkage disequilibrium: r between variants, tile after tile.

r is the correlation of copies of the counted alleles (PLINK's --r), over the people who have both
calls; it needs no phase. Matrices are banded: r is looked at within a window, and is 0 beyond.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sighthound.core.association.panel import Panel, Standardised
from sighthound.core.association.shrinkage import Shrinkage
from sighthound.core.progress import Progress, silent

_ROWS, _COLUMNS = 256, 4096  # variants of a tile


@dataclass(frozen=True, eq=False)
class Tile:
    """r of some variants with others that are not before them.

    Attributes
    ----------
    rows, columns : slice
        Variants of the panel.
    r : float64 array, (rows, columns)
        0 beyond the window, and where the row's variant is not before the column's.
    inside : bool array, (rows, columns)
        Within the window, the row's variant before the column's.
    people : int, or float64 array, (rows, columns)
        Who has both calls.
    """

    rows: slice
    columns: slice
    r: np.ndarray
    inside: np.ndarray
    people: int | np.ndarray

    def unbiased_r2(self) -> np.ndarray:
        """r^2 less what it is by chance (Bulik-Sullivan et al. 2015): r^2 - (1 - r^2) / (N - 2)."""
        r2 = self.r * self.r
        r2 -= (1 - r2) / np.maximum(self.people - 2, 1)
        r2 *= self.inside
        return r2


def tiles(
    panel: Panel,
    ends: np.ndarray,
    *,
    shrinkage: Shrinkage | None = None,
    progress: Progress = silent,
) -> Iterator[Tile]:
    """Give every pair of variants within the window once.

    Parameters
    ----------
    panel : Panel
    ends : int array, (variants,)
        As `core.association.windows` gives them.
    shrinkage : Shrinkage, optional
        What is done to r because people are few.
    """
    total = len(panel)
    for start in range(0, total, _ROWS):
        rows = slice(start, min(start + _ROWS, total))
        end = int(ends[rows.stop - 1])
        own = panel.standardised(rows.start, rows.stop)
        for first in range(start, end, _COLUMNS):
            columns = slice(first, min(first + _COLUMNS, end))
            others = panel.standardised(columns.start, columns.stop)
            r, people = correlations(own, others)
            place = np.arange(columns.start, columns.stop)
            row = np.arange(rows.start, rows.stop)[:, None]
            inside = (place > row) & (place < ends[rows, None])
            if shrinkage is not None:
                r = shrinkage.of(r, rows, columns)
            r *= inside
            yield Tile(rows, columns, r, inside, people)
        progress(rows.stop, total)


def correlations(a: Standardised, b: Standardised) -> tuple[np.ndarray, int | np.ndarray]:
    """Correlate every variant of one block with every one of another.

    Returns
    -------
    r : float array, (variants of a, variants of b)
        Over the people who have both calls; 0 where one of the two does not differ among them.
    people : int, or float array of the same shape
        How many these are.
    """
    products = a.z @ b.z.T
    if a.called is None and b.called is None:
        return products, a.z.shape[1]
    ones_a = np.ones_like(a.z) if a.called is None else a.called
    ones_b = np.ones_like(b.z) if b.called is None else b.called
    people = ones_a @ ones_b.T
    of_a, of_b = a.z @ ones_b.T, ones_a @ b.z.T
    spread = people * ((a.z * a.z) @ ones_b.T) - of_a**2
    spread *= people * (ones_a @ (b.z * b.z).T) - of_b**2
    covariance = people * products - of_a * of_b
    differs = spread > 1e-12
    return np.where(differs, covariance / np.sqrt(np.where(differs, spread, 1)), 0), people


def ld_matrix(
    panel: Panel, start: int, stop: int, shrinkage: Shrinkage | None = None
) -> np.ndarray:
    """Give r between all variants of a stretch of the panel.

    Returns
    -------
    float64 array, (stop - start, stop - start); ones on its diagonal
    """
    block = panel.standardised(start, stop)
    r, _ = correlations(block, block)
    part = slice(start, stop)
    if shrinkage is not None:
        r = shrinkage.of(r, part, part)
    np.fill_diagonal(r, 1)
    return r
