"""Genes and their transcripts, as an annotation file says them; 0-based and half-open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sighthound.core.errors import SighthoundError
from sighthound.core.findings import Finding, Findings
from sighthound.core.genome.sequence import Interval

Span = tuple[int, int]


@dataclass(frozen=True)
class Transcript:
    """One transcript; `start` and `end` 0-based half-open, `strand` "+", "-" or "." (unknown).

    `coding` are the stretches that are translated, ascending, empty where the file does not say;
    `phase` the bases at their 5' end that belong to a codon begun before (an incomplete CDS);
    `protein` the id of what they are translated to. Without `has_start` it is the further part of a
    transcript that begins elsewhere: across the origin of a circle, or trans-spliced.
    """

    id: str
    chrom: str
    start: int
    end: int
    strand: str
    exons: tuple[tuple[int, int], ...]
    coding: tuple[tuple[int, int], ...] = ()
    phase: int = 0
    protein: str = ""
    has_start: bool = True

    @property
    def tss(self) -> int:
        """The first transcribed base, 0-based."""
        return self.end - 1 if self.strand == "-" else self.start


@dataclass(frozen=True)
class Gene:
    """One gene with at least one transcript; `start` and `end` 0-based half-open."""

    id: str
    name: str
    chrom: str
    start: int
    end: int
    strand: str
    transcripts: tuple[Transcript, ...]
    description: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def tss_positions(self) -> tuple[int, ...]:
        """The different TSSs of its transcripts, 0-based, ascending."""
        starts = {transcript.tss for transcript in self.transcripts if transcript.has_start}
        return tuple(sorted(starts))

    @property
    def tss(self) -> Interval:
        """The first of its starts in the direction of transcription: one base.

        Raises
        ------
        SighthoundError
            It begins elsewhere, and has no start of its own.
        """
        positions = self.tss_positions
        if not positions:
            raise SighthoundError(f"{self.name} has no start of its own; give a position")
        first = positions[-1] if self.strand == "-" else positions[0]
        return Interval(self.chrom, first, first + 1)

    def region(self, *, flank: int = 0) -> Interval:
        """The gene and so many bases on either side, cut at the chromosome's first base."""
        return Interval(self.chrom, max(0, self.start - flank), self.end + flank)


@dataclass
class Annotation:
    """What an annotation file says, with its own chromosome names."""

    genes: list[Gene]
    # accession -> chromosome name, where an NCBI GFF3 tells
    chromosome_names: dict[str, str] = field(default_factory=dict)
    # length of each sequence that is a circle, where a GFF3 tells
    circles: dict[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


# What reads a file's numbered lines, counting what it passes over.
Reader = Callable[[Path, Iterator[tuple[int, str]], Findings], Annotation]


def malformed(path: Path, number: int, expected: str, given: str) -> SighthoundError:
    """Make the error of a line, with what was expected of it."""
    shown = given if len(given) <= 60 else given[:57] + "..."
    return SighthoundError(f"{path}, line {number}: expected {expected}, got {shown!r}")
