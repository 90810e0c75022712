"""What happens when a stretch of sequence is replaced, taken out or put in, at many places.

Replacements (motifs knocked out or in) are exact and incremental like mutagenesis; deletions and
insertions move bases against the grid of bins, so that each takes a reference pass of its own.
Positions are 0-based in the window, regions half-open.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import one_hot as encode
from sighthound.core.interpretation.batching import check_region, in_steps
from sighthound.core.interpretation.contrasted import Columns
from sighthound.core.interpretation.incremental import sum_of_differences
from sighthound.core.interpretation.saliency import target_bins
from sighthound.core.interpretation.windows import predict_locus
from sighthound.core.model.ensemble import Ensemble, Member, average
from sighthound.core.model.model import Model
from sighthound.core.model.reference_pass import ReferencePass
from sighthound.core.progress import Progress


def replacements(
    model: Model,
    one_hot: np.ndarray,
    starts: Sequence[int] | np.ndarray,
    sequences: Sequence[str] | np.ndarray,
    *,
    tracks: Sequence[str] | None = None,
    bins: Sequence[int] | None = None,
    progress: Progress | None = None,
    ensemble: Ensemble | None = None,
    dtype: str = "float32",
) -> np.ndarray:
    """Predict the effect of writing other bases over some of the window's: motifs in or out.

    A motif is knocked out by writing N over it (a base the network sees as none) or shuffled
    bases, and knocked in by writing its consensus, at one place or at one after another.

    Parameters
    ----------
    starts : sequence of int
        Where each replacement begins.
    sequences : sequence of str, or float array (replacements, width, 4)
        What is written there, all of one length.
    model, one_hot, tracks, bins, progress, ensemble, dtype
        As for `mutagenesis`; shifts must leave every replacement in the window.

    Returns
    -------
    array of `dtype`, (replacements, tracks)
        Alternative minus reference, summed over `bins`, in the tracks' units.
    """
    if isinstance(sequences, np.ndarray):
        bases = sequences
    else:
        lengths = {len(s) for s in sequences}
        if len(lengths) != 1 or len(sequences) != len(starts):
            raise SighthoundError(
                f"{len(starts)} places for {len(sequences)} sequences of lengths "
                f"{sorted(lengths)}; expected one sequence a place, all of one length"
            )
        bases = np.stack([encode(s) for s in sequences])
    places = np.asarray(starts, int)
    x, width = np.asarray(one_hot), bases.shape[1]
    asked = None if tracks is None else Columns.of(tracks)
    chosen, count = (
        model.track_indices(None if asked is None else asked.tracks),
        len(x) // model.bin,
    )
    targets = model.crop + target_bins(model, count, bins)
    scale = model.scale_of(chosen)

    def answer(member: Member, report: Progress | None) -> np.ndarray:
        moved = member.starts(places, width, len(x))
        check_region(int(moved.min()), int(moved.max()) + width, len(x))
        wanted = member.ascending(targets, count)
        region = model.architecture.seen(wanted, count)
        reference = model.reference(member.sequence(x), *region, dtype)
        written = member.turned(bases.astype(np.float32))
        outputs = member.tracks(model.strand_pairs, chosen)
        effects = np.zeros((len(places), len(scale)), dtype)
        for rows, _, (values,) in in_steps(
            reference, moved, written, sum_of_differences, wanted, outputs, report
        ):
            effects[rows] = values
        return effects

    effects = average(ensemble, answer, scale, progress)
    if asked is None or not asked.contrasts:
        return effects
    predicted = predict_locus(model, x, targets, asked.tracks, ensemble, dtype=dtype)
    return asked.effects(effects, predicted.sum(axis=0))


def deletion_scan(
    model: Model,
    one_hot: np.ndarray,
    start: int,
    end: int,
    size: int,
    *,
    tracks: Sequence[str] | None = None,
    bins: Sequence[int] | None = None,
    progress: Progress | None = None,
    step: int = 1,
    ensemble: Ensemble | None = None,
    dtype: str = "float32",
) -> np.ndarray:
    """Predict the effect of taking out `size` bases at every place of a region.

    The sequence closes over the gap from the side away from the wanted bins, so that these keep
    their bases and their place in the grid of bins; N fills up at the window's end.

    Parameters
    ----------
    step : int
        Bases between one place and the next.
    model, one_hot, start, end, tracks, bins, progress, ensemble, dtype
        As for `mutagenesis`; the bins should be few, around a target, as those far from it are
        moved. What is turned or shifted is the altered sequence.

    Returns
    -------
    array of `dtype`, (ceil((end - start) / step), tracks)
        Alternative minus reference, summed over `bins`, in the tracks' units.

    Raises
    ------
    SighthoundError
        As for `mutagenesis`, or the window does not hold so many bases from the last place on.
    """
    return _scan(
        model, one_hot, range(start, end, step), size, "", tracks=tracks, bins=bins,
        progress=progress, ensemble=ensemble, dtype=dtype,
    )  # fmt: skip


def insertion_scan(
    model: Model,
    one_hot: np.ndarray,
    start: int,
    end: int,
    sequence: str,
    *,
    tracks: Sequence[str] | None = None,
    bins: Sequence[int] | None = None,
    progress: Progress | None = None,
    step: int = 1,
    ensemble: Ensemble | None = None,
    dtype: str = "float32",
) -> np.ndarray:
    """Predict the effect of putting a sequence in before every place of a region.

    The sequence makes room on the side away from the wanted bins. All else is as for
    `deletion_scan`.
    """
    if not sequence:
        raise SighthoundError("the sequence to insert is empty; expected bases")
    return _scan(
        model, one_hot, range(start, end, step), 0, sequence, tracks=tracks, bins=bins,
        progress=progress, ensemble=ensemble, dtype=dtype,
    )  # fmt: skip


def _edited(x: np.ndarray, first: int, last: int, inserted: np.ndarray, middle: int) -> np.ndarray:
    """The window with [first, last) replaced, as long as before, unmoved around `middle`."""
    altered = np.concatenate([x[:first], inserted, x[last:]])
    grown = len(altered) - len(x)
    keeps_left = (first + last) / 2 > middle
    if grown >= 0:
        return altered[: len(x)] if keeps_left else altered[grown:]
    nothing = np.zeros((-grown, 4), x.dtype)
    return np.concatenate([altered, nothing] if keeps_left else [nothing, altered])


def _scan(
    model: Model,
    one_hot: np.ndarray,
    places: range,
    size: int,
    sequence: str,
    *,
    tracks: Sequence[str] | None,
    bins: Sequence[int] | None,
    progress: Progress | None,
    ensemble: Ensemble | None,
    dtype: str,
) -> np.ndarray:
    """At each place, write `sequence` in place of `size` bases."""
    x, inserted = np.asarray(one_hot, np.float32), encode(sequence).astype(np.float32)
    check_region(places.start, places.stop, len(x))
    most = len(x) - places.stop + 1
    if not (sequence or 1 <= size <= most):
        raise SighthoundError(
            f"a deletion has {size} bases; expected 1 to {most}, what the window holds from the "
            "last place on"
        )
    count = len(x) // model.bin
    targets = model.crop + target_bins(model, count, bins)
    middle = int(targets[0] + targets[-1] + 1) * model.bin // 2
    asked = None if tracks is None else Columns.of(tracks)
    chosen = model.track_indices(None if asked is None else asked.tracks)

    def total(sequence: np.ndarray) -> np.ndarray:
        """Prediction, summed over the wanted bins and averaged over strands and shifts."""

        def answer(member: Member, _: Progress | None) -> np.ndarray:
            wanted = member.ascending(targets, count)
            region = model.architecture.seen(wanted, count)
            # Not kept: no other question has this sequence.
            passed = ReferencePass(model, member.sequence(sequence), *region, dtype)
            outputs = member.tracks(model.strand_pairs, chosen)
            return passed.outputs(wanted, outputs).sum(axis=0)

        return average(ensemble, answer, model.scale_of(chosen))

    reference = total(x)
    effects = np.zeros((len(places), len(reference)), dtype)
    for number, place in enumerate(places):
        if progress is not None:
            progress(number, len(places))
        altered = _edited(x, place, place + size, inserted, middle)
        effects[number] = total(altered) - reference
    if progress is not None:
        progress(len(places), len(places))
    return asked.effects(effects, reference) if asked and asked.contrasts else effects
