"""What all networks of a training learn from: data set, scales, and the project's tracks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sighthound.core.genome.sequence import Genome
from sighthound.core.model.target_transforms import TargetTransform
from sighthound.core.project.settings import Project
from sighthound.core.tracks.track import Track, strand_pairs
from sighthound.precompute.datasets.dataset import Dataset, open_dataset
from sighthound.precompute.training.batches import Batches
from sighthound.precompute.training.settings import TrainingSettings
from sighthound.precompute.training.target_scales import target_scale


@dataclass(frozen=True)
class Material:
    """A data set as a network learns from it.

    Attributes
    ----------
    tracks : tuple of Track
        In the order of the outputs.
    pairs : int array, (tracks,)
        Output of the other strand; an output's own index where it has none.
    scale, clip : float array, (tracks,)
        A target is min(value, clip), transformed, x scale.
    """

    project: Project
    dataset: Dataset
    genome: Genome
    tracks: tuple[Track, ...]
    pairs: np.ndarray
    scale: np.ndarray
    clip: np.ndarray

    @property
    def target_bins(self) -> int:
        """Bins of a window that are learned."""
        return self.dataset.target_bins

    @property
    def bin(self) -> int:
        """Bases a bin."""
        return self.dataset.bin

    @property
    def windows(self) -> dict[str, int]:
        """Windows of each fold."""
        return dict(self.dataset.statistics["windows"])

    @property
    def identity(self) -> dict[str, Any]:
        """What must be the same for a training to go on, as plain data."""
        statistics = self.dataset.statistics
        return {
            "dataset": [statistics[k] for k in ("genome", "tracks_table", "settings")],
            "inputs": statistics.get("inputs"),
            "fold": self.dataset.division,
            "scale": [self.scale.tolist(), self.clip.tolist()],
            "transforms": [transform.to_json() for transform in self.transforms],
        }

    @property
    def transforms(self) -> list[TargetTransform]:
        """What the tracks' values go through between clip and scale."""
        return [track.target_transform for track in self.tracks]

    def batches(self, settings: TrainingSettings) -> Batches:
        """Windows of the data set, moved and turned as the settings say."""
        return Batches(
            self.dataset,
            self.genome,
            batch_size=settings.batch_size,
            scale=self.scale,
            clip=self.clip,
            strand_pairs=self.pairs,
            transforms=self.transforms,
            shift=settings.shift,
            reverse_complement=settings.reverse_complement,
            seed=settings.seed,
            accumulate=settings.accumulate,
        )

    def undone(self, scaled: np.ndarray) -> np.ndarray:
        """Targets or outputs, (..., tracks), in the experiments' units."""
        values = scaled / self.scale
        for track, transform in enumerate(self.transforms):
            if not transform.is_identity:
                values[..., track] = transform.inverse(values[..., track])
        return values


def open_material(project: Project, fold: int | None = None) -> Material:
    """Open a project's data set to learn from.

    Parameters
    ----------
    fold : int, optional
        Which of its cross-validation folds; the first, or the only division, by default.

    Raises
    ------
    SighthoundError
        No dataset, or a stale one; it has no such fold.
    """
    dataset = open_dataset(project)
    if fold is not None:
        dataset = dataset.with_fold(fold)
    table = {track.id: track for track in project.read_tracks()}
    tracks = [table[i] for i in dataset.tracks]
    scale, clip = target_scale(dataset, tracks)
    return Material(
        project, dataset, project.open_genome(), tuple(tracks), strand_pairs(tracks), scale, clip
    )
