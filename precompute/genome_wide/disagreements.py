"""Where prediction and experiment disagree most: a ranked list of places for every track.

What is not known to be measured does not count: places outside `covered`, unmappable or blacklisted
ones, gaps of the assembly. The list lies beside the predicted BigWigs; only tracks whose files
changed are compared again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sighthound.core.bigwig import files as bigwig
from sighthound.core.errors import SighthoundError
from sighthound.core.files import file_stamp, whole_file
from sighthound.core.genome.bed import read_bed
from sighthound.core.genome.interval_sets import by_chromosome, merge
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.progress import Progress, silent
from sighthound.core.project.folds import chromosome_folds, read_folds
from sighthound.core.project.layout import prediction_file, track_bigwig
from sighthound.core.project.manifest import PredictionsManifest, read_predictions
from sighthound.core.project.result_tables import (
    DisagreementList,
    DisagreementSettings,
    disagreements_file,
    read_disagreements,
)
from sighthound.core.project.settings import Project, load_project
from sighthound.core.project.unmappable import assembly_gaps, unmappable_regions
from sighthound.core.tracks.disagreement import Disagreement, compare
from sighthound.core.tracks.experiments import experiment_bins
from sighthound.core.tracks.track import Track
from sighthound.precompute.cluster.tasks import Workers, run_tasks

WINDOW_BP = 1_024
TOP = 200
_MEAN_BINS = 4_096  # bins of a chromosome from which an experiment's mean is read


@dataclass(frozen=True)
class _Task:
    """What a worker needs to know to compare one track."""

    project: Path
    track: str
    bin_size: int
    excluded: tuple[Interval, ...]
    window: int
    top: int


def find_disagreements(
    project: Project,
    tracks: Sequence[str] | None = None,
    *,
    top: int = TOP,
    window: int = WINDOW_BP,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> Path | None:
    """Write the list of a project, or what of it is not up to date.

    Parameters
    ----------
    tracks : sequence of str, optional
        Ids of tracks; by default all that have both an experiment and a predicted BigWig.
    top : int
        Places a track, the strongest.
    window : int
        Bases over which both signals are averaged; rounded to whole bins.
    workers : Workers, optional
        This process by default.
    progress : callable, optional
        Called with (done, total) tracks.

    Returns
    -------
    path of the Parquet table (see docs/find.md), or None where no track has both signals

    Raises
    ------
    SighthoundError
        No predicted BigWigs, an unknown track, or one without both signals.
    """
    directory = project.predictions.directory
    bin_size = _bin_size(directory)
    chosen = both_signals(project, tracks)
    file = disagreements_file(project)
    if not chosen:
        return None
    settings = DisagreementSettings(bin_size, window, top, _excluding(project))
    stamps = {track.id: _stamp(track, directory) for track in chosen}
    kept, kept_stamps = _kept(file, settings, project)
    todo = [track.id for track in chosen if kept_stamps.get(track.id) != stamps[track.id]]
    if not todo and not tracks:
        return file
    excluded = excluded_regions(project)
    tasks = (
        (number, _Task(project.root, track, bin_size, excluded, window, top))
        for number, track in enumerate(todo)
    )
    report = progress or silent
    report(0, len(todo))
    folds = Folds(project)
    found = {track: kept[kept["track"] == track] for track in kept_stamps if track not in todo}
    for done, (number, (places, spread)) in enumerate(run_tasks(_compare, tasks, workers), 1):
        found[todo[number]] = _table(todo[number], places, spread, folds)
        report(done, len(todo))
    known = read_predictions(directory) or PredictionsManifest()
    tables = [found[t.id] for t in project.read_tracks() if t.id in found]
    DisagreementList(
        _ranked(tables), settings, known.identity.model, {**kept_stamps, **stamps}
    ).write(file)
    return file


def strongest(file: Path, count: int, tracks: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Rows of a list with the largest deviation, of all tracks or some."""
    table = pd.read_parquet(file)
    if tracks is not None:
        table = table[table["track"].isin(tracks)]
    rows: list[dict[str, Any]] = table.nsmallest(count, "overall").to_dict("records")
    return rows


def write_tsv(file: Path, output: Path) -> None:
    """Write a list as text."""
    with whole_file(output, parents=True) as part:
        pd.read_parquet(file).to_csv(part, sep="\t", index=False, float_format="%.6g")


