"""Regions out of BED (UCSC, "Data file formats"): three columns, 0-based and half-open, and more.

Read alike wherever regions are named: blacklist, gaps, unmappable, covered, folds. Browser lines,
comments and a line of column names are no regions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sighthound.core.errors import SighthoundError
from sighthound.core.findings import REGION_ABSENT, REGION_BEYOND, REGION_EMPTY, Findings
from sighthound.core.genome.chromosomes import Chromosomes
from sighthound.core.genome.sequence import Interval
from sighthound.core.text import text_lines

_BROWSER_WORDS = ("track", "browser")
_COLUMN_NAMES = {"start", "chromstart", "txstart", "begin"}


@dataclass(frozen=True)
class BedRegion:
    """A line of BED: its region, and the columns behind the third as they stand."""

    interval: Interval
    others: tuple[str, ...]


def read_bed(path: Path, genome: Chromosomes, findings: Findings | None = None) -> list[Interval]:
    """Read the regions of a BED file, plain or compressed.

    Parameters
    ----------
    genome : Chromosomes, or Genome
        Regions on sequences it lacks are passed over; what ends beyond a sequence is cut there.
    findings : Findings, optional
        Counts both.

    Raises
    ------
    SighthoundError
        The file cannot be read, or a line is not BED, ends before it starts or starts beyond its
        sequence; the line is named.
    """
    return [region.interval for region in bed_regions(path, genome, findings)]


def bed_regions(
    path: Path, genome: Chromosomes, findings: Findings | None = None
) -> Iterator[BedRegion]:
    """Read a BED file as `read_bed` does, with the further columns of each line."""
    findings = findings or Findings()
    names: dict[str, str | None] = {}
    for number, line in enumerate(text_lines(path), 1):
        where = f"{path}, line {number:,}"
        cells = bed_cells(line, where)
        if cells is None:
            continue
        name, start, end = cells[0], int(cells[1]), int(cells[2])
        if name not in names:
            names[name] = _resolved(genome, name)
        chrom = names[name]
        if chrom is None:
            findings.add(REGION_ABSENT, f"{name} in {path.name}, line {number:,}")
            continue
        length = genome.lengths[chrom]
        if start == end:
            findings.add(REGION_EMPTY, f"{path.name}, line {number:,}")
            continue
        if start >= length:
            raise SighthoundError(
                f"{where}: {name} from {start:,} to {end:,} lies beyond the end of {chrom}, which "
                f"has {length:,} bases; is the file of another assembly?"
            )
        if end > length:
            findings.add(REGION_BEYOND, f"{path.name}, line {number:,}")
        yield BedRegion(Interval(chrom, start, min(end, length)), tuple(cells[3:]))


def bed_cells(line: str, where: str) -> list[str] | None:
    """Give the columns of a line of BED; None for a line that is no region.

    Parameters
    ----------
    where : str
        Names file and line in errors.

    Raises
    ------
    SighthoundError
        It has no chromosome, start and end, or ends before it starts.

    Examples
    --------
    >>> bed_cells("chrI 9 20", "x.bed, line 2"), bed_cells("#chrom", "x.bed, line 1")
    (['chrI', '9', '20'], None)
    """
    if not line.strip() or line.startswith("#") or line.split(maxsplit=1)[0] in _BROWSER_WORDS:
        return None
    cells = split_columns(line)
    if is_heading(cells):
        return None
    if len(cells) < 3 or not (is_count(cells[1]) and is_count(cells[2])):
        raise SighthoundError(
            f"{where}: {line[:60]!r} is not BED: expected chromosome, start and end apart by tabs"
        )
    start, end = int(cells[1]), int(cells[2])
    if end < start:
        raise SighthoundError(
            f"{where}: start {start:,} is not before end {end:,}; BED counts from 0, and the end "
            "is not part of the region"
        )
    return [cells[0].strip(), *cells[1:]]


def split_columns(line: str) -> list[str]:
    """The columns of a line, apart by tabs, or by blanks where it has no tab."""
    return line.split("\t") if "\t" in line else line.split()


def is_heading(cells: list[str]) -> bool:
    """Whether a line names the columns, as "chrom start end" does."""
    return len(cells) >= 3 and cells[1].strip().lower() in _COLUMN_NAMES


def is_count(text: str) -> bool:
    """Whether a text is a number of bases."""
    return text.strip().isascii() and text.strip().isdecimal() and len(text) < 20


def _resolved(genome: Chromosomes, name: str) -> str | None:
    try:
        return genome.resolve(name)
    except SighthoundError:
        return None
