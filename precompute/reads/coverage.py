"""Coverage of aligned reads as a BigWig, multi-mapping reads shared out, GC content corrected.

The steps of Kelley et al. 2018 (Methods, "Data processing"): alignments are read, reads that fit
several places are shared among them, coverage is corrected for GC, and every base is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.errors import SighthoundError
from sighthound.core.files import check_output
from sighthound.core.genome.sequence import Genome
from sighthound.core.progress import Progress
from sighthound.precompute.reads.alignments import (
    Alignments,
    Counting,
    GenomeLine,
    Places,
    Position,
    read_alignments,
)
from sighthound.precompute.reads.gc_content import GC_SD, GcModel, fit_gc
from sighthound.precompute.reads.multireads import kernel_radius, share_reads

Multi = Literal["em", "fraction", "unique"]

_POSITIONS = ("5prime", "center", "fragment")
_READING = 80  # percent of the progress that reading the BAM takes
_ROUNDING = 1e-9  # reads; what is left below it where all fragments have ended


@dataclass(frozen=True)
class CoverageReport:
    """What `coverage` counted.

    Attributes
    ----------
    alignments : int
        Alignments that count, after flags, mapping quality and mate were looked at.
    unique_reads, multi_reads : int
        Reads with one place, and with several. A pair's mates are two reads; a fragment is one.
    skipped : dict of str to int
        Alignments left out, by the first reason that applied: unmapped, qc_failed, low_mapq,
        not_fragments (no proper pair, where fragments are counted), duplicates, without_mate
        (mates 2 of fragments whose mate 1, which would speak for them, is not in the file).
    remarks : tuple of str
        What had to be taken for something, a sentence each.
    iterations : int
        Rounds of expectation-maximisation; 0 when there was nothing to share.
    change : float
        Summed absolute change of a multi-mapping read's shares in the last round, mean over reads.
    converged : bool
        `change` fell below the tolerance, or there was nothing to share.
    gc_r2 : float or None
        Share of the variance of log2 coverage that GC explains in the fitted windows.
    """

    alignments: int
    unique_reads: int
    multi_reads: int
    skipped: dict[str, int]
    remarks: tuple[str, ...]
    iterations: int
    change: float
    converged: bool
    gc_r2: float | None

    @property
    def reads(self) -> int:
        return self.unique_reads + self.multi_reads


def coverage(
    bam: Path | str,
    output: Path | str,
    *,
    multi: Multi = "em",
    smoothing_sd: float = 32,
    iterations: int = 10,
    tolerance: float = 0.05,
    gc_fasta: Path | str | None = None,
    position: Position = "5prime",
    mate: int | None = None,
    shift: int = 0,
    fragment_length: int | None = None,
    strand: str | None = None,
    min_mapq: int = 0,
    keep_duplicates: bool = False,
    progress: Progress | None = None,
) -> CoverageReport:
    """Write the coverage of a BAM file as a BigWig with one value a base.

    Parameters
    ----------
    bam : path
        BAM, SAM or CRAM holding every alignment of a read (bowtie2 -k, STAR, HISAT2), in any
        order, with or without index and NH tags.
    output : path
        BigWig to write; written beside and renamed when complete.
    multi : "em", "fraction" or "unique"
        Reads with n places are shared by expectation-maximisation, count 1/n at each, or are
        left out.
    smoothing_sd : float
        Standard deviation in bases of the Gaussian that smooths coverage between rounds.
    iterations, tolerance : int, float
        Sharing stops after `iterations` rounds, or when shares change by less than `tolerance` a
        read (`CoverageReport.change`).
    gc_fasta : path, optional
        The genome; coverage is then corrected for GC content.
    position : "5prime", "center" or "fragment"
        What a read counts at: its 5' base (CAGE, STRIPE-seq, ATAC, DNase), the middle base of its
        fragment (ChIP), or every base of its fragment.
    mate : 1 or 2, optional
        Count the 5' ends of this mate only; both otherwise.
    shift : int
        Bases by which a 5' position moves downstream, along the read (ATAC: 4).
    fragment_length : int, optional
        Bases in a fragment where reads are single-end; proper pairs carry their own.
    strand : "+" or "-", optional
        Count this strand only: the strand of the read, turned for mate 2. Reads are then shared
        among places on both strands, each by the coverage of its own strand.
    min_mapq : int
        Alignments below this mapping quality are left out before places are counted.
    keep_duplicates : bool
        Count reads that are flagged as duplicates.
    progress : callable, optional
        Called with (percent done, 100).

    Returns
    -------
    CoverageReport

    Raises
    ------
    SighthoundError
        An option is out of range; the BAM is missing, not a BAM, truncated or has no alignment that
        counts; the FASTA is of another genome; the output cannot be written.
    """
    bam, output = Path(bam), Path(output)
    _check_options(multi, smoothing_sd, iterations, position, mate, shift, fragment_length, strand)
    check_output(output)
    margin = 2 * max(kernel_radius(smoothing_sd), kernel_radius(GC_SD))
    line = GenomeLine.of(bam, margin, stranded=strand is not None)
    genome = None if gc_fasta is None else _matching_genome(Path(gc_fasta), line, bam)

    def report_reading(done: int, size: int, _: str = "", /) -> None:
        if progress:
            progress(_READING * done // max(size, 1), 100)

    counting = Counting(position, mate, shift, fragment_length, min_mapq, keep_duplicates)
    alignments = read_alignments(bam, line, counting, report_reading)
    if not len(alignments):
        reasons = ", ".join(f"{n} {reason}" for reason, n in alignments.skipped.items() if n)
        raise SighthoundError(
            f"{bam} has no alignments that count ({reasons or 'it is empty'}); "
            "check that its reads were aligned and that the options fit them"
        )
    weights, rounds, change = share_reads(
        alignments, line, multi, smoothing_sd, iterations, tolerance
    )
    if progress:
        progress(_READING + 5, 100)
    gc = None if genome is None else fit_gc(genome, line, alignments)
    values = _chromosome_values(line, 1 if strand == "-" else 0, alignments, weights, gc)
    write_bigwig(output, line.lengths, values, 1, mantissa_bits=None)
    if progress:
        progress(100, 100)
    return CoverageReport(
        alignments=len(alignments),
        unique_reads=len(alignments.unique),
        multi_reads=len(alignments.first),
        skipped=alignments.skipped,
        remarks=alignments.remarks,
        iterations=rounds,
        change=change,
        converged=rounds == 0 or change < tolerance,
        gc_r2=None if gc is None else gc.r2,
    )


def _check_options(
    multi: str,
    smoothing_sd: float,
    iterations: int,
    position: str,
    mate: int | None,
    shift: int,
    fragment_length: int | None,
    strand: str | None,
) -> None:
    at_5_prime = position == "5prime"
    rules = [
        ("multi", multi, multi in ("em", "fraction", "unique"), "em, fraction or unique"),
        ("smoothing_sd", smoothing_sd, 0 < smoothing_sd <= 100_000, "bases, more than 0"),
        ("iterations", iterations, iterations >= 1, "1 or more"),
        ("position", position, position in _POSITIONS, "5prime, center or fragment"),
        ("mate", mate, mate in (None, 1, 2), "1 or 2, or nothing for both"),
        ("strand", strand, strand in (None, "+", "-"), "+ or -, or nothing for both"),
        (
            "fragment_length", fragment_length, fragment_length is None or fragment_length > 0,
            "bases, 1 or more",
        ),
        (
            "fragment_length", fragment_length, fragment_length is None or not at_5_prime,
            "nothing with position 5prime; it goes with center and fragment",
        ),
        (
            "mate", mate, mate is None or at_5_prime,
            "nothing: a fragment has both; use position 5prime",
        ),
        (
            "shift", shift, shift == 0 or at_5_prime,
            "0: only 5' ends are shifted; use position 5prime",
        ),
    ]  # fmt: skip
    for name, value, valid, expected in rules:
        if not valid:
            raise SighthoundError(f"{name} is {value!r}; expected {expected}")


def _matching_genome(fasta: Path, line: GenomeLine, bam: Path) -> Genome:
    """Open the FASTA and see that it is the genome the reads were aligned to."""
    genome = Genome(fasta)
    for name, length in line.lengths.items():
        try:
            found = genome.lengths[genome.resolve(name)]
        except SighthoundError as error:
            raise SighthoundError(
                f"{bam} was aligned to another genome than {fasta}: {error}; "
                "give the FASTA the reads were aligned to"
            ) from None
        if found != length:
            raise SighthoundError(
                f"{bam} was aligned to another genome than {fasta}: {name} has {length:,} bases in "
                f"the BAM and {found:,} in the FASTA; give the FASTA the reads were aligned to"
            )
    return genome


def _chromosome_values(
    line: GenomeLine,
    row: int,
    alignments: Alignments,
    weights: np.ndarray,
    gc: GcModel | None,
) -> Iterator[tuple[str, np.ndarray]]:
    """Give every chromosome's coverage, float32, (bases,)."""
    unique_order = np.argsort(alignments.unique.start, kind="stable")
    shared_order = np.argsort(alignments.shared.start, kind="stable")
    unique = alignments.unique.where(unique_order)
    shared = alignments.shared.where(shared_order)
    weights = weights[shared_order]
    for column, (chrom, length) in enumerate(line.lengths.items()):
        offset = line.offsets[row, column]
        values = np.zeros(length, np.float32)
        ends = (offset, offset + length)
        low, high = np.searchsorted(unique.start, ends)
        one, ones = unique.where(slice(low, high)), np.ones(high - low)
        low, high = np.searchsorted(shared.start, ends)
        many, parts = shared.where(slice(low, high)), weights[low:high]
        _add_up(values, offset, [(one, ones), (many, parts)])
        if gc is not None:
            gc.correct(chrom, values)
        yield chrom, values


def _add_up(values: np.ndarray, offset: int, weighted: list[tuple[Places, np.ndarray]]) -> None:
    """Write the sum of weighted places into `values`, summing in float64 only where places are."""
    edges, steps = [], []
    for places, weight in weighted:
        edges.append(places.start - offset)
        steps.append(weight)
        if places.span is not None:
            edges.append(places.start + places.span - offset)
            steps.append(-weight)
    edge, which = np.unique(np.concatenate(edges), return_inverse=True)
    step = np.bincount(which, np.concatenate(steps), len(edge))
    if weighted[0][0].span is None:
        values[edge] = step
    elif len(edge):
        level = np.cumsum(step)
        level[np.abs(level) < _ROUNDING] = 0
        values[edge[0] :] = np.repeat(level, np.diff(edge, append=len(values)))
