"""The whole command, EM and GC, against the obvious form that holds every base in arrays.

20 Mb and 2.1 M alignments; each is a program of its own, from its start to the written BigWig.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from sighthound.core.bigwig.files import read_bins
from tests.benchmarks.measure import Outcome, Used, used_by
from tests.benchmarks.reads.simulated_reads import twenty_megabases

GOAL = 8.0
LEAST_R = 0.9999


def run() -> Outcome:
    """The ratio is the processor time of the obvious form over ours; 0 where results differ."""
    with tempfile.TemporaryDirectory() as folder:
        bam, fasta = twenty_megabases(Path(folder))
        ours, theirs = both(bam, fasta, Path(folder))
        r = agreement(Path(folder) / "ours.bw", Path(folder) / "dense.bw")
    lines = (
        "20 Mb, 2.1 M alignments, EM and GC, processor time and peak memory",
        f"obvious form {theirs.seconds:8.1f} s {theirs.megabytes:8.0f} MB",
        f"sighthound   {ours.seconds:8.1f} s {ours.megabytes:8.0f} MB",
        f"r of bins of 32 bases {r:.6f} (goal {LEAST_R:g})",
    )
    return Outcome(theirs.seconds / ours.seconds if r >= LEAST_R else 0.0, GOAL, lines)


def both(bam: Path, fasta: Path, folder: Path) -> tuple[Used, Used]:
    """Run ours and the obvious form; BigWigs are ours.bw and dense.bw of the folder."""
    ours = used_by(
        [sys.executable, "-m", "sighthound", "coverage", bam, folder / "ours.bw",
         "--gc", "--genome", fasta]
    )  # fmt: skip
    program = [sys.executable, "-m", "tests.benchmarks.reads.dense"]
    return ours, used_by([*program, bam, fasta, folder / "dense.bw"])


def agreement(first: Path, second: Path) -> float:
    """Correlate bins of two BigWigs of the simulated genome."""
    bins = 5_000_000 // 32
    pairs = [
        [read_bins(file, f"chr{n}", 0, 32 * bins, bins) for n in range(1, 5)]
        for file in (first, second)
    ]
    return float(np.corrcoef([np.concatenate(values) for values in pairs])[0, 1])
