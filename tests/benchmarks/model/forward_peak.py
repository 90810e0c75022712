"""The folded float32 forward pass of the paper's network against the machine's matrix products."""

from __future__ import annotations

import numpy as np

from sighthound.core.model.cost import layer_rows
from sighthound.core.model.runtime import import_tensorflow
from tests.benchmarks.measure import Outcome, median_seconds, table
from tests.benchmarks.model.networks import full_forward, paper_model

SIZE = 4096  # of the square matrices whose product is taken as the peak


def run() -> Outcome:
    """The ratio of the two rates, in multiplications and additions a second; the goal is 0.8."""
    tf = import_tensorflow()
    model = paper_model()
    matrix = tf.constant(np.random.default_rng(0).random((SIZE, SIZE), np.float32))
    product = tf.function(lambda a: tf.matmul(a, a))
    medians = median_seconds(
        {
            "forward pass": full_forward(model),
            f"product of {SIZE} x {SIZE}": lambda: product(matrix)[0, 0].numpy(),
        },
        9,
    )
    forward, squared = medians.values()
    flops = sum(row.flops for row in layer_rows(model.architecture))
    rate, peak = flops / forward, 2 * SIZE**3 / squared
    lines = (f"forward pass {rate / 1e9:.0f} GFLOP/s of {peak / 1e9:.0f}",)
    return Outcome(rate / peak, 0.8, table(medians) + lines)
