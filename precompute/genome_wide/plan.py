"""What a genome-wide prediction will take: measured on a piece, and scaled up.

A calibration predicts some windows of the genome, encodes and assembles them, and times each part
on this machine. A plan multiplies: windows by the network's seconds, values by the rest. On a
processor the network takes all of it, and the rest adds to it; beside a GPU the rest runs on the
processors meanwhile, and the slower of the two decides.
"""

from __future__ import annotations

import dataclasses
import os
import statistics
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from sighthound.core.bigwig.chunks import (
    EncodedStretch,
    chromosome_ids,
    encode_stretch,
    stretch_bins,
)
from sighthound.core.bigwig.encoding import round_mantissa
from sighthound.core.bigwig.files import new_bigwig
from sighthound.core.bigwig.zooms import zoom_levels
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome
from sighthound.core.interpretation.window_predictions import Layout, reference_windows
from sighthound.core.model.cost import layer_rows
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.keras_network import weight_shapes
from sighthound.core.model.model import Model
from sighthound.core.model.runtime import import_tensorflow
from sighthound.core.progress import Progress, silent
from sighthound.precompute.cluster.tasks import Workers
from sighthound.precompute.genome_wide.chunks import MANTISSA_BITS, chunks_at_once, genome_chunks

_ROUNDS = 3
_VALUES = 4_000_000  # encoded to time that
_REPEATS = 128  # stretches in the longer of two files whose times are compared
_DISK_BYTES = 64 << 20


@dataclass(frozen=True)
class Files:
    """Cost of encoding and writing.

    Attributes
    ----------
    encode, assemble : float
        Seconds a value.
    each : float
        Seconds a file, whatever it holds.
    packed, written : float
        Bytes a value, in chunks and in BigWigs.
    """

    encode: float
    assemble: float
    each: float
    packed: float
    written: float


@dataclass(frozen=True)
class Calibration:
    """Seconds of one process on this machine.

    Attributes
    ----------
    start : float
        To start the workers, import TensorFlow (unless it was before), and predict a first window,
        for which the network is compiled.
    window : float
        The network, a window of `core` bins, with every member of the ensemble.
    core, window_bases : int
        Bins wanted of a window, and bases it has.
    window_flop : float
        Arithmetic of a window.
    files : Files
    disk : float
        Bytes a second that the folder takes.
    threads : int
        That the network used.
    has_gpu : bool
    network_bytes : int
        Of memory that the network needs.
    """

    start: float
    window: float
    core: int
    window_bases: int
    window_flop: float
    files: Files
    disk: float
    threads: int
    has_gpu: bool
    network_bytes: int


@dataclass(frozen=True)
class Plan:
    """Seconds by part, bytes on disk and in memory, and what decides.

    Attributes
    ----------
    network, encode, assemble : float
        Seconds, as if each ran alone.
    seconds : float
        The whole run.
    partial, files : int
        Bytes on disk of chunks, while the run lasts, and of BigWigs.
    memory : int
        Bytes a worker.
    bottleneck : {"network", "encoding", "disk"}
    """

    workers: int
    tracks: int
    values: int
    windows: float
    network: float
    encode: float
    assemble: float
    seconds: float
    partial: int
    files: int
    memory: int
    bottleneck: str


