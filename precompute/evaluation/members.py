"""How far the networks that taught a model agree on what changes of the sequence do.

Effects are SAD: of the variants of a VCF, or of random substitutions near starts of genes in the
fold. Two networks of other seeds learned the same data, so what their effects do not share is no
property of the sequence. Agreement of two is Spearman's rank correlation; its interval is of draws
of starts (of variants, where a VCF was given), networks held.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from sighthound.core.annotation.genes import Gene
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import ALPHABET, Genome, Interval
from sighthound.core.interpretation.agreement import LEAST_MEMBERS, agreement
from sighthound.core.interpretation.variant_scores import score_variants
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model
from sighthound.core.progress import Progress, part_of
from sighthound.core.project.evaluation import TABLES
from sighthound.core.tracks.bootstrap import Floats
from sighthound.core.variants.variant import Variant
from sighthound.core.variants.vcf import read_variants

STARTS, A_START = 16, 6  # starts of genes, and substitutions near each
UPSTREAM, DOWNSTREAM = 300, 100  # bases from a start within which they are drawn
MOST_VARIANTS = 2_000
_DRAWS = 200


@dataclass(frozen=True)
class Changes:
    """Changes of the sequence whose effects are compared.

    Attributes
    ----------
    variants : tuple of Variant
    groups : int array, (variants,)
        What is drawn together.
    of : str
        What they are, in words.
    """

    variants: tuple[Variant, ...]
    groups: np.ndarray
    of: str


def changes_of_file(path: Path, genome: Genome) -> Changes:
    """Take the variants of a VCF or BCF, evenly spread ones where there are too many.

    Raises
    ------
    SighthoundError
        It has none of this genome.
    """
    found = read_variants(path, genome)
    if not found:
        raise SighthoundError(f"{path} has no variant of this genome to compare effects by")
    chosen = found[:: -(-len(found) // MOST_VARIANTS)]
    return Changes(
        tuple(chosen), np.arange(len(chosen)), f"{len(chosen):,} variants of {path.name}"
    )


def random_changes(
    genes: Sequence[Gene], places: Sequence[Interval], genome: Genome, fold: str, seed: int = 0
) -> Changes | None:
    """Draw substitutions near starts of genes in a fold; None where there is no such start.

    Parameters
    ----------
    places : sequence of Interval
        Of the fold.
    """
    starts = [
        (gene.chrom, site, gene.strand)
        for gene in genes
        for site in gene.tss_positions[:1]
        if any(p.chrom == gene.chrom and p.start <= site < p.end for p in places)
    ]
    if not starts:
        return None
    draw = np.random.default_rng(seed)
    chosen = sorted(draw.choice(len(starts), min(STARTS, len(starts)), replace=False).tolist())
    variants, groups = [], []
    for group, number in enumerate(chosen):
        chrom, site, strand = starts[number]
        sign = -1 if strand == "-" else 1
        offsets = draw.choice(np.arange(-UPSTREAM, DOWNSTREAM), A_START, replace=False)
        for offset in sorted(offsets.tolist()):
            at, turn = site + sign * offset, int(draw.integers(1, 4))
            if not 0 <= at < genome.lengths[chrom]:
                continue
            ref = genome.sequence(Interval(chrom, at, at + 1))
            if ref in ALPHABET:
                alt = ALPHABET[(ALPHABET.index(ref) + turn) % 4]
                variants.append(Variant(chrom, at, ref, alt))
                groups.append(group)
    of = (
        f"{len(variants):,} random substitutions at {len(chosen):,} starts of genes in the {fold} "
        f"fold ({UPSTREAM} bases upstream to {DOWNSTREAM} downstream)"
    )
    return Changes(tuple(variants), np.array(groups), of) if variants else None


def effects_table(
    model: Model,
    members: Sequence[Model],
    genome: Genome,
    changes: Changes,
    ensemble: Ensemble,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Say how far the networks agree on the effects of changes.

    Parameters
    ----------
    ensemble : Ensemble
        Strands and shifts that every network averages.
    progress : callable, optional
        Called with variants done and in total, over all networks.

    Returns
    -------
    DataFrame
        A row a track; see `core.project.evaluation.TABLES`. `spearman` is the mean over pairs of
        networks, `model_spearman` over networks against the model that they taught; `same_sign`
        and `known` are shares of the changes.

    Raises
    ------
    SighthoundError
        Fewer than two networks.
    """
    if len(members) < LEAST_MEMBERS:
        raise SighthoundError(f"{len(members)} networks cannot agree; give at least two")
    tables = [
        score_variants(
            one, genome, changes.variants, ensemble=ensemble,
            progress=part_of(progress, number, 1 + len(members)),
        )[list(model.tracks)].to_numpy(float)
        for number, one in enumerate((model, *members))
    ]  # fmt: skip
    own, said = tables[0], tables[1:]
    ranks = [rankdata(table, axis=0) for table in said]
    between = _mean_correlation(list(itertools.combinations(ranks, 2)))
    with_model = _mean_correlation([(one, rankdata(own, axis=0)) for one in ranks])
    draws = [
        _mean_correlation([(a[rows], b[rows]) for a, b in itertools.combinations(ranks, 2)])
        for rows in _draws(changes.groups)
    ]
    with warnings.catch_warnings():  # of a track that no change changes
        warnings.simplefilter("ignore", RuntimeWarning)
        low, high = np.nanpercentile(np.stack(draws), (2.5, 97.5), axis=0)
    found = agreement(own, said)
    signs = np.sign(np.stack(said))
    return pd.DataFrame(
        {
            "track": list(model.tracks),
            "members": len(members),
            "variants": len(changes.variants),
            "spearman": between, "spearman_low": low, "spearman_high": high,
            "model_spearman": with_model,
            "same_sign": (signs == signs[0]).all(axis=0).mean(axis=0),
            "known": found.is_known.mean(axis=0),
            "spread": said_spread(said),
            "of": changes.of,
        }
    )[list(TABLES["effects.tsv"])]  # fmt: skip


def said_spread(said: Sequence[Floats]) -> Floats:
    """Typical deviation between networks over typical size of an effect, a number a track.

    The root of the mean square of the sample standard deviation over that of the networks' mean.
    """
    stacked = np.stack(said)
    deviation = np.sqrt(stacked.var(axis=0, ddof=1).mean(axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(deviation / np.sqrt((stacked.mean(axis=0) ** 2).mean(axis=0)))


def _draws(groups: np.ndarray) -> list[np.ndarray]:
    """Rows of every draw: as many groups as there are, with replacement."""
    draw = np.random.default_rng(0)
    rows = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    return [
        np.concatenate([rows[i] for i in draw.integers(0, len(rows), len(rows))])
        for _ in range(_DRAWS)
    ]


def _mean_correlation(pairs: Sequence[tuple[Floats, Floats]]) -> Floats:
    """Mean over pairs of Pearson r of columns; NaN where one does not vary."""
    found = []
    for one, other in pairs:
        a, b = one - one.mean(axis=0), other - other.mean(axis=0)
        norm = np.sqrt((a * a).sum(axis=0) * (b * b).sum(axis=0))
        with np.errstate(divide="ignore", invalid="ignore"):
            found.append(np.where(norm > 0, (a * b).sum(axis=0) / norm, np.nan))
    return np.asarray(np.mean(found, axis=0))
