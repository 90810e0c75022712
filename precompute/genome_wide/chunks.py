"""Chunks of a genome-wide prediction: computed by any worker, kept on disk until all are there.

A chunk is some megabases of one chromosome. A worker predicts it window by window, encodes every
track's bins as they will stand in its BigWig (`core.bigwig.chunks`), and writes one file, which
has its name only when complete. Several chunks are in work at a time in one process, but only one
of them is in the network: while it computes, others read sequence, encode and write.

A file is the packed stretches one after another, a table of their offsets and checksums, and a
tail that tells where the table begins.
"""

from __future__ import annotations

import itertools
import os
import struct
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
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
from sighthound.core.files import whole_file
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
from sighthound.core.project.settings import load_project
from sighthound.core.variants.variant import Variant
from sighthound.precompute.cluster.tasks import check_running, own_gpu, report
from sighthound.precompute.cluster.worker_model import worker_model

MANTISSA_BITS = 10  # of the values kept: right to 0.05 %, as float16 has them


def chunks_at_once(processors: int) -> int:
    """Chunks that a process has in hand: one in the network, and others read or written."""
    return min(8, max(3, processors))


CONCURRENT = chunks_at_once(os.cpu_count() or 1)
_MAGIC = b"SHCHUNK1"
_TAIL = struct.Struct("<QQ8s")  # offset of the table, rows, magic
_ROW = np.dtype([("offset", "<u8"), ("size", "<u8"), ("crc", "<u8")])


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
    """Bins [first, end) of a chromosome."""

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


def genome_chunks(genome: Genome, bin: int) -> list[Chunk]:
    """Cut a genome into chunks whose BigWig sections are full."""
    size = stretch_bins(bin)
    return [
        Chunk(chrom, first, min(first + size, bins))
        for chrom, length in genome.lengths.items()
        for bins in [-(-length // bin)]
        for first in range(0, bins, size)
    ]


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
    rows = np.zeros(len(values), _ROW)
    # Two processes may compute one chunk, after a scheduler was lost: each has a file of its own.
    with whole_file(file, unique=True) as part, part.open("wb") as out:
        for row, track in zip(rows, values, strict=True):
            rounded = round_mantissa(track, MANTISSA_BITS)
            packed = encode_stretch(rounded, chunk.first, chrom_id, length, bin, zoom_bins).pack()
            row["offset"], row["size"], row["crc"] = out.tell(), len(packed), zlib.crc32(packed)
            out.write(packed)
        table = out.tell()
        out.write(rows.tobytes() + _TAIL.pack(table, len(rows), _MAGIC))


def read_chunk(file: Path, rows: Sequence[int]) -> list[EncodedStretch]:
    """Read neighbouring rows of a chunk file.

    Raises
    ------
    SighthoundError
        The file is damaged; it is removed, so that the next run computes it again.
    """
    try:
        with file.open("rb") as source:
            source.seek(-_TAIL.size, os.SEEK_END)
            offset, count, magic = _TAIL.unpack(source.read(_TAIL.size))
            if magic != _MAGIC or rows[-1] >= count:
                raise ValueError("no table")
            source.seek(offset + rows[0] * _ROW.itemsize)
            table = np.frombuffer(source.read(len(rows) * _ROW.itemsize), _ROW)
            source.seek(int(table["offset"][0]))
            packed = [source.read(int(size)) for size in table["size"]]
    except (OSError, ValueError, struct.error) as error:
        raise _damaged(file, error) from None
    if [zlib.crc32(piece) for piece in packed] != table["crc"].tolist():
        raise _damaged(file, "checksum")
    return [EncodedStretch.unpack(piece) for piece in packed]


def _damaged(file: Path, reason: object) -> SighthoundError:
    file.unlink(missing_ok=True)
    return SighthoundError(
        f"{file} was damaged ({reason}) and is removed; run the command again to make it anew"
    )
