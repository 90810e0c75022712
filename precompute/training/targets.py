"""Targets of a data set: every experiment in bins, one chromosome after the other in one file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.files import new_array
from sighthound.core.genome.interval_sets import by_chromosome
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.progress import Progress
from sighthound.core.tracks.track import Track, chromosome_bins, covered_intervals, experiment_bins
from sighthound.precompute.training.windows import TargetWindow

CLIP_QUANTILE = 0.9995
_BATCH_BINS = 1 << 14  # of small chromosomes that are read together
_BLOCK_BINS = 1 << 16  # read and held in memory at once, for every track
_QUANTILE_BINS = 1 << 21  # training bins a track's quantile is taken from
_READERS = 4


def write_targets(
    file: Path,
    bin_size: int,
    grid: int,
    genome: Genome,
    tracks: Sequence[Track],
    windows: Sequence[TargetWindow],
    blacklist: Sequence[Interval],
    blacklisted: str,
    progress: Progress | None = None,
) -> tuple[list[TargetWindow], list[dict[str, Any]], dict[str, int]]:
    """Sum or average every experiment in bins, in a float32 file (bins, tracks).

    Parameters
    ----------
    file : path
        Gets every chromosome with a window, in the order of the genome.
    bin_size, grid : int
        Bases a bin; of what is stored, a chromosome's bases are a multiple of `grid`, itself one.
    windows : sequence of TargetWindow
        Those of the training fold give each track's mean and clip.
    blacklisted : {"mask", "median"}
        What bins that touch the blacklist become: NaN, or the track's median on the chromosome.
    progress : callable, optional
        Called with (done, total), counted in experiments x chromosomes.

    Returns
    -------
    the windows with their observed share, a summary a track, bins by chromosome

    Raises
    ------
    SighthoundError
        NaN or infinity in an experiment, or a track without signal in the training fold.
    """
    own_windows: dict[str, list[TargetWindow]] = {}
    for window in windows:
        own_windows.setdefault(window.chrom, []).append(window)
    own_blacklist = by_chromosome(blacklist)
    bins = {
        c: n // grid * (grid // bin_size) for c, n in genome.lengths.items() if c in own_windows
    }
    shape = (sum(bins.values()), len(tracks))
    stored = new_array(file, np.float32, shape)
    training = sum(w.end - w.start for w in windows if w.fold == "train") // bin_size
    every = max(1, training // _QUANTILE_BINS)
    samples: list[np.ndarray] = []
    sums, counts = np.zeros(len(tracks)), np.zeros(len(tracks), int)
    observed_windows: list[TargetWindow] = []
    at, done = 0, 0
    with ThreadPoolExecutor(_READERS) as pool:
        for batch in _batches(bins):
            size = sum(batch.values())
            _read(pool, np.asarray(stored[at : at + size]), genome, tracks, batch, bin_size)
            for chrom, count in batch.items():
                targets = np.asarray(stored[at : at + count])
                at += count
                _silence(targets, own_blacklist.get(chrom, ()), bin_size, blacklisted)
                for window in own_windows[chrom]:
                    values = targets[window.start // bin_size : window.end // bin_size]
                    has_data = ~np.isnan(values)
                    observed_windows.append(
                        TargetWindow(
                            chrom,
                            window.start,
                            window.end,
                            window.fold,
                            window.unmappable,
                            round(float(has_data.mean()), 6),
                        )
                    )
                    if window.fold == "train":
                        sums += np.where(has_data, values, 0).sum(axis=0, dtype=float)
                        counts += has_data.sum(axis=0)
                        samples.append(values[::every].copy())
            done += len(batch)
            if progress:
                progress(done * len(tracks), len(bins) * len(tracks))
    stored.flush()
    sample = np.concatenate(samples)
    columns = []
    for index, track in enumerate(tracks):
        if not counts[index] or sums[index] <= 0:
            why = "has no data" if not counts[index] else "holds no signal above zero"
            raise SighthoundError(
                f"track {track.id!r} {why} in the training fold; give other folds, or empty its "
                "experiment cell in the tracks table"
            )
        column = sample[:, index]
        clip = float(np.quantile(column[~np.isnan(column)], CLIP_QUANTILE))
        columns.append(
            {
                "id": track.id,
                "aggregation": track.aggregation,
                "mean": float(sums[index] / counts[index]),
                "clip_quantile": clip if clip > 0 else float(np.nanmax(column)),
                "missing": round(1 - float(counts[index]) / training, 6),
            }
        )
    return observed_windows, columns, bins


def _batches(bins: dict[str, int]) -> Iterator[dict[str, int]]:
    """Put small chromosomes together, since each read costs more than its bases."""
    batch: dict[str, int] = {}
    total = 0
    for chrom, count in bins.items():
        if batch and total + count > _BATCH_BINS:
            yield batch
            batch, total = {}, 0
        batch[chrom] = count
        total += count
    if batch:
        yield batch


def _read(
    pool: ThreadPoolExecutor,
    targets: np.ndarray,
    genome: Genome,
    tracks: Sequence[Track],
    batch: dict[str, int],
    bin_size: int,
) -> None:
    """Fill in the targets of small chromosomes at once, of a large one in blocks."""

    def columns(index: int) -> None:
        values = chromosome_bins(tracks[index], genome, batch, bin_size)
        if not np.isfinite(values).all():
            at = 0
            for chrom, count in batch.items():
                interval = Interval(chrom, 0, count * bin_size)
                _check_finite(values[at : at + count], tracks[index], genome, interval, bin_size)
                at += count
        targets[:, index] = values

    def column(chrom: str, start: int, end: int, index: int) -> None:
        interval = Interval(chrom, start * bin_size, end * bin_size)
        values = experiment_bins(tracks[index], genome, interval, bin_size)
        _check_finite(values, tracks[index], genome, interval, bin_size)
        targets[start:end, index] = values

    if len(batch) > 1:
        list(pool.map(columns, range(len(tracks))))
        return
    (chrom,) = batch
    for start in range(0, len(targets), _BLOCK_BINS):
        end = min(start + _BLOCK_BINS, len(targets))
        list(pool.map(partial(column, chrom, start, end), range(len(tracks))))


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
        what = "NaN" if nan[index] else "infinity"
        where = Interval(interval.chrom, start, start + bin_size)
        raise SighthoundError(
            f"track {track.id!r} holds {what} at {where}; "
            "correct the BigWig, or declare in the column 'covered' where it has data"
        )


def _silence(
    targets: np.ndarray, blacklist: Sequence[Interval], bin_size: int, blacklisted: str
) -> None:
    mask = np.zeros(len(targets), bool)
    for stretch in blacklist:
        mask[stretch.start // bin_size : -(-stretch.end // bin_size)] = True
    if not mask.any():
        return
    if blacklisted == "mask":
        targets[mask] = np.nan
        return
    for index in range(targets.shape[1]):
        column = targets[~mask, index]
        column = column[~np.isnan(column)]
        targets[mask, index] = np.median(column) if len(column) else np.nan
