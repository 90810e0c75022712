import dataclasses

import numpy as np

from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model
from sighthound.core.project.held_out import Accuracy, held_out_tsv
from sighthound.precompute.datasets.dataset import make_dataset, open_dataset
from sighthound.precompute.training import accuracy
from sighthound.precompute.training.accuracy import coarsen, held_out_accuracy
from tests.models import random_weights
from tests.precompute.simulation.planted import planted_project, tiny_architecture


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


def test_long_stretches_of_many_tracks_are_measured_in_parts_and_come_to_the_same(
    tmp_path, monkeypatch
):
    project = planted_project(tmp_path / "project")
    make_dataset(project)
    data, architecture = open_dataset(project), tiny_architecture(2)
    model = Model(architecture, random_weights(architecture), data.tracks)
    stretches = []

    def measured():
        return held_out_accuracy(
            project, data, model, Ensemble(), lambda _, total, *__: stretches.append(total)
        )

    whole = measured()
    monkeypatch.setattr(accuracy, "BLOCK_BYTES", 4 * 2 * 4 * 100)
    parts = measured()
    assert (stretches[0], stretches[-1]) == (2, 8)
    for one, other in zip(whole, parts, strict=True):
        assert (one.track, one.fold, one.bin, one.n_bins) == (
            other.track, other.fold, other.bin, other.n_bins,
        )  # fmt: skip
        numbers = (dataclasses.astuple(row)[4:] for row in (one, other))
        np.testing.assert_allclose(*numbers, rtol=1e-4)
