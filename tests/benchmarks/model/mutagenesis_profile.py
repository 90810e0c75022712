"""Mutagenesis of 200 bp on every predicted bin, 20 tracks, warm, against naive full passes."""

from __future__ import annotations

from sighthound import core
from tests.benchmarks.measure import Outcome, median_seconds, table
from tests.benchmarks.model.networks import SUBSTITUTIONS, full_forward, paper_model, region, window


def run() -> Outcome:
    """The ratio is 600 forward passes over the time taken; the goal is 190."""
    model = paper_model()
    sequence, (start, end) = window(), region(model)
    tracks = model.tracks[:20]
    medians = median_seconds(
        {
            "one full forward pass": full_forward(model),
            "profiles, 200 bp x 3, 20 tracks": lambda: core.mutagenesis_profiles(
                model, sequence, start, end, tracks=tracks
            ),
        }
    )
    forward, mutated = medians.values()
    return Outcome(SUBSTITUTIONS * forward / mutated, 190, table(medians))
