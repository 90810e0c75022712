"""Signed LD profile regression of 100 annotations in one pass, against the time of one."""

from __future__ import annotations

import time

import numpy as np

from sighthound.core.association.genotypes import read_panel
from sighthound.core.association.ld_scores import ld_blocks
from sighthound.core.association.signed_profile import (
    block_bases,
    block_sums,
    minor_allele_background,
    per_standard_deviation,
    signed_fit,
)
from sighthound.core.association.windows import window_ends
from sighthound.precompute.studies.calibration import WINDOW, random_annotations
from tests.benchmarks.association.profile_picture import GENOTYPES
from tests.benchmarks.measure import Outcome

MANY, ALLOWED = 100, 5.0  # times the time of one
PEOPLE, VARIANCE = 450_000.0, 4e-7


def run() -> Outcome:
    """Measure; the ratio is the time of one over a hundredth of that of 100."""
    panel, rng = read_panel(GENOTYPES), np.random.default_rng(0)
    blocks = ld_blocks(panel, window_ends(panel.sites, bases=WINDOW))
    z, everywhere = rng.normal(size=len(panel)), np.ones(len(panel), bool)
    background = per_standard_deviation(panel, minor_allele_background(panel))
    seconds = {}
    for count in (1, MANY):
        values = per_standard_deviation(panel, random_annotations(len(panel), count, rng))
        started = time.process_time()
        bases = block_bases(panel, blocks, everywhere)
        sums = block_sums(panel, bases, z, PEOPLE, values, background, variance=VARIANCE)
        signed_fit(sums, (values**2).sum(axis=0), VARIANCE * len(panel), flips=10_000)
        seconds[count] = time.process_time() - started
    lines = [f"{count:4d} annotations {s:6.2f} s of processor" for count, s in seconds.items()]
    return Outcome(MANY * seconds[1] / seconds[MANY], MANY / ALLOWED, tuple(lines))
