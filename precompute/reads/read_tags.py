"""What an alignment says of its read: its name, its places, and whether it is one more or a copy.

What contradicts itself is refused by read and tag: no read may be counted as one that is several,
nor one of its places be lost. Tags are those of the SAM optional fields specification.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pysam

from sighthound.core.errors import SighthoundError
from sighthound.precompute.reads.bam_columns import name_key

MOST_PLACES = 2**31 - 1  # what fits in four bytes
NO_NAME = "*"
_PAIRED, _REVERSE, _READ2 = 0x1, 0x10, 0x80
_CLIPS = (4, 5)  # operations S and H of a CIGAR
_SPLICED, _ON_GENOME = 3, (0, 2, 3, 7, 8)  # N; M D N = X
_CIGAR = re.compile(r"(\d+)([MIDNSHP=X])")
_FURTHER = re.compile(r"([^,;]+),([+-])(\d+),((?:\d+[MIDNSHP=X])+),(\d+)")  # an entry of XA


@dataclass(frozen=True)
class FurtherPlace:
    """Another place of a read, as bwa lists it; 0-based, half-open."""

    chrom: str
    start: int
    end: int
    is_minus: bool


def tagged_places(bam: Path, read: pysam.AlignedSegment) -> int:
    """How many places a read has by its NH tag."""
    value = read.get_tag("NH")
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if not isinstance(value, int) or not 1 <= value <= MOST_PLACES:
        raise SighthoundError(
            f"{bam}: read {read.query_name!r} at {place(read)} has the tag NH {value!r}; expected "
            "the number of its places, 1 or more; without the tag (samtools view -x NH) places "
            "are counted by name"
        )
    return value


def further_places(bam: Path, read: pysam.AlignedSegment) -> list[FurtherPlace]:
    """Give the places of bwa's tag XA that fit a read as well as its own place does.

    A place fits as well when no more bases differ (NM) or are cut off there: bwa lists worse ones
    too.

    Raises
    ------
    SighthoundError
        The tag is none of bwa's.
    """
    text = str(read.get_tag("XA"))
    entries = [_FURTHER.fullmatch(entry) for entry in text.rstrip(";").split(";")]
    differing = read.get_tag("NM") if read.has_tag("NM") else None
    own = None if differing is None else int(differing) + _cut_off(read.cigarstring or "")
    found = []
    for entry in entries:
        if entry is None:
            raise SighthoundError(
                f"{bam}: read {read.query_name!r} at {place(read)} has the tag XA {text[:60]!r}; "
                "expected bwa's chromosome,+position,CIGAR,differences; leave the tag out "
                "(samtools view -x XA) where another program wrote it"
            )
        chrom, strand, position, cigar, differences = entry.groups()
        if own is None or int(differences) + _cut_off(cigar) <= own:
            start = int(position) - 1
            size = sum(int(n) for n, what in _CIGAR.findall(cigar) if what in "MDN=X")
            found.append(FurtherPlace(chrom, start, start + size, strand == "-"))
    return found


def refuse_further(bam: Path, read: pysam.AlignedSegment, at: FurtherPlace) -> NoReturn:
    """Refuse another place that is on no chromosome of the file, or beyond its end."""
    raise SighthoundError(
        f"{bam}: the tag XA of read {read.query_name!r} names {at.chrom}:{at.start + 1:,}-"
        f"{at.end:,}, which is no place on a chromosome of the file's header; align the reads again"
    )


def _cut_off(cigar: str) -> int:
    return sum(int(n) for n, what in _CIGAR.findall(cigar) if what in "SH")


def copy_key(read: pysam.AlignedSegment, flag: int, umi_tag: str) -> int:
    """Name what copies of one molecule have in common, in 8 bytes; 0 where there is no tag.

    That is the UMI, the strand, the 5' end with the bases that were cut off, and of pairs the
    length of the fragment and the mate's chromosome.
    """
    if not read.has_tag(umi_tag):
        return 0
    cigar = read.cigartuples or []
    is_minus = bool(flag & _REVERSE)
    clipped = 0
    for what, size in reversed(cigar) if is_minus else cigar:
        if what not in _CLIPS:
            break
        clipped += size
    end = read.reference_end or read.reference_start
    base = end - 1 + clipped if is_minus else read.reference_start - clipped
    pair = (flag & _READ2, read.next_reference_id, abs(read.template_length))
    text = (
        f"{read.get_tag(umi_tag)}\t{read.reference_id}\t{base}\t{is_minus}\t"
        f"{pair if flag & _PAIRED else ''}"
    )
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") or 1


def check_secondary(bam: Path, read: pysam.AlignedSegment, known: int) -> None:
    """Refuse another place of a read that says it has one, or that nobody can name."""
    if known == 1:
        raise SighthoundError(
            f"{bam}: read {read.query_name!r} at {place(read)} is a secondary alignment, one of "
            "several, but its tag NH says 1; without the tag (samtools view -x NH) places are "
            "counted by name"
        )
    if not known and read.query_name == NO_NAME:
        raise SighthoundError(
            f"{bam}: the secondary alignment at {place(read)} has no name and no tag NH, so nobody "
            "knows whose place it is; keep the names of reads, or leave such alignments out "
            "(samtools view -F 256)"
        )


def refuse_place(bam: Path, read: pysam.AlignedSegment, length: int) -> NoReturn:
    """Refuse a read without a CIGAR, or that lies beyond the end of its chromosome."""
    aligned_end(bam, read)
    raise SighthoundError(
        f"{bam}: read {read.query_name!r} lies at {place(read)}, beyond the end of "
        f"{read.reference_name}, which has {length:,} bases; align the reads again"
    )


def aligned_end(bam: Path, read: pysam.AlignedSegment) -> int:
    """Give the base behind the last one that a read is aligned to."""
    end = read.reference_end
    if end is None:
        raise SighthoundError(
            f"{bam}: read {read.query_name!r} at {place(read)} has no CIGAR, so nobody knows "
            "where it ends; align the reads again, or take it out"
        )
    return end


def introns(read: pysam.AlignedSegment) -> tuple[tuple[int, int], ...]:
    """Give the gaps of a spliced read (N of its CIGAR): bases from its start, and their number."""
    cigar = read.cigartuples or ()
    found, at = [], 0
    for what, size in cigar:
        if what == _SPLICED:
            found.append((at, size))
        if what in _ON_GENOME:
            at += size
    return tuple(found)


def place(read: pysam.AlignedSegment) -> str:
    """Say where a read begins, 1-based."""
    return f"{read.reference_name}:{read.reference_start + 1:,}"


def read_key(read: pysam.AlignedSegment, flag: int, number: int | None = None) -> int:
    """Name a read, mates and read groups apart, in 8 bytes that are the same in every run.

    `number` stands for the name of a read that has none.
    """
    name = read.query_name if number is None else f"\t{number}"
    group = read.get_tag("RG") if read.has_tag("RG") else ""
    return name_key(f"{name}/{2 if flag & _READ2 else 1}\t{group}".encode())
