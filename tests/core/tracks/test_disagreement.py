"""Places where two signals disagree most."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sighthound.core.tracks.disagreement import compare


def places(experiment, prediction, window=1, top=10, background=1.0):
    found, _, _ = compare(
        np.float32(experiment), np.float32(prediction), "c",
        bin_size=10, window=window, background=background, top=top,
    )  # fmt: skip
    return [(p.start, p.end, round(p.log2_ratio, 2)) for p in found]


def test_the_largest_ratio_comes_first_and_the_sign_says_which_is_higher():
    assert places([0, 0, 3, 0, 0, 0, 0], [0, 0, 0, 0, 7, 7, 0]) == [(40, 60, 3.0), (20, 30, -2.0)]


def test_less_than_twofold_is_no_disagreement():
    assert places([10, 10, 10], [20, 10, 12]) == []


def test_a_place_reaches_as_far_as_half_of_its_largest_ratio():
    prediction = [1, 1, 3, 15, 3, 1, 1]  # log2 ratios over a background of 1: 1, 1, 2, 4, 2, 1, 1
    assert places(np.zeros(7), prediction) == [(20, 50, 4.0)]


def test_signals_are_averaged_over_a_window():
    assert places([0, 0, 0, 0, 0], [0, 0, 12, 0, 0], window=4) == [(0, 50, 2.0)]


def test_what_has_no_data_in_either_signal_does_not_count():
    nan = np.nan
    assert places([nan, 0, 0, 9], [9, nan, 0, nan]) == []
    assert places([0, nan, 0, 0], [3, 99, 0, 0], window=2) == [(0, 20, 2.0)], "half is enough"
    assert places([nan] * 4, [1] * 4, window=2) == []


def test_values_below_zero_count_as_zero():
    assert places([-5, 0], [0, -3]) == []


values = st.floats(0, 1000, width=32)


@given(
    signals=st.lists(st.tuples(st.one_of(st.just(np.nan), values), values), min_size=1),
    window=st.integers(1, 9),
)
def test_exchanging_the_signals_exchanges_only_the_signs(signals, window):
    experiment, prediction = zip(*signals, strict=True)
    one, other = places(experiment, prediction, window), places(prediction, experiment, window)
    assert sorted((s, e, -r) for s, e, r in one) == sorted(other)
    spans = sorted((s, e) for s, e, _ in one)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans)), "apart"
    assert all(abs(ratio) >= 1 for *_, ratio in one)
