"""Sums over a variant's neighbours: LD scores, signed LD profiles, and where LD is weakest.

LD score: sum of unbiased r^2, each times the neighbour's annotation (Bulik-Sullivan et al. 2015,
Finucane et al. 2015). Signed LD profile: sum of r times the neighbour's signed score, which is
SED-LD for SED (Kelley et al. 2018, Methods) and R v for any annotation v (Reshef et al. 2018).
"""

from __future__ import annotations

import numpy as np

from sighthound.core.association.ld import correlations, tiles
from sighthound.core.association.panel import Panel
from sighthound.core.association.shrinkage import Shrinkage
from sighthound.core.association.windows import width
from sighthound.core.progress import Progress, silent

FEWEST_IN_BLOCK = 100


def ld_scores(
    panel: Panel,
    ends: np.ndarray,
    annotations: np.ndarray | None = None,
    *,
    progress: Progress = silent,
) -> np.ndarray:
    """Sum unbiased r^2 with the variants of the window, itself included.

    Parameters
    ----------
    panel : Panel
    ends : int array, (variants,)
        The window, as `core.association.windows` gives it.
    annotations : array, (variants, annotations), optional
        What each neighbour counts; 1 by default.

    Returns
    -------
    float64 array, (variants, annotations); of one column without annotations
    """
    given = np.ones((len(panel), 1)) if annotations is None else np.asarray(annotations, float)
    scores = given.copy()
    for tile in tiles(panel, ends, progress=progress):
        r2 = tile.unbiased_r2()
        scores[tile.rows] += r2 @ given[tile.columns]
        scores[tile.columns] += r2.T @ given[tile.rows]
    return scores


def signed_ld_profile(
    panel: Panel,
    ends: np.ndarray,
    values: np.ndarray,
    *,
    shrinkage: Shrinkage | None = None,
    progress: Progress = silent,
) -> np.ndarray:
    """Sum r times a signed score over the variants of the window, of all tracks in one pass.

    Parameters
    ----------
    values : array, (variants, tracks)
        Scores of the counted allele against the other.

    Returns
    -------
    float64 array, (variants, tracks): what marginal effects follow, were `values` all effects
    """
    given = np.asarray(values, np.float64)
    profile = given.copy()
    for tile in tiles(panel, ends, shrinkage=shrinkage, progress=progress):
        profile[tile.rows] += tile.r @ given[tile.columns]
        profile[tile.columns] += tile.r.T @ given[tile.rows]
    return profile


def profile_of_few(
    panel: Panel,
    ends: np.ndarray,
    variants: np.ndarray,
    values: np.ndarray,
    *,
    shrinkage: Shrinkage | None = None,
) -> tuple[slice, np.ndarray]:
    """Sum r times a signed score that few neighbours have, as those around a gene have its SED.

    Parameters
    ----------
    variants : int array, (scored,)
        The variants that have a score, rising.
    values : array, (scored, tracks)

    Returns
    -------
    part : slice
        The variants of the panel within whose windows one of these is.
    profile : float64 array, (variants of the part, tracks)
    """
    part = slice(int(np.searchsorted(ends, variants[0], side="right")), int(ends[variants[-1]]))
    around = panel.standardised(part.start, part.stop)
    scored = panel.take(variants).standardised(0, len(variants))
    r, _ = correlations(around, scored)
    if shrinkage is not None:
        r = shrinkage.of(r, part, variants)
    place = np.arange(part.start, part.stop)[:, None]
    r[place == variants] = 1
    r *= np.where(place <= variants, variants < ends[place], place < ends[variants])
    return part, r @ np.asarray(values, np.float64)


def ld_across(panel: Panel, ends: np.ndarray, *, progress: Progress = silent) -> np.ndarray:
    """Sum unbiased r^2 of all pairs of which one variant is before a place and one is not.

    Returns
    -------
    float64 array, (variants,): of the place just before each variant
    """
    steps = np.zeros(len(panel) + 1)
    for tile in tiles(panel, ends, progress=progress):
        r2 = tile.unbiased_r2()
        steps[tile.rows.start + 1 : tile.rows.stop + 1] += r2.sum(axis=1)
        steps[tile.columns.start + 1 : tile.columns.stop + 1] -= r2.sum(axis=0)
    return np.cumsum(steps)[:-1]


def ld_blocks(
    panel: Panel, ends: np.ndarray, size: int | None = None, *, progress: Progress = silent
) -> list[slice]:
    """Cut chromosomes where LD is weakest, about every so many variants.

    Parameters
    ----------
    ends : int array, (variants,)
        Pairs beyond this window count as if they had no LD.
    size : int, optional
        Variants; blocks have from half to one and a half times as many. By default as many as the
        window goes to the right, on average, and 100 at least: so blocks are as wide as LD reaches,
        however dense the panel is.

    Returns
    -------
    list of slice
    """
    across = ld_across(panel, ends, progress=progress)
    if size is None:
        size = max(FEWEST_IN_BLOCK, width(ends))
    found = []
    for part in panel.sites.chromosomes().values():
        start = part.start
        while part.stop - start > size * 3 // 2:
            near, far = start + size // 2, min(start + size * 3 // 2, part.stop - size // 2)
            cut = near + int(np.argmin(across[near : far + 1]))
            found.append(slice(start, cut))
            start = cut
        found.append(slice(start, part.stop))
    return found
