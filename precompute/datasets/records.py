"""Data sets of the published scripts (Basenji, Borzoi): TFRecords, read into a data set of ours.

A folder holds statistics.json, targets.txt, sequences.bed (the windows whose bins are targets, and
their folds) and tfrecords/FOLD-N.tfr, ZLIB-compressed, whose examples have `sequence`, uint8 that
number the bases 0 to 3 and N 4 (Basenji, and Borzoi since 2022) or are one-hot (before), and
`target`, float16, (bins, tracks). The windows of a fold lie in its records in the order of
sequences.bed, on no grid of bins; sequences are those of the genome, which is held against them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.files import new_array
from sighthound.core.genome.bed import bed_regions
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.model.published.targets import read_targets
from sighthound.core.model.runtime import import_tensorflow
from sighthound.core.progress import Progress
from sighthound.core.tracks.track import Track
from sighthound.precompute.datasets.windows import TargetWindow

_NUMBERED = re.compile(r"(.+)-(\d+)\.tfr")
_KEYS = ("num_targets", "seq_length", "pool_width", "crop_bp", "target_length")


@dataclass(frozen=True)
class RecordFolder:
    """What a folder of records says of itself.

    Attributes
    ----------
    directory : Path
    tracks : tuple of Track
        Of targets.txt; values are already cut off, scaled and squashed as it says, so that tracks
        have no scale and no clip left.
    sequence_length, bin, crop, bins : int
        Bases of a window, bases a bin, bins that are cut off each end, and bins of a target.
    """

    directory: Path
    tracks: tuple[Track, ...]
    sequence_length: int
    bin: int
    crop: int
    bins: int

    @property
    def files(self) -> dict[str, list[Path]]:
        """The record files of each fold, in order."""
        found: dict[str, list[tuple[int, Path]]] = {}
        for file in (self.directory / "tfrecords").glob("*.tfr"):
            name = _NUMBERED.fullmatch(file.name)
            if name:
                found.setdefault(name[1], []).append((int(name[2]), file))
        return {fold: [file for _, file in sorted(files)] for fold, files in found.items()}


def open_records(directory: Path) -> RecordFolder:
    """Read what a folder of records says of itself.

    Raises
    ------
    SighthoundError
        A file is missing or damaged, or says what the others do not.
    """
    file = directory / "statistics.json"
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        length, bin_size, crop, bins = (
            int(said[key]) for key in ("seq_length", "pool_width", "crop_bp", "target_length")
        )
        count = int(said["num_targets"])
    except OSError:
        raise SighthoundError(
            f"{directory} holds no records: {file.name} is missing; give the folder that a data "
            "step of Basenji or Borzoi wrote"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise SighthoundError(f"{file} is damaged; expected numbers {', '.join(_KEYS)}") from None
    if bin_size < 1 or crop % bin_size or length != bins * bin_size + 2 * crop:
        raise SighthoundError(
            f"{file}: {length} bases with {crop} cut off each end are not {bins} bins of {bin_size}"
        )
    tracks = read_targets(directory / "targets.txt")
    if len(tracks) != count:
        raise SighthoundError(
            f"{directory / 'targets.txt'} has {len(tracks)} rows, {file.name} num_targets {count}"
        )
    done = tuple(replace(track, scale=None, clip=None) for track in tracks)
    return RecordFolder(directory, done, length, bin_size, crop // bin_size, bins)


def record_windows(
    folder: RecordFolder, genome: Genome, folds: Collection[str]
) -> list[TargetWindow]:
    """Read sequences.bed.

    Parameters
    ----------
    folds : collection of str
        Names of folds in the folder.

    Returns
    -------
    list of TargetWindow
        Of each fold in the file's order; `fold` is the name in the folder.

    Raises
    ------
    SighthoundError
        A line names a fold that has no records, a chromosome that the genome lacks, or another
        number of bases than a target has.
    """
    file = folder.directory / "sequences.bed"
    windows = []
    for region in bed_regions(file, genome):
        fold = region.others[0] if region.others else ""
        place = region.interval
        if fold not in folds:
            raise SighthoundError(
                f"{file}: {place} is of fold {fold!r}, which has no records; there are those of "
                f"{', '.join(folds)}"
            )
        if len(place) != folder.bins * folder.bin:
            raise SighthoundError(
                f"{file}: {place} has {len(place):,} bases; a target has {folder.bins} bins of "
                f"{folder.bin}"
            )
        windows.append(TargetWindow(place.chrom, place.start, place.end, fold))
    return windows


def read_records(folder: RecordFolder, fold: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Read the records of one fold.

    Yields
    ------
    uint8 array, (sequence_length, 4), and float16 array, (bins, tracks)

    Raises
    ------
    SighthoundError
        A file is damaged or cut short, or holds records of other sizes.
    """
    tf = import_tensorflow()
    features = {name: tf.io.FixedLenFeature([], tf.string) for name in ("sequence", "target")}
    shape = (folder.bins, len(folder.tracks))
    for file in folder.files[fold]:
        records = iter(tf.data.TFRecordDataset(str(file), compression_type="ZLIB"))
        while True:
            try:
                given = next(records, None)
                if given is None:
                    break
                example = tf.io.parse_single_example(given, features)
            except tf.errors.OpError as error:
                said = str(error.message).splitlines()[0]
                raise SighthoundError(f"{file} is damaged or cut short: {said}") from None
            bases = np.frombuffer(example["sequence"].numpy(), np.uint8)
            target = np.frombuffer(example["target"].numpy(), np.float16)
            if bases.size not in (folder.sequence_length, 4 * folder.sequence_length):
                raise SighthoundError(
                    f"{file}: a sequence has {bases.size:,} numbers; expected "
                    f"{folder.sequence_length:,} bases"
                )
            if target.size != shape[0] * shape[1]:
                raise SighthoundError(
                    f"{file}: a target has {target.size:,} numbers; expected {shape[0]} bins of "
                    f"{shape[1]} tracks"
                )
            yield _one_hot(bases, folder.sequence_length), target.reshape(shape)


