"""The versions of a sequence that are averaged: on both strands, and shifted by some bases.

A question about a window is put to every version of it, and the answers are turned back and
averaged. All arithmetic of that is here: what a window's bases, bins, regions and tracks become in
a version, and what becomes of the answer. Source: Kelley et al. 2018, who average predictions over
both strands and small shifts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import overload

import numpy as np

from sighthound.core.genome.sequence import reverse_complement
from sighthound.core.progress import Progress, part_of


@dataclass(frozen=True)
class Member:
    """One version of a window: moved right by `shift` bases, and then turned to the other strand.

    Examples
    --------
    Of a window of 100 bases in bins of 10, read from the other end one base further:

    >>> import numpy as np
    >>> member = Member(1, True)
    >>> member.starts(np.array([0, 50]), 4, 100)
    array([95, 45])
    >>> member.bins(np.array([0, 7]), 10)
    array([9, 2])
    """

    shift: int = 0
    is_reversed: bool = False

    def sequence(self, one_hot: np.ndarray) -> np.ndarray:
        """Give the version of windows, (..., length, 4), with zeros where a shift left nothing."""
        return self.turned(shift_sequence(one_hot, self.shift))

    def turned(self, one_hot: np.ndarray) -> np.ndarray:
        """Read bases, (..., length, 4), on the version's strand; they are not moved."""
        return reverse_complement(one_hot) if self.is_reversed else one_hot

    def starts(self, starts: np.ndarray, width: int, length: int) -> np.ndarray:
        """Where stretches of `width` bases of a window of `length` bases begin in the version."""
        moved = starts + self.shift
        return length - moved - width if self.is_reversed else moved

    def origins(self, positions: np.ndarray, length: int) -> np.ndarray:
        """Where bases of the version stand in a window of `length` bases: `starts`, turned back."""
        return (length - 1 - positions if self.is_reversed else positions) - self.shift

    def region(self, start: int, end: int, length: int) -> tuple[int, int, slice]:
        """Find a region of a window of `length` bases in the version.

        Returns
        -------
        int, int, slice
            Start and end there, and which of the region's bases that is: a shift may have moved
            some, or all, out of the window.
        """
        low, high = max(0, start + self.shift), min(length, end + self.shift)
        rows = slice(low - self.shift - start, max(low, high) - self.shift - start)
        return (length - high, length - low, rows) if self.is_reversed else (low, high, rows)

    def bins(self, bins: np.ndarray, count: int) -> np.ndarray:
        """Which of the version's bins stand for these of a window's `count`, one by one.

        A bin of -1 is none, and stays so. A shift is less than what is averaged over: it moves
        bases against the bins, whose answers stay where they are.
        """
        return np.where(bins >= 0, count - 1 - bins, -1) if self.is_reversed else bins

    def ascending(self, bins: np.ndarray, count: int) -> np.ndarray:
        """As `bins`, of ascending bins, in ascending order: `back` gives the window's order."""
        return self.back(self.bins(bins, count), 0)

    @overload
    def tracks(self, strand_pairs: np.ndarray, tracks: np.ndarray) -> np.ndarray: ...
    @overload
    def tracks(self, strand_pairs: np.ndarray, tracks: np.ndarray | None) -> np.ndarray | None: ...
    def tracks(self, strand_pairs: np.ndarray, tracks: np.ndarray | None) -> np.ndarray | None:
        """Which outputs stand for tracks, on the other strand those of the other strand.

        Parameters
        ----------
        strand_pairs : int array, (tracks,)
            As of a model.
        tracks : int array or None
            Indices; all in order if None, as also in the answer.
        """
        if not self.is_reversed:
            return tracks
        if tracks is None:
            same = (strand_pairs == np.arange(len(strand_pairs))).all()
            return None if same else strand_pairs
        return strand_pairs[tracks]

    def back(self, values: np.ndarray, *axes: int) -> np.ndarray:
        """Turn an answer back, along axes that go along the version's sequence (or A C G T)."""
        return np.flip(values, axes) if self.is_reversed else values

    def bases_back(self, values: np.ndarray) -> np.ndarray:
        """Turn and move back the values of bases, (length,), with 0 where a shift left none."""
        return shift_sequence(self.back(values, 0)[:, None], -self.shift)[:, 0]


@dataclass(frozen=True)
class Ensemble:
    """Which versions of a sequence are averaged: both strands, and shifts in bases."""

    reverse_complement: bool = False
    shifts: tuple[int, ...] = (0,)

    @property
    def members(self) -> tuple[Member, ...]:
        """Every version that is averaged."""
        strands = (False, True) if self.reverse_complement else (False,)
        return tuple(Member(shift, strand) for shift in self.shifts for strand in strands)

    @property
    def furthest(self) -> int:
        """Bases by which the furthest version is moved."""
        return max(abs(shift) for shift in self.shifts)


def in_words(ensemble: Ensemble) -> str:
    """Say what is averaged.

    Examples
    --------
    >>> in_words(Ensemble(True, (0, 21, -21)))
    'mean of both strands, mean of 3 shifts'
    """
    strands = "mean of both strands" if ensemble.reverse_complement else "forward strand only"
    shifts = len(ensemble.shifts)
    return strands if shifts == 1 else f"{strands}, mean of {shifts} shifts"


def claiming(bin_size: int) -> Ensemble:
    """Give what is averaged where an effect is claimed: both strands, shifts of a third of a bin.

    What a network says of a variant changes with the strand that it reads and with where the
    variant lies in its bin; neither is of the variant.

    Examples
    --------
    >>> claiming(64)
    Ensemble(reverse_complement=True, shifts=(0, 21, -21))
    """
    third = round(bin_size / 3)
    return Ensemble(True, tuple(dict.fromkeys((0, third, -third))))


def average(
    ensemble: Ensemble | None,
    answer: Callable[[Member, Progress | None], np.ndarray],
    scale: np.ndarray | float = 1.0,
    progress: Progress | None = None,
) -> np.ndarray:
    """Average what the members of an ensemble answer.

    Parameters
    ----------
    ensemble : Ensemble, optional
        Only the sequence as given by default.
    answer : callable
        Given a member and what to tell of its part of the progress, gives a new array, turned back,
        of which only the values of the outputs may be before `scale`. It is added to in place.
    scale : array, or float
        What the mean is multiplied with: the output scale of the tracks that were asked for. The
        same for all members, so that outputs of the other strand come in the units of these.
    progress : callable, optional
        Called with done and total; may raise to cancel.
    """
    members = (ensemble or Ensemble()).members
    total: np.ndarray | None = None
    for number, member in enumerate(members):
        part = answer(member, part_of(progress, number, len(members)))
        # In place: with thousands of tracks fresh memory costs more than the arithmetic.
        total = part if total is None else np.add(total, part, out=total)
    assert total is not None
    total *= np.asarray(scale, total.dtype) / len(members)
    return total


def shift_sequence(one_hot: np.ndarray, shift: int) -> np.ndarray:
    """Move sequences right by `shift` bases (left if negative), filling with zeros."""
    if shift == 0:
        return one_hot
    moved = np.zeros_like(one_hot)
    if shift > 0:
        moved[..., shift:, :] = one_hot[..., :-shift, :]
    else:
        moved[..., :shift, :] = one_hot[..., -shift:, :]
    return moved
