"""What a data set is made from: when any of it changes, the data set is stale."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sighthound.core.bigwig.structure import byte_order
from sighthound.core.errors import SighthoundError
from sighthound.core.files import content_mark, file_sha256
from sighthound.core.genome.sequence import Genome
from sighthound.core.project.settings import Project
from sighthound.core.tracks.track import Track
from sighthound.precompute.datasets.held_out_chromosomes import learned_tracks

FORMAT = 2
_RECORD_FILES = ("statistics.json", "sequences.bed", "targets.txt")
_REGIONS = ("gaps", "blacklist", "unmappable")  # of [genome]
_NAMED = 3  # tracks that a message names


def identity(project: Project, genome: Genome) -> dict[str, Any]:
    """Give what a data set is made from, for its statistics.json.

    Returns
    -------
    dict
        `format`, `genome`, `tracks_table` and `settings`, by which a training knows its data, and
        `inputs`: hashes of every base, of the files of regions, and of what each experiment holds.

    Raises
    ------
    SighthoundError
        A file that the settings name is not there.
    """
    settings = project.dataset
    tracks = [] if settings.records else learned_tracks(project, genome)
    return {
        "format": FORMAT,
        "genome": genome.fingerprint,
        "tracks_table": _table(project, tracks),
        "settings": {
            "sequence_length": settings.sequence_length,
            "bin": settings.bin,
            "crop": settings.crop,
            "valid": list(settings.valid) if isinstance(settings.valid, tuple) else settings.valid,
            "test": list(settings.test) if isinstance(settings.test, tuple) else settings.test,
            "max_unmappable": settings.max_unmappable,
            "phases": settings.phases,
            # Only where they are used: data sets made before there were these keys stay good.
            **({"stride": settings.stride} if settings.stride else {}),
            **({"homologous": settings.homologous} if settings.homologous else {}),
            **({"folds": settings.folds} if settings.folds else {}),
        },
        "inputs": _inputs(project, genome, tracks),
    }


def changes(statistics: dict[str, Any], project: Project, genome: Genome) -> list[str]:
    """Say what changed since a data set was made, in words.

    Parameters
    ----------
    statistics : dict
        Of its statistics.json. One that was made before it recorded its inputs is asked only for
        what it has.
    """
    now = identity(project, genome)
    found = [
        key.replace("_", " ")
        for key, value in now.items()
        if key != "inputs" and statistics.get(key) != value
    ]
    then, inputs = statistics.get("inputs"), now["inputs"]
    if then is None:
        return found
    if then["bases"] != inputs["bases"] and "genome" not in found:
        found.append("bases of the genome")
    found += [f"[genome] {name}" for name in _REGIONS if then.get(name) != inputs.get(name)]
    for what, of in (("experiments", "experiment of"), ("covered", "covered of")):
        before, after = then.get(what, {}), inputs.get(what, {})
        other = [name for name, mark in after.items() if before.get(name, mark) != mark]
        if other:
            rest = len(other) - _NAMED
            more = f" and {rest:,} others" if rest > 0 else ""
            found.append(f"{of} {', '.join(other[:_NAMED])}{more}")
    if then.get("records") != inputs.get("records"):
        found.append("records")
    return found


def _table(project: Project, tracks: list[Track]) -> str:
    """Hash the columns of the tracks table that targets depend on, or what records say."""
    records = project.dataset.records
    table = hashlib.sha256()
    for file in [records / name for name in _RECORD_FILES] if records else []:
        try:
            table.update(file.read_bytes())
        except OSError as error:
            raise SighthoundError(f"[dataset] records: {file}: {error.strerror}") from None
    for t in tracks:
        if t.experiment is None:
            continue
        covered = Path(t.covered).name if "/" in t.covered else t.covered
        size = t.experiment.stat().st_size
        row = (t.id, t.experiment.name, size, covered, t.aggregation, t.strand_pair)
        table.update(("\t".join(map(str, row)) + "\n").encode())
    return table.hexdigest()[:16]


def _inputs(project: Project, genome: Genome, tracks: list[Track]) -> dict[str, Any]:
    inputs: dict[str, Any] = {"bases": genome.bases_hash}
    for name in _REGIONS:
        file = getattr(project.genome, name)
        if file is not None:
            inputs[name] = _hash(_hash_of(file), file, f"[genome] {name}")
    records = project.dataset.records
    if records:
        found = sorted((records / "tfrecords").glob("*.tfr"))
        inputs["records"] = {f.name: _hash(content_mark, f, "[dataset] records") for f in found}
        return inputs
    measured = [track for track in tracks if track.experiment is not None]
    inputs["experiments"] = {
        t.id: _hash(content_mark, t.experiment, f"track {t.id!r}") for t in measured if t.experiment
    }
    inputs["covered"] = {
        t.id: _hash(file_sha256, t.covered_file, f"track {t.id!r}: covered")
        for t in measured
        if t.covered_file
    }
    return inputs


def _hash_of(file: Path) -> Callable[[Path], str]:
    """Mappability is a BigWig as large as an experiment's; regions are read whole."""
    try:
        with file.open("rb") as opened:
            return content_mark if byte_order(opened.read(4)) else file_sha256
    except OSError:
        return file_sha256  # says what is wrong


def _hash(hashed: Callable[[Path], str], file: Path, where: str) -> str:
    try:
        return hashed(file)[:16]
    except OSError as error:
        raise SighthoundError(f"{where}: {file}: {error.strerror or error}") from None
