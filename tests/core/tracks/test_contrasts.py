import numpy as np

from sighthound.core.tracks.contrasts import log_ratio


def test_a_contrast_is_the_log_ratio_of_bins_each_one_more():
    found = log_ratio(np.array([3, -1, np.nan, 0]), np.array([0, 0, 1, 7]))
    np.testing.assert_allclose(found, [2, 0, np.nan, -3])
