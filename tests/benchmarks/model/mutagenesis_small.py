"""As `mutagenesis`, with the network of the preset "small" over 131,072 bp."""

from __future__ import annotations

from tests.benchmarks.measure import Outcome
from tests.benchmarks.model.mutagenesis import measure
from tests.benchmarks.model.networks import paper_window_small_model


def run() -> Outcome:
    """The ratio is 600 forward passes over the time taken; the goal is 300."""
    return measure(paper_window_small_model(), 300)
