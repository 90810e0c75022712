"""Whether predictions tell peaks from the rest: Fig. S1 of Kelley et al. 2018.

A bin is a peak where its value is improbable for a Poisson distribution of the track's mean, at a
false discovery rate of 1 % by Benjamini and Hochberg (1995), q-values made monotone. The published
script divides without a remainder there, and so calls at q < 1; it also rounds values, of which
those of normalised tracks would leave nothing: the Poisson tail is the regularised gamma function,
which takes any value.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammainc
from scipy.stats import false_discovery_control

from sighthound.core.tracks.metrics import auroc, average_precision
from sighthound.precompute.evaluation.signals import Bins, Signals

FALSE_DISCOVERIES = 0.01
LEAST_PEAKS = 10


def poisson_p(values: NDArray[np.floating], mean: float) -> NDArray[np.float64]:
    """Give the probability that a Poisson variable of a mean reaches each value.

    Examples
    --------
    >>> poisson_p(np.array([0.0, 1.0, 2.0]), 1.0).round(3).tolist()
    [1.0, 0.632, 0.264]
    """
    values = np.maximum(np.asarray(values, float), 0)
    return np.where(values > 0, gammainc(np.maximum(values, 1e-300), mean), 1.0)


def peaks(values: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Say which values, all of them finite, are peaks."""
    mean = float(np.maximum(values, 0).mean()) if len(values) else 0.0
    if mean <= 0:
        return np.zeros(len(values), bool)
    q = false_discovery_control(poisson_p(values, mean), method="bh")
    return np.asarray(q < FALSE_DISCOVERIES)


def peaks_table(signals: Signals, bins: Bins) -> pd.DataFrame:
    """Hold predictions against the peaks of experiments, over masked bins.

    Returns
    -------
    DataFrame
        A row a track: n_bins, peaks, their share, auprc and auroc; a track with fewer than ten
        peaks, or with hardly any other bins, has a note and no areas.
    """
    rows = []
    for track in signals.predicted:
        y, p = signals.experiment(track, bins), signals.prediction(track, bins)
        known = bins.counts & np.isfinite(y)
        y, p = y[known], p[known]
        called = peaks(y)
        count = int(called.sum())
        is_told = LEAST_PEAKS <= count <= len(y) - LEAST_PEAKS
        rows.append(
            {
                "track": track,
                "bin": bins.size,
                "n_bins": len(y),
                "peaks": count,
                "share": count / len(y) if len(y) else np.nan,
                "auprc": average_precision(p, called) if is_told else np.nan,
                "auroc": auroc(p, called) if is_told else np.nan,
                "note": "" if is_told else _note(count, len(y)),
            }
        )
    return pd.DataFrame(rows)


def _note(count: int, bins: int) -> str:
    return f"{count:,} of {bins:,} bins are peaks" if bins else "no data in this fold"
