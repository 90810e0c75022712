"""Sharing reads among their places: ours against filtering every base of the genome with scipy."""

from __future__ import annotations

import time

import numpy as np

from sighthound.precompute.reads.multireads import kernel_radius, share_reads
from sighthound.precompute.reads.places import Alignments, GenomeLine, Places
from tests.benchmarks.measure import Outcome
from tests.benchmarks.reads import dense

BASES, READS = 100_000_000, 1_000_000  # so many reads with one place, and so many with two
ROUNDS = 4  # of ours, to be told from what is done once
GOAL, MOST_OFF = 50.0, 1e-5


def run() -> Outcome:
    """The ratio is scipy's processor time over ours, a pass; 0 when a weight is off by 1e-5.

    A pass is smoothing once and sharing once. What ours does once before, sorting, is said.
    """
    random = np.random.default_rng(0)
    one = np.sort(random.integers(0, BASES, READS))
    # Half of them where many others are, as of repeats that are active.
    many = random.integers(0, BASES, (READS, 2))
    many[::2, 0] //= 50
    margin = 2 * kernel_radius(dense.SD)
    line = GenomeLine.of({"chr1": BASES}, margin, stranded=False)
    offset = int(line.offsets[0, 0])
    first = np.arange(0, 2 * READS, 2)
    two = np.full(READS, 2)
    alignments = Alignments(
        Places(one + offset, None), Places(many.ravel() + offset, None), first, two, two, {}, ()
    )
    share_reads(alignments, line, "em", dense.SD, 1, 0)  # compiles
    seconds = {}
    for rounds in (1, ROUNDS):
        started = time.process_time()
        ours, _, _ = share_reads(alignments, line, "em", dense.SD, rounds, 0)
        seconds[rounds] = time.process_time() - started
    a_pass = (seconds[ROUNDS] - seconds[1]) / (ROUNDS - 1)
    unique = np.bincount(one, minlength=BASES).astype(float)
    read = np.repeat(np.arange(READS), 2)
    started = time.process_time()
    theirs, _ = dense.shares({"chr1": BASES}, unique, read, many.ravel(), ROUNDS, 0)
    obvious = (time.process_time() - started) / ROUNDS
    off = float(np.abs(ours - theirs).max())
    lines = (
        f"{READS:,} reads with one place and {READS:,} with two on {BASES:,} bases, processor time",
        f"scipy, every base     {obvious:7.2f} s a pass",
        f"ours, where reads are {a_pass:7.2f} s a pass, and {seconds[1] - a_pass:.2f} s once; with "
        f"it, {ROUNDS} passes are {obvious * ROUNDS / seconds[ROUNDS]:.0f} times as fast",
        f"weights differ by {off:.1e} at most (goal {MOST_OFF:g})",
    )
    return Outcome(obvious / a_pass if off <= MOST_OFF else 0.0, GOAL, lines)
