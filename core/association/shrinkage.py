"""What is done to r because the people of a panel are few.

`LinearShrinkage` multiplies r between different variants by 1 - share. `MapShrinkage` is that of
Wen & Stephens (2010, Annals of Applied Statistics 4:1158, equations 2.7 to 2.9): covariances of
haplotypes decay with the genetic distance as recombination in a population would have them, and
those below 0.001 are 0, so that matrices are banded by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sighthound.core.association.panel import Panel
from sighthound.core.association.windows import checked_map
from sighthound.core.errors import SighthoundError

Variants = slice | np.ndarray  # of the panel: a stretch, or some of them
NEGLIGIBLE = 1e-3
POPULATION_SIZE = 11_400  # effective, of Europeans


class Shrinkage(Protocol):
    """Something that is done to r."""

    def of(self, r: np.ndarray, rows: Variants, columns: Variants) -> np.ndarray:
        """Give r shrunk, between these variants of the panel; the diagonal is not looked at."""


@dataclass(frozen=True)
class LinearShrinkage:
    """r between different variants, times 1 - share."""

    share: float

    def __post_init__(self) -> None:
        if not 0 <= self.share < 1:
            raise SighthoundError(
                f"shrinkage by a share of {self.share:g}; expected one from 0 to below 1"
            )

    def of(self, r: np.ndarray, rows: Variants, columns: Variants) -> np.ndarray:
        """Give r shrunk."""
        return r * (1 - self.share)


@dataclass(frozen=True, eq=False)
class MapShrinkage:
    """The shrinkage of Wen & Stephens.

    Attributes
    ----------
    centimorgans : float64 array, (variants,)
    rate : float
        4 times the effective population size, over the haplotypes: what a Morgan is multiplied by.
    kept : float64 array, (variants,)
        The share of a variant's standard deviation that is covariance, not theta's.
    """

    centimorgans: np.ndarray
    rate: float
    kept: np.ndarray

    @classmethod
    def of_panel(cls, panel: Panel, population_size: float = POPULATION_SIZE) -> MapShrinkage:
        """Make it for a panel with a genetic map.

        Raises
        ------
        SighthoundError
            The panel has no map.
        """
        for chrom, part in panel.sites.chromosomes().items():
            checked_map(panel.sites, chrom, part)
        haplotypes = 2 * len(panel.samples)
        mutation = 1 / np.sum(1 / np.arange(1, haplotypes))
        theta = mutation / (haplotypes + mutation)
        # Of copies in a diploid person, the variance of a haplotype is half.
        variance = np.zeros(len(panel))
        for part, dosages in panel.blocks():
            variance[part] = np.nanvar(dosages, axis=1, ddof=1, dtype=np.float64) / 2
        own = (1 - theta) ** 2 * variance
        kept = np.sqrt(own / (own + theta / 2 * (1 - theta / 2)))
        return cls(panel.sites.centimorgans, 4 * population_size / haplotypes, kept)

    def of(self, r: np.ndarray, rows: Variants, columns: Variants) -> np.ndarray:
        """Give r shrunk."""
        apart = np.abs(self.centimorgans[rows, None] - self.centimorgans[columns]) / 100
        decay = np.exp(-self.rate * apart)
        decay[decay < NEGLIGIBLE] = 0
        return r * decay * self.kept[rows, None] * self.kept[columns]
