"""The forward pass in bfloat16 against float32, and how the shipped yeast model's tracks agree."""

from __future__ import annotations

import numpy as np

from sighthound import core
from sighthound.core.genome.sequence import Genome, Interval
from tests.benchmarks.measure import Outcome, median_seconds, table
from tests.benchmarks.model.networks import paper_model, window
from tests.paths import ROOT

ASSETS = ROOT / "assets"
WINDOWS = 24  # of 16,384 bp along chrXVI


def run() -> Outcome:
    """The ratio is float32's time over bfloat16's; the goal is 1.9."""
    model = paper_model()
    sequence = window()[None].astype(np.float32)
    medians = median_seconds(
        {
            "float32": lambda: model.predict(sequence),
            "bfloat16": lambda: model.predict(sequence, dtype="bfloat16"),
        },
        9,
    )
    single, half = medians.values()
    return Outcome(single / half, 1.9, table(medians) + _agreement())


def _agreement() -> tuple[str, ...]:
    """Correlation of both precisions a track, log(1 + value), on the held-out chromosome."""
    model = core.load_model(ASSETS / "yeast" / "model")
    genome = Genome(ASSETS / "genome" / "sacCer3.fa.gz")
    starts = np.linspace(0, 900_000, WINDOWS).astype(int)
    length = model.sequence_length
    windows = np.stack([genome.one_hot(Interval("chrXVI", s, s + length)) for s in starts])
    exact, rounded = (
        np.log1p(model.predict(windows, dtype=dtype).reshape(-1, len(model.tracks)))
        for dtype in ("float32", "bfloat16")
    )
    lines = []
    for column, track in enumerate(model.tracks):
        r = np.corrcoef(exact[:, column], rounded[:, column])[0, 1]
        lines.append(f"yeast model, {track:22s} r of bfloat16 with float32 {r:.5f}")
    return tuple(lines)
