"""A genome-wide BigWig: our writer against pyBigWig at its defaults, on the same values.

One prediction a 128-bp bin over chromosomes as long as those of GRCh38: 24 million values.
"""

from __future__ import annotations

import functools
import multiprocessing
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pyBigWig
from numpy.typing import NDArray

from sighthound.core.bigwig.files import write_bigwig
from tests.benchmarks.measure import Outcome, median_seconds, table

GOAL = 7.0
GOAL_TWO_PROCESSES = 12.0
GOAL_SIZE = 0.6
ROUNDS = 3
BIN = 128
# chr1 to chr22, X, Y of GRCh38
MEGABASES = (
    *(249, 242, 198, 190, 182, 171, 159, 145, 138, 134, 135, 133),
    *(114, 107, 102, 90, 83, 80, 59, 64, 47, 51, 156, 57),
)
NAMES = (*range(1, 23), "X", "Y")
LENGTHS = {
    f"chr{name}": million * 10**6 // BIN * BIN
    for name, million in zip(NAMES, MEGABASES, strict=True)
}


def run() -> Outcome:
    """The ratio is pyBigWig's time over ours with every bit kept; lines say the other goals."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: f"{folder}/{name}.bw" for name in ("pyBigWig", "float32", "rounded")}
        medians = median_seconds(
            {
                "pyBigWig, defaults": lambda: write_with_pybigwig(paths["pyBigWig"]),
                "ours, float32": lambda: write_ours(paths["float32"], None),
                "ours, rounded to 10 bits": lambda: write_ours(paths["rounded"], 10),
            },
            ROUNDS,
        )
        check_equal(paths["pyBigWig"], paths["float32"])
        sizes = {name: Path(path).stat().st_size for name, path in paths.items()}
        pair = seconds_of_two_processes(folder)
    theirs, ours, rounded = medians.values()
    million = sum(map(len, genome_values().values())) / 1e6
    lines = [
        f"{million:.1f} million values in {len(LENGTHS)} chromosomes, medians of {ROUNDS}",
        *table(medians),
        f"rounded: {theirs / rounded:.1f} times as fast as pyBigWig",
    ]
    for name, size in sizes.items():
        share = size / sizes["pyBigWig"]
        goal = f", goal <= {GOAL_SIZE}" if name == "rounded" else ""
        lines.append(f"{name:10s} {size / 1e6:6.1f} MB, {share:.2f} of pyBigWig's{goal}")
    for name, seconds in pair.items():
        together = 2 * theirs / seconds
        lines.append(
            f"two processes, {name}: {seconds:.2f} s for two files, {together:.1f} times one "
            f"pyBigWig (goal {GOAL_TWO_PROCESSES:g})"
        )
    return Outcome(theirs / ours, GOAL, tuple(lines))


@functools.cache
def genome_values() -> dict[str, NDArray[np.float32]]:
    """Noise in peaks a few bins wide: like predictions, no two values are the same."""
    rng = np.random.default_rng(0)
    kernel = np.ones(21) / 21
    return {
        chrom: np.convolve(rng.gamma(0.3, 1, length // BIN + 20), kernel, "valid").astype("f4")
        for chrom, length in LENGTHS.items()
    }


def write_ours(path: str, mantissa_bits: int | None) -> None:
    """Write the genome with our writer."""
    write_bigwig(path, LENGTHS, genome_values().items(), BIN, mantissa_bits=mantissa_bits)


def write_with_pybigwig(path: str) -> None:
    """Write the genome with pyBigWig."""
    with pyBigWig.open(path, "w") as file:
        file.addHeader(list(LENGTHS.items()))
        for chrom, values in genome_values().items():
            file.addEntries(chrom, 0, values=values, span=BIN, step=BIN)


def seconds_of_two_processes(folder: str) -> dict[str, float]:
    """Median seconds in which two processes write two files."""
    medians = {}
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        for name, bits in (("float32", None), ("rounded", 10)):
            jobs = [(f"{folder}/{name}{rank}.bw", bits) for rank in range(2)]
            seconds = []
            for _ in range(ROUNDS + 1):
                started = time.perf_counter()
                pool.starmap(write_ours, jobs, chunksize=1)
                seconds.append(time.perf_counter() - started)
            medians[name] = statistics.median(seconds[1:])
    return medians


def check_equal(*paths: str) -> None:
    """Stop when two files do not hold the same values."""
    for chrom in ("chr1", "chr21", "chrY"):
        end = 1000 * BIN
        first, second = (pyBigWig.open(path).values(chrom, 0, end, numpy=True) for path in paths)
        if not np.array_equal(first, second):
            raise AssertionError(f"{chrom}: the files differ")
