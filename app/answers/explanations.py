"""What the model answers about a place: saliency, mutagenesis and the motifs that it finds.

Positions are 0-based, half-open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from sighthound.app.answers.written import Digits, Number, Numbers, OneOf, Rows, Strand

# p-values and q-values.
Chance = Annotated[float, Digits(3)]
# What becomes of a motif.
Turn = Annotated[str, OneOf("gain", "loss")]


@dataclass(frozen=True)
class Span:
    """A stretch of a chromosome.

    Attributes
    ----------
    start : int
        First base.
    end : int
        The base after its last.
    """

    start: int
    end: int


@dataclass(frozen=True)
class Truncated:
    """How many bases of a context the chromosome's ends cut off.

    Attributes
    ----------
    left, right : int
        Bases.
    """

    left: int
    right: int


@dataclass(frozen=True)
class Saliency:
    """Which bins of the sequence drive a track's prediction at one bin.

    Attributes
    ----------
    track : str
        Its id; "A/B" of the contrast of two tracks, log2((A + 1) / (B + 1)).
    chrom : str
        Chromosome.
    target : Span
        The bin that is explained.
    bin : int
        Bases a bin.
    start : int
        First base of the first bin of `values`.
    values : array
        Gradient x representation, signed, a number a bin of the context, in the track's unit; log2
        of a contrast.
    context : Span
        What can change the target's prediction at all.
    truncated : Truncated
        What of the context lies beyond the chromosome's ends.
    """

    track: str
    chrom: str
    target: Span
    bin: int
    start: int
    values: Numbers
    context: Span
    truncated: Truncated


@dataclass(frozen=True)
class TrackEffects:
    """What each single-base change does to one track.

    Attributes
    ----------
    track : str
        Its id; "A/B" of the contrast of two tracks, log2((A + 1) / (B + 1)).
    reference : float
        The prediction at the target as it is, in the track's unit; log2 of a contrast.
    effects : array
        A row a base, columns A, C, G and T: alternative minus reference; 0 at the reference base.
    """

    track: str
    reference: Number
    effects: Rows


@dataclass(frozen=True)
class MutatedRegion:
    """The bases of a mutagenesis, and the bin that it looks at.

    Attributes
    ----------
    chrom : str
        Chromosome.
    start : int
        First base that is changed.
    end : int
        The base after the last.
    sequence : str
        These bases.
    target : Span
        The bin whose prediction is looked at.
    """

    chrom: str
    start: int
    end: int
    sequence: str
    target: Span


@dataclass(frozen=True)
class Mutagenesis(MutatedRegion):
    """What each single-base change in a region does to some tracks at one bin.

    Attributes
    ----------
    tracks : array of TrackEffects
        Those of `tracks=`, in this order.
    """

    tracks: tuple[TrackEffects, ...]

    def of_one(self) -> MutagenesisOfTrack:
        """Give the answer of the first track alone."""
        (one, *_), region = self.tracks, self
        return MutagenesisOfTrack(
            region.chrom, region.start, region.end, region.sequence, region.target,
            one.track, one.reference, one.effects,
        )  # fmt: skip


@dataclass(frozen=True)
class MutagenesisOfTrack(TrackEffects, MutatedRegion):
    """What each single-base change in a region does to the one track of `track=`."""


@dataclass(frozen=True)
class NamedMotif:
    """A motif in its place; none overlaps another.

    Attributes
    ----------
    start, end : int
        Its bases.
    strand : str
        On which it reads.
    name : str
        Of the factor.
    motif : str
        Id of the matrix.
    url : str
        Where JASPAR describes it.
    q_value : float
        Of the comparison.
    by : str
        `effects` where the contributions look like the motif, `sequence` where only bases match.
    """

    start: int
    end: int
    strand: Strand
    name: str
    motif: str
    url: str
    q_value: Chance
    by: Annotated[str, OneOf("effects", "sequence")]


@dataclass(frozen=True)
class MotifOfChange:
    """A motif that one substitution makes or breaks.

    Attributes
    ----------
    position : int
        The base.
    alternative : str
        What it becomes.
    kind : str
        `gain` or `loss`.
    name : str
        Of the factor.
    motif : str
        Id of the matrix.
    strand : str
        On which it reads.
    p_value : float
        Where the motif is.
    """

    position: int
    alternative: str
    kind: Turn
    name: str
    motif: str
    strand: Strand
    p_value: Chance


@dataclass(frozen=True)
class Motifs:
    """Names for what a mutagenesis found.

    Attributes
    ----------
    motifs : array of NamedMotif
        In order of position.
    changes : array of MotifOfChange
        At most two of each substitution.
    """

    motifs: tuple[NamedMotif, ...]
    changes: tuple[MotifOfChange, ...]
