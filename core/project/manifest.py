"""manifest.json of a folder of predictions or of saliency, and progress.json of a run.

A manifest says of which model, genome and settings the files of its folder are, which tracks are
there, of predictions with their checksums, and which are still to come. Progress is there only
while a run is under way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from sighthound.core.errors import SighthoundError
from sighthound.core.files import read_json, write_json
from sighthound.core.model.ensemble import Ensemble

MANIFEST_FILE, PROGRESS_FILE = "manifest.json", "progress.json"
# What a person calls the entries that may not differ within one folder.
_PREDICTION_WORDS = {
    "model": "model",
    "genome": "genome",
    "bases": "sequence of the genome",
    "bin": "bin size",
    "ensemble": "choice of strands and shifts",
    "precision": "precision",
    "individual": "individual",
    "version": "version of Sighthound",
}
_Value = TypeVar("_Value", str, int, float)


@dataclass(frozen=True)
class PredictionIdentity:
    """What predicted files depend on; None where a manifest does not say it.

    `bases` is the hash of all bases, of which manifests of older runs say nothing, and `individual`
    says by whose variants the genome was changed: hash of the VCF, sample and copy.
    """

    model: str | None = None
    genome: str | None = None
    bases: str | None = None
    version: str | None = None
    bin: int | None = None
    ensemble: Ensemble | None = None
    precision: str | None = None
    individual: Mapping[str, Any] | None = None

    def differences(self, now: PredictionIdentity) -> list[str]:
        """Say in words in what these files are of something else than `now`."""
        return [
            f"{word} ({_short(was)}, now {_short(wanted)})"
            for key, word in _PREDICTION_WORDS.items()
            for was, wanted in [(getattr(self, key), getattr(now, key))]
            if was != wanted and not (key == "bases" and was is None)
        ]

    def to_json(self) -> dict[str, Any]:
        """Give the entries of a manifest, as they are read again."""
        ensemble = self.ensemble
        said = ensemble and {**asdict(ensemble), "shifts": list(ensemble.shifts)}
        return {**{f.name: getattr(self, f.name) for f in fields(self)}, "ensemble": said}

    @classmethod
    def of_json(cls, said: Mapping[str, Any], file: Path) -> PredictionIdentity:
        """Read the entries of a manifest.

        Raises
        ------
        SighthoundError
            An entry is of another kind.
        """
        individual = said.get("individual")
        if individual is not None and not isinstance(individual, dict):
            raise _unexpected(file, "individual", individual)
        return cls(
            model=_value(said, "model", str, file),
            genome=_value(said, "genome", str, file),
            bases=_value(said, "bases", str, file),
            version=_value(said, "version", str, file),
            bin=_value(said, "bin", int, file),
            ensemble=_ensemble(said.get("ensemble"), file),
            precision=_value(said, "precision", str, file),
            individual=individual,
        )


@dataclass(frozen=True)
class PredictedFile:
    """A predicted BigWig as it was written."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class PredictionsManifest:
    """What a folder of predictions holds, and of what; in `pending`, tracks that are to come."""

    identity: PredictionIdentity = PredictionIdentity()
    files: Mapping[str, PredictedFile] = field(default_factory=dict)
    pending: tuple[str, ...] = ()

    @property
    def tracks(self) -> tuple[str, ...]:
        """Ids of the tracks that are there, and of those that are to come."""
        return *self.files, *self.pending

    @property
    def ensemble(self) -> Ensemble:
        """What the predicted files average; nothing where it is not said."""
        return self.identity.ensemble or Ensemble()

    @property
    def precision(self) -> str:
        """What the network computed in."""
        return self.identity.precision or "float32"

    def write(self, directory: Path) -> None:
        """Write it into a folder of predictions."""
        content = {
            **self.identity.to_json(),
            "files": {track: asdict(file) for track, file in self.files.items()},
            "pending": list(self.pending),
            "tracks": list(self.tracks),
            "complete": not self.pending,
        }
        write_json(manifest_file(directory), content)


def manifest_file(directory: Path) -> Path:
    """Where the manifest of a folder is."""
    return directory / MANIFEST_FILE


def progress_file(directory: Path) -> Path:
    """Where the progress of a run is, while there is one."""
    return directory / PROGRESS_FILE


