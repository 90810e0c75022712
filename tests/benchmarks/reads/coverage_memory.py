"""Memory of the whole command at its peak: against the obvious form, and as the genome grows.

For the latter, the same reads stand in genomes of 20, 60 and 180 Mb, once in chromosomes of 5 Mb
and once in a single one; what is added has no reads.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pysam

from tests.benchmarks.measure import Outcome, Used, used_by
from tests.benchmarks.reads.coverage import both
from tests.benchmarks.reads.simulated_reads import twenty_megabases

GOAL = 4.0
TIMES = (1, 3, 9)  # as large as 20 Mb
FEW = 200_000  # reads, so that what grows with the genome is seen


def run() -> Outcome:
    """The ratio is the memory of the obvious form over ours, EM and GC, at 20 Mb."""
    lines = ["2.1 M alignments, EM and GC, peak memory"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bam, fasta = twenty_megabases(folder)
        ours, theirs = both(bam, fasta, folder)
        lines.append(f"obvious form, 20 Mb {theirs.megabytes:8.0f} MB")
        lines.append(f"sighthound,   20 Mb {ours.megabytes:8.0f} MB")
        lines.append(f"{FEW:,} reads")
        for chromosomes in (4, 1):
            bam, fasta = twenty_megabases(folder, chromosomes, FEW)
            for times in TIMES:
                used = in_larger_genome(folder, bam, fasta, times)
                layout = "chromosomes of 5 Mb" if chromosomes == 4 else "one chromosome"
                lines.append(
                    f"sighthound, {20 * times:3d} Mb in {layout:20s} {used.megabytes:8.0f} MB "
                    f"{used.seconds:6.1f} s of a processor"
                )
    return Outcome(theirs.megabytes / ours.megabytes, GOAL, tuple(lines))


def in_larger_genome(folder: Path, bam: Path, fasta: Path, times: int) -> Used:
    """Measure with the genome `times` as large: more chromosomes or, of one, a longer one."""
    with pysam.AlignmentFile(str(bam)) as file:
        lengths = dict(zip(file.references, file.lengths, strict=True))
    with pysam.FastaFile(str(fasta)) as file:
        text = {name: file.fetch(name) for name in lengths}
    if len(lengths) == 1:
        text = {"chr1": text["chr1"] * times}
    else:
        more = range(len(lengths), times * len(lengths))
        text |= {f"chr{number + 1}": text["chr1"] for number in more}
    larger, header, fitted = folder / "larger.fa", folder / "header.sam", folder / "larger.bam"
    with larger.open("w") as file:
        for name, bases in text.items():
            rows = (bases[i : i + 60] for i in range(0, len(bases), 60))
            file.writelines([f">{name}\n", *(f"{row}\n" for row in rows)])
    Path(f"{larger}.fai").unlink(missing_ok=True)
    rows = (f"@SQ\tSN:{name}\tLN:{len(bases)}\n" for name, bases in text.items())
    header.write_text("@HD\tVN:1.6\n" + "".join(rows))
    pysam.reheader(str(header), str(bam), save_stdout=str(fitted))
    return used_by(
        [sys.executable, "-m", "sighthound", "coverage", fitted, folder / "out.bw",
         "--gc", "--genome", larger]
    )  # fmt: skip
