"""Statistics that do not fit LD: DENTIST-S, as SLALOM has it (Kanai et al. 2022, Cell Genomics).

A variant in LD r with the lead should have z of about r times the lead's; the square of what
differs, over 1 - r^2, is a chi-squared of one degree. Variants in strong LD that fail were measured
in other people, on other alleles, or with errors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.stats

from sighthound.core.association.ld import correlations
from sighthound.core.association.panel import Panel

# What SLALOM calls an outlier.
LEAST_R2, LEAST_LOG10_P = 0.6, 4.0
GENOME_WIDE = 5e-8


def dentist_s(z: np.ndarray, r: np.ndarray, lead: int) -> tuple[np.ndarray, np.ndarray]:
    """Test each variant's z against that of the lead.

    Parameters
    ----------
    z, r : float arrays, (variants,)
        r is with the lead.
    lead : int

    Returns
    -------
    chi2, log10_p : float64 arrays, (variants,)
        chi2 is infinite where |r| is 1 or above by rounding and z differs; NaN at the lead.
    """
    rest = 1 - np.asarray(r, np.float64) ** 2
    difference = (z - r * z[lead]) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        chi2 = np.where(rest > 0, difference / rest, np.where(difference > 0, np.inf, 0))
    chi2 = np.where(np.isfinite(difference), chi2, np.nan)
    chi2[lead] = np.nan
    return chi2, -scipy.stats.chi2.logsf(chi2, 1) / np.log(10)


def is_outlier(r: np.ndarray, log10_p: np.ndarray) -> np.ndarray:
    """Say which variants are in strong LD with the lead and fail: bool array, (variants,)."""
    return (np.asarray(r) ** 2 > LEAST_R2) & (np.nan_to_num(log10_p, nan=0.0) > LEAST_LOG10_P)


@dataclass(frozen=True, eq=False)
class Locus:
    """A lead variant and those around it.

    Attributes
    ----------
    lead : int
        Its row among the variants given.
    rows : int64 array
        The variants around it, with it.
    r, chi2, log10_p : float64 arrays, as `rows`
    """

    lead: int
    rows: np.ndarray
    r: np.ndarray
    chi2: np.ndarray
    log10_p: np.ndarray

    @property
    def outliers(self) -> np.ndarray:
        """Rows that fail."""
        return self.rows[is_outlier(self.r, self.log10_p)]

    @property
    def in_ld(self) -> int:
        """Variants in strong LD with the lead, besides itself."""
        return int((self.r**2 > LEAST_R2).sum()) - 1


def loci(
    panel: Panel, z: np.ndarray, log10_p: np.ndarray, *, p: float = GENOME_WIDE, bases: int
) -> list[Locus]:
    """Test every locus of a study.

    Parameters
    ----------
    panel : Panel
        Of the study's variants, a row each.
    z, log10_p : float arrays, (variants,)
        Of the allele that the panel counts; NaN where there is none.
    p : float
        Leads have at most this.
    bases : int
        How far from its lead a locus goes; no two leads are that near.

    Returns
    -------
    list of Locus, by position
    """
    places, chroms = panel.sites.position, panel.sites.chromosomes()
    strength = np.nan_to_num(log10_p, nan=-1.0)
    taken = np.zeros(len(panel), bool)
    found = []
    for lead in np.argsort(-strength, kind="stable"):
        if strength[lead] < -np.log10(p):
            break
        if taken[lead]:
            continue
        part = chroms[str(panel.sites.chrom[lead])]
        near = np.searchsorted(places[part], [places[lead] - bases, places[lead] + bases + 1])
        start, stop = (int(part.start + step) for step in near)
        taken[start:stop] = True
        r, _ = correlations(panel.standardised(start, stop), panel.standardised(lead, lead + 1))
        rows = start + np.flatnonzero(np.isfinite(z[start:stop]))
        r = r[rows - start, 0]
        chi2, fails = dentist_s(z[rows], r, int(np.flatnonzero(rows == lead)[0]))
        found.append(Locus(int(lead), rows, r, chi2, fails))
    return sorted(found, key=lambda locus: locus.lead)
