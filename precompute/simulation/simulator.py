"""A mechanistic simulator of assays on a real genome: what the demo shows instead of experiments.

Motif sites, occupied, make accessibility, ChIP, histone acetylation and stranded initiation at
annotated starts, in two conditions; all are known functions of the sequence.
The formulas are in docs/simulation.md. Positions are 0-based; intervals half-open.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from sighthound.core.annotation.genes import Genes
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.progress import Progress
from sighthound.precompute.simulation.binding_sites import (
    CONDITIONS,
    FACTOR_NAMES,
    FACTORS,
    Sites,
    find_sites,
)

SEED = 20180301
STEP = 32  # bases a value of a simulated experiment
CONDITION_NAMES = {"rich": "rich medium", "starved": "amino-acid starvation"}

DISTAL_REACH = 8_000  # bp from a transcription start
DISTAL_DECAY = 2_500.0  # bp, e-fold of a distal effect
BASE_RATE = 3.0  # reads at a transcription start without any element
MAXIMAL_RATE = 600.0  # reads at a transcription start, saturating
INITIATION_SD = 12.0  # bp, spread of initiation around an annotated start
INITIATION_REACH = 64  # bp
OVERDISPERSION = 0.02  # variance of counts = mean + OVERDISPERSION x mean^2

ACCESSIBLE_SD = 70.0  # bp
CHIP_SD = 75.0  # bp; about 175 bp wide at half height
CHIP_SATURATION = 2.5  # occupied sites; what clusters of sites, as at telomeres, saturate at
ACETYLATION_DECAY = 600.0  # bp
ACETYLATION_REACH = 3_000  # bp
NUCLEOSOME_FREE_SD = 90.0  # bp
NUCLEOSOME_FREE_DEPLETION = 0.85  # share of the acetylation lost where a site keeps nucleosomes off
PROMOTER_OPENNESS = 0.3  # accessibility weight of every annotated promoter
PROMOTER_CENTRE = 70  # bp upstream of the transcription start

# Reads a step at full signal, and background reads a step (CAGE's rates are reads already).
_DEPTH = {
    "ATAC": (20.0, 0.3),
    "ChIP": (45.0, 0.025),
    "H3K27ac": (14.0, 0.25),
    "CAGE": (1.0, 0.003),
}


@dataclass(frozen=True)
class SimulatedTrack:
    """One simulated experiment: assay, condition and replicate decide it."""

    id: str
    assay: str  # "ATAC", "ChIP", "H3K27ac" or "CAGE"
    condition: str
    replicate: int
    factor: str = ""
    strand: str = "."


def _all_tracks() -> tuple[SimulatedTrack, ...]:
    kinds = [("ATAC", "ATAC", c, "", ".") for c in CONDITIONS]
    # GCN4's sites are seen in both conditions; the other factors' need one.
    kinds += [
        (name, "ChIP", condition, name, ".")
        for name in FACTOR_NAMES
        for condition in (CONDITIONS if name == "GCN4" else ("rich",))
    ]
    kinds += [("H3K27ac", "H3K27ac", c, "", ".") for c in CONDITIONS]
    kinds += [("CAGE", "CAGE", c, "", strand) for c in CONDITIONS for strand in "+-"]
    strands = {"+": "_plus", "-": "_minus", ".": ""}
    return tuple(
        SimulatedTrack(
            f"{label}_{condition}{strands[strand]}_r{replicate}",
            assay,
            condition,
            replicate,
            factor,
            strand,
        )
        for label, assay, condition, factor, strand in kinds
        for replicate in (1, 2)
    )


TRACKS = _all_tracks()
TRACKS_BY_ID = {track.id: track for track in TRACKS}


@dataclass(frozen=True)
class Starts:
    """Annotated transcription starts of one chromosome, by position.

    Attributes
    ----------
    position : int64 array, (starts,)
    sign : int64 array, (starts,)
        1 on the forward strand, -1 on the reverse.
    gene_id, gene_name : object array, (starts,)
    """

    position: np.ndarray
    sign: np.ndarray
    gene_id: np.ndarray
    gene_name: np.ndarray

    def __len__(self) -> int:
        return len(self.position)

    def take(self, chosen: np.ndarray) -> Starts:
        """Give the starts of an index or boolean array."""
        return Starts(
            self.position[chosen], self.sign[chosen], self.gene_id[chosen], self.gene_name[chosen]
        )


def find_starts(genes: Genes, chrom: str) -> Starts:
    """List the annotated starts of messenger RNAs on a chromosome, each position and strand once.

    Transcripts whose id ends in `_tRNA`, `_rRNA` or `_ncRNA` (as in the shipped annotation) are
    not made by polymerase II here and start nothing.
    """
    rows: dict[tuple[int, int], tuple[str, str]] = {}
    for gene in genes:
        if gene.chrom != chrom:
            continue
        for transcript in gene.transcripts:
            is_made_here = not transcript.id.endswith(("_tRNA", "_rRNA", "_ncRNA"))
            if transcript.has_start and is_made_here:
                sign = -1 if transcript.strand == "-" else 1
                rows.setdefault((transcript.tss, sign), (gene.id, gene.name))
    keys = sorted(rows)
    return Starts(
        position=np.array([key[0] for key in keys], np.int64),
        sign=np.array([key[1] for key in keys], np.int64),
        gene_id=np.array([rows[key][0] for key in keys], object),
        gene_name=np.array([rows[key][1] for key in keys], object),
    )


class Simulation:
    """Simulated assays on (some chromosomes of) a genome.

    Parameters
    ----------
    genome : Genome
    genes : Genes
        Give the transcription starts.
    chromosomes : sequence of str, optional
        All of the genome's when not given.
    progress : callable, optional
        Called with (chromosomes scanned, chromosomes).
    """

    def __init__(
        self,
        genome: Genome,
        genes: Genes,
        chromosomes: Sequence[str] | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.genome = genome
        self.chromosomes = tuple(chromosomes or genome.lengths)
        self.sites: dict[str, Sites] = {}
        self.starts: dict[str, Starts] = {}
        for done, chrom in enumerate(self.chromosomes, start=1):
            sequence = genome.sequence(Interval(chrom, 0, genome.lengths[chrom]))
            self.sites[chrom] = find_sites(sequence)
            self.starts[chrom] = find_starts(genes, chrom)
            if progress:
                progress(done, len(self.chromosomes))

    def expected(self, track_id: str, chrom: str) -> np.ndarray:
        """Give the noise-free expectation of a track.

        Returns
        -------
        float64 array, (ceil(chromosome / STEP),), reads in each step
        """
        steps = -(-self.genome.lengths[chrom] // STEP)
        track = find_track(track_id)
        return expected_counts(track, self.sites[chrom], self.starts[chrom], 0, steps)

    def counts(self, track_id: str, chrom: str) -> np.ndarray:
        """Draw a track's reads; the same track and chromosome always give the same draw.

        Returns
        -------
        int64 array, (ceil(chromosome / STEP),), reads in each step
        """
        mean = self.expected(track_id, chrom)
        names = (zlib.crc32(track_id.encode()), zlib.crc32(chrom.encode()))
        rng = np.random.default_rng(np.random.SeedSequence([SEED, *names]))
        shape = 1 / OVERDISPERSION
        return rng.poisson(mean * rng.gamma(shape, 1 / shape, len(mean)))


def expected_counts(
    track: SimulatedTrack, sites: Sites, starts: Starts, first: int, steps: int
) -> np.ndarray:
    """Compute a track's expectation in a stretch of one chromosome.

    Parameters
    ----------
    sites, starts : Sites, Starts
        All that can reach the stretch.
    first, steps : int
        First step and their number.

    Returns
    -------
    float64 array, (steps,), reads in each step
    """
    fields = np.stack(
        [
            deposit(at, weight, first, steps, kernel, reach)
            for at, weight, kernel, reach in sources(track, sites, starts)
        ]
    )
    return response(track, fields)


@dataclass(frozen=True)
class SiteStartPairs:
    """Sites within reach of starts: indices into both, and bp downstream of the start."""

    site: np.ndarray
    start: np.ndarray
    downstream: np.ndarray


def find_track(track_id: str) -> SimulatedTrack:
    """Find a simulated track by its id; SighthoundError when there is none."""
    try:
        return TRACKS_BY_ID[track_id]
    except KeyError:
        raise SighthoundError(
            f"no simulated track {track_id!r}; expected one of {', '.join(TRACKS_BY_ID)}"
        ) from None


_Kernel = Callable[[np.ndarray], np.ndarray]


def source_weights(track: SimulatedTrack) -> np.ndarray:
    """Weight of each factor's sites in each field of a chromatin track: (fields, factors)."""
    openness = np.array([factor.openness for factor in FACTORS])
    if track.assay == "ATAC":
        return openness[None]
    if track.assay == "H3K27ac":
        return np.stack([np.array([factor.acetylation for factor in FACTORS]), openness])
    return np.array([[float(factor.name == track.factor) for factor in FACTORS]])


