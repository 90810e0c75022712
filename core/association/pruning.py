"""Leaving out variants that say what others say: a set of which no two are in strong LD."""

from __future__ import annotations

import numpy as np

from sighthound.core.association.ld import tiles
from sighthound.core.association.panel import Panel
from sighthound.core.progress import Progress, silent


def prune(
    panel: Panel,
    ends: np.ndarray,
    r2: float,
    first: np.ndarray | None = None,
    *,
    progress: Progress = silent,
) -> np.ndarray:
    """Keep variants one after another, each if r^2 with none kept before it is above a threshold.

    Parameters
    ----------
    panel : Panel
    ends : int array, (variants,)
        The window, as `core.association.windows` gives it; pairs beyond are not looked at.
    r2 : float
    first : array, (variants,), optional
        Variants of a low value go first: p-values make it clumping. By default, those of the most
        frequent rarer allele; equals go by position.

    Returns
    -------
    bool array, (variants,): which are kept
    """
    order = -panel.minor_frequency if first is None else first
    rank = np.empty(len(panel), np.int64)
    rank[np.argsort(order, kind="stable")] = np.arange(len(panel))
    earlier, later = [], []  # of each pair in LD, the one that goes first, and the other
    for tile in tiles(panel, ends, progress=progress):
        row, column = np.nonzero(tile.r * tile.r > r2)
        a, b = row + tile.rows.start, column + tile.columns.start
        a_first = rank[a] < rank[b]
        earlier.append(np.where(a_first, a, b))
        later.append(np.where(a_first, b, a))
    before, after = np.concatenate(earlier), np.concatenate(later)
    by_first = np.argsort(rank[before], kind="stable")
    before, after = before[by_first], after[by_first]
    starts = np.searchsorted(rank[before], np.arange(len(panel) + 1))
    kept = np.ones(len(panel), bool)
    for place, variant in enumerate(np.argsort(rank)):
        if kept[variant]:
            kept[after[starts[place] : starts[place + 1]]] = False
    return kept
