"""Which stretch of a chromosome is predicted for which variants.

A variant can change the bins whose context holds it; those are predicted, each with its full
context. Neighbouring variants share one window, and so one reference pass. Bins are counted from
base `grid` of the chromosome; beyond its ends there are no bins.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model
from sighthound.core.model.window import Window
from sighthound.core.variants.haplotype import Haplotype

# Variants share a window as long as they lie within so many bases, which bounds its memory.
_SHARED_BASES = 1 << 16


@dataclass(frozen=True)
class Place:
    """The bins that a haplotype can change, `first` to `last` (half-open)."""

    chrom: str
    grid: int
    first: int
    last: int


@dataclass(frozen=True)
class VariantWindow(Window):
    """A window with bins to predict, and the haplotypes that can change them.

    Attributes
    ----------
    interval, bin, crop
        As of every window.
    targets : int array
        Bins of the window to predict.
    members : tuple of int
        Indices of the haplotypes.
    places : tuple of (int, int)
        Of each of them, the bins of the window that it can change.
    """

    targets: np.ndarray
    members: tuple[int, ...]
    places: tuple[tuple[int, int], ...]


def reach(model: Model, ensemble: Ensemble) -> int:
    """Bins on either side of a bin whose bases can change its prediction, shifts included."""
    return model.receptive_field_bins + math.ceil(ensemble.furthest / model.bin)


def place(
    found: Haplotype, model: Model, genome: Genome, ensemble: Ensemble, grid: int | None = 0
) -> Place:
    """Find the bins that a haplotype can change.

    Parameters
    ----------
    grid : int or None
        A base where a bin begins. None places the bins as if the first variant stood in the middle
        of a training window, as the published scripts do: that of a window of length l at base
        l / 2 - 1, from 0.

    Raises
    ------
    SighthoundError
        The haplotype is longer than the model's window.
    """
    size, length = model.bin, model.sequence_length
    if found.end - found.start > length or found.moved > length:
        raise SighthoundError(
            f"{_short(found)} replaces {found.end - found.start:,} bases and moves others by "
            f"{found.moved:,}; expected at most the model's window, {length:,}"
        )
    if grid is None:
        grid = found.variants[0].position - (length // 2 - 1)
    grid %= size
    first, last = found.changed
    around = reach(model, ensemble)
    bins = -(-(genome.lengths[found.chrom] - grid) // size)
    return Place(
        found.chrom,
        grid,
        max((first - grid) // size - around, -(grid > 0)),
        min((last - 1 - grid) // size + around + 1, bins),
    )


def plan_windows(
    places: Sequence[Place], model: Model, ensemble: Ensemble, shared: int = _SHARED_BASES
) -> list[VariantWindow]:
    """Share windows among haplotypes that lie close to one another.

    Parameters
    ----------
    places : sequence of Place
        In any order.
    shared : int
        Bases that the changed bins of a window may span, where there is more than one haplotype.

    Returns
    -------
    list of VariantWindow, by chromosome and position
    """
    around = reach(model, ensemble)
    order = sorted(range(len(places)), key=lambda i: _key(places[i]))
    groups: list[list[int]] = []
    last = 0
    for index in order:
        here = places[index]
        if groups:
            begin = places[groups[-1][0]]
            together = (begin.chrom, begin.grid) == (here.chrom, here.grid)
            # Sequence further apart than both contexts would be computed for nothing.
            near = here.first - last <= 2 * around
            span = max(last, here.last) - begin.first - 2 * around
            if together and near and span * model.bin <= shared:
                groups[-1].append(index)
                last = max(last, here.last)
                continue
        groups.append([index])
        last = here.last
    return [_window([places[i] for i in group], tuple(group), model, around) for group in groups]


def _window(
    found: list[Place], members: tuple[int, ...], model: Model, around: int
) -> VariantWindow:
    first, last = found[0].first - around, max(p.last for p in found) + around
    wanted = np.zeros(last - first, bool)
    for p in found:
        wanted[p.first - first : p.last - first] = True
    return VariantWindow(
        Interval(
            found[0].chrom,
            found[0].grid + first * model.bin,
            found[0].grid + last * model.bin,
        ),
        model.bin,
        model.crop,
        np.flatnonzero(wanted),
        members,
        tuple((p.first - first, p.last - first) for p in found),
    )


def _key(found: Place) -> tuple[str, int, int, int]:
    return found.chrom, found.grid, found.first, found.last


def _short(found: Haplotype) -> str:
    text = str(found)
    return text if len(text) <= 60 else f"{text[:57]}..."
