"""Whether a model knows what sets two samples apart: the contrast of their tracks, held out.

The contrast of two tracks in a bin is log2((A + 1) / (B + 1)). Two samples of one assay are alike
at most places, so that a model may predict each well and their contrast not at all.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from sighthound.core.project.evaluation import NO_REPLICATE, TABLES
from sighthound.core.tracks.bootstrap import Bootstrap, correlation
from sighthound.core.tracks.contrasts import log_ratio
from sighthound.core.tracks.track import Track
from sighthound.precompute.evaluation.replicates import Family, spearman_brown
from sighthound.precompute.evaluation.signals import Bins, Floats, Signals

_MOST_PAIRS = 500


def contrasts_table(signals: Signals, bins: Bins, found: Sequence[Family]) -> pd.DataFrame:
    """Hold contrasts of predictions against those of experiments, over masked bins.

    Parameters
    ----------
    found : sequence of Family
        Tracks that repeat each other: the ceiling is of contrasts between them.

    Returns
    -------
    DataFrame
        A row a pair of predicted tracks of one assay and strand and of two samples; see
        `core.project.evaluation.TABLES`. r is NaN below 20 bins where either contrast is not zero.
    """
    bootstrap = Bootstrap(bins.blocks)
    family_of = {m: f for f in found for m in (*f.members, f.joint) if m}

    def counted(values: Floats) -> Floats:
        return np.where(bins.counts, values, np.nan).astype(np.float32)

    def measured(one: str, other: str) -> Floats:
        return counted(log_ratio(signals.experiment(one, bins), signals.experiment(other, bins)))

    def ceiling(one: str, other: str) -> tuple[float, str]:
        """The mean r between contrasts of replicates that share none."""
        if one not in family_of or other not in family_of:
            return math.nan, NO_REPLICATE
        first, second = family_of[one], family_of[other]
        count = min(len(first.members), len(second.members))
        pairs = zip(first.members[:count], second.members[:count], strict=True)
        apart = [measured(*pair) for pair in pairs]
        values = [
            correlation(a, b, bootstrap)[1].value for a, b in itertools.combinations(apart, 2)
        ]
        known = [value for value in values if math.isfinite(value)]
        if not known:
            return math.nan, NO_REPLICATE
        r = float(np.mean(known))
        if (one, other) == (first.joint, second.joint):
            return spearman_brown(r, count), f"sum of {count} replicates"
        return r, "replicates"

    rows = []
    for one, other in _pairs(signals, family_of):
        experiment = measured(one.id, other.id)
        prediction = counted(
            log_ratio(signals.prediction(one.id, bins), signals.prediction(other.id, bins))
        )
        n_bins, r = correlation(experiment, prediction, bootstrap)
        most, of = ceiling(one.id, other.id)
        rows.append(
            {
                "track": one.id, "other": other.id, "assay": one.assay, "strand": one.strand,
                "bin": bins.size, "n_bins": n_bins,
                "pearson": r.value, "pearson_low": r.low, "pearson_high": r.high,
                "spread": _spread(experiment), "predicted_spread": _spread(prediction),
                "ceiling": most, "ceiling_of": of,
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(TABLES["contrasts.tsv"]))


def _spread(values: Floats) -> float:
    return float(np.nanstd(values.astype(float))) if np.isfinite(values).any() else math.nan


def _pairs(signals: Signals, family_of: dict[str, Family]) -> Iterator[tuple[Track, Track]]:
    """Give pairs of predicted tracks of one assay and strand and of two samples.

    A family's joint track stands for it.
    """
    groups: dict[tuple[str, str], list[Track]] = {}
    for id in signals.predicted:
        track = signals.tracks[id]
        family = family_of.get(id)
        is_part = family is not None and family.joint in signals.predicted and id != family.joint
        if track.assay and not is_part:
            groups.setdefault((track.assay, track.strand), []).append(track)
    pairs = [
        (one, other)
        for group in groups.values()
        for one, other in itertools.combinations(group, 2)
        if (one.sample, one.group) != (other.sample, other.group)
        and (one.id not in family_of or family_of.get(one.id) != family_of.get(other.id))
    ]
    if len(pairs) > _MOST_PAIRS:
        chosen = np.random.default_rng(0).choice(len(pairs), _MOST_PAIRS, replace=False)
        pairs = [pairs[i] for i in sorted(chosen.tolist())]
    yield from pairs
