"""Aligned reads (BAM) as places on the genome, reads with one place apart from reads with several.

How many places a read has is its NH tag or, where the aligner writes none (bowtie2 -k), the number
of its alignments in the file: no alignment is taken for unique because it stands alone on a line.
What contradicts itself is refused, by read and tag; what had to be taken for something is counted.
The file is streamed once, in whatever order it is and without an index. 0-based and half-open.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pysam

from sighthound.core.errors import SighthoundError
from sighthound.core.progress import Progress
from sighthound.precompute.reads.assays import NO_SHIFT, Position, Shift
from sighthound.precompute.reads.read_tags import (
    NO_NAME,
    check_inside,
    check_secondary,
    place,
    read_key,
    tagged_places,
)

_PAIRED, _PROPER, _UNMAPPED, _REVERSE, _READ2 = 0x1, 0x2, 0x4, 0x10, 0x80
_SECONDARY, _QC_FAIL, _DUPLICATE, _SUPPLEMENTARY = 0x100, 0x200, 0x400, 0x800
# Of a CRAM all but bases and qualities (SAM_SEQ, SAM_QUAL of htslib): those alone need a reference.
_FIELDS = ["required_fields=0x19ff"]


@dataclass(frozen=True)
class GenomeLine:
    """Chromosomes, and their strands where those are kept apart, side by side on one line.

    Attributes
    ----------
    lengths : dict of str to int
        Chromosome lengths in bases, in the order of the BAM header.
    offsets : int64 array, (strands, chromosomes)
        Where each chromosome begins on the line; one row when both strands count as one.
        `margin` bases at least lie between two chromosomes.
    """

    lengths: dict[str, int]
    offsets: np.ndarray

    @classmethod
    def of(cls, lengths: dict[str, int], margin: int, stranded: bool) -> GenomeLine:
        """Lay out chromosomes, `margin` bases apart."""
        room = np.tile(np.array(list(lengths.values()), np.int64) + margin, 1 + stranded)
        offsets = margin + np.cumsum(room) - room
        return cls(lengths, offsets.reshape(1 + stranded, len(lengths)))

    def segments(self) -> Iterator[tuple[int, int]]:
        """Give (offset, length) of every chromosome of every strand, along the line."""
        sizes = list(self.lengths.values())
        for row in self.offsets:
            yield from zip(row.tolist(), sizes, strict=True)


@dataclass(frozen=True)
class Places:
    """Where reads lie: the bases `start` to `start + span` on the line.

    Attributes
    ----------
    start : int64 array, (places,)
    span : int32 array, (places,), or None where every span is one base
    """

    start: np.ndarray
    span: np.ndarray | None

    def __len__(self) -> int:
        return len(self.start)

    @property
    def anchor(self) -> np.ndarray:
        """The middle base, at which smoothed coverage is asked for."""
        return self.start if self.span is None else self.start + self.span // 2

    def where(self, chosen: np.ndarray | slice) -> Places:
        """Take the places of a mask, of indexes or of a slice."""
        return Places(self.start[chosen], None if self.span is None else self.span[chosen])

    @classmethod
    def together(cls, parts: list[Places]) -> Places:
        """Put places one behind the other; all have spans, or none."""
        spans = [part.span for part in parts if part.span is not None]
        return cls(
            np.concatenate([part.start for part in parts]), np.concatenate(spans) if spans else None
        )


@dataclass(frozen=True)
class Alignments:
    """The alignments of a BAM, sorted out by read.

    Attributes
    ----------
    unique : Places
        Reads with one place.
    shared : Places
        Reads with several; the places of a read lie side by side.
    first : int64 array, (multi-mapping reads,)
        Index in `shared` of each read's first place.
    sizes : int64 array, (multi-mapping reads,)
        How many places of it the file holds.
    known : int64 array, (multi-mapping reads,)
        How many places it has: more than `sizes` when its NH tag says so.
    skipped : dict of str to int
        Alignments left out, by the first reason that applied.
    remarks : tuple of str
        What had to be taken for something, a sentence each.
    """

    unique: Places
    shared: Places
    first: np.ndarray
    sizes: np.ndarray
    known: np.ndarray
    skipped: dict[str, int]
    remarks: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.unique) + len(self.shared)


@dataclass(frozen=True)
class Counting:
    """Which alignments count, and where: the options of `coverage` that concern one alignment."""

    position: Position = "5prime"
    mate: int | None = None
    shift: Shift = NO_SHIFT
    fragment_length: int | None = None
    min_mapq: int = 0
    keep_duplicates: bool = False
    sizes: tuple[int, int] | None = None

    def reason_to_skip(self, flag: int, mapping_quality: int) -> str:
        """Name the reason to leave an alignment out; "" if there is none."""
        if flag & _UNMAPPED:
            return "unmapped"
        if flag & _QC_FAIL:
            return "qc_failed"
        if mapping_quality < self.min_mapq:
            return "low_mapq"
        if self.position != "5prime" and flag & _PAIRED and not flag & _PROPER:
            return "not_fragments"
        return ""

    def is_of_other_mate(self, flag: int) -> bool:
        """Say whether the mate, or for fragments its partner, speaks for this alignment."""
        if self.position != "5prime":
            return bool(flag & _PAIRED and flag & _READ2)
        return self.mate is not None and self.mate != (2 if flag & _READ2 else 1)

    def bases(self, read: pysam.AlignedSegment, flag: int) -> tuple[int, int]:
        """Give the bases (start, end) of its chromosome at which an alignment counts."""
        start, end = read.reference_start, read.reference_end
        if end is None:
            raise SighthoundError(
                f"read {read.query_name!r} at {place(read)} has no CIGAR, so nobody knows where it "
                "ends; align the reads again, or take it out"
            )
        if self.position == "5prime":
            is_minus = bool(flag & _REVERSE)
            base = end - 1 - self.shift.minus if is_minus else start + self.shift.plus
            return base, base + 1
        length = abs(read.template_length) if flag & _PAIRED else self.fragment_length
        if length is None:
            raise SighthoundError(
                "the BAM holds single-end reads, whose fragments end where nobody knows; "
                "give a fragment length (ChIP: about 200)"
            )
        start, end = (end - length, end) if flag & _REVERSE else (start, start + length)
        if self.position == "center":
            start = (start + end) // 2
            end = start + 1
        return start, end

    def places(
        self, start: np.ndarray, end: np.ndarray, kind: str, minus: np.ndarray | None
    ) -> tuple[list[tuple[np.ndarray, np.ndarray]], np.ndarray | None]:
        """Give the bases at which fragments or cut sites count, by strand.

        Parameters
        ----------
        start, end : int64 arrays, (n,)
        kind : {"fragments", "bedpe", "sites"}
        minus : bool array, (n,), optional
            Which cut sites are of the minus strand.

        Returns
        -------
        list of (bases, index of the fragment of each), of the plus and the minus strand
        array, (n,), or None
            Bases that each counts at, where that is not one.
        """
        every = np.arange(len(start))
        if kind == "sites":
            turned = np.zeros(len(start), bool) if minus is None else minus
            plus, other = every[~turned], every[turned]
            return [
                (start[plus] + self.shift.plus, plus), (start[other] - self.shift.minus, other)
            ], None  # fmt: skip
        if self.position == "5prime":
            return [
                (start + self.shift.plus, every), (end - 1 - self.shift.minus, every)
            ], None  # fmt: skip
        if self.position == "center":
            return [((start + end) // 2, every)], None
        return [(start, every)], end - start


REASONS = (
    "unmapped", "qc_failed", "low_mapq", "not_fragments", "fragment_size", "duplicates",
    "without_mate",
)  # fmt: skip


def skipped_counts() -> dict[str, int]:
    """Count nothing yet, for every reason to leave an alignment out."""
    return dict.fromkeys(REASONS, 0)


def header_lengths(bam: Path) -> dict[str, int]:
    """Read the chromosomes that a BAM's header names, and their lengths.

    Raises
    ------
    SighthoundError
        It is no BAM, or names none.
    """
    with _opened(bam) as file:
        return dict(zip(file.references, file.lengths, strict=True))


def together(parts: list[Alignments]) -> Alignments:
    """Put the alignments of several files together; reads of different files are different."""
    if len(parts) == 1:
        return parts[0]
    skipped = skipped_counts()
    for part in parts:
        for reason, count in part.skipped.items():
            skipped[reason] = skipped.get(reason, 0) + count
    before = np.cumsum([0, *(len(part.shared) for part in parts[:-1])])
    return Alignments(
        Places.together([part.unique for part in parts]),
        Places.together([part.shared for part in parts]),
        np.concatenate([part.first + n for part, n in zip(parts, before, strict=True)]),
        np.concatenate([part.sizes for part in parts]),
        np.concatenate([part.known for part in parts]),
        skipped,
        tuple(remark for part in parts for remark in part.remarks),
    )


def read_alignments(
    bam: Path, line: GenomeLine, counting: Counting, progress: Progress
) -> Alignments:
    """Stream a BAM and sort its alignments out by read.

    Parameters
    ----------
    bam : path
    line : GenomeLine
        Laid out from the same file.
    counting : Counting
    progress : callable
        Called with (bytes read, bytes in the file).

    Raises
    ------
    SighthoundError
        The file is truncated or broken, or single-end reads lack a fragment length.
    """
    unique, shared = _Column(counting), _Column(counting)
    key, places, is_primary = array("Q"), array("I"), array("B")
    duplicates: set[int] = set()
    skipped = skipped_counts()
    nameless, mates, missing = 0, [0, 0], ""
    lengths, offsets = list(line.lengths.values()), line.offsets.tolist()
    size = bam.stat().st_size
    with _opened(bam) as file:
        for number, read in enumerate(_stream(file, bam)):
            if number % 100_000 == 0:
                progress(min(file.tell() >> 16, size), size)
            flag = read.flag
            # A supplementary alignment is another part of the read, not another place for it.
            if flag & _SUPPLEMENTARY:
                continue
            chrom = read.reference_id
            if counting.position != "5prime" and flag & _PROPER and chrom >= 0:
                mates[bool(flag & _READ2)] += 1
            if counting.is_of_other_mate(flag):
                continue
            reason = counting.reason_to_skip(flag, read.mapping_quality)
            if reason or chrom < 0 or read.reference_start < 0:
                skipped[reason or "unmapped"] += 1
                continue
            if counting.sizes is not None and flag & _PAIRED:
                low, high = counting.sizes
                if not flag & _PROPER or not low <= abs(read.template_length) <= high:
                    skipped["fragment_size"] += 1
                    continue
            known = tagged_places(bam, read) if read.has_tag("NH") else 0
            if flag & _SECONDARY:
                check_secondary(bam, read, known)
            has_name = read.query_name != NO_NAME
            if flag & _DUPLICATE and not counting.keep_duplicates:
                skipped["duplicates"] += 1
                # Programs that mark duplicates mark the primary alignment only.
                if known != 1 and has_name:
                    duplicates.add(read_key(read, flag))
                continue
            start, end = counting.bases(read, flag)
            if not 0 <= start < lengths[chrom]:
                check_inside(bam, read, lengths[chrom])
                start = min(max(start, 0), lengths[chrom] - 1)
            span = max(min(end, lengths[chrom]) - start, 1)
            minus = bool(flag & _REVERSE) != bool(flag & _READ2)
            start += offsets[minus if len(offsets) == 2 else 0][chrom]
            nameless += not has_name
            if known == 1 or not (known or has_name):
                unique.append(start, span)
            else:
                shared.append(start, span)
                key.append(read_key(read, flag, number if not has_name else None))
                places.append(known)
                is_primary.append(not flag & _SECONDARY)
        missing = _missing_reference(file) if file.is_cram else ""
    skipped["without_mate"] = max(0, mates[1] - mates[0])
    remarks = []
    if missing:
        remarks.append(
            f"the reference of {bam}, {missing}, is missing; places were read without it"
        )
    if nameless:
        remarks.append(
            f"{nameless:,} alignments have no read name: each is taken for a read of its own, with "
            "as many places as its tag NH says"
        )
    keys = np.array(key, np.uint64)
    marked = np.isin(keys, np.fromiter(duplicates, np.uint64, len(duplicates)))
    skipped["duplicates"] += int(marked.sum())
    primary = np.array(is_primary, bool)
    table = _Table(shared.places(), keys, np.array(places, np.int64), primary).where(~marked)
    if counting.min_mapq:
        # A place without the read's first one, which was not good enough, is not the read's only.
        alone = table.of_reads_without_first()
        skipped["low_mapq"] += int(alone.sum())
        table = table.where(~alone)
    return _by_read(bam, unique.places(), table, skipped, remarks)


class _Column:
    """Places as they stream by."""

    def __init__(self, counting: Counting) -> None:
        self._start, self._span = array("q"), array("i")
        self._has_spans = counting.position == "fragment"

    def append(self, start: int, span: int) -> None:
        self._start.append(start)
        if self._has_spans:
            self._span.append(span)

    def places(self) -> Places:
        span = np.array(self._span, np.int32) if self._has_spans else None
        return Places(np.array(self._start, np.int64), span)


@dataclass(frozen=True)
class _Table:
    """Alignments of reads that may have several places: where, whose, and what their tags say."""

    places: Places
    key: np.ndarray
    tagged: np.ndarray
    is_primary: np.ndarray

    def where(self, chosen: np.ndarray) -> _Table:
        return _Table(
            self.places.where(chosen),
            self.key[chosen],
            self.tagged[chosen],
            self.is_primary[chosen],
        )

    def of_reads_without_first(self) -> np.ndarray:
        """Mask of the alignments whose read has no primary one among them, and no tag."""
        _, read = np.unique(self.key, return_inverse=True)
        has_first = np.bincount(read, self.is_primary | (self.tagged > 0)) > 0
        return ~has_first[read]


def _by_read(
    bam: Path, unique: Places, table: _Table, skipped: dict[str, int], remarks: list[str]
) -> Alignments:
    """Bring the places of a read together, and move reads with one place to `unique`."""
    table = table.where(np.argsort(table.key, kind="stable"))
    key, other = table.key, table.places
    first = np.flatnonzero(np.diff(key, prepend=~key[:1]) != 0)
    sizes = np.diff(first, append=len(key))
    tagged, primaries = sizes, sizes
    if len(first):
        tagged = np.maximum.reduceat(table.tagged, first)
        primaries = np.add.reduceat(table.is_primary.astype(np.int64), first)
    if len(more := np.flatnonzero((tagged > 0) & (sizes > tagged))):
        _refuse_more(bam, int(key[first[more[0]]]), int(sizes[more[0]]), int(tagged[more[0]]))
    untagged = tagged == 0
    if several_first := int((untagged & (primaries > 1)).sum()):
        remarks.append(
            f"{several_first:,} read names have more than one primary alignment and no tag NH: "
            "taken for the places of one read; give lanes put together a read group each"
        )
    if no_first := int((untagged & (primaries == 0)).sum()):
        remarks.append(
            f"{no_first:,} reads have secondary alignments alone: their primary one is taken to be "
            "a place that the file does not show"
        )
    # A secondary alignment says that there is a first place, too, wherever it is.
    known = np.where(untagged, sizes + (primaries == 0), tagged)
    several = known > 1
    lone = other.where(~np.repeat(several, sizes))
    shared = other.where(np.repeat(several, sizes))
    sizes, known = sizes[several], known[several]
    span = None
    if unique.span is not None and lone.span is not None:
        span = np.concatenate([unique.span, lone.span])
    unique = Places(np.concatenate([unique.start, lone.start]), span)
    begin = np.cumsum(sizes) - sizes
    return Alignments(unique, shared, begin, sizes, known, skipped, tuple(remarks))


def _refuse_more(bam: Path, key: int, size: int, tagged: int) -> None:
    """Name the read that has more places than its tag says."""
    with _opened(bam) as file:
        name = next((r.query_name for r in _stream(file, bam) if read_key(r, r.flag) == key), "")
    raise SighthoundError(
        f"{bam}: read {name!r} has {size:,} places, but its tag NH says {tagged:,}; where two "
        "reads have one name (lanes put together), give each lane a read group "
        "(samtools addreplacerg) or names of its own"
    )


def _missing_reference(file: pysam.AlignmentFile) -> str:
    """The first file that the header of a CRAM names as its reference and that is not there."""
    named = (line.get("UR", "") for line in file.header.to_dict().get("SQ", ()))
    paths = (text.removeprefix("file://").removeprefix("file:") for text in named if text)
    return next((p for p in dict.fromkeys(paths) if "://" not in p and not Path(p).is_file()), "")


@contextmanager
def _opened(bam: Path) -> Iterator[pysam.AlignmentFile]:
    """Open a BAM, keeping htslib's own messages (no index, ...) off the terminal."""
    if not bam.is_file():
        raise SighthoundError(f"{bam} does not exist; expected a BAM file")
    verbosity = pysam.set_verbosity(0)
    try:
        try:
            file = pysam.AlignmentFile(str(bam), "r", format_options=_FIELDS)
        except (OSError, ValueError) as error:
            reason = " ".join(str(error).split())
            if "no SQ lines" in reason or "no sequences defined" in reason:
                raise SighthoundError(
                    f"{bam} has no header that names chromosomes (@SQ); align the reads, or add "
                    "the header: samtools view -t genome.fa.fai"
                ) from None
            raise SighthoundError(
                f"{bam} cannot be read as BAM ({reason}); expected a complete file of aligned reads"
            ) from None
        with file:
            yield file
    finally:
        pysam.set_verbosity(verbosity)


def _stream(file: pysam.AlignmentFile, bam: Path) -> Iterator[pysam.AlignedSegment]:
    try:
        yield from file.fetch(until_eof=True)
    except (OSError, ValueError) as error:
        raise SighthoundError(
            f"{bam} is truncated or broken ({' '.join(str(error).split())}); copy or align it again"
        ) from None
