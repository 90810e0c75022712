"""In silico mutagenesis: what every substitution in a region does to a prediction.

Exact; `core.interpretation.incremental` says how it is that much faster than a forward pass a
substitution. Positions are 0-based in the window, regions half-open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.interpretation.batching import (
    Member,
    Progress,
    ask,
    check_region,
    in_steps,
    members_of,
    part_of,
    scale_of,
)
from sighthound.core.interpretation.incremental import differences, sum_of_differences
from sighthound.core.model.model import Ensemble, Model


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
    asked = None if bins is None else list(bins)

    def run(member: Member, low: int, high: int, report: Progress | None) -> np.ndarray:
        names, wanted = member.tracks(model, tracks), member.bins(model, asked)
        part = _substitute(model, member.sequence, low, high, names, wanted, report, dtype)
        return part[::-1, ::-1] if member.is_reversed else part

    return _averaged(one_hot, start, end, ensemble, progress, dtype, run)


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
    chosen, targets, reference = ask(model, x, start, end, tracks, bins, dtype)
    positions, bases = substitutions(x, start, end)
    effects = np.zeros(
        (end - start, 4, len(model.tracks) if chosen is None else len(chosen)), dtype
    )
    replaced = np.eye(4, dtype=np.float32)[bases][:, None]
    for rows, _, (values,) in in_steps(
        reference, positions, replaced, sum_of_differences, targets, chosen, progress
    ):
        effects[positions[rows] - start, bases[rows]] = values
    return effects * scale_of(model, chosen)


def mutagenesis_profiles(
    model: Model,
    one_hot: np.ndarray,
    start: int,
    end: int,
    tracks: Sequence[str] | None = None,
    progress: Progress | None = None,
    *,
    ensemble: Ensemble | None = None,
    dtype: str = "float32",
) -> np.ndarray:
    """Predict the effect of every substitution in a region on every predicted bin.

    Parameters
    ----------
    model, one_hot, start, end, tracks, progress, ensemble, dtype
        As for `mutagenesis`.

    Returns
    -------
    array of `dtype`, (end - start, 4, bins, tracks)
        Prediction of the alternative minus that of the reference, bins counted after cropping.
    """

    def run(member: Member, low: int, high: int, report: Progress | None) -> np.ndarray:
        names = member.tracks(model, tracks)
        part = _profiles(model, member.sequence, low, high, names, report, dtype)
        return part[::-1, ::-1, ::-1] if member.is_reversed else part

    return _averaged(one_hot, start, end, ensemble, progress, dtype, run)


def _profiles(
    model: Model,
    x: np.ndarray,
    start: int,
    end: int,
    tracks: Sequence[str] | None,
    progress: Progress | None,
    dtype: str,
) -> np.ndarray:
    chosen, _, reference = ask(model, x, start, end, tracks, None, dtype)
    positions, bases = substitutions(x, start, end)
    count = reference.bins - 2 * model.crop
    columns = len(model.tracks) if chosen is None else len(chosen)
    effects = np.zeros((end - start, 4, count, columns), dtype)
    replaced = np.eye(4, dtype=np.float32)[bases][:, None]
    for rows, bins, (values,) in in_steps(
        reference, positions, replaced, differences, None, chosen, progress
    ):
        row, column = np.nonzero(bins >= 0)
        where = bins[row, column] - model.crop
        effects[positions[rows][row] - start, bases[rows][row], where] = values[row, column]
    return effects * scale_of(model, chosen)


def substitutions(one_hot: np.ndarray, start: int, end: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions and bases (0 to 3) of every substitution in a region; N takes all four."""
    offsets, bases = np.nonzero(np.asarray(one_hot)[start:end] == 0)
    return offsets + start, bases


def _averaged(
    one_hot: np.ndarray,
    start: int,
    end: int,
    ensemble: Ensemble | None,
    progress: Progress | None,
    dtype: str,
    run: Callable[[Member, int, int, Progress | None], np.ndarray],
) -> np.ndarray:
    """Average the effects, (end - start, ...), of the bases of a region over an ensemble.

    `run` is given the region in a member's own sequence and gives effects turned back.
    """
    length = len(one_hot)
    check_region(start, end, length)
    members = members_of(one_hot, ensemble)
    total: Any = None
    for number, member in enumerate(members):
        # Substitutions of bases that a shift moves out of the window have no effect.
        low, high = max(0, start + member.shift), min(length, end + member.shift)
        if low >= high:
            continue
        region = (length - high, length - low) if member.is_reversed else (low, high)
        part = run(member, *region, part_of(progress, number, len(members)))
        before = max(0, -(start + member.shift))
        whole = np.zeros((end - start, *part.shape[1:]), part.dtype)
        whole[before : before + len(part)] = part
        total = whole / len(members) + (0 if total is None else total)
    if total is None:
        raise SighthoundError("shifts move the whole region out of the window; give smaller ones")
    return np.asarray(total, dtype)
