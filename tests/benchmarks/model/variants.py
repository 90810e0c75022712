"""96 SNPs in 40 kb on all 4,229 tracks of the paper's network, the reference pass included.

Naive is a forward pass an allele: 96 times one compiled forward pass of 131,072 bp.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from sighthound import core
from sighthound.core.model.architecture import paper
from sighthound.core.model.model import Model
from sighthound.core.model.reference_pass import ReferencePasses
from tests.benchmarks.measure import Outcome, median_seconds, table
from tests.models import random_one_hot, random_weights

TRACKS, VARIANTS, SPAN, GOAL = 4229, 96, 40_000, 28.0


def run() -> Outcome:
    """SAD, by `core.score_variants` to its table; the goal is 28 times."""
    architecture = paper(TRACKS)
    weights = random_weights(architecture, spread=0.02)
    model = Model(architecture, weights, [f"track{i}" for i in range(TRACKS)])
    sequence = random_one_hot(architecture.sequence_length)
    with tempfile.TemporaryDirectory() as folder:
        genome, variants = _scattered(Path(folder))

        def score() -> None:
            model.references = ReferencePasses()  # nothing is kept from the turn before
            core.score_variants(model, genome, variants)

        medians = median_seconds(
            {"forward pass": lambda: model.predict(sequence[None]), "96 SNPs": score}
        )
    naive = VARIANTS * medians["forward pass"]
    lines = (*table(medians), f"naive, {VARIANTS} forward passes  {naive:.1f} s")
    return Outcome(naive / medians["96 SNPs"], GOAL, lines)


def _scattered(folder: Path) -> tuple[core.Genome, list[core.Variant]]:
    """A random chromosome of 300 kb, and SNPs at random places in 40 kb of its middle."""
    rng = np.random.default_rng(0)
    text = "".join(rng.choice(list("ACGT"), 300_000))
    (folder / "genome.fa").write_text(f">chr1\n{text}\n")
    places = np.sort(rng.choice(SPAN, VARIANTS, replace=False)) + 130_000
    others = {"A": "CGT", "C": "AGT", "G": "ACT", "T": "ACG"}
    variants = [
        core.Variant("chr1", int(p), text[p], rng.choice(list(others[text[p]]))) for p in places
    ]
    return core.Genome(folder / "genome.fa"), variants
