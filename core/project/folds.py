"""Which stretches of a genome a network learned from: folds.bed of a data set, or the settings.

A line of folds.bed is chromosome, start, end (0-based, half-open) and fold, between tabs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sighthound.core.errors import SighthoundError
from sighthound.core.files import write_text
from sighthound.core.genome.bed import bed_regions
from sighthound.core.genome.sequence import Genome
from sighthound.core.project.settings import Project

FOLDS_FILE = "folds.bed"


@dataclass(frozen=True, order=True)
class Stretch:
    """A part of a chromosome, 0-based and half-open, and its fold: train, valid or test."""

    chrom: str
    start: int
    end: int
    fold: str


def folds_file(project: Project) -> Path:
    """Where the folds of a project's data set are, once it is made."""
    return project.dataset.directory / FOLDS_FILE


def write_folds(directory: Path, stretches: Sequence[Stretch]) -> None:
    """Write folds.bed into a data set's folder."""
    text = "".join(f"{s.chrom}\t{s.start}\t{s.end}\t{s.fold}\n" for s in stretches)
    write_text(directory / FOLDS_FILE, text)


def read_folds(project: Project, genome: Genome) -> list[Stretch]:
    """Read the folds of a project's data set, in order; touching windows of one fold are joined.

    Returns
    -------
    list of Stretch
        Empty before there is a data set.

    Raises
    ------
    SighthoundError
        A line is no BED, or has no fold.
    """
    file = folds_file(project)
    if not file.is_file():
        return []
    windows = []
    for region in bed_regions(file, genome):
        if not region.others:
            raise SighthoundError(
                f"{file}: {region.interval} has no fold; run 'sighthound dataset' again"
            )
        place = region.interval
        windows.append(Stretch(place.chrom, place.start, place.end, region.others[0]))
    joined: list[Stretch] = []
    for window in sorted(windows):
        last = joined[-1] if joined else None
        is_next = last and (last.chrom, last.fold) == (window.chrom, window.fold)
        if last and is_next and window.start <= last.end:
            joined[-1] = replace(last, end=max(last.end, window.end))
        else:
            joined.append(window)
    return joined


def folds_are_chromosomes(project: Project) -> bool:
    """Whether the settings hold out whole chromosomes, by name."""
    dataset = project.dataset
    return isinstance(dataset.valid, tuple) and isinstance(dataset.test, tuple)


def chromosome_folds(project: Project, genome: Genome) -> dict[str, str]:
    """Give the fold of every chromosome, as far as the settings say it.

    Returns
    -------
    dict
        Those named for a fold, and, where both folds are chromosomes, "train" for all others.
        Of folds that are shares of the windows nothing is known before these are laid.
    """
    rest = "train" if folds_are_chromosomes(project) else ""
    found = dict.fromkeys(genome.lengths, rest)
    for fold in ("test", "valid"):
        chosen = getattr(project.dataset, fold)
        for name in chosen if isinstance(chosen, tuple) else ():
            try:
                found[genome.resolve(name)] = fold
            except SighthoundError:
                continue
    return {chrom: fold for chrom, fold in found.items() if fold}
