"""Places of reads on a genome laid out as one line, and reads sorted out by how many they have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

PSEUDOCOUNT = 0.01  # reads a base, added to smoothed coverage whatever it is used for
Splice = tuple[tuple[int, int], ...]

REASONS = (
    "unmapped", "qc_failed", "low_mapq", "not_fragments", "fragment_size", "duplicates",
    "without_mate", "single_end", "umi_duplicates", "blacklist", "too_many_places",
)  # fmt: skip


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
    splice : int32 array, (places,), or None where no read is spliced
        Which of `Alignments.splices` are the gaps of each.
    """

    start: np.ndarray
    span: np.ndarray | None
    splice: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.start)

    @property
    def anchor(self) -> np.ndarray:
        """The base at which smoothed coverage is asked for: the middle, but none in an intron."""
        if self.span is None or self.splice is not None:
            return self.start
        return self.start + self.span // 2

    def where(self, chosen: np.ndarray | slice) -> Places:
        """Take the places of a mask, of indexes or of a slice."""
        return Places(
            self.start[chosen],
            None if self.span is None else self.span[chosen],
            None if self.splice is None else self.splice[chosen],
        )

    def in_order(self) -> Places:
        """Sort by where places begin."""
        if self.span is None:  # nothing else tells them apart
            return Places(np.sort(self.start), None)
        return self.where(np.argsort(self.start, kind="stable"))

    @classmethod
    def together(cls, parts: list[Places]) -> Places:
        """Put places one behind the other; all have spans, or none."""
        spans = [part.span for part in parts if part.span is not None]
        splices = [part.splice for part in parts if part.splice is not None]
        return cls(
            np.concatenate([part.start for part in parts]),
            np.concatenate(spans) if spans else None,
            np.concatenate(splices) if splices else None,
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
    splices : tuple
        The gaps that reads have: of each kind, bases from the start of the read and their number.
        The first kind has none.
    """

    unique: Places
    shared: Places
    first: np.ndarray
    sizes: np.ndarray
    known: np.ndarray
    skipped: dict[str, int]
    remarks: tuple[str, ...]
    splices: tuple[Splice, ...] = ((),)

    def __len__(self) -> int:
        return len(self.unique) + len(self.shared)

    def without(self, unique: np.ndarray, shared: np.ndarray, reason: str) -> Alignments:
        """Leave out the places of two masks; the others of their reads keep their parts."""
        read = np.repeat(np.arange(len(self.sizes)), self.sizes)[~shared]
        sizes = np.bincount(read, minlength=len(self.sizes))
        left = sizes > 0
        sizes = sizes[left]
        count = int(unique.sum()) + int(shared.sum())
        return Alignments(
            self.unique.where(~unique),
            self.shared.where(~shared),
            np.cumsum(sizes) - sizes,
            sizes,
            self.known[left],
            self.skipped | {reason: self.skipped.get(reason, 0) + count},
            self.remarks,
            self.splices,
        )


def skipped_counts() -> dict[str, int]:
    """Count nothing yet, for every reason to leave an alignment out."""
    return dict.fromkeys(REASONS, 0)


def together(parts: list[Alignments]) -> Alignments:
    """Put the alignments of several files together; reads of different files are different."""
    if len(parts) == 1:
        return parts[0]
    skipped = skipped_counts()
    for part in parts:
        for reason, count in part.skipped.items():
            skipped[reason] = skipped.get(reason, 0) + count
    before = np.cumsum([0, *(len(part.shared) for part in parts[:-1])])
    kinds = np.cumsum([0, *(len(part.splices) for part in parts[:-1])]).tolist()
    return Alignments(
        Places.together([_renumbered(p.unique, n) for p, n in zip(parts, kinds, strict=True)]),
        Places.together([_renumbered(p.shared, n) for p, n in zip(parts, kinds, strict=True)]),
        np.concatenate([part.first + n for part, n in zip(parts, before, strict=True)]),
        np.concatenate([part.sizes for part in parts]),
        np.concatenate([part.known for part in parts]),
        skipped,
        tuple(remark for part in parts for remark in part.remarks),
        tuple(splice for part in parts for splice in part.splices),
    )


def _renumbered(places: Places, before: int) -> Places:
    if places.splice is None:
        return places
    return Places(places.start, places.span, places.splice + np.int32(before))
