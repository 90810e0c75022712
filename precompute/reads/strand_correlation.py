"""Length of the fragments of single-end reads, by how far their strands lie apart.

Reads of the plus strand begin where a fragment begins, those of the minus strand where one ends:
the distance at which most 5' ends of the strands face each other is the fragments' length
(Kharchenko et al. 2008). Around the length of a read there is another peak, of where reads can be
placed (Landt et al. 2012), which is passed over.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sighthound.core.compiled import compiled
from sighthound.core.errors import SighthoundError
from sighthound.core.tracks.card import FragmentLength
from sighthound.precompute.reads.bam_files import (
    DUPLICATE,
    PAIRED,
    QC_FAIL,
    REVERSE,
    SECONDARY,
    SUPPLEMENTARY,
    UNMAPPED,
    opened,
    stream,
)  # fmt: skip
from sighthound.precompute.reads.read_tags import aligned_end

SHORTEST, LONGEST = 50, 600  # bases of a fragment
MOST_READS = 2_000_000  # that are looked at
LOOKED_AT = 1_000  # alignments by which single-end reads are known
AROUND_READ_LENGTH = 15  # bases on each side of the length of a read that are passed over
SMOOTHING_SD = 10  # bases
CLEAR = 6  # standard deviations that the peak must lie above what is there by chance
_STEP = 5  # bases between the points that a card keeps
_SKIPPED = UNMAPPED | SECONDARY | SUPPLEMENTARY | QC_FAIL | DUPLICATE


def learn_fragment_length(bams: Sequence[Path], min_mapq: int) -> FragmentLength | None:
    """Learn the length of fragments of single-end reads.

    Parameters
    ----------
    bams : paths
    min_mapq : int

    Returns
    -------
    FragmentLength; None where the first alignments are of pairs, which know their own

    Raises
    ------
    SighthoundError
        The strands do not tell.
    """
    plus, minus, sizes = array("q"), array("q"), array("i")
    for number, bam in enumerate(bams):
        looked_at = 0
        with opened(bam) as file:
            places = np.cumsum([0, *(length + LONGEST for length in file.lengths)]).tolist()
            beyond = number * 2 * places[-1]  # no file's reads face those of another
            for read in stream(file, bam):
                flag = read.flag
                if flag & _SKIPPED or read.mapping_quality < min_mapq:
                    continue
                looked_at += 1
                if flag & PAIRED:
                    if looked_at >= LOOKED_AT:
                        break
                    continue
                start, end = read.reference_start, aligned_end(bam, read)
                at = beyond + places[read.reference_id]
                if flag & REVERSE:
                    minus.append(at + end - 1)
                else:
                    plus.append(at + start)
                sizes.append(end - start)
                if len(sizes) >= MOST_READS * (number + 1) // len(bams):
                    break
    if not sizes:
        return None
    read_length = int(np.median(np.array(sizes)))
    return fragment_length(np.array(plus), np.array(minus), read_length)


def fragment_length(plus: np.ndarray, minus: np.ndarray, read_length: int) -> FragmentLength:
    """Find the length at which most 5' ends of the strands face each other.

    Parameters
    ----------
    plus, minus : int64 arrays
        5' ends on a line; each base counts once.
    read_length : int

    Raises
    ------
    SighthoundError
        No length stands out.
    """
    from scipy.ndimage import gaussian_filter1d  # takes a second to import

    reads = len(plus) + len(minus)
    plus, minus = np.unique(plus), np.unique(minus)
    facing = _facing(plus, minus, LONGEST + 1)[1:].astype(float)  # of 1 to LONGEST + 1 bases
    smooth = gaussian_filter1d(facing, SMOOTHING_SD, mode="nearest")
    lengths = np.arange(1, len(facing) + 1)
    allowed = (lengths >= SHORTEST) & (lengths <= LONGEST)
    allowed &= np.abs(lengths - read_length) > AROUND_READ_LENGTH
    best = int(np.argmax(np.where(allowed, smooth, -1)))
    chance = float(np.median(smooth[allowed]))
    # A Gaussian of this width averages about 3.5 sd of bases that hold counts of their own.
    noise = np.sqrt(max(chance, 1e-9) / (2 * np.sqrt(np.pi) * SMOOTHING_SD))
    is_at_the_edge = lengths[best] in (SHORTEST, LONGEST)
    # Signal that only clusters falls off from one base on: a peak has lower lengths on both sides.
    lowest = max(chance, smooth[: best + 1].min(), smooth[best:].min())
    if smooth[best] - lowest < CLEAR * noise or smooth[best] < 1 or is_at_the_edge:
        raise SighthoundError(
            f"the strands of {reads:,} single-end reads do not tell how long fragments are; "
            "give a fragment length (--fragment-length; ChIP: about 200)"
        )
    kept = slice(_STEP - 1, LONGEST, _STEP)
    per_read = 2 / max(len(plus) + len(minus), 1)
    return FragmentLength(
        length=int(lengths[best]),
        reads=reads,
        read_length=read_length,
        above_chance=round(float(smooth[best]) / chance, 3) if chance else 0.0,
        lengths=tuple(lengths[kept].tolist()),
        facing=tuple(np.round(smooth[kept] * per_read, 6).tolist()),
    )


@compiled
def _facing(plus: np.ndarray, minus: np.ndarray, longest: int) -> np.ndarray:
    """Count pairs of ends, both ascending, by the bases from the one to the other inclusive."""
    counts = np.zeros(longest + 1, np.int64)
    first = 0
    for start in plus:
        while first < len(minus) and minus[first] < start:
            first += 1
        other = first
        while other < len(minus) and minus[other] - start < longest:
            counts[minus[other] - start + 1] += 1
            other += 1
    return counts
