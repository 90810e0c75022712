"""What happens when a stretch of sequence is replaced, taken out or put in, at many places.

Replacements (motifs knocked out or in) are exact and incremental like mutagenesis; deletions and
insertions move bases against the grid of bins, so that each takes a reference pass of its own.
Positions are 0-based in the window, regions half-open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import one_hot as encode
from sighthound.core.genome.sequence import reverse_complement
from sighthound.core.interpretation.batching import (
    Progress,
    ask,
    check_region,
    in_steps,
    members_of,
    part_of,
    scale_of,
)
from sighthound.core.interpretation.incremental import sum_of_differences
from sighthound.core.interpretation.saliency import target_bins
from sighthound.core.model.model import Ensemble, Model
from sighthound.core.model.reference_pass import ReferencePass


def replacements(
    model: Model,
    one_hot: np.ndarray,
    starts: Sequence[int] | np.ndarray,
    sequences: Sequence[str] | np.ndarray,
    tracks: Sequence[str] | None = None,
    bins: Sequence[int] | None = None,
    progress: Progress | None = None,
    *,
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
    asked = None if bins is None else list(bins)
    members = members_of(one_hot, ensemble)
    total: Any = 0.0
    for number, member in enumerate(members):
        moved, written = places + member.shift, bases.astype(np.float32)
        if member.is_reversed:
            moved = len(one_hot) - moved - bases.shape[1]
            written = reverse_complement(written)
        names, wanted = member.tracks(model, tracks), member.bins(model, asked)
        report = part_of(progress, number, len(members))
        total = total + _replace(
            model, member.sequence, moved, written, names, wanted, report, dtype
        )
    return np.asarray(total / len(members), dtype)


def _replace(
    model: Model,
    x: np.ndarray,
    places: np.ndarray,
    bases: np.ndarray,
    tracks: Sequence[str] | None,
    bins: Sequence[int] | None,
    progress: Progress | None,
    dtype: str,
) -> np.ndarray:
    low, high = int(places.min()), int(places.max()) + bases.shape[1]
    chosen, targets, reference = ask(model, x, low, high, tracks, bins, dtype)
    columns = len(model.tracks) if chosen is None else len(chosen)
    effects = np.zeros((len(places), columns), dtype)
    for rows, _, (values,) in in_steps(
        reference, places, bases, sum_of_differences, targets, chosen, progress
    ):
        effects[rows] = values
    return effects * scale_of(model, chosen)


def deletion_scan(
    model: Model,
    one_hot: np.ndarray,
    start: int,
    end: int,
    size: int,
    tracks: Sequence[str] | None = None,
    bins: Sequence[int] | None = None,
    progress: Progress | None = None,
    *,
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
    one_hot = np.asarray(one_hot, np.float32)
    check_region(start, end, len(one_hot))
    if not 1 <= size <= len(one_hot) - end + 1:
        raise SighthoundError(
            f"a deletion has {size} bases; expected 1 to {len(one_hot) - end + 1}, "
            "what the window holds from the last place on"
        )
    places = range(start, end, step)
    return _scan(
        model, one_hot, places, tracks, bins, progress, ensemble, dtype,
        lambda place, middle: _edited(one_hot, place, place + size, one_hot[:0], middle),
    )  # fmt: skip


def insertion_scan(
    model: Model,
    one_hot: np.ndarray,
    start: int,
    end: int,
    sequence: str,
    tracks: Sequence[str] | None = None,
    bins: Sequence[int] | None = None,
    progress: Progress | None = None,
    *,
    step: int = 1,
    ensemble: Ensemble | None = None,
    dtype: str = "float32",
) -> np.ndarray:
    """Predict the effect of putting a sequence in before every place of a region.

    The sequence makes room on the side away from the wanted bins. All else is as for
    `deletion_scan`.
    """
    one_hot = np.asarray(one_hot, np.float32)
    inserted = encode(sequence).astype(np.float32)
    places = range(start, end, step)
    return _scan(
        model, one_hot, places, tracks, bins, progress, ensemble, dtype,
        lambda place, middle: _edited(one_hot, place, place, inserted, middle),
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
    x: np.ndarray,
    places: range,
    tracks: Sequence[str] | None,
    bins: Sequence[int] | None,
    progress: Progress | None,
    ensemble: Ensemble | None,
    dtype: str,
    edit: Callable[[int, int], np.ndarray],
) -> np.ndarray:
    check_region(places.start, places.stop, len(x))
    count = len(x) // model.bin
    targets = model.crop + target_bins(model, count, bins)
    middle = int(targets[0] + targets[-1] + 1) * model.bin // 2
    reach = model.architecture.stack_reach
    first, last = max(0, int(targets[0]) - reach), min(count, int(targets[-1]) + reach + 1)

    def total(sequence: np.ndarray) -> Any:
        """Prediction, summed over the wanted bins and averaged over strands and shifts."""
        members = members_of(sequence, ensemble)
        summed: Any = 0.0
        for member in members:
            names = member.tracks(model, tracks)
            chosen = None if names is None else [model.track_index(t) for t in names]
            turned = (count - last, count - first) if member.is_reversed else (first, last)
            wanted = count - 1 - targets if member.is_reversed else targets
            # Not kept: no other question has this sequence.
            passed = ReferencePass(model, member.sequence, *turned, dtype)
            summed = summed + passed.predict(wanted, chosen).sum(axis=0)
        return summed / len(members)

    reference = total(x)
    effects = np.zeros((len(places), len(reference)), dtype)
    for number, place in enumerate(places):
        if progress is not None:
            progress(number, len(places))
        effects[number] = total(edit(place, middle)) - reference
    if progress is not None:
        progress(len(places), len(places))
    return effects
