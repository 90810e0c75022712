"""What an alignment says of its read: its name, how many places it has, and whether it is one more.

What contradicts itself is refused by read and tag: no read may be counted as one that is several,
nor one of its places be lost. Tags are those of the SAM optional fields specification.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pysam

from sighthound.core.errors import SighthoundError

MOST_PLACES = 2**31 - 1  # what fits in four bytes
NO_NAME = "*"
_READ2 = 0x80


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


def check_inside(bam: Path, read: pysam.AlignedSegment, length: int) -> None:
    """Refuse a read that lies beyond the end of its chromosome."""
    if read.reference_start >= length:
        raise SighthoundError(
            f"{bam}: read {read.query_name!r} lies at {place(read)}, beyond the end of "
            f"{read.reference_name}, which has {length:,} bases; align the reads again"
        )


def place(read: pysam.AlignedSegment) -> str:
    """Say where a read begins, 1-based."""
    return f"{read.reference_name}:{read.reference_start + 1:,}"


def read_key(read: pysam.AlignedSegment, flag: int, number: int | None = None) -> int:
    """Name a read, mates and read groups apart, in 8 bytes that are the same in every run.

    `number` stands for the name of a read that has none.
    """
    name = read.query_name if number is None else f"\t{number}"
    group = read.get_tag("RG") if read.has_tag("RG") else ""
    text = f"{name}/{2 if flag & _READ2 else 1}\t{group}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")
