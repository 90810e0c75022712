"""Alignments sorted out by read: those with one place, and those with several, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.precompute.reads.bam_files import opened, stream
from sighthound.precompute.reads.places import Alignments, Places, Splice
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


def _refuse_more(bam: Path, key: int, size: int, tagged: int) -> None:
    """Name the read that has more places than its tag says."""
    with opened(bam) as file:
        name = next((r.query_name for r in stream(file, bam) if read_key(r, r.flag) == key), "")
    raise SighthoundError(
        f"{bam}: read {name!r} has {size:,} places, but its tag NH says {tagged:,}; where two "
        "reads have one name (lanes put together), give each lane a read group "
        "(samtools addreplacerg) or names of its own"
    )
