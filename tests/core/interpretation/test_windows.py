"""Windows of neighbouring questions are the same and hold all that the network can see."""

import numpy as np
import pytest

from sighthound.core.genome.sequence import Genome
from sighthound.core.interpretation.windows import locus_grid, locus_window, predict_locus
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model
from tests.models import small_model
from tests.tiny import make_project


def test_neighbours_share_a_window_and_have_their_context():
    model = small_model()
    window = locus_window(model, "chrI", 20_000, 20_064)
    assert locus_window(model, "chrI", 20_500, 20_564) == window
    assert window.interval.start % model.bin == 0
    assert 20_000 - window.interval.start >= model.context
    assert window.interval.end - 20_564 >= model.context
    assert window.bin_start(window.index(20_001)) == 20_001 // 64 * 64


def test_predictions_do_not_depend_on_the_window(tmp_path):
    model = small_model()
    genome = Genome(make_project(tmp_path, model=False, predictions=False) / "genome.fa")
    found = []
    for end in (12_864, 30_000):
        window = locus_window(model, "chrI", 12_800, end)
        y = model.predict(window.one_hot(genome)[None])[0]
        found.append(y[window.predicted_index(12_800)])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-4)


def test_chosen_bins_and_tracks_are_those_of_the_whole_prediction(tmp_path):
    model = small_model()
    pairs = Model(
        model.architecture,
        model.weights,
        model.tracks,
        strand_pairs=[1, 0, 2],
        output_scale=[1, 3, 2],
    )
    genome = Genome(make_project(tmp_path, model=False, predictions=False) / "genome.fa")
    ensemble = Ensemble(True, (0, 5))
    window = locus_window(pairs, "chrI", 12_800, 14_080, further=1)
    one_hot = window.one_hot(genome)
    bins = np.arange(window.index(12_800), window.index(14_080))
    found = predict_locus(pairs, one_hot, bins, ["c", "a"], ensemble)
    whole = pairs.predict(one_hot[None], ensemble)[0, bins - pairs.crop][:, [2, 0]]
    np.testing.assert_allclose(found, whole, rtol=1e-4)
    assert len(one_hot) > locus_grid(pairs) * pairs.bin
    said = []
    predict_locus(pairs, one_hot, bins, ["c"], ensemble, lambda *done: said.append(done))
    assert said == [(0, 4), (1, 4), (2, 4), (3, 4)]


def test_a_prediction_ends_between_passes_when_it_is_told_to(tmp_path):
    model = small_model()
    genome = Genome(make_project(tmp_path, model=False, predictions=False) / "genome.fa")
    one_hot = locus_window(model, "chrI", 12_800, 14_080).one_hot(genome)
    said = []

    def stop_at_second(done, total):
        said.append(done)
        if done == 1:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        predict_locus(model, one_hot, [40], ["a"], Ensemble(True, (0, 5)), stop_at_second)
    assert said == [0, 1]
