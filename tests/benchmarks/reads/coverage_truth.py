"""How far coverage is from a known truth, with and without each step of `sighthound coverage`.

Reads are drawn from a signal that we made: broad peaks over a background, some of them in one copy
of a repeat and not in the others. Three faults are put in: sequencing prefers fragments of middling
GC content, repeats leave the place of a read open, and copies of single reads pile up. The rows of
the table are steps; its columns are where the error is looked at. Error is what is counted in a
bin of 128 bases against the reads expected there without any fault: the sum of differences, in
percent of the reads expected.

`python -m tests.benchmarks.reads.coverage_truth FILE.svg` draws it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sighthound.core.bigwig.files import read_bins
from sighthound.precompute.reads.coverage import coverage
from tests.benchmarks.measure import Outcome
from tests.benchmarks.reads.simulated_reads import (
    MadeGenome,
    made_genome,
    placed_reads,
    write_bam,
)

BASES, READS = 1_600_000, 480_000
BIN = 128
READ_LENGTH, FRAGMENT = 36, 200
FAMILIES = 48
PILES = 96
# Of the error that could be avoided, which is all but the noise of drawing reads.
GOAL = 0.7
TO_ITS_END = {"iterations": 100, "tolerance": 0.001}
STEPS: dict[str, dict[str, Any]] = {
    "reads with one place": {"multi": "unique"},
    "1/n at each place": {"multi": "fraction"},
    "EM, as published": {},
    "EM to its end": TO_ITS_END,
    "and piles cut": TO_ITS_END | {"clip": 20},
    "and GC": TO_ITS_END | {"correct_gc": True},
    "and piles cut, GC": TO_ITS_END | {"clip": 20, "correct_gc": True},
}
NOISE = "no fault at all"


@dataclass(frozen=True)
class Truth:
    """A genome, the signal expected on it, and where faults were put in.

    Attributes
    ----------
    genome : MadeGenome
    rate : float64 array, (bases,)
        Reads expected at each base, both strands together, without any fault.
    preference : float64 array, (2, bases)
        What GC content multiplies that by, by strand; its mean over reads is 1.
    piles : int64 array, (piles,)
        Bases at which copies of single reads lie.
    """

    genome: MadeGenome
    rate: np.ndarray
    preference: np.ndarray
    piles: np.ndarray


def made_truth(random: np.random.Generator) -> Truth:
    """Make a genome and its signal; of each family of repeats one copy is active."""
    genome = made_genome(random, BASES, FAMILIES)
    bases = len(genome.bases)
    active = [family.start[0] + family.length // 2 for family in genome.families]
    centres = np.concatenate([random.integers(0, bases, bases // 5_000), active]).astype(int)
    rate = np.full(bases, 0.1)
    for centre, width, height in zip(
        centres, random.uniform(60, 300, len(centres)), random.lognormal(0, 0.6, len(centres)),
        strict=True,
    ):  # fmt: skip
        low, high = max(0, int(centre - 4 * width)), min(bases, int(centre + 4 * width))
        rate[low:high] += height * np.exp(-0.5 * ((np.arange(low, high) - centre) / width) ** 2)
    rate *= READS / rate.sum()
    free = np.flatnonzero(~genome.repeated)
    return Truth(
        genome, rate, gc_preference(genome.bases, rate), np.sort(random.choice(free, PILES, False))
    )


def gc_preference(letters: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """Give what sequencing multiplies reads by: most at 42 % GC of the fragment, less on each side.

    A fragment reaches `FRAGMENT` bases downstream from the 5' base, so it is neither the window nor
    the polynomial that the correction fits; that copies are lost at both ends is what Benjamini
    and Speed (2012) found.
    """
    is_gc = np.isin(letters, np.frombuffer(b"CG", np.uint8))
    total = np.concatenate([[0], np.cumsum(is_gc)])
    at = np.arange(len(letters))
    right, left = np.minimum(at + FRAGMENT, len(letters)), np.maximum(at + 1 - FRAGMENT, 0)
    plus = (total[right] - total[at]) / (right - at)
    minus = (total[at + 1] - total[left]) / (at + 1 - left)
    preference = np.exp(-0.5 * ((np.stack([plus, minus]) - 0.42) / 0.09) ** 2)
    return preference * 2 * rate.sum() / (preference * rate).sum()


def measured(
    folder: Path, random: np.random.Generator, truth: Truth, steps: Mapping[str, Mapping[str, Any]]
) -> dict[str, np.ndarray]:
    """Draw reads with all faults, count them by each of the steps, and give bins of 128 bases.

    With `NOISE`, what would be counted if every read were drawn without any.
    """
    fasta, bam = folder / "genome.fa", folder / "reads.bam"
    truth.genome.write_fasta(fasta)
    half = np.stack([truth.rate, truth.rate]) / 2
    counts = random.poisson(half * truth.preference)
    rows = random.integers(0, 2, len(truth.piles))
    np.add.at(counts, (rows, truth.piles), random.integers(30, 400, len(truth.piles)))
    write_bam(random, truth.genome, placed_reads(truth.genome, counts, READ_LENGTH), bam)
    found = {}
    for name, options in steps.items():
        coverage(bam, folder / "out.bw", genome=fasta, **options)
        found[name] = in_bins(truth.genome, folder / "out.bw")
    found[NOISE] = bins_of(truth.genome, random.poisson(half).sum(axis=0))
    return found


def in_bins(genome: MadeGenome, file: Path) -> np.ndarray:
    """Sum a BigWig in whole bins, all chromosomes side by side, (bins,)."""
    parts = []
    for name, length in genome.lengths.items():
        count = length // BIN
        parts.append(read_bins(file, name, 0, count * BIN, count, "sum"))
    return np.concatenate(parts).astype(float)


def bins_of(genome: MadeGenome, values: np.ndarray) -> np.ndarray:
    """Sum values of bases in the same bins, (bins,)."""
    parts, offset = [], 0
    for length in genome.lengths.values():
        count = length // BIN
        parts.append(values[offset : offset + count * BIN].reshape(count, BIN).sum(axis=1))
        offset += length
    return np.concatenate(parts).astype(float)


def places_of_error(truth: Truth) -> dict[str, np.ndarray]:
    """Give masks of bins, (bins,): all, in repeats, at extremes of GC, with piles."""
    genome = truth.genome
    repeated = bins_of(genome, genome.repeated) > 0
    pile = np.zeros(len(genome.bases))
    pile[truth.piles] = 1
    piled = bins_of(genome, pile) > 0
    gc = gc_of_bins(genome)
    low, high = np.quantile(gc, (0.1, 0.9))
    return {
        "everywhere": np.ones(len(gc), bool),
        "repeats": repeated,
        "GC-poor tenth": (gc <= low) & ~repeated & ~piled,
        "GC-rich tenth": (gc >= high) & ~repeated & ~piled,
        "at piles": piled,
    }


def gc_of_bins(genome: MadeGenome) -> np.ndarray:
    """Share of G and C in each bin, (bins,)."""
    return bins_of(genome, np.isin(genome.bases, np.frombuffer(b"CG", np.uint8))) / BIN


def error(found: np.ndarray, expected: np.ndarray, where: np.ndarray) -> float:
    """Sum of differences over the reads expected, in percent."""
    return 100 * float(np.abs(found - expected)[where].sum() / expected[where].sum())


def where_a_step_does_harm(folder: Path, random: np.random.Generator) -> list[tuple[str, ...]]:
    """Give errors without and with a step on signals that it mistakes for a fault.

    No fault is put in, so the step can only do harm: GC correction where peaks follow GC content,
    cutting piles where transcription starts at single bases, and where reads are many, since the
    rule as published takes a few of them from peaks.
    """
    genome = made_genome(random, BASES // 2, 0)
    letters, bases = genome.bases, len(genome.bases)
    is_gc = np.isin(letters, np.frombuffer(b"CG", np.uint8))
    local = np.convolve(is_gc, np.full(1_000, 1 / 1_000), "same")
    promoters = 0.1 + 2 * np.maximum(local - 0.5, 0) / 0.1
    starts = np.full(bases, 0.02)
    at = random.integers(0, bases, bases // 2_000)
    starts[at] += random.lognormal(4, 0.8, len(at))
    told: list[tuple[str, ...]] = []
    for what, rate, reads, name, options in (
        ("peaks where GC is high", promoters, READS // 2, "GC", {"correct_gc": True}),
        ("starts at single bases", starts, READS // 2, "piles cut", {"clip": 20}),
        ("broad peaks", promoters, READS // 2, "piles cut", {"clip": 20}),
        ("broad peaks, thrice as deep", promoters, 3 * READS // 2, "piles cut", {"clip": 20}),
    ):
        scaled = rate * (reads / rate.sum())
        truth = Truth(genome, scaled, np.ones((2, bases)), np.zeros(0, int))
        found = measured(folder, random, truth, {"without": {}, name: options})
        expected = bins_of(genome, scaled)
        every = np.ones(len(expected), bool)
        without, with_it, noise = (error(v, expected, every) for v in found.values())
        told.append((what, name, f"{without:.0f} %", f"{with_it:.0f} %", f"{noise:.0f} %"))
    return told


def errors(truth: Truth, found: Mapping[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """Give the error of each step at each of the places, in percent."""
    expected = bins_of(truth.genome, truth.rate)
    places = places_of_error(truth)
    return {
        step: {place: error(values, expected, where) for place, where in places.items()}
        for step, values in found.items()
    }


def run() -> Outcome:
    """The ratio is the share of the avoidable error that all steps together take away."""
    random = np.random.default_rng(1)
    truth = made_truth(random)
    with tempfile.TemporaryDirectory() as folder:
        found = measured(Path(folder), random, truth, STEPS)
        harm = where_a_step_does_harm(Path(folder), random)
    table = errors(truth, found)
    lines = [f"{'error, % of the reads expected':24s}" + "".join(f"{p:>15s}" for p in table[NOISE])]
    lines += [
        f"{step:30s}" + "".join(f"{value:15.0f}" for value in row.values())
        for step, row in table.items()
    ]
    lines += ["", f"{'signal that a step mistakes for a fault':40s}{'without':>10s}{'with':>10s}"]
    lines += [
        f"{f'{what} ({step})':40s}{a:>10s}{b:>10s}   noise {n}" for what, step, a, b, n in harm
    ]
    first, *_, last, noise = (row["everywhere"] for row in table.values())
    return Outcome((first - last) / (first - noise), GOAL, tuple(lines))


if __name__ == "__main__":
    from tests.benchmarks.reads.truth_picture import draw

    draw(Path(sys.argv[1]))
