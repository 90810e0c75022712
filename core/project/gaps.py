"""Where a project's assembly has no sequence."""

from __future__ import annotations

import numpy as np

from sighthound.core.findings import Findings
from sighthound.core.genome.bed import read_bed
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.project.settings import Project


def assembly_gaps(
    project: Project, genome: Genome, findings: Findings | None = None
) -> list[Interval]:
    """Read the gaps, or find runs of N of a bin or more in the sequence."""
    if project.genome.gaps:
        return read_bed(project.genome.gaps, genome, findings)
    gaps = []
    for chrom, length in genome.lengths.items():
        bases = np.frombuffer(genome.sequence(Interval(chrom, 0, length)).encode(), np.uint8)
        edges = np.flatnonzero(np.diff(bases == ord("N"), prepend=False, append=False))
        for start, end in edges.reshape(-1, 2).tolist():
            if end - start >= project.dataset.bin:
                gaps.append(Interval(chrom, start, end))
    return gaps
