"""What a genome-wide prediction leaves: BigWigs, and a manifest of what they are.

`manifest.json` says of which model, genome and settings the files are, which tracks are there with
their checksums, and which are still to come. While a run is under way, `.partial` holds its chunks
and `progress.json` says how far it is.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sighthound.core.bigwig.files import new_bigwig
from sighthound.core.errors import SighthoundError
from sighthound.core.files import file_sha256, read_json, write_json
from sighthound.core.project.settings import load_project
from sighthound.precompute.cluster.tasks import check_running
from sighthound.precompute.genome_wide.chunks import Chunk, read_chunk

MANIFEST, PROGRESS = "manifest.json", "progress.json"
TRACKS_TOGETHER = 16  # that are assembled at once, so that a chunk file is read in long pieces
_PARTIAL, _CHUNKS, _RUN = ".partial", "chunks", "run.json"
# What a person calls the entries of a manifest that may not differ within one folder.
_WORDS = {
    "model": "model",
    "genome": "genome",
    "bases": "sequence of the genome",
    "bin": "bin size",
    "ensemble": "choice of strands and shifts",
    "precision": "precision",
    "individual": "individual",
    "version": "version of Sighthound",
}


_assembling = threading.Lock()


class PredictionFolder:
    """The folder of a project's predictions, or of those of one individual."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.chunks = directory / _PARTIAL / _CHUNKS
        self.manifest: dict[str, Any] = read_json(directory / MANIFEST)

    def begin(self, identity: dict[str, Any], wanted: Sequence[str], replace: bool) -> list[str]:
        """Go on with what is there, or begin.

        Parameters
        ----------
        identity : dict
            What the files depend on; the keys of `_WORDS`.
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
        manifest = self.manifest
        if manifest and (other := self.differences(identity)):
            if not replace:
                raise SighthoundError(
                    f"{self.directory} holds predictions of another {'; another '.join(other)}; "
                    "move that folder away, or replace them with --replace"
                )
            for track in manifest.get("tracks", []):
                self.bigwig(track).unlink(missing_ok=True)
            manifest = {}
        files = {
            track: known
            for track, known in manifest.get("files", {}).items()
            if self.bigwig(track).is_file()
        }
        pending = [track for track in wanted if track not in files]
        self.manifest = {**identity, "files": files, "pending": pending}
        held = pending
        if pending:
            run = read_json(self.directory / _PARTIAL / _RUN)
            begun = run.get("tracks", [])
            if run == {**identity, "tracks": begun} and set(pending) <= set(begun):
                held = begun
            else:
                shutil.rmtree(self.directory / _PARTIAL, ignore_errors=True)
                self.chunks.mkdir(parents=True)
                write_json(self.directory / _PARTIAL / _RUN, {**identity, "tracks": held})
            for left in self.chunks.glob("*.part"):
                left.unlink(missing_ok=True)
        self.save()
        return held

    def differences(self, identity: dict[str, Any]) -> list[str]:
        """What the files here are of that differs from `identity`, in words.

        Manifests of older runs say nothing of "bases".
        """
        known = {"bases": identity["bases"], **self.manifest}
        return [
            f"{word} ({_short(known.get(key))}, now {_short(identity[key])})"
            for key, word in _WORDS.items()
            if known.get(key) != identity[key]
        ]

    def done(self, files: dict[str, dict[str, Any]]) -> None:
        """Note BigWigs that are complete."""
        self.manifest["files"] |= files
        self.manifest["pending"] = [t for t in self.manifest["pending"] if t not in files]
        self.save()

    def forget(self, tracks: Sequence[str]) -> None:
        """Note that the files of these tracks have to be made again."""
        for track in tracks:
            self.manifest["files"].pop(track, None)
        self.manifest["pending"] += [t for t in tracks if t not in self.manifest["pending"]]
        self.save()

    def finish(self) -> None:
        """Clear away what only a run needs."""
        shutil.rmtree(self.directory / _PARTIAL, ignore_errors=True)
        (self.directory / PROGRESS).unlink(missing_ok=True)

    def save(self) -> None:
        manifest = self.manifest
        manifest["tracks"] = [*manifest["files"], *manifest["pending"]]
        manifest["complete"] = not manifest["pending"]
        write_json(self.directory / MANIFEST, manifest)

    def bigwig(self, track: str) -> Path:
        return self.directory / f"{track}.bw"


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


def assemble(task: AssemblyTask) -> dict[str, dict[str, Any]]:
    """Write the BigWigs of some tracks; runs in a worker.

    Returns
    -------
    dict, track -> sha256 and bytes of its file
    """
    # Threads of one process would only be in each other's way: this is Python's work.
    with _assembling:
        return _assemble(task)


def _assemble(task: AssemblyTask) -> dict[str, dict[str, Any]]:
    lengths = load_project(task.project).open_genome().lengths
    # A folder of its own: another process may be at the same tracks, after a scheduler was lost.
    work = task.chunk_directory.parent / f"assembly-{uuid.uuid4().hex}"
    work.mkdir(parents=True)
    try:
        made = [work / f"{number}.bw" for number in range(len(task.tracks))]
        with ExitStack() as stack:
            writers = [stack.enter_context(new_bigwig(f, lengths, task.bin)) for f in made]
            for chrom in lengths:
                check_running()
                chunks = [chunk for chunk in task.chunks if chunk.chrom == chrom]
                pieces = [read_chunk(c.file(task.chunk_directory), task.rows) for c in chunks]
                for number, writer in enumerate(writers):
                    writer.add_chromosome(chrom, (piece[number] for piece in pieces))
        known = {t: _described(file) for t, file in zip(task.tracks, made, strict=True)}
        for track, file in zip(task.tracks, made, strict=True):
            os.replace(file, task.directory / f"{track}.bw")
        return known
    finally:
        shutil.rmtree(work, ignore_errors=True)


class ProgressFile:
    """How far a run is, for the page: `progress.json`, written now and then."""

    def __init__(self, directory: Path, interval: float = 0.5) -> None:
        self.file, self.interval = directory / PROGRESS, interval
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
        write_json(
            self.file,
            {
                "phase": phase,
                "done": done,
                "total": total,
                "unit": unit,
                "rate": rate,
                "seconds_left": (total - done) / rate if rate else None,
                "updated": now,
            },
        )


def _described(file: Path) -> dict[str, Any]:
    return {"sha256": file_sha256(file), "bytes": file.stat().st_size}


def _short(value: Any) -> str:
    text = "unknown" if value is None else json.dumps(value).strip('"')
    return text if len(text) <= 60 else f"{text[:57]}..."
