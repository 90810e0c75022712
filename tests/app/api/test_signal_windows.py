"""The bins of a window: which, how pooled, how correlated."""

from __future__ import annotations

import numpy as np
import pytest

from sighthound.app.api.signal_windows import Correlation, choose_grid, log1p_pearson, pool_bins


def test_log1p_pearson_passes_over_bins_without_data() -> None:
    a = np.array([0, 1, 3, np.nan, 7] * 6, np.float32)
    b = np.array([1, 3, 7, 100, 15] * 6, np.float32)
    expected = np.corrcoef(np.log1p([0, 1, 3, 7]), np.log1p([1, 3, 7, 15]))[0, 1]
    found = log1p_pearson(a, b)
    assert (found.r, found.bins) == (pytest.approx(expected, abs=1e-4), 24)
    assert log1p_pearson(a, np.ones_like(a)) == Correlation(None, 24)


def test_bins_of_zero_in_both_are_no_signal_to_correlate() -> None:
    values = np.zeros(200, np.float32)
    values[:19] = np.arange(1, 20)
    assert log1p_pearson(values, values) == Correlation(None, 200)
    values[19] = 1
    assert log1p_pearson(values, values) == Correlation(1.0, 200)


def test_pooling_passes_over_nan() -> None:
    mean, largest = pool_bins(np.array([1, np.nan, np.nan, np.nan, 2, 4], np.float32), 2)
    np.testing.assert_array_equal(mean, [1, np.nan, 3])
    np.testing.assert_array_equal(largest, [1, np.nan, 4])


def test_a_mammalian_chromosome_is_read_in_few_bins() -> None:
    grid = choose_grid(0, 248_956_422, pixels=1000, native=128)
    assert grid.bin_bp == 128 * 2**11
    assert (grid.end - grid.start) // grid.read_bp <= 16 * 1000
    assert choose_grid(0, 1_531_933, pixels=1000, native=128).read_bp == 128