def _kernels(track: SimulatedTrack) -> list[tuple[_Kernel, int]]:
    """Kernel and reach (bp) of each field of a track."""
    if track.assay == "ATAC":
        return [_gaussian(ACCESSIBLE_SD)]
    if track.assay == "ChIP":
        return [_gaussian(CHIP_SD)]
    if track.assay == "H3K27ac":
        return [(_laplace, ACETYLATION_REACH), _gaussian(NUCLEOSOME_FREE_SD)]
    return [(_initiation_mass, INITIATION_REACH)]


def sources(
    track: SimulatedTrack, sites: Sites, starts: Starts
) -> list[tuple[np.ndarray, np.ndarray, _Kernel, int]]:
    """Positions and weights, kernel and reach, of each of the fields that make a track."""
    c = CONDITIONS.index(track.condition)
    if track.assay == "CAGE":
        mine = starts.take(starts.sign == (1 if track.strand == "+" else -1))
        at, weights = mine.position + 0.5, [initiation_rate(log_initiation_rates(sites, mine, c))]
    else:
        at = sites.centre
        weights = list(source_weights(track)[:, sites.factor] * sites.occupancy[:, c])
    if track.assay == "ATAC":
        at = np.concatenate([at, starts.position - starts.sign * PROMOTER_CENTRE])
        weights = [np.concatenate([weights[0], np.full(len(starts), PROMOTER_OPENNESS)])]
    return [(at, weight, *kernel) for weight, kernel in zip(weights, _kernels(track), strict=True)]


