import numpy as np

from sighthound.core.project.held_out import Accuracy, held_out_tsv
from sighthound.precompute.training.accuracy import coarsen


def test_bins_are_joined_on_the_grid_of_the_chromosome():
    values = np.stack([np.arange(8.0)] * 2, axis=1)
    joined = coarsen(values, 4, 3, np.array([True, False]))
    assert joined.tolist() == [[1 + 2 + 3 + 4, 2.5]]


def test_a_joined_bin_with_a_part_that_has_no_data_is_left_out():
    joined = coarsen(np.array([[1.0], [np.nan], [3.0], [4.0]]), 2, 0, np.array([True]))
    assert np.isnan(joined[0, 0])
    assert joined[1, 0] == 7


def test_the_table_has_one_row_a_track_fold_and_bin():
    text = held_out_tsv([Accuracy("atac", "test", 128, 10, 0.5, 0.123456789, float("nan"))])
    assert text.splitlines()[1] == "atac\ttest\t128\t10\t0.5\t0.123457\tnan"
