"""Fragments a second that one core reads from a gzip file of single-cell fragments."""

from __future__ import annotations

import gzip
import tempfile
import time
from pathlib import Path

import numpy as np

from sighthound.core.genome.sequence import Genome
from sighthound.precompute.reads.counting import Counting
from sighthound.precompute.reads.fragments import read_fragments
from sighthound.precompute.reads.places import GenomeLine
from tests.benchmarks.measure import Outcome
from tests.paths import ROOT

FRAGMENTS = 4_000_000
GOAL = 1.5e6  # a second of processor time
FASTA = ROOT / "assets" / "genome" / "sacCer3.fa.gz"


def run() -> Outcome:
    """The ratio is fragments a second of processor time over the goal."""
    random = np.random.default_rng(0)
    genome = Genome(FASTA)
    names = list(genome.lengths)
    line = GenomeLine.of(dict(genome.lengths), 400, stranded=False)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "fragments.tsv.gz"
        chrom = np.sort(random.integers(0, len(names), FRAGMENTS))
        longest = np.array(list(genome.lengths.values()))[chrom]
        start = (random.random(FRAGMENTS) * (longest - 700)).astype(int)
        end = start + random.integers(30, 700, FRAGMENTS)
        cell = random.integers(0, 10_000, FRAGMENTS)
        with gzip.open(file, "wt", compresslevel=1) as out:
            rows = zip(chrom.tolist(), start.tolist(), end.tolist(), cell.tolist(), strict=True)
            out.writelines(f"{names[c]}\t{s}\t{e}\tAAACGAAA{b:08d}-1\t1\n" for c, s, e, b in rows)
        before = time.process_time()
        found = read_fragments(file, line, genome, Counting(), lambda *_: None)
        seconds = time.process_time() - before
    line_said = f"{len(found.unique) // 2:,} fragments, {FRAGMENTS / seconds / 1e6:.2f} M a second"
    return Outcome(FRAGMENTS / seconds / GOAL, 1.0, (line_said,))
