"""All variants of the yeast strain RM11-1A on the shipped model of the real yeast data.

Naive is a compiled forward pass of the training window an allele, extrapolated from 24: half of
them before, half after.
"""

from __future__ import annotations

import statistics
import time

from sighthound import core
from tests.benchmarks.measure import Outcome
from tests.models import random_one_hot
from tests.paths import ROOT, SHARED_DATA

FORWARDS, GOAL = 24, 3.0


def run() -> Outcome:
    """SAD of every track, from the VCF file to the table; the goal is 3 times."""
    genome = core.Genome(ROOT / "assets" / "genome" / "sacCer3.fa.gz")
    model = core.load_model(ROOT / "assets" / "yeast" / "model")
    file = SHARED_DATA / "yeast" / "variants" / "RM11-1A.gatk.vcf"
    sequence = random_one_hot(model.sequence_length)[None]
    core.score_variants(model, genome, core.read_variants(file, genome)[:100])
    model.predict(sequence)
    seconds = [_forward(model, sequence) for _ in range(FORWARDS // 2)]
    started = time.perf_counter()
    scored = len(core.score_variants(model, genome, core.read_variants(file, genome)))
    taken = time.perf_counter() - started
    seconds += [_forward(model, sequence) for _ in range(FORWARDS // 2)]
    forward = statistics.median(seconds)
    lines = (
        f"forward pass, {model.sequence_length:,} bp          {forward * 1e3:8.1f} ms",
        f"{scored:,} variants, {len(model.tracks)} tracks        {taken:8.1f} s",
        f"variants per second              {scored / taken:8.0f}",
        f"naive, a forward pass an allele  {forward * scored:8.1f} s",
    )
    return Outcome(forward * scored / taken, GOAL, lines)


def _forward(model: core.Model, sequence: object) -> float:
    started = time.perf_counter()
    model.predict(sequence)  # type: ignore[arg-type]
    return time.perf_counter() - started
