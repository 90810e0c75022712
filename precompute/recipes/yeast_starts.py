"""Transcription starts of yeast as BigWigs: STRIPE-seq, published as an R list of GRanges."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.genome.sequence import Genome
from sighthound.precompute.recipes.shipped_genome import ROMAN
from sighthound.precompute.recipes.yeast_project import HELD_OUT, REPLICATES, stripe_file

# Samples of S288C_TSSs.RDS: the name here, and the prefix of its three replicates there.
SAMPLES = {"WT": "S288C_WT_", "diamide": "S288C_D_"}
STRANDS = {"+": "plus", "-": "minus"}

# Chromosome -> 0-based positions, int64 ascending, and read counts, float64.
Counts = dict[str, tuple[np.ndarray, np.ndarray]]


def write_stripe_seq(rds: Path, experiments: Path, genome: Genome) -> list[Path]:
    """Write the sum of each sample's replicates, and each on the chromosomes that are held out.

    Parameters
    ----------
    rds : Path
        S288C_TSSs.RDS: one GRanges a replicate, positions of 1 base with a score.
    experiments : Path
        Folder for the BigWigs, which hold one value a base.
    """
    files = []
    for sample, replicates in stripe_seq_counts(rds).items():
        for strand, word in STRANDS.items():
            parts = [replicate[strand] for replicate in replicates]
            wanted = {0: (summed(parts), tuple(genome.lengths))}
            wanted |= {n: (parts[n - 1], HELD_OUT) for n in REPLICATES}
            for number, (counts, chromosomes) in wanted.items():
                path = experiments / stripe_file(sample, word, number)
                values = _dense(counts, genome, chromosomes)
                write_bigwig(path, genome.lengths, values, 1, mantissa_bits=None)
                files.append(path)
    return files


def stripe_seq_counts(rds: Path) -> dict[str, list[dict[str, Counts]]]:
    """Read each sample's replicates: counts by strand, on the nuclear chromosomes.

    Raises
    ------
    SighthoundError
        The file is no such list.
    """
    found: dict[str, list[dict[str, Counts]]] = {sample: [] for sample in SAMPLES}
    for name, ranges in sorted(_read_rds(rds).items()):
        for sample, prefix in SAMPLES.items():
            if name.startswith(prefix):
                strands: dict[str, Counts] = {strand: {} for strand in STRANDS}
                for strand, chrom, positions, scores in _by_chromosome(ranges):
                    strands[strand][chrom] = _added([(positions, scores)])
                found[sample].append(strands)
    return found


def summed(replicates: Sequence[Counts]) -> Counts:
    """Add the counts of replicates."""
    chromosomes = sorted({chrom for counts in replicates for chrom in counts})
    return {c: _added([counts[c] for counts in replicates if c in counts]) for c in chromosomes}


def _added(parts: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    positions, inverse = np.unique(np.concatenate([p for p, _ in parts]), return_inverse=True)
    return positions, np.bincount(inverse, weights=np.concatenate([s for _, s in parts]))


def _dense(
    counts: Counts, genome: Genome, chromosomes: Sequence[str]
) -> Iterator[tuple[str, np.ndarray]]:
    for chrom in chromosomes:
        values = np.full(genome.lengths[chrom], np.nan, np.float32)
        if chrom in counts:
            positions, found = counts[chrom]
            values[positions] = found
        yield chrom, values


def _read_rds(path: Path) -> dict[str, Any]:
    import rdata

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # R classes that rdata does not know stay plain namespaces
        converted = rdata.read_rds(path)
    return {str(name): ranges for name, ranges in converted.items()}


def _by_chromosome(ranges: Any) -> Iterator[tuple[str, str, np.ndarray, np.ndarray]]:
    """Split a GRanges into (strand, chromosome, 0-based positions, scores)."""
    chrom = np.repeat(np.asarray(ranges.seqnames.values, str), ranges.seqnames.lengths)
    strand = np.repeat(np.asarray(ranges.strand.values, str), ranges.strand.lengths)
    position = np.asarray(ranges.ranges.start, np.int64) - 1
    score = np.asarray(ranges.elementMetadata.listData["score"], float)
    for name in ROMAN:
        for sign in STRANDS:
            here = (chrom == name) & (strand == sign)
            if here.any():
                yield sign, f"chr{name}", position[here], score[here]
