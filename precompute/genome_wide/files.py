"""What a genome-wide prediction leaves: BigWigs, and a manifest of what they are.

While a run is under way, `.partial` holds its chunks, and a file of progress says how far it is.
"""

from __future__ import annotations

import dataclasses
import shutil
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sighthound.core.bigwig.files import unpublished_bigwig
from sighthound.core.errors import SighthoundError
from sighthound.core.files import file_sha256, publish, read_json, write_json
from sighthound.core.project.layout import track_bigwig
from sighthound.core.project.manifest import (
    PredictedFile,
    PredictionIdentity,
    PredictionsManifest,
    RunProgress,
    progress_file,
    read_predictions,
)
from sighthound.core.project.settings import load_project
from sighthound.precompute.cluster.tasks import check_running
from sighthound.precompute.genome_wide.chunks import Chunk, read_chunk

TRACKS_TOGETHER = 16  # that are assembled at once, so that a chunk file is read in long pieces
_PARTIAL, _CHUNKS, _RUN = ".partial", "chunks", "run.json"

_assembling = threading.Lock()


class PredictionFolder:
    """The folder of a project's predictions, or of those of one individual."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.chunks = directory / _PARTIAL / _CHUNKS
        self.manifest = read_predictions(directory) or PredictionsManifest()

    def begin(
        self, identity: PredictionIdentity, wanted: Sequence[str], replace: bool
    ) -> list[str]:
        """Go on with what is there, or begin.

        Parameters
        ----------
        identity : PredictionIdentity
            What the files depend on.
        wanted : sequence of str
            Track ids.
        replace : bool
            Remove what is there if it is of something else.

        Returns
        -------
        list of str
            The tracks that chunks hold; none if all that is wanted is there.

        Raises
        ------
        SighthoundError
            The folder holds predictions of something else.
        """
        known = self.manifest
        if known.tracks and (other := known.identity.differences(identity)):
            if not replace:
                raise SighthoundError(
                    f"{self.directory} holds predictions of another {'; another '.join(other)}; "
                    "move that folder away, or replace them with --replace"
                )
            for track in known.tracks:
                self.bigwig(track).unlink(missing_ok=True)
            known = PredictionsManifest()
        files = {track: f for track, f in known.files.items() if self.bigwig(track).is_file()}
        pending = [track for track in wanted if track not in files]
        held = pending
        if pending:
            run, of = self.directory / _PARTIAL / _RUN, identity.to_json()
            said = read_json(run)
            begun = said.get("tracks", [])
            if said == {**of, "tracks": begun} and set(pending) <= set(begun):
                held = begun
            else:
                shutil.rmtree(self.directory / _PARTIAL, ignore_errors=True)
                self.chunks.mkdir(parents=True)
                write_json(run, {**of, "tracks": held})
            for left in self.chunks.glob("*.part"):
                left.unlink(missing_ok=True)
        self._save(PredictionsManifest(identity, files, tuple(pending)))
        return held

    def done(self, files: Mapping[str, PredictedFile]) -> None:
        """Note BigWigs that are complete."""
        known = self.manifest
        pending = tuple(track for track in known.pending if track not in files)
        self._save(dataclasses.replace(known, files={**known.files, **files}, pending=pending))

    def forget(self, tracks: Sequence[str]) -> None:
        """Note that the files of these tracks have to be made again."""
        known = self.manifest
        files = {track: f for track, f in known.files.items() if track not in tracks}
        again = [track for track in tracks if track not in known.pending]
        self._save(dataclasses.replace(known, files=files, pending=(*known.pending, *again)))

    def finish(self) -> None:
        """Clear away what only a run needs."""
        shutil.rmtree(self.directory / _PARTIAL, ignore_errors=True)
        progress_file(self.directory).unlink(missing_ok=True)

    def _save(self, manifest: PredictionsManifest) -> None:
        self.manifest = manifest
        manifest.write(self.directory)

    def bigwig(self, track: str) -> Path:
        return track_bigwig(self.directory, track)


@dataclass(frozen=True)
class AssemblyTask:
    """Some neighbouring tracks to be put together from all chunks.

    Attributes
    ----------
    rows : tuple of int
        Of the chunk files, one after another.
    """

    project: Path
    directory: Path
    chunk_directory: Path
    chunks: tuple[Chunk, ...]
    tracks: tuple[str, ...]
    rows: tuple[int, ...]
    bin: int


def assemble(task: AssemblyTask) -> dict[str, PredictedFile]:
    """Write the BigWigs of some tracks; runs in a worker.

    Returns
    -------
    dict, track -> its file
    """
    # Threads of one process would only be in each other's way: this is Python's work.
    with _assembling:
        return _assemble(task)


def _assemble(task: AssemblyTask) -> dict[str, PredictedFile]:
    lengths = load_project(task.project).open_genome().lengths
    # A folder of its own: another process may be at the same tracks, after a scheduler was lost.
    work = task.chunk_directory.parent / f"assembly-{uuid.uuid4().hex}"
    work.mkdir(parents=True)
    try:
        made = [work / f"{number}.bw" for number in range(len(task.tracks))]
        with ExitStack() as stack:
            writers = [stack.enter_context(unpublished_bigwig(f, lengths, task.bin)) for f in made]
            for chrom in lengths:
                check_running()
                chunks = [chunk for chunk in task.chunks if chunk.chrom == chrom]
                pieces = [read_chunk(c.file(task.chunk_directory), task.rows) for c in chunks]
                for number, writer in enumerate(writers):
                    writer.add_chromosome(chrom, (piece[number] for piece in pieces))
        # Most of a small file's time is the disk's, which takes several at once.
        with ThreadPoolExecutor(len(made)) as pool:
            targets = [track_bigwig(task.directory, track) for track in task.tracks]
            return dict(zip(task.tracks, pool.map(_published, made, targets), strict=True))
    finally:
        shutil.rmtree(work, ignore_errors=True)


class ProgressFile:
    """How far a run is, for the page, written now and then."""

    def __init__(self, directory: Path, interval: float = 0.5) -> None:
        self.directory, self.interval = directory, interval
        self.phase, self.began, self.at_first, self.written = "", 0.0, 0, 0.0

    def tell(self, done: int, total: int, phase: str, unit: str) -> None:
        """Note that `done` of `total` units of a phase are done."""
        now = time.time()
        if phase != self.phase:
            self.phase, self.began, self.at_first, self.written = phase, now, done, 0.0
        if now - self.written < self.interval and done < total:
            return
        self.written = now
        gained = done - self.at_first
        rate = gained / (now - self.began) if gained and now > self.began else None
        left = (total - done) / rate if rate else None
        RunProgress(phase, done, total, unit, rate, left, now).write(self.directory)


def _published(file: Path, target: Path) -> PredictedFile:
    described = PredictedFile(file_sha256(file), file.stat().st_size)
    publish(file, target)
    return described
