"""Several projects that one network learns together: a shared trunk, and a head a project.

As Kelley 2020 trained on human and mouse at once. The network has outputs for the tracks of all; a
window of one project counts for its own tracks alone, so that a project's outputs are its head,
which is a network of its own when the training ends. Windows of the projects take turns.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.model.keras_network import Weights
from sighthound.core.project.settings import Project, load_project
from sighthound.core.tracks.track import Track
from sighthound.precompute.training.batches import Batch, Batches
from sighthound.precompute.training.material import Material, open_material
from sighthound.precompute.training.settings import TrainingSettings

_SHARED = ("sequence_length", "bin", "crop")  # keys of [dataset] that a trunk must have once


@dataclass(frozen=True)
class JointMaterial:
    """What several projects bring, as a network learns from it.

    Attributes
    ----------
    parts : tuple of Material
        The project's own first.
    """

    parts: tuple[Material, ...]

    @property
    def project(self) -> Project:
        return self.parts[0].project

    @property
    def tracks(self) -> tuple[Track, ...]:
        """Of all parts, one after the other, in the order of the outputs."""
        return tuple(track for part in self.parts for track in part.tracks)

    @property
    def target_bins(self) -> int:
        return self.parts[0].target_bins

    @property
    def bin(self) -> int:
        return self.parts[0].bin

    @property
    def windows(self) -> dict[str, int]:
        """Windows of each fold, of all parts together."""
        total: Counter[str] = Counter()
        for part in self.parts:
            total.update(part.windows)
        return dict(total)

    @property
    def identity(self) -> dict[str, Any]:
        return {str(number): part.identity for number, part in enumerate(self.parts)}

    @property
    def columns(self) -> list[slice]:
        """Which outputs are those of each part."""
        ends = np.cumsum([0, *(len(part.tracks) for part in self.parts)]).tolist()
        return [slice(start, end) for start, end in itertools.pairwise(ends)]

    def batches(self, settings: TrainingSettings) -> JointBatches:
        return JointBatches([part.batches(settings) for part in self.parts], self.columns)

    def undone(self, scaled: np.ndarray) -> np.ndarray:
        """Targets or outputs, (..., tracks), in the experiments' units."""
        pairs = zip(self.parts, self.columns, strict=True)
        return np.concatenate([part.undone(scaled[..., own]) for part, own in pairs], axis=-1)


class JointBatches:
    """Batches of several projects, in turns, as evenly as their numbers allow.

    Parameters
    ----------
    parts : sequence of Batches
    columns : sequence of slice
        The outputs of each; in a batch of one part the others' are masked.
    """

    def __init__(self, parts: Sequence[Batches], columns: Sequence[slice]) -> None:
        self.parts, self.columns = parts, columns
        self.steps_per_epoch = sum(part.steps_per_epoch for part in parts)

    def epoch(self, number: int, first_step: int = 0) -> Iterator[Batch]:
        """Give the training batches of an epoch, from `first_step` on."""
        turns = self._turns()
        done = Counter(turns[:first_step])
        given = [part.epoch(number, done[place]) for place, part in enumerate(self.parts)]
        for place in turns[first_step:]:
            yield self._wide(next(given[place]), place)

    def fold(self, name: str) -> Iterator[Batch]:
        """Give every window of a fold of every part."""
        for place, part in enumerate(self.parts):
            for batch in part.fold(name):
                yield self._wide(batch, place)

    def _turns(self) -> list[int]:
        """Whose batch each step of an epoch has."""
        moments = [
            ((step + 0.5) / part.steps_per_epoch, place)
            for place, part in enumerate(self.parts)
            for step in range(part.steps_per_epoch)
        ]
        return [place for _, place in sorted(moments)]

    def _wide(self, batch: Batch, place: int) -> Batch:
        shape = (*batch.targets.shape[:2], self.columns[-1].stop)
        targets, mask = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        targets[..., self.columns[place]] = batch.targets
        mask[..., self.columns[place]] = batch.mask
        return replace(batch, targets=targets, mask=mask)


def open_learned(
    project: Project, settings: TrainingSettings, fold: int | None = None
) -> Material | JointMaterial:
    """Open what a training learns from: the project's data set, and those of [training] also.

    Raises
    ------
    SighthoundError
        A data set is missing or stale; projects whose windows differ, or of one name; several
        projects with members or with cross-validation folds.
    """
    own = open_material(project, fold)
    if not settings.also:
        return own
    for given, what in ((settings.members > 1, "members"), (fold is not None, "--folds")):
        if given:
            raise SighthoundError(
                f"[training] also names other projects, which cannot be trained with {what}; leave "
                "one of them out"
            )
    others = [load_project(project.root / path) for path in settings.also]
    names = Counter(other.root.name for other in others)
    for other in others:
        for key in _SHARED:
            here, there = getattr(project.dataset, key), getattr(other.dataset, key)
            if here != there:
                raise SighthoundError(
                    f"[training] also: {other.root} has [dataset] {key} {there:,}, this project "
                    f"{here:,}; a shared trunk needs the same"
                )
        if names[other.root.name] > 1 or other.root == project.root:
            raise SighthoundError(
                f"[training] also: {other.root} is named twice, or like another; heads are saved "
                "by the names of their folders"
            )
    return JointMaterial((own, *map(open_material, others)))


def head_weights(weights: Weights, columns: slice) -> Weights:
    """Take the network of some outputs out of one of more: all of the trunk, and their columns."""
    last = list(weights)[-1].partition("/")[0]
    return {
        name: array[..., columns] if name.startswith(f"{last}/") else array
        for name, array in weights.items()
    }
