"""Summary statistics on a panel's variants: whose effects they are, as one number a variant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sighthound.core.association.alleles import Alignment, align
from sighthound.core.association.panel import Panel
from sighthound.core.association.statistics import Statistics, read_statistics
from sighthound.core.errors import SighthoundError


@dataclass(frozen=True)
class StatisticsChoice:
    """A table of summary statistics, and how it is read.

    Attributes
    ----------
    path : path
    columns : mapping
        Role -> a column's name, where it is to be another than the usual.
    by : str, optional
        "position" or "id": what variants are found by.
    use_ambiguous : bool
        Take alleles A/T and C/G as they are written.
    people : float, optional
        In the study, where the table does not say.
    gene : str, optional
        Its rows alone.
    """

    path: Path
    columns: Mapping[str, str]
    by: str | None = None
    use_ambiguous: bool = False
    people: float | None = None
    gene: str | None = None

    def read(self) -> Statistics:
        """Read the table.

        Raises
        ------
        SighthoundError
            It cannot be read, or lacks what is needed.
        """
        return read_statistics(self.path, self.columns, self.gene)


@dataclass(frozen=True, eq=False)
class Matched:
    """Statistics of a panel's variants.

    Attributes
    ----------
    z, log10_p : float64 arrays, (variants,)
        Of the allele that the panel counts; NaN where the table has none that is used.
    people : float64 array, (variants,), or None
        None where neither table nor choice says.
    statistics : Statistics
    alignment : Alignment
    words : tuple of str
    """

    z: np.ndarray
    log10_p: np.ndarray
    people: np.ndarray | None
    statistics: Statistics
    alignment: Alignment
    words: tuple[str, ...]

    def people_needed(self) -> np.ndarray:
        """Give how many people each statistic is of.

        Raises
        ------
        SighthoundError
            Nobody says.
        """
        source = self.statistics.table.path
        if self.people is None:
            raise SighthoundError(
                f"{source} has no column of N; say how many people were studied (--people)"
            )
        people = np.where(self.people > 0, self.people, np.nan)
        if not np.isfinite(people).any():
            raise SighthoundError(
                f"{source} has no row with N above 0; say how many people were studied (--people)"
            )
        return people


def matched_statistics(choice: StatisticsChoice, panel: Panel) -> Matched:
    """Read summary statistics, and bring them to a panel's variants and alleles.

    Raises
    ------
    SighthoundError
        The table cannot be read or lacks what is needed, has several genes, or no row is used.
    """
    statistics = choice.read()
    table = statistics.table
    alignment = align(
        table, panel.sites, by=choice.by, use_ambiguous=choice.use_ambiguous, statistic=statistics.z
    )
    words = (*statistics.words, *alignment.words(table.effect_name, "the panel"))
    used = np.flatnonzero(alignment.is_used)
    variants = alignment.variant[used]
    if not len(used):
        raise SighthoundError(f"no row of {choice.path} can be used: {'; '.join(words)}")
    if len(np.unique(variants)) < len(used):
        raise SighthoundError(f"{choice.path} has rows of several genes; choose one (--gene)")
    z, log10_p = (np.full(len(panel), np.nan) for _ in range(2))
    z[variants] = statistics.z[used] * alignment.sign[used]
    log10_p[variants] = statistics.log10_p[used]
    people = None
    if choice.people is not None:
        people = np.where(np.isfinite(z), choice.people, np.nan)
    elif statistics.n is not None:
        people = np.full(len(panel), np.nan)
        people[variants] = statistics.n[used]
    return Matched(z, log10_p, people, statistics, alignment, words)
