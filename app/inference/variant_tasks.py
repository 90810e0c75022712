"""What the inference worker answers about variants: bins of both alleles, effects on every track.

A question is a haplotype: variants of one sequence. Its bins are wanted for the tracks in view, its
effects for all tracks and genes, so they are two jobs, which share reference passes. Positions are
0-based.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sighthound import core
from sighthound.app.inference.variant_measures import (
    LOCAL_BP,
    Effects,
    GeneSums,
    changed_most,
    stretches,
)
from sighthound.app.inference.worker import (
    loaded_members,
    loaded_model,
    report,
    stop_if_cancelled,
)
from sighthound.core.interpretation.promoter_effects import promoter_effects, with_promoters
from sighthound.core.interpretation.scores import SCORES
from sighthound.core.interpretation.variant_scores import PSEUDOCOUNT
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model
from sighthound.core.model.promoters import promoter_networks
from sighthound.core.project.nulls import nulls_for, read_nulls, with_percentiles
from sighthound.core.project.settings import Project
from sighthound.core.project.signs import signs_for
from sighthound.core.project.variant_tables import numbered
from sighthound.core.truth.signs import with_sign_probabilities
from sighthound.core.variants.nulls import LOCAL_BASES, substitution_class, surroundings
from sighthound.core.variants.variant import Variant
from sighthound.core.variants.vcf import Allele

if TYPE_CHECKING:  # takes long to import, and most questions need none
    import pandas as pd


@dataclass(frozen=True)
class Alleles:
    """Both alleles of a haplotype in the bins that it can change.

    Attributes
    ----------
    start, bin : int
        First base of the first bin, and bases a bin.
    reference, alternative : float32 arrays, (bins, tracks)
        The alternative is aligned to the reference's bins.
    """

    start: int
    bin: int
    reference: NDArray[np.float32]
    alternative: NDArray[np.float32]


def alternative(
    project: Project,
    variants: tuple[Variant, ...],
    tracks: tuple[str, ...],
    ensemble: Ensemble,
    job: str,
) -> Alleles:
    """Predict both alleles of a haplotype in the bins that it can change.

    Parameters
    ----------
    project : Project
    variants : tuple of Variant
        Those of one sequence.
    tracks : tuple of str
        Track ids.
    ensemble : Ensemble
        Strands and shifts that are averaged.
    job : str
        Name under which progress is reported.
    """
    model, genome = loaded_model(project), project.open_genome()
    report(job, 0, 1, "predicting both alleles")
    stop_if_cancelled(job)
    (profile,) = core.variant_profiles(model, genome, [variants], tracks=tracks, ensemble=ensemble)
    report(job, 1, 1, "done")
    return Alleles(profile.start, model.bin, profile.reference, profile.alternative)


def effects(
    project: Project, variants: tuple[Variant, ...], ensemble: Ensemble, job: str
) -> Effects:
    """Predict what a haplotype does to every track, and at the starts of every gene in reach.

    Parameters
    ----------
    project, variants, ensemble, job
        As of `alternative`.
    """
    model = loaded_model(project)
    report(job, 0, 1, "scoring every track")
    stop_if_cancelled(job)
    found = effects_of(model, project, variants, ensemble)
    found = replace(found, percentiles=_percentiles(model, project, variants, ensemble, found))
    report(job, 1, 1, "done")
    return found


def scores(
    project: Project,
    alleles: tuple[Allele, ...],
    names: tuple[str, ...],
    ensemble: Ensemble,
    with_members: bool,
    job: str,
) -> pd.DataFrame:
    """Score some alleles of a list on every track, each by itself.

    Parameters
    ----------
    alleles : tuple of Allele
        All to be scored.
    names : tuple of str
        Of scores.
    with_members : bool
        Ask the networks that taught the model, too.
    project, ensemble, job
        As of `alternative`.

    Returns
    -------
    DataFrame
        A part of a table of scored variants (`core.project.variant_tables`).
    """
    model, genome = loaded_model(project), project.open_genome()
    message = "scoring variants"

    def progress(done: int, total: int, _: str = "") -> None:
        report(job, done, total, message)
        stop_if_cancelled(job)

    variants = [allele.variant for allele in alleles if allele.variant is not None]
    members = loaded_members(project) if with_members else []
    nulls = nulls_for(project, model.hash, genome, ensemble, PSEUDOCOUNT)
    has_nulls = nulls is not None and any(map(nulls.has, names))
    genes = project.read_genes() if any(SCORES[name].by_gene for name in names) else None
    table = core.score_variants(
        model, genome, variants, scores=names, alleles=True, genes=genes, ensemble=ensemble,
        members=members, local=has_nulls,
        progress=progress,
    )  # fmt: skip
    if nulls is not None and has_nulls:
        tracks = list(model.tracks)
        table = with_percentiles(table, variants, nulls, genome, project.read_genes(), tracks)
    promoters = promoter_networks(model, loaded_members(project))
    if promoters:
        with_promoters(table, promoter_effects(promoters, genome, variants))
    signs = signs_for(project, model.hash, ensemble, len(members), PSEUDOCOUNT)
    if signs is not None:
        table = with_sign_probabilities(table, signs, list(model.tracks))
    return numbered(table, alleles)


def _percentiles(
    model: Model,
    project: Project,
    variants: tuple[Variant, ...],
    ensemble: Ensemble,
    found: Effects,
) -> NDArray[np.float32] | None:
    """Rank the SAD of one substitution among matched nulls, where there are nulls."""
    genome = project.open_genome()
    if len(variants) > 1 or substitution_class(variants[0]) < 0 or found.near is None:
        return None
    nulls = read_nulls(project, ensemble, model.hash, genome.fingerprint)
    if nulls is None or not nulls.has("sad"):
        return None
    ranking = nulls.ranking("sad", model.tracks)
    around = surroundings(variants, genome, project.read_genes())
    sad = (found.alternative - found.reference)[None]
    return ranking.percentiles(around, found.near[None], sad)[0]


def effects_of(
    model: Model,
    project: Project,
    variants: tuple[Variant, ...],
    ensemble: Ensemble,
    local: NDArray[np.int64] | None = None,
) -> Effects:
    """Compute what `effects` answers, by any network of the project.

    Parameters
    ----------
    local : int array, (tracks,), optional
        First bins of the stretches that are looked at; those that change most by default.
    """
    genome, genes = project.open_genome(), project.read_genes()
    (profile,) = core.variant_profiles(model, genome, [variants], ensemble=ensemble)
    before, after = profile.reference, profile.alternative
    count = len(before)
    width = max(1, round(LOCAL_BP / model.bin))
    last = variants[-1]
    middle = (variants[0].position + last.position + len(last.ref)) // 2
    most = (
        changed_most(before, after, width, (middle - profile.start) // model.bin)
        if local is None
        else stretches(before, after, width, local)
    )
    in_reach = []
    for gene in genes:
        if gene.chrom != variants[0].chrom:
            continue
        sites = (np.array(gene.tss_positions) - profile.start) // model.bin
        own = np.unique(sites[(sites >= 0) & (sites < count)])
        if len(own):
            in_reach.append(
                GeneSums(
                    gene.id,
                    gene.name,
                    gene.strand,
                    gene.tss_positions,
                    len(own),
                    before[own].sum(axis=0, dtype=float),
                    after[own].sum(axis=0, dtype=float),
                )
            )
    return Effects(
        profile.start,
        model.bin,
        count,
        tuple(model.tracks),
        before.sum(axis=0, dtype=float),
        after.sum(axis=0, dtype=float),
        most,
        tuple(in_reach),
        _near(before, (variants[0].position - profile.start) // model.bin, model.bin),
    )


def _near(reference: NDArray[np.float32], own: int, size: int) -> NDArray[np.float64]:
    """Sum the bins around one of them that nulls are matched on."""
    around = -(-LOCAL_BASES // size)
    return reference[max(0, own - around) : own + around + 1].sum(axis=0, dtype=float)
