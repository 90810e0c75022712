"""Batches of training windows, moved and turned anew every epoch, prepared while the network works.

Which windows an epoch holds, and how each is moved, follows from (seed, epoch) alone, so a resumed
training sees the same batches as one that was never interrupted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome, Interval, reverse_complement
from sighthound.core.model.target_transforms import TargetTransform
from sighthound.precompute.datasets.dataset import Dataset
from sighthound.precompute.datasets.windows import TargetWindow

_AHEAD = 4  # batches prepared before they are asked for


@dataclass(frozen=True)
class Placement:
    """One window as the network sees it: targets from `start`, sequence moved by `shift` bases."""

    chrom: str
    start: int
    shift: int = 0
    is_reversed: bool = False


@dataclass(frozen=True)
class Batch:
    """Sequences, uint8 (batch, length, 4); targets and mask, float32 (batch, bins, tracks)."""

    placements: tuple[Placement, ...]
    sequences: np.ndarray
    targets: np.ndarray
    mask: np.ndarray


class Batches:
    """Makes batches from a dataset.

    Parameters
    ----------
    scale, clip : float array, (tracks,)
        Targets become min(value, clip) x scale; values below zero count as zero.
    transforms : sequence of TargetTransform, optional
        What values go through between clip and scale, one a track.
    strand_pairs : int array, (tracks,)
        Which track stands for which when a window is reversed.
    shift : int
        Most bases that a training sequence is moved by, either way, under its targets.
    accumulate : int
        Batches an update: an epoch has whole updates, of the windows of one of larger batches.
    """

    def __init__(
        self,
        dataset: Dataset,
        genome: Genome,
        *,
        batch_size: int,
        scale: np.ndarray,
        clip: np.ndarray,
        strand_pairs: np.ndarray,
        transforms: Sequence[TargetTransform] = (),
        shift: int = 0,
        reverse_complement: bool = True,
        seed: int = 0,
        accumulate: int = 1,
    ) -> None:
        self.dataset = dataset
        self.genome = genome
        self.batch_size = batch_size
        self.scale = np.asarray(scale, np.float32)
        self.clip = np.asarray(clip, np.float32)
        self.strand_pairs = strand_pairs
        self.transforms = {i: t for i, t in enumerate(transforms) if not t.is_identity}
        self.shift = shift
        self.reverse_complement = reverse_complement
        self.seed = seed
        self.training = [w for w in dataset.fold("train") if w.observed > 0]
        self.steps_per_epoch = -(-len(self.training) // (batch_size * accumulate)) * accumulate
        self._ranges = np.array([self._movable(window) for window in self.training])

    def placements(self, epoch: int) -> list[list[Placement]]:
        """Choose and move the windows of an epoch.

        A window is drawn in proportion to the share of its targets that hold data, so that tracks
        that were measured on a few chromosomes are seen as often as their data allow; it moves by
        up to half its length, in steps of a phase of a bin, inside its contig.
        """
        random = np.random.default_rng([self.seed, epoch])
        count = self.steps_per_epoch * self.batch_size
        weights = np.cumsum([window.observed for window in self.training])
        points = (np.arange(count) + random.random()) / count * weights[-1]
        chosen = random.permutation(np.searchsorted(weights, points, side="right"))
        step = self.dataset.bin // self.dataset.phases
        half = self.dataset.target_bins * self.dataset.phases // 2
        moves = random.integers(-half, half + 1, count) * step
        starts = np.array([w.start for w in self.training])[chosen] + moves
        starts = np.clip(starts, *self._ranges[chosen].T)
        shifts = random.integers(-self.shift, self.shift + 1, count)
        turns = random.random(count) < (0.5 if self.reverse_complement else 0)
        placed = [
            Placement(self.training[i].chrom, int(start), int(shift), bool(turn))
            for i, start, shift, turn in zip(chosen, starts, shifts, turns, strict=True)
        ]
        return [placed[i : i + self.batch_size] for i in range(0, count, self.batch_size)]

    def epoch(self, number: int, first_step: int = 0) -> Iterator[Batch]:
        """Give the training batches of an epoch, from `first_step` on."""
        yield from self._prepare(self.placements(number)[first_step:])

    def fold(self, name: str) -> Iterator[Batch]:
        """Give every window of a fold, where it lies; the last batch is filled up, masked."""
        placed = [Placement(window.chrom, window.start) for window in self.dataset.fold(name)]
        yield from self._prepare(
            [placed[i : i + self.batch_size] for i in range(0, len(placed), self.batch_size)]
        )

    def sequence(self, place: Placement) -> np.ndarray:
        """Bases of a window as it is moved, uint8 (length, 4), not turned."""
        start = place.start - self.dataset.crop * self.dataset.bin + place.shift
        interval = Interval(place.chrom, start, start + self.dataset.sequence_length)
        return self.genome.one_hot(interval)

    def _movable(self, window: TargetWindow) -> tuple[int, int]:
        """First and last start that keep a window's targets inside its contig."""
        if self.dataset.rows:
            return window.start, window.start
        for contig in self.dataset.contigs:
            inside = contig.start <= window.start and window.end <= contig.end
            if inside and contig.chrom == window.chrom:
                return contig.start, contig.end - (window.end - window.start)
        raise AssertionError(f"window {window} lies in no contig")

    def _prepare(self, plan: Sequence[Sequence[Placement]]) -> Iterator[Batch]:
        waiting: deque[Future[Batch]] = deque()
        with ThreadPoolExecutor(1) as worker:
            try:
                for placements in plan:
                    waiting.append(worker.submit(self._read, placements))
                    if len(waiting) > _AHEAD:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def _read(self, placements: Sequence[Placement]) -> Batch:
        data = self.dataset
        shape = (self.batch_size, data.target_bins, len(data.tracks))
        sequences = np.zeros((self.batch_size, data.sequence_length, 4), np.uint8)
        targets = np.zeros(shape, np.float32)
        mask = np.zeros(shape, np.float32)
        for row, place in enumerate(placements):
            sequence = self.sequence(place)
            values = data.window_targets(place.chrom, place.start)
            self._refuse_infinity(values, place)
            has_data = ~np.isnan(values)
            values = np.clip(values, 0, self.clip)
            for track, transform in self.transforms.items():
                values[:, track] = transform.forward(values[:, track])
            with np.errstate(over="ignore"):  # said below, with track and place
                scaled = np.where(has_data, values * self.scale, 0)
            self._refuse_infinity(scaled, place, is_scaled=True)
            if place.is_reversed:
                sequence = reverse_complement(sequence)
                scaled = scaled[::-1, self.strand_pairs]
                has_data = has_data[::-1, self.strand_pairs]
            sequences[row], targets[row], mask[row] = sequence, scaled, has_data
        return Batch(tuple(placements), sequences, targets, mask)

    def _refuse_infinity(
        self, values: np.ndarray, place: Placement, *, is_scaled: bool = False
    ) -> None:
        infinite = np.isinf(values)
        if not infinite.any():
            return
        index, track = np.argwhere(infinite)[0]
        start = place.start + int(index) * self.dataset.bin
        where = Interval(place.chrom, start, start + self.dataset.bin)
        named = f"track {self.dataset.tracks[track]!r} at {where}"
        if is_scaled:
            raise SighthoundError(
                f"{named} times its scale, {self.scale[track]:.2g}, is more than 32-bit numbers "
                "hold; give it a clip, or another scale, in the tracks table"
            )
        raise SighthoundError(
            f"the dataset holds infinity in {named}; "
            "correct the experiment and run 'sighthound dataset' again"
        )
