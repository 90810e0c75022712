"""The data a network learns from: contigs, windows, folds and binned targets, as files.

The data step of Basenji (Kelley et al. 2018, Methods): cut the genome at gaps, lay windows that do
not overlap, divide them into folds, sum or average every experiment in bins. Targets are stored a
chromosome a file, not a window a record, so that training can move its windows every epoch.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import numpy as np

from core.errors import SighthoundError
from core.files import replace_folder
from core.genome import Genome, Interval
from core.project import Project
from core.tracks import (
    Track,
    check_experiments,
    covered_intervals,
    experiment_bins,
    read_bed,
)
from precompute.windows import Window, assign_folds, find_contigs, merge, tile_windows

FOLDS = ("train", "valid", "test")
CLIP_QUANTILE = 0.9995
_FORMAT = 1
_BLOCK_BINS = 1 << 16  # read and held in memory at once, for every track
_QUANTILE_BINS = 1 << 21  # training bins a track's quantile is taken from
_READERS = 4


@dataclass(frozen=True)
class DatasetSummary:
    """What `make_dataset` made: windows a fold, tracks, and bins of targets stored."""

    directory: Path
    windows: dict[str, int]
    tracks: tuple[str, ...]
    bins: int


@dataclass(frozen=True)
class Dataset:
    """A dataset on disk.

    Attributes
    ----------
    tracks : tuple of str
        Ids, in the order of the targets' columns.
    statistics : dict
        The content of statistics.json.
    windows : tuple of Window
        Sorted by chromosome, in the order of the genome, and position.
    contigs : tuple of Window
        The stretches of one fold each that the windows tile; training windows move inside them.
    """

    directory: Path
    tracks: tuple[str, ...]
    bin: int
    sequence_length: int
    crop: int
    phases: int
    statistics: dict[str, Any]
    windows: tuple[Window, ...]
    contigs: tuple[Window, ...]

    @property
    def target_bins(self) -> int:
        return self.sequence_length // self.bin - 2 * self.crop

    def fold(self, name: str) -> list[Window]:
        """Give the windows of one fold."""
        return [window for window in self.windows if window.fold == name]

    @cached_property
    def targets(self) -> dict[str, np.ndarray]:
        """Targets by chromosome: float32, (bins, tracks), memory-mapped; NaN where masked."""
        return self._load("targets")

    def window_targets(self, chrom: str, start: int) -> np.ndarray:
        """Targets of a window that starts at any phase of a bin.

        Parameters
        ----------
        start : int
            Base; a multiple of bin / phases.

        Returns
        -------
        float32 array, (target_bins, tracks); NaN where masked
        """
        step = self.bin // self.phases
        first = start // step
        values = self._fine[chrom][first : first + self.target_bins * self.phases]
        parts = np.asarray(values).reshape(self.target_bins, self.phases, len(self.tracks))
        is_sum = [track["aggregation"] == "sum" for track in self.statistics["tracks"]]
        return np.where(is_sum, parts.sum(axis=1), parts.mean(axis=1))

    @cached_property
    def _fine(self) -> dict[str, np.ndarray]:
        """Targets in steps of bin / phases."""
        return self.targets if self.phases == 1 else self._load("phases")

    def _load(self, folder: str) -> dict[str, np.ndarray]:
        return {
            chrom: np.load(_targets_file(self.directory / folder, chrom), mmap_mode="r")
            for chrom in self.statistics["chromosomes"]
        }


def make_dataset(
    project: Project,
    progress: Callable[[int, int], None] | None = None,
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
    gaps = assembly_gaps(project, genome)
    blacklist = read_bed(project.genome.blacklist, genome) if project.genome.blacklist else []
    unmappable = list(blacklist)
    if project.genome.unmappable:
        unmappable += read_bed(project.genome.unmappable, genome)

    longest = settings.max_unmappable * target_bp
    breaks = gaps + [stretch for stretch in merge(unmappable) if len(stretch) > longest]
    contigs = assign_folds(
        find_contigs(genome.lengths, breaks, settings.bin, target_bp),
        valid=_fold_chromosomes(settings.valid, genome),
        test=_fold_chromosomes(settings.test, genome),
        window=target_bp,
        margin=settings.crop * settings.bin,
    )
    windows = tile_windows(contigs, target_bp, merge(unmappable + gaps), settings.max_unmappable)
    _check_folds(windows, project, target_bp)

    part = settings.directory.with_name(settings.directory.name + ".part")
    _check_replaceable(settings.directory)
    shutil.rmtree(part, ignore_errors=True)
    try:
        (part / "targets").mkdir(parents=True)
        how = (genome, tracks, windows, blacklist, blacklisted)
        if settings.phases > 1:
            (part / "phases").mkdir()
            _write_targets(part / "phases", settings.bin // settings.phases, *how)
        windows, columns, chromosomes = _write_targets(
            part / "targets", settings.bin, *how, progress
        )
        _write_windows(part / "windows.tsv", windows)
        _write_windows(part / "contigs.tsv", contigs)
        (part / "folds.bed").write_text(
            "".join(f"{w.chrom}\t{w.start}\t{w.end}\t{w.fold}\n" for w in windows)
        )
        counts = {fold: sum(w.fold == fold for w in windows) for fold in FOLDS}
        statistics = {
            "format": _FORMAT,
            **_identity(project, genome, tracks),
            "blacklisted": blacklisted,
            "windows": counts,
            "target_bins": target_bp // settings.bin,
            "chromosomes": chromosomes,
            "tracks": columns,
        }
        (part / "statistics.json").write_text(json.dumps(statistics, indent=1) + "\n")
        replace_folder(part, settings.directory)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return DatasetSummary(
        settings.directory, counts, tuple(t.id for t in tracks), sum(chromosomes.values())
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
    tracks = [track for track in project.read_tracks() if track.experiment is not None]
    expected = {"format": _FORMAT, **_identity(project, project.open_genome(), tracks)}
    changed = [key for key, value in expected.items() if statistics.get(key) != value]
    if changed:
        raise SighthoundError(
            f"{directory} was made from other input ({', '.join(changed).replace('_', ' ')} "
            "changed); run 'sighthound dataset' again"
        )
    return Dataset(
        directory=directory,
        tracks=tuple(track["id"] for track in statistics["tracks"]),
        bin=statistics["settings"]["bin"],
        sequence_length=statistics["settings"]["sequence_length"],
        crop=statistics["settings"]["crop"],
        phases=statistics["settings"]["phases"],
        statistics=statistics,
        windows=_read_windows(directory / "windows.tsv"),
        contigs=_read_windows(directory / "contigs.tsv"),
    )


def _fold_chromosomes(fold: tuple[str, ...] | float, genome: Genome) -> tuple[str, ...] | float:
    return fold if isinstance(fold, float) else tuple(genome.resolve(name) for name in fold)


def _check_folds(windows: Sequence[Window], project: Project, target_bp: int) -> None:
    settings = project.dataset
    if isinstance(settings.valid, tuple) and isinstance(settings.test, tuple):
        both = sorted(set(settings.valid) & set(settings.test))
        if both:
            raise SighthoundError(f"[dataset] {both[0]} is in both valid and test; choose one")
    for fold in FOLDS:
        if not any(window.fold == fold for window in windows):
            given = "what is left" if fold == "train" else repr(getattr(settings, fold))
            raise SighthoundError(
                f"the {fold} fold is empty: {given} holds no mappable window of {target_bp:,} "
                "bases; give it other chromosomes, or shorten sequence_length"
            )


def assembly_gaps(project: Project, genome: Genome) -> list[Interval]:
    """Read the gaps, or find runs of N of a bin or more in the sequence."""
    if project.genome.gaps:
        return read_bed(project.genome.gaps, genome)
    gaps = []
    for chrom, length in genome.lengths.items():
        bases = np.frombuffer(genome.sequence(Interval(chrom, 0, length)).encode(), np.uint8)
        edges = np.flatnonzero(np.diff(bases == ord("N"), prepend=False, append=False))
        for start, end in edges.reshape(-1, 2).tolist():
            if end - start >= project.dataset.bin:
                gaps.append(Interval(chrom, start, end))
    return gaps


def _write_targets(
    folder: Path,
    bin_size: int,
    genome: Genome,
    tracks: Sequence[Track],
    windows: Sequence[Window],
    blacklist: Sequence[Interval],
    blacklisted: str,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[list[Window], list[dict[str, Any]], dict[str, int]]:
    """Store targets; give windows with their observed share, a summary a track, bins a file."""
    chroms = [c for c in genome.lengths if any(w.chrom == c for w in windows)]
    bins = {chrom: genome.lengths[chrom] // bin_size for chrom in chroms}
    training = sum(w.end - w.start for w in windows if w.fold == "train") // bin_size
    every = max(1, training // _QUANTILE_BINS)
    samples: list[np.ndarray] = []
    sums, counts = np.zeros(len(tracks)), np.zeros(len(tracks), int)
    observed_windows: list[Window] = []
    for number, chrom in enumerate(chroms):
        targets = np.lib.format.open_memmap(
            _targets_file(folder, chrom), "w+", np.float32, (bins[chrom], len(tracks))
        )
        _read_chromosome(targets, genome, tracks, chrom, bin_size)
        _silence(targets, [b for b in blacklist if b.chrom == chrom], bin_size, blacklisted)
        for window in (w for w in windows if w.chrom == chrom):
            values = targets[window.start // bin_size : window.end // bin_size]
            has_data = ~np.isnan(values)
            observed_windows.append(
                Window(
                    chrom,
                    window.start,
                    window.end,
                    window.fold,
                    window.unmappable,
                    round(float(has_data.mean()), 6),
                )
            )
            if window.fold == "train":
                sums += np.where(has_data, values, 0).sum(axis=0, dtype=float)
                counts += has_data.sum(axis=0)
                samples.append(values[::every].copy())
        targets.flush()
        if progress:
            progress((number + 1) * len(tracks), len(chroms) * len(tracks))
    sample = np.concatenate(samples)
    columns = []
    for index, track in enumerate(tracks):
        if not counts[index] or sums[index] <= 0:
            why = "has no data" if not counts[index] else "holds no signal above zero"
            raise SighthoundError(
                f"track {track.id!r} {why} in the training fold; give other folds, or empty its "
                "experiment cell in the tracks table"
            )
        column = sample[:, index]
        clip = float(np.quantile(column[~np.isnan(column)], CLIP_QUANTILE))
        columns.append(
            {
                "id": track.id,
                "aggregation": track.aggregation,
                "mean": float(sums[index] / counts[index]),
                "clip_quantile": clip if clip > 0 else float(np.nanmax(column)),
                "missing": round(1 - float(counts[index]) / training, 6),
            }
        )
    return observed_windows, columns, bins


def _read_chromosome(
    targets: np.ndarray, genome: Genome, tracks: Sequence[Track], chrom: str, bin_size: int
) -> None:
    def column(index: int, start: int, end: int) -> None:
        interval = Interval(chrom, start * bin_size, end * bin_size)
        values = experiment_bins(tracks[index], genome, interval, bin_size)
        _check_finite(values, tracks[index], genome, interval, bin_size)
        targets[start:end, index] = values

    with ThreadPoolExecutor(_READERS) as pool:
        for start in range(0, len(targets), _BLOCK_BINS):
            end = min(start + _BLOCK_BINS, len(targets))
            list(pool.map(lambda i, a=start, b=end: column(i, a, b), range(len(tracks))))


def _check_finite(
    values: np.ndarray, track: Track, genome: Genome, interval: Interval, bin_size: int
) -> None:
    """Refuse infinity anywhere, and NaN where the track is declared to have data."""
    bad = ~np.isfinite(values)
    if not bad.any():
        return
    nan = np.isnan(values)
    if nan.all():
        return  # no data on this chromosome
    regions = covered_intervals(track, genome)
    if regions is not None:
        inside = np.zeros(len(values), bool)
        for region in (r for r in regions if r.chrom == interval.chrom):
            first = -(-(region.start - interval.start) // bin_size)
            inside[max(0, first) : max(0, (region.end - interval.start) // bin_size)] = True
        bad &= inside | ~nan
    if bad.any():
        index = int(np.argmax(bad))
        start = interval.start + index * bin_size
        what = "NaN" if nan[index] else "infinity"
        where = Interval(interval.chrom, start, start + bin_size)
        raise SighthoundError(
            f"track {track.id!r} holds {what} at {where}; "
            "correct the BigWig, or declare in the column 'covered' where it has data"
        )


def _silence(
    targets: np.ndarray, blacklist: Sequence[Interval], bin_size: int, blacklisted: str
) -> None:
    mask = np.zeros(len(targets), bool)
    for stretch in blacklist:
        mask[stretch.start // bin_size : -(-stretch.end // bin_size)] = True
    if not mask.any():
        return
    if blacklisted == "mask":
        targets[mask] = np.nan
        return
    for index in range(targets.shape[1]):
        column = targets[~mask, index]
        column = column[~np.isnan(column)]
        targets[mask, index] = np.median(column) if len(column) else np.nan


def _identity(project: Project, genome: Genome, tracks: Sequence[Track]) -> dict[str, Any]:
    """What a dataset is made from; when any of it changes, the dataset is stale."""
    settings = project.dataset
    table = hashlib.sha256()
    for t in tracks:
        assert t.experiment is not None
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
        },
    }


def _targets_file(directory: Path, chrom: str) -> Path:
    return directory / f"{quote(chrom, safe='')}.npy"


def _write_windows(path: Path, windows: Iterable[Window]) -> None:
    lines = ["chrom\tstart\tend\tfold\tunmappable\tobserved"]
    for w in windows:
        lines.append(f"{w.chrom}\t{w.start}\t{w.end}\t{w.fold}\t{w.unmappable:g}\t{w.observed:g}")
    path.write_text("\n".join(lines) + "\n")


def _read_windows(path: Path) -> tuple[Window, ...]:
    rows = (line.split("\t") for line in path.read_text().splitlines()[1:])
    return tuple(Window(c, int(s), int(e), f, float(u), float(o)) for c, s, e, f, u, o in rows)


def _check_replaceable(directory: Path) -> None:
    """Never delete a folder that is not a dataset of ours."""
    if (directory / "statistics.json").is_file() or not directory.exists():
        return
    if not directory.is_dir() or any(directory.iterdir()):
        raise SighthoundError(
            f"{directory} holds files that are no dataset; give [dataset] another directory"
        )
