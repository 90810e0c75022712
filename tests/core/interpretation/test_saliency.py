"""Saliency: gradient x representation, checked against finite differences."""

import numpy as np
import pytest

from sighthound import core
from sighthound.core import Architecture, Ensemble, Model, SighthoundError
from sighthound.core.genome.sequence import reverse_complement
from sighthound.core.model.blocks import Activation, Convolution, Crop, Dilated
from sighthound.core.model.ensemble import shift_sequence
from tests.models import random_one_hot, random_weights, small_model


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


def mixed_model():
    """Dense and residual layers, and tracks that are each other's other strand."""
    blocks = (
        Convolution(6, 6, 4),
        Convolution(8, 5, 4),
        Dilated(4, (2, 4), style="dense"),
        Dilated(3, (1, 3), style="residual", activation="gelu_tanh"),
        Activation(),
        Crop(2),
        Convolution(5, 1),
    )
    architecture = Architecture(1024, blocks, tracks=3, link="exp_linear")
    return Model(architecture, random_weights(architecture), "abc", strand_pairs=[1, 0, 2])


@pytest.mark.parametrize("make", [small_model, mixed_model])
def test_bins_scored_one_by_one_add_up_to_bins_scored_together(make):
    """A few bins are followed each through its own cone, many through the whole region."""
    model = make()
    x = random_one_hot(1024 if make is mixed_model else 4096)
    scored = [core.saliency(model, x, "b", [bin], dtype="float64") for bin in range(model.bins)]
    together = core.saliency(model, x, "b", dtype="float64")
    np.testing.assert_allclose(sum(scored), together, atol=1e-12)


@pytest.mark.parametrize("ensemble", [None, Ensemble(True, (0, 3, -2))])
def test_profiles_hold_the_saliency_around_each_bin(ensemble):
    model, x = mixed_model(), random_one_hot(1024)
    reach = model.architecture.stack_reach
    bins = [0, 31, 2, 59]
    options = {"ensemble": ensemble, "dtype": "float64"}
    profiles = core.saliency_profiles(model, x, ["b", "c"], bins, **options)
    for bin, profile in zip(bins, profiles, strict=True):
        padded = np.zeros((64 + 2 * reach, 2))
        padded[bin + model.crop : bin + model.crop + 2 * reach + 1] = profile
        expected = core.saliency(model, x, ["b", "c"], [bin], **options)
        np.testing.assert_allclose(padded[reach:-reach], expected, atol=1e-12)
    one = core.saliency_profiles(model, x, "c", bins, **options)
    np.testing.assert_array_equal(one, profiles[..., 1])


def test_an_ensemble_averages_the_saliency_of_turned_and_shifted_sequences():
    model, x = mixed_model(), random_one_hot(1024)
    bins = [4, 30]
    expected = np.zeros(64)
    for shift in (0, 5):
        shifted = shift_sequence(x, shift)
        turned = reverse_complement(shifted)
        expected += core.saliency(model, shifted, "a", bins) / 4
        # Track b is the other strand of a; bin 59 - n of the turned sequence is bin n.
        expected += core.saliency(model, turned, "b", [59 - bin for bin in bins])[::-1] / 4
    found = core.saliency(model, x, "a", bins, ensemble=Ensemble(True, (0, 5)))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-7)


def test_gradient_times_input_is_the_slope_at_the_base_and_averages_both_strands():
    model, x = mixed_model(), random_one_hot(1024)
    scores = core.gradient_times_input(model, x, "a", [30])

    def predict(sequence, track, bin):
        return model.predict(sequence[None], dtype="float64")[0, bin, "abc".index(track)]

    position, step = 520, 1e-4
    up, down = x.copy(), x.copy()
    up[position] *= 1 + step
    down[position] *= 1 - step
    slope = (predict(up, "a", 30) - predict(down, "a", 30)) / (2 * step)
    assert scores[position] == pytest.approx(slope, rel=0.01, abs=1e-5)
    assert (scores[x.sum(1) == 0] == 0).all()
    turned = core.gradient_times_input(model, reverse_complement(x), "b", [59 - 30])[::-1]
    both = core.gradient_times_input(model, x, "a", [30], ensemble=Ensemble(True))
    np.testing.assert_allclose(both, (scores + turned) / 2, rtol=1e-4, atol=1e-8)


def test_what_the_model_does_not_have_is_refused(model):
    x = random_one_hot(4096)
    with pytest.raises(SighthoundError, match="no track 'z'; it has a, b, c"):
        core.saliency(model, x, "z")
    with pytest.raises(SighthoundError, match="not among the 48 predicted bins"):
        core.saliency(model, x, "a", bins=[48])
