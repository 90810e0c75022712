"""In silico mutagenesis: what every substitution in a region does to a prediction.

Exact; `core.interpretation.incremental` says how it is that much faster than a forward pass a
substitution. Positions are 0-based in the window, regions half-open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.interpretation.batching import check_region, in_steps
from sighthound.core.interpretation.contrasted import Columns
from sighthound.core.interpretation.incremental import (
    Reduction,
    differences,
    sum_of_differences,
)
from sighthound.core.interpretation.saliency import target_bins
from sighthound.core.interpretation.windows import predict_locus
from sighthound.core.model.ensemble import Ensemble, Member, average
from sighthound.core.model.model import Model
from sighthound.core.progress import Progress


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
    around: int | None = None,
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
        Ids of the tracks; all by default. "A/B" is the contrast of two, log2((A + 1) / (B + 1)).
    bins : sequence of int, optional
        Predicted bins over which predictions are summed, counted after cropping; all by default.
        Of a contrast A and B are such sums.
    progress : callable, optional
        Called with substitutions done and in total; may raise to cancel.
    ensemble : Ensemble, optional
        Strands and shifts over which effects are averaged.
    dtype : {"float32", "float64"}
        What is computed in.
    around : int, optional
        Of `bins`, only these so many on either side of the changed base's own are summed. Not of
        contrasts.

    Returns
    -------
    array of `dtype`, (end - start, 4, tracks)
        Prediction of the alternative minus that of the reference, summed over `bins`, in the
        tracks' units (log2 of a contrast); 0 at the reference base.

    Raises
    ------
    SighthoundError
        The region is empty or outside the window, a track is unknown, or a bin is not predicted.
    """

    def write(effects: np.ndarray, at: tuple[np.ndarray, ...], _: object, sums: np.ndarray) -> None:
        effects[at] = sums

    return _averaged(
        model, one_hot, start, end, tracks, bins, progress, ensemble=ensemble, dtype=dtype,
        reduction=sum_of_differences, inner=(), write=write, around=around,
    )  # fmt: skip


def mutagenesis_profiles(
    model: Model,
    one_hot: np.ndarray,
    start: int,
    end: int,
    *,
    tracks: Sequence[str] | None = None,
    progress: Progress | None = None,
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
    count = len(one_hot) // model.bin - 2 * model.crop

    def write(
        effects: np.ndarray, at: tuple[np.ndarray, ...], bins: np.ndarray, values: np.ndarray
    ) -> None:
        row, column = np.nonzero(bins >= 0)
        here = bins[row, column] - model.crop
        effects[(*(where[row] for where in at), here)] = values[row, column]

    return _averaged(
        model, one_hot, start, end, tracks, None, progress, ensemble=ensemble, dtype=dtype,
        reduction=differences, inner=(count,), write=write,
    )  # fmt: skip


def substitutions(one_hot: np.ndarray, start: int, end: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions and bases (0 to 3) of every substitution in a region; N takes all four."""
    offsets, bases = np.nonzero(np.asarray(one_hot)[start:end] == 0)
    return offsets + start, bases


def _averaged(
    model: Model,
    one_hot: np.ndarray,
    start: int,
    end: int,
    tracks: Sequence[str] | None,
    bins: Sequence[int] | None,
    progress: Progress | None,
    *,
    ensemble: Ensemble | None,
    dtype: str,
    reduction: Reduction,
    inner: tuple[int, ...],
    write: Callable[[np.ndarray, tuple[np.ndarray, ...], np.ndarray, np.ndarray], None],
    around: int | None = None,
) -> np.ndarray:
    """Average effects, (end - start, 4, *inner, tracks), over an ensemble.

    `write` puts what `reduction` gives of some substitutions into an array of effects: at which
    bases of the region and of A C G T, and of which bins of the window.
    """
    x = np.asarray(one_hot)
    check_region(start, end, len(x))
    members = (ensemble or Ensemble()).members
    if all(low >= high for low, high, _ in (m.region(start, end, len(x)) for m in members)):
        raise SighthoundError("shifts move the whole region out of the window; give smaller ones")
    asked = None if tracks is None else Columns.of(tracks)
    if around is not None and asked is not None and asked.contrasts:
        raise SighthoundError("a contrast is of sums over the same bins; ask for tracks")
    chosen, count = (
        model.track_indices(None if asked is None else asked.tracks),
        len(x) // model.bin,
    )
    targets = model.crop + target_bins(model, count, bins)
    scale = model.scale_of(chosen)

    def answer(member: Member, report: Progress | None) -> np.ndarray:
        effects = np.zeros((end - start, 4, *inner, len(scale)), dtype)
        low, high, rows = member.region(start, end, len(x))
        # Substitutions of bases that a shift moves out of the window have no effect.
        if low >= high:
            return effects
        # A view: what is written into it is turned back.
        part = member.back(effects[rows], 0, 1)
        version, wanted = member.sequence(x), member.ascending(targets, count)
        reference = model.reference(version, *model.architecture.seen(wanted, count), dtype)
        positions, bases = substitutions(version, low, high)
        replaced = np.eye(4, dtype=np.float32)[bases][:, None]
        outputs = member.tracks(model.strand_pairs, chosen)
        spans = None
        if around is not None:
            own = member.bins(member.origins(positions, len(x)) // model.bin, count)
            spans = np.column_stack([own - around, own + around + 1])
        for here, at, (values,) in in_steps(
            reference, positions, replaced, reduction, wanted, outputs, report, spans
        ):
            write(part, (positions[here] - low, bases[here]), member.bins(at, count), values)
        return effects

    effects = average(ensemble, answer, scale, progress)
    if asked is None or not asked.contrasts:
        return effects
    predicted = predict_locus(model, x, targets, asked.tracks, ensemble, dtype=dtype)
    return asked.effects(effects, predicted if inner else predicted.sum(axis=0))
