"""Predict the whole genome and write one BigWig a track.

The genome is cut into chunks, which workers predict and encode into files (`prediction_chunks`);
when all are there, the tracks are put together from them (`prediction_files`). A run that is killed
at any point, worker, scheduler or all, goes on from the chunks and BigWigs that are complete, and
ends with the same bytes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sighthound.core import __version__
from sighthound.core.errors import SighthoundError
from sighthound.core.files import check_output_folder, file_sha256
from sighthound.core.genome.sequence import Genome
from sighthound.core.interpretation.window_predictions import Layout
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model, load_model
from sighthound.core.progress import Progress
from sighthound.core.project.manifest import PredictionIdentity
from sighthound.core.project.settings import Project
from sighthound.core.tracks.track import Track
from sighthound.core.variants.individual import Individual, read_individual
from sighthound.precompute.cluster.tasks import TaskRunner, Workers
from sighthound.precompute.genome_wide.chunks import (
    CONCURRENT,
    Chunk,
    ChunkTask,
    chunks_at_once,
    compute_chunk,
    genome_chunks,
    run_chunks,
)
from sighthound.precompute.genome_wide.files import (
    TRACKS_TOGETHER,
    AssemblyTask,
    PredictionFolder,
    ProgressFile,
    assemble,
)


@dataclass(frozen=True)
class Calls:
    """Variant calls whose alleles are written into the genome.

    Attributes
    ----------
    sample : str, optional
        May be left out where the file has one or none.
    copy : int, optional
        Only this copy of the genome, from 1; the mean of all by default.
    """

    vcf: Path
    sample: str | None = None
    copy: int | None = None


@dataclass(frozen=True)
class PredictionSummary:
    """What a run came to.

    Attributes
    ----------
    directory : path
    tracks : tuple of str
        Written by this run.
    seconds : float
        From its first chunk to its last file.
    network : float
        The part of these in which some worker's network was at work.
    after_network : float
        Seconds from when the network had done its last window to the end.
    left_out : tuple of str
        One line a kind of an individual's alleles that are not used.
    """

    directory: Path
    tracks: tuple[str, ...]
    seconds: float = 0.0
    network: float = 0.0
    after_network: float = 0.0
    left_out: tuple[str, ...] = ()


def predict_genome(
    project: Project,
    tracks: Sequence[str] | None = None,
    progress: Progress | None = None,
    ensemble: Ensemble | None = None,
    precision: str = "float32",
    *,
    directory: Path | None = None,
    calls: Calls | None = None,
    workers: Workers | None = None,
    batch_size: int = 0,
    replace: bool = False,
) -> PredictionSummary:
    """Write the predicted BigWigs of a project, or go on with an interrupted run.

    Parameters
    ----------
    tracks : sequence of str, optional
        Ids of the tracks to write; all of the model's by default. Those that are there stay.
    progress : callable, optional
        Called with (done, total, what), in bases and then in tracks; may raise to stop.
    ensemble : Ensemble, optional
        Averages strands and shifts; only the forward strand by default.
    precision : {"float32", "bfloat16"}
        What the network computes in; see `Model.predict`.
    directory : path, optional
        The project's predictions by default.
    calls : Calls, optional
        Predicts the genome of an individual, in the reference's coordinates; needs a directory.
    workers : Workers, optional
        This process by default.
    batch_size : int
        Windows that the network is given at once; 0 lets each worker choose.
    replace : bool
        Replace predictions of another model, genome or setting; otherwise they are an error.

    Raises
    ------
    SighthoundError
        No model, a model of another genome, or one whose tracks are not the tracks table's; the
        folder holds predictions of something else; calls without a folder of their own.
    """
    model, genome = load_model(project.model.directory), project.open_genome()
    check_model(model, project.read_tracks(), genome)
    wanted = list(model.tracks) if tracks is None else list(dict.fromkeys(tracks))
    columns = {track: model.track_index(track) for track in wanted}
    ensemble, workers = ensemble or Ensemble(), workers or Workers()
    individual, left_out = _individual(project, genome, calls, directory)
    folder = PredictionFolder(directory or project.predictions.directory)
    check_output_folder(folder.directory)
    folder.directory.mkdir(parents=True, exist_ok=True)
    identity = _identity(model, genome, ensemble, precision, calls)
    held = folder.begin(identity, wanted, replace)
    columns |= {track: model.track_index(track) for track in held}
    run = _Run(project, model, genome, folder, individual, progress)
    began, spans = time.time(), []
    if held:
        # A helper must have enough to do to be worth starting.
        at_once = chunks_at_once(workers.queue.cpus) if workers.queue else CONCURRENT
        with workers.open(at_once, len(held) // (8 * TRACKS_TOGETHER)) as runner:
            settings = {
                "columns": tuple(columns[track] for track in held),
                "ensemble": ensemble,
                "precision": precision,
                "batch_size": batch_size,
                "threads": workers.threads,
            }
            spans = run.compute(runner, settings)
            run.assemble(runner, held)
    folder.finish()
    return PredictionSummary(
        folder.directory,
        tuple(t for t in held if t in wanted),
        (ended := time.time()) - began,
        _covered(spans),
        ended - max((last for _, last in spans), default=began),
        tuple(left_out),
    )


@dataclass(frozen=True)
class _Run:
    project: Project
    model: Model
    genome: Genome
    folder: PredictionFolder
    individual: Individual | None
    progress: Progress | None

    def compute(self, runner: TaskRunner, settings: dict[str, Any]) -> list[tuple[float, float]]:
        """Make the chunk files; give when the network was at work."""
        size, directory = self.model.bin, self.folder.chunks
        tell = self._teller("network", "bases")

        def task_of(chunk: Chunk) -> ChunkTask:
            return ChunkTask(
                self.project.root, self.project.model.directory, self.model.hash, directory,
                chunk, copies=self._copies(chunk, settings["ensemble"]), **settings,
            )  # fmt: skip

        spans: list[tuple[float, float]] = []
        for at_work in run_chunks(
            runner,
            compute_chunk,
            genome_chunks(self.genome, size),
            lambda chunk: chunk.file(directory).is_file(),
            task_of,
            lambda done, total, _="": tell(done * size, total * size),
        ):
            spans += at_work
        return spans

    def assemble(self, runner: TaskRunner, held: Sequence[str]) -> None:
        """Make the BigWigs of the chunks."""
        chunks = tuple(genome_chunks(self.genome, self.model.bin))
        pending = [(row, t) for row, t in enumerate(held) if t in self.folder.manifest.pending]
        groups: list[list[tuple[int, str]]] = []
        for row, track in pending:
            if not groups or len(groups[-1]) == TRACKS_TOGETHER or groups[-1][-1][0] + 1 != row:
                groups.append([])
            groups[-1].append((row, track))
        tell = self._teller("files", "tracks")

        def tasks() -> Iterator[tuple[int, AssemblyTask]]:
            for number, group in enumerate(groups):
                rows, names = zip(*group, strict=True)
                yield (
                    number,
                    AssemblyTask(
                        self.project.root, self.folder.directory, self.folder.chunks, chunks,
                        names, rows, self.model.bin,
                    ),
                )  # fmt: skip

        done = len(held) - len(pending)
        for _, files in runner.run(assemble, tasks(), holds_lock=True):
            self.folder.done(files)
            done += len(files)
            tell(done, len(held))

    def _copies(self, chunk: Chunk, ensemble: Ensemble) -> list[list[Any]] | None:
        if self.individual is None:
            return None
        size = self.model.bin
        margin = Layout.of(self.model, ensemble, chunk.end - chunk.first).margin * size
        return self.individual.within(
            chunk.chrom, chunk.first * size - 2 * margin, chunk.end * size + 2 * margin
        )

    def _teller(self, phase: str, unit: str) -> Progress:
        """Tell the terminal and the page of one phase; what is told never goes backwards."""
        file, furthest, telling = ProgressFile(self.folder.directory), 0, threading.Lock()

        def tell(done: int, total: int, _: str = "", /) -> None:
            nonlocal furthest
            with telling:
                furthest = max(furthest, min(done, total))
                file.tell(furthest, total, phase, unit)
                if self.progress:
                    self.progress(furthest, total, phase)

        return tell


def check_model(model: Model, tracks: Sequence[Track], genome: Genome) -> None:
    """Check that a model predicts the tracks of a table, on the genome it was trained on.

    Replicates of tracks that it predicts may be in the table alone: they are there to be compared.

    Raises
    ------
    SighthoundError
        Names the tracks that only one of them has, or the other genome.
    """
    table = [track.id for track in tracks]
    missing = [
        track.id
        for track in tracks
        if track.id not in model.tracks and track.replicate_of not in model.tracks
    ]
    unknown = [track for track in model.tracks if track not in table]
    if missing or unknown:
        parts = []
        if unknown:
            parts.append(f"only the model has {_some(unknown)}")
        if missing:
            parts.append(f"only the table has {_some(missing)}")
        raise SighthoundError(
            f"the model does not match the tracks table: {'; '.join(parts)}; "
            "correct the table, or train again"
        )
    trained_on = model.info.get("genome")
    if trained_on and trained_on != genome.fingerprint:
        raise SighthoundError(
            f"the model was trained on another genome than {genome.path.name} "
            f"({trained_on}, here {genome.fingerprint}); use that genome, or train again"
        )


def _individual(
    project: Project, genome: Genome, calls: Calls | None, directory: Path | None
) -> tuple[Individual | None, list[str]]:
    if calls is None:
        return None, []
    if directory is None or directory.resolve() == project.predictions.directory.resolve():
        raise SighthoundError(
            "an individual's predictions need a folder of their own; give one with --output DIR"
        )
    return read_individual(calls.vcf, genome, calls.sample, calls.copy)


def _identity(
    model: Model, genome: Genome, ensemble: Ensemble, precision: str, calls: Calls | None
) -> PredictionIdentity:
    individual = None
    if calls is not None:
        individual = {"vcf": file_sha256(calls.vcf), "sample": calls.sample, "copy": calls.copy}
    return PredictionIdentity(
        model=model.hash,
        genome=genome.fingerprint,
        bases=genome.bases_hash,
        version=__version__,
        bin=model.bin,
        ensemble=ensemble,
        precision=precision,
        individual=individual,
    )


def _covered(spans: Sequence[tuple[float, float]]) -> float:
    """Seconds in at least one span."""
    total, end = 0.0, float("-inf")
    for start, last in sorted(spans):
        total += max(0.0, last - max(start, end))
        end = max(end, last)
    return total


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
