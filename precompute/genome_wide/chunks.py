"""Chunks of a genome-wide prediction: computed by any worker, kept on disk until all are there.

A chunk is some megabases of one chromosome. A worker predicts it window by window, encodes every
track's bins as they will stand in its BigWig (`core.bigwig.chunks`), and writes one file, which
has its name only when complete. Several chunks are in work at a time in one process, but only one
of them is in the network: while it computes, others read sequence, encode and write.

A file is the packed stretches, one a track (`core.project.packed`).
"""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from sighthound.core.bigwig.chunks import (
    EncodedStretch,
    chromosome_ids,
    encode_stretch,
    stretch_bins,
)
from sighthound.core.bigwig.encoding import round_mantissa
from sighthound.core.bigwig.zooms import zoom_levels
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome
from sighthound.core.interpretation.window_predictions import (
    Layout,
    PredictionWindow,
    batches,
    individual_windows,
    reference_windows,
)
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model
from sighthound.core.progress import Progress
from sighthound.core.project.packed import read_packed, write_packed
from sighthound.core.project.settings import load_project
from sighthound.core.variants.variant import Variant
from sighthound.precompute.cluster.tasks import TaskRunner, check_running, own_gpu, report
from sighthound.precompute.cluster.worker_model import worker_model

MANTISSA_BITS = 10  # of the values kept: right to 0.05 %, as float16 has them


def chunks_at_once(processors: int) -> int:
    """Chunks that a process has in hand: one in the network, and others read or written."""
    return min(8, max(3, processors))


CONCURRENT = chunks_at_once(os.cpu_count() or 1)
_MAGIC = b"SHCHUNK1"


