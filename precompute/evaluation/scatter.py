"""The median track of every assay, bin by bin: Fig. 2C of Kelley et al. 2018.

Thousands of points lie over each other, so they are counted in cells of log10(1 + value).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from sighthound.core.tracks.track import Track
from sighthound.precompute.evaluation.signals import Bins, Signals

_CELLS = 60  # a side
_HIGHEST = 0.9995  # quantile of both signals up to which there are cells
NO_ASSAY = "no assay given"


def median_tracks(tracks: Iterable[Track], score: Mapping[str, float]) -> dict[str, str]:
    """Give the track in the middle of every assay, by a score; those without are left out."""
    groups: dict[str, list[str]] = {}
    for track in tracks:
        if math.isfinite(score.get(track.id, math.nan)):
            groups.setdefault(track.assay or NO_ASSAY, []).append(track.id)
    return {
        assay: sorted(ids, key=lambda name: (score[name], name))[(len(ids) - 1) // 2]
        for assay, ids in groups.items()
    }


def scatter_table(signals: Signals, bins: Bins, chosen: Mapping[str, str]) -> pd.DataFrame:
    """Count masked bins in cells of experiment and prediction.

    Parameters
    ----------
    chosen : mapping
        Assay -> its track.
    """
    tables = []
    for assay, track in chosen.items():
        y, p = signals.experiment(track, bins), signals.prediction(track, bins)
        known = bins.counts & np.isfinite(y)
        logs = [np.log10(1 + np.maximum(v[known].astype(float), 0)) for v in (y, p)]
        highest = max(float(np.quantile(v, _HIGHEST)) for v in logs) or 1.0
        width = highest / _CELLS
        cells = [np.minimum((v / width).astype(int), _CELLS - 1) for v in logs]
        counts = np.zeros((_CELLS, _CELLS), int)
        np.add.at(counts, tuple(cells), 1)
        rows, columns = np.nonzero(counts)
        tables.append(
            pd.DataFrame(
                {
                    "assay": assay,
                    "track": track,
                    "bin": bins.size,
                    "experiment": (rows + 0.5) * width,
                    "prediction": (columns + 0.5) * width,
                    "width": width,
                    "bins": counts[rows, columns],
                }
            )
        )
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
