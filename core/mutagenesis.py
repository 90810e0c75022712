"""In silico mutagenesis: what substitutions, deletions and insertions do to a prediction.

Exact; `core.incremental` says how it is that much faster than a forward pass a substitution.
Positions are 0-based in the window, regions half-open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from core.errors import SighthoundError
from core.genome import one_hot as encode
from core.genome import reverse_complement
from core.incremental import alternatives, differences, sum_of_differences
from core.inference import Ensemble, Model, shift_sequence
from core.reference import ReferencePass
from core.saliency import target_bins

Progress = Callable[[int, int], None]
# Alternatives between two reports of progress.
_REPORT_EVERY = 240


def mutagenesis(
    model: Model,
    one_hot: np.ndarray,
    start: int,
    end: int,
    tracks: Sequence[str] | None = None,
    bins: Sequence[int] | None = None,
    progress: Progress | None = None,
    *,
    ensemble: Ensemble | None = None,
    dtype: str = "float32",
) -> np.ndarray:
    """Predict the effect of every substitution in a region.

    Parameters
    ----------
    model : Model
    one_hot : array, (length, 4)
        The window, in the order A C G T.
    start, end : int
        The region in the window.
    tracks : sequence of str, optional
        Ids of the tracks; all by default.
    bins : sequence of int, optional
        Predicted bins over which predictions are summed, counted after cropping; all by default.
    progress : callable, optional
        Called with substitutions done and in total; may raise to cancel.
    ensemble : Ensemble, optional
        Strands and shifts over which effects are averaged.
    dtype : {"float32", "float64"}
        What is computed in.

    Returns
    -------
    array of `dtype`, (end - start, 4, tracks)
        Prediction of the alternative minus that of the reference, summed over `bins`, in the
        tracks' units; 0 at the reference base.

    Raises
    ------
    SighthoundError
        The region is empty or outside the window, a track is unknown, or a bin is not predicted.
    """
    _check_region(start, end, len(one_hot))
    members = (ensemble or Ensemble()).members
    total: Any = 0.0
    for number, (shift, is_reversed) in enumerate(members):
        x = _transformed(one_hot, shift, is_reversed)
        length = len(x)
        # Substitutions of bases that a shift moves out of the window have no effect.
        low, high = max(0, start + shift), min(length, end + shift)
        asked = None if bins is None else list(bins)
        if is_reversed:
            low, high = length - high, length - low
            if asked is not None:
                last = length // model.bin - 2 * model.crop - 1
                asked = [last - b for b in asked]
        if shift == 0 or low < high:
            names = _other_strand(model, tracks) if is_reversed else tracks
            report = _part(progress, number, len(members))
            part = _substitute(model, x, low, high, names, asked, report, dtype)
            if is_reversed:
                part = part[::-1, ::-1]
            before = max(0, -(start + shift))
            whole = np.zeros((end - start, *part.shape[1:]), part.dtype)
            whole[before : before + len(part)] = part
            total = total + whole / len(members)
    return np.asarray(total, dtype)


def _substitute(
    model: Model,
    x: np.ndarray,
    start: int,
    end: int,
    tracks: Sequence[str] | None,
    bins: Sequence[int] | None,
    progress: Progress | None,
    dtype: str,
) -> np.ndarray:
    chosen, targets, reference = _ask(model, x, start, end, tracks, bins, dtype)
    positions, bases = substitutions(x, start, end)
    effects = np.zeros(
        (end - start, 4, len(model.tracks) if chosen is None else len(chosen)), dtype
    )
    replaced = np.eye(4, dtype=np.float32)[bases][:, None]
    for rows, _, (values,) in _in_steps(
        reference, positions, replaced, sum_of_differences, targets, chosen, progress
    ):
        effects[positions[rows] - start, bases[rows]] = values
    return effects * _scale(model, chosen)


def mutagenesis_profiles(
    model: Model,
    one_hot: np.ndarray,
    start: int,
    end: int,
    tracks: Sequence[str] | None = None,
    progress: Progress | None = None,
    *,
    dtype: str = "float32",
) -> np.ndarray:
    """Predict the effect of every substitution in a region on every predicted bin.

    Parameters
    ----------
    model, one_hot, start, end, tracks, progress, dtype
        As for `mutagenesis`.

    Returns
    -------
    array of `dtype`, (end - start, 4, bins, tracks)
        Prediction of the alternative minus that of the reference, bins counted after cropping.
    """
    chosen, _, reference = _ask(model, one_hot, start, end, tracks, None, dtype)
    positions, bases = substitutions(one_hot, start, end)
    count = reference.bins - 2 * model.crop
    columns = len(model.tracks) if chosen is None else len(chosen)
    effects = np.zeros((end - start, 4, count, columns), dtype)
    replaced = np.eye(4, dtype=np.float32)[bases][:, None]
    for rows, bins, (values,) in _in_steps(
        reference, positions, replaced, differences, None, chosen, progress
    ):
        row, column = np.nonzero(bins >= 0)
        where = bins[row, column] - model.crop
        effects[positions[rows][row] - start, bases[rows][row], where] = values[row, column]
    return effects * _scale(model, chosen)


def replacements(
    model: Model,
    one_hot: np.ndarray,
    starts: Sequence[int] | np.ndarray,
    sequences: Sequence[str] | np.ndarray,
    tracks: Sequence[str] | None = None,
    bins: Sequence[int] | None = None,
    progress: Progress | None = None,
    *,
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
    low, high = int(places.min()), int(places.max()) + bases.shape[1]
    chosen, targets, reference = _ask(model, one_hot, low, high, tracks, bins, dtype)
    columns = len(model.tracks) if chosen is None else len(chosen)
    effects = np.zeros((len(places), columns), dtype)
    for rows, _, (values,) in _in_steps(
        reference, places, bases.astype(np.float32), sum_of_differences, targets, chosen, progress
    ):
        effects[rows] = values
    return effects * _scale(model, chosen)


def deletion_scan(
    model: Model,
    one_hot: np.ndarray,
    start: int,
    end: int,
    size: int,
    bins: Sequence[int],
    tracks: Sequence[str] | None = None,
    progress: Progress | None = None,
    *,
    step: int = 1,
) -> np.ndarray:
    """Predict the effect of taking out `size` bases at every place of a region.

    The sequence closes over the gap from the side away from the wanted bins, so that these keep
    their bases and their place in the grid of bins; N fills up at the window's end.

    Parameters
    ----------
    bins : sequence of int
        Predicted bins whose sum is wanted, counted after cropping.
    step : int
        Bases between one deletion and the next.

    Returns
    -------
    float32 array, (ceil((end - start) / step), tracks)
        Alternative minus reference, in the tracks' units.
    """
    one_hot = np.asarray(one_hot, np.float32)
    places = range(start, end, step)
    return _scan(
        model, one_hot, places, bins, tracks, progress,
        lambda place, middle: _edited(one_hot, place, place + size, one_hot[:0], middle),
    )  # fmt: skip


def insertion_scan(
    model: Model,
    one_hot: np.ndarray,
    start: int,
    end: int,
    sequence: str,
    bins: Sequence[int],
    tracks: Sequence[str] | None = None,
    progress: Progress | None = None,
    *,
    step: int = 1,
) -> np.ndarray:
    """Predict the effect of putting a sequence in before every place of a region.

    The sequence makes room on the side away from the wanted bins. Parameters and result are
    those of `deletion_scan`.
    """
    one_hot = np.asarray(one_hot, np.float32)
    inserted = encode(sequence).astype(np.float32)
    places = range(start, end, step)
    return _scan(
        model, one_hot, places, bins, tracks, progress,
        lambda place, middle: _edited(one_hot, place, place, inserted, middle),
    )  # fmt: skip


def substitutions(one_hot: np.ndarray, start: int, end: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions and bases (0 to 3) of every substitution in a region; N takes all four."""
    offsets, bases = np.nonzero(np.asarray(one_hot)[start:end] == 0)
    return offsets + start, bases


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
    bins: Sequence[int],
    tracks: Sequence[str] | None,
    progress: Progress | None,
    edit: Callable[[int, int], np.ndarray],
) -> np.ndarray:
    _check_region(places.start, places.stop, len(x))
    chosen, targets, _ = _ask(model, x, places.start, places.stop, tracks, bins, "float32")
    middle = (targets[0] + targets[-1] + 1) * model.bin // 2
    reach = model.architecture.stack_reach
    first, last = max(0, targets[0] - reach), min(len(x) // model.bin, targets[-1] + reach + 1)

    def total(sequence: np.ndarray) -> np.ndarray:
        passed = ReferencePass(model, sequence, first, last)
        return passed.predict(targets, chosen).sum(axis=0)

    reference = total(x)
    effects = np.zeros((len(places), len(reference)), np.float32)
    for number, place in enumerate(places):
        if progress is not None:
            progress(number, len(places))
        effects[number] = total(edit(place, middle)) - reference
    if progress is not None:
        progress(len(places), len(places))
    return effects


def _ask(
    model: Model,
    one_hot: np.ndarray,
    start: int,
    end: int,
    tracks: Sequence[str] | None,
    bins: Sequence[int] | None,
    dtype: str,
) -> tuple[np.ndarray | None, np.ndarray, ReferencePass]:
    """Check what is asked: track indices or None, wanted bins, and a pass that covers them."""
    length = len(one_hot)
    _check_region(start, end, length)
    chosen = None if tracks is None else np.array([model.track_index(t) for t in tracks])
    total = length // model.bin
    targets = model.crop + target_bins(model, total, bins)
    reach = model.architecture.stack_reach
    first, last = max(0, targets[0] - reach), min(total, targets[-1] + reach + 1)
    return chosen, targets, model.reference(one_hot, int(first), int(last), dtype)


def _check_region(start: int, end: int, length: int) -> None:
    if not 0 <= start < end <= length:
        raise SighthoundError(f"region {start} to {end} is not inside the window of {length} bases")


def _in_steps(
    reference: ReferencePass,
    positions: np.ndarray,
    bases: np.ndarray,
    reduction: Any,
    targets: np.ndarray | None,
    chosen: np.ndarray | None,
    progress: Progress | None,
) -> Iterator[tuple[slice, np.ndarray, tuple[np.ndarray, ...]]]:
    """Run alternatives in steps between which progress is told."""
    total = len(positions)
    step = total if progress is None else _REPORT_EVERY
    for at in range(0, total, max(1, step)):
        if progress is not None:
            progress(at, total)
        here = slice(at, at + step)
        for done in alternatives(
            reference, positions[here], bases[here], reduction, targets=targets, tracks=chosen
        ):
            yield slice(at + done.rows.start, at + done.rows.stop), done.bins, done.values
    if progress is not None:
        progress(total, total)


def _scale(model: Model, chosen: np.ndarray | None) -> np.ndarray:
    return model.output_scale if chosen is None else model.output_scale[chosen]


def _transformed(one_hot: np.ndarray, shift: int, is_reversed: bool) -> np.ndarray:
    x = shift_sequence(np.asarray(one_hot), shift)
    return reverse_complement(x) if is_reversed else x


def _other_strand(model: Model, tracks: Sequence[str] | None) -> list[str]:
    """Tracks that stand for these when the sequence is reversed."""
    indices = range(len(model.tracks)) if tracks is None else map(model.track_index, tracks)
    return [model.tracks[model.strand_pairs[i]] for i in indices]


def _part(progress: Progress | None, number: int, parts: int) -> Progress | None:
    if progress is None or parts == 1:
        return progress
    return lambda done, total: progress(number * total + done, parts * total)
