"""The files of a data set's folder, but for its targets: windows, contigs, folds, statistics.

A data set of several divisions into folds has the first one's files in the folder itself, as if it
were the only one, and those of the others below it, in fold1, fold2 and so on.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sighthound.core.errors import SighthoundError
from sighthound.core.files import own_items, replace_folder, write_json, write_text
from sighthound.core.project.folds import Stretch, write_folds
from sighthound.core.text import table_rows
from sighthound.precompute.datasets.windows import TargetWindow

FOLDS = ("train", "valid", "test")
_STATISTICS, _WINDOWS, _CONTIGS = "statistics.json", "windows.tsv", "contigs.tsv"


@contextmanager
def new_folder(directory: Path) -> Iterator[Path]:
    """Give a folder to write a data set into, which takes its place when the block ends well.

    Raises
    ------
    SighthoundError
        What is there now is no data set.
    """
    _check_replaceable(directory)
    part = directory.with_name(directory.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        yield part
        replace_folder(part, directory)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def write_divisions(
    folder: Path,
    shared: dict[str, Any],
    windows: Sequence[Sequence[TargetWindow]],
    contigs: Sequence[Sequence[TargetWindow]],
    columns: Sequence[list[dict[str, Any]]],
) -> None:
    """Write what is known of every division: of the first into the folder, of others below it.

    Parameters
    ----------
    shared : dict
        What statistics.json of the data set has beside a division's own.
    windows, contigs, columns : sequences, one item a division
        `columns` is a summary a track.
    """
    for number, (own, stretches, tracks) in enumerate(zip(windows, contigs, columns, strict=True)):
        where = division_folder(folder, number)
        where.mkdir(exist_ok=True)
        _write_windows(where / _WINDOWS, own)
        _write_windows(where / _CONTIGS, stretches)
        write_folds(where, [Stretch(w.chrom, w.start, w.end, w.fold) for w in own])
        said = {"windows": fold_counts(own), "tracks": tracks}
        statistics = said if number else {**shared, **said}
        write_json(where / _STATISTICS, statistics)


def fold_counts(windows: Iterable[TargetWindow]) -> dict[str, int]:
    """Count the windows of every fold."""
    counts = Counter(window.fold for window in windows)
    return {fold: counts[fold] for fold in FOLDS}


def division_folder(directory: Path, number: int) -> Path:
    """Where the files of a division are."""
    return directory / f"fold{number}" if number else directory


def read_statistics(folder: Path) -> dict[str, Any]:
    """Read statistics.json.

    Raises
    ------
    SighthoundError
        There is none.
    """
    try:
        found: dict[str, Any] = json.loads((folder / _STATISTICS).read_text())
    except (OSError, json.JSONDecodeError):
        raise SighthoundError(
            f"{folder} holds no dataset; make it with 'sighthound dataset'"
        ) from None
    return found


def read_windows(folder: Path) -> tuple[TargetWindow, ...]:
    """Read the windows of a data set's folder, or of one of its divisions."""
    return _read_windows(folder / _WINDOWS)


def read_contigs(folder: Path) -> tuple[TargetWindow, ...]:
    """Read the contigs that windows move in."""
    return _read_windows(folder / _CONTIGS)


def _write_windows(path: Path, windows: Iterable[TargetWindow]) -> None:
    lines = ["chrom\tstart\tend\tfold\tunmappable\tobserved"]
    for w in windows:
        lines.append(f"{w.chrom}\t{w.start}\t{w.end}\t{w.fold}\t{w.unmappable:g}\t{w.observed:g}")
    write_text(path, "\n".join(lines) + "\n")


def _read_windows(path: Path) -> tuple[TargetWindow, ...]:
    rows = [cells for _, cells in table_rows(path)][1:]
    return tuple(
        TargetWindow(c, int(s), int(e), f, float(u), float(o)) for c, s, e, f, u, o in rows
    )


def _check_replaceable(directory: Path) -> None:
    """Never delete a folder that is not a dataset of ours."""
    if (directory / _STATISTICS).is_file() or not directory.exists():
        return
    if not directory.is_dir() or own_items(directory):
        raise SighthoundError(
            f"{directory} holds files that are no dataset; give [dataset] another directory"
        )