def write_record_targets(
    file: Path,
    folder: RecordFolder,
    genome: Genome,
    windows: Sequence[TargetWindow],
    folds: Iterable[str],
    progress: Progress | None = None,
) -> list[TargetWindow]:
    """Copy the targets of all records into one float16 file, (windows x bins, tracks).

    Parameters
    ----------
    windows : sequence of TargetWindow
        What `record_windows` gave.
    folds : iterable of str
        Names of folds in the folder, in the order in which they are copied.
    progress : callable, optional
        Called with (done, total) windows.

    Returns
    -------
    the windows in the file's order

    Raises
    ------
    SighthoundError
        More or fewer records than windows, a sequence that is not the genome's there (another
        assembly), or infinity in a target.
    """
    ids = [track.id for track in folder.tracks]
    shape = (len(windows) * folder.bins, len(ids))
    placed: list[TargetWindow] = []
    with new_array(file, np.float16, shape) as out:
        for fold in folds:
            own = [window for window in windows if window.fold == fold]
            records = read_records(folder, fold)
            for number, window in enumerate(own):
                bases, target = next(records, (None, None))
                if bases is None or target is None:
                    raise SighthoundError(
                        f"{folder.directory} has {number:,} records of fold {fold!r}; "
                        f"sequences.bed lists {len(own):,} windows"
                    )
                _check_bases(bases, genome, window, folder)
                _check_values(target, ids, window, folder)
                out.write(np.ascontiguousarray(target).data)
                placed.append(window)
                if progress:
                    progress(len(placed), len(windows))
            if next(records, None) is not None:
                raise SighthoundError(
                    f"{folder.directory} has more records of fold {fold!r} than the {len(own):,} "
                    "windows of sequences.bed"
                )
    return placed


def _one_hot(bases: np.ndarray, length: int) -> np.ndarray:
    if bases.size == 4 * length:
        return bases.reshape(length, 4)
    return np.eye(5, dtype=np.uint8)[np.minimum(bases, 4), :4]


def _check_bases(
    bases: np.ndarray, genome: Genome, window: TargetWindow, folder: RecordFolder
) -> None:
    """Hold a record's sequence against the genome's; where a record has N, the genome may know."""
    start = window.start - folder.crop * folder.bin
    place = Interval(window.chrom, start, start + folder.sequence_length)
    expected = genome.one_hot(place)
    known = (bases.sum(axis=1) == 1) & (expected.sum(axis=1) == 1)
    wrong = int((bases[known] != expected[known]).any(axis=1).sum())
    if wrong:
        raise SighthoundError(
            f"{folder.directory}: {wrong:,} bases of the record of {window.chrom}:"
            f"{window.start + 1:,}-{window.end:,} are others in the genome; the records are of "
            "another assembly, or of other windows than sequences.bed says"
        )


def _check_values(
    target: np.ndarray, ids: Sequence[str], window: TargetWindow, folder: RecordFolder
) -> None:
    infinite = np.isinf(target)
    if infinite.any():
        row, track = np.argwhere(infinite)[0]
        start = window.start + int(row) * folder.bin
        where = Interval(window.chrom, start, start + folder.bin)
        raise SighthoundError(
            f"{folder.directory}: track {ids[track]!r} is infinite at {where} (16-bit numbers end "
            "at 65,504); clip or scale it further where the records are made"
        )
