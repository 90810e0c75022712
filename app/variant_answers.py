"""What the inference worker answers about variants: bins of both alleles, effects on every track.

A question is a haplotype: variants of one sequence. Its bins are wanted for the tracks in view, its
effects for all tracks and genes, so they are two jobs, which share reference passes. Positions are
0-based.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import core
from app.answers import rounded
from app.worker import loaded_model, report, stop_if_cancelled
from core.inference import Ensemble
from core.project import Project
from core.variants import Variant

if TYPE_CHECKING:
    import pandas as pd

SCORES = ("sad", "log2_ratio", "sed")
# Genes that an answer names, and tracks of each.
MOST_GENES = 20
GENE_TRACKS = 10


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
    """Score a haplotype on every track, and every gene in reach.

    Parameters
    ----------
    project, variants, ensemble, job
        As of `alternative`.

    Returns
    -------
    dict
        `ranked`: a dict a track, the largest SAD first, whatever its sign. `genes`: those with the
        largest SED first, each with the tracks where it is largest.
    """
    model, genome, genes = loaded_model(project), project.open_genome(), project.read_genes()
    report(job, 0, 1, f"scoring {len(model.tracks):,} tracks")
    stop_if_cancelled(job)
    table = core.score_variants(
        model, genome, [variants], scores=SCORES, alleles=True, genes=genes, ensemble=ensemble
    )
    stop_if_cancelled(job)
    tracks = list(model.tracks)
    sad = _values(table[table["score"] == "sad"], tracks)
    ratio = _values(table[table["score"] == "log2_ratio"], tracks)["score"]
    by_gene = {
        str(gene): _values(rows, tracks)
        for gene, rows in table[table["score"] == "sed"].groupby("gene", sort=False)
    }
    largest = sorted(by_gene, key=lambda gene: -np.abs(by_gene[gene]["score"]).max())
    report(job, 1, 1, "done")
    return {
        "bin": model.bin,
        "ranked": _ranked(tracks, sad, {"sad": sad["score"], "log2_ratio": ratio}, len(tracks)),
        "genes": [
            {
                "gene": gene,
                "name": genes[gene].name,
                "strand": genes[gene].strand,
                "tss": list(genes[gene].tss_positions),
                "ranked": _ranked(
                    tracks, by_gene[gene], {"sed": by_gene[gene]["score"]}, GENE_TRACKS
                ),
            }
            for gene in largest[:MOST_GENES]
        ],
    }


def _values(rows: pd.DataFrame, tracks: Sequence[str]) -> dict[str, np.ndarray]:
    """Score, reference and alternative of one score, each (tracks,)."""
    by_value = rows.set_index("value")[list(tracks)]
    return {str(value): by_value.loc[value].to_numpy(float) for value in by_value.index}


def _ranked(
    tracks: Sequence[str],
    values: dict[str, np.ndarray],
    scores: dict[str, np.ndarray],
    most: int,
) -> list[dict[str, Any]]:
    """The tracks of the largest scores, each with what the score is the difference of."""
    columns = {**scores, "reference": values["reference"], "alternative": values["alternative"]}
    order = np.argsort(-np.abs(values["score"]), kind="stable")[:most]
    written = {name: rounded(column[order]) for name, column in columns.items()}
    return [
        {"track": tracks[index], **{name: numbers[row] for name, numbers in written.items()}}
        for row, index in enumerate(order.tolist())
    ]
