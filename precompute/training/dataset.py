"""The data a network learns from: contigs, windows, folds and binned targets, as files.

The data step of Basenji (Kelley et al. 2018, Methods): cut the genome at gaps, lay windows that do
not overlap, divide them into folds, sum or average every experiment in bins. Targets are stored as
chromosomes, not a window a record, so that training can move its windows every epoch; all of them
in one file, since a genome may have a hundred thousand.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.files import own_items, replace_folder, write_json, write_text
from sighthound.core.findings import Finding, Findings
from sighthound.core.genome.bed import read_bed
from sighthound.core.genome.interval_sets import merge
from sighthound.core.genome.sequence import Genome
from sighthound.core.progress import Progress
from sighthound.core.project.folds import Stretch, write_folds
from sighthound.core.project.gaps import assembly_gaps
from sighthound.core.project.settings import SETTINGS_FILE, Project
from sighthound.core.project.unmappable import unmappable_regions
from sighthound.core.text import table_rows
from sighthound.core.tracks.track import check_experiments
from sighthound.precompute.training.homology import families
from sighthound.precompute.training.targets import write_targets
from sighthound.precompute.training.windows import (
    TargetWindow,
    assign_folds,
    find_contigs,
    tile_windows,
)

FOLDS = ("train", "valid", "test")
RECORD_FILES = ("statistics.json", "sequences.bed", "targets.txt")
FORMAT = 2


@dataclass(frozen=True)
class DatasetSummary:
    """What `make_dataset` made, and what of the region files was passed over."""

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


def make_dataset(
    project: Project,
    progress: Progress | None = None,
    *,
    blacklisted: Literal["mask", "median"] = "mask",
) -> DatasetSummary:
    """Make the dataset of a project and put it in place of an older one.

    Parameters
    ----------
    project : Project
        [dataset] says windows, bins and folds; every track with an experiment becomes a column.
    progress : callable, optional
        Called with (done, total), counted in experiments x chromosomes.
    blacklisted : {"mask", "median"}
        Bins that touch the blacklist are left out of loss and metrics, or take the median of
        their track on that chromosome.

    Raises
    ------
    SighthoundError
        No track with an experiment, an experiment of another assembly, an unknown fold
        chromosome, an empty fold, NaN or infinity in an experiment, or a track without signal in
        the training fold. Nothing is left behind and an older dataset stays.
    """
    settings = project.dataset
    genome = project.open_genome()
    tracks = [track for track in project.read_tracks() if track.experiment is not None]
    if not tracks:
        raise SighthoundError(
            f"{project.tracks.table} has no track with an experiment; a dataset needs at least one"
        )
    check_experiments(tracks, genome)
    if settings.sequence_length % settings.bin:
        raise SighthoundError(
            f"sequence_length {settings.sequence_length} is no multiple of bin {settings.bin}"
        )
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
    contigs = assign_folds(
        find_contigs(genome.lengths, breaks, settings.bin, target_bp),
        valid=fold_chromosomes(project, "valid"),
        test=fold_chromosomes(project, "test"),
        window=target_bp,
        margin=settings.crop * settings.bin,
        families=(
            (lambda pieces: families(genome, pieces, settings.homologous))
            if settings.homologous
            else None
        ),
    )
    lost = merge(unmappable + gaps)
    windows = tile_windows(contigs, target_bp, lost, settings.max_unmappable, settings.stride)
    _check_folds(windows, project, target_bp)

    part = settings.directory.with_name(settings.directory.name + ".part")
    check_replaceable(settings.directory)
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        how = (genome, tracks, windows, blacklist, blacklisted)
        if settings.phases > 1:
            step = settings.bin // settings.phases
            write_targets(part / "phases.npy", step, settings.bin, *how)
        windows, columns, chromosomes = write_targets(
            part / "targets.npy", settings.bin, settings.bin, *how, progress
        )
        write_windows(part / "windows.tsv", windows)
        write_windows(part / "contigs.tsv", contigs)
        write_folds(part, [Stretch(w.chrom, w.start, w.end, w.fold) for w in windows])
        counts = {fold: sum(w.fold == fold for w in windows) for fold in FOLDS}
        statistics = {
            "format": FORMAT,
            **identity(project, genome),
            "blacklisted": blacklisted,
            "windows": counts,
            "target_bins": target_bp // settings.bin,
            "chromosomes": chromosomes,
            "tracks": columns,
        }
        write_json(part / "statistics.json", statistics)
        replace_folder(part, settings.directory)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return DatasetSummary(
        settings.directory,
        counts,
        tuple(t.id for t in tracks),
        sum(chromosomes.values()),
        findings.all(),
    )


def open_dataset(project: Project) -> Dataset:
    """Open the dataset of a project.

    Raises
    ------
    SighthoundError
        There is none, or the genome, the tracks table, the experiments or [dataset] changed since
        it was made.
    """
    directory = project.dataset.directory
    try:
        statistics = json.loads((directory / "statistics.json").read_text())
    except (OSError, json.JSONDecodeError):
        raise SighthoundError(
            f"{directory} holds no dataset; make it with 'sighthound dataset'"
        ) from None
    expected = {"format": FORMAT, **identity(project, project.open_genome())}
    changed = [key for key, value in expected.items() if statistics.get(key) != value]
    if changed:
        raise SighthoundError(
            f"{directory} was made from other input ({', '.join(changed).replace('_', ' ')} "
            "changed); run 'sighthound dataset' again"
        )
    windows = _read_windows(directory / "windows.tsv")
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
        contigs=_read_windows(directory / "contigs.tsv"),
        rows=(
            {(w.chrom, w.start): i * bins for i, w in enumerate(windows)}
            if project.dataset.records
            else {}
        ),
    )


def fold_chromosomes(project: Project, fold: str) -> tuple[str, ...] | float:
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
        return tuple(project.open_genome().resolve(name) for name in chosen)
    except SighthoundError as error:
        raise SighthoundError(f"{SETTINGS_FILE}: [dataset] {fold}: {error}") from None


def _check_folds(windows: Sequence[TargetWindow], project: Project, target_bp: int) -> None:
    settings = project.dataset
    valid, test = (fold_chromosomes(project, fold) for fold in ("valid", "test"))
    if isinstance(valid, tuple) and isinstance(test, tuple):
        both = sorted(set(valid) & set(test))
        if both:
            raise SighthoundError(f"[dataset] {both[0]} is in both valid and test; choose one")
    for fold in FOLDS:
        if not any(window.fold == fold for window in windows):
            given = "what is left" if fold == "train" else repr(getattr(settings, fold))
            raise SighthoundError(
                f"the {fold} fold is empty: {given} holds no mappable window of {target_bp:,} "
                "bases; give it other chromosomes, or shorten sequence_length"
            )


def identity(project: Project, genome: Genome) -> dict[str, Any]:
    """Give what a dataset is made from; when any of it changes, the dataset is stale."""
    settings = project.dataset
    table = hashlib.sha256()
    for file in [settings.records / name for name in RECORD_FILES] if settings.records else []:
        try:
            table.update(file.read_bytes())
        except OSError as error:
            raise SighthoundError(f"[dataset] records: {file}: {error.strerror}") from None
    for t in project.read_tracks():
        if settings.records or t.experiment is None:
            continue
        covered = Path(t.covered).name if "/" in t.covered else t.covered
        size = t.experiment.stat().st_size
        row = (t.id, t.experiment.name, size, covered, t.aggregation, t.strand_pair)
        table.update(("\t".join(map(str, row)) + "\n").encode())
    return {
        "genome": genome.fingerprint,
        "tracks_table": table.hexdigest()[:16],
        "settings": {
            "sequence_length": settings.sequence_length,
            "bin": settings.bin,
            "crop": settings.crop,
            "valid": list(settings.valid) if isinstance(settings.valid, tuple) else settings.valid,
            "test": list(settings.test) if isinstance(settings.test, tuple) else settings.test,
            "max_unmappable": settings.max_unmappable,
            "phases": settings.phases,
            # Only where they are used: data sets made before there were these keys stay good.
            **({"stride": settings.stride} if settings.stride else {}),
            **({"homologous": settings.homologous} if settings.homologous else {}),
        },
    }


def write_windows(path: Path, windows: Iterable[TargetWindow]) -> None:
    """Write windows.tsv or contigs.tsv."""
    lines = ["chrom\tstart\tend\tfold\tunmappable\tobserved"]
    for w in windows:
        lines.append(f"{w.chrom}\t{w.start}\t{w.end}\t{w.fold}\t{w.unmappable:g}\t{w.observed:g}")
    write_text(path, "\n".join(lines) + "\n")


def _read_windows(path: Path) -> tuple[TargetWindow, ...]:
    rows = [cells for _, cells in table_rows(path)][1:]
    return tuple(
        TargetWindow(c, int(s), int(e), f, float(u), float(o)) for c, s, e, f, u, o in rows
    )


def check_replaceable(directory: Path) -> None:
    """Never delete a folder that is not a dataset of ours."""
    if (directory / "statistics.json").is_file() or not directory.exists():
        return
    if not directory.is_dir() or own_items(directory):
        raise SighthoundError(
            f"{directory} holds files that are no dataset; give [dataset] another directory"
        )
