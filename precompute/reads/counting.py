"""Which alignments count, and at which bases: one rule for each alignment or fragment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.precompute.reads.assays import NO_SHIFT, Position, Shift
from sighthound.precompute.reads.bam_files import PAIRED, PROPER, QC_FAIL, READ2, UNMAPPED


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
    umi_tag: str | None = None

    @property
    def is_by_fragment(self) -> bool:
        """Whether a pair counts once, as the fragment between its ends."""
        return self.position in ("center", "fragment")

    @property
    def has_spans(self) -> bool:
        """Whether a read may count at more than one base."""
        return self.position in ("fragment", "aligned")

    def reason_to_skip(self, flag: int, mapping_quality: int) -> str:
        """Name the reason to leave an alignment out; "" if there is none."""
        if flag & UNMAPPED:
            return "unmapped"
        if flag & QC_FAIL:
            return "qc_failed"
        if mapping_quality < self.min_mapq:
            return "low_mapq"
        if self.is_by_fragment and flag & PAIRED and not flag & PROPER:
            return "not_fragments"
        if self.sizes is not None and not flag & PAIRED:
            return "single_end"
        return ""

    def is_of_other_mate(self, flag: int) -> bool:
        """Say whether the mate, or for fragments its partner, speaks for this alignment."""
        if self.is_by_fragment:
            return bool(flag & PAIRED and flag & READ2)
        if self.position == "aligned":
            return False
        return self.mate is not None and self.mate != (2 if flag & READ2 else 1)

    def bases(self, start: int, end: int, is_minus: bool, length: int | None) -> tuple[int, int]:
        """Give the bases at which an alignment counts.

        Parameters
        ----------
        start, end : int
            Of its aligned bases.
        is_minus : bool
            Whether it is of the minus strand.
        length : int or None
            Bases in its fragment; 5' ends and aligned bases need none.

        Returns
        -------
        First base and end
        """
        if self.position == "5prime":
            base = end - 1 - self.shift.minus if is_minus else start + self.shift.plus
            return base, base + 1
        if self.position == "aligned":
            return start, end
        if length is None:
            raise SighthoundError(
                "there are single-end reads among pairs, whose fragments end where nobody knows; "
                "give a fragment length (--fragment-length; ChIP: about 200)"
            )
        start, end = (end - length, end) if is_minus else (start, start + length)
        if self.position == "center":
            start = (start + end) // 2
            end = start + 1
        return start, end

    def all_bases(
        self, start: np.ndarray, end: np.ndarray, is_minus: np.ndarray, length: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """As `bases`, of int64 arrays, (n,), whose fragments all have a length."""
        if self.position == "5prime":
            base = np.where(is_minus, end - 1 - self.shift.minus, start + self.shift.plus)
            return base, base + 1
        if self.position == "aligned":
            return start, end
        first = np.where(is_minus, end - length, start)
        last = np.where(is_minus, end, start + length)
        if self.position == "center":
            first = (first + last) // 2
            last = first + 1
        return first, last

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
