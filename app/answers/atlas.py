"""What an atlas says: the effects of one substitution, and where one base matters most.

Positions are 0-based.
"""

from __future__ import annotations

from dataclasses import dataclass

from sighthound.app.answers.written import Number


@dataclass(frozen=True)
class AtlasEffect:
    """The effect of a substitution on a track.

    Attributes
    ----------
    track : str
        Its id.
    effect : float
        Alternative minus reference, in the track's unit; null where the atlas has nothing.
    """

    track: str
    effect: Number | None


@dataclass(frozen=True)
class AtlasEffects:
    """The effects of one substitution, looked up.

    Attributes
    ----------
    around : int
        Bins on either side of the base's own, over which effects are summed.
    averaged : str
        Strands and shifts that the atlas averages, in words; empty where it has nothing.
    effects : array of AtlasEffect
        In the order of the atlas; none where the project has no atlas of its present model, or the
        atlas has not this substitution.
    """

    around: int
    averaged: str
    effects: tuple[AtlasEffect, ...]


@dataclass(frozen=True)
class AtlasPlace:
    """A substitution of a large effect.

    Attributes
    ----------
    rank : int
        From 1, on its track.
    variant : str
        As it is asked for, 1-based.
    chrom : str
        Chromosome.
    position : int
        Its base.
    ref, alt : str
        Bases.
    effect : float
        Alternative minus reference, in the track's unit.
    gene : str
        That with the nearest start; may be empty.
    distance : int
        Bases from that start, downstream positive; null without a gene.
    """

    rank: int
    variant: str
    chrom: str
    position: int
    ref: str
    alt: str
    effect: Number
    gene: str
    distance: int | None


@dataclass(frozen=True)
class AtlasPlaces:
    """Where one base matters most on a track.

    Attributes
    ----------
    tracks : array of str
        Those of the atlas; none without one.
    track : str
        That of the places.
    around : int
        As of `AtlasEffects`.
    averaged : str
        As of `AtlasEffects`.
    is_present : bool
        Whether the atlas is of the model that the project has now.
    is_complete : bool
        Whether all of it is made.
    total : int
        Places in the list of the track.
    places : array of AtlasPlace
        The largest effect first; of places within 32 bases only the largest.
    """

    tracks: tuple[str, ...]
    track: str
    around: int
    averaged: str
    is_present: bool
    is_complete: bool
    total: int
    places: tuple[AtlasPlace, ...]
