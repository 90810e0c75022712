"""Aligned reads (BAM) as places on the genome, reads with one place apart from reads with several.

How many places a read has is its NH tag or, where the aligner writes none (bowtie2 -k), the number
of its alignments in the file: no alignment is taken for unique because it stands alone on a line.
What contradicts itself is refused, by read and tag; what had to be taken for something is counted.
The file is streamed once, in whatever order it is and without an index. 0-based and half-open.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pysam

from sighthound.core.errors import SighthoundError
from sighthound.core.progress import Progress
from sighthound.precompute.reads.bam_columns import Columns, NotPlainError, columns
from sighthound.precompute.reads.bam_files import (
    DUPLICATE,
    PAIRED,
    PROPER,
    READ2,
    REVERSE,
    SECONDARY,
    SUPPLEMENTARY,
    UNMAPPED,
    missing_reference,
    opened,
    stream,
)
from sighthound.precompute.reads.by_read import Kept, by_read
from sighthound.precompute.reads.counting import Counting
from sighthound.precompute.reads.cut_motif import CutSites
from sighthound.precompute.reads.places import (
    REASONS,
    Alignments,
    GenomeLine,
    Splice,
    skipped_counts,
)
from sighthound.precompute.reads.read_tags import (
    NO_NAME,
    FurtherPlace,
    check_secondary,
    copy_key,
    further_places,
    introns,
    read_key,
    refuse_further,
    refuse_place,
    tagged_places,
)

_WORTH_COLUMNS = 1 << 21  # bytes of a BAM from which on decoding it in columns saves time
_FLAGS = 1 << 12  # that the specification names


def read_alignments(
    bam: Path,
    line: GenomeLine,
    counting: Counting,
    progress: Progress,
    cuts: CutSites | None = None,
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
    cuts : CutSites, optional
        Sees the 5' ends of alignments that count, as the file has them.

    Raises
    ------
    SighthoundError
        The file is truncated or broken, single-end reads lack a fragment length, or no read has
        the tag of its UMI.
    """
    reader = _Reader(bam, line, counting, cuts)
    size = bam.stat().st_size
    by_object = _by_columns(bam, reader, progress) if reader.is_of_numbers else None
    if by_object is None:
        reader = _Reader(bam, line, counting, cuts)
    missing = ""
    if by_object is None or len(by_object):
        with opened(bam) as file:
            for number, read in enumerate(stream(file, bam)):
                if number % 100_000 == 0:
                    progress(min(file.tell() >> 16, size), size)
                if by_object is None or number in by_object:
                    reader.take(read, number)
            missing = missing_reference(file) if file.is_cram else ""
    return reader.alignments(missing)


def _by_columns(bam: Path, reader: _Reader, progress: Progress) -> set[int] | None:
    """Take alignments that numbers tell all of; which others there are, None if not told."""
    size = bam.stat().st_size
    if size < _WORTH_COLUMNS:
        return None
    others: set[int] = set()
    before = 0
    try:
        for found, done in columns(bam):
            progress(done, size)
            others.update((np.flatnonzero(reader.take_columns(found)) + before).tolist())
            before += len(found)
    except NotPlainError:
        return None
    return others


