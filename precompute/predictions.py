"""Predict the whole genome and write one BigWig a track.

Windows overlap by the network's receptive field, so that every bin is predicted with its full
context and the result does not depend on where windows fall; beyond chromosome ends the context is
zeros. Predictions go to one array file a chromosome first, so a run that is killed at any point
goes on from there and ends with the same bytes.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from core import __version__
from core.bigwig import write_bigwig
from core.errors import SighthoundError
from core.genome import Genome, Interval
from core.inference import Ensemble, Model, load_model
from core.project import Project
from core.tracks import Track

MANIFEST = "manifest.json"
_PARTIAL = ".partial"
_WINDOW_BASES = 1 << 17  # a window's predicted part, unless the context asks for more
_WRITERS = 4


def predict_genome(
    project: Project,
    tracks: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
    ensemble: Ensemble | None = None,
    precision: str = "float32",
) -> None:
    """Write the predicted BigWigs of a project, or go on with an interrupted run.

    Parameters
    ----------
    tracks : sequence of str, optional
        Ids of the tracks to write; all of the model's by default.
    progress : callable, optional
        Called with (done, total), in units of work.
    ensemble : Ensemble, optional
        Averages strands and shifts; only the forward strand by default.
    precision : {"float32", "bfloat16"}
        What the network computes in; see `Model.predict`.

    Raises
    ------
    SighthoundError
        No model, a model of another genome, or one whose tracks are not the tracks table's.
    """
    model = load_model(project.model.directory)
    genome = project.open_genome()
    check_model(model, project.read_tracks(), genome)
    wanted = list(model.tracks) if tracks is None else list(dict.fromkeys(tracks))
    for track in wanted:
        model.track_index(track)
    ensemble = ensemble or Ensemble()
    directory = project.predictions.directory
    directory.mkdir(parents=True, exist_ok=True)
    manifest = _begin(
        directory,
        {
            "model": model.hash,
            "genome": genome.fingerprint,
            "version": __version__,
            "bin": model.bin,
            "ensemble": json.loads(json.dumps(dataclasses.asdict(ensemble))),
            "precision": precision,
        },
        wanted,
    )
    if not manifest["complete"]:
        _predict_chromosomes(directory, manifest, model, genome, ensemble, precision, progress)
        _write_bigwigs(directory, manifest, genome, progress)
        manifest |= {"pending": [], "complete": True}
        _write_manifest(directory, manifest)
    shutil.rmtree(directory / _PARTIAL, ignore_errors=True)


def predict_bins(
    model: Model,
    genome: Genome,
    chrom: str,
    start: int,
    end: int,
    *,
    ensemble: Ensemble | None = None,
    precision: str = "float32",
    window_bins: int | None = None,
    batch_size: int = 1,
) -> Iterator[tuple[int, np.ndarray]]:
    """Predict a stretch of a chromosome, every bin with its full context.

    Parameters
    ----------
    start, end : int
        Bins from the start of the chromosome.
    window_bins : int, optional
        Bins predicted in one window; an efficient number by default. It changes results by no
        more than rounding.
    batch_size : int
        Windows predicted at once.

    Yields
    ------
    (first bin, float32 array (bins, tracks)), in order and without gaps
    """
    ensemble = ensemble or Ensemble()
    context = model.receptive_field_bins
    context += math.ceil(max(abs(shift) for shift in ensemble.shifts) / model.bin)
    margin = max(context, model.crop)
    core = window_bins or max(_WINDOW_BASES // model.bin, 4 * margin)
    # Short stretches take short windows, in powers of two so that few shapes are compiled.
    core = min(core, 1 << max(0, end - start - 1).bit_length())
    cut = margin - model.crop
    starts = range(start, end, core)
    for index in range(0, len(starts), batch_size):
        group = starts[index : index + batch_size]
        sequences = np.stack(
            [
                genome.one_hot(
                    Interval(chrom, (s - margin) * model.bin, (s + core + margin) * model.bin)
                )
                for s in group
            ]
        )
        predicted = model.predict(sequences, ensemble, precision)
        for first, values in zip(group, predicted, strict=True):
            yield first, values[cut : cut + min(core, end - first)]


def check_model(model: Model, tracks: Sequence[Track], genome: Genome) -> None:
    """Check that a model predicts the tracks of a table, on the genome it was trained on.

    Raises
    ------
    SighthoundError
        Names the tracks that only one of them has, or the other genome.
    """
    table = [track.id for track in tracks]
    missing = [track for track in table if track not in model.tracks]
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


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _begin(directory: Path, identity: dict[str, Any], wanted: Sequence[str]) -> dict[str, Any]:
    """Go on with the manifest of the same run, or clear away what another run left.

    "tracks" lists every track of this model here, "pending" those whose files are still to come.
    """
    try:
        manifest = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        manifest = {}
    if any(manifest.get(key) != value for key, value in identity.items()):
        for track in manifest.get("tracks", []):
            _bigwig(directory, track).unlink(missing_ok=True)
        manifest = {}
    written = [
        track
        for track in manifest.get("tracks", [])
        if track not in manifest["pending"] and _bigwig(directory, track).is_file()
    ]
    pending = [track for track in wanted if track not in written]
    if not pending or pending != manifest.get("pending"):
        shutil.rmtree(directory / _PARTIAL, ignore_errors=True)
    done = [c for c in manifest.get("done", []) if _partial_file(directory, c).is_file()]
    manifest = {
        **identity,
        "tracks": written + pending,
        "pending": pending,
        "done": done if pending else manifest.get("done", []),
        "complete": not pending,
    }
    if pending:
        (directory / _PARTIAL).mkdir(exist_ok=True)
    _write_manifest(directory, manifest)
    return manifest


def _predict_chromosomes(
    directory: Path,
    manifest: dict[str, Any],
    model: Model,
    genome: Genome,
    ensemble: Ensemble,
    precision: str,
    progress: Callable[[int, int], None] | None,
) -> None:
    columns = [model.track_index(track) for track in manifest["pending"]]
    total = _work(genome)
    done = sum(genome.lengths[chrom] for chrom in manifest["done"])
    for chrom, length in genome.lengths.items():
        if chrom in manifest["done"]:
            continue
        bins = math.ceil(length / model.bin)
        file = _partial_file(directory, chrom)
        part = file.with_name(file.name + ".part")
        values = np.lib.format.open_memmap(part, "w+", np.float32, (len(columns), bins))
        for first, predicted in predict_bins(
            model, genome, chrom, 0, bins, ensemble=ensemble, precision=precision
        ):
            last = first + len(predicted)
            values[:, first:last] = predicted[:, columns].T
            if progress:
                progress(done + min(last * model.bin, length), total)
        values.flush()
        del values
        os.replace(part, file)
        done += length
        manifest["done"].append(chrom)
        _write_manifest(directory, manifest)


def _write_bigwigs(
    directory: Path,
    manifest: dict[str, Any],
    genome: Genome,
    progress: Callable[[int, int], None] | None,
) -> None:
    def write(row: int, track: str) -> None:
        values = (
            (chrom, np.load(_partial_file(directory, chrom), mmap_mode="r")[row])
            for chrom in genome.lengths
        )
        write_bigwig(_bigwig(directory, track), genome.lengths, values, manifest["bin"])

    tracks = manifest["pending"]
    predicted, total = sum(genome.lengths.values()), _work(genome)
    with ThreadPoolExecutor(_WRITERS) as pool:
        for done, _ in enumerate(pool.map(write, range(len(tracks)), tracks), 1):
            if progress:
                progress(predicted + (total - predicted) * done // len(tracks), total)


def _work(genome: Genome) -> int:
    """Units of progress: the bases to predict, and a tenth on top for writing files."""
    return sum(genome.lengths.values()) * 11 // 10


def _bigwig(directory: Path, track: str) -> Path:
    return directory / f"{track}.bw"


def _partial_file(directory: Path, chrom: str) -> Path:
    return directory / _PARTIAL / f"{quote(chrom, safe='')}.npy"


def _write_manifest(directory: Path, manifest: dict[str, Any]) -> None:
    file = directory / MANIFEST
    part = file.with_name(file.name + ".part")
    part.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    os.replace(part, file)
