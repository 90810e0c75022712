"""Explanations of log2((A + 1) / (B + 1)) equal whole passes and finite differences."""

import numpy as np
import pytest

from sighthound import core
from sighthound.core import Ensemble, SighthoundError
from sighthound.core.interpretation.contrasted import Columns
from tests.core.interpretation.test_saliency import mixed_model
from tests.models import random_one_hot

MODEL = mixed_model()
# Of the size of counts, so that both numerators matter beside the one that is added.
MODEL.output_scale[:] = (9, 9, 4)
BOTH = Ensemble(True, (0, 3))
X = random_one_hot(1024)
EXACT = {"dtype": "float64"}


def contrast(sequence, bins, ensemble=None):
    """The contrast of tracks a and c at the sum of some bins, by a whole pass."""
    predicted = MODEL.predict(sequence[None], ensemble, "float64")[0, bins].sum(axis=0)
    return np.log2((predicted[0] + 1) / (predicted[2] + 1))


@pytest.mark.parametrize(("bins", "ensemble"), [([30], None), ([29, 31], BOTH)])
def test_mutagenesis_of_a_contrast_is_that_of_whole_passes(bins, ensemble):
    found = core.mutagenesis(
        MODEL, X, 500, 504, tracks=["c", "a/c", "c/a"], bins=bins, ensemble=ensemble, **EXACT
    )
    expected = np.zeros((4, 4))
    for offset, base in zip(*np.nonzero(X[500:504] == 0), strict=True):
        altered = X.copy()
        altered[500 + offset] = np.eye(4)[base]
        expected[offset, base] = contrast(altered, bins, ensemble) - contrast(X, bins, ensemble)
    np.testing.assert_allclose(found[..., 1], expected, atol=1e-10)
    np.testing.assert_array_equal(found[..., 2], -found[..., 1])
    alone = core.mutagenesis(
        MODEL, X, 500, 504, tracks=["c"], bins=bins, ensemble=ensemble, **EXACT
    )
    np.testing.assert_allclose(found[..., :1], alone, rtol=1e-10)
    assert abs(expected).max() > 1e-3


def test_profiles_are_of_the_contrast_of_each_bin():
    profiles = core.mutagenesis_profiles(MODEL, X, 500, 502, tracks=["a/c"], **EXACT)
    for bin in (28, 30):
        one = core.mutagenesis(MODEL, X, 500, 502, tracks=["a/c"], bins=[bin], **EXACT)
        np.testing.assert_allclose(profiles[:, :, bin], one, atol=1e-12)


def test_scans_of_a_contrast_are_those_of_whole_passes():
    given = {"tracks": ["a/c"], "bins": [30], **EXACT}
    expected = []
    for place in (495, 505):
        altered = X.copy()
        altered[place : place + 3] = core.one_hot("GAT")
        expected.append([contrast(altered, [30]) - contrast(X, [30])])
    found = core.replacements(MODEL, X, [495, 505], ["GAT", "GAT"], **given)
    np.testing.assert_allclose(found, expected, atol=1e-10)
    inserted = core.insertion_scan(MODEL, X, 480, 481, "GAT", **given)
    altered = np.concatenate([X[3:480], core.one_hot("GAT"), X[480:]])
    expected = [[contrast(altered, [30]) - contrast(X, [30])]]
    np.testing.assert_allclose(
        inserted, [[contrast(altered, [30]) - contrast(X, [30])]], atol=1e-10
    )


@pytest.mark.parametrize("bins", [[30], [20, 41], None])
def test_saliency_of_a_contrast_is_its_slope_along_the_representation(bins):
    scores = core.saliency(MODEL, X, "a/c", bins, **EXACT)
    graph = MODEL.graph("float64")
    tf = graph.tf
    representation = graph.run_tower(tf.constant(X[None], tf.float64)).numpy()

    def predicted(r):
        y = graph.link(graph.run_head(graph.run_stack(tf.constant(r)))).numpy()[0]
        a, _, c = (y if bins is None else y[bins]).sum(axis=0) * MODEL.output_scale
        return np.log2((a + 1) / (c + 1))

    step = 1e-4
    for bin in (22, 32, 33, 45):
        up, down = representation.copy(), representation.copy()
        up[0, bin] *= 1 + step
        down[0, bin] *= 1 - step
        slope = (predicted(up) - predicted(down)) / (2 * step)
        # Activations bend: a difference is not quite a derivative.
        assert scores[bin] == pytest.approx(slope, rel=1e-3, abs=1e-3 * abs(scores).max())


def test_an_ensemble_is_averaged_before_its_tracks_are_contrasted():
    bins = [29, 31]
    of = {t: core.saliency(MODEL, X, t, bins, ensemble=BOTH, **EXACT) for t in ("a", "c")}
    a, _, c = MODEL.predict(X[None], BOTH, "float64")[0, bins].sum(axis=0)
    expected = (of["a"] / (a + 1) - of["c"] / (c + 1)) / np.log(2)
    found = core.saliency(MODEL, X, ["a/c", "a"], bins, ensemble=BOTH, **EXACT)
    np.testing.assert_allclose(found[:, 0], expected, atol=1e-12)
    np.testing.assert_allclose(found[:, 1], of["a"], rtol=1e-10)


def test_profiles_of_saliency_hold_the_contrasts_of_single_bins():
    reach = MODEL.architecture.stack_reach
    profiles = core.saliency_profiles(MODEL, X, "a/c", [31, 2], **EXACT)
    for bin, profile in zip((31, 2), profiles, strict=True):
        padded = np.zeros(64 + 2 * reach)
        padded[bin + MODEL.crop : bin + MODEL.crop + 2 * reach + 1] = profile
        expected = core.saliency(MODEL, X, "a/c", [bin], **EXACT)
        np.testing.assert_allclose(padded[reach:-reach], expected, atol=1e-12)


def test_the_gradient_of_bases_is_the_slope_of_the_contrast():
    scores = core.gradient_times_input(MODEL, X, "a/c", [30])
    at, step = int(abs(scores).argmax()), 1e-4
    up, down = X.astype(float), X.astype(float)
    up[at] *= 1 + step
    down[at] *= 1 - step
    slope = (contrast(up, [30]) - contrast(down, [30])) / (2 * step)
    assert scores[at] == pytest.approx(slope, rel=1e-2)


def test_what_is_predicted_below_zero_counts_as_zero_and_moves_no_contrast():
    asked = Columns.of(["a/b"])
    below = np.array([-0.5, 3.0])
    assert asked.values(below) == pytest.approx(-2)
    np.testing.assert_allclose(asked.effects(np.array([1.5, 0.0]), below), [1])
    np.testing.assert_allclose(asked.derivatives(np.array([5.0, 1.0]), below), [-0.25 / np.log(2)])


@pytest.mark.parametrize("name", ["a/", "/a", "a/a", "a/b/c"])
def test_what_is_no_contrast_is_refused_by_name(name):
    with pytest.raises(SighthoundError, match=f"'{name}' is no contrast; expected two tracks"):
        core.saliency(MODEL, X, name)


def test_an_unknown_track_of_a_contrast_is_named():
    with pytest.raises(SighthoundError, match="no track 'x'"):
        core.mutagenesis(MODEL, X, 0, 2, tracks=["a/x"])
