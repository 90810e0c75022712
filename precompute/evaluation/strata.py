"""Where predictions are good: r by distance to the nearest start, and by expression of genes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sighthound.core.annotation.genes import Gene
from sighthound.precompute.evaluation.replicates import both_pearson
from sighthound.precompute.evaluation.signals import Bins, Signals

# Bases from the nearest start to the middle of a bin, up to which a stratum goes.
DISTANCES = (100, 300, 1_000, 3_000, 10_000, 100_000)
_BEYOND = 500  # bases around a gene that count as its own
_QUARTERS = ("lowest quarter", "second quarter", "third quarter", "highest quarter")


def strata_table(signals: Signals, bins: Bins, genes: Sequence[Gene]) -> pd.DataFrame:
    """Correlate logarithms over masked bins of one stratum after the other.

    Parameters
    ----------
    genes : sequence of Gene
        All of the genome.

    Returns
    -------
    DataFrame
        A row a track and stratum; strata with fewer than 20 bins with signal are left out, and all
        without genes.
    """
    if not genes:
        return pd.DataFrame()
    distance = distances(signals, bins, genes)
    edges = [0, *DISTANCES, np.inf]
    labels = [_range(int(low), int(high)) for low, high in itertools.pairwise(edges[:-1])]
    labels.append(f"beyond {_range(0, DISTANCES[-1]).removeprefix('0 bp to ')}")
    masks = [(distance >= a) & (distance < b) for a, b in itertools.pairwise(edges)]
    near = list(zip(labels, masks, strict=True))
    gene_of = genes_of_bins(signals, bins, genes)
    rows = []
    for track in signals.predicted:
        y, p = signals.experiment(track, bins), signals.prediction(track, bins)
        y = np.where(bins.counts, y, np.nan)
        quarters = zip(_QUARTERS, _by_expression(y, gene_of), strict=False)
        strata = [("distance", n, *stratum) for n, stratum in enumerate(near)]
        strata += [("expression", n, *stratum) for n, stratum in enumerate(quarters)]
        for kind, place, label, chosen in strata:
            r = both_pearson(np.where(chosen, p, np.nan), y)[1]
            if np.isfinite(r):
                rows.append(
                    {
                        "track": track, "assay": signals.tracks[track].assay, "bin": bins.size,
                        "kind": kind, "stratum": label, "place": place,
                        "n_bins": int((chosen & np.isfinite(y)).sum()), "pearson_log1p": r,
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


def distances(signals: Signals, bins: Bins, genes: Sequence[Gene]) -> NDArray[np.float64]:
    """Give the bases from the middle of every bin to the nearest start; infinite without one."""
    found = np.full(len(bins.start), np.inf)
    middle = bins.start + bins.size / 2
    for number, chrom in enumerate(signals.held_out.chromosomes):
        starts = np.unique([tss for g in genes if g.chrom == chrom for tss in g.tss_positions])
        rows = bins.chrom == number
        if len(starts) and rows.any():
            at = np.searchsorted(starts, middle[rows])
            left, right = starts[np.maximum(at - 1, 0)], starts[np.minimum(at, len(starts) - 1)]
            found[rows] = np.minimum(abs(middle[rows] - left), abs(middle[rows] - right))
    return found


def genes_of_bins(signals: Signals, bins: Bins, genes: Sequence[Gene]) -> NDArray[np.int64]:
    """Give the gene, as a number, that every bin lies in or beside; -1 for none or several."""
    found = np.full(len(bins.start), -1, np.int64)
    taken = np.zeros(len(bins.start), int)
    for number, chrom in enumerate(signals.held_out.chromosomes):
        rows = np.flatnonzero(bins.chrom == number)
        rows = rows[np.argsort(bins.start[rows], kind="stable")]
        starts = bins.start[rows]
        for index, gene in ((i, g) for i, g in enumerate(genes) if g.chrom == chrom):
            low = np.searchsorted(starts, gene.start - _BEYOND - bins.size, side="right")
            high = np.searchsorted(starts, gene.end + _BEYOND, side="left")
            found[rows[low:high]] = index
            taken[rows[low:high]] += 1
    return np.where(taken == 1, found, -1)


def _range(low: int, high: int) -> str:
    """Write a range of bases, the unit once where it is the same."""
    numbers = [(n // 1_000, "kb") if n >= 1_000 else (n, "bp") for n in (low, high)]
    (one, its), (other, unit) = numbers
    return f"{one} to {other} {unit}" if its == unit else f"{one} {its} to {other} {unit}"


def _by_expression(
    experiment: NDArray[np.float32], gene_of: NDArray[np.int64]
) -> list[NDArray[np.bool_]]:
    """Bins of genes in quarters, by the mean of the track over the gene's own bins."""
    known = (gene_of >= 0) & np.isfinite(experiment)
    if not known.any():
        return []
    count = int(gene_of.max()) + 1
    bins = np.bincount(gene_of[known], minlength=count)
    total = np.bincount(gene_of[known], experiment[known].astype(float), count)
    mean = np.where(bins > 0, total / np.maximum(bins, 1), np.nan)
    ranks = pd.Series(mean).rank(method="first").to_numpy()
    quarter = np.ceil(ranks / np.isfinite(mean).sum() * 4) - 1
    own = np.where(known, quarter[np.maximum(gene_of, 0)], -1)
    return [own == n for n in range(4)]
