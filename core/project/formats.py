"""What of a project an answer reads: it declares the formats, and may then read no others.

An answer that is kept, here or by a browser, holds for the files that it was read from. They are
those of the formats that it declares; in every answer, of the genome and the settings besides. A
reader says what it reads, and is refused where that is not declared: so no file can be forgotten.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sighthound.core.files import stamps
from sighthound.core.model.model import DESCRIPTION, MEMBERS, WEIGHTS, member_folders
from sighthound.core.project.evaluation import evaluation_files
from sighthound.core.project.folds import folds_file
from sighthound.core.project.held_out import held_out_files
from sighthound.core.project.layout import nulls_folder, prediction_file
from sighthound.core.project.manifest import manifest_file
from sighthound.core.project.settings import Project
from sighthound.core.project.truth import truth_files, truth_folder
from sighthound.core.tracks.track import Track


class Format(StrEnum):
    """A kind of file of a project."""

    GENES = "annotation"
    TRACKS = "table of tracks"
    TRACK_SETS = "sets of tracks"
    MODEL = "description of the model"
    WEIGHTS = "weights of the model"
    MEMBERS = "networks that taught the model"
    MANIFEST = "manifest of predictions"
    PREDICTED = "which tracks are predicted"
    FOLDS = "folds"
    HELD_OUT = "held-out accuracy"
    SIGNALS = "signals of tracks"
    CARDS = "cards beside experiments"
    TRUTH = "tables of measured effects"
    NULLS = "effects of random substitutions"


@dataclass(frozen=True)
class Declaration:
    """What an answer is: its name, its version, and the formats that it reads.

    `version` is counted up when the form or the meaning of the answer changes.
    """

    name: str
    version: int
    formats: frozenset[Format]

    def key(self, project: Project, tracks: Sequence[Track] = ()) -> str:
        """Give what changes whenever this answer could; `tracks` are those whose signals it reads.

        Settings count as they were loaded: options of a command line may have changed them.
        """
        named = (self.name, self.version, repr(project), stamps(self.files(project, tracks)))
        return hashlib.sha256(repr(named).encode()).hexdigest()[:24]

    def files(self, project: Project, tracks: Sequence[Track] = ()) -> list[Path]:
        """Give the files that this answer reads, those that are not there yet among them."""
        found = [project.genome.fasta]
        for kind in Format:
            if kind in self.formats:
                found += files_of(project, kind, tracks)
        return found


def files_of(project: Project, kind: Format, tracks: Sequence[Track] = ()) -> list[Path]:
    """Give the files of a format, those that are not there yet among them."""
    match kind:
        case Format.GENES:
            return [file for file in [project.genome.genes] if file is not None]
        case Format.TRACKS:
            return [project.tracks.table]
        case Format.TRACK_SETS:
            return [file for file in [project.tracks.sets] if file is not None]
        case Format.MODEL:
            return [project.model.directory / DESCRIPTION]
        case Format.WEIGHTS:
            return [project.model.directory / WEIGHTS]
        case Format.MEMBERS:
            folder = project.model.directory
            own = [f / name for f in member_folders(folder) for name in (DESCRIPTION, WEIGHTS)]
            return [folder / MEMBERS, *own]
        case Format.MANIFEST:
            return [manifest_file(project.predictions.directory)]
        case Format.PREDICTED:
            # The time of a folder changes when a file appears or goes.
            return [project.predictions.directory]
        case Format.FOLDS:
            return [folds_file(project)]
        case Format.HELD_OUT:
            return [*held_out_files(project), *evaluation_files(project)]
        case Format.CARDS:
            # As of predictions, it matters which are there.
            return sorted({t.experiment.parent for t in tracks if t.experiment is not None})
        case Format.TRUTH:
            return [truth_folder(project), *truth_files(project)]
        case Format.NULLS:
            return sorted(nulls_folder(project).glob("*.parquet"))
        case Format.SIGNALS:
            return [file for t in tracks for file in (prediction_file(project, t.id), *t.files)]


class UndeclaredError(AssertionError):
    """An answer reads what it did not declare: a fault of the program."""


_allowed: ContextVar[Declaration | None] = ContextVar("declaration", default=None)


@contextmanager
def reading(declaration: Declaration) -> Iterator[None]:
    """Let what is read until the end of the block be only what an answer declares."""
    token = _allowed.set(declaration)
    try:
        yield
    finally:
        _allowed.reset(token)


def reads(kind: Format) -> None:
    """Say that a file of a format is read now.

    Raises
    ------
    UndeclaredError
        The answer that is being made does not declare the format.
    """
    declaration = _allowed.get()
    if declaration is not None and kind not in declaration.formats:
        raise UndeclaredError(f"the answer {declaration.name!r} reads, undeclared, the {kind}")
