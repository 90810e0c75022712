"""What the variants of one window change, from the window's reference passes.

Every version of the sequence that an ensemble averages is a pass of its own. Variants that move
nothing are many replacements of few bases, run in batches. One that inserts or deletes is a few
replacements of as many bases as the wanted bins can see (see `core.variants.haplotype`).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.interpretation.incremental import (
    Reduction,
    alternatives,
    differences,
    sum_of_differences,
)
from sighthound.core.interpretation.variant_windows import VariantWindow, reach
from sighthound.core.model.ensemble import Ensemble, Member, average
from sighthound.core.model.model import Model
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
    window : VariantWindow
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
        window: VariantWindow,
        haplotypes: Sequence[Haplotype],
        tracks: np.ndarray | None,
        ensemble: Ensemble,
        dtype: str = "float32",
    ) -> None:
        self.model, self.window, self.haplotypes = model, window, haplotypes
        self.reach = reach(model, ensemble)
        self._margin = ensemble.furthest + max(h.moved for h in haplotypes)
        place = window.interval
        self._first = place.start - self._margin
        self._bases = genome.one_hot(Interval(place.chrom, self._first, place.end + self._margin))
        scale = model.output_scale if tracks is None else model.output_scale[tracks]
        self.scale = scale.astype(dtype)
        self._ensemble = ensemble
        self._passes = {
            member: _MemberPass(model, member, self._cut(self._bases, member.shift), tracks, dtype)
            for member in ensemble.members
        }
        self.reference = self._average(lambda passed: passed.predict(window.targets))

    @property
    def is_single(self) -> bool:
        """Whether there is only one version of the sequence."""
        return len(self._ensemble.members) == 1

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

        def answer(passed: _MemberPass) -> np.ndarray:
            sums = np.zeros((len(members), len(self.scale)), self.scale.dtype)
            for rows, _, (values,) in self._replaced(
                passed, members, sum_of_differences, self.window.targets
            ):
                sums[rows] = values
            return sums

        return self._average(answer)

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
        (only,) = self._passes.values()
        for rows, _, values in self._replaced(only, members, reduction, self.window.targets):
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
        edges = np.cumsum([0, *(last - first for first, last in spans)])
        still = [n for n, i in enumerate(members) if not self.haplotypes[i].is_moving]
        row = np.full(self.window.bins, -1)
        row[wanted] = np.arange(len(wanted))

        def answer(passed: _MemberPass) -> np.ndarray:
            # Of all haplotypes one under another.
            every = np.zeros((edges[-1], len(self.scale)), self.scale.dtype)
            found = _parts(every, edges)
            chosen = [members[n] for n in still]
            for rows, bins, (values,) in self._replaced(passed, chosen, differences, wanted):
                for number, at, value in zip(rows, bins, values, strict=True):
                    first, last = spans[still[number]]
                    keep = at >= 0
                    keep[keep] = (row[at[keep]] >= first) & (row[at[keep]] < last)
                    found[still[number]][row[at[keep]] - first] = value[keep]
            for n, i in enumerate(members):
                if self.haplotypes[i].is_moving and len(found[n]):
                    self._move(passed, i, wanted[slice(*spans[n])], found[n])
            return every

        found = _parts(self._average(answer), edges)
        for n, i in enumerate(members):
            if self.haplotypes[i].is_moving:
                bins = wanted[slice(*spans[n])]
                gone = self._weights(i, bins).sum(axis=0) == 0
                found[n][gone] = -self.reference[np.searchsorted(self.window.targets, bins[gone])]
        return found

    def _average(self, answer: Callable[[_MemberPass], np.ndarray]) -> np.ndarray:
        """Average over the ensemble what its passes answer, and put it into the tracks' units."""
        return average(self._ensemble, lambda member, _: answer(self._passes[member]), self.scale)

    def _replaced(
        self, passed: _MemberPass, members: Sequence[int], reduction: Reduction, wanted: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray, tuple[np.ndarray, ...]]]:
        """Run haplotypes that move nothing, those of one length together."""
        lengths = np.array([self.haplotypes[i].end - self.haplotypes[i].start for i in members])
        for length in np.unique(lengths):
            numbers = np.flatnonzero(lengths == length)
            starts, written = [], []
            for number in numbers.tolist():
                haplotype = self.haplotypes[members[number]]
                start = haplotype.start - self.window.interval.start
                at = start + self._margin
                starts.append(start)
                written.append(haplotype.altered(self._bases[at : at + length], haplotype.start))
            for rows, bins, values in passed.run(
                np.array(starts), np.stack(written), reduction, wanted
            ):
                yield numbers[rows], bins, values

    def _move(self, passed: _MemberPass, index: int, bins: np.ndarray, total: np.ndarray) -> None:
        """Add the changes of a haplotype that inserts or deletes, before scaling."""
        haplotype, shift = self.haplotypes[index], passed.member.shift
        altered = haplotype.altered(self._bases, self._first)
        reference = self._cut(self._bases, shift)
        for stretch, weights in zip(haplotype.stretches(), self._weights(index, bins), strict=True):
            seen = np.flatnonzero(weights)
            if not len(seen):
                continue
            anchored = self._cut(altered, shift - stretch.shift)
            # What these bins can see of it; their context is in the window.
            low = (bins[seen[0]] - self.reach) * self.window.bin
            high = (bins[seen[-1]] + self.reach + 1) * self.window.bin
            differs = (anchored[low:high] != reference[low:high]).any(axis=1).nonzero()[0] + low
            if not len(differs):
                continue
            start, end = differs[0], differs[-1] + 1
            for _, at, (values,) in passed.run(
                np.array([start - shift]), anchored[None, start:end], differences, bins[seen]
            ):
                keep = at[0] >= 0
                rows = np.searchsorted(bins, at[0][keep])
                total[rows] += values[0][keep] * weights[rows, None].astype(total.dtype)

    def _weights(self, index: int, bins: np.ndarray) -> np.ndarray:
        return self.haplotypes[index].weights(self.window.bin_start(bins), self.window.bin)

    def _cut(self, bases: np.ndarray, shift: int) -> np.ndarray:
        """The window moved right by `shift` bases, out of bases with the margin on the left."""
        start = self._margin - shift
        return bases[start : start + len(self.window.interval)]


