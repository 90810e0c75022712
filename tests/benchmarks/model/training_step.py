"""A step of training against plain Keras `fit` of the same network, batch and optimiser.

Keras computes in 32 bits, as it does by itself; ours in 16 where `precision = "bfloat16"` says so,
with clipped gradients and a moving average of the weights, which Keras is not asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from sighthound.core.model.architecture import Architecture, paper, small
from sighthound.core.model.keras_network import build
from sighthound.precompute.training.settings import TrainingSettings
from sighthound.precompute.training.steps import Steps
from tests.benchmarks.measure import Outcome, median_seconds, table
from tests.benchmarks.model.networks import window

GOAL = 1.2
STEPS = 4
# A whole epoch would be long: the learning rate of a step is not what takes its time.
STEPS_PER_EPOCH = 1000
# name -> the network, and the windows of a batch.
NETWORKS: dict[str, tuple[Callable[[], Architecture], int]] = {
    "small, 16-kb windows": (lambda: small(16, 16_384), 8),
    "paper, 131-kb windows": (lambda: paper(64), 1),
}


def run() -> Outcome:
    """The ratio is the smaller one of the two networks, in bfloat16."""
    lines: list[str] = []
    ratios = []
    for name, (make, batch) in NETWORKS.items():
        seconds = median_seconds(dict(_turns(make(), batch)), rounds=3)
        ratio = seconds["Keras fit"] / seconds["ours, bfloat16"]
        ratios.append(ratio)
        lines += [f"{name}, {STEPS} steps of {batch}: {ratio:.2f} times", *table(seconds)]
    return Outcome(min(ratios), GOAL, tuple(lines))


def _turns(architecture: Architecture, batch: int) -> Iterator[tuple[str, Callable[[], object]]]:
    import keras

    bins = architecture.bins
    rng = np.random.default_rng(0)
    bases = np.stack([window(architecture.sequence_length, seed) for seed in range(batch)])
    targets = rng.poisson(2.0, (batch, bins, architecture.tracks)).astype(np.float32)
    mask = np.ones_like(targets)

    network = build(architecture)
    usual = TrainingSettings(batch_size=batch)
    network.compile(
        keras.optimizers.AdamW(usual.learning_rate, usual.weight_decay), keras.losses.Poisson()
    )
    given = np.concatenate([bases] * STEPS).astype(np.float32), np.concatenate([targets] * STEPS)
    yield "Keras fit", lambda: network.fit(*given, batch_size=batch, verbose=0)

    for precision in ("float32", "bfloat16"):
        settings = TrainingSettings(batch_size=batch, precision=precision)
        steps = Steps(architecture, settings, STEPS_PER_EPOCH, bins=bins)

        def ours(steps: Steps = steps) -> None:
            for _ in range(STEPS):
                loss, _finite = steps.step(bases, targets, mask)
            float(loss)

        yield f"ours, {precision}", ours
