"""Places: what searches find, where steps lead, and what stands in ranked lists.

Every place has a label, a detail, a stretch of a chromosome and a kind, whoever made it; further
fields belong to its kind. Positions are 0-based, half-open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from sighthound.app.answers.written import Digits, Number, Optionally

Kind = Literal[
    "region",
    "chromosome",
    "position",
    "gene",
    "variant",
    "haplotype",
    "peak",
    "disagreement",
    "contrast",
]
# Numbers of ranked lists, which are read and compared, not computed with.
Listed = Annotated[float, Digits(5)]


@dataclass(frozen=True)
class Place:
    """A place that one can go to.

    Attributes
    ----------
    label : str
        What it is called.
    detail : str
        What else is to be said of it, for people; may be empty.
    chrom : str
        Chromosome.
    start : int
        First base.
    end : int
        The base after its last.
    kind : str
        What it is.
    variant : str
        Of a variant or haplotype: as `chrIV:1234:A:G+chrIV:1300:CT:C`, 1-based.
    """

    label: str
    detail: str
    chrom: str
    start: int
    end: int
    kind: Kind
    variant: Optionally[str] = None


@dataclass(frozen=True)
class GenePlace(Place):
    """A gene that a step leads to.

    Attributes
    ----------
    position : int
        The middle of its span: ask again from there for the one after.
    """

    position: int = 0


@dataclass(frozen=True)
class PeakPlace(Place):
    """A peak that a step leads to.

    Attributes
    ----------
    position : int
        The middle of its highest bin: ask again from there for the one after.
    track : str
        Of which track.
    series : str
        Of which of its signals.
    value : float
        Height of its highest bin, in the track's unit.
    """

    position: int = 0
    track: str = ""
    series: Literal["experiment", "prediction"] = "experiment"
    value: Number = 0.0


@dataclass(frozen=True)
class ExamplePlace(Place):
    """The place where a project shows best what it does.

    Attributes
    ----------
    position : int
        The gene's start, or the middle of the highest bin.
    track : str
        Which track shows it.
    fold : str
        The held-out fold that it lies in; empty where none is held out.
    """

    position: int = 0
    track: str = ""
    fold: str = ""


@dataclass(frozen=True)
class Disagreement(Place):
    """A place where prediction and experiment differ.

    Attributes
    ----------
    rank : int
        Its place in the list, from 1.
    track : str
        Where they differ most.
    also : array of str
        Other tracks that differ there in the same direction.
    fold : str
        Of the place.
    experiment : float
        Mean a bin.
    prediction : float
        Mean a bin.
    log2_ratio : float
        Of prediction to experiment.
    deviation : float
        In units of the track's usual one.
    """

    rank: int = 0
    track: str = ""
    also: tuple[str, ...] = ()
    fold: str = ""
    experiment: Listed = 0.0
    prediction: Listed = 0.0
    log2_ratio: Listed = 0.0
    deviation: Listed = 0.0


@dataclass(frozen=True)
class ContrastPlace(Place):
    """A place where two tracks differ.

    Attributes
    ----------
    rank : int
        Its place in the list, from 1.
    track, other : str
        Which two.
    fold : str
        Of the place.
    experiment, other_experiment : float
        Sums over the place's bins; means of tracks of means.
    prediction, other_prediction : float
        The same, predicted.
    measured, predicted : float
        log2((track + 1) / (other + 1)).
    motif : str
        What adds most to the difference, as the model has it; empty where nothing was named.
    matrix : str
        Its id.
    q_value : float
        Of the match; null where nothing was named.
    by : str
        `effects` where the contributions look like the motif, `sequence` where only bases match.
    motif_start, motif_end : int
        Its bases; both 0 where nothing was named.
    effect : float
        What the motif's bases add to `predicted`; null where nothing was named.
    """

    rank: int = 0
    track: str = ""
    other: str = ""
    fold: str = ""
    experiment: Listed = 0.0
    other_experiment: Listed = 0.0
    prediction: Listed = 0.0
    other_prediction: Listed = 0.0
    measured: Listed = 0.0
    predicted: Listed = 0.0
    motif: str = ""
    matrix: str = ""
    q_value: Listed | None = None
    by: str = ""
    motif_start: int = 0
    motif_end: int = 0
    effect: Listed | None = None


@dataclass(frozen=True)
class TopVariant(Place):
    """A scored variant with a large effect.

    Attributes
    ----------
    rank : int
        Its place in the list, from 1.
    id : str
        As in the VCF; empty without one.
    track : str
        Where the effect is largest.
    score : str
        Which score it is, of `scores` in /api/v1/project.
    value : float
        The score.
    deviation : float
        The score in units of its root mean square over the table.
    known : bool
        Whether the networks that taught the model agree on it; null where they were not asked.
    """

    rank: int = 0
    id: str = ""
    track: str = ""
    score: str = ""
    value: Listed = 0.0
    deviation: Listed = 0.0
    known: bool | None = None


@dataclass(frozen=True)
class Found:
    """What a text may mean.

    Attributes
    ----------
    results : array of Place
        The likeliest first.
    note : str
        Why not all could be looked at.
    problem : str
        Why what looks like a place or a variant is none of this genome.
    """

    results: tuple[Place, ...]
    note: Optionally[str] = None
    problem: Optionally[str] = None


@dataclass(frozen=True)
class Step:
    """Where a step leads.

    Attributes
    ----------
    place : GenePlace, PeakPlace, Disagreement, ContrastPlace or TopVariant
        Null where there is none.
    note : str
        Why there is none.
    """

    place: GenePlace | PeakPlace | Disagreement | ContrastPlace | TopVariant | None
    note: Optionally[str] = None


@dataclass(frozen=True)
class Example:
    """Where a project shows best what it does.

    Attributes
    ----------
    place : ExamplePlace
        Null before there are predictions in files.
    note : str
        Why there is none.
    """

    place: ExamplePlace | None
    note: Optionally[str] = None


@dataclass(frozen=True)
class Disagreements:
    """Where prediction and experiment differ most.

    Attributes
    ----------
    places : array of Disagreement
        The largest deviation first.
    folds : array of str
        Those that the list has places of.
    note : str
        That there is no list yet, or that it is of an earlier model.
    """

    places: tuple[Disagreement, ...]
    folds: tuple[str, ...] = ()
    note: Optionally[str] = None


@dataclass(frozen=True)
class ContrastPlaces:
    """Where two tracks differ most.

    Attributes
    ----------
    places : array of ContrastPlace
        The largest difference first.
    contrast : str
        Of which two tracks, "A/B"; empty where there is no list.
    contrasts : array of str
        All that there are lists of.
    ranked : str
        What was ranked, in words.
    folds : array of str
        Those that the list has places of.
    note : str
        That there is no list yet, or that it is of an earlier model.
    """

    places: tuple[ContrastPlace, ...]
    contrast: str = ""
    contrasts: tuple[str, ...] = ()
    ranked: str = ""
    folds: tuple[str, ...] = ()
    note: Optionally[str] = None


@dataclass(frozen=True)
class TopVariants:
    """The scored variants with the largest effects on some tracks.

    Attributes
    ----------
    places : array of TopVariant
        The largest deviation first.
    tables : array of str
        Files that they are from, below the project's folder.
    note : str
        Why there are none.
    """

    places: tuple[TopVariant, ...]
    tables: tuple[str, ...] = ()
    note: Optionally[str] = None
