"""Measured effects of variants in a window, and how predictions agree with them.

Positions are 0-based; alleles are as VCF has them.
"""

from __future__ import annotations

from dataclasses import dataclass

from sighthound.app.answers.written import Number, Numbers


@dataclass(frozen=True)
class MeasuredEffect:
    """One measurement.

    Attributes
    ----------
    position : int
        First base of the reference allele.
    ref, alt : str
        Alleles.
    effect : float
        As the table has it.
    q : float
        False discovery rate; null where the table does not say.
    experiment : str
        In which it was measured; empty where the table does not say.
    gene : str
        Of which; empty where the table does not say.
    predicted : array of float
        For each of `tracks`; null where there is none.
    """

    position: int
    ref: str
    alt: str
    effect: Number
    q: Number | None
    experiment: str
    gene: str
    predicted: Numbers


@dataclass(frozen=True)
class MeasuredTable:
    """The measurements of one table in a window.

    Attributes
    ----------
    name : str
        As `sighthound truth` lists it.
    source : str
        File that it was read from.
    effect : str
        What the file calls the effect.
    significance : bool
        Whether it says anything of significance.
    total : int
        Measurements of the window.
    largest : float
        Size that 99 of 100 effects of the whole table do not exceed.
    tracks : array of str
        Whose predictions are given: of those asked for, those that this model predicted.
    score : str
        What is predicted, in words; empty without tracks.
    effects : array of MeasuredEffect
        By place; where there are too many, the largest.
    """

    name: str
    source: str
    effect: str
    significance: bool
    total: int
    largest: Number
    tracks: tuple[str, ...]
    score: str
    effects: tuple[MeasuredEffect, ...]


@dataclass(frozen=True)
class MeasuredHere:
    """Measured effects of variants in a window.

    Attributes
    ----------
    tables : array of MeasuredTable
        By name, those without a measurement here among them.
    """

    tables: tuple[MeasuredTable, ...]


@dataclass(frozen=True)
class WithInterval:
    """A number and its 95 % interval.

    Attributes
    ----------
    value : float
        Null where too little is known.
    low, high : float
        Ends; null where they are not known.
    """

    value: Number | None
    low: Number | None
    high: Number | None


@dataclass(frozen=True)
class TrackAgreement:
    """How predictions for a track agree with measured effects.

    Attributes
    ----------
    track : str
        Its id.
    n : int
        Measurements.
    pearson : WithInterval
        Correlation; null below 20 measurements.
    spearman : WithInterval
        Of ranks.
    same_sign : WithInterval
        Share of the signs that are predicted.
    signed : int
        Measurements that it is a share of: the significant ones where the table says.
    auroc : WithInterval
        Whether sizes of predictions tell significant measurements from others.
    significant : int
        Measurements at a false discovery rate below 5 %.
    """

    track: str
    n: int
    pearson: WithInterval
    spearman: WithInterval
    same_sign: WithInterval
    signed: int
    auroc: WithInterval
    significant: int


@dataclass(frozen=True)
class Repeats:
    """How far two measurements of one allele agree.

    Attributes
    ----------
    one, other : str
        Experiments; `other` is empty of all pairs together.
    n : int
        Pairs.
    pearson : WithInterval
        Correlation.
    reachable : float
        What a prediction without error reaches: its root; null where it is not above zero.
    """

    one: str
    other: str
    n: int
    pearson: WithInterval
    reachable: Number | None


@dataclass(frozen=True)
class MeasuredAgreement:
    """How predictions agree with a table of measured effects.

    Attributes
    ----------
    name : str
        Of the table.
    summary : str
        In words.
    here : array of TrackAgreement
        Of the measurements of the window; empty where this model predicted none.
    everywhere : array of TrackAgreement
        Of all.
    repeats : array of Repeats
        All pairs first; empty where nothing was measured twice.
    """

    name: str
    summary: str
    here: tuple[TrackAgreement, ...]
    everywhere: tuple[TrackAgreement, ...]
    repeats: tuple[Repeats, ...]
