"""Windows of sequence for questions about a locus, the same ones for neighbouring questions.

Questions about bins near each other should meet in one reference pass, so windows lie on a grid and
hold the full context of every bin that is asked about. Beyond a chromosome's ends a window reads
zeros, as genome-wide predictions do.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.ensemble import Ensemble, Member, average
from sighthound.core.model.model import Model
from sighthound.core.model.window import Window
from sighthound.core.progress import Progress

# Bins between one window and the next, at least.
_GRID_BINS = 128


def locus_grid(model: Model | Architecture) -> int:
    """Bins from one window of the grid to the next."""
    return max(_GRID_BINS, model.bins // 2)


def locus_window(
    model: Model | Architecture, chrom: str, start: int, end: int, further: int = 0
) -> Window:
    """Place a window in which every bin of a region has its full context.

    Parameters
    ----------
    chrom, start, end : str, int, int
        The region, 0-based and half-open.
    further : int
        Bins of context beyond that, for sequences that are going to be shifted.

    Examples
    --------
    Two regions in the same stretch of the grid have the same window, whose bins beyond the region
    are its context.
    """
    bin_size = model.bin
    grid = locus_grid(model)
    margin = max(model.receptive_field_bins, model.crop) + further
    first = start // bin_size // grid * grid
    last = -(-end // (bin_size * grid)) * grid
    interval = Interval(chrom, (first - margin) * bin_size, (last + margin) * bin_size)
    return Window(interval, bin_size, model.crop)


def predict_locus(
    model: Model,
    one_hot: np.ndarray,
    bins: Sequence[int] | np.ndarray,
    tracks: Sequence[str],
    ensemble: Ensemble | None = None,
    progress: Progress | None = None,
    dtype: str = "float32",
) -> np.ndarray:
    """Predict some bins of a window for some tracks, from reference passes that are kept.

    Parameters
    ----------
    one_hot : array, (length, 4)
        The window.
    bins : sequence of int
        Of all bins of the window, before cropping.
    tracks : sequence of str
        Ids; only these are computed in the last layer.
    ensemble : Ensemble, optional
        Strands and shifts over which predictions are averaged.
    progress : callable, optional
        Told before each pass how many are done and how many there are; what it raises ends the
        prediction.
    dtype : {"float32", "float64"}
        What is computed in.

    Returns
    -------
    array of `dtype`, (bins, tracks)
        What `Model.predict` gives there.
    """
    chosen = model.track_indices(tracks)
    count = len(one_hot) // model.bin

    def answer(member: Member, report: Progress | None) -> np.ndarray:
        if report is not None:
            report(0, 1)
        wanted = member.bins(np.asarray(bins), count)
        region = model.architecture.seen(wanted, count)
        reference = model.reference(member.sequence(np.asarray(one_hot)), *region, dtype)
        return reference.outputs(wanted, member.tracks(model.strand_pairs, chosen))

    return average(ensemble, answer, model.scale_of(chosen), progress)


def predict_stretch(
    model: Model,
    genome: Genome,
    chrom: str,
    stretch: int,
    tracks: Sequence[str],
    ensemble: Ensemble | None = None,
    progress: Progress | None = None,
) -> np.ndarray:
    """Predict the bins of one stretch of the grid on which windows lie.

    Parameters
    ----------
    chrom, stretch : str, int
        Counted from the start of the chromosome in units of `locus_grid` bins.
    tracks, ensemble, progress
        As for `predict_locus`.

    Returns
    -------
    float32 array, (bins, tracks)
        The bins that touch the chromosome.
    """
    ensemble = ensemble or Ensemble()
    bases = locus_grid(model) * model.bin
    start = stretch * bases
    end = min(start + bases, genome.lengths[chrom])
    further = -(-ensemble.furthest // model.bin)
    window = locus_window(model, chrom, start, end, further)
    bins = np.arange(window.index(start), window.index(end - 1) + 1)
    return predict_locus(model, window.one_hot(genome), bins, tracks, ensemble, progress)
