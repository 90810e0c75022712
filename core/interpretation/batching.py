"""What questions about altered sequences have in common: what they ask of a window, and in turns.

A question names a window's tracks and predicted bins; an ensemble puts it to turned and shifted
versions of the window; progress is told between batches of alternatives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import reverse_complement
from sighthound.core.interpretation.incremental import alternatives
from sighthound.core.interpretation.saliency import target_bins
from sighthound.core.model.model import Ensemble, Model, shift_sequence
from sighthound.core.model.reference_pass import ReferencePass

Progress = Callable[[int, int], None]
# Alternatives between two reports of progress.
_REPORT_EVERY = 240


@dataclass(frozen=True)
class Member:
    """One version of a sequence that an ensemble averages, and what questions become for it."""

    sequence: np.ndarray
    shift: int
    is_reversed: bool

    def tracks(self, model: Model, tracks: Sequence[str] | None) -> Sequence[str] | None:
        """Tracks that stand for these: those of the other strand when the sequence is reversed."""
        if not self.is_reversed:
            return tracks
        indices = range(len(model.tracks)) if tracks is None else map(model.track_index, tracks)
        return [model.tracks[model.strand_pairs[i]] for i in indices]

    def bins(self, model: Model, bins: list[int] | None) -> list[int] | None:
        """Predicted bins that stand for these."""
        if bins is None or not self.is_reversed:
            return bins
        last = len(self.sequence) // model.bin - 2 * model.crop - 1
        return [last - b for b in bins]


def members_of(one_hot: np.ndarray, ensemble: Ensemble | None) -> list[Member]:
    """Give the sequences that an ensemble reads in place of one."""
    members = []
    for shift, is_reversed in (ensemble or Ensemble()).members:
        x = shift_sequence(np.asarray(one_hot), shift)
        members.append(Member(reverse_complement(x) if is_reversed else x, shift, is_reversed))
    return members


def ask(
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
    check_region(start, end, length)
    chosen = None if tracks is None else np.array([model.track_index(t) for t in tracks])
    total = length // model.bin
    targets = model.crop + target_bins(model, total, bins)
    reach = model.architecture.stack_reach
    first, last = max(0, targets[0] - reach), min(total, targets[-1] + reach + 1)
    return chosen, targets, model.reference(one_hot, int(first), int(last), dtype)


def check_region(start: int, end: int, length: int) -> None:
    """Refuse bases that are not inside a window."""
    if not 0 <= start < end <= length:
        raise SighthoundError(f"region {start} to {end} is not inside the window of {length} bases")


def in_steps(
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


def scale_of(model: Model, chosen: np.ndarray | None) -> np.ndarray:
    """Give what turns outputs of the chosen tracks, or of all, into their units."""
    return model.output_scale if chosen is None else model.output_scale[chosen]


def part_of(progress: Progress | None, number: int, parts: int) -> Progress | None:
    """Give the progress of one of several equal parts."""
    if progress is None or parts == 1:
        return progress
    return lambda done, total: progress(number * total + done, parts * total)
