"""The obvious form of coverage: every base of the genome in arrays, and filters over all of them.

`python -m tests.benchmarks.reads.dense BAM FASTA OUT` shares reads among places by filtering whole
chromosomes with scipy, corrects GC content by the same fit as `precompute/reads/gc_content.py`, and
writes with pyBigWig. It is what a person writes first, and what ours is measured against.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pyBigWig
import pysam
from numpy.polynomial import Polynomial
from scipy.ndimage import gaussian_filter1d

SD, GC_SD = 32, 64  # bases
PSEUDOCOUNT = 0.01
ROUNDS, TOLERANCE = 10, 0.05


def shares(
    lengths: dict[str, int],
    unique: np.ndarray,
    read: np.ndarray,
    place: np.ndarray,
    rounds: int,
    tolerance: float,
) -> tuple[np.ndarray, int]:
    """Share reads among their places on one line of bases.

    Parameters
    ----------
    lengths : dict of str to int
        Of the chromosomes on the line, side by side.
    unique : float64 array, (bases,)
        Reads with one place, where they count.
    read, place : int64 arrays, (places,)
        Which read, ascending, and where on the line.
    rounds : int
        At most.
    tolerance : float
        Of the change of a read's shares, below which it ends.

    Returns
    -------
    float64 array, (places,), and the rounds done
    """
    weight = 1 / np.bincount(read)[read]
    for done in range(1, rounds + 1):  # noqa: B007
        whole = unique + np.bincount(place, weight, len(unique)) + PSEUDOCOUNT
        for _, here in stretches(lengths):
            whole[here] = gaussian_filter1d(whole[here], SD, truncate=3)
        updated = whole[place] / np.bincount(read, whole[place])[read]
        change = np.abs(updated - weight).sum() / (read[-1] + 1)
        weight = updated
        if change < tolerance:
            break
    return weight, done


def main(bam: str, fasta: str, output: str) -> None:
    """Count, share, correct and write."""
    with pysam.AlignmentFile(bam) as file:
        lengths = dict(zip(file.references, file.lengths, strict=True))
        offsets = {name: here.start for name, here in stretches(lengths)}
        places = defaultdict(list)
        for alignment in file:
            end = alignment.reference_end or 0
            base = end - 1 if alignment.is_reverse else alignment.reference_start
            places[alignment.query_name].append(offsets[str(alignment.reference_name)] + base)
    bases = sum(lengths.values())
    unique, several = np.zeros(bases), np.zeros(bases, bool)
    reads: list[int] = []
    bases_of_reads: list[int] = []
    for found in places.values():
        if len(found) == 1:
            unique[found[0]] += 1
        else:
            reads += [reads[-1] + 1 if reads else 0] * len(found)
            bases_of_reads += found
            several[found] = True
    read, place = np.array(reads), np.array(bases_of_reads)
    weight, _ = shares(lengths, unique, read, place, ROUNDS, TOLERANCE)
    values = unique + np.bincount(place, weight, bases)
    corrected = values * gc_factor(fasta, lengths, unique, several)
    with pyBigWig.open(output, "w") as file:
        file.addHeader(list(lengths.items()))
        for name, here in stretches(lengths):
            file.addEntries(name, 0, values=corrected[here], span=1, step=1)


def gc_factor(
    fasta: str, lengths: dict[str, int], unique: np.ndarray, several: np.ndarray
) -> np.ndarray:
    """Give what each base is multiplied by, (bases,)."""
    with pysam.FastaFile(fasta) as file:
        text = "".join(file.fetch(name).upper() for name in lengths)
    is_gc = np.isin(np.frombuffer(text.encode(), np.uint8), np.frombuffer(b"CG", np.uint8))
    gc, smooth = np.empty(len(unique)), np.empty(len(unique))
    radius = 3 * GC_SD
    centres = []
    for _, here in stretches(lengths):
        gc[here] = gaussian_filter1d(is_gc[here].astype(float), GC_SD, truncate=3)
        smooth[here] = gaussian_filter1d(unique[here], GC_SD, truncate=3)
        centres.append(np.arange(here.start + radius, here.stop - radius, 2 * radius))
    windows = np.concatenate(centres)
    seen = np.concatenate([[0], np.cumsum(several)])
    windows = windows[seen[windows + radius + 1] == seen[windows - radius]]
    log2_coverage = np.log2(smooth[windows] + PSEUDOCOUNT)
    polynomial = Polynomial.fit(gc[windows], log2_coverage, 3)
    lowest, highest = np.quantile(gc[windows], (0.005, 0.995))
    fitted = polynomial(np.clip(gc, lowest, highest))
    return np.exp2(fitted[windows].mean() - fitted)


def stretches(lengths: dict[str, int]) -> Iterator[tuple[str, slice]]:
    """Give where each chromosome lies on the line of all bases."""
    offset = 0
    for name, length in lengths.items():
        yield name, slice(offset, offset + length)
        offset += length


if __name__ == "__main__":
    main(*sys.argv[1:])
