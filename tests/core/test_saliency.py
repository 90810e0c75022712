"""Saliency: gradient x representation, checked against finite differences."""

import numpy as np
import pytest

import core
from core import SighthoundError
from tests.models import random_one_hot, small_model


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.mark.parametrize("bins", [[0], [24], [47], [3, 40], None])
def test_saliency_is_the_slope_along_the_representation(model, bins):
    x = random_one_hot(4096)
    scores = core.saliency(model, x, "b", bins)
    representation = model.representation(x[None])
    graph = model.graph()
    tf = graph.tf

    def predict(r):
        y = graph.link(graph.run_head(graph.run_stack(tf.constant(r)))).numpy()[0, :, 1]
        return y.sum() if bins is None else y[bins].sum()

    step = 1e-2
    for bin in (0, 8, 30, 33, 63):
        up, down = representation.copy(), representation.copy()
        up[0, bin] *= 1 + step
        down[0, bin] *= 1 - step
        slope = (predict(up) - predict(down)) / (2 * step)
        assert scores[bin] == pytest.approx(slope, rel=0.05, abs=2e-3 * float(abs(scores).max()))


def test_a_bin_out_of_reach_scores_zero():
    model = small_model(seed=2)
    x = random_one_hot(4096 * 8)
    scores = core.saliency(model, x, "a", bins=[0])
    first = model.crop
    assert (scores[first + model.architecture.stack_reach + 1 :] == 0).all()
    assert scores[first] != 0


def test_saliency_is_in_the_tracks_units():
    plain, scaled = small_model(), small_model()
    scaled.output_scale[:] = 10
    x = random_one_hot(4096)
    np.testing.assert_allclose(
        core.saliency(scaled, x, "a"), 10 * core.saliency(plain, x, "a"), rtol=1e-4
    )


def test_what_the_model_does_not_have_is_refused(model):
    x = random_one_hot(4096)
    with pytest.raises(SighthoundError, match="no track 'z'; it has a, b, c"):
        core.saliency(model, x, "z")
    with pytest.raises(SighthoundError, match="not among the 48 predicted bins"):
        core.saliency(model, x, "a", bins=[48])
