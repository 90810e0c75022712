"""How far the networks that taught the model agree on its answers.

Each network is asked what the model was asked; the deviation is their sample standard deviation.
What is known, and what is not, is in `core.interpretation.agreement`.
"""

from __future__ import annotations

from dataclasses import dataclass

from sighthound.app.answers.written import Number, Numbers, Rows

Known = tuple[bool, ...]


@dataclass(frozen=True)
class MembersOnSaliency:
    """What the networks say of a saliency, bin by bin.

    Attributes
    ----------
    members : int
        How many networks.
    start : int
        First base of the first bin, as of the saliency.
    mean : array
        Of the networks, a number a bin.
    deviation : array
        Their standard deviation.
    known : array of bool
        Whether they agree with each other and with the saliency.
    """

    members: int
    start: int
    mean: Numbers
    deviation: Numbers
    known: Known


@dataclass(frozen=True)
class MembersOnTrack:
    """What the networks say of a mutagenesis on one track.

    Attributes
    ----------
    track : str
        Its id.
    mean : array
        Of the networks' effects: a row a base, columns A, C, G and T.
    deviation : array
        Their standard deviation, alike.
    known : array
        Whether they agree, alike.
    contributions : array of bool
        Whether they agree on what each base adds: minus the mean effect of its changes.
    """

    track: str
    mean: Rows
    deviation: Rows
    known: tuple[Known, ...]
    contributions: Known


@dataclass(frozen=True)
class MembersOnMutagenesis:
    """What the networks say of a mutagenesis.

    Attributes
    ----------
    members : int
        How many networks.
    start : int
        First base that is changed.
    tracks : array of MembersOnTrack
        As of the mutagenesis.
    """

    members: int
    start: int
    tracks: tuple[MembersOnTrack, ...]


@dataclass(frozen=True)
class Agreed:
    """What the networks say of one effect, alternative minus reference.

    Attributes
    ----------
    mean : float
        Of the networks.
    deviation : float
        Their standard deviation.
    known : bool
        Whether they agree with each other and with the effect.
    """

    mean: Number
    deviation: Number
    known: bool


@dataclass(frozen=True)
class MembersOnEffect:
    """What the networks say of the effect of variants on a track.

    Attributes
    ----------
    track : str
        Its id.
    local : Agreed
        Of the SAD over the bins that the model says change most.
    context : Agreed
        Of the SAD over all bins that can change.
    """

    track: str
    local: Agreed
    context: Agreed


@dataclass(frozen=True)
class MembersOnGene:
    """What the networks say of the effect of variants at the starts of a gene.

    Attributes
    ----------
    gene : str
        Its id.
    track : str
        The first that the answer about the variants names for it.
    sed : Agreed
        Of the SED on this track.
    promoter : Agreed
        Of what the bases around the variants would drive in a reporter, read in the gene's
        direction, in standard deviations of the measured promoters' expression; null where no start
        of the gene lies within 1,000 bases, and where the networks learned no promoters.
    """

    gene: str
    track: str
    sed: Agreed
    promoter: Agreed | None


@dataclass(frozen=True)
class MembersOnVariants:
    """What the networks say of the effects of variants.

    Attributes
    ----------
    members : int
        How many networks.
    tracks : array of MembersOnEffect
        All of the model, in its order.
    genes : array of MembersOnGene
        As of the effects.
    """

    members: int
    tracks: tuple[MembersOnEffect, ...]
    genes: tuple[MembersOnGene, ...]


@dataclass(frozen=True)
class SignOfTrack:
    """How far the sign of an effect on a track can be believed.

    Attributes
    ----------
    track : str
        Its id.
    probability : float
        That a measured effect has the sign of the SAD over all bins that can change; null where
        that is 0.
    alleles : int
        Measured alleles of known sign that this was learned from.
    right : int
        Of them, those predicted with their sign.
    """

    track: str
    probability: Number | None
    alleles: int
    right: int


@dataclass(frozen=True)
class SignsOfVariants:
    """How far the signs of the effects of variants can be believed, by measured effects.

    Attributes
    ----------
    table : str
        Of measured effects, that this was learned from; empty where there is none of this model.
    effect : str
        What the table calls the effect.
    told : float
        Probability below which a sign is not told.
    tracks : array of SignOfTrack
        In the order of the model; those of which enough was measured.
    """

    table: str
    effect: str
    told: Number
    tracks: tuple[SignOfTrack, ...]
