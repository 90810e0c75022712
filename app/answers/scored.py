"""Tables of scored variants: those of the project, those that visitors had made, and their rows.

Positions are 0-based.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from sighthound.app.answers.written import Number, OneOf
from sighthound.core.interpretation.scores import VariantScore


@dataclass(frozen=True)
class AskedRun:
    """What is to be scored: `text`, or `upload`.

    Attributes
    ----------
    name : str
        For people; empty: made of what is given.
    text : str
        Variants, one a line or several between commas: places with alleles, HGVS, ids of the
        project's VCF, lines of a VCF.
    upload : str
        Id of a VCF among the visitor's own files.
    members : bool
        Whether the networks that taught the model are asked, too.
    """

    name: str = ""
    text: str = ""
    upload: str = ""
    members: bool = True


@dataclass(frozen=True)
class VariantRun:
    """A list of variants that a visitor has scored.

    Attributes
    ----------
    id : str
        Who knows it can read it.
    name : str
        The visitor's.
    state : str
        `read`: to be started; then `waiting`, `running`, `done`, or `stopped` or `failed`, after
        which it can go on.
    message : str
        Why it failed.
    alleles : int
        To be scored.
    done : int
        Of these.
    left_out : array of str
        What of the list cannot be scored: a line a kind of reason.
    members : int
        How many networks are asked, beside the model.
    seconds : float
        That it takes, or what is left of it; null while nothing like it was scored here.
    waiting : int
        Alleles of other lists that take turns with this one.
    created, expires : float
        Seconds since 1970.
    """

    id: str
    name: str
    state: Annotated[str, OneOf("read", "waiting", "running", "done", "stopped", "failed")]
    message: str
    alleles: int
    done: int
    left_out: tuple[str, ...]
    members: int
    seconds: Number | None
    waiting: int
    created: float
    expires: float


@dataclass(frozen=True)
class RunLimits:
    """What may be scored from the page.

    Attributes
    ----------
    alleles : int
        Of a list; 0 where the server takes none.
    days : int
        After which a list goes, with its scores.
    members : int
        Networks that can be asked, too.
    seconds : float
        Of an allele, as the last lists took with these networks; null before the first.
    ids : str
        Name of the VCF whose ids are known; empty without one.
    """

    alleles: int
    days: int
    members: int
    seconds: Number | None
    ids: str


@dataclass(frozen=True)
class ProjectTable:
    """A table of scored variants in the project's folder.

    Attributes
    ----------
    id : str
        What it is asked for by.
    name : str
        Of the file, from the project's folder.
    bytes : int
        Of the file.
    """

    id: str
    name: str
    bytes: int


@dataclass(frozen=True)
class VariantTables:
    """What can be looked at, and what can be scored.

    Attributes
    ----------
    runs : array of VariantRun
        The visitor's, the newest first.
    tables : array of ProjectTable
        Those of the project.
    studies : array of str
        Reports of studies in the project's folder `studies`, by their paths in it; below /studies.
    limits : RunLimits
        Of what is scored here.
    """

    runs: tuple[VariantRun, ...]
    tables: tuple[ProjectTable, ...]
    studies: tuple[str, ...]
    limits: RunLimits


@dataclass(frozen=True)
class DescribedTable:
    """What a table of scored variants is of.

    Attributes
    ----------
    id : str
        As it was asked for.
    name : str
        Of the list or file.
    alleles : int
        How many.
    scores : array of VariantScore
        Those it has.
    tracks : array of str
        Ids.
    members : int
        Networks that were asked; 0: none.
    percentiles_of : array of str
        Scores that are ranked among nulls.
    is_present : bool
        Whether it is of the model that the project has now.
    averaged : str
        What predictions were averaged over, in words.
    """

    id: str
    name: str
    alleles: int
    scores: tuple[VariantScore, ...]
    tracks: tuple[str, ...]
    members: int
    percentiles_of: tuple[str, ...]
    is_present: bool
    averaged: str


@dataclass(frozen=True)
class Measurement:
    """What was measured of an allele.

    Attributes
    ----------
    table : str
        Name of the table of measured effects.
    effect : float
        Mean of its experiments.
    """

    table: str
    effect: Number


@dataclass(frozen=True)
class ScoredAllele:
    """An allele by one score, on one track.

    Attributes
    ----------
    variant : str
        As it is asked for, 1-based.
    chrom : str
        Chromosome.
    position : int
        First base of the reference allele.
    ref, alt : str
        Alleles.
    id : str
        Of the list, as an rsID; may be empty.
    track : str
        Id.
    score : float
        Null where the model has none.
    reference, alternative : float
        What the score is the difference of.
    mean, deviation : float
        Of what the networks say; null where none were asked.
    known : bool
        Whether they agree with each other and the model; null where none were asked.
    percentile : float
        Of the size among random substitutions that match, 0 to 100; null where there are none.
    sign : float
        Probability that a measured effect has the sign of the score, or of the SAD; null where
        nothing is known of it.
    gene : str
        Id of the gene of a score by gene, else of that with the nearest start; may be empty.
    gene_name : str
        Its name.
    distance : int
        Bases from that start, along the gene's strand, negative upstream; null without a gene.
    passes : bool
        Whether it is what was asked for; other alleles of its site come with it.
    measured : array of Measurement
        In the project's tables.
    """

    variant: str
    chrom: str
    position: int
    ref: str
    alt: str
    id: str
    track: str
    score: Number | None
    reference: Number | None
    alternative: Number | None
    mean: Number | None
    deviation: Number | None
    known: bool | None
    percentile: Number | None
    sign: Number | None
    gene: str
    gene_name: str
    distance: int | None
    passes: bool
    measured: tuple[Measurement, ...]


@dataclass(frozen=True)
class ScoredRows:
    """Sites of a table, some of those that were asked for.

    Attributes
    ----------
    total : int
        Rows of the table: alleles, or alleles and genes of a score by gene.
    passing : int
        Rows that are what was asked for.
    sites : int
        Sites with any of these.
    first : int
        Number of the first site that is given, from 0.
    rows : array of array of ScoredAllele
        A site each: its alleles, the largest effect first.
    """

    total: int
    passing: int
    sites: int
    first: int
    rows: tuple[tuple[ScoredAllele, ...], ...]
