"""In silico mutagenesis equals predicting every substitution by itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sighthound import core
from sighthound.core import Architecture, Model, SighthoundError
from sighthound.core.model.blocks import Convolution, Crop, Dilated
from sighthound.core.model.ensemble import Ensemble
from tests.models import random_one_hot, random_weights, small_model


def naive(model, x, start, end, columns, bins):
    """Predict every substitution with a full forward pass."""
    chosen = slice(None) if bins is None else bins

    def total(sequence):
        return model.predict(sequence[None])[0][chosen].sum(0, dtype=np.float64)[columns]

    reference = total(x)
    effects = np.zeros((end - start, 4, len(columns)))
    for position in range(start, end):
        for base in range(4):
            if x[position, base] == 0:
                altered = x.copy()
                altered[position] = np.eye(4)[base]
                effects[position - start, base] = total(altered) - reference
    return effects


def dense_model():
    blocks = (
        Convolution(6, 6, 4),
        Convolution(8, 5, 4),
        Dilated(4, (2, 4), style="dense"),
        Crop(2),
    )
    architecture = Architecture(1024, blocks, tracks=3, link="exp_linear")
    return Model(architecture, random_weights(architecture), ["a", "b", "c"])


MODELS = {"residual": small_model(), "dense": dense_model()}


@settings(max_examples=20)
@given(
    name=st.sampled_from(sorted(MODELS)),
    seed=st.integers(0, 3),
    where=st.floats(0, 1),
    target=st.floats(0, 1),
    whole=st.booleans(),
)
def test_mutagenesis_equals_the_naive_way(name, seed, where, target, whole):
    model = MODELS[name]
    x = random_one_hot(model.sequence_length, seed)
    start = round(where * (model.sequence_length - 2))
    bins = None if whole else [round(target * (model.bins - 1))]
    effects = core.mutagenesis(model, x, start, start + 2, tracks=["c", "a"], bins=bins)
    expected = naive(model, x, start, start + 2, [2, 0], bins)
    # Sums over the whole window cancel in float32, in the naive way above all.
    tolerance = 1e-4 * max(abs(expected).max(), model.predict(x[None]).sum(1).max() * 0.1)
    np.testing.assert_allclose(effects, expected, atol=tolerance)


@pytest.mark.parametrize("name", sorted(MODELS))
@pytest.mark.parametrize("ensemble", [None, Ensemble(True, (0, 5))])
def test_effects_around_a_base_are_of_the_bins_next_to_its_own(name, ensemble):
    model = MODELS[name]
    x, start = random_one_hot(model.sequence_length), model.sequence_length // 2 - 2
    effects = core.mutagenesis(
        model, x, start, start + 6, around=1, ensemble=ensemble, dtype="float64"
    )
    for position in range(start, start + 6):
        own = position // model.bin - model.crop
        expected = core.mutagenesis(
            model, x, position, position + 1, bins=[own - 1, own, own + 1], ensemble=ensemble,
            dtype="float64",
        )  # fmt: skip
        np.testing.assert_allclose(effects[position - start], expected[0], rtol=0, atol=1e-9)
    with pytest.raises(SighthoundError, match="a contrast is of sums over the same bins"):
        core.mutagenesis(model, x, start, start + 1, tracks=["a/b"], around=1)


def test_the_reference_base_has_no_effect_and_n_takes_all_four():
    model = MODELS["dense"]
    x = random_one_hot(1024)
    x[500] = 0
    effects = core.mutagenesis(model, x, 499, 502)
    assert effects.shape == (3, 4, 3)
    assert (effects[0][x[499] == 1] == 0).all()
    assert (effects[1] != 0).any(axis=-1).all()


def test_a_substitution_out_of_reach_has_exactly_no_effect():
    model = MODELS["dense"]
    effects = core.mutagenesis(model, random_one_hot(1024), 0, 5, bins=[model.bins - 1])
    assert (effects == 0).all()


def test_progress_is_told_and_may_cancel():
    model = MODELS["dense"]
    x = random_one_hot(1024)
    seen = []
    core.mutagenesis(model, x, 10, 20, progress=lambda done, total: seen.append((done, total)))
    assert seen[0] == (0, 30)
    assert seen[-1] == (30, 30)

    def cancel(done, total):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        core.mutagenesis(model, x, 10, 20, progress=cancel)


def test_a_region_outside_the_window_is_refused():
    with pytest.raises(SighthoundError, match="not inside the window of 1024 bases"):
        core.mutagenesis(MODELS["dense"], random_one_hot(1024), 1020, 1025)
