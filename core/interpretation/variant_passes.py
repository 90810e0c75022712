"""What the variants of one window change, from the window's reference passes.

Every version of the sequence that an ensemble averages is a pass of its own. Variants that move
nothing are many replacements of few bases, run in batches. One that inserts or deletes is a few
replacements of as many bases as the wanted bins can see (see `core.variants.haplotype`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sighthound.core.genome.sequence import Genome, Interval, reverse_complement
from sighthound.core.interpretation.incremental import (
    Reduction,
    alternatives,
    differences,
    sum_of_differences,
)
from sighthound.core.interpretation.variant_windows import Window, reach
from sighthound.core.model.model import Ensemble, Model
from sighthound.core.model.reference_pass import ReferencePass
from sighthound.core.variants.haplotype import Haplotype


@dataclass(frozen=True)
class LargestRatio:
    """Reduction to the bin where |log2(alternative + offset) - log2(reference + offset)| peaks.

    Gives both logarithms there. `offsets` has one entry a track, or one for all; predictions are
    before the output scale, so it is the pseudocount over the scale.
    """

    offsets: tuple[float, ...]

    def __call__(self, tf: Any, reference: Any, alternative: Any) -> tuple[Any, ...]:
        offsets = tf.constant(self.offsets, reference.dtype)

        def logarithm(values: Any) -> Any:  # (alternatives, tracks, bins)
            return tf.transpose(tf.math.log(values + offsets) / np.log(2), (0, 2, 1))

        before, after = logarithm(reference), logarithm(alternative)
        largest = tf.argmax(tf.abs(after - before), axis=2)[..., None]
        return tuple(tf.gather(x, largest, batch_dims=2)[..., 0] for x in (before, after))


class WindowPass:
    """The reference passes of a window, one a member of the ensemble.

    Parameters
    ----------
    model, genome, ensemble
    window : Window
    haplotypes : sequence of Haplotype
        The window's members.
    tracks : int array or None
        Indices; all by default.
    dtype : str
        What is computed in.

    Attributes
    ----------
    reference : array of `dtype`, (targets, tracks)
        Predictions of the window's targets, in the tracks' units, averaged over the ensemble.
    """

    def __init__(
        self,
        model: Model,
        genome: Genome,
        window: Window,
        haplotypes: Sequence[Haplotype],
        tracks: np.ndarray | None,
        ensemble: Ensemble,
        dtype: str = "float32",
    ) -> None:
        self.model, self.window, self.haplotypes = model, window, haplotypes
        self.reach = reach(model, ensemble)
        self._margin = max(abs(s) for s in ensemble.shifts) + max(h.moved for h in haplotypes)
        self._bases = genome.one_hot(
            Interval(window.chrom, window.start - self._margin, window.end + self._margin)
        )
        self._length = window.end - window.start
        self._size = model.bin
        scale = model.output_scale if tracks is None else model.output_scale[tracks]
        self.scale = scale.astype(dtype)
        self._members = [
            _Member(model, self._cut(self._bases, shift), shift, is_reversed, tracks, dtype)
            for shift, is_reversed in ensemble.members
        ]
        parts = [m.predict(window.targets) for m in self._members]
        self.reference = sum(parts[1:], parts[0]) / len(parts) * self.scale

    @property
    def is_single(self) -> bool:
        """Whether there is only one version of the sequence."""
        return len(self._members) == 1

    def sums(self, members: Sequence[int]) -> np.ndarray:
        """Alternative minus reference, summed over bins, of haplotypes that move nothing.

        Parameters
        ----------
        members : sequence of int
            Positions among the window's haplotypes.

        Returns
        -------
        array, (haplotypes, tracks), in the tracks' units
        """
        total = np.zeros((len(members), len(self.scale)), self.scale.dtype)
        for member in self._members:
            for rows, _, (values,) in self._replaced(
                member, members, sum_of_differences, self.window.targets
            ):
                total[rows] += values
        return total * (self.scale / len(self._members))

    def largest_ratios(
        self, members: Sequence[int], pseudocount: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """log2(prediction + pseudocount) of reference and alternative where they differ most.

        Only for one version of the sequence and haplotypes that move nothing.

        Returns
        -------
        two arrays, (haplotypes, tracks)
        """
        scales = np.unique(self.scale) if len(np.unique(self.scale)) == 1 else self.scale
        reduction = LargestRatio(tuple(float(o) for o in pseudocount / scales))
        shape = (len(members), len(self.scale))
        found = np.empty(shape, self.scale.dtype), np.empty(shape, self.scale.dtype)
        for rows, _, values in self._replaced(
            self._members[0], members, reduction, self.window.targets
        ):
            for array, value in zip(found, values, strict=True):
                array[rows] = value + np.log2(self.scale)
        return found

    def changes(self, members: Sequence[int], wanted: np.ndarray) -> list[np.ndarray]:
        """Alternative minus reference, bin by bin.

        Parameters
        ----------
        members : sequence of int
            Positions among the window's haplotypes.
        wanted : int array
            Bins of the window, ascending, all among its targets.

        Returns
        -------
        list of arrays (bins, tracks), one a haplotype
            Of the wanted bins in its place, in the tracks' units.
        """
        spans = [np.searchsorted(wanted, self.window.places[i]) for i in members]
        found = [
            np.zeros((last - first, len(self.scale)), self.scale.dtype) for first, last in spans
        ]
        still = [n for n, i in enumerate(members) if not self.haplotypes[i].is_moving]
        row = np.full(self._length // self._size, -1)
        row[wanted] = np.arange(len(wanted))
        for member in self._members:
            chosen = [members[n] for n in still]
            for rows, bins, (values,) in self._replaced(member, chosen, differences, wanted):
                for number, at, value in zip(rows, bins, values, strict=True):
                    first, last = spans[still[number]]
                    keep = at >= 0
                    keep[keep] = (row[at[keep]] >= first) & (row[at[keep]] < last)
                    found[still[number]][row[at[keep]] - first] += value[keep]
            for n, i in enumerate(members):
                if self.haplotypes[i].is_moving and len(found[n]):
                    self._move(member, i, wanted[slice(*spans[n])], found[n])
        for n, i in enumerate(members):
            found[n] *= self.scale / len(self._members)
            if self.haplotypes[i].is_moving:
                bins = wanted[slice(*spans[n])]
                gone = self._weights(i, bins).sum(axis=0) == 0
                found[n][gone] = -self.reference[np.searchsorted(self.window.targets, bins[gone])]
        return found

    def _replaced(
        self, member: _Member, members: Sequence[int], reduction: Reduction, wanted: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray, tuple[np.ndarray, ...]]]:
        """Run haplotypes that move nothing, those of one length together."""
        lengths = np.array([self.haplotypes[i].end - self.haplotypes[i].start for i in members])
        for length in np.unique(lengths):
            numbers = np.flatnonzero(lengths == length)
            starts, written = [], []
            for number in numbers.tolist():
                haplotype = self.haplotypes[members[number]]
                start = haplotype.start - self.window.start
                at = start + self._margin
                starts.append(start + member.shift)
                written.append(haplotype.altered(self._bases[at : at + length], haplotype.start))
            for rows, bins, values in member.run(
                np.array(starts), np.stack(written), reduction, wanted
            ):
                yield numbers[rows], bins, values

    def _move(self, member: _Member, index: int, bins: np.ndarray, total: np.ndarray) -> None:
        """Add the changes of a haplotype that inserts or deletes, before scaling."""
        haplotype = self.haplotypes[index]
        altered = haplotype.altered(self._bases, self.window.start - self._margin)
        reference = self._cut(self._bases, member.shift)
        for stretch, weights in zip(haplotype.stretches(), self._weights(index, bins), strict=True):
            seen = np.flatnonzero(weights)
            if not len(seen):
                continue
            anchored = self._cut(altered, member.shift - stretch.shift)
            # What these bins can see of it; their context is in the window.
            low = (bins[seen[0]] - self.reach) * self._size
            high = (bins[seen[-1]] + self.reach + 1) * self._size
            differs = (anchored[low:high] != reference[low:high]).any(axis=1).nonzero()[0] + low
            if not len(differs):
                continue
            start, end = differs[0], differs[-1] + 1
            for _, at, (values,) in member.run(
                np.array([start]), anchored[None, start:end], differences, bins[seen]
            ):
                keep = at[0] >= 0
                rows = np.searchsorted(bins, at[0][keep])
                total[rows] += values[0][keep] * weights[rows, None].astype(total.dtype)

    def _weights(self, index: int, bins: np.ndarray) -> np.ndarray:
        starts = self.window.start + bins * self._size
        return self.haplotypes[index].weights(starts, self._size)

    def _cut(self, bases: np.ndarray, shift: int) -> np.ndarray:
        """The window moved right by `shift` bases, out of bases with the margin on the left."""
        start = self._margin - shift
        return bases[start : start + self._length]


class _Member:
    """A reference pass over one version of a window, asked in the window's own orientation."""

    def __init__(
        self,
        model: Model,
        bases: np.ndarray,
        shift: int,
        is_reversed: bool,
        tracks: np.ndarray | None,
        dtype: str,
    ) -> None:
        self.shift, self.is_reversed, self.length = shift, is_reversed, len(bases)
        self.tracks = tracks
        if is_reversed:
            bases = reverse_complement(bases)
            every = np.arange(len(model.tracks)) if tracks is None else tracks
            if tracks is not None or (model.strand_pairs != every).any():
                self.tracks = model.strand_pairs[every]
        self.reference: ReferencePass = model.references.get(model, bases, dtype=dtype)

    def predict(self, bins: np.ndarray) -> np.ndarray:
        """Predictions before the output scale, (bins, tracks)."""
        values = self.reference.head(self._turned(bins), self.tracks).values
        found = self.reference.graph.link(values).numpy()
        return found[::-1] if self.is_reversed else found

    def run(
        self, starts: np.ndarray, bases: np.ndarray, reduction: Reduction, wanted: np.ndarray
    ) -> Iterator[tuple[slice, np.ndarray, tuple[np.ndarray, ...]]]:
        """As `core.interpretation.incremental.alternatives`."""
        if self.is_reversed:
            starts = self.length - starts - bases.shape[1]
            bases = reverse_complement(bases)
        for done in alternatives(
            self.reference, starts, bases, reduction,
            targets=self._turned(wanted), tracks=self.tracks,
        ):  # fmt: skip
            bins = done.bins
            if self.is_reversed:
                bins = np.where(bins >= 0, self.reference.bins - 1 - bins, -1)
            yield done.rows, bins, done.values

    def _turned(self, bins: np.ndarray) -> np.ndarray:
        return self.reference.bins - 1 - bins[::-1] if self.is_reversed else bins
