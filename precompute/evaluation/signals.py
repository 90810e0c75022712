"""Experiments and predictions of the held-out sequence, read and predicted once, kept on disk.

One pass goes over the stretches of the fold; what it predicts and reads goes into two files with a
row a track, so that statistics go track by track and memory does not grow with tracks or genome. A
run that is killed goes on after the last stretch that was complete.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sighthound.core.errors import SighthoundError
from sighthound.core.files import write_text
from sighthound.core.genome.interval_sets import by_chromosome
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.interpretation.window_predictions import predict_bins
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model
from sighthound.core.progress import Progress
from sighthound.core.tracks.experiments import experiment_bins
from sighthound.core.tracks.track import Track
from sighthound.precompute.datasets.dataset import Dataset

Floats = NDArray[np.float32]
_CHUNK_BINS = 4_096  # that are predicted before a run can be gone on with
_READERS = 4
_DONE, _IDENTITY = "done.txt", "identity.json"


@dataclass(frozen=True)
class Chunk:
    """Held-out bases that are predicted at once, and where their bins are among all."""

    place: Interval
    at: int


@dataclass(frozen=True)
class Bins:
    """Bins of one size of the held-out sequence.

    Attributes
    ----------
    size : int
        Bases.
    members : int array, (bins, parts)
        The model's bins that each is made of.
    chrom : int array, (bins,)
        Chromosome, as an index of `HeldOut.chromosomes`.
    start : int array, (bins,)
        First base.
    counts : bool array, (bins,)
        Off the blacklist, as in training.
    blocks : int array, (bins,)
        Number of the block of neighbours that is drawn together in a bootstrap.
    """

    size: int
    members: NDArray[np.int64]
    chrom: NDArray[np.int64]
    start: NDArray[np.int64]
    counts: NDArray[np.bool_]
    blocks: NDArray[np.int64]


class HeldOut:
    """The held-out bins, and signals of tracks over them.

    Parameters
    ----------
    stretches : sequence of Interval
        Of whole bins; each on its own grid.
    bin_size : int
    blacklist, gaps : sequence of Interval
        Bins that touch the first do not count in training; those that touch the second have no
        sequence, and no value.
    on_grid : bool
        Whether stretches lie on the grid of their chromosome; windows of records need not.
    most_blocks, least_block : int
        Blocks for the bootstrap are about so many at most, and of so many bins at least.
    """

    def __init__(
        self,
        stretches: Sequence[Interval],
        bin_size: int,
        blacklist: Sequence[Interval] = (),
        gaps: Sequence[Interval] = (),
        *,
        on_grid: bool = True,
        most_blocks: int = 100,
        least_block: int = 16,
    ) -> None:
        self.stretches, self.bin, self.on_grid = tuple(stretches), bin_size, on_grid
        self.chromosomes = tuple(dict.fromkeys(s.chrom for s in stretches))
        starts, chroms, ids = [], [], []
        for number, stretch in enumerate(stretches):
            count = len(stretch) // bin_size
            starts.append(stretch.start + np.arange(count, dtype=np.int64) * bin_size)
            chroms.append(np.full(count, self.chromosomes.index(stretch.chrom), np.int64))
            ids.append(np.full(count, number, np.int64))
        self.start, self.chrom = np.concatenate(starts), np.concatenate(chroms)
        self._stretch = np.concatenate(ids)
        self.masked = self._touching(blacklist)
        self.gap = self._touching(gaps)
        self._block_bins = max(least_block, -(-len(self.start) // most_blocks))

    def __len__(self) -> int:
        return len(self.start)

    def chunks(self) -> Iterator[Chunk]:
        """Cut the stretches into what is predicted at once; windows on no grid stay whole."""
        at = 0
        for stretch in self.stretches:
            length = _CHUNK_BINS * self.bin if self.on_grid else len(stretch)
            for start in range(stretch.start, stretch.end, length):
                end = min(stretch.end, start + length)
                yield Chunk(Interval(stretch.chrom, start, end), at)
                at += (end - start) // self.bin

    def bins(self, parts: int = 1) -> Bins:
        """Join neighbouring bins into whole ones, on the chromosome's grid where there is one."""
        firsts, at = [], 0
        for stretch in self.stretches:
            count = len(stretch) // self.bin
            skip = -(stretch.start // self.bin) % parts if self.on_grid else 0
            whole = max(0, count - skip) // parts
            firsts.append(at + skip + np.arange(whole, dtype=np.int64) * parts)
            at += count
        first = np.concatenate(firsts)
        members = first[:, None] + np.arange(parts)
        # Blocks do not cross stretches.
        block_of = self._stretch * (len(self) + 1) + np.arange(len(self)) // self._block_bins
        _, blocks = np.unique(block_of[first], return_inverse=True)
        return Bins(
            self.bin * parts, members, self.chrom[first], self.start[first],
            ~self.masked[members].any(axis=1), blocks.astype(np.int64),
        )  # fmt: skip

    def _touching(self, regions: Sequence[Interval]) -> NDArray[np.bool_]:
        found = np.zeros(len(self.start), bool)
        for chrom, own in by_chromosome(regions).items():
            if chrom not in self.chromosomes:
                continue
            rows = np.flatnonzero(self.chrom == self.chromosomes.index(chrom))
            starts = self.start[rows]
            order = np.argsort(starts, kind="stable")
            for region in own:
                low = np.searchsorted(starts[order], region.start - self.bin, side="right")
                high = np.searchsorted(starts[order], region.end, side="left")
                found[rows[order[low:high]]] = True
        return found


class Signals:
    """Signals of tracks over held-out bins, in two files with a row a track.

    Parameters
    ----------
    folder : path
        Where `read_signals` put them.
    tracks : sequence of Track
        Those with an experiment, in the order of its rows.
    predicted : sequence of str
        Ids of those that are predicted, in the order of its rows.
    """

    def __init__(
        self,
        folder: Path,
        held_out: HeldOut,
        tracks: Sequence[Track],
        predicted: Sequence[str],
    ) -> None:
        self.folder, self.held_out = folder, held_out
        self.tracks = {track.id: track for track in tracks}
        self.measured = tuple(self.tracks)
        self.predicted = tuple(predicted)
        self._rows = {
            "experiment": {track: row for row, track in enumerate(self.measured)},
            "prediction": {track: row for row, track in enumerate(self.predicted)},
        }

    def experiment(self, track: str, bins: Bins) -> Floats:
        """Give a track's experiment in bins; NaN where it has no data."""
        return self._read("experiment", track, bins)

    def prediction(self, track: str, bins: Bins) -> Floats:
        """Give a track's prediction in bins."""
        return self._read("prediction", track, bins)

    def _read(self, kind: str, track: str, bins: Bins) -> Floats:
        # Opened for each row, and let go: what is mapped counts as memory while it is.
        stored = np.load(self.folder / f"{kind}.npy", mmap_mode="r")
        row = np.array(stored[self._rows[kind][track]])
        del stored
        if bins.members.shape[1] == 1:
            return row[bins.members[:, 0]]
        parts = row[bins.members]
        joined = parts.sum(axis=1) if self.is_sum(track) else parts.mean(axis=1)
        return np.asarray(joined, np.float32)

    def is_sum(self, track: str) -> bool:
        """Whether bases of a bin add up, or are averaged."""
        return self.tracks[track].aggregation == "sum"


def read_signals(
    folder: Path,
    held_out: HeldOut,
    tracks: Sequence[Track],
    model: Model,
    genome: Genome,
    ensemble: Ensemble,
    identity: dict[str, Any],
    *,
    records: Dataset | None = None,
    progress: Progress | None = None,
) -> Signals:
    """Predict the held-out bins and read their experiments, or go on with an earlier run.

    Parameters
    ----------
    folder : path
        Emptied if it holds another run.
    tracks : sequence of Track
        With experiments; those that the model has are predicted.
    identity : dict
        What the signals depend on, as JSON has it.
    records : Dataset, optional
        Data set of TFRecords that the experiments are taken from.
    progress : callable, optional
        Called with (done, total) bins.

    Raises
    ------
    SighthoundError
        An experiment holds infinity, or the model predicts what is no number.
    """
    predicted = [track.id for track in tracks if track.id in model.tracks]
    columns = np.array([model.track_index(track) for track in predicted])
    signals = Signals(folder, held_out, tracks, predicted)
    shapes = {"experiment": len(tracks), "prediction": len(predicted)}
    text = json.dumps(identity | {"shapes": shapes, "bins": len(held_out)}, sort_keys=True)
    if not _is_of(folder, text):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for kind, rows in shapes.items():
            np.lib.format.open_memmap(
                folder / f"{kind}.npy", "w+", np.float32, (rows, len(held_out))
            ).flush()
        write_text(folder / _IDENTITY, text)
    done = {int(line) for line in _whole_lines(folder / _DONE)}
    with ThreadPoolExecutor(_READERS) as pool, (folder / _DONE).open("a") as log:
        for number, chunk in enumerate(held_out.chunks()):
            count = len(chunk.place) // held_out.bin
            part = slice(chunk.at, chunk.at + count)
            if number not in done:
                stored = {k: np.load(folder / f"{k}.npy", mmap_mode="r+") for k in shapes}
                if records is not None and records.rows:
                    experiment, prediction = _of_records(records, model, genome, chunk, ensemble)
                    stored["experiment"][:, part] = experiment
                else:
                    _read_experiments(
                        pool, stored["experiment"][:, part], tracks, genome, chunk.place,
                        held_out.bin,
                    )  # fmt: skip
                    prediction = _predicted(model, genome, chunk.place, ensemble)
                stored["prediction"][:, part] = _finite(prediction[:, columns], predicted, chunk).T
                stored["experiment"][:, part][:, held_out.gap[part]] = np.nan
                for values in stored.values():
                    values.flush()
                del stored, values
                log.write(f"{number}\n")
                log.flush()
            if progress:
                progress(chunk.at + count, len(held_out), "predictions")
    return signals


def _predicted(model: Model, genome: Genome, place: Interval, ensemble: Ensemble) -> Floats:
    first, last = place.start // model.bin, place.end // model.bin
    pieces = predict_bins(model, genome, place.chrom, first, last, ensemble=ensemble)
    return np.concatenate([values for _, values in pieces])


def _of_records(
    records: Dataset, model: Model, genome: Genome, chunk: Chunk, ensemble: Ensemble
) -> tuple[Floats, Floats]:
    """Experiment (tracks, bins) and prediction (bins, all outputs) of a window on no grid."""
    place, margin = chunk.place, records.crop * records.bin
    around = Interval(place.chrom, place.start - margin, place.end + margin)
    prediction = model.predict(genome.one_hot(around)[None], ensemble)[0]
    return records.window_targets(place.chrom, place.start).T, prediction


def _read_experiments(
    pool: ThreadPoolExecutor,
    into: NDArray[np.float32],
    tracks: Sequence[Track],
    genome: Genome,
    place: Interval,
    bin_size: int,
) -> None:
    def read(row: int) -> None:
        values = experiment_bins(tracks[row], genome, place, bin_size)
        if np.isinf(values).any():
            start = place.start + int(np.isinf(values).argmax()) * bin_size
            raise SighthoundError(
                f"track {tracks[row].id!r} holds infinity at "
                f"{Interval(place.chrom, start, start + bin_size)}; correct the BigWig, or declare "
                "in the column 'covered' where it has data"
            )
        into[row] = values

    list(pool.map(read, range(len(tracks))))


def _finite(prediction: Floats, tracks: Sequence[str], chunk: Chunk) -> Floats:
    if not np.isfinite(prediction).all():
        column = int((~np.isfinite(prediction)).any(axis=0).argmax())
        raise SighthoundError(
            f"the model predicts what is no number for track {tracks[column]!r} on {chunk.place}; "
            "its weights are damaged: train again"
        )
    return prediction


def _is_of(folder: Path, identity: str) -> bool:
    try:
        return (folder / _IDENTITY).read_text(encoding="utf-8") == identity
    except OSError:
        return False


def _whole_lines(file: Path) -> list[str]:
    """Read a log; of a line that a kill cut nothing stays."""
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    *lines, cut = text.split("\n")
    if cut:
        write_text(file, "".join(f"{line}\n" for line in lines))
    return lines
