"""A data set of ours from records of the published scripts: their windows, folds and targets."""

from __future__ import annotations

import shutil
from collections import Counter

from sighthound.core.errors import SighthoundError
from sighthound.core.files import replace_folder, write_json
from sighthound.core.model.runtime import import_tensorflow
from sighthound.core.progress import Progress
from sighthound.core.project.folds import Stretch, write_folds
from sighthound.core.project.settings import Project
from sighthound.precompute.training.dataset import (
    FOLDS,
    FORMAT,
    DatasetSummary,
    check_replaceable,
    identity,
    write_windows,
)
from sighthound.precompute.training.records import (
    RecordFolder,
    open_records,
    record_windows,
    write_record_targets,
)


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
    folds = _folds(project, folder)
    windows = record_windows(folder, genome, folds)
    check_replaceable(settings.directory)
    part = settings.directory.with_name(settings.directory.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        placed, columns = write_record_targets(
            part / "targets.npy", folder, genome, windows, folds, progress
        )
        for name in ("windows.tsv", "contigs.tsv"):  # windows stay where their targets are
            write_windows(part / name, placed)
        write_folds(part, sorted(Stretch(w.chrom, w.start, w.end, w.fold) for w in placed))
        counts = Counter(window.fold for window in placed)
        statistics = {
            "format": FORMAT,
            **identity(project, genome),
            "blacklisted": "mask",
            "windows": {fold: counts[fold] for fold in FOLDS},
            "target_bins": folder.bins,
            "chromosomes": {},
            "tracks": columns,
        }
        write_json(part / "statistics.json", statistics)
        replace_folder(part, settings.directory)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    ids = tuple(track.id for track in folder.tracks)
    return DatasetSummary(settings.directory, dict(counts), ids, len(placed) * folder.bins)


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
