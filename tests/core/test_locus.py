"""Windows of neighbouring questions are the same and hold all that the network can see."""

import numpy as np

from core.genome import Genome
from core.locus import locus_window
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
