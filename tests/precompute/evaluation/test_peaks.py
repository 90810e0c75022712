import numpy as np
import pytest
from scipy.stats import poisson
from sklearn.metrics import average_precision_score, roc_auc_score

from sighthound.core.tracks.metrics import auroc, average_precision
from sighthound.precompute.evaluation.peaks import FALSE_DISCOVERIES, peaks, poisson_p


def test_p_values_of_counts_are_those_of_the_poisson_distribution():
    counts = np.arange(30)
    assert poisson_p(counts, 3.7) == pytest.approx(poisson.sf(counts - 1, 3.7))


def test_values_between_counts_have_p_values_between_theirs():
    low, middle, high = poisson_p(np.array([4.0, 4.5, 5.0]), 3.0)
    assert low > middle > high


def slow_peaks(values: np.ndarray) -> np.ndarray:
    """Benjamini and Hochberg as they wrote it: all up to the last p below its line."""
    p = [poisson.sf(value - 1, values.mean()) for value in values]
    order = sorted(range(len(p)), key=p.__getitem__)
    last = 0
    for rank, index in enumerate(order, 1):
        # Monotone: a later p below its line carries the earlier ones.
        if p[index] < FALSE_DISCOVERIES * rank / len(p):
            last = rank
    found = np.zeros(len(p), bool)
    found[order[:last]] = True
    return found


def test_peaks_are_called_as_benjamini_and_hochberg_wrote():
    values = np.random.default_rng(2).poisson(2.0, 500)
    values[100:130] += 9
    called = peaks(values)
    assert called.tolist() == slow_peaks(values).tolist()
    assert 10 < called.sum() < 60


def test_a_track_without_signal_has_no_peaks():
    assert not peaks(np.zeros(50)).any()
    assert peaks(np.empty(0)).shape == (0,)


def test_areas_are_those_of_scikit_learn_with_ties():
    rng = np.random.default_rng(4)
    labels = rng.random(300) < 0.2
    scores = np.round(rng.normal(labels, 1.0), 1)
    assert average_precision(scores, labels) == pytest.approx(
        average_precision_score(labels, scores)
    )
    assert auroc(scores, labels) == pytest.approx(roc_auc_score(labels, scores))
    assert np.isnan(average_precision(scores, np.zeros(300, bool)))
