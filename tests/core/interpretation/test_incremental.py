"""Altered sequences from the reference pass equal those from full forward passes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sighthound.core import Architecture, Model, SighthoundError
from sighthound.core.interpretation.incremental import alternatives, differences, sum_of_differences
from sighthound.core.model.blocks import (
    ACTIVATIONS,
    ORDERS,
    STYLES,
    Activation,
    Convolution,
    Crop,
    Dilated,
)
from sighthound.core.model.reference_pass import ReferencePasses
from tests.models import random_one_hot, random_weights, small_model

POOLS = ((4, 2), (2, 2, 2), (1, 8), (8,), (2, 1, 4))


@st.composite
def architectures(draw):
    """Networks of every kind of block, with windows of 512 bases and bins of 8."""
    blocks = []
    for pool in draw(st.sampled_from(POOLS)):
        order = draw(st.sampled_from(ORDERS))
        activation = draw(st.sampled_from(ACTIVATIONS))
        width = draw(st.integers(1, 7))
        blocks.append(Convolution(draw(st.integers(2, 5)), width, pool, 0.0, activation, order))
    style = draw(st.sampled_from([*STYLES, "none", "all"]))
    dilations = tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=3)))
    for kind in STYLES:
        if style in (kind, "all"):
            activation = draw(st.sampled_from(ACTIVATIONS))
            blocks.append(Dilated(draw(st.integers(2, 4)), dilations, kind, activation=activation))
    if draw(st.booleans()):
        blocks.append(Activation(draw(st.sampled_from(ACTIVATIONS))))
    if draw(st.booleans()):
        blocks.append(Crop(draw(st.integers(0, 3))))
    if draw(st.booleans()):
        blocks.append(Convolution(draw(st.integers(2, 5)), 1))
    return Architecture(512, tuple(blocks), 3, draw(st.sampled_from(["softplus", "exp_linear"])))


def full_passes(model, x, starts, bases, dtype):
    """Alternative minus reference of every bin, before cropping, by full forward passes."""
    reference = model.predict(x[None], dtype=dtype)[0]
    changes = []
    for start, written in zip(starts, bases, strict=True):
        altered = x.copy()
        altered[start : start + len(written)] = written
        changes.append(model.predict(altered[None], dtype=dtype)[0] - reference)
    return np.pad(np.array(changes), ((0, 0), (model.crop, model.crop), (0, 0)))


def by_bin(found, count, model, bins):
    """Put what `alternatives` yields with `differences` where its bins say."""
    whole = np.zeros((count, bins, len(model.tracks)), found[0].values[0].dtype)
    for part in found:
        row, column = np.nonzero(part.bins >= 0)
        whole[np.arange(count)[part.rows][row], part.bins[row, column]] = part.values[0][
            row, column
        ]
    return whole * model.output_scale


@settings(max_examples=12)
@given(
    architecture=architectures(),
    seed=st.integers(0, 5),
    place=st.floats(0, 1),
    width=st.integers(1, 12),
    target=st.floats(0, 1),
    dtype=st.sampled_from(["float64", "float64", "float32"]),
)
def test_altered_sequences_equal_full_forward_passes(
    architecture, seed, place, width, target, dtype
):
    model = Model(architecture, random_weights(architecture, seed, 0.5), ["a", "b", "c"])
    model.output_scale[:] = [1, 2, 0.5]
    rng = np.random.default_rng(seed)
    x = random_one_hot(512, seed)
    starts = np.array([0, round(place * (512 - width)), 512 - width, 512 // 3])
    bases = np.eye(4)[rng.integers(0, 4, (len(starts), width))]
    bases[0] = 0  # N written over the beginning
    expected = full_passes(model, x, starts, bases, dtype)
    largest = max(abs(expected).max(), 1e-3)
    tolerance = 1e-10 if dtype == "float64" else 1e-4 * largest
    bins = 512 // architecture.bin

    reference = model.reference(x, dtype=dtype)
    found = list(alternatives(reference, starts, bases, differences))
    np.testing.assert_allclose(
        by_bin(found, len(starts), model, bins), expected, rtol=0, atol=tolerance
    )

    wanted = architecture.crop + round(target * (architecture.bins - 1))
    reach = architecture.stack_reach
    low, high = max(0, wanted - reach), min(bins, wanted + reach + 1)
    cropped = ReferencePasses().get(model, x, low, high, dtype)
    (part,) = alternatives(
        cropped, starts, bases, sum_of_differences, targets=[wanted], tracks=[2, 0]
    )
    np.testing.assert_allclose(
        part.values[0] * model.output_scale[[2, 0]],
        expected[:, wanted, [2, 0]],
        rtol=0,
        atol=tolerance,
    )


def test_a_pass_is_kept_and_serves_every_region_inside_it():
    model, x = small_model(), random_one_hot(4096)
    whole = model.reference(x)
    assert model.reference(x, 10, 20) is whole
    other = model.reference(random_one_hot(4096, 1), 10, 20)
    assert model.reference(random_one_hot(4096, 1), 12, 18) is other
    assert model.reference(random_one_hot(4096, 1), 9, 18) is not other


def test_the_oldest_passes_leave_when_memory_is_short():
    model = small_model()
    one = model.reference(random_one_hot(4096)).nbytes
    passes = ReferencePasses(budget=int(2.5 * one))
    for seed in (0, 1, 0, 2):
        passes.get(model, random_one_hot(4096, seed))
    assert len(passes) == 2
    assert passes.nbytes <= passes.budget
    kept = passes.get(model, random_one_hot(4096, 0))
    assert passes.get(model, random_one_hot(4096, 0)) is kept


def test_what_a_pass_holds_is_counted_with_its_window():
    one_hot = random_one_hot(4096)
    made = small_model().reference(one_hot)
    held = (*made.tables, *made.before_activation, made.after_stack, made.one_hot)
    assert made.nbytes == sum(np.asarray(values).nbytes for values in held)


def test_a_pass_predicts_what_the_model_predicts():
    model, x = small_model(), random_one_hot(16_384)
    inner = [80, 91]
    reach = model.architecture.stack_reach
    for passed in (model.reference(x), ReferencePasses().get(model, x, 0, 92 + reach)):
        np.testing.assert_allclose(
            passed.predict(inner, [2, 0]),
            model.predict(x[None])[0][np.array(inner) - model.crop][:, [2, 0]],
            rtol=1e-5,
        )


def test_bins_outside_the_window_are_refused():
    model = small_model()
    with pytest.raises(SighthoundError, match="bins 60 to 65 are not in the window's 64"):
        model.reference(random_one_hot(4096), 60, 65)