def response(track: SimulatedTrack, fields: np.ndarray) -> np.ndarray:
    """Turn fields, (fields, ...), into expected reads."""
    depth, background = _DEPTH[track.assay]
    if track.assay == "ATAC":
        signal = -np.expm1(-fields[0])
    elif track.assay == "ChIP":
        signal = -CHIP_SATURATION * np.expm1(-fields[0] / CHIP_SATURATION)
    elif track.assay == "H3K27ac":
        signal = fields[0] * (1 + NUCLEOSOME_FREE_DEPLETION * np.expm1(-fields[1]))
    else:
        signal = fields[0]
    return background + depth * signal


def _gaussian(sd: float) -> tuple[_Kernel, int]:
    return (lambda distance: np.exp(-0.5 * (distance / sd) ** 2)), int(4 * sd)


def _laplace(distance: np.ndarray) -> np.ndarray:
    return np.exp(-np.abs(distance) / ACETYLATION_DECAY)


def _initiation_mass(distance: np.ndarray) -> np.ndarray:
    """Share of a start's reads in a step whose centre is at a distance."""
    edge = STEP / 2
    return ndtr((distance + edge) / INITIATION_SD) - ndtr((distance - edge) / INITIATION_SD)


def deposit(
    at: np.ndarray,
    weight: np.ndarray,
    first: int,
    steps: int,
    kernel: _Kernel,
    reach: int,
) -> np.ndarray:
    """Sum weighted kernels around positions, at the centres of steps.

    Parameters
    ----------
    at, weight : float array, (sources,)
        Positions, and weights; kernels end `reach` bp from them.
    first, steps : int
        First step and their number.

    Returns
    -------
    float64 array, (steps,)
    """
    field = np.zeros(steps)
    used = np.flatnonzero(weight)
    if not len(used):
        return field
    side = -(-reach // STEP)
    nearest = np.floor(at[used] / STEP).astype(np.int64)
    index = nearest[:, None] + np.arange(-side, side + 1)
    distance = (index + 0.5) * STEP - at[used, None]
    value = np.where(np.abs(distance) <= reach, kernel(distance), 0.0) * weight[used, None]
    inside = (index >= first) & (index < first + steps)
    np.add.at(field, index[inside] - first, value[inside])
    return field


def site_start_pairs(sites: Sites, starts: Starts) -> SiteStartPairs:
    """Pair every start with the sites within `DISTAL_REACH` of it."""
    order = np.argsort(sites.centre, kind="stable")
    centre = sites.centre[order]
    low = np.searchsorted(centre, starts.position - DISTAL_REACH)
    high = np.searchsorted(centre, starts.position + DISTAL_REACH, side="right")
    number = high - low
    start = np.repeat(np.arange(len(starts)), number)
    within = np.arange(number.sum()) - np.repeat(np.cumsum(number) - number, number)
    site = order[np.repeat(low, number) + within]
    downstream = (sites.centre[site] - starts.position[start]) * starts.sign[start]
    return SiteStartPairs(site, start, downstream)


_PROXIMAL = np.array([factor.proximal for factor in FACTORS])
_DISTAL = np.array([factor.distal for factor in FACTORS])
_WINDOW = np.array([factor.window for factor in FACTORS])


def pair_effects(
    sites: Sites, starts: Starts, pairs: SiteStartPairs, condition: int
) -> tuple[np.ndarray, np.ndarray]:
    """Give the log fold change of initiation that each pair's site causes.

    Returns
    -------
    two float64 arrays, (pairs,)
        As promoter element, and as distal element.
    """
    factor = sites.factor[pairs.site]
    upstream = -pairs.downstream
    a, b, c, d = _WINDOW[factor].T
    inside = np.clip(np.minimum((upstream - a) / (b - a), (d - upstream) / (d - c)), 0, 1)
    bound = sites.occupancy[pairs.site, condition]
    distance = np.abs(upstream)
    ending = np.clip((DISTAL_REACH - distance) / 1_000, 0, 1)
    decay = np.exp(-distance / DISTAL_DECAY) * ending
    proximal = bound * inside * _PROXIMAL[factor, condition]
    distal = bound * (1 - inside) * decay * _DISTAL[factor, condition]
    return proximal, distal


def log_initiation_rates(sites: Sites, starts: Starts, condition: int) -> np.ndarray:
    """Sum the effects on each start, before saturation: float64 array, (starts,)."""
    pairs = site_start_pairs(sites, starts)
    proximal, distal = pair_effects(sites, starts, pairs, condition)
    summed = np.bincount(pairs.start, weights=proximal + distal, minlength=len(starts))
    return np.log(BASE_RATE) + summed[: len(starts)]


def initiation_rate(log_rate: np.ndarray) -> np.ndarray:
    """Saturate initiation at `MAXIMAL_RATE`: reads at a start."""
    return 1 / (np.exp(-log_rate) + 1 / MAXIMAL_RATE)
