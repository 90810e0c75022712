"""Mutagenesis of 200 bp at one TSS bin, all tracks, warm, against naive full forward passes."""

from __future__ import annotations

from sighthound import core
from sighthound.core import Model
from tests.benchmarks.measure import Outcome, median_seconds, table
from tests.benchmarks.model.networks import SUBSTITUTIONS, full_forward, paper_model, region, window

ROUNDS = 9


def run() -> Outcome:
    """The ratio is 600 forward passes over the time taken; the goal is 1,000."""
    return measure(paper_model(), 1000)


def measure(model: Model, goal: float) -> Outcome:
    """Time a forward pass and the mutagenesis in turn, the reference pass being there."""
    sequence, (start, end) = window(model.sequence_length), region(model)
    middle = [model.bins // 2]
    medians = median_seconds(
        {
            "one full forward pass": full_forward(model),
            "mutagenesis, 200 bp x 3, one bin": lambda: core.mutagenesis(
                model, sequence, start, end, bins=middle
            ),
        },
        ROUNDS,
    )
    forward, mutated = medians.values()
    return Outcome(SUBSTITUTIONS * forward / mutated, goal, table(medians))
