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
from sighthound.precompute.reads.counting import Counting, five_prime
from sighthound.precompute.reads.cut_motif import CutSites
from sighthound.precompute.reads.places import Alignments, GenomeLine, Places, skipped_counts
from sighthound.precompute.reads.read_tags import (
    NO_NAME,
    check_inside,
    check_secondary,
    read_key,
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
        The file is truncated or broken, or single-end reads lack a fragment length.
    """
    unique, shared = _Column(counting), _Column(counting)
    key, places, is_primary = array("Q"), array("I"), array("B")
    duplicates: set[int] = set()
    skipped = skipped_counts()
    nameless, mates, ends, missing = 0, [0, 0], [0, 0], ""
    lengths, offsets = list(line.lengths.values()), line.offsets.tolist()
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
            if counting.position != "5prime" and flag & PROPER and chrom >= 0:
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
            if flag & DUPLICATE and not counting.keep_duplicates:
                skipped["duplicates"] += 1
                # Programs that mark duplicates mark the primary alignment only.
                if known != 1 and has_name:
                    duplicates.add(read_key(read, flag))
                continue
            start, end = counting.bases(read, flag)
            if cuts is not None and not flag & SECONDARY:
                cuts.add(chrom, *five_prime(read, flag))
            if not 0 <= start < lengths[chrom]:
                check_inside(bam, read, lengths[chrom])
                start = min(max(start, 0), lengths[chrom] - 1)
            span = max(min(end, lengths[chrom]) - start, 1)
            minus = bool(flag & REVERSE) != bool(flag & READ2)
            start += offsets[minus if len(offsets) == 2 else 0][chrom]
            nameless += not has_name
            ends[bool(flag & PAIRED)] += 1
            if known == 1 or not (known or has_name):
                unique.append(start, span)
            else:
                shared.append(start, span)
                key.append(read_key(read, flag, number if not has_name else None))
                places.append(known)
                is_primary.append(not flag & SECONDARY)
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
    keys = np.array(key, np.uint64)
    marked = np.isin(keys, np.fromiter(duplicates, np.uint64, len(duplicates)))
    skipped["duplicates"] += int(marked.sum())
    primary = np.array(is_primary, bool)
    table = Table(shared.places(), keys, np.array(places, np.int64), primary).where(~marked)
    if counting.min_mapq:
        # A place without the read's first one, which was not good enough, is not the read's only.
        alone = table.of_reads_without_first()
        skipped["low_mapq"] += int(alone.sum())
        table = table.where(~alone)
    return by_read(bam, unique.places(), table, skipped, remarks)


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
