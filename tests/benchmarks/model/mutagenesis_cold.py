"""Mutagenesis of 200 bp at one TSS bin, all tracks, cold, against one forward pass."""

from __future__ import annotations

from sighthound import core
from sighthound.core.model.reference_pass import ReferencePasses
from tests.benchmarks.measure import Outcome, median_seconds, table
from tests.benchmarks.model.networks import full_forward, paper_model, region, window

ROUNDS = 9


def run() -> Outcome:
    """The ratio is one forward pass over the time taken; the goal is 1."""
    model = paper_model()
    sequence, (start, end) = window(), region(model)
    middle = [model.bins // 2]

    def cold() -> None:
        model.references = ReferencePasses()
        core.mutagenesis(model, sequence, start, end, bins=middle)

    medians = median_seconds(
        {"one full forward pass": full_forward(model), "mutagenesis, cold": cold}, ROUNDS
    )
    forward, mutated = medians.values()
    return Outcome(forward / mutated, 1.0, table(medians))
