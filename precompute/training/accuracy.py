"""How well predictions agree with experiments on sequences the network never learned from.

One row a track, fold and bin size (held_out.tsv): Pearson r of values and of log(1 + value), and
R2, over the bins of the fold where the track has data.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sighthound.core.genome.sequence import Interval
from sighthound.core.interpretation.window_predictions import predict_bins
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model
from sighthound.core.progress import Progress
from sighthound.core.project.held_out import Accuracy
from sighthound.core.project.settings import Project
from sighthound.core.tracks.metrics import Moments
from sighthound.precompute.datasets.dataset import Dataset
from sighthound.precompute.datasets.targets import BLOCK_BYTES

HELD_OUT = ("valid", "test")
_ARRAYS = 4  # of a stretch in memory: predictions, experiments, and their logarithms
COARSE_BIN = 128  # bases; results are also given in these bins when the model's are smaller


def held_out_accuracy(
    project: Project,
    dataset: Dataset,
    model: Model,
    ensemble: Ensemble,
    progress: Progress | None = None,
) -> list[Accuracy]:
    """Measure a model on the validation and test folds.

    Parameters
    ----------
    ensemble : Ensemble
        Strands and shifts that are averaged.
    progress : callable, optional
        Called with (done, total) stretches.

    Returns
    -------
    list of Accuracy
        By fold, bin and track; tracks without data in a fold have no row there.
    """
    genome = project.open_genome()
    aggregation = {track.id: track.aggregation for track in project.read_tracks()}
    is_sum = np.array([aggregation[track] == "sum" for track in dataset.tracks])
    columns = [model.track_index(track) for track in dataset.tracks]
    factors = [1]
    if dataset.bin < COARSE_BIN and COARSE_BIN % dataset.bin == 0:
        factors.append(COARSE_BIN // dataset.bin)
    stretches = {fold: list(_stretches(dataset, fold)) for fold in HELD_OUT}
    total, done = sum(map(len, stretches.values())), 0
    rows = []
    for fold in HELD_OUT:
        moments = {(factor, log): Moments() for factor in factors for log in (False, True)}
        for chrom, start, end in stretches[fold]:
            first, last = start // dataset.bin, end // dataset.bin
            if dataset.rows:  # on no grid of the chromosome
                first, experiment = 0, dataset.window_targets(chrom, start)
                margin = dataset.crop * dataset.bin
                bases = genome.one_hot(Interval(chrom, start - margin, end + margin))
                prediction = model.predict(bases[None], ensemble)[0][:, columns]
            else:
                parts = [
                    values[:, columns]
                    for _, values in predict_bins(
                        model, genome, chrom, first, last, ensemble=ensemble
                    )
                ]
                prediction = np.concatenate(parts)
                experiment = np.asarray(dataset.targets[chrom][first:last])
            for factor in factors:
                x = coarsen(prediction, factor, first, is_sum)
                y = coarsen(experiment, factor, first, is_sum)
                moments[factor, False].add(x, y)
                moments[factor, True].add(np.log1p(x), np.log1p(np.maximum(y, 0)))
            done += 1
            if progress:
                progress(done, total)
        for factor in factors:
            plain, log = moments[factor, False], moments[factor, True]
            values = zip(
                dataset.tracks, plain.count, plain.pearson(), log.pearson(), plain.r2(), strict=True
            )
            for track, n, r, r_log, r2 in values:
                if n:
                    width = factor * dataset.bin
                    rows.append(
                        Accuracy(track, fold, width, int(n), float(r), float(r_log), float(r2))
                    )
    return rows


def coarsen(values: np.ndarray, factor: int, first: int, is_sum: np.ndarray) -> np.ndarray:
    """Join `factor` bins into one, on the chromosome's grid; bins cut by an end are left out.

    Parameters
    ----------
    values : float array, (bins, tracks)
    first : int
        Position on the chromosome of the first bin.
    is_sum : bool array, (tracks,)
        Whether a track's bins add up, or are averaged.
    """
    if factor == 1:
        return values
    values = values[-first % factor :]
    whole = len(values) // factor * factor
    grouped = values[:whole].reshape(-1, factor, values.shape[1])
    return np.where(is_sum, grouped.sum(axis=1), grouped.mean(axis=1))


def _stretches(dataset: Dataset, fold: str) -> Iterator[tuple[str, int, int]]:
    """Join windows that touch, but for those on no grid, as far as memory holds all tracks."""
    chrom, start, end = "", 0, 0
    for window in dataset.fold(fold):
        if dataset.rows:
            yield window.chrom, window.start, window.end
            continue
        if window.chrom == chrom and window.start == end:
            end = window.end
            continue
        yield from _parts(dataset, chrom, start, end)
        chrom, start, end = window.chrom, window.start, window.end
    yield from _parts(dataset, chrom, start, end)


def _parts(dataset: Dataset, chrom: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """Cut a stretch where coarse bins end, so that what is measured is the same."""
    coarse = dataset.bin if COARSE_BIN % dataset.bin else COARSE_BIN
    bins = BLOCK_BYTES // (4 * len(dataset.tracks) * _ARRAYS)
    step = max(1, bins * dataset.bin // coarse) * coarse
    while start < end:
        stop = min(end, (start // step + 1) * step)
        yield chrom, start, stop
        start = stop
