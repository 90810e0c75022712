import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sighthound.core import Interval
from sighthound.core.model.window import Window, window_around


@given(st.integers(-20, 20), st.integers(1, 40), st.integers(0, 3), st.integers(0, 5_000))
def test_a_base_lies_in_the_bin_that_the_window_says(
    first: int, bins: int, crop: int, offset: int
) -> None:
    window = Window(Interval("chrI", first * 64, (first + bins) * 64), 64, crop)
    position = window.interval.start + offset % len(window.interval)
    index = window.index(position)
    assert 0 <= index < window.bins == bins
    assert window.bin_start(index) <= position < window.bin_start(index + 1)
    assert window.predicted_index(position) == index - crop
    # Where a window begins on the chromosome's grid, both numberings differ by its first bin.
    assert position // 64 == first + index


def test_bins_are_numbered_many_at_once_as_one_by_one() -> None:
    window = Window(Interval("chrI", 96, 96 + 640), 64, 1)
    positions = np.array([96, 159, 160, 735])
    np.testing.assert_array_equal(window.index(positions), [0, 0, 1, 9])
    np.testing.assert_array_equal(window.bin_start(np.array([0, 9])), [96, 672])


def test_the_window_around_a_position_is_on_the_bin_grid() -> None:
    start = window_around(position=10_000, length=4096, bin=64)
    assert start % 64 == 0
    assert (10_000 - start) // 64 == 32
