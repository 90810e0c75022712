"""A fine-mapped locus: its variants, what each method says of them, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sighthound.core.annotation.transcripts import Gene

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

PICS, ABF, SUSIE = "pics", "abf", "susie"
METHODS = {
    PICS: "PICS (Farh et al. 2015)",
    ABF: "approximate Bayes factors (Wakefield 2009)",
    SUSIE: "SuSiE, as the table has it",
}


@dataclass(frozen=True, eq=False)
class FineMapped:
    """A locus, and which of its variants may be causal.

    Attributes
    ----------
    name : str
        Of the lead.
    chrom : str
        As the statistics call it.
    start, end : int
        Of the locus, 0-based and half-open.
    variants : DataFrame
        By position: `position` (from 1), `id`, `effect` and `other` alleles, `log10_p`, `beta`,
        `se`, `r2` with the lead, `is_tested` (has a P); `pics`, `abf`, `susie`, posteriors by each
        method that could be used, and `pics_set`, `abf_set` (in its credible set), `susie_set` (a
        name); `prior` and `posterior` of the method that was chosen, and `in_set`.
    method : str
        The chosen one of `METHODS`; empty if none could be used.
    level : float
        Of the credible sets.
    said, missing : tuples of str
        What was found, and what could not be had, in words.
    genes : sequence of Gene
    recombination : tuple of arrays, optional
        Positions, 0-based, and the rate from each to the next, in cM/Mb.
    """

    name: str
    chrom: str
    start: int
    end: int
    variants: pd.DataFrame
    method: str
    level: float
    said: tuple[str, ...]
    missing: tuple[str, ...]
    genes: Sequence[Gene] = ()
    recombination: tuple[np.ndarray, np.ndarray] | None = None

    @property
    def lead(self) -> pd.Series:
        """The lead's row."""
        return self.variants[self.variants["is_lead"]].iloc[0]

    @property
    def ranked(self) -> pd.DataFrame:
        """Variants, the most probable first; equals by P, then by place."""
        order = self.variants.assign(_p=-self.variants["posterior"], _l=-self.variants["log10_p"])
        return order.sort_values(["_p", "_l"], kind="stable").drop(columns=["_p", "_l"])

    @property
    def credible(self) -> pd.DataFrame:
        """Variants of the credible set, the most probable first."""
        return self.ranked[self.ranked["in_set"]]