def _compare(task: _Task) -> tuple[list[Disagreement], float]:
    """The strongest places of a track, and the root mean square of its log2 ratios."""
    project = load_project(task.project)
    genome, size = project.open_genome(), task.bin_size
    track = next(t for t in project.read_tracks() if t.id == task.track)
    path = prediction_file(project, track.id)
    predicted = bigwig.chromosomes(path)
    background = _mean(track, genome, size)
    masked = by_chromosome(task.excluded)
    places: list[Disagreement] = []
    squares, windows = 0.0, 0
    for chrom, length in genome.lengths.items():
        bins = length // size
        if chrom not in predicted or not bins:
            continue
        experiment = experiment_bins(track, genome, Interval(chrom, 0, bins * size), size)
        for stretch in masked.get(chrom, ()):
            experiment[stretch.start // size : -(-stretch.end // size)] = np.nan
        if np.isnan(experiment).all():
            continue
        prediction = bigwig.read_bins(path, chrom, 0, bins * size, bins, empty=np.nan)
        found, squared, counted = compare(
            experiment, prediction, chrom, bin_size=size, window=round(task.window / size),
            background=background, top=task.top,
        )  # fmt: skip
        places, squares, windows = places + found, squares + squared, windows + counted
    places.sort(key=lambda place: -abs(place.log2_ratio))
    return places[: task.top], float(np.sqrt(squares / windows)) if windows else 0.0


def _mean(track: Track, genome: Genome, bin_size: int) -> float:
    """Mean of an experiment per bin over the genome, from zoom levels where there are any."""
    total, bases = 0.0, 0
    for chrom, length in genome.lengths.items():
        width = max(1, length // _MEAN_BINS // bin_size) * bin_size
        whole = Interval(chrom, 0, length // width * width)
        values = experiment_bins(track, genome, whole, width, exact=False, summary="mean")
        known = np.isfinite(values)
        total += float(np.maximum(values[known], 0).sum(dtype=np.float64)) * width
        bases += int(known.sum()) * width
    mean = total / bases if bases else 0.0
    # Of a track without any signal a background of 1 leaves what is predicted all the same.
    return (mean * (bin_size if track.aggregation == "sum" else 1)) or 1.0


class Folds:
    """The fold of a place: of its window of the data set, or of its chromosome before there is one.

    Parameters
    ----------
    project : Project
    """

    def __init__(self, project: Project) -> None:
        genome = project.open_genome()
        self._stretches: dict[str, list[tuple[int, int, str]]] = {}
        for stretch in read_folds(project, genome):
            place = (stretch.start, stretch.end, stretch.fold)
            self._stretches.setdefault(stretch.chrom, []).append(place)
        if not self._stretches:
            for chrom, fold in chromosome_folds(project, genome).items():
                self._stretches[chrom] = [(0, genome.lengths[chrom], fold)]

    def at(self, chrom: str, start: int, end: int) -> str:
        """The fold of most of a stretch; empty where it is in none."""
        shares: dict[str, int] = {}
        for first, last, fold in self._stretches.get(chrom, ()):
            shared = min(end, last) - max(start, first)
            if shared > 0:
                shares[fold] = shares.get(fold, 0) + shared
        return max(shares, key=lambda fold: shares[fold], default="")


def _table(track: str, places: Sequence[Disagreement], spread: float, folds: Folds) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "track": [track] * len(places),
            "rank": np.arange(1, len(places) + 1, dtype=np.int32),
            "chrom": [p.chrom for p in places],
            "start": np.array([p.start + 1 for p in places], np.int64),
            "end": np.array([p.end for p in places], np.int64),
            "fold": [folds.at(p.chrom, p.start, p.end) for p in places],
            "experiment": np.array([p.experiment for p in places], np.float32),
            "prediction": np.array([p.prediction for p in places], np.float32),
            "log2_ratio": np.array([p.log2_ratio for p in places], np.float32),
            "deviation": np.array([p.log2_ratio / (spread or 1) for p in places], np.float32),
        }
    )


def _ranked(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Join tables one after another, with a rank over all of them."""
    joined = pd.concat(tables, ignore_index=True)
    size = joined["deviation"].abs()
    joined["overall"] = size.rank(method="first", ascending=False).astype(np.int32)
    return joined


def _kept(
    file: Path, settings: DisagreementSettings, project: Project
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """What an earlier run found with the same settings, and of which files of which tracks."""
    try:
        known = read_disagreements(file)
    except SighthoundError:
        known = None
    if known is None or known.settings != settings:
        return pd.DataFrame({"track": []}), {}
    here = {track.id: _stamp(track, file.parent) for track in project.read_tracks()}
    current = {t: stamp for t, stamp in known.tracks.items() if here.get(t) == stamp}
    return known.table.drop(columns="overall"), current


def both_signals(project: Project, tracks: Sequence[str] | None) -> list[Track]:
    """Give tracks by id, or all, that have an experiment and a predicted BigWig.

    Raises
    ------
    SighthoundError
        An unknown track, or one without both.
    """
    directory = project.predictions.directory
    table = {track.id: track for track in project.read_tracks()}

    def has_both(track: Track) -> bool:
        return track.experiment is not None and track_bigwig(directory, track.id).is_file()

    if tracks is None:
        return [track for track in table.values() if has_both(track)]
    for name in tracks:
        if name not in table:
            some = ", ".join(list(table)[:8])
            raise SighthoundError(f"unknown track {name!r}; {project.tracks.table} has {some}")
        if not has_both(table[name]):
            what = "a predicted BigWig" if table[name].experiment else "an experiment"
            raise SighthoundError(f"track {name!r} has not {what} to compare; choose another")
    return [table[name] for name in dict.fromkeys(tracks)]


def _bin_size(directory: Path) -> int:
    known = read_predictions(directory)
    if known is None or not known.identity.bin:
        raise SighthoundError(
            f"{directory} holds no predictions to compare; make them with 'sighthound predict'"
        )
    return known.identity.bin


def _excluding(project: Project) -> list[list[Any]]:
    """The files that say what does not count, as they are now."""
    files = (project.genome.blacklist, project.genome.unmappable, project.genome.gaps)
    return [_named_stamp(file) for file in files if file is not None]


def excluded_regions(project: Project) -> tuple[Interval, ...]:
    """Give what is not known to be measured: gaps, unmappable and blacklisted regions."""
    genome = project.open_genome()
    stretches = assembly_gaps(project, genome) + unmappable_regions(project, genome)
    if project.genome.blacklist is not None:
        stretches += read_bed(project.genome.blacklist, genome)
    return tuple(merge(stretches))


def _stamp(track: Track, directory: Path) -> list[Any]:
    """What changes when a track's signals do."""
    measured = None if track.experiment is None else _named_stamp(track.experiment)
    predicted = _named_stamp(track_bigwig(directory, track.id))
    covered = track.covered if track.covered_file is None else _named_stamp(track.covered_file)
    return [measured, predicted, covered, track.aggregation]


def _named_stamp(file: Path) -> list[Any]:
    try:
        return [file.name, *file_stamp(file)]
    except OSError:
        return [file.name]