class _Reader:
    """Sorts out alignments as they come, as objects or as columns."""

    def __init__(
        self, bam: Path, line: GenomeLine, counting: Counting, cuts: CutSites | None
    ) -> None:
        self.bam, self.counting, self.cuts = bam, counting, cuts
        self.kept = Kept(line, counting)
        self.duplicates: list[np.ndarray] = []
        self.skipped = skipped_counts()
        self.nameless = self.listed = 0
        self.mates, self.ends = [0, 0], [0, 0]
        self._columns = {name: column for column, name in enumerate(line.lengths)}
        self._lengths = list(line.lengths.values())
        # What is asked of every read is looked up once.
        self._looks_for_copies = counting.umi_tag is not None
        self._by_fragment = counting.is_by_fragment
        self._is_aligned = counting.position == "aligned"
        # What is asked of a flag, for all flags that there are; -1 is no reason to leave it out.
        flags = range(_FLAGS)
        self._other_mate = np.array([counting.is_of_other_mate(flag) for flag in flags])
        self._reason = np.array(
            [
                [_number_of(counting.reason_to_skip(flag, quality)) for flag in flags]
                for quality in (counting.min_mapq - 1, counting.min_mapq)
            ]
        )

    @property
    def is_of_numbers(self) -> bool:
        """Whether the counting asks for nothing of most reads but what columns hold."""
        return not (self._looks_for_copies or self._is_aligned)

    def take(self, read: pysam.AlignedSegment, number: int) -> None:
        """Take one alignment, the `number`-th of the file."""
        bam, counting, skipped, kept = self.bam, self.counting, self.skipped, self.kept
        flag = read.flag
        # A supplementary alignment is another part of the read, not another place for it.
        if flag & SUPPLEMENTARY:
            return
        chrom = read.reference_id
        if self._by_fragment and flag & PROPER and chrom >= 0:
            self.mates[bool(flag & READ2)] += 1
        if counting.is_of_other_mate(flag):
            skipped["single_end"] += not flag & PAIRED
            return
        reason = counting.reason_to_skip(flag, read.mapping_quality)
        if reason or chrom < 0 or read.reference_start < 0:
            skipped[reason or "unmapped"] += 1
            return
        if counting.sizes is not None and flag & PAIRED:
            low, high = counting.sizes
            if not flag & PROPER or not low <= abs(read.template_length) <= high:
                skipped["fragment_size"] += 1
                return
        known = tagged_places(bam, read) if read.has_tag("NH") else 0
        if flag & SECONDARY:
            check_secondary(bam, read, known)
        has_name = read.query_name != NO_NAME
        if flag & DUPLICATE and not (counting.keep_duplicates or self._looks_for_copies):
            skipped["duplicates"] += 1
            # Programs that mark duplicates mark the primary alignment only.
            if known != 1 and has_name:
                self.duplicates.append(np.array([read_key(read, flag)], np.uint64))
            return
        start, end = read.reference_start, read.reference_end
        if end is None or start >= self._lengths[chrom]:
            refuse_place(bam, read, self._lengths[chrom])
        is_minus = bool(flag & REVERSE)
        length = abs(read.template_length) if flag & PAIRED else counting.fragment_length
        further: list[FurtherPlace] = []
        if not (known or flag & SECONDARY) and read.has_tag("XA"):
            further = further_places(bam, read)
            known = 1 + len(further)
            self.listed += len(further)
        if self.cuts is not None and not flag & SECONDARY:
            self.cuts.add(chrom, end - 1 if is_minus else start, is_minus)
        copies = 0
        if counting.umi_tag is not None and not flag & SECONDARY:
            copies = copy_key(read, flag, counting.umi_tag)
            kept.without_umi += not copies
        self.nameless += not has_name
        self.ends[bool(flag & PAIRED)] += 1
        turned = bool(flag & READ2)
        gaps: Splice = ()
        if self._is_aligned:
            turned ^= counting.mate == 2  # the RNA has that mate's strand
            gaps = introns(read)
        at = kept.on_line(chrom, start, end, is_minus, turned, length, gaps)
        if known == 1 or not (known or has_name):
            kept.add_unique(at, copies)
            return
        key = read_key(read, flag, number if not has_name else None)
        kept.add_shared(at, copies, key, known, not flag & SECONDARY)
        for other in further:
            column = self._columns.get(other.chrom, -1)
            if column < 0 or other.end > self._lengths[column]:
                refuse_further(bam, read, other)
            at = kept.on_line(column, other.start, other.end, other.is_minus, turned, length)
            kept.add_shared(at, 0, key, known, False)

    def take_columns(self, found: Columns) -> np.ndarray:
        """Take alignments as `take` does, but those that ask for more than numbers.

        Returns
        -------
        bool array, (alignments,)
            Which were not taken.
        """
        counting, skipped, kept = self.counting, self.skipped, self.kept
        is_part = found.flag & SUPPLEMENTARY != 0
        is_mapped = (found.flag & UNMAPPED == 0) & (found.chrom >= 0) & (found.start >= 0)
        lengths = np.array([*self._lengths, 0], np.int64)
        others = found.is_odd | (found.start >= lengths[found.chrom])
        others |= (found.flag & SECONDARY != 0) & (found.places == 1)
        if self._by_fragment and counting.fragment_length is None:
            others |= found.flag & PAIRED == 0
        others &= is_mapped & ~is_part
        taken = found.where(~others & ~is_part)
        if self._by_fragment:
            proper = (taken.flag & PROPER != 0) & (taken.chrom >= 0)
            second = int((proper & (taken.flag & READ2 != 0)).sum())
            self.mates[0] += int(proper.sum()) - second
            self.mates[1] += second
        low_flags = taken.flag & _FLAGS - 1
        other_mate = self._other_mate[low_flags]
        skipped["single_end"] += int((other_mate & (taken.flag & PAIRED == 0)).sum())
        reason = self._reason[(taken.quality >= counting.min_mapq).astype(int), low_flags]
        unplaced = (reason < 0) & ((taken.chrom < 0) | (taken.start < 0))
        reason = np.where(unplaced, REASONS.index("unmapped"), reason)
        if counting.sizes is not None:
            low, high = counting.sizes
            size = np.abs(taken.template)
            fits = (taken.flag & PROPER != 0) & (size >= low) & (size <= high)
            wrong = (reason < 0) & (taken.flag & PAIRED != 0) & ~fits
            reason = np.where(wrong, REASONS.index("fragment_size"), reason)
        if not counting.keep_duplicates:
            copied = (reason < 0) & (taken.flag & DUPLICATE != 0)
            reason = np.where(copied, REASONS.index("duplicates"), reason)
            self.duplicates.append(taken.key[copied & ~other_mate & (taken.places != 1)])
        for number, count in enumerate(np.bincount(reason[~other_mate] + 1)):
            if number:
                skipped[REASONS[number - 1]] += int(count)
        taken = taken.where((reason < 0) & ~other_mate)
        is_minus = taken.flag & REVERSE != 0
        is_first = taken.flag & SECONDARY == 0
        if self.cuts is not None:
            bases = np.where(is_minus, taken.end - 1, taken.start)
            self.cuts.add_many(taken.chrom[is_first], bases[is_first], is_minus[is_first])
        paired = int((taken.flag & PAIRED != 0).sum())
        self.ends[0] += len(taken) - paired
        self.ends[1] += paired
        start, span = kept.all_on_line(taken, is_minus)
        is_unique = taken.places == 1
        kept.unique.extend(start[is_unique], span[is_unique])
        kept.extend_shared(start, span, taken, is_first, ~is_unique)
        return others

    def alignments(self, missing: str) -> Alignments:
        """Give what was taken, sorted out by read; `missing` is a reference that was not there."""
        bam, counting, skipped, kept = self.bam, self.counting, self.skipped, self.kept
        skipped["without_mate"] = max(0, self.mates[1] - self.mates[0])
        remarks = []
        if missing:
            remarks.append(
                f"the reference of {bam}, {missing}, is missing; places were read without it"
            )
        if all(self.ends):
            remarks.append(
                f"{bam} mixes {self.ends[0]:,} alignments of single-end reads with "
                f"{self.ends[1]:,} of pairs"
            )
        if self.nameless:
            remarks.append(
                f"{self.nameless:,} alignments have no read name: each is taken for a read of its "
                "own, with as many places as its tag NH says"
            )
        if self.listed:
            remarks.append(
                f"{self.listed:,} places are from tags XA, which fit their reads as well"
            )
        if kept.without_umi:
            if kept.without_umi == kept.primary:
                raise SighthoundError(
                    f"no read of {bam} has the tag {counting.umi_tag}; name the tag that holds "
                    "UMIs (RX, UB, ...), or leave out --umi-tag"
                )
            remarks.append(
                f"{kept.without_umi:,} reads have no tag {counting.umi_tag}: none is taken for a "
                "copy"
            )
        unique, table = kept.unique.places(), kept.table()
        marked = np.isin(table.key, np.concatenate([np.zeros(0, np.uint64), *self.duplicates]))
        skipped["duplicates"] += int(marked.sum())
        if self._looks_for_copies:
            copied, copied_reads = kept.copies()
            unique = unique.where(~copied)
            copied_too = np.isin(table.key, copied_reads)
            skipped["umi_duplicates"] += int(copied.sum()) + int(copied_too.sum())
            marked |= copied_too
        if marked.any():
            table = table.where(~marked)
        if counting.min_mapq:
            # A place without the read's first, which was not good enough, is not the read's only.
            alone = table.of_reads_without_first()
            skipped["low_mapq"] += int(alone.sum())
            table = table.where(~alone)
        return by_read(bam, unique, table, skipped, remarks, kept.splices)


def _number_of(reason: str) -> int:
    """Give the place of a reason among `REASONS`; -1 for none."""
    return REASONS.index(reason) if reason else -1
