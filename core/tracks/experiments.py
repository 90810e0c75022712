"""Experiments of tracks, read in bins, where they have data."""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from sighthound.core.bigwig import files
from sighthound.core.errors import SighthoundError
from sighthound.core.files import Stamp, file_stamp, stamps
from sighthound.core.genome.bed import read_bed
from sighthound.core.genome.interval_sets import by_chromosome
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.tracks.track import Track

_CHECKED_BLOCKS = 64  # of an experiment before work begins: all of a small file, some of a large


def check_experiments(tracks: Iterable[Track], genome: Genome) -> None:
    """Check that experiments were made on this genome, and read some of each.

    Raises
    ------
    SighthoundError
        No BigWig, or a damaged one; a chromosome of it has another length in the genome, or none
        of its chromosomes is in the genome.
    """
    for track in tracks:
        if track.experiment is None:
            continue
        known = 0
        for name, length in files.chromosomes(track.experiment).items():
            try:
                chrom = genome.resolve(name)
            except SighthoundError:
                continue
            known += 1
            if genome.lengths[chrom] != length:
                raise SighthoundError(
                    f"track {track.id!r}: {track.experiment.name} is of another assembly: its "
                    f"{name} has {length:,} bases, {genome.path.name} has {genome.lengths[chrom]:,}"
                )
        if not known:
            raise SighthoundError(
                f"track {track.id!r}: no chromosome of {track.experiment.name} is in "
                f"{genome.path.name}; expected names like {next(iter(genome.lengths))}"
            )
        files.check_bigwig(track.experiment, _CHECKED_BLOCKS)
        if track.covered:
            _covered(track, genome)  # refuses a chromosome that is not there


def experiment_bins(
    track: Track,
    genome: Genome,
    interval: Interval,
    bin_size: int,
    *,
    exact: bool = True,
    summary: str = "",
) -> np.ndarray:
    """Read a track's experiment in bins.

    Parameters
    ----------
    interval : Interval
        Its length must be a multiple of `bin_size`; it may run past the chromosome's end.
    bin_size : int
        Bases a bin.
    exact : bool
        False allows zoom levels of the BigWig to stand in for its bases (for the screen).
    summary : {"", "mean", "sum", "max"}
        How bases become a bin; empty for the track's own aggregation.

    Returns
    -------
    float32 array, (bins,)
        NaN where the track has no data; a base without an entry in a covered region counts 0.
    """
    bins = len(interval) // bin_size
    nothing = np.full(bins, np.nan, np.float32)
    name = _experiment_chromosome(track, genome, interval.chrom)
    if track.experiment is None or name is None:
        return nothing
    length = genome.lengths[interval.chrom]
    first = max(0, -(interval.start // bin_size))
    last = min(bins, math.ceil((length - interval.start) / bin_size))
    if last <= first:
        return nothing
    start, end = interval.start + first * bin_size, interval.start + last * bin_size
    values = nothing
    values[first:last] = files.read_bins(
        track.experiment, name, start, end, last - first, summary or track.aggregation, exact=exact
    )
    regions = covered_intervals(track, genome, interval.chrom)
    if regions is not None:
        has_data = np.zeros(bins, bool)
        for region in regions:
            a = math.ceil((region.start - interval.start) / bin_size)
            b = (region.end - interval.start) // bin_size
            if region.end >= length:
                b = last
            has_data[max(a, 0) : max(b, 0)] = True
        values[~has_data] = np.nan
    return values


def chromosome_bins(
    track: Track, genome: Genome, bins: Mapping[str, int], bin_size: int
) -> np.ndarray:
    """Read a track's experiment in the whole bins of several small chromosomes, in one go.

    Parameters
    ----------
    bins : mapping
        Chromosome -> bins from its first base on, all within it.

    Returns
    -------
    float32 array, (all bins,), one chromosome after the other; as `experiment_bins` gives it
    """
    names = {chrom: _experiment_chromosome(track, genome, chrom) for chrom in bins}
    own = {name: bins[chrom] for chrom, name in names.items() if name is not None}
    ends = np.cumsum(list(bins.values()))
    values = np.full(int(ends[-1]), np.nan, np.float32)
    if track.experiment is None or not own:
        return values
    has_data = np.repeat([name is not None for name in names.values()], list(bins.values()))
    values[has_data] = files.read_chromosomes(track.experiment, own, bin_size, track.aggregation)
    if track.covered:
        for (chrom, count), end in zip(bins.items(), ends.tolist(), strict=True):
            covered = np.zeros(count, bool)
            for region in covered_intervals(track, genome, chrom) or ():
                covered[math.ceil(region.start / bin_size) : region.end // bin_size] = True
            values[end - count : end][~covered] = np.nan
    return values


def covered_intervals(track: Track, genome: Genome, chrom: str) -> tuple[Interval, ...] | None:
    """Give the regions of a chromosome where a track is declared to have data; None for all."""
    if not track.covered:
        return None
    return _covered(track, genome).get(chrom, ())


def _covered(track: Track, genome: Genome) -> dict[str, tuple[Interval, ...]]:
    # Another file may come to its place while the project is served.
    stamp = stamps([] if track.covered_file is None else [track.covered_file])
    return _read_covered(track.covered, track.covered_file is not None, track.id, genome, stamp)


@functools.lru_cache(maxsize=4096)
def _read_covered(
    covered: str, is_bed: bool, track_id: str, genome: Genome, _stamp: str
) -> dict[str, tuple[Interval, ...]]:
    if not is_bed:
        names = [name.strip() for name in covered.split(",") if name.strip()]
        try:
            chroms = [genome.resolve(name) for name in names]
        except SighthoundError as error:
            raise SighthoundError(f"track {track_id!r}: covered names an {error}") from None
        return {chrom: (Interval(chrom, 0, genome.lengths[chrom]),) for chrom in chroms}
    regions = by_chromosome(read_bed(Path(covered), genome))
    return {chrom: tuple(listed) for chrom, listed in regions.items()}


@functools.lru_cache(maxsize=4096)
def _bigwig_names(path: Path, _stamp: Stamp, genome: Genome) -> dict[str, str]:
    """What a BigWig calls the chromosomes of the genome."""
    names: dict[str, str] = {}
    for name in files.chromosomes(path):
        with contextlib.suppress(SighthoundError):
            names.setdefault(genome.resolve(name), name)
    return names


def _experiment_chromosome(track: Track, genome: Genome, chrom: str) -> str | None:
    if track.experiment is None:
        return None
    try:
        # Another file may come to its place while the project is served.
        stamp = file_stamp(track.experiment)
    except OSError:
        raise SighthoundError(f"{track.experiment}: no such file; expected a BigWig") from None
    return _bigwig_names(track.experiment, stamp, genome).get(chrom)
