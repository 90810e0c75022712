"""Alignments sorted out by read: those with one place, and those with several, side by side."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sighthound.core.compiled import compiled
from sighthound.core.errors import SighthoundError
from sighthound.precompute.reads.bam_columns import Columns
from sighthound.precompute.reads.bam_files import PAIRED, READ2, opened, stream
from sighthound.precompute.reads.counting import Counting
from sighthound.precompute.reads.places import Alignments, GenomeLine, Places, Splice
from sighthound.precompute.reads.read_tags import read_key


@dataclass(frozen=True)
class Table:
    """Alignments of reads that may have several places: where, whose, and what their tags say."""

    places: Places
    key: np.ndarray
    tagged: np.ndarray
    is_primary: np.ndarray

    def where(self, chosen: np.ndarray) -> Table:
        return Table(
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


def by_read(
    bam: Path,
    unique: Places,
    table: Table,
    skipped: dict[str, int],
    remarks: list[str],
    splices: tuple[Splice, ...],
) -> Alignments:
    """Bring the places of a read together, and move reads with one place to `unique`."""
    # Most reads have no other place, which is cheaper to see than to sort.
    plain = without_like(table.key) & table.is_primary & (table.tagged == 0)
    unique = Places.together([unique, table.places.where(plain)])
    table = table.where(~plain)
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
    unique = Places.together([unique, lone])
    begin = np.cumsum(sizes) - sizes
    return Alignments(unique, shared, begin, sizes, known, skipped, tuple(remarks), splices)


def without_like(key: np.ndarray) -> np.ndarray:
    """Tell keys, uint64, (n,), that are certainly there once; a few of those are not told."""
    slots = 1 << max(8 * len(key) - 1, 1).bit_length()
    return _alone_in_slot(key, np.zeros(slots, np.uint8))


@compiled
def _alone_in_slot(key: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Which keys share their slot, by their last bits, with no other; `seen` are zeros."""
    mask = np.uint64(len(seen) - 1)
    for one in key:
        seen[one & mask] = min(seen[one & mask] + 1, 2)
    alone = np.empty(len(key), np.bool_)
    for i in range(len(key)):
        alone[i] = seen[key[i] & mask] == 1
    return alone


def _refuse_more(bam: Path, key: int, size: int, tagged: int) -> None:
    """Name the read that has more places than its tag says."""
    with opened(bam) as file:
        name = next((r.query_name for r in stream(file, bam) if read_key(r, r.flag) == key), "")
    raise SighthoundError(
        f"{bam}: read {name!r} has {size:,} places, but its tag NH says {tagged:,}; where two "
        "reads have one name (lanes put together), give each lane a read group "
        "(samtools addreplacerg) or names of its own"
    )


class Kept:
    """Alignments that count, as they stream by: those known to stand alone, and the others."""

    def __init__(self, line: GenomeLine, counting: Counting) -> None:
        self._bases, self._looks_for_copies = counting.bases, counting.umi_tag is not None
        self._lengths, self._offsets = list(line.lengths.values()), line.offsets.tolist()
        self._is_stranded = len(line.offsets) == 2
        self._counting, self._line = counting, line
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

    def all_on_line(self, found: Columns, is_minus: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As `on_line`, of columns: where on the line, and at how many bases."""
        is_paired = found.flag & PAIRED != 0
        length = np.where(is_paired, np.abs(found.template), self._counting.fragment_length or 0)
        low, high = self._counting.all_bases(found.start, found.end, is_minus, length)
        size = np.array(self._lengths, np.int64)[found.chrom]
        low, high = np.clip(low, 0, size - 1), np.minimum(high, size)
        strand = np.zeros(len(found), int)
        if self._is_stranded:
            strand = (is_minus != (found.flag & READ2 != 0)).astype(int)
        offsets = self._line.offsets[strand, found.chrom]
        return low + offsets, np.maximum(high - low, 1)

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

    def extend_shared(
        self,
        start: np.ndarray,
        span: np.ndarray,
        found: Columns,
        is_first: np.ndarray,
        chosen: np.ndarray,
    ) -> None:
        """Keep the places of reads that may have more, of columns."""
        self._shared.extend(start[chosen], span[chosen])
        self._key.frombytes(found.key[chosen].tobytes())
        self._known.frombytes(found.places[chosen].astype(np.uint32).tobytes())
        self._is_primary.frombytes(is_first[chosen].astype(np.uint8).tobytes())

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

    def extend(self, start: np.ndarray, span: np.ndarray) -> None:
        """Append arrays of places without gaps."""
        self._start.frombytes(start.astype(np.int64).tobytes())
        if self._has_spans:
            self._span.frombytes(span.astype(np.int32).tobytes())

    def places(self) -> Places:
        span = np.array(self._span, np.int32) if self._has_spans else None
        splice = np.array(self._splice, np.int32) if self._has_splices else None
        return Places(np.array(self._start, np.int64), span, splice)
