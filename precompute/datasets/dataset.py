"""The data a network learns from: contigs, windows, folds and binned targets, as files.

The data step of Basenji (Kelley et al. 2018, Methods): cut the genome at gaps, lay windows that do
not overlap, divide them into folds, sum or average every experiment in bins. Targets are stored as
chromosomes, not a window a record, so that training can move its windows every epoch; all of them
in one file, since a genome may have a hundred thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.findings import Finding, Findings
from sighthound.core.genome.bed import read_bed
from sighthound.core.genome.interval_sets import merge
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.progress import Progress
from sighthound.core.project.settings import Project
from sighthound.core.project.unmappable import assembly_gaps, unmappable_regions
from sighthound.core.tracks.experiments import check_experiments
from sighthound.precompute.datasets.dataset_files import (
    FOLDS,
    division_folder,
    fold_counts,
    new_folder,
    read_contigs,
    read_statistics,
    read_windows,
    write_divisions,
)
from sighthound.precompute.datasets.held_out_chromosomes import fold_chromosomes, learned_tracks
from sighthound.precompute.datasets.homology import families
from sighthound.precompute.datasets.identity import changes, identity
from sighthound.precompute.datasets.target_statistics import measure_targets
from sighthound.precompute.datasets.targets import write_targets
from sighthound.precompute.datasets.windows import (
    TargetWindow,
    assign_folds,
    cross_validation_folds,
    find_contigs,
    tile_windows,
)

_OF_DIVISION = ("windows", "tracks")  # of statistics.json, what is of one division into folds


@dataclass(frozen=True)
class DatasetSummary:
    """What `make_dataset` made, and what of its input was passed over or rounded.

    `windows` counts those of each fold; of several divisions, those of the first.
    """

    directory: Path
    windows: dict[str, int]
    tracks: tuple[str, ...]
    bins: int
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """A dataset on disk.

    Attributes
    ----------
    tracks : tuple of str
        Ids, in the order of the targets' columns.
    statistics : dict
        The content of statistics.json.
    windows : tuple of TargetWindow
        Sorted by chromosome, in the order of the genome, and position.
    contigs : tuple of TargetWindow
        The stretches of one fold each that the windows tile; training windows move inside them.
    rows : dict of (chromosome, start) to int
        Of a data set that was read from records, whose windows lie on no grid: the first row of
        each window's targets. Else empty.
    division : int
        Of a data set of several divisions into folds, which one these windows are of.
    """

    directory: Path
    tracks: tuple[str, ...]
    bin: int
    sequence_length: int
    crop: int
    phases: int
    statistics: dict[str, Any]
    windows: tuple[TargetWindow, ...]
    contigs: tuple[TargetWindow, ...]
    rows: dict[tuple[str, int], int]
    division: int = 0

    @property
    def divisions(self) -> int:
        """Into how many divisions of train, valid and test the data set goes: [dataset] folds."""
        return int(self.statistics["settings"].get("folds", 1))

    def with_fold(self, number: int) -> Dataset:
        """Give the same targets with the windows of one of the cross-validation folds.

        Parameters
        ----------
        number : int
            Its test fold is part `number` of the genome, its validation fold part `number` + 1
            (after the last, part 0); the others are trained on. What was opened is fold 0.

        Raises
        ------
        SighthoundError
            The data set has no such fold.
        """
        if not 0 <= number < self.divisions:
            there = (
                f"has {self.divisions} cross-validation folds, 0 to {self.divisions - 1}"
                if self.divisions > 1
                else "was made without cross-validation folds; give [dataset] folds"
            )
            raise SighthoundError(f"there is no fold {number}: {self.directory} {there}")
        folder = division_folder(self.directory, number)
        statistics = read_statistics(folder)
        return replace(
            self,
            statistics={**self.statistics, **{key: statistics[key] for key in _OF_DIVISION}},
            windows=read_windows(folder),
            contigs=read_contigs(folder),
            division=number,
        )

    @property
    def target_bins(self) -> int:
        return self.sequence_length // self.bin - 2 * self.crop

    def fold(self, name: str) -> list[TargetWindow]:
        """Give the windows of one fold."""
        return [window for window in self.windows if window.fold == name]

    @cached_property
    def targets(self) -> dict[str, np.ndarray]:
        """Targets by chromosome: float32, (bins, tracks), memory-mapped; NaN where masked."""
        return self._load("targets")

    def window_targets(self, chrom: str, start: int) -> np.ndarray:
        """Targets of a window that starts at any phase of a bin, or of records, anywhere.

        Parameters
        ----------
        start : int
            Base; a multiple of bin / phases.

        Returns
        -------
        float32 array, (target_bins, tracks); NaN where masked
        """
        step = self.bin // self.phases
        if self.rows:
            at = self.rows[chrom, start]
            return np.asarray(self._stored[at : at + self.target_bins], np.float32)
        first = start // step
        values = self._fine[chrom][first : first + self.target_bins * self.phases]
        parts = np.asarray(values).reshape(self.target_bins, self.phases, len(self.tracks))
        is_sum = [track["aggregation"] == "sum" for track in self.statistics["tracks"]]
        return np.where(is_sum, parts.sum(axis=1), parts.mean(axis=1))

    @cached_property
    def _fine(self) -> dict[str, np.ndarray]:
        """Targets in steps of bin / phases."""
        return self.targets if self.phases == 1 else self._load("phases", self.phases)

    @cached_property
    def _stored(self) -> np.ndarray:
        stored: np.ndarray = np.load(self.directory / "targets.npy", mmap_mode="r")
        return stored

    def _load(self, name: str, steps: int = 1) -> dict[str, np.ndarray]:
        stored = np.load(self.directory / f"{name}.npy", mmap_mode="r")
        found, at = {}, 0
        for chrom, bins in self.statistics["chromosomes"].items():
            found[chrom] = np.asarray(stored[at : at + bins * steps])
            at += bins * steps
        return found


def make_dataset(project: Project, progress: Progress | None = None) -> DatasetSummary:
    """Make the dataset of a project and put it in place of an older one.

    Parameters
    ----------
    project : Project
        [dataset] says windows, bins and folds; every track with an experiment becomes a column,
        but replicates that have data on held-out chromosomes alone.
    progress : callable, optional
        Called with (done, total) bins.

    Raises
    ------
    SighthoundError
        No track with an experiment, an experiment of another assembly, an unknown fold
        chromosome, an empty fold, NaN or infinity in an experiment, or a track without signal in
        the training fold. Nothing is left behind and an older dataset stays.
    """
    settings = project.dataset
    genome = project.open_genome()
    tracks = learned_tracks(project, genome)
    if not tracks:
        raise SighthoundError(
            f"{project.tracks.table} has no track with an experiment; a dataset needs at least one"
        )
    check_experiments(tracks, genome)
    made_from = identity(project, genome)
    target_bp = settings.sequence_length - 2 * settings.crop * settings.bin
    findings = Findings()
    gaps = assembly_gaps(project, genome, findings)
    masked = project.genome.blacklist
    blacklist = read_bed(masked, genome, findings) if masked else []
    unmappable = unmappable_regions(project, genome, findings) + blacklist
    for file in sorted({t.covered for t in tracks if "/" in t.covered}):
        read_bed(Path(file), genome, findings)

    longest = settings.max_unmappable * target_bp
    breaks = gaps + [stretch for stretch in merge(unmappable) if len(stretch) > longest]
    lost = merge(unmappable + gaps)
    contigs = _divisions(project, genome, breaks, target_bp)
    windows = [
        tile_windows(one, target_bp, lost, settings.max_unmappable, settings.stride)
        for one in contigs
    ]
    for number, division in enumerate(windows):
        _check_folds(division, project, target_bp, number)

    chosen = {window.chrom for division in windows for window in division}
    bins = {c: n // settings.bin for c, n in genome.lengths.items() if c in chosen}
    first_rows = dict(zip(bins, np.cumsum([0, *bins.values()]).tolist(), strict=False))
    with new_folder(settings.directory) as part:
        how = (genome, tracks, blacklist)
        if settings.phases > 1:
            step = settings.bin // settings.phases
            fine = {chrom: count * settings.phases for chrom, count in bins.items()}
            write_targets(part / "phases.npy", step, fine, *how, Findings())
        write_targets(part / "targets.npy", settings.bin, bins, *how, findings, progress)
        measured, columns = measure_targets(
            part / "targets.npy",
            tracks,
            windows,
            lambda window: first_rows[window.chrom] + window.start // settings.bin,
            settings.bin,
        )
        shared = {
            **made_from,
            "target_bins": target_bp // settings.bin,
            "chromosomes": bins,
        }
        write_divisions(part, shared, measured, contigs, columns)
    return DatasetSummary(
        settings.directory,
        fold_counts(measured[0]),
        tuple(t.id for t in tracks),
        sum(bins.values()),
        findings.all(),
    )


def _divisions(
    project: Project, genome: Genome, breaks: Sequence[Interval], target_bp: int
) -> list[list[TargetWindow]]:
    """Contigs by fold: one division, or one for each cross-validation fold."""
    settings = project.dataset
    contigs = find_contigs(genome.lengths, breaks, settings.bin, target_bp)
    akin = (
        (lambda pieces: families(genome, pieces, settings.homologous))
        if settings.homologous
        else None
    )
    margin = settings.crop * settings.bin
    if settings.folds:
        return cross_validation_folds(
            contigs, settings.folds, window=target_bp, margin=margin, families=akin
        )
    valid, test = (fold_chromosomes(project, genome, fold) for fold in ("valid", "test"))
    return [assign_folds(contigs, valid, test, window=target_bp, margin=margin, families=akin)]


def open_dataset(project: Project) -> Dataset:
    """Open the dataset of a project.

    Raises
    ------
    SighthoundError
        There is none, or what it was made from changed since: [dataset], the genome's bases, the
        tracks table, what an experiment holds, or a file of regions.
    """
    directory = project.dataset.directory
    statistics = read_statistics(directory)
    changed = changes(statistics, project, project.open_genome())
    if changed:
        raise SighthoundError(
            f"{directory} was made from other input ({', '.join(changed)} changed); "
            "run 'sighthound dataset' again"
        )
    windows = read_windows(directory)
    bins = statistics["target_bins"]
    return Dataset(
        directory=directory,
        tracks=tuple(track["id"] for track in statistics["tracks"]),
        bin=statistics["settings"]["bin"],
        sequence_length=statistics["settings"]["sequence_length"],
        crop=statistics["settings"]["crop"],
        phases=statistics["settings"]["phases"],
        statistics=statistics,
        windows=windows,
        contigs=read_contigs(directory),
        rows=(
            {(w.chrom, w.start): i * bins for i, w in enumerate(windows)}
            if project.dataset.records
            else {}
        ),
    )


def _check_folds(
    windows: Sequence[TargetWindow], project: Project, target_bp: int, number: int
) -> None:
    settings = project.dataset
    if not settings.folds:
        genome = project.open_genome()
        valid, test = (fold_chromosomes(project, genome, fold) for fold in ("valid", "test"))
        if isinstance(valid, tuple) and isinstance(test, tuple):
            both = sorted(set(valid) & set(test))
            if both:
                raise SighthoundError(f"[dataset] {both[0]} is in both valid and test; choose one")
    for fold in FOLDS:
        if any(window.fold == fold for window in windows):
            continue
        if settings.folds:
            raise SighthoundError(
                f"the {fold} fold of cross-validation fold {number} is empty: [dataset] folds is "
                f"{settings.folds}, more than there are mappable windows of {target_bp:,} bases "
                "for; give fewer, or shorten sequence_length"
            )
        given = "what is left" if fold == "train" else repr(getattr(settings, fold))
        raise SighthoundError(
            f"the {fold} fold is empty: {given} holds no mappable window of {target_bp:,} "
            "bases; give it other chromosomes, or shorten sequence_length"
        )
