"""What replicates say: how well one predicts another, and so what a prediction can at best reach.

Tracks that name each other in `replicate_of` are a family. Where one of a family is the sum or the
mean of the others, it is not held against its own parts: its ceiling is what the sum of another
such set would reach, by Spearman and Brown (1910): k r / (1 + (k - 1) r) for k parts that agree
with r. Concordance within families and across samples is Fig. 2D, S2 and S3 of Kelley et al. 2018.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sighthound.core.project.evaluation import NO_REPLICATE
from sighthound.core.tracks.metrics import LEAST_BINS, pearson
from sighthound.core.tracks.track import Track
from sighthound.precompute.evaluation.signals import Bins, Signals

Floats = NDArray[np.float32]
Read = Callable[[str], Floats]
# Share of a sum's variance by which it may differ from its parts': scales and rounding.
_SAME = 1e-3
_MOST_ACROSS = 2_000  # pairs of tracks


@dataclass(frozen=True)
class Family:
    """Experiments that repeat each other, and the one that joins the others, if any does."""

    members: tuple[str, ...]
    joint: str = ""


@dataclass(frozen=True)
class ReplicateCeiling:
    """The r that replicates set for a track; NaN without any.

    Attributes
    ----------
    pearson, pearson_log1p : float
        Mean over pairs of replicates, or what their sum would reach with another such sum.
    of : str
    replicates : int
        Experiments that it is of.
    """

    pearson: float = math.nan
    pearson_log1p: float = math.nan
    of: str = NO_REPLICATE
    replicates: int = 0


def spearman_brown(r: float, parts: int) -> float:
    """Give the correlation of two sums of `parts` measurements that agree with r.

    Examples
    --------
    >>> round(spearman_brown(0.5, 3), 2)
    0.75
    """
    return parts * r / (1 + (parts - 1) * r) if r > 0 else r


def families(tracks: Sequence[Track], read: Read) -> list[Family]:
    """Put tracks together that repeat each other.

    Parameters
    ----------
    tracks : sequence of Track
        With experiments.
    read : callable
        Gives a track's experiment over bins; which of a family is the others' sum is seen in it.

    Returns
    -------
    list of Family
        Of two or more members beside the joint one.
    """
    named = {track.id: track for track in tracks}
    roots: dict[str, list[str]] = {}
    for track in tracks:
        seen, root = {track.id}, track.id
        while root in named and named[root].replicate_of and named[root].replicate_of not in seen:
            root = named[root].replicate_of
            seen.add(root)
        roots.setdefault(root, []).append(track.id)
    found = []
    for root, members in roots.items():
        others = tuple(member for member in members if member != root)
        if root in members and len(others) > 1 and _is_joint(read, root, others):
            found.append(Family(others, root))
        elif len(members) > 1:
            found.append(Family(tuple(members)))
    return found


def _is_joint(read: Read, whole: str, parts: Sequence[str]) -> bool:
    """Whether an experiment is the sum or the mean of others."""
    total = read(whole).astype(float)
    added = np.sum([read(part).astype(float) for part in parts], axis=0)
    known = np.isfinite(total) & np.isfinite(added)
    total, added = total[known], added[known]
    spread = float(np.square(total).sum())
    if not spread or not added.any():
        return False
    scaled = added * (total @ added) / (added @ added)
    return float(np.square(total - scaled).sum()) < _SAME * spread


class Concordance:
    """Correlations between experiments over the bins that count, each computed once.

    Parameters
    ----------
    read : callable
        Gives a track's experiment over bins, NaN where it does not count.
    """

    def __init__(self, read: Read, found: Sequence[Family]) -> None:
        self._read = read
        self._kept: dict[tuple[str, str], tuple[float, float]] = {}
        self._family = {member: f for f in found for member in (*f.members, f.joint) if member}

    def between(self, one: str, other: str) -> tuple[float, float]:
        """Give r of values and of log(1 + value) of two experiments; NaN below 20 bins."""
        key = (min(one, other), max(one, other))
        if key not in self._kept:
            self._kept[key] = both_pearson(self._read(key[0]), self._read(key[1]))
        return self._kept[key]

    def ceiling(self, track: str) -> ReplicateCeiling:
        """Say what the replicates of a track allow."""
        family = self._family.get(track)
        if family is None:
            return ReplicateCeiling()
        members = family.members
        pairs = (
            list(itertools.combinations(members, 2))
            if track == family.joint
            else [(track, other) for other in members if other != track]
        )
        found = np.array([self.between(*pair) for pair in pairs])
        known = found[np.isfinite(found).all(axis=1)]
        if not len(known):
            return ReplicateCeiling()
        r, r_log = (float(value) for value in known.mean(axis=0))
        if track != family.joint:
            return ReplicateCeiling(r, r_log, "replicates", len(known) + 1)
        count = len(members)
        return ReplicateCeiling(
            spearman_brown(r, count),
            spearman_brown(r_log, count),
            f"sum of {count} replicates",
            count,
        )


def both_pearson(one: Floats, other: Floats) -> tuple[float, float]:
    """Give r of values and of log(1 + value) over bins that have both; NaN below 20 with signal."""
    known = np.isfinite(one) & np.isfinite(other)
    a, b = one[known].astype(float), other[known].astype(float)
    if min(int((a > 0).sum()), int((b > 0).sum())) < LEAST_BINS:
        return math.nan, math.nan
    logs = (np.log1p(np.maximum(v, 0)) for v in (a, b))
    return float(pearson(a, b)), float(pearson(*logs))


def concordance_table(
    signals: Signals, bins: Bins, found: Sequence[Family], concordance: Concordance
) -> pd.DataFrame:
    """Hold predictions and experiments against replicates and against other samples.

    Returns
    -------
    DataFrame
        A row an ordered pair of experiments, the first of which is predicted (see
        `core.project.evaluation.TABLES`): r of log(1 + value) between the two experiments, between
        the first's prediction and the second's experiment, and between that prediction and its own
        experiment.
    """
    rows = []
    own: dict[str, float] = {}

    def counted(values: Floats) -> Floats:
        return np.where(bins.counts, values, np.nan).astype(np.float32)

    for relation, one, other in _pairs(signals, found):
        between = concordance.between(one, other)[1]
        if math.isnan(between):
            continue
        prediction = counted(signals.prediction(one, bins))
        if one not in own:
            own[one] = both_pearson(prediction, counted(signals.experiment(one, bins)))[1]
        crossed = both_pearson(prediction, counted(signals.experiment(other, bins)))[1]
        rows.append(
            {
                "track": one, "other": other, "relation": relation,
                "assay": signals.tracks[one].assay, "bin": bins.size,
                "experiments": between, "prediction": crossed, "own": own[one],
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _pairs(signals: Signals, found: Sequence[Family]) -> Iterator[tuple[str, str, str]]:
    """Ordered pairs within families, and a sample of those of other samples of one assay."""
    predicted = set(signals.predicted)
    for family in found:
        for one, other in itertools.permutations(family.members, 2):
            if one in predicted:
                yield "replicates", one, other
    family_of = {m: n for n, f in enumerate(found) for m in (*f.members, f.joint) if m}
    groups: dict[tuple[str, str], list[Track]] = {}
    for track in signals.tracks.values():
        if track.assay:
            groups.setdefault((track.assay, track.strand), []).append(track)
    across = [
        (one.id, other.id)
        for group in groups.values()
        for one, other in itertools.permutations(group, 2)
        if one.id in predicted
        and (one.sample, one.group) != (other.sample, other.group)
        and family_of.get(one.id, one.id) != family_of.get(other.id, other.id)
    ]
    if len(across) > _MOST_ACROSS:
        chosen = np.random.default_rng(0).choice(len(across), _MOST_ACROSS, replace=False)
        across = [across[i] for i in sorted(chosen.tolist())]
    for one, other in across:
        yield "samples", one, other
