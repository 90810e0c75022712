"""What a model predicts of a locus' variants, and what of it counts: values, no computation.

A variant changes a gene's track if its SED, the difference of sums over the bins of the gene's
start sites, is more than a tenth of what is predicted without it (Kelley et al. 2018, Figure 6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sighthound.core.motifs.variant_sites import SiteChange
from sighthound.core.tracks.assays import assay_of_file
from sighthound.core.tracks.track import Track

LEAST_CHANGE = 0.1
_EXPRESSION = ("CAGE", "RNA")  # assays


@dataclass(frozen=True, eq=False)
class MutagenesisPair:
    """The mutagenesis of the same bases with and without a variant.

    Attributes
    ----------
    variant, chrom : str
    start : int
        0-based, of the first base of both.
    sequences : two strs
        Without and with the variant.
    tracks : tuple of str
    effects : two arrays, (bases, 4, tracks), A C G T
        Changes of what is predicted.
    predicted : two arrays, (tracks,)
    where : str
        Over which bins, in words.
    marked : two (start, end)
        The variant's alleles, 0-based and half-open.
    motifs : tuple of SiteChange
        That the variant makes or breaks.
    """

    variant: str
    chrom: str
    start: int
    sequences: tuple[str, str]
    tracks: tuple[str, ...]
    effects: tuple[np.ndarray, np.ndarray]
    predicted: tuple[np.ndarray, np.ndarray]
    where: str
    marked: tuple[tuple[int, int], tuple[int, int]]
    motifs: tuple[SiteChange, ...]


@dataclass(frozen=True)
class Opposite:
    """A variant that raises a gene in one sample and lowers it in another."""

    variant: str
    gene: str
    gene_name: str
    raised: str
    lowered: str
    raised_by: float
    lowered_by: float


@dataclass(frozen=True, eq=False)
class PredictedEffects:
    """What the model says of the most probable variants of a locus.

    Attributes
    ----------
    variants : DataFrame
        The most probable first: `row` (of the locus' table), `variant` (a name), `chrom`,
        `position` (from 1), `ref`, `alt`, `posterior`, `size` (the largest |SED| over the reference
        and a pseudocount, of all genes and tracks; NaN without genes).
    tracks : mapping
        Of the model, by id.
    log2 : float array, (variants, tracks)
        Sum over bins of log2 ratios.
    changes : DataFrame
        A row a variant, gene and track that changes by more than `LEAST_CHANGE`: `variant`, `gene`,
        `gene_name`, `track`, `kind` (expression or chromatin), `reference`, `alternative`, `change`
        (a share of the reference); the largest first.
    opposite : Opposite or None
    mutated : MutagenesisPair or None
    said, missing : tuples of str
    """

    variants: pd.DataFrame
    tracks: Mapping[str, Track]
    log2: np.ndarray
    changes: pd.DataFrame
    opposite: Opposite | None
    mutated: MutagenesisPair | None
    said: tuple[str, ...]
    missing: tuple[str, ...]


def kind_of(track: Track) -> str:
    """Say what a track measures at a gene's start: "expression" if it counts RNA, "chromatin"."""
    assay = assay_of_file(track.assay)
    return "expression" if assay is not None and assay.name in _EXPRESSION else "chromatin"


def opposite_effects(changes: pd.DataFrame, tracks: Mapping[str, Track]) -> Opposite | None:
    """Find the variant, gene and expression tracks of two samples that change most oppositely.

    Parameters
    ----------
    changes : DataFrame
        As of `PredictedEffects`.

    Returns
    -------
    Opposite or None
        That whose lesser change is largest.
    """
    best: Opposite | None = None
    own = changes[changes["kind"] == "expression"]
    for (variant, gene), rows in own.groupby(["variant", "gene"], sort=True):
        name = str(rows["gene_name"].iloc[0]) or gene
        raised, lowered = rows[rows["change"] > 0], rows[rows["change"] < 0]
        for up in raised.itertuples():
            for down in lowered.itertuples():
                if _sample(tracks[up.track]) == _sample(tracks[down.track]):
                    continue
                least = min(up.change, -down.change)
                if best is None or least > min(best.raised_by, -best.lowered_by):
                    best = Opposite(
                        variant, gene, name, up.track, down.track, up.change, down.change
                    )
    return best


def _sample(track: Track) -> str:
    return track.sample or track.id
