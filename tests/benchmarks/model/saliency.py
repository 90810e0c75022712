"""Saliency of one start and track from a kept reference pass, against the gradient to the bases."""

from __future__ import annotations

from typing import Any

import numpy as np

from sighthound import core
from sighthound.core.interpretation.saliency_cone import cone_scores
from sighthound.core.model.architecture import paper
from sighthound.core.model.model import Model
from tests.benchmarks.measure import Outcome, median_seconds, table
from tests.models import random_one_hot, random_weights

TRACKS, TRACK, BIN = 4229, 7, 480
GOAL = 100.0


def run() -> Outcome:
    """The paper's network, one 131,072-bp sequence, 4,229 tracks."""
    architecture = paper(TRACKS)
    names = [f"track{i}" for i in range(TRACKS)]
    model = Model(architecture, random_weights(architecture, spread=0.02), names)
    sequence = random_one_hot(architecture.sequence_length)
    bytes_of_bases = sequence.astype(np.uint8)  # as a genome gives them
    target = BIN + model.crop
    reach = model.architecture.stack_reach
    covered = (target - reach, target + reach + 1)
    graph, to_bases = model.graph(), _gradient_to_bases(model)
    reference = model.reference(bytes_of_bases, *covered)

    def from_the_pass() -> np.ndarray:
        table_of_bins, start = reference.representation, reference.start
        return cone_scores(graph, table_of_bins, start, 1024, np.array([target]), TRACK)

    gradient, cached = "gradient to the bases", "saliency, cached"
    medians = median_seconds(
        {
            gradient: lambda: to_bases(sequence[None]).numpy(),
            cached: lambda: core.saliency(model, bytes_of_bases, names[TRACK], [BIN]),
            "  of which: finding the kept pass": lambda: model.reference(bytes_of_bases, *covered),
            "  of which: gradient from the pass": from_the_pass,
        },
        rounds=7,
    )
    return Outcome(medians[gradient] / medians[cached], GOAL, table(medians))


def _gradient_to_bases(model: Model) -> Any:
    graph = model.graph()
    tf = graph.tf

    @tf.function(input_signature=[tf.TensorSpec((1, None, 4), tf.float32)])
    def run(bases: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(bases)
            values = graph.run_head(graph.run_stack(graph.run_tower(bases)))
            prediction = graph.link(values)[0, BIN, TRACK]
        return tape.gradient(prediction, bases)

    return run