class _Turns:
    """A lock that goes to the chunk that was begun first.

    If chunks took turns they would all be predicted at the same time, and then all be encoded,
    while the network has nothing to do.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[int] = []
        self._is_taken = False

    @contextmanager
    def of(self, number: int) -> Iterator[None]:
        with self._changed:
            self._waiting.append(number)
            self._changed.wait_for(
                lambda: not self._is_taken and number == min(self._waiting)
            )  # fmt: skip
            self._waiting.remove(number)
            self._is_taken = True
        try:
            yield
        finally:
            with self._changed:
                self._is_taken = False
                self._changed.notify_all()


_network, _numbers = _Turns(), itertools.count()
_in_work = threading.BoundedSemaphore(CONCURRENT)


@dataclass(frozen=True)
class Chunk:
    """Bins [first, end) of a chromosome, or bases."""

    chrom: str
    first: int
    end: int

    def file(self, directory: Path) -> Path:
        return directory / f"{quote(self.chrom, safe='')}_{self.first}.chunk"


@dataclass(frozen=True)
class ChunkTask:
    """What a worker needs to know.

    Attributes
    ----------
    directory : path
        Of chunk files, the same for all workers.
    columns : tuple of int
        Outputs of the model that are kept.
    batch_size : int
        Windows predicted at once; 0 lets the worker choose: 4 on a GPU, 1 without.
    threads : int
        That the network may use; 0 for all.
    copies : list of lists of Variant, or None
        Variants of an individual's copies near this chunk; None predicts the reference.
    """

    project: Path
    model: Path
    model_hash: str
    directory: Path
    chunk: Chunk
    columns: tuple[int, ...]
    ensemble: Ensemble
    precision: str
    batch_size: int = 0
    threads: int = 0
    copies: list[list[Variant]] | None = None


def genome_chunks(genome: Genome, bin: int, size: int = 0) -> list[Chunk]:
    """Cut a genome into chunks of `size` bins; by default so many that BigWig sections are full."""
    size = size or stretch_bins(bin)
    return [
        Chunk(chrom, first, min(first + size, bins))
        for chrom, length in genome.lengths.items()
        for bins in [-(-length // bin)]
        for first in range(0, bins, size)
    ]


def run_chunks(
    runner: TaskRunner,
    function: Callable[[Any], Any],
    chunks: Sequence[Chunk],
    is_there: Callable[[Chunk], bool],
    task_of: Callable[[Chunk], Any],
    tell: Progress,
) -> Iterator[Any]:
    """Compute the chunks that are not there yet.

    Parameters
    ----------
    function : callable
        Of a task, in a worker; tells `report` of chromosome, first bin, and bins that are done.
    tell : Progress
        Told of the bins that are done, and of all.

    Yields
    ------
    what the function gives, in the order in which chunks are done
    """
    missing = [(n, c) for n, c in enumerate(chunks) if not is_there(c)]
    # The smallest last: all workers end at about the same time.
    missing.sort(key=lambda item: item[1].first - item[1].end)
    total = sum(c.end - c.first for c in chunks)
    done = total - sum(c.end - c.first for _, c in missing)
    told: dict[tuple[str, int], int] = {}

    def on_report(news: Sequence[Any]) -> None:
        chrom, first, bins = news
        told[chrom, first] = max(bins, told.get((chrom, first), 0))
        tell(done + sum(list(told.values())), total)

    tell(done, total)
    tasks = ((number, task_of(chunk)) for number, chunk in missing)
    for number, found in runner.run(function, tasks, on_report):
        chunk = chunks[number]
        on_report((chunk.chrom, chunk.first, chunk.end - chunk.first))
        yield found


def compute_chunk(task: ChunkTask) -> list[tuple[float, float]]:
    """Predict a chunk and write its file; runs in a worker, in several threads.

    Returns
    -------
    list of (float, float)
        When it was in the network, in seconds of the clock.

    Raises
    ------
    SighthoundError
        The model changed, or an output is infinite.
    """
    with _in_work:
        own_gpu()
        model, batch_size = worker_model(task.model, task.model_hash, task.threads)
        genome = load_project(task.project).open_genome()
        chunk = task.chunk
        values = np.zeros((len(task.columns), chunk.end - chunk.first), np.float32)
        columns = np.array(task.columns)
        keeps_all = np.array_equal(columns, np.arange(len(model.tracks)))
        spans, turn = [], next(_numbers)
        for group in batches(_windows(task, model, genome), task.batch_size or batch_size):
            sequences = np.stack([window.one_hot for window in group])
            with _network.of(turn):
                before = time.time()
                predicted = model.predict(sequences, task.ensemble, task.precision)
                spans.append((before, time.time()))
            check_running()
            for window, found in zip(group, predicted, strict=True):
                wanted = window.take(found if keeps_all else found[:, columns])
                at = window.first - chunk.first
                values[:, at : at + window.bins] += wanted.T
            report((chunk.chrom, chunk.first, at + group[-1].bins))
        write_chunk(chunk.file(task.directory), values, chunk, genome, model.bin)
        return spans


def _windows(task: ChunkTask, model: Model, genome: Genome) -> Iterator[PredictionWindow]:
    chunk = task.chunk
    layout = Layout.of(model, task.ensemble, chunk.end - chunk.first)
    if task.copies is None:
        return reference_windows(layout, genome, chunk.chrom, chunk.first, chunk.end)
    return individual_windows(
        layout, genome, chunk.chrom, chunk.first, chunk.end, task.copies
    )  # fmt: skip


def write_chunk(file: Path, values: np.ndarray, chunk: Chunk, genome: Genome, bin: int) -> None:
    """Encode float32 values, (tracks, bins), into a chunk file."""
    if np.isinf(values).any():
        raise SighthoundError(
            f"the model predicts infinite values on {chunk.chrom}; train it again, or use another"
        )
    chrom_id = chromosome_ids(genome.lengths)[chunk.chrom]
    length = genome.lengths[chunk.chrom]
    zoom_bins = zoom_levels(max(genome.lengths.values()), bin)

    def packed(track: np.ndarray) -> bytes:
        rounded = round_mantissa(track, MANTISSA_BITS)
        return encode_stretch(rounded, chunk.first, chrom_id, length, bin, zoom_bins).pack()

    write_packed(file, map(packed, values), _MAGIC)


def read_chunk(file: Path, rows: Sequence[int]) -> list[EncodedStretch]:
    """Read neighbouring rows of a chunk file.

    Raises
    ------
    SighthoundError
        The file is damaged; it is removed, so that the next run computes it again.
    """
    try:
        pieces = read_packed(file, rows, _MAGIC)
    except (OSError, ValueError) as error:
        raise _damaged(file, error) from None
    return [EncodedStretch.unpack(piece) for piece in pieces]


def _damaged(file: Path, reason: object) -> SighthoundError:
    file.unlink(missing_ok=True)
    return SighthoundError(
        f"{file} was damaged ({reason}) and is removed; run the command again to make it anew"
    )
