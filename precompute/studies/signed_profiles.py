"""Signed LD profile regression, and stratified LD score regression, of files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sighthound.core.association.annotations import Annotations, read_annotations
from sighthound.core.association.heritability import (
    HeritabilityFit,
    aggregate_variance,
    jackknife_blocks,
    ld_score_regression,
)
from sighthound.core.association.ld_scores import ld_blocks, ld_scores
from sighthound.core.association.panel import Panel
from sighthound.core.association.signed_profile import (
    block_bases,
    block_sums,
    minor_allele_background,
    per_standard_deviation,
    signed_fit,
)
from sighthound.core.association.windows import block_ends, blocks_of
from sighthound.core.progress import Progress, silent
from sighthound.precompute.studies.ld_tables import write_frame
from sighthound.precompute.studies.matched import Matched
from sighthound.precompute.studies.panels import WindowChoice, read_blocks

_BASE = "base"


def write_signed_profiles(
    panel: Panel,
    window: WindowChoice,
    matched: Matched,
    annotations: Annotations,
    output: Path,
    about: Mapping[str, Any],
    *,
    is_per_allele: bool = True,
    has_background: bool = True,
    flips: int = 100_000,
    seed: int = 0,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Regress a trait on the signed LD profile of each annotation, and write a row each.

    Parameters
    ----------
    window : WindowChoice
        LD blocks if it has any; else blocks are cut where LD within the window is weakest.
    annotations : Annotations
        Signed.
    is_per_allele : bool
        Values are effects of an allele, as SAD and SED are; otherwise of a standard deviation.
    has_background : bool
        Beside the profiles of minor alleles in five bins of frequency.
    flips, seed : int
        Of random signs.

    Returns
    -------
    DataFrame, a row an annotation, the smallest P first

    Raises
    ------
    SighthoundError
        There are too few blocks, or nobody says how many people were studied.
    """
    people = float(np.nanmean(matched.people_needed()))
    if window.blocks is not None:
        ends = block_ends(panel.sites, read_blocks(window.blocks, panel))
        blocks: Sequence[slice] = blocks_of(ends)
    else:
        ends = window.ends(panel)
        blocks = ld_blocks(panel, ends, progress=_phase(progress, "blocks"))
    scores = ld_scores(panel, ends, progress=_phase(progress, "LD scores"))[:, 0]
    variance = aggregate_variance(matched.z, people, scores)
    background = np.zeros((len(panel), 0))
    if has_background:
        background = per_standard_deviation(panel, minor_allele_background(panel))
    values = annotations.values
    if is_per_allele:
        values = per_standard_deviation(panel, values)
    bases = block_bases(
        panel, blocks, np.isfinite(matched.z), progress=_phase(progress, "profiles")
    )
    sums = block_sums(panel, bases, matched.z, people, values, background, variance=variance)
    norms, heritability = (values**2).sum(axis=0), variance * len(panel)
    fit = signed_fit(sums, norms, heritability, flips=flips, seed=seed)
    table = pd.DataFrame(
        {
            "annotation": annotations.names,
            "mu": fit.mu,
            "mu_se": fit.mu_se,
            "r_f": fit.correlation,
            "z": fit.z,
            "p": fit.p,
            "variants": (annotations.values != 0).sum(axis=0),
        }
    ).sort_values("p", kind="stable", ignore_index=True)
    write_frame(
        output, table,
        {**about, "people_of_the_study": people, "blocks": len(sums), "heritability": heritability,
         "background": "minor alleles in five bins of frequency" if has_background else "none",
         "values": "per allele" if is_per_allele else "per standard deviation",
         "flips": flips, "seed": seed},
    )  # fmt: skip
    return table


def write_heritability(
    panel: Panel,
    ends: np.ndarray,
    matched: Matched,
    annotations: Path | None,
    output: Path,
    about: Mapping[str, Any],
    *,
    score: str | None = None,
    is_absolute: bool = False,
    progress: Progress = silent,
) -> tuple[HeritabilityFit, pd.DataFrame, tuple[str, ...]]:
    """Partition heritability among annotations, and write a row each; `base` is all variants.

    Parameters
    ----------
    is_absolute : bool
        Take the size of signed scores, as of |SAD|.

    Returns
    -------
    fit : HeritabilityFit
    table : DataFrame
    words : tuple of str
        What was found of the annotations.
    """
    names, values = [_BASE], np.ones((len(panel), 1))
    words: tuple[str, ...] = ()
    if annotations is not None:
        read = read_annotations(annotations, panel.sites, signed=False, score=score)
        words = read.words
        kept = [number for number, name in enumerate(read.names) if name != _BASE]
        own = read.values[:, kept]
        names += [read.names[number] for number in kept]
        values = np.concatenate((values, np.abs(own) if is_absolute else own), axis=1)
    # The last column sums over the variants of the regression alone, for the weights.
    studied = np.isfinite(matched.z)[:, None].astype(float)
    scores = ld_scores(panel, ends, np.concatenate((values, studied), axis=1), progress=progress)
    fit = ld_score_regression(
        matched.z, matched.people_needed(), scores[:, :-1], values, scores[:, -1],
        blocks=jackknife_blocks(ends),
    )  # fmt: skip
    table = pd.DataFrame(
        {
            "annotation": names,
            "tau": fit.tau,
            "tau_se": fit.tau_se,
            "p": fit.p,
            "share_of_variants": values.sum(axis=0) / len(panel),
            "share_of_heritability": fit.share,
            "enrichment": fit.enrichment,
            "enrichment_se": fit.enrichment_se,
        }
    )
    write_frame(
        output, table,
        {**about, "heritability": fit.heritability, "heritability_se": fit.heritability_se,
         "intercept": fit.intercept, "intercept_se": fit.intercept_se,
         "variants_of_the_regression": fit.variants, "left_out_of_too_large_chi2": fit.left_out},
    )  # fmt: skip
    return fit, table, words


def _phase(progress: Progress, name: str) -> Progress:
    return lambda done, total, _="", /: progress(done, total, name)
