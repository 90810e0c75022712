"""PCA and logistic regression on effects of tracks, cross-validated by chromosome.

As Kelley et al. (2018): a variant's features are its largest absolute log2 ratio on every track;
principal components of them go into a logistic regression. Nothing of a chromosome that is scored,
means and components included, is learned from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.tracks.bootstrap import Bootstrap, Estimate, interval_of
from sighthound.core.tracks.metrics import auroc
from sighthound.core.truth.comparison import area_with_interval

COMPONENTS = 50
LEAST_CHROMOSOMES, LEAST_OF_A_KIND = 2, 10
_RIDGE = 0.1  # scikit-learn's C, of standardised components


@dataclass(frozen=True, eq=False)
class Classified:
    """Probabilities of variants by a model that has not seen their chromosome.

    Attributes
    ----------
    probability : float64 array, (variants,)
    auroc : Estimate
    components : int
    """

    probability: np.ndarray
    auroc: Estimate
    components: int


def check_enough(labels: np.ndarray, chroms: np.ndarray) -> None:
    """Refuse too few variants, before they are scored.

    Parameters
    ----------
    labels : bool array, (variants,)
    chroms : array, (variants,)

    Raises
    ------
    SighthoundError
        There are too few of either kind, or chromosomes.
    """
    labels, names = np.asarray(labels, bool), np.unique(np.asarray(chroms).astype(str))
    few = min(labels.sum(), (~labels).sum())
    if few < LEAST_OF_A_KIND or len(names) < LEAST_CHROMOSOMES:
        raise SighthoundError(
            f"{int(labels.sum()):,} positives and {int((~labels).sum()):,} negatives on "
            f"{len(names):,} chromosome{'s' if len(names) != 1 else ''}; cross-validation by "
            f"chromosome needs {LEAST_OF_A_KIND} of each on {LEAST_CHROMOSOMES} or more"
        )


def classify(
    features: np.ndarray,
    labels: np.ndarray,
    chroms: np.ndarray,
    blocks: np.ndarray,
    *,
    components: int = COMPONENTS,
    other: np.ndarray | None = None,
) -> Classified:
    """Score every variant by a regression on all other chromosomes.

    Parameters
    ----------
    features : float array, (variants, tracks)
        Not below 0.
    labels : bool array, (variants,)
    chroms : array, (variants,)
    blocks : int array, (variants,)
        Neighbours, which are no independent witnesses; from 0.
    components : int
        At most; no more than a fifth of the variants that are learned from.
    other : float array, (variants,), optional
        Another predictor's score, beside the components; NaN counts as its mean. With no tracks,
        alone.

    Raises
    ------
    SighthoundError
        There are too few variants of either kind or chromosomes.
    """
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    labels = np.asarray(labels, bool)
    check_enough(labels, chroms)
    names = np.unique(np.asarray(chroms).astype(str))
    probability = np.full(len(labels), np.nan)
    used = 0
    for name in names:
        held = np.asarray(chroms).astype(str) == name
        if len(np.unique(labels[~held])) < 2:
            raise SighthoundError(
                f"without {name} all variants are of one kind; give variants of more chromosomes"
            )
        parts, tests = [], []
        if features.shape[1]:
            used = max(1, min(components, features.shape[1], int((~held).sum()) // 5))
            reduce = make_pipeline(StandardScaler(), PCA(used, svd_solver="full"), StandardScaler())
            parts.append(reduce.fit_transform(features[~held]))
            tests.append(reduce.transform(features[held]))
        if other is not None:
            mean, spread = np.nanmean(other[~held]), np.nanstd(other[~held]) or 1.0
            scaled = np.nan_to_num((np.asarray(other, np.float64) - mean) / spread)[:, None]
            parts.append(scaled[~held])
            tests.append(scaled[held])
        fit = LogisticRegression(C=_RIDGE, class_weight="balanced", max_iter=1000)
        fit.fit(np.concatenate(parts, axis=1), labels[~held])
        probability[held] = fit.predict_proba(np.concatenate(tests, axis=1))[:, 1]
    return Classified(probability, area_with_interval(probability, labels, blocks), used)


def gain(
    one: np.ndarray, other: np.ndarray, labels: np.ndarray, blocks: np.ndarray, seed: int = 0
) -> Estimate:
    """Give how much larger one score's AUROC is than another's, over the same draws of blocks."""
    bootstrap = Bootstrap(blocks, seed, draws=400)
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(blocks == block) for block in range(bootstrap.count)]
    drawn = []
    for _ in range(400):
        rows = np.concatenate([members[n] for n in rng.integers(0, len(members), len(members))])
        if 0 < labels[rows].sum() < len(rows):
            drawn.append(auroc(one[rows], labels[rows]) - auroc(other[rows], labels[rows]))
    value = auroc(one, labels) - auroc(other, labels)
    return interval_of(value, np.array(drawn), bootstrap)


def neighbourhoods(chroms: np.ndarray, positions: np.ndarray, bases: int) -> np.ndarray:
    """Number runs of variants of which each is within so many bases of the one before.

    Returns
    -------
    int64 array, (variants,)
    """
    order = np.lexsort((positions, np.asarray(chroms).astype(str)))
    chrom, place = np.asarray(chroms).astype(str)[order], np.asarray(positions)[order]
    new = np.r_[False, (chrom[1:] != chrom[:-1]) | (np.diff(place) > bases)]
    found = np.empty(len(order), np.int64)
    found[order] = np.cumsum(new)
    return found
