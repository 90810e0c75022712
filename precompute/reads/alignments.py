"""Aligned reads (BAM) as places on the genome, reads with one place apart from reads with several.

How many places a read has is its NH tag or, where the aligner writes none (bowtie2 -k), the number
of its alignments in the file: no alignment is taken for unique because it stands alone on a line.
What contradicts itself is refused, by read and tag; what had to be taken for something is counted.
The file is streamed once, in whatever order it is and without an index. 0-based and half-open.
"""

from __future__ import annotations

from array import array
from pathlib import Path

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.progress import Progress
from sighthound.precompute.reads.bam_files import (
    DUPLICATE,
    PAIRED,
    PROPER,
    READ2,
    REVERSE,
    SECONDARY,
    SUPPLEMENTARY,
    missing_reference,
    opened,
    stream,
)
from sighthound.precompute.reads.by_read import Table, by_read
from sighthound.precompute.reads.counting import Counting
from sighthound.precompute.reads.cut_motif import CutSites
from sighthound.precompute.reads.places import (
    Alignments,
    GenomeLine,
    Places,
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
    kept = _Kept(line, counting)
    duplicates: set[int] = set()
    skipped = skipped_counts()
    nameless, listed, mates, ends, missing = 0, 0, [0, 0], [0, 0], ""
    columns = {name: column for column, name in enumerate(line.lengths)}
    lengths = list(line.lengths.values())
    # What is asked of every read is looked up once.
    look_for_copies, by_fragment = counting.umi_tag is not None, counting.is_by_fragment
    is_aligned, fragment_length = counting.position == "aligned", counting.fragment_length
    size = bam.stat().st_size
    with opened(bam) as file:
        for number, read in enumerate(stream(file, bam)):
            if number % 100_000 == 0:
                progress(min(file.tell() >> 16, size), size)
            flag = read.flag
            # A supplementary alignment is another part of the read, not another place for it.
            if flag & SUPPLEMENTARY:
                continue
            chrom = read.reference_id
            if by_fragment and flag & PROPER and chrom >= 0:
                mates[bool(flag & READ2)] += 1
            if counting.is_of_other_mate(flag):
                skipped["single_end"] += not flag & PAIRED
                continue
            reason = counting.reason_to_skip(flag, read.mapping_quality)
            if reason or chrom < 0 or read.reference_start < 0:
                skipped[reason or "unmapped"] += 1
                continue
            if counting.sizes is not None and flag & PAIRED:
                low, high = counting.sizes
                if not flag & PROPER or not low <= abs(read.template_length) <= high:
                    skipped["fragment_size"] += 1
                    continue
            known = tagged_places(bam, read) if read.has_tag("NH") else 0
            if flag & SECONDARY:
                check_secondary(bam, read, known)
            has_name = read.query_name != NO_NAME
            if flag & DUPLICATE and not (counting.keep_duplicates or look_for_copies):
                skipped["duplicates"] += 1
                # Programs that mark duplicates mark the primary alignment only.
                if known != 1 and has_name:
                    duplicates.add(read_key(read, flag))
                continue
            start, end = read.reference_start, read.reference_end
            if end is None or start >= lengths[chrom]:
                refuse_place(bam, read, lengths[chrom])
            is_minus = bool(flag & REVERSE)
            length = abs(read.template_length) if flag & PAIRED else fragment_length
            further: list[FurtherPlace] = []
            if not (known or flag & SECONDARY) and read.has_tag("XA"):
                further = further_places(bam, read)
                known = 1 + len(further)
                listed += len(further)
            if cuts is not None and not flag & SECONDARY:
                cuts.add(chrom, end - 1 if is_minus else start, is_minus)
            copies = 0
            if counting.umi_tag is not None and not flag & SECONDARY:
                copies = copy_key(read, flag, counting.umi_tag)
                kept.without_umi += not copies
            nameless += not has_name
            ends[bool(flag & PAIRED)] += 1
            turned = bool(flag & READ2)
            gaps: Splice = ()
            if is_aligned:
                turned ^= counting.mate == 2  # the RNA has that mate's strand
                gaps = introns(read)
            at = kept.on_line(chrom, start, end, is_minus, turned, length, gaps)
            if known == 1 or not (known or has_name):
                kept.add_unique(at, copies)
                continue
            key = read_key(read, flag, number if not has_name else None)
            kept.add_shared(at, copies, key, known, not flag & SECONDARY)
            for other in further:
                column = columns.get(other.chrom, -1)
                if column < 0 or other.end > lengths[column]:
                    refuse_further(bam, read, other)
                at = kept.on_line(column, other.start, other.end, other.is_minus, turned, length)
                kept.add_shared(at, 0, key, known, False)
        missing = missing_reference(file) if file.is_cram else ""
    skipped["without_mate"] = max(0, mates[1] - mates[0])
    remarks = []
    if missing:
        remarks.append(
            f"the reference of {bam}, {missing}, is missing; places were read without it"
        )
    if all(ends):
        remarks.append(
            f"{bam} mixes {ends[0]:,} alignments of single-end reads with {ends[1]:,} of pairs"
        )
    if nameless:
        remarks.append(
            f"{nameless:,} alignments have no read name: each is taken for a read of its own, with "
            "as many places as its tag NH says"
        )
    if listed:
        remarks.append(f"{listed:,} places are from tags XA, which fit their reads as well")
    if kept.without_umi:
        if kept.without_umi == kept.primary:
            raise SighthoundError(
                f"no read of {bam} has the tag {counting.umi_tag}; name the tag that holds UMIs "
                "(RX, UB, ...), or leave out --umi-tag"
            )
        remarks.append(
            f"{kept.without_umi:,} reads have no tag {counting.umi_tag}: none is taken for a copy"
        )
    unique, table = kept.unique.places(), kept.table()
    marked = np.isin(table.key, np.fromiter(duplicates, np.uint64, len(duplicates)))
    skipped["duplicates"] += int(marked.sum())
    if look_for_copies:
        copied, copied_reads = kept.copies()
        unique = unique.where(~copied)
        copied_too = np.isin(table.key, copied_reads)
        skipped["umi_duplicates"] += int(copied.sum()) + int(copied_too.sum())
        marked |= copied_too
    table = table.where(~marked)
    if counting.min_mapq:
        # A place without the read's first one, which was not good enough, is not the read's only.
        alone = table.of_reads_without_first()
        skipped["low_mapq"] += int(alone.sum())
        table = table.where(~alone)
    return by_read(bam, unique, table, skipped, remarks, kept.splices)


class _Kept:
    """Alignments that count, as they stream by: those known to stand alone, and the others."""

    def __init__(self, line: GenomeLine, counting: Counting) -> None:
        self._bases, self._looks_for_copies = counting.bases, counting.umi_tag is not None
        self._lengths, self._offsets = list(line.lengths.values()), line.offsets.tolist()
        self._is_stranded = len(line.offsets) == 2
        self.unique, self._shared = _Column(counting), _Column(counting)
        self._key, self._known, self._is_primary = array("Q"), array("I"), array("B")
        self._unique_copies, self._shared_copies = array("Q"), array("Q")
        self._kinds: dict[Splice, int] = {(): 0}
        self.without_umi = 0

    @property
    def primary(self) -> int:
        """How many primary alignments there are."""
        return len(self._unique_copies) + sum(self._is_primary)

    def on_line(
        self,
        chrom: int,
        start: int,
        end: int,
        is_minus: bool,
        turned: bool,
        length: int | None,
        gaps: Splice = (),
    ) -> tuple[int, int, int]:
        """Where on the line an alignment counts, at how many bases, and its kind of gaps."""
        size = self._lengths[chrom]
        low, high = self._bases(start, end, is_minus, length)
        if low < 0 or high > size:
            low, high = min(max(low, 0), size - 1), min(high, size)
        offsets = self._offsets[is_minus != turned if self._is_stranded else 0]
        span, kind = (high - low if high > low else 1), 0
        if gaps:
            inside = tuple(gap for gap in gaps if sum(gap) < span)
            kind = self._kinds.setdefault(inside, len(self._kinds))
        return low + offsets[chrom], span, kind

    @property
    def splices(self) -> tuple[Splice, ...]:
        """The kinds of gaps, by their numbers."""
        return tuple(self._kinds)

    def add_unique(self, at: tuple[int, int, int], copies: int) -> None:
        """Keep the one place of a read; `copies` names what its copies share, if not 0."""
        self.unique.append(*at)
        if self._looks_for_copies:
            self._unique_copies.append(copies)

    def add_shared(
        self, at: tuple[int, int, int], copies: int, key: int, known: int, is_primary: bool
    ) -> None:
        """Keep a place of the read `key`, which may have more."""
        self._shared.append(*at)
        if self._looks_for_copies:
            self._shared_copies.append(copies)
        self._key.append(key)
        self._known.append(known)
        self._is_primary.append(is_primary)

    def table(self) -> Table:
        """Give the places of reads that may have several."""
        return Table(
            self._shared.places(),
            np.array(self._key, np.uint64),
            np.array(self._known, np.int64),
            np.array(self._is_primary, bool),
        )

    def copies(self) -> tuple[np.ndarray, np.ndarray]:
        """Find copies of a molecule that the file had before.

        Returns
        -------
        bool array, (unique places,); and the keys of the others, uint64
        """
        copies = np.array(self._unique_copies + self._shared_copies, np.uint64)
        _, first = np.unique(copies, return_index=True)
        is_copy = copies > 0
        is_copy[first] = False
        count = len(self._unique_copies)
        return is_copy[:count], np.array(self._key, np.uint64)[is_copy[count:]]


class _Column:
    """Places as they stream by."""

    def __init__(self, counting: Counting) -> None:
        self._start, self._span, self._splice = array("q"), array("i"), array("i")
        self._has_spans, self._has_splices = counting.has_spans, counting.position == "aligned"

    def append(self, start: int, span: int, splice: int) -> None:
        self._start.append(start)
        if self._has_spans:
            self._span.append(span)
        if self._has_splices:
            self._splice.append(splice)

    def places(self) -> Places:
        span = np.array(self._span, np.int32) if self._has_spans else None
        splice = np.array(self._splice, np.int32) if self._has_splices else None
        return Places(np.array(self._start, np.int64), span, splice)
