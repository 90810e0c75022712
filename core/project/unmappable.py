"""Where nothing can be measured of a project's genome: gaps, and where reads cannot be placed.

The latter is `[genome] unmappable`, BED or BigWig.
A BigWig holds the mappability of every base, 0 to 1, as Umap's multi-read tracks do (Karimzadeh et
al. 2018): the share of the reads over it that fit nowhere else.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sighthound.core.bigwig.files import chromosomes, read_bins
from sighthound.core.errors import SighthoundError
from sighthound.core.findings import Findings
from sighthound.core.genome.bed import read_bed
from sighthound.core.genome.interval_sets import merge
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.project.settings import Project

MAPPABLE = 0.5  # of the reads over a base, as many must have one place
_MAGIC = 0x888FFC26.to_bytes(4, "little")
_BLOCK = 1 << 22  # bases in memory at once


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


def unmappable_regions(
    project: Project, genome: Genome, findings: Findings | None = None
) -> list[Interval]:
    """Read where reads cannot be placed.

    Parameters
    ----------
    findings : Findings, optional
        Counts what is passed over, and chromosomes that a mappability lacks: all of these count
        as unmappable, as do bases without an entry.

    Raises
    ------
    SighthoundError
        The file cannot be read; a mappability is of other lengths, has none of the genome's
        chromosomes, or holds what is no share.
    """
    file = project.genome.unmappable
    if file is None:
        return []
    if _is_bigwig(file):
        return _of_mappability(file, genome, findings)
    return read_bed(file, genome, findings)


def _is_bigwig(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(4) in (_MAGIC, _MAGIC[::-1])
    except OSError:
        return False  # the reader of BED says what is wrong


def _of_mappability(file: Path, genome: Genome, findings: Findings | None) -> list[Interval]:
    names = _names(file, genome)
    found = []
    for chrom, length in genome.lengths.items():
        if chrom not in names:
            if findings:
                findings.add(f"{file.name}: sequences without mappability, left out", chrom)
            found.append(Interval(chrom, 0, length))
            continue
        for start in range(0, length, _BLOCK):
            end = min(start + _BLOCK, length)
            values = read_bins(file, names[chrom], start, end, end - start)
            wrong = ~((values >= 0) & (values <= 1))
            if wrong.any():
                base = int(np.argmax(wrong))
                raise SighthoundError(
                    f"[genome] unmappable: {file} holds {values[base]:g} at {chrom}:"
                    f"{start + base + 1:,}; expected mappability, 0 to 1"
                )
            edges = np.flatnonzero(np.diff(values < MAPPABLE, prepend=False, append=False))
            found += [
                Interval(chrom, start + a, start + b) for a, b in edges.reshape(-1, 2).tolist()
            ]
    return merge(found)


def _names(file: Path, genome: Genome) -> dict[str, str]:
    """Name in the file by chromosome of the genome."""
    names = {}
    for name, length in chromosomes(file).items():
        try:
            chrom = genome.resolve(name)
        except SighthoundError:
            continue
        if genome.lengths[chrom] != length:
            raise SighthoundError(
                f"[genome] unmappable: {file} is of another assembly: its {name} has {length:,} "
                f"bases, {genome.path.name} has {genome.lengths[chrom]:,}"
            )
        names[chrom] = name
    if not names:
        raise SighthoundError(
            f"[genome] unmappable: no chromosome of {file} is in {genome.path.name}; expected "
            f"names like {next(iter(genome.lengths))}"
        )
    return names