def _parts(rows: np.ndarray, edges: np.ndarray) -> list[np.ndarray]:
    return [rows[first:last] for first, last in itertools.pairwise(edges)]


class _MemberPass:
    """A reference pass over one version of a window, asked in the window's own orientation."""

    def __init__(
        self,
        model: Model,
        member: Member,
        bases: np.ndarray,
        tracks: np.ndarray | None,
        dtype: str,
    ) -> None:
        """Run the pass over bases that are moved by the member's shift, and not yet turned."""
        self.member, self.length = member, len(bases)
        self.outputs = member.tracks(model.strand_pairs, tracks)
        self.reference = model.references.get(model, member.turned(bases), dtype=dtype)

    def predict(self, bins: np.ndarray) -> np.ndarray:
        """Predictions before the output scale, (bins, tracks)."""
        wanted = self.member.ascending(bins, self.reference.bins)
        head = self.reference.head(wanted, self.outputs)
        values = self.reference.graph.link(head.values, head.tracks)
        return self.member.back(values.numpy(), 0)

    def run(
        self, starts: np.ndarray, bases: np.ndarray, reduction: Reduction, wanted: np.ndarray
    ) -> Iterator[tuple[slice, np.ndarray, tuple[np.ndarray, ...]]]:
        """As `core.interpretation.incremental.alternatives`, of places before the shift."""
        count = self.reference.bins
        for done in alternatives(
            self.reference,
            self.member.starts(starts, bases.shape[1], self.length),
            self.member.turned(bases),
            reduction,
            targets=self.member.ascending(wanted, count),
            tracks=self.outputs,
        ):
            yield done.rows, self.member.bins(done.bins, count), done.values
