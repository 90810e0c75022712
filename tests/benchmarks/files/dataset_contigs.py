"""Data sets of genomes in many contigs: seconds a contig must not grow with their number."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np

from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.project.settings import load_project
from sighthound.core.tracks.track import Track, write_tracks
from sighthound.precompute.datasets.dataset import make_dataset
from tests.benchmarks.measure import Outcome

FEW, MANY, MOST = 2_000, 8_000, 100_000
LENGTH = 1_000  # bases a contig
GOAL_SECONDS = 60.0  # of processor time, for the most contigs
SETTINGS = """[genome]
fasta = "genome.fa"
[tracks]
table = "tracks.tsv"
[dataset]
sequence_length = 512
bin = 128
crop = 0
valid = 0.1
test = 0.1
"""


def run() -> Outcome:
    """The ratio is the smaller of few / many, in seconds a contig, and goal / measured for most."""
    seconds = {number: _seconds(number) for number in (FEW, MANY, MOST)}
    lines = tuple(
        f"{number:>7,} contigs of {LENGTH:,} bases: {taken:6.2f} s, "
        f"{1e3 * taken / number:.3f} ms each"
        for number, taken in seconds.items()
    )
    growth = (seconds[FEW] / FEW) / (seconds[MANY] / MANY)
    # A contig among many may cost half as much again; each ratio is 1 where its goal is just met.
    return Outcome(min(1.5 * growth, GOAL_SECONDS / seconds[MOST]), 1.0, lines)


def _seconds(number: int) -> float:
    """Processor time of this process to make a data set of one track."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        rng = np.random.default_rng(1)
        names = [f"contig{n}" for n in range(number)]
        with (root / "genome.fa").open("wb") as file:
            for name in names:
                bases = np.frombuffer(b"ACGT", np.uint8)[rng.integers(0, 4, LENGTH)]
                file.write(b">" + name.encode() + b"\n" + bases.tobytes() + b"\n")
        signal = rng.poisson(2, LENGTH).astype(np.float32)
        lengths = dict.fromkeys(names, LENGTH)
        write_bigwig(root / "one.bw", lengths, ((name, signal) for name in names), 1)
        write_tracks(root / "tracks.tsv", [Track("one", "one", experiment=root / "one.bw")])
        (root / "sighthound.toml").write_text(SETTINGS)
        before = os.times()
        make_dataset(load_project(root))
        return os.times().user - before.user
