"""The folded compiled forward pass of the paper's network against `keras.Model.predict`."""

from __future__ import annotations

from sighthound.core.model.architecture import paper
from sighthound.core.model.keras_network import build, get_weights, set_weights
from sighthound.core.model.model import Model
from tests.benchmarks.measure import Outcome, median_seconds, table
from tests.models import random_one_hot, random_weights

TRACKS = 4229


def run() -> Outcome:
    """One 131,072-bp sequence, 4,229 tracks; the goal is 1.3 times."""
    architecture = paper(TRACKS)
    weights = random_weights(architecture, spread=0.02)
    keras_model = build(architecture)
    set_weights(keras_model, weights)
    assert set(get_weights(keras_model)) == set(weights)
    model = Model(architecture, weights, [f"track{i}" for i in range(TRACKS)])
    sequence = random_one_hot(architecture.sequence_length)[None]
    medians = median_seconds(
        {
            "keras.Model.predict": lambda: keras_model.predict(sequence, verbose=0),
            "core.Model.predict": lambda: model.predict(sequence),
        }
    )
    ratio = medians["keras.Model.predict"] / medians["core.Model.predict"]
    return Outcome(ratio, 1.3, table(medians))
