"""Whether predicted files are what they should be: whole, and what the model predicts."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sighthound.core.bigwig.files import read_bins
from sighthound.core.errors import SighthoundError
from sighthound.core.files import file_sha256
from sighthound.core.genome.sequence import Genome
from sighthound.core.interpretation.window_predictions import predict_bins
from sighthound.core.model.model import Model, load_model
from sighthound.core.progress import Progress
from sighthound.core.project.settings import Project
from sighthound.precompute.genome_wide.chunks import genome_chunks
from sighthound.precompute.genome_wide.files import PredictionFolder

_SAMPLED = 3  # windows that are predicted again
_SAMPLED_BINS = 256


def verify_predictions(
    project: Project, directory: Path | None = None, progress: Progress | None = None
) -> list[str]:
    """Check the predicted files: their checksums, and some windows predicted again.

    Tracks whose files are not as they should be are noted, so that `predict_genome` makes them
    again.

    Returns
    -------
    list of str, one line a problem; empty if all is well

    Raises
    ------
    SighthoundError
        There are no predictions, or they are of another model or genome than the project's.
    """
    model, genome = load_model(project.model.directory), project.open_genome()
    folder = PredictionFolder(directory or project.predictions.directory)
    manifest = folder.manifest
    if not manifest.files:
        raise SighthoundError(
            f"{folder.directory} holds no predictions to verify; run sighthound predict"
        )
    now = dataclasses.replace(
        manifest.identity, model=model.hash, genome=genome.fingerprint,
        bases=genome.bases_hash, bin=model.bin,
    )  # fmt: skip
    if other := manifest.identity.differences(now):
        raise SighthoundError(f"{folder.directory} is of another {'; another '.join(other)}")
    wrong = {}
    for done, (track, known) in enumerate(manifest.files.items(), 1):
        file = folder.bigwig(track)
        if not file.is_file():
            wrong[track] = "is missing"
        elif file.stat().st_size != known.bytes or file_sha256(file) != known.sha256:
            wrong[track] = "is not what was written"
        if progress:
            progress(done, len(manifest.files), "checksums")
    unmade = dict.fromkeys(manifest.pending, "is not made yet")
    sound = [track for track in manifest.files if track not in wrong]
    if manifest.identity.individual is None:
        wrong |= _wrong_windows(model, genome, folder, sound, progress)
    if wrong:
        folder.forget(list(wrong))
    return [f"{folder.bigwig(track)} {what}" for track, what in (wrong | unmade).items()]


def _wrong_windows(
    model: Model,
    genome: Genome,
    folder: PredictionFolder,
    tracks: Sequence[str],
    progress: Progress | None,
) -> dict[str, str]:
    """Predict some windows again, and compare; give what is wrong with which track."""
    manifest = folder.manifest
    is_exact = manifest.precision == "float32"
    columns = [model.track_index(track) for track in tracks]
    rng = np.random.default_rng(int(model.hash, 16))
    chunks, wrong = genome_chunks(genome, model.bin), {}
    for number in range(_SAMPLED):
        chunk = chunks[rng.integers(len(chunks))]
        bins = min(_SAMPLED_BINS, chunk.end - chunk.first)
        first = int(rng.integers(chunk.first, chunk.end - bins + 1))
        pieces = predict_bins(
            model, genome, chunk.chrom, first, first + bins, ensemble=manifest.ensemble,
            precision=manifest.precision,
        )  # fmt: skip
        expected = np.concatenate([values for _, values in pieces])[:, columns].T
        start, end = first * model.bin, (first + bins) * model.bin
        for track, values in zip(tracks, expected, strict=True):
            there = read_bins(folder.bigwig(track), chunk.chrom, start, end, bins)
            near = 1e-3 * values if is_exact else 0.1 * np.abs(values).max()
            if not (np.abs(there - values) <= near + 1e-6).all():
                wrong[track] = (
                    f"is not what the model predicts at {chunk.chrom}:{start + 1:,}-{end:,}"
                )
        if progress:
            progress(number + 1, _SAMPLED, "predicting again")
    return wrong
