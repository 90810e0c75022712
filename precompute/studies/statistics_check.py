"""A table of summary statistics held against a panel and the genome, row by row."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sighthound.core.association.alleles import (
    against_genome,
    copies,
    genome_words,
    palindromes,
)
from sighthound.core.association.misfit import LEAST_LOG10_P, LEAST_R2, Locus, is_outlier, loci
from sighthound.core.association.panel import Panel
from sighthound.core.genome.sequence import Genome
from sighthound.precompute.studies.ld_tables import write_frame
from sighthound.precompute.studies.matched import StatisticsChoice, matched_statistics

_FREQUENCIES_APART = 0.2  # of an allele, in study and panel
_SHOWN = 3


def check_statistics(
    choice: StatisticsChoice,
    panel: Panel | None,
    genome: Genome | None,
    output: Path | None,
    about: Mapping[str, Any],
    *,
    p: float,
    bases: int,
) -> list[str]:
    """Say what the rows of a table are found to be, and write it row by row.

    Parameters
    ----------
    panel, genome : optional
        What the table is held against; one of the two at least.
    p : float
        Leads of loci that are held against LD have at most this.
    bases : int
        How far from its lead a locus goes.

    Returns
    -------
    list of str, to be said

    Raises
    ------
    SighthoundError
        The table cannot be read, or is of another assembly.
    """
    words: list[str] = []
    if panel is None:
        statistics = choice.read()
    else:
        matched = matched_statistics(choice, panel)
        statistics = matched.statistics
    table = statistics.table
    words.append(
        f"{choice.path.name}: {len(statistics):,} rows; z is {statistics.z_from}; alleles' columns "
        f"are those of {table.why}"
    )
    columns: dict[str, Any] = {"row": np.arange(1, len(statistics) + 1)}
    for name in ("chrom", "id", "effect", "other"):
        if getattr(table, name) is not None:
            columns[name] = getattr(table, name).astype(str)
    if table.position is not None:
        columns["position"] = table.position + 1
    columns["z"] = statistics.z
    if genome is not None:
        found = against_genome(table, genome)
        columns["genome"] = found.astype(str)
        words.append(genome_words(table, found, genome.path.name))
    if panel is None:
        words += statistics.words
        columns["ambiguous"] = palindromes(table)
        columns["duplicate"] = copies(table, statistics.z)
        words.append(
            f"{int(columns['duplicate'].sum()):,} of {len(statistics):,} rows are duplicates"
        )
    else:
        alignment, variant = matched.alignment, matched.alignment.variant
        words += matched.words
        there = variant >= 0
        columns["panel"] = alignment.found.astype(str)
        columns["ambiguous"], columns["duplicate"] = alignment.is_ambiguous, alignment.is_duplicate
        columns["sign"] = alignment.sign.astype(int)
        columns["panel_id"] = np.where(there, panel.sites.id[variant], "").astype(str)
        frequency = _panel_frequency(panel, alignment.found, variant)
        columns["panel_frequency"] = frequency
        given = table.numbers("frequency")
        if given is not None:
            apart = np.abs(given - frequency) > _FREQUENCIES_APART
            columns["frequencies_apart"] = apart
            words.append(_frequency_words(given, frequency, apart, table.columns["frequency"]))
        found_loci = loci(panel, matched.z, matched.log10_p, p=p, bases=bases)
        columns |= _misfit_columns(found_loci, variant, alignment.is_used, panel)
        words += _misfit_words(found_loci, panel, p)
    if output is not None:
        write_frame(output, pd.DataFrame(columns), about)
        words.append(f"{output}: {len(statistics):,} rows, each with what it is found to be")
    return words


def _panel_frequency(panel: Panel, found: np.ndarray, variant: np.ndarray) -> np.ndarray:
    """Frequency of each row's effect allele in the panel."""
    counted = panel.frequency[variant]
    turned = np.array(["exchanged" in word for word in found])
    return np.where(variant >= 0, np.where(turned, 1 - counted, counted), np.nan)


def _frequency_words(given: np.ndarray, panel: np.ndarray, apart: np.ndarray, name: str) -> str:
    reversed_ = apart & (np.abs(1 - given - panel) <= _FREQUENCIES_APART)
    compared = int(np.isfinite(given - panel).sum())
    return (
        f"{int(apart.sum()):,} of {compared:,} have a frequency ({name}) that differs by more than "
        f"{_FREQUENCIES_APART:g} from the panel's; {int(reversed_.sum()):,} of them fit the other "
        "allele"
    )


def _misfit_columns(
    found: list[Locus], variant: np.ndarray, used: np.ndarray, panel: Panel
) -> dict[str, np.ndarray]:
    row_of = np.full(len(panel), -1)
    row_of[variant[used]] = np.flatnonzero(used)
    lead = np.full(len(variant), "", object)
    numbers = {name: np.full(len(variant), np.nan) for name in ("lead_r", "chi2", "log10_p")}
    outlier = np.zeros(len(variant), bool)
    for locus in found:
        rows = row_of[locus.rows]
        lead[rows] = panel.sites.id[locus.lead]
        numbers["lead_r"][rows] = locus.r
        numbers["chi2"][rows], numbers["log10_p"][rows] = locus.chi2, locus.log10_p
        outlier[rows] = is_outlier(locus.r, locus.log10_p)
    return {
        "lead": lead.astype(str),
        "lead_r": numbers["lead_r"],
        "dentist_s": numbers["chi2"],
        "dentist_s_log10_p": numbers["log10_p"],
        "outlier": outlier,
    }


def _misfit_words(found: list[Locus], panel: Panel, p: float) -> list[str]:
    if not found:
        return [f"no variant of the panel has P of {p:g} or less: LD was held against no locus"]
    lines = []
    tested = [locus for locus in found if locus.in_ld]
    for locus in tested:
        outliers = [str(panel.sites.id[row]) for row in locus.outliers[:_SHOWN]]
        if len(locus.outliers):
            more = ", ..." if len(locus.outliers) > _SHOWN else ""
            lines.append(
                f"locus of {panel.sites.id[locus.lead]}: {len(locus.outliers):,} of "
                f"{locus.in_ld:,} variants in LD (r2 > {LEAST_R2:g}) do not fit it (DENTIST-S, P < "
                f"1e-{LEAST_LOG10_P:g}): {', '.join(outliers)}{more}"
            )
    fit = len(tested) - len(lines)
    said = f"{fit:,} of {len(tested):,} loci fit the panel's LD"
    if len(tested) < len(found):
        said += (
            f"; {len(found) - len(tested):,} more have no variant in LD (r2 > {LEAST_R2:g}) with "
            "their lead to tell by"
        )
    return [said, *lines]
