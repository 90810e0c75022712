"""What the inference worker answers: saliency, mutagenesis, predictions on the spot.

These functions run in the worker, one at a time (`app.inference.worker`). They place their windows
on one grid and widen what is computed to a stretch of bins, so that a question next to the last one
is answered from the same reference pass. Coordinates are 0-based, half-open.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sighthound import core
from sighthound.app.answers.explanations import (
    Mutagenesis,
    Saliency,
    Span,
    TrackEffects,
    Truncated,
)
from sighthound.app.inference.worker import loaded_model, report, stop_if_cancelled
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Interval
from sighthound.core.interpretation.contrasted import Columns
from sighthound.core.interpretation.windows import (
    locus_window,
    predict_stretch,
)
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model
from sighthound.core.model.reference_pass import ReferencePass
from sighthound.core.model.window import Window
from sighthound.core.progress import Progress
from sighthound.core.project.settings import Project

# Targets that share a pass: few enough that the first question hardly waits for the others.
_SHARED_BINS = 32


def saliency(project: Project, track: str, chrom: str, position: int, job: str) -> Saliency:
    """Compute which bins drive a track's prediction at the bin of one base.

    Parameters
    ----------
    project : Project
    track : str
        Track id; "A/B" is the contrast of two.
    chrom, position : str, int
        A base in the target bin.
    job : str
        Name under which progress is reported.

    Returns
    -------
    Saliency
        Of the bins of the context that touch the chromosome.
    """
    model = loaded_model(project)
    report(job, 0, 1, "computing saliency")
    stop_if_cancelled(job)
    found = saliency_of(model, project, track, chrom, position)
    report(job, 1, 1, "done")
    return found


def saliency_of(model: Model, project: Project, track: str, chrom: str, position: int) -> Saliency:
    """Compute what `saliency` answers, by any network of the project."""
    genome = project.open_genome()
    window = locus_window(model, chrom, position, position + 1)
    one_hot = window.one_hot(genome)
    pass_around(model, window, one_hot, position)
    values = core.saliency(model, one_hot, track=track, bins=[window.predicted_index(position)])
    length = genome.lengths[chrom]
    target, context = _target(window, position, length), _context(model, window, position)
    first = window.index(max(0, context.start))
    last = window.index(min(context.end, length) - 1) + 1
    return Saliency(
        track,
        chrom,
        target,
        model.bin,
        window.bin_start(first),
        values[first:last],
        Span(max(0, context.start), min(length, context.end)),
        Truncated(max(0, -context.start), max(0, context.end - length)),
    )


def mutagenesis(
    project: Project,
    tracks: tuple[str, ...],
    chrom: str,
    start: int,
    end: int,
    target: int,
    job: str,
) -> Mutagenesis:
    """Compute what every single-base change does to predictions at one bin.

    Parameters
    ----------
    project : Project
    tracks : tuple of str
        Track ids; "A/B" is the contrast of two.
    chrom, start, end : str, int, int
        The bases to mutate, on the chromosome.
    target : int
        A base in the target bin.
    job : str
        Name under which progress is reported.

    Returns
    -------
    Mutagenesis
        Of these tracks, in this order.

    Raises
    ------
    SighthoundError
        No base of the region is in the context of the target.
    CancelledError
        `worker.cancel` was called for this job.
    """
    message = f"mutating {end - start:,} bases"

    def progress(done: int, total: int, _: str = "") -> None:
        report(job, round((end - start) * done / max(total, 1)), end - start, message)
        stop_if_cancelled(job)

    progress(0, 1)
    return mutagenesis_of(
        loaded_model(project), project, tracks, chrom, start, end, target, progress
    )


def mutagenesis_of(
    model: Model,
    project: Project,
    tracks: tuple[str, ...],
    chrom: str,
    start: int,
    end: int,
    target: int,
    progress: Progress,
) -> Mutagenesis:
    """Compute what `mutagenesis` answers, by any network of the project.

    Parameters
    ----------
    progress : callable
        Called with substitutions done and in total; may raise to cancel.
    """
    genome = project.open_genome()
    window = locus_window(model, chrom, target, target + 1)
    context = _context(model, window, target)
    if end <= context.start or start >= context.end:
        reach = Interval(chrom, max(0, context.start), min(context.end, genome.lengths[chrom]))
        raise SighthoundError(
            f"{Interval(chrom, start, end)} is not in the context of the target, beyond which "
            f"the model sees nothing of it; choose bases in {reach}"
        )
    one_hot = window.one_hot(genome)
    reference = pass_around(model, window, one_hot, target)
    asked = Columns.of(tracks)
    indices = [model.track_index(track) for track in asked.tracks]
    predicted = asked.values(reference.predict([window.index(target)], indices)[0])
    # What sticks out of the window is beyond the context.
    low, high = max(start, window.interval.start), min(end, window.interval.end)
    effects = np.zeros((end - start, 4, len(tracks)), np.float32)
    effects[low - start : high - start] = core.mutagenesis(
        model,
        one_hot,
        low - window.interval.start,
        high - window.interval.start,
        tracks=tracks,
        bins=[window.predicted_index(target)],
        progress=progress,
    )
    return Mutagenesis(
        chrom,
        start,
        end,
        genome.sequence(Interval(chrom, start, end)),
        _target(window, target, genome.lengths[chrom]),
        tuple(
            TrackEffects(track, float(value), effects[..., number])
            for number, (track, value) in enumerate(zip(tracks, predicted, strict=True))
        ),
    )


def prediction(
    project: Project,
    tracks: tuple[str, ...],
    chrom: str,
    stretch: int,
    ensemble: Ensemble,
    job: str,
) -> NDArray[np.float32]:
    """Predict tracks over one stretch of the grid on which windows lie.

    Parameters
    ----------
    project : Project
    tracks : tuple of str
        Track ids.
    chrom, stretch : str, int
        The stretch, counted from the start of the chromosome in units of `locus_grid` bins.
    ensemble : Ensemble
        Strands and shifts that are averaged.
    job : str
        Name under which progress is reported.

    Returns
    -------
    float32 array, (bins, tracks)
        The bins of the stretch that touch the chromosome.

    Raises
    ------
    CancelledError
        `worker.cancel` was called for this job: it ends after the pass that it is in.
    """
    model, genome = loaded_model(project), project.open_genome()

    def progress(done: int, total: int, _: str = "") -> None:
        report(job, done, total, "predicting")
        stop_if_cancelled(job)

    values = predict_stretch(model, genome, chrom, stretch, tracks, ensemble, progress)
    report(job, 1, 1, "done")
    return values


def pass_around(model: Model, window: Window, one_hot: np.ndarray, position: int) -> ReferencePass:
    """Give a pass for a target that serves the targets beside it as well."""
    first = window.index(position // model.bin // _SHARED_BINS * _SHARED_BINS * model.bin)
    reach = model.architecture.stack_reach
    last = first + _SHARED_BINS + reach
    return model.reference(one_hot, max(0, first - reach), min(len(one_hot) // model.bin, last))


def _target(window: Window, position: int, length: int) -> Span:
    start = window.bin_start(window.index(position))
    return Span(start, min(start + window.bin, length))


def _context(model: Model, window: Window, position: int) -> Interval:
    """What can change the prediction at a base; may run past the chromosome's ends."""
    start = window.bin_start(window.index(position))
    reach = model.receptive_field_bins * model.bin
    return Interval(window.interval.chrom, start - reach, start + model.bin + reach)
