"""Chromosomes that are kept for checking, and the tracks that have data nowhere else."""

from __future__ import annotations

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome
from sighthound.core.project.settings import SETTINGS_FILE, Project
from sighthound.core.tracks.experiments import covered_intervals
from sighthound.core.tracks.track import Track


def fold_chromosomes(project: Project, genome: Genome, fold: str) -> tuple[str, ...] | float:
    """Give the chromosomes of the "valid" or "test" fold by the genome's names, or its share.

    Raises
    ------
    SighthoundError
        The settings name a chromosome that the genome lacks.
    """
    chosen = getattr(project.dataset, fold)
    if isinstance(chosen, float):
        return chosen
    try:
        return tuple(genome.resolve(name) for name in chosen)
    except SighthoundError as error:
        raise SighthoundError(f"{SETTINGS_FILE}: [dataset] {fold}: {error}") from None


def learned_tracks(project: Project, genome: Genome) -> list[Track]:
    """List the tracks that a data set holds: all with an experiment, but replicates for checking.

    A replicate that is covered by held-out chromosomes alone cannot be learned from; it says how
    well experiments agree where predictions are judged.
    """
    folds = [fold_chromosomes(project, genome, fold) for fold in ("valid", "test")]
    held_out = {chrom for fold in folds if isinstance(fold, tuple) for chrom in fold}

    def is_for_checking(track: Track) -> bool:
        if not (track.replicate_of and track.covered and held_out):
            return False
        return not any(covered_intervals(track, genome, c) for c in {*genome.lengths} - held_out)

    measured = [track for track in project.read_tracks() if track.experiment is not None]
    return [track for track in measured if not is_for_checking(track)]
