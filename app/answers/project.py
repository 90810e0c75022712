"""What a project holds: its chromosomes, folds, tracks and model, and how far its predictions are.

Positions are 0-based, half-open, but in `default_locus`, which is for people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from sighthound.app.answers.limits import Limits
from sighthound.app.answers.written import Number, OneOf, StrandOrNone
from sighthound.core.interpretation.scores import VariantScore
from sighthound.core.model.activations import ActivationKind
from sighthound.core.model.blocks import BlockKind


@dataclass(frozen=True)
class Columns:
    """Says that rows of an answer come as one list a key."""

    of: type


@dataclass(frozen=True)
class Chromosome:
    """A chromosome.

    Attributes
    ----------
    name : str
        As the FASTA has it.
    length : int
        Bases.
    fold : str
        `train`, `valid`, `test`, `mixed` or empty.
    aliases : array of str
        Other names that mean it and no other, in lower case.
    """

    name: str
    length: int
    fold: str
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class FoldStretch:
    """A stretch of a chromosome that is of one fold.

    Attributes
    ----------
    chrom : str
        Chromosome.
    start, end : int
        The stretch.
    fold : str
        `train`, `valid` or `test`.
    """

    chrom: str
    start: int
    end: int
    fold: str


@dataclass(frozen=True)
class HeldOut:
    """How well a track is predicted on a fold that was held out.

    Attributes
    ----------
    pearson : float
        r of values; null below 20 bins.
    pearson_log1p : float
        r of log(1 + value); null below 20 bins.
    r2 : float
        Null below 20 bins.
    fold : str
        `test`, where there is one.
    bin : int
        Bases a bin.
    n_bins : int
        Bins that it is of.
    ceiling_log1p, ceiling : float
        The r of log(1 + value), and of values, that replicates set over the same bins; null where
        it is not known.
    ceiling_of : str
        What of: `replicates`, `sum of 3 replicates`, `no replicate`; null before the model was
        evaluated.
    """

    pearson: float | None
    pearson_log1p: float | None
    r2: float | None
    fold: str | None
    bin: int | None
    n_bins: int | None
    ceiling_log1p: float | None = None
    ceiling: float | None = None
    ceiling_of: str | None = None


@dataclass(frozen=True)
class ProjectTrack:
    """A track: the columns of the tracks table, and what there is of it.

    Attributes
    ----------
    id : str
        In the tracks table.
    name : str
        For people.
    assay, sample, group : str
        What was measured, and in what.
    strand : str
        `+`, `-`, or `.` for both.
    strand_pair : str
        Id of the track of the other strand; empty without one.
    replicate_of : str
        Id of the track that it repeats; empty if none.
    description : str
        For people.
    aggregation : str
        Whether values of bins are sums or means over their bases.
    unit : str
        Of its values, as `sum per 128 bp`.
    has_experiment : bool
        Whether there is a measured BigWig.
    has_card : bool
        Whether a card beside it says how it was made.
    has_prediction : bool
        Whether there is a predicted BigWig, or it is predicted on the spot.
    modelled : bool
        Whether the model predicts it, so that it can be asked.
    live : bool
        Whether the prediction is made on the spot: there is no predicted BigWig.
    held_out : HeldOut
        Null where it is not known.
    color : int
        Of its assay.
    """

    id: str
    name: str
    assay: str
    sample: str
    group: str
    strand: StrandOrNone
    strand_pair: str
    replicate_of: str
    description: str
    aggregation: Annotated[str, OneOf("sum", "mean")]
    unit: str
    has_experiment: bool
    has_card: bool
    has_prediction: bool
    modelled: bool
    live: bool
    held_out: HeldOut | None
    color: int


@dataclass(frozen=True)
class Live:
    """How windows are predicted on the spot.

    Attributes
    ----------
    stretch_bp : int
        Bases of a stretch that is predicted as one, from the start of the chromosome.
    max_bp : int
        The widest window.
    ensemble : str
        What is averaged, in words.
    """

    stretch_bp: int
    max_bp: int
    ensemble: str


@dataclass(frozen=True)
class ProjectAssay:
    """An assay of the project's tracks.

    Attributes
    ----------
    name : str
        As the tracks have it.
    words : str
        What is counted; empty for an assay that the software does not know.
    color : int
        The number of its colours, from 0 in the table's order.
    n_tracks : int
        Tracks of it.
    """

    name: str
    words: str
    color: int
    n_tracks: int


@dataclass(frozen=True)
class Heading:
    """What stands above the page.

    Attributes
    ----------
    title : str
        Of the project.
    genome : str
        Name of the genome.
    simulated : bool
        Whether the experiments come from a simulator.
    login : str
        How the server knows who is asking: `none` where it does not ask.
    """

    title: str
    genome: str
    simulated: bool
    login: Annotated[str, OneOf("none", "passwords", "proxy")]


@dataclass(frozen=True)
class MeasuredEffects:
    """A table of measured effects of variants.

    Attributes
    ----------
    name : str
        By which it is asked for.
    chromosomes : array of str
        On which it has measurements.
    """

    name: str
    chromosomes: tuple[str, ...]


@dataclass(frozen=True)
class ProjectFacts(Heading):
    """What a project holds, but for its tracks.

    Attributes
    ----------
    chromosomes : array of Chromosome
        In the FASTA's order.
    folds : array of FoldStretch
        Touching windows of one fold are joined.
    bin : int
        Bases a bin of the predictions.
    sequence_length : int
        Bases that the model reads at once.
    context_bp : int
        How far from a bin a base can matter to it; null without a model.
    default_locus : str
        Where the page opens, 1-based and inclusive.
    default_tracks : array of str
        What the page opens on.
    track_sets : object
        Ids of tracks by the name of a set.
    has_model : bool
        Whether there is a model.
    fingerprint : str
        Of the genome.
    model_hash : str
        Changes whenever predictions could; null without a model.
    version : str
        Of the software.
    members : int
        Networks that taught the model and say how far it is to be trusted; 0 without.
    claims : str
        What is averaged where an effect of a variant is claimed, in words.
    measured : array of MeasuredEffects
        Tables of measured effects of variants.
    live : Live
        Null where nothing can be predicted on the spot.
    max_mutagenesis_bp : int
        The widest region of a mutagenesis.
    limits : Limits
        Those that are the same for every project.
    assays : array of ProjectAssay
        In the order of the table of tracks.
    scores : array of VariantScore
        What a variant can be scored by.
    blocks : array of BlockKind
        What networks can be made of.
    activations : array of ActivationKind
        The activations that blocks can have.
    """

    chromosomes: tuple[Chromosome, ...]
    folds: tuple[FoldStretch, ...]
    bin: int
    sequence_length: int
    context_bp: int | None
    default_locus: str
    default_tracks: tuple[str, ...]
    track_sets: dict[str, tuple[str, ...]]
    has_model: bool
    fingerprint: str
    model_hash: str | None
    version: str
    members: int
    claims: str
    measured: tuple[MeasuredEffects, ...]
    live: Live | None
    max_mutagenesis_bp: int
    limits: Limits
    assays: tuple[ProjectAssay, ...]
    scores: tuple[VariantScore, ...]
    blocks: tuple[BlockKind, ...]
    activations: tuple[ActivationKind, ...]


@dataclass(frozen=True)
class ProjectSummary(ProjectFacts):
    """The project.

    Attributes
    ----------
    tracks : array of ProjectTrack
        In the table's order.
    """

    tracks: tuple[ProjectTrack, ...]


@dataclass(frozen=True)
class ProjectInColumns(ProjectFacts):
    """The project, its tracks by column (`form=columns`).

    Attributes
    ----------
    tracks : object
        One list a key of `ProjectTrack`, in the table's order; `held_out` one list a measure.
    """

    tracks: Annotated[dict[str, Any], Columns(ProjectTrack)]


@dataclass(frozen=True)
class RunProgress:
    """How far a genome-wide prediction is.

    Attributes
    ----------
    phase : str
        `network`, then `files`.
    done, total : int
        In `unit`.
    unit : str
        `bases`, then `tracks`.
    rate : float
        `unit` a second; null while it is not known.
    seconds_left : float
        Null while they are not known.
    """

    phase: str
    done: int
    total: int
    unit: str
    rate: float | None
    seconds_left: float | None


@dataclass(frozen=True)
class GenomeRun:
    """How far the prediction of the whole genome is.

    Attributes
    ----------
    state : str
        `stopped` is an unfinished run that nobody goes on with.
    progress : RunProgress
        Null unless tracks are pending.
    written : int
        Tracks.
    pending : int
        Tracks.
    """

    state: Literal["none", "running", "stopped", "complete"]
    progress: RunProgress | None
    written: int
    pending: int


@dataclass(frozen=True)
class TrackLevels:
    """How high the bins of a track are over the genome.

    Attributes
    ----------
    levels : object
        By track, of `experiment` and `prediction` where there is one: the 99th percentile of its
        bins, in the values of /api/v1/signal.
    pending : array of str
        Tracks whose levels are being worked out: ask again.
    """

    levels: dict[str, dict[str, Number]]
    pending: tuple[str, ...]
