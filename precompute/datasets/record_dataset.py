"""A data set of ours from records of the published scripts: their windows, folds and targets."""

from __future__ import annotations

from dataclasses import replace

from sighthound.core.errors import SighthoundError
from sighthound.core.model.runtime import import_tensorflow
from sighthound.core.progress import Progress
from sighthound.core.project.settings import Project
from sighthound.precompute.datasets.dataset import DatasetSummary
from sighthound.precompute.datasets.dataset_files import (
    FOLDS,
    fold_counts,
    new_folder,
    write_divisions,
)
from sighthound.precompute.datasets.identity import identity
from sighthound.precompute.datasets.records import (
    RecordFolder,
    open_records,
    record_windows,
    write_record_targets,
)
from sighthound.precompute.datasets.target_statistics import measure_targets


def make_record_dataset(project: Project, progress: Progress | None = None) -> DatasetSummary:
    """Make the data set of a project whose [dataset] names a folder of records.

    Parameters
    ----------
    progress : callable, optional
        Called with (done, total) windows.

    Raises
    ------
    SighthoundError
        [dataset] or the tracks table say otherwise than the records, a fold is missing, or what
        `write_record_targets` refuses. Nothing is left behind and an older data set stays.
    """
    settings, genome = project.dataset, project.open_genome()
    assert settings.records is not None
    import_tensorflow()  # before a bar is drawn
    folder = open_records(settings.records)
    _check_settings(project, folder)
    divisions = _divisions(project, folder)
    names = list(divisions[0])
    windows = record_windows(folder, genome, names)
    made_from = identity(project, genome)
    with new_folder(settings.directory) as part:
        file = part / "targets.npy"
        placed = write_record_targets(file, folder, genome, windows, names, progress)
        rows = {(w.chrom, w.start): number * folder.bins for number, w in enumerate(placed)}
        measured, columns = measure_targets(
            file,
            folder.tracks,
            [[replace(w, fold=folds[w.fold]) for w in placed] for folds in divisions],
            lambda window: rows[window.chrom, window.start],
            folder.bin,
        )
        shared = {**made_from, "target_bins": folder.bins, "chromosomes": {}}
        # Windows stay where their targets are: each is its own contig.
        write_divisions(part, shared, measured, measured, columns)
    ids = tuple(track.id for track in folder.tracks)
    counts = fold_counts(measured[0])
    return DatasetSummary(settings.directory, counts, ids, len(placed) * folder.bins)


def _check_settings(project: Project, folder: RecordFolder) -> None:
    for name in ("sequence_length", "bin", "crop"):
        given, there = getattr(project.dataset, name), getattr(folder, name)
        if given != there:
            raise SighthoundError(
                f"[dataset] {name} is {given:,}; the records of {folder.directory} have {there:,}"
            )
    for name in ("stride", "homologous"):
        if getattr(project.dataset, name):
            raise SighthoundError(
                f"[dataset] {name} says how windows are laid, which the records of "
                f"{folder.directory} bring with them; leave it out"
            )
    known = {track.id for track in project.read_tracks()}
    for track in folder.tracks:
        if track.id not in known:
            raise SighthoundError(
                f"{project.tracks.table} has no track {track.id!r}, which the records of "
                f"{folder.directory} have"
            )


def _divisions(project: Project, folder: RecordFolder) -> list[dict[str, str]]:
    """Say which fold of the records is which here, in each division."""
    count, there = project.dataset.folds, sorted(folder.files, key=_natural)
    if not count:
        return [_folds(project, folder)]
    if len(there) != count:
        raise SighthoundError(
            f"[dataset] folds is {count}; the records of {folder.directory} have the folds "
            f"{', '.join(there) or 'none'}"
        )
    parts = range(count)
    return [
        {there[p]: {i: "test", (i + 1) % count: "valid"}.get(p, "train") for p in parts}
        for i in parts
    ]


def _natural(name: str) -> tuple[str, int]:
    """Sort fold10 behind fold9."""
    stem = name.rstrip("0123456789")
    return stem, int(name[len(stem) :] or 0)


def _folds(project: Project, folder: RecordFolder) -> dict[str, str]:
    """Say which fold of the records is which here: those of their names, or as [dataset] says."""
    there = folder.files
    if set(FOLDS) <= set(there):
        return {fold: fold for fold in FOLDS}
    chosen = {}
    for fold in ("valid", "test"):
        names = getattr(project.dataset, fold)
        for name in names if isinstance(names, tuple) else ():
            if name not in there:
                raise SighthoundError(
                    f"[dataset] {fold} names {name!r}; the records of {folder.directory} have the "
                    f"folds {', '.join(sorted(there)) or 'none'}"
                )
            chosen[name] = fold
    missing = {"valid", "test"} - set(chosen.values())
    if missing or len(chosen) == len(there):
        raise SighthoundError(
            f"the records of {folder.directory} have the folds {', '.join(sorted(there)) or 'none'}"
            '; say in [dataset] which are valid and test, as valid = ["fold3"], and leave some to '
            "train on"
        )
    return {name: chosen.get(name, "train") for name in sorted(there)}