def calibrate(
    model: Model,
    genome: Genome,
    directory: Path,
    *,
    ensemble: Ensemble,
    precision: str = "float32",
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> Calibration:
    """Time the parts of a prediction on this machine; takes seconds to a minute.

    Parameters
    ----------
    directory : path
        Where predictions will be written; a file is written there and removed.
    workers : Workers, optional
        Several of them share this machine's processors; each is timed with its share.
    """
    tell = progress or silent
    workers = workers or Workers()
    threads, starting = workers.threads, _time_start(workers)
    began = time.perf_counter()
    tf = import_tensorflow()
    starting += time.perf_counter() - began
    if threads:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
    threads = threads or os.cpu_count() or 1
    chrom, length = max(genome.lengths.items(), key=lambda item: item[1])
    bins = -(-length // model.bin)
    layout = Layout.of(model, ensemble, min(bins, stretch_bins(model.bin)))
    windows = reference_windows(layout, genome, chrom, 0, min(bins, (_ROUNDS + 1) * layout.core))
    seconds, found = [], []
    for number, window in enumerate(windows):
        tell(number, _ROUNDS + 2, "calibrating")
        began = time.perf_counter()
        predicted = model.predict(window.one_hot[None], ensemble, precision)[0]
        seconds.append(time.perf_counter() - began)
        found.append(window.take(predicted))
    values = np.concatenate(found)[: stretch_bins(model.bin)]
    values = np.ascontiguousarray(values[:, : max(1, _VALUES // len(values))].T)
    tell(_ROUNDS + 1, _ROUNDS + 2, "calibrating")
    files = _time_files(values, genome, chrom, model.bin, directory)
    disk = _time_disk(directory)
    tell(_ROUNDS + 2, _ROUNDS + 2, "calibrating")
    bases = layout.bases
    rows = layer_rows(dataclasses.replace(model.architecture, sequence_length=bases))
    return Calibration(
        start=starting + seconds[0],
        window=statistics.median(seconds[1:] or seconds),
        core=layout.core,
        window_bases=bases,
        window_flop=float(sum(row.flops for row in rows) * len(ensemble.members)),
        files=files,
        disk=disk,
        threads=threads,
        has_gpu=bool(tf.config.list_physical_devices("GPU")),
        # Input and output of the largest layer, and the weights.
        network_bytes=8 * max(row.positions * row.channels for row in rows)
        + 4 * sum(map(np.size, model.weights.values())),
    )


def make_plan(
    calibration: Calibration,
    *,
    bins: int,
    bin: int,
    tracks: int,
    windows: float | None = None,
    workers: int = 1,
    cpus: int | None = None,
    gpu_flops: float | None = None,
) -> Plan:
    """Scale a calibration up.

    Parameters
    ----------
    bins, bin : int
        Of the genome, and bases a bin.
    tracks : int
        That are written; the calibrated model has as many outputs.
    windows : float, optional
        Of the calibrated size, as `count_windows` counts them; by default the fewest.
    workers : int
        On this machine, or each on a machine of its own if `cpus` is given.
    cpus : int, optional
        Processors of each worker; by default all workers share those of this machine.
    gpu_flops : float, optional
        Operations a second that a GPU is assumed to reach; otherwise the network runs as fast as
        it was measured here.
    """
    here = os.cpu_count() or 1
    windows = windows or -(-bins // calibration.core)
    values, window = bins * tracks, calibration.window
    on_gpu = gpu_flops is not None or calibration.has_gpu
    if gpu_flops is not None:
        window = calibration.window_flop / gpu_flops
    processors = workers * cpus if cpus else here
    network = windows * window / workers
    at_once = chunks_at_once(cpus or here)
    costs, hands = calibration.files, min(processors, workers * at_once)
    encode = values * costs.encode / hands
    # A worker assembles in one process; a run without further workers, in one a processor.
    assemblers = here if workers == 1 and not cpus else workers
    assemble = (values * costs.assemble + tracks * costs.each) / assemblers
    partial, files = int(values * costs.packed), int(values * costs.written)
    # Chunks are written while the network runs, then read again while files are written. One writer
    # was timed; a parallel file system may take more.
    first, second = partial / calibration.disk, (partial + files) / calibration.disk
    computing = max(network, encode) if on_gpu else network + encode
    seconds = calibration.start + max(computing, first) + max(assemble, second)
    parts = {"network": network, "encoding": encode + assemble, "disk": first + second}
    return Plan(
        workers=workers,
        tracks=tracks,
        values=values,
        windows=windows,
        network=network,
        encode=encode,
        assemble=assemble,
        seconds=seconds,
        partial=partial,
        files=files,
        memory=calibration.network_bytes + at_once * stretch_bins(bin) * tracks * 4,
        bottleneck=max(parts, key=lambda part: parts[part]),
    )


def count_windows(
    model: Model, genome: Genome, ensemble: Ensemble, calibration: Calibration
) -> float:
    """Windows that a genome is predicted in, short ones counted by their share of bases."""
    bases = 0
    for chunk in genome_chunks(genome, model.bin):
        layout = Layout.of(model, ensemble, chunk.end - chunk.first)
        bases += layout.bases * -(-(chunk.end - chunk.first) // layout.core)
    return bases / calibration.window_bases


def with_outputs(model: Model, tracks: int, seed: int = 0) -> Model:
    """Give a model with as many outputs, made of those it has: each one's weights, scaled.

    For timing and planning only: it costs what a trained model of so many tracks would.
    """
    architecture = dataclasses.replace(model.architecture, tracks=tracks)
    rng, weights = np.random.default_rng(seed), {}
    source = np.arange(tracks) % len(model.tracks)
    scale = rng.uniform(0.7, 1.3, tracks).astype(np.float32)
    for name, shape in weight_shapes(architecture).items():
        known = model.weights[name]
        weights[name] = known if known.shape == tuple(shape) else known[..., source] * scale
    names = [f"track{number}" for number in range(tracks)]
    return Model(
        architecture,
        weights,
        names,
        output_scale=model.output_scale[source].tolist(),
        transforms=[model.transforms[i] for i in source],
    )


def _time_start(workers: Workers) -> float:
    """Seconds until as many workers as this machine is to run have done something."""
    if workers.count == 1:
        return 0.0
    began = time.perf_counter()
    with workers.open() as runner:
        for _ in runner.run(_nothing, ((number, None) for number in range(workers.count))):
            pass
    return time.perf_counter() - began


def _nothing(task: None) -> None:
    pass


def _time_files(values: np.ndarray, genome: Genome, chrom: str, bin: int, directory: Path) -> Files:
    chrom_id, length = chromosome_ids(genome.lengths)[chrom], genome.lengths[chrom]

    zoom_bins = zoom_levels(max(genome.lengths.values()), bin)

    def encode(track: np.ndarray) -> bytes:
        return encode_stretch(
            round_mantissa(track, MANTISSA_BITS), 0, chrom_id, length, bin, zoom_bins
        ).pack()  # fmt: skip

    encode(values[0])
    began = time.perf_counter()
    packed = [encode(track) for track in values]
    encoded = time.perf_counter() - began
    stretches = [EncodedStretch.unpack(piece) for piece in packed[:8]]
    with TemporaryDirectory(dir=_existing(directory)) as folder:
        short, long = (
            _time_assembly(Path(folder), genome, chrom, bin, [[s] * repeats for s in stretches])
            for repeats in (1, _REPEATS)
        )
    count, bins = len(stretches), values.shape[1]
    a_value = max(0.0, long[0] - short[0]) / ((_REPEATS - 1) * count * bins)
    return Files(
        encoded / values.size,
        a_value,
        max(0.0, short[0] / count - a_value * bins),
        sum(map(len, packed)) / values.size,
        long[1] / (_REPEATS * count * bins),
    )


def _time_assembly(
    folder: Path, genome: Genome, chrom: str, bin: int, files: list[list[EncodedStretch]]
) -> tuple[float, int]:
    """Seconds and bytes of some files, given the stretches of each."""
    began, size = time.perf_counter(), 0
    for number, stretches in enumerate(files):
        file = folder / f"{number}.bw"
        with new_bigwig(file, genome.lengths, bin) as writer:
            writer.add_chromosome(chrom, stretches)
        size += file.stat().st_size
    return time.perf_counter() - began, size


def _time_disk(directory: Path) -> float:
    """Bytes a second of a file that is written and synchronised."""
    file = _existing(directory) / f".speed-{uuid.uuid4().hex}.part"
    block = np.random.default_rng(0).bytes(1 << 20)
    try:
        began = time.perf_counter()
        with file.open("wb") as out:
            for _ in range(_DISK_BYTES >> 20):
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
        return _DISK_BYTES / (time.perf_counter() - began)
    finally:
        file.unlink(missing_ok=True)


def _existing(directory: Path) -> Path:
    while not directory.is_dir():
        if directory == directory.parent:
            raise SighthoundError(f"{directory} does not exist; give a folder on a disk")
        directory = directory.parent
    return directory
