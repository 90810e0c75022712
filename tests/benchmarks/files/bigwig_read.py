"""A locus of twenty tracks in 1,024 bins: `read_bins` against `pyBigWig.stats`.

The locus view asks for this at every move. 1,024 bins of 128 bp, files written by pyBigWig, open
and in the system's cache on both sides.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pyBigWig

from sighthound.core.bigwig.files import read_bins
from tests.benchmarks.measure import Outcome, median_seconds, table

GOAL = 200.0
FILES, BINS, BIN = 20, 1024, 128
LENGTH = 64_000_000 // BIN * BIN
START = LENGTH // 2 // BIN * BIN
LOCUS = ("chr1", START, START + BINS * BIN)
WHOLE = ("chr1", 0, LENGTH)


def run() -> Outcome:
    """The ratio is pyBigWig's time over ours at the locus."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{rank}.bw" for rank in range(FILES)]
        for rank, path in enumerate(paths):
            values = np.random.default_rng(rank).gamma(0.3, 1, LENGTH // BIN).astype(np.float32)
            with pyBigWig.open(str(path), "w") as file:
                file.addHeader([("chr1", LENGTH)])
                file.addEntries("chr1", 0, values=values, span=BIN, step=BIN)
        files = [pyBigWig.open(str(path)) for path in paths]

        def ours(chrom: str, start: int, end: int, exact: bool) -> list[np.ndarray]:
            return [read_bins(path, chrom, start, end, BINS, exact=exact) for path in paths]

        def theirs(chrom: str, start: int, end: int) -> list[list[float]]:
            return [file.stats(chrom, start, end, nBins=BINS) for file in files]

        np.testing.assert_allclose(ours(*LOCUS, True), theirs(*LOCUS), rtol=1e-6)
        medians = median_seconds(
            {
                "131 kb, pyBigWig.stats": lambda: theirs(*LOCUS),
                "131 kb, read_bins": lambda: ours(*LOCUS, True),
                "64 Mb, pyBigWig.stats (zoom)": lambda: theirs(*WHOLE),
                "64 Mb, read_bins (zoom)": lambda: ours(*WHOLE, False),
            },
            5,
        )
        for file in files:
            file.close()
    slow, fast, *_ = medians.values()
    lines = (f"{FILES} files, {BINS:,} bins", *table(medians))
    return Outcome(slow / fast, GOAL, lines)
