import numpy as np
import pytest

from sighthound.core.tracks.bootstrap import Bootstrap
from sighthound.core.tracks.metrics import pearson, pearson_log1p, r2
from sighthound.precompute.evaluation.correlations import agreement


@pytest.fixture
def signals() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    experiment = rng.gamma(0.7, 4.0, 240)
    prediction = 0.8 * experiment + rng.gamma(1.0, 1.0, 240)
    experiment[10:14] = np.nan
    return prediction, experiment


def test_numbers_are_those_of_the_plain_measures(signals):
    prediction, experiment = signals
    found = agreement(prediction, experiment, Bootstrap(np.arange(240) // 10))
    known = np.isfinite(experiment)
    assert found.n_bins == 236
    assert found.pearson.value == pytest.approx(pearson(prediction, experiment).item())
    assert found.pearson_log1p.value == pytest.approx(pearson_log1p(prediction, experiment).item())
    assert found.r2.value == pytest.approx(r2(prediction, experiment).item())
    assert found.level.value == pytest.approx(prediction[known].mean() / experiment[known].mean())


def test_intervals_are_those_of_drawing_blocks_one_by_one(signals):
    prediction, experiment = signals
    blocks = np.arange(240) // 12
    bootstrap = Bootstrap(blocks, seed=5, draws=200)
    found = agreement(prediction, experiment, bootstrap)
    drawn: dict[str, list[float]] = {"pearson": [], "r2": [], "level": [], "pearson_log1p": []}
    for times in np.random.default_rng(5).multinomial(20, np.full(20, 1 / 20), 200):
        rows = np.concatenate([np.flatnonzero(blocks == b) for b in np.repeat(range(20), times)])
        p, y = prediction[rows], experiment[rows]
        known = np.isfinite(y)
        drawn["pearson"].append(pearson(p, y).item())
        drawn["pearson_log1p"].append(pearson_log1p(p, y).item())
        drawn["r2"].append(r2(p, y).item())
        drawn["level"].append(p[known].mean() / y[known].mean())
    for measure, values in drawn.items():
        estimate = getattr(found, measure)
        ends = np.percentile(values, [2.5, 97.5])
        assert [estimate.low, estimate.high] == pytest.approx(list(ends)), measure


def test_a_large_mean_loses_no_digits(signals):
    prediction, experiment = signals
    bootstrap = Bootstrap(np.arange(240) // 12)
    moved = agreement(prediction + 1e7, experiment + 1e7, bootstrap)
    assert moved.pearson.value == pytest.approx(agreement(*signals, bootstrap).pearson.value)


def test_an_experiment_with_signal_in_few_bins_is_no_evidence():
    experiment = np.zeros(100)
    experiment[:19] = 1.0
    found = agreement(np.arange(100.0), experiment, Bootstrap(np.arange(100) // 10))
    assert np.isnan([found.pearson.value, found.r2.value, found.level.value]).all()
    assert (found.n_bins, found.experiment_mean) == (100, 0.19)


def test_few_blocks_give_no_interval(signals):
    found = agreement(*signals, Bootstrap(np.arange(240) // 40))
    assert np.isfinite(found.pearson.value)
    assert np.isnan([found.pearson.low, found.pearson.high]).all()


def test_a_constant_prediction_has_no_r_and_a_level(signals):
    _, experiment = signals
    found = agreement(np.full(240, 2.0), experiment, Bootstrap(np.arange(240) // 12))
    assert np.isnan(found.pearson.value)
    assert found.level.value == pytest.approx(2 / np.nanmean(experiment))
