"""What the inference worker answers about variants: bins of both alleles, effects on every track.

A question is a haplotype: variants of one sequence. Its bins are wanted for the tracks in view, its
effects for all tracks and genes, so they are two jobs, which share reference passes. Positions are
0-based.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sighthound import core
from sighthound.app.inference.variant_measures import LOCAL_BP, changed_most
from sighthound.app.inference.worker import loaded_model, report, stop_if_cancelled
from sighthound.core.model.model import Ensemble
from sighthound.core.project.settings import Project
from sighthound.core.variants.variant import Variant


def alternative(
    project: Project,
    variants: tuple[Variant, ...],
    tracks: tuple[str, ...],
    ensemble: Ensemble,
    job: str,
) -> dict[str, Any]:
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

    Returns
    -------
    dict
        `start`, the first bin's first base; `bin`, bases a bin; `reference` and `alternative`,
        float32 arrays (bins, tracks), the alternative aligned to the reference's bins.
    """
    model, genome = loaded_model(project), project.open_genome()
    report(job, 0, 1, "predicting both alleles")
    stop_if_cancelled(job)
    (profile,) = core.variant_profiles(model, genome, [variants], tracks=tracks, ensemble=ensemble)
    report(job, 1, 1, "done")
    return {
        "start": profile.start,
        "bin": model.bin,
        "reference": profile.reference,
        "alternative": profile.alternative,
    }


def effects(
    project: Project, variants: tuple[Variant, ...], ensemble: Ensemble, job: str
) -> dict[str, Any]:
    """Predict what a haplotype does to every track, and at the starts of every gene in reach.

    Parameters
    ----------
    project, variants, ensemble, job
        As of `alternative`.

    Returns
    -------
    dict
        `start`, `bin`, `bins`: of the bins that it can change; `tracks`; `reference` and
        `alternative`, float64 arrays (tracks,), summed over them; `local`, the `Stretches` that
        change most; `genes`: a dict a gene, with the number of `bins` that its start sites lie in
        and both alleles summed over these.
    """
    model, genome, genes = loaded_model(project), project.open_genome(), project.read_genes()
    report(job, 0, 1, f"scoring {len(model.tracks):,} tracks")
    stop_if_cancelled(job)
    (profile,) = core.variant_profiles(model, genome, [variants], ensemble=ensemble)
    stop_if_cancelled(job)
    before, after = profile.reference, profile.alternative
    count = len(before)
    last = variants[-1]
    middle = (variants[0].position + last.position + len(last.ref)) // 2
    local = changed_most(
        before, after, max(1, round(LOCAL_BP / model.bin)), (middle - profile.start) // model.bin
    )
    in_reach = []
    for gene in genes:
        if gene.chrom != variants[0].chrom:
            continue
        sites = (np.array(gene.tss_positions) - profile.start) // model.bin
        own = np.unique(sites[(sites >= 0) & (sites < count)])
        if len(own):
            in_reach.append(
                {
                    "gene": gene.id,
                    "name": gene.name,
                    "strand": gene.strand,
                    "tss": list(gene.tss_positions),
                    "bins": len(own),
                    "reference": before[own].sum(axis=0, dtype=float),
                    "alternative": after[own].sum(axis=0, dtype=float),
                }
            )
    report(job, 1, 1, "done")
    return {
        "start": profile.start,
        "bin": model.bin,
        "bins": count,
        "tracks": list(model.tracks),
        "reference": before.sum(axis=0, dtype=float),
        "alternative": after.sum(axis=0, dtype=float),
        "local": local,
        "genes": in_reach,
    }
