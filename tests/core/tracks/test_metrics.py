"""Agreement of predictions with experiments, against definitions and the reference's numbers."""

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sighthound.core.tracks.metrics import (
    Moments,
    auroc,
    pearson,
    pearson_log1p,
    poisson_deviance,
    r2,
)
from tests.paths import GOLDEN

ACCURACY = GOLDEN / "accuracy"


def two_tracks(bins: int = 500, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    experiment = rng.gamma(0.5, 3, (bins, 2))
    return experiment * rng.gamma(5, 0.2, (bins, 2)), experiment


def test_pearson_and_r2_equal_the_reference_implementation():
    with h5py.File(ACCURACY / "preds.h5") as preds, h5py.File(ACCURACY / "targets.h5") as targets:
        prediction, experiment = preds["preds"][:], targets["targets"][:]
    tracks = prediction.shape[-1]
    arguments = (prediction.reshape(-1, tracks), experiment.reshape(-1, tracks))
    table = [line.split("\t") for line in (ACCURACY / "acc.txt").read_text().splitlines()]
    assert table[0][1:3] == ["pearsonr", "r2"]
    reference = np.array([[float(value) for value in row[1:3]] for row in table[1:]])
    np.testing.assert_allclose(pearson(*arguments), reference[:, 0], atol=2e-5)
    np.testing.assert_allclose(r2(*arguments), reference[:, 1], rtol=1e-4)


def test_pearson_equals_numpys_per_track():
    prediction, experiment = two_tracks()
    expected = [np.corrcoef(prediction[:, i], experiment[:, i])[0, 1] for i in range(2)]
    np.testing.assert_allclose(pearson(prediction, experiment), expected)


def test_log1p_pearson_compares_logarithms():
    prediction, experiment = two_tracks()
    np.testing.assert_allclose(
        pearson_log1p(prediction, experiment), pearson(np.log1p(prediction), np.log1p(experiment))
    )


def test_r2_is_one_for_the_truth_zero_for_its_mean_and_negative_below():
    experiment = np.array([1.0, 2, 3, 6])
    assert r2(experiment, experiment) == 1
    assert r2(np.full(4, 3.0), experiment) == 0
    assert r2(-experiment, experiment) < 0


def test_poisson_deviance_equals_its_definition():
    assert poisson_deviance([1.0], [2.0]) == pytest.approx(2 * (2 * np.log(2) - 1))
    assert poisson_deviance([3.0, 0.0], [0.0, 0.0]) == pytest.approx(3)
    assert poisson_deviance([0.0], [1.0]) == np.inf
    assert np.isnan(poisson_deviance([-1.0], [1.0]))
    assert np.isnan(poisson_deviance([1.0], [np.nan]))


@pytest.mark.parametrize("metric", [pearson, pearson_log1p, r2, poisson_deviance])
def test_bins_without_data_do_not_count(metric):
    prediction, experiment = two_tracks()
    gaps = experiment.copy()
    gaps[::3, 0] = np.nan
    kept = np.arange(len(experiment)) % 3 != 0
    got = metric(prediction, gaps)
    assert got[0] == pytest.approx(metric(prediction[kept, 0], experiment[kept, 0]))
    assert got[1] == pytest.approx(metric(prediction[:, 1], experiment[:, 1]))
    np.testing.assert_allclose(
        metric(prediction, experiment, mask=kept), metric(prediction[kept], experiment[kept])
    )


@pytest.mark.parametrize("metric", [pearson, pearson_log1p])
def test_a_constant_track_has_no_correlation(metric):
    varying = np.arange(10.0)
    constant = np.full(10, 0.1)
    assert np.isnan(metric(constant, varying))
    assert np.isnan(metric(varying, constant))
    assert np.isnan(metric(varying, np.full(10, np.nan)))
    assert np.isnan(r2(varying, constant))


def test_leading_axes_give_one_score_per_track_shape():
    prediction, experiment = two_tracks()
    stacked = np.stack([prediction, prediction], axis=1), np.stack([experiment] * 2, axis=1)
    assert pearson(*stacked).shape == (2, 2)


def test_large_offsets_do_not_cost_precision():
    prediction, experiment = two_tracks()
    np.testing.assert_allclose(
        pearson(prediction + 1e8, experiment + 1e8), pearson(prediction, experiment), rtol=1e-6
    )


entries = st.one_of(st.floats(-1e3, 1e3, width=32), st.just(np.nan))


@given(
    pair=hnp.arrays(np.float64, (2, 30, 2), elements=entries),
    cuts=st.lists(st.integers(0, 30), max_size=4),
)
def test_pieces_give_the_scores_of_the_whole(pair, cuts):
    prediction, experiment = pair
    moments = Moments()
    for p, y in zip(
        np.split(prediction, sorted(cuts)), np.split(experiment, sorted(cuts)), strict=True
    ):
        moments.add(p, y)
    whole = Moments().add(prediction, experiment)
    for name in ("count", "spread_prediction", "spread_experiment", "squared_residuals"):
        np.testing.assert_allclose(
            getattr(moments, name), getattr(whole, name), rtol=1e-9, atol=1e-7
        )
    np.testing.assert_allclose(moments.co_spread, whole.co_spread, rtol=1e-9, atol=1e-6)


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match="one shape"):
        pearson(np.zeros((3, 2)), np.zeros((2, 3)))


def test_auroc_counts_the_pairs_that_are_in_order():
    assert auroc([3, 2, 1], [True, False, False]) == 1
    assert auroc([1, 1], [True, False]) == 0.5
    assert np.isnan(auroc([1, 2], [True, True]))
