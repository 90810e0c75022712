"""Targets of a data set: every experiment in bins, one chromosome after the other in one file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.files import new_array
from sighthound.core.findings import Findings
from sighthound.core.genome.interval_sets import by_chromosome
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.progress import Progress
from sighthound.core.tracks.experiments import chromosome_bins, covered_intervals, experiment_bins
from sighthound.core.tracks.track import Track

_BATCH_BINS = 1 << 14  # of small chromosomes that are read together
_BLOCK_BINS = 1 << 16  # of a large one that are read at once
BLOCK_BYTES = 1 << 29  # of all tracks together, which are in memory at once
EXACT_COUNTS = 1 << 24  # up to which float32 holds every whole number
_INEXACT = f"bins with counts above {EXACT_COUNTS:,}, which 32-bit numbers round"
_READERS = 4


def write_targets(
    file: Path,
    bin_size: int,
    bins: dict[str, int],
    genome: Genome,
    tracks: Sequence[Track],
    blacklist: Sequence[Interval],
    findings: Findings,
    progress: Progress | None = None,
) -> None:
    """Sum or average every experiment in bins, in a float32 file (bins, tracks), block by block.

    Parameters
    ----------
    file : path
        Gets the chromosomes one after the other. Memory holds `BLOCK_BYTES` of it.
    bin_size : int
        Bases a bin.
    bins : dict of str to int
        Chromosomes and how many of their bins are stored, from the first base on.
    blacklist : sequence of Interval
        Bins that touch it become NaN.
    findings : Findings
        Counts bins whose counts are too large for 32-bit numbers to hold each.
    progress : callable, optional
        Called with (done, total) bins.

    Raises
    ------
    SighthoundError
        NaN or infinity in an experiment, or bases that add up to infinity; track and place are
        named.
    """
    silent = by_chromosome(blacklist)
    total, done = sum(bins.values()), 0
    shape = (total, len(tracks))
    with new_array(file, np.float32, shape) as out, ThreadPoolExecutor(_READERS) as pool:
        for block in blocks(bins, len(tracks)):
            values = _read(pool, genome, tracks, block, bin_size, findings)
            _silence(values, block, silent, bin_size)
            out.write(values.data)
            done += len(values)
            del values  # or there would be two blocks at once
            if progress:
                progress(done, total)


def blocks(bins: dict[str, int], tracks: int) -> Iterator[list[Interval]]:
    """Say which bins are read at once: those of several small chromosomes, or a part of one.

    Parameters
    ----------
    bins : dict of str to int
        As for `write_targets`.
    tracks : int
        However many there are, a block's float32 values take at most `BLOCK_BYTES`, and one bin at
        least.

    Yields
    ------
    list of Interval
        In bins, not in bases. Small chromosomes are put together since each read costs more than
        its bases.
    """
    most = max(1, BLOCK_BYTES // (4 * tracks))
    batch: list[Interval] = []
    waiting = 0  # bins of the batch
    for chrom, count in bins.items():
        if batch and waiting + count > min(_BATCH_BINS, most):
            yield batch
            batch, waiting = [], 0
        if count > min(_BATCH_BINS, most):
            step = min(_BLOCK_BINS, most)
            for start in range(0, count, step):
                yield [Interval(chrom, start, min(start + step, count))]
        else:
            batch.append(Interval(chrom, 0, count))
            waiting += count
    if batch:
        yield batch


def _size(part: Interval) -> int:
    return part.end - part.start


def _read(
    pool: ThreadPoolExecutor,
    genome: Genome,
    tracks: Sequence[Track],
    block: Sequence[Interval],
    bin_size: int,
    findings: Findings,
) -> np.ndarray:
    """Read the targets of a block: of several chromosomes at once, of a part by itself."""
    values = np.empty((sum(map(_size, block)), len(tracks)), np.float32)

    def column(index: int) -> list[tuple[Track, Interval]]:
        track = tracks[index]
        if len(block) > 1:
            sizes = {part.chrom: part.end for part in block}
            found = chromosome_bins(track, genome, sizes, bin_size)
        else:
            (part,) = block
            place = Interval(part.chrom, part.start * bin_size, part.end * bin_size)
            found = experiment_bins(track, genome, place, bin_size)
        if not np.isfinite(found).all():
            at = 0
            for part in block:
                place = Interval(part.chrom, part.start * bin_size, part.end * bin_size)
                _check_finite(found[at : at + _size(part)], track, genome, place, bin_size)
                at += _size(part)
        values[:, index] = found
        if track.aggregation == "mean":
            return []
        rounded = np.flatnonzero(found > EXACT_COUNTS).tolist()
        return [(track, _place(block, number, bin_size)) for number in rounded]

    for inexact in pool.map(column, range(len(tracks))):
        for track, place in inexact:
            findings.add(_INEXACT, f"track {track.id} at {place}")
    return values


def _silence(
    values: np.ndarray,
    block: Sequence[Interval],
    silent: Mapping[str, Sequence[Interval]],
    bin_size: int,
) -> None:
    """Make bins NaN that touch the blacklist."""
    at = 0
    for part in block:
        own = values[at : at + _size(part)]
        for stretch in silent.get(part.chrom, ()):
            first = max(0, stretch.start // bin_size - part.start)
            own[first : max(0, -(-stretch.end // bin_size) - part.start)] = np.nan
        at += _size(part)


def _place(block: Sequence[Interval], number: int, bin_size: int) -> Interval:
    """Where the bin of a number in the block lies, in bases."""
    at = number
    for part in block:
        if at < _size(part):
            break
        at -= _size(part)
    start = (part.start + at) * bin_size
    return Interval(part.chrom, start, start + bin_size)


def _check_finite(
    values: np.ndarray, track: Track, genome: Genome, interval: Interval, bin_size: int
) -> None:
    """Refuse infinity anywhere, and NaN where the track is declared to have data."""
    bad = ~np.isfinite(values)
    if not bad.any():
        return
    nan = np.isnan(values)
    if nan.all():
        return  # no data on this chromosome
    regions = covered_intervals(track, genome, interval.chrom)
    if regions is not None:
        inside = np.zeros(len(values), bool)
        for region in regions:
            first = -(-(region.start - interval.start) // bin_size)
            inside[max(0, first) : max(0, (region.end - interval.start) // bin_size)] = True
        bad &= inside | ~nan
    if bad.any():
        index = int(np.argmax(bad))
        start = interval.start + index * bin_size
        where = Interval(interval.chrom, start, start + bin_size)
        what = "NaN" if nan[index] else "infinity"
        if not nan[index] and np.isfinite(experiment_bins(track, genome, where, 1)).all():
            raise SighthoundError(
                f"track {track.id!r}: the values at {where} add up to more than 32-bit numbers "
                f"hold, {np.finfo(np.float32).max:.2g}; give the BigWig other units"
            )
        raise SighthoundError(
            f"track {track.id!r} holds {what} at {where}; "
            "correct the BigWig, or declare in the column 'covered' where it has data"
        )
