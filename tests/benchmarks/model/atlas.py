"""Every substitution of the yeast genome, by the processor time that some kilobases take.

The network is the preset "small" with the tracks of the demo, its weights random: they do not
change what is computed. Processor time says the same on a busy machine as on a quiet one, nearly.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np

from sighthound.core.genome.sequence import Interval
from sighthound.core.interpretation.windows import locus_window
from sighthound.core.model.architecture import small
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model
from sighthound.precompute.genome_wide.atlas import AROUND, local_effects
from tests.benchmarks.measure import Outcome
from tests.models import random_weights

BASES, TRACKS, BIN = 2_048, 13, 64
YEAST, PROCESSORS, HOURS = 12_071_326, 2, 2.0


class _RandomGenome:
    """One chromosome of random bases."""

    def __init__(self) -> None:
        self.lengths = {"chr": 1 << 17}
        codes = np.random.default_rng(0).integers(0, 4, self.lengths["chr"])
        self._bases = np.eye(4, dtype=np.float32)[codes]

    def one_hot(self, interval: Interval) -> np.ndarray:
        low, high = max(0, interval.start), min(interval.end, self.lengths["chr"])
        inside = self._bases[low:high]
        return np.pad(inside, ((low - interval.start, interval.end - high), (0, 0)))


def run() -> Outcome:
    """The ratio is the hours that are allowed over those it takes; the goal is 1."""
    architecture = small(TRACKS, sequence_length=16_384, bin=BIN, crop=32)
    model = Model(architecture, random_weights(architecture), [f"t{n}" for n in range(TRACKS)])
    genome: Any = _RandomGenome()
    # The first compiles; none has a reference pass from another.
    places = [Interval("chr", at, at + BASES) for at in range(65_536, 98_304, 8_192)]
    seconds = []
    for place in places:
        started = time.process_time()
        local_effects(model, genome, place, AROUND // BIN, model.tracks, Ensemble())
        seconds.append(time.process_time() - started)
    rate = 3 * BASES / statistics.median(seconds[1:])
    hours = 3 * YEAST / rate / PROCESSORS / 3600
    naive = _pass_seconds(model, genome, places[0])
    return Outcome(
        HOURS / hours,
        1,
        (
            f"{rate:,.0f} substitutions a second of a processor, {TRACKS} tracks, "
            f"{2 * (AROUND // BIN) + 1} bins around each",
            f"yeast's {3 * YEAST / 1e6:.1f} million on {PROCESSORS} processors: {hours:.2f} h",
            f"by a forward pass each: {3 * YEAST * naive / PROCESSORS / 3600:,.0f} h",
        ),
    )


def _pass_seconds(model: Model, genome: Any, place: Interval) -> float:
    """Processor time of one forward pass of the model's own window."""
    window = locus_window(model, place.chrom, place.start, place.start + BIN)
    sequence = window.one_hot(genome)[None, : model.sequence_length]
    model.predict(sequence)
    started = time.process_time()
    for _ in range(5):
        model.predict(sequence)
    return (time.process_time() - started) / 5
