"""What of experiments is looked at: all of them in coarse bins, and some stretches base by base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sighthound.core.annotation.genes import Genes
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.progress import Progress
from sighthound.core.tracks.experiments import experiment_bins
from sighthound.core.tracks.track import Track

STRETCH = 1 << 16  # bases
_BASES = 3_000_000  # of a track, at most
_FLOATS = 400_000_000  # of all tracks together
_BINS = 200_000  # of a genome, at most
_SMALLEST_BIN = 1_000


@dataclass(frozen=True)
class SampledGene:
    """A gene that lies in a stretch: bases in the order of all stretches, and its strand."""

    start: int
    end: int
    strand: str


@dataclass(frozen=True)
class Sample:
    """What was read of every track.

    Attributes
    ----------
    tracks : tuple of Track
    stretches : tuple of Interval
        As long as each other.
    bases : float32 array, (tracks, stretches, bases)
        NaN where a track has no data.
    bin : int
        Bases of a coarse bin.
    coarse : dict of str to float32 array, (tracks, bins)
        Means of the whole bins of every chromosome.
    genes : tuple of SampledGene
        Those that lie in a stretch whole.
    gap_signal : float array, (tracks,)
        Share of a track's signal in the stretches that lies on N.
    """

    tracks: tuple[Track, ...]
    stretches: tuple[Interval, ...]
    bases: np.ndarray
    bin: int
    coarse: dict[str, np.ndarray]
    genes: tuple[SampledGene, ...]
    gap_signal: np.ndarray


def read_sample(
    genome: Genome, tracks: Sequence[Track], genes: Genes, progress: Progress | None = None
) -> Sample:
    """Read what the checks look at.

    Parameters
    ----------
    tracks : sequence of Track
        With experiments of this genome.
    progress : callable, optional
        Called with (done, total) tracks.
    """
    bases = min(_BASES, _FLOATS // max(1, len(tracks)))
    stretches = _spread(genome, max(4, bases // STRETCH))
    length = len(stretches[0])
    total = sum(genome.lengths.values())
    size = max(_SMALLEST_BIN, -(-total // _BINS))
    values = np.empty((len(tracks), len(stretches), length), np.float32)
    coarse = {
        chrom: np.empty((len(tracks), n // size), np.float32)
        for chrom, n in genome.lengths.items()
        if n >= size
    }
    is_gap = np.array([~genome.one_hot(s).any(axis=1) for s in stretches])
    gap_signal = np.zeros(len(tracks))
    for index, track in enumerate(tracks):
        for place, stretch in enumerate(stretches):
            values[index, place] = experiment_bins(track, genome, stretch, 1, summary="mean")
        for chrom, found in coarse.items():
            whole = Interval(chrom, 0, found.shape[1] * size)
            found[index] = experiment_bins(track, genome, whole, size, summary="mean")
        signal = np.nan_to_num(np.abs(values[index]))
        gap_signal[index] = signal[is_gap].sum() / max(float(signal.sum()), 1e-30)
        if progress:
            progress(index + 1, len(tracks))
    return Sample(
        tuple(tracks), stretches, values, size, coarse, _inside(genes, stretches), gap_signal
    )


def _spread(genome: Genome, count: int) -> tuple[Interval, ...]:
    """Lay stretches evenly over the chromosomes that hold one, or over the longest."""
    length = min(STRETCH, max(genome.lengths.values()))
    places = [
        Interval(chrom, start, start + length)
        for chrom, n in genome.lengths.items()
        for start in range(0, n - length + 1, length)
    ]
    every = np.unique(np.linspace(0, len(places) - 1, min(count, len(places))).astype(int))
    return tuple(places[i] for i in every)


def _inside(genes: Genes, stretches: Sequence[Interval]) -> tuple[SampledGene, ...]:
    found, length = [], len(stretches[0])
    own: dict[str, list[tuple[int, Interval]]] = {}
    for place, stretch in enumerate(stretches):
        own.setdefault(stretch.chrom, []).append((place, stretch))
    for gene in genes:
        for place, stretch in own.get(gene.chrom, ()):
            if stretch.start <= gene.start and gene.end <= stretch.end and gene.strand in "+-":
                at = place * length - stretch.start
                found.append(SampledGene(gene.start + at, gene.end + at, gene.strand))
    return tuple(found)
