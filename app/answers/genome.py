"""What a window of the genome holds: genes and bases. Positions are 0-based, half-open."""

from __future__ import annotations

from dataclasses import dataclass

from sighthound.app.answers.written import StrandOrNone
from sighthound.core.annotation.links import GeneLink

Stretch = tuple[int, int]


@dataclass(frozen=True)
class GeneShape:
    """A gene as it is drawn.

    Attributes
    ----------
    id, name : str
        As the annotation has them.
    start, end : int
        Its span.
    strand : str
        `+`, `-` or `.`.
    tss : array of int
        First bases of its transcripts: none of a further part, across the origin of a circle or
        trans-spliced.
    exons : array of [start, end]
        Those of all transcripts, joined.
    coding : array of [start, end]
        The longest coding sequence of a transcript; empty where the annotation has none.
    phase : int
        Bases at its 5' end before the first whole codon.
    description : str
        As the annotation has it.
    """

    id: str
    name: str
    start: int
    end: int
    strand: StrandOrNone
    tss: tuple[int, ...]
    exons: tuple[Stretch, ...]
    coding: tuple[Stretch, ...]
    phase: int
    description: str


@dataclass(frozen=True)
class GenesHere:
    """The genes that touch a window.

    Attributes
    ----------
    genes : array of GeneShape
        In order.
    """

    genes: tuple[GeneShape, ...]


@dataclass(frozen=True)
class GeneStart:
    """A start of a gene.

    Attributes
    ----------
    position : int
        The first transcribed base.
    transcripts : array of str
        Ids of those that start there.
    """

    position: int
    transcripts: tuple[str, ...]


@dataclass(frozen=True)
class GeneCard:
    """All there is to say of a gene.

    Attributes
    ----------
    id, name : str
        As the annotation has them.
    chrom : str
        Chromosome.
    start, end : int
        Its span.
    strand : str
        `+`, `-` or `.`.
    description : str
        As the annotation has it.
    aliases : array of str
        Other names.
    starts : array of GeneStart
        Where its transcripts begin.
    links : array of GeneLink
        Entries in public databases, by the cross-references of the annotation and by what the id
        looks like; the server asks none of them.
    """

    id: str
    name: str
    chrom: str
    start: int
    end: int
    strand: StrandOrNone
    description: str
    aliases: tuple[str, ...]
    starts: tuple[GeneStart, ...]
    links: tuple[GeneLink, ...]


@dataclass(frozen=True)
class Bases:
    """Bases of a window.

    Attributes
    ----------
    chrom : str
        Chromosome.
    start, end : int
        The window.
    sequence : str
        In upper case.
    """

    chrom: str
    start: int
    end: int
    sequence: str


@dataclass(frozen=True)
class CardLine:
    """One thing that is known of how an experiment was made.

    Attributes
    ----------
    what : str
        `made from`, `reads`, `left out`, `counted at`, `normalised`, ...
    words : str
        Of it, for a person.
    """

    what: str
    words: str


@dataclass(frozen=True)
class CardPicture:
    """A curve of a card.

    Attributes
    ----------
    what : str
        `GC` or `fragments`.
    svg : str
        On white paper, with its title and axes.
    """

    what: str
    svg: str


@dataclass(frozen=True)
class TrackCard:
    """How the experiment of a track was made.

    Attributes
    ----------
    lines : array of CardLine
        Empty where there is no card beside the BigWig.
    pictures : array of CardPicture
        Of GC where that was corrected, of fragments where their length was learned.
    """

    lines: tuple[CardLine, ...]
    pictures: tuple[CardPicture, ...]
