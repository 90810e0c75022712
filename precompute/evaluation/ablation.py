"""Accuracy against the depth of the experiment: counts thinned to shares of their reads.

A count of n reads, each kept with probability s, is binomial in n and s: what a run of that share
would have given, so that no file of reads is needed. Only counts can be thinned so. A signal is
taken for counts where it adds up over bases and its bins are whole multiples of one unit; averages
of coverage, and what was normalised bin by bin, are not. The network is the same at all depths:
what falls is what can be seen of it, not what it learned.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sighthound.core.project.evaluation import TABLES
from sighthound.core.tracks.metrics import LEAST_BINS, pearson, pearson_log1p
from sighthound.precompute.evaluation.signals import Bins, Floats, Signals

SHARES = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01)
_DRAWS = 3  # whose r is averaged
_WHOLE = 1e-3  # by how much of the unit a bin may miss a whole multiple
_MOST_UNITS = 2.0**31
AVERAGED = "an average of coverage, not counts of reads"
NO_COUNTS = "not counts: its bins are no whole multiples of one unit"
NO_SIGNAL = "no signal in this fold"


def counts_of(values: Floats) -> tuple[NDArray[np.float64], float] | None:
    """Give the counts of reads that bins are made of, and what one read adds; None for no counts.

    Parameters
    ----------
    values : float array, (bins,)
        NaN where there are no data.

    Examples
    --------
    Counts that were brought to reads per million are counts still:

    >>> counts, unit = counts_of(np.array([0, 0.4, 1.2, 0.8]))
    >>> counts.tolist(), unit
    ([0.0, 1.0, 3.0, 2.0], 0.4)
    """
    known = np.asarray(values, float)
    positive = known[np.isfinite(known) & (known > 0)]
    if not len(positive):
        return None
    # Deep data may have no bin of a single read: then whole numbers are reads.
    for unit in (float(positive.min()), 1.0):
        counts = known / unit
        inside = counts[np.isfinite(counts)]
        # float32 sums of many bases are whole to their own precision only.
        allowed = np.maximum(_WHOLE, np.abs(inside) * 4e-6)
        is_whole = bool((np.abs(inside - np.round(inside)) <= allowed).all())
        if is_whole and inside.min() >= 0 and inside.max() <= _MOST_UNITS:
            return np.round(counts), unit
    return None


def thinned(
    counts: NDArray[np.float64], share: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Keep each read of some counts with a probability."""
    return rng.binomial(counts.astype(np.int64), share).astype(float)


def ablation_table(signals: Signals, bins: Bins, seed: int = 0) -> pd.DataFrame:
    """Correlate predictions with experiments of ever fewer reads, over masked bins.

    Returns
    -------
    DataFrame
        A row a predicted track and share; see `core.project.evaluation.TABLES`. `pearson_log1p` is
        of log(1 + value) with the prediction brought to the same share; `others_log1p` that of the
        thinned experiment with its other reads, brought to that share, too. A track that is no
        counts has one row, with a note.
    """
    rows = [row for track in signals.predicted for row in _rows(signals, bins, track, seed)]
    return pd.DataFrame(rows, columns=list(TABLES["ablation.tsv"]))


def _rows(signals: Signals, bins: Bins, track: str, seed: int) -> Iterator[dict[str, object]]:
    about = {"track": track, "assay": signals.tracks[track].assay, "bin": bins.size}
    experiment = np.where(bins.counts, signals.experiment(track, bins), np.nan)
    found = counts_of(experiment)
    note = ""
    if not (experiment[np.isfinite(experiment)] > 0).any():
        note = NO_SIGNAL
    elif not signals.is_sum(track):
        note = AVERAGED
    elif found is None:
        note = NO_COUNTS
    if note or found is None:
        yield about | dict.fromkeys(_NUMBERS, math.nan) | {"n_bins": 0, "note": note}
        return
    counts, unit = found
    known = np.isfinite(counts)
    counts = counts[known]
    prediction = signals.prediction(track, bins).astype(float)[known] / unit
    for share in SHARES:
        draws = 1 if share == 1 else _DRAWS
        # The same draws of a track whichever others there are.
        rng = np.random.default_rng([seed, zlib.crc32(track.encode()), round(share * 1e6)])
        measured = [_agreement(counts, prediction, share, rng) for _ in range(draws)]
        r, log_r, others = (_mean([m[i] for m in measured]) for i in range(3))
        yield about | {
            "share": share, "reads": float(counts.sum()) * share,
            "n_bins": len(counts), "pearson": r, "pearson_log1p": log_r,
            "others_log1p": others, "note": "",
        }  # fmt: skip


_NUMBERS = ("share", "reads", "pearson", "pearson_log1p", "others_log1p")


def _agreement(
    counts: NDArray[np.float64],
    prediction: NDArray[np.float64],
    share: float,
    rng: np.random.Generator,
) -> tuple[float, float, float]:
    kept = thinned(counts, share, rng)
    if int((kept > 0).sum()) < LEAST_BINS:
        return math.nan, math.nan, math.nan
    expected = prediction * share
    others = math.nan
    if share < 1:
        others = float(pearson_log1p((counts - kept) * (share / (1 - share)), kept))
    return (
        float(pearson(expected, kept)),
        float(pearson_log1p(expected, kept)),
        others,
    )


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return float(np.mean(known)) if known else math.nan