def read_predictions(directory: Path) -> PredictionsManifest | None:
    """Read the manifest of a folder of predictions; None where there is none that says anything.

    Raises
    ------
    SighthoundError
        An entry is of another kind than this program writes.
    """
    file = manifest_file(directory)
    said = _said(file)
    if not said:
        return None
    files = said.get("files") or {}
    if not isinstance(files, dict) or not all(isinstance(f, dict) for f in files.values()):
        raise _unexpected(file, "files", files)
    return PredictionsManifest(
        PredictionIdentity.of_json(said, file),
        {
            track: PredictedFile(
                _value(known, "sha256", str, file) or "", _value(known, "bytes", int, file) or 0
            )
            for track, known in files.items()
        },
        _names(said, "pending", file),
    )


@dataclass(frozen=True)
class RunProgress:
    """How far a run is: `done` of `total` units of a phase, and when that was, in s since 1970.

    `rate` is in units a second; it and `seconds_left` are None before there is one.
    """

    phase: str = ""
    done: int = 0
    total: int = 0
    unit: str = ""
    rate: float | None = None
    seconds_left: float | None = None
    updated: float = 0.0

    def write(self, directory: Path) -> None:
        """Write it into the folder that the run fills."""
        write_json(progress_file(directory), asdict(self))


def read_progress(directory: Path) -> RunProgress | None:
    """Read how far a run is; None without one.

    Raises
    ------
    SighthoundError
        An entry is of another kind than this program writes.
    """
    file = progress_file(directory)
    said = _said(file)
    if not said:
        return None
    return RunProgress(
        _value(said, "phase", str, file) or "",
        _value(said, "done", int, file) or 0,
        _value(said, "total", int, file) or 0,
        _value(said, "unit", str, file) or "",
        _number(said, "rate", file),
        _number(said, "seconds_left", file),
        _number(said, "updated", file) or 0.0,
    )


@dataclass(frozen=True)
class SaliencyManifest:
    """What a folder of saliency holds, and of what.

    `identity` is what may not differ within one folder, as the command that writes it lists it.
    """

    identity: Mapping[str, Any]
    tracks: tuple[str, ...] = ()
    complete: bool = False

    def write(self, directory: Path) -> None:
        """Write it into a folder of saliency."""
        content = {**self.identity, "tracks": list(self.tracks), "complete": self.complete}
        write_json(manifest_file(directory), content)


def read_saliency(directory: Path) -> SaliencyManifest | None:
    """Read the manifest of a folder of saliency; None where there is none.

    Raises
    ------
    SighthoundError
        The tracks are no list of names.
    """
    said = _said(manifest_file(directory))
    if not said:
        return None
    tracks = _names(said, "tracks", manifest_file(directory))
    identity = {k: v for k, v in said.items() if k not in ("tracks", "complete")}
    return SaliencyManifest(identity, tracks, said.get("complete") is True)


def _said(file: Path) -> dict[str, Any]:
    said = read_json(file)
    return said if isinstance(said, dict) else {}


def _value(said: Mapping[str, Any], key: str, kind: type[_Value], file: Path) -> _Value | None:
    value = said.get(key)
    if value is None or (isinstance(value, kind) and not isinstance(value, bool)):
        return value
    raise _unexpected(file, key, value)


def _number(said: Mapping[str, Any], key: str, file: Path) -> float | None:
    whole = isinstance(said.get(key), int)
    number = _value(said, key, int, file) if whole else _value(said, key, float, file)
    return None if number is None else float(number)


def _names(said: Mapping[str, Any], key: str, file: Path) -> tuple[str, ...]:
    names: Sequence[Any] = said.get(key) or []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise _unexpected(file, key, names)
    return tuple(names)


def _ensemble(said: Any, file: Path) -> Ensemble | None:
    if said is None:
        return None
    shifts = said.get("shifts") or [0] if isinstance(said, dict) else None
    if not isinstance(shifts, list) or not all(isinstance(shift, int) for shift in shifts):
        raise _unexpected(file, "ensemble", said)
    return Ensemble(bool(said.get("reverse_complement")), tuple(shifts))


def _unexpected(file: Path, key: str, value: Any) -> SighthoundError:
    return SighthoundError(
        f"{file}: {key} is {_short(value)}, which this program does not write; "
        "delete the file, and make what its folder holds again"
    )


def _short(value: Any) -> str:
    said = asdict(value) if isinstance(value, Ensemble) else value
    text = "unknown" if said is None else json.dumps(said).strip('"')
    return text if len(text) <= 60 else f"{text[:57]}..."
