"""Make an atlas: the effect of every substitution of a genome, or of regions, exactly.

The genome is cut into stretches, each a task of some worker and a file of `core.project.atlas`,
which has its name only when complete: a run that is killed at any point goes on from those that are
there, and ends with the same bytes. The effects are those of `core.interpretation.mutagenesis`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sighthound.core import __version__
from sighthound.core.errors import SighthoundError
from sighthound.core.files import check_output_folder, own_items
from sighthound.core.genome.bed import read_bed
from sighthound.core.genome.interval_sets import merge
from sighthound.core.genome.sequence import Genome, Interval, base_codes
from sighthound.core.interpretation.mutagenesis import mutagenesis
from sighthound.core.interpretation.windows import locus_window
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model, load_model
from sighthound.core.progress import Progress, silent
from sighthound.core.project.atlas import (
    STRETCH,
    Atlas,
    AtlasManifest,
    read_atlas,
    stretch_file,
    tile_bases,
    write_stretch,
)
from sighthound.core.project.layout import atlas_folder
from sighthound.core.project.manifest import PredictionIdentity
from sighthound.core.project.settings import Project, load_project
from sighthound.precompute.cluster.tasks import Workers, check_running, own_gpu, report
from sighthound.precompute.cluster.worker_model import worker_model
from sighthound.precompute.genome_wide.chunks import Chunk, genome_chunks, run_chunks
from sighthound.precompute.genome_wide.run import check_model

AROUND = 256  # bases on either side of a base whose bins are summed, by default
# Effects that are computed at a time, and the most bases they may be of.
_BLOCK_EFFECTS, _BLOCK_BASES = 30_000_000, 4096


@dataclass(frozen=True)
class AtlasTask:
    """What a worker needs to know.

    Attributes
    ----------
    around : int
        Bins on either side of a base's own.
    tile : int
        Bases of a tile.
    parts : tuple of (int, int)
        Stretches of bases, within the chunk, whose substitutions are asked for.
    threads : int
        That the network may use; 0 for all.
    """

    project: Path
    model: Path
    model_hash: str
    directory: Path
    chunk: Chunk
    tracks: tuple[str, ...]
    around: int
    tile: int
    ensemble: Ensemble
    parts: tuple[tuple[int, int], ...]
    threads: int = 0


def make_atlas(
    project: Project,
    directory: Path | None = None,
    *,
    regions: Path | None = None,
    tracks: Sequence[str] | None = None,
    around: int = AROUND,
    ensemble: Ensemble | None = None,
    workers: Workers | None = None,
    replace: bool = False,
    progress: Progress | None = None,
) -> Atlas:
    """Compute the effects of every substitution, or go on with an interrupted run.

    Parameters
    ----------
    directory : path, optional
        The project's atlas by default.
    regions : path, optional
        BED of the bases to alter; the whole genome by default.
    tracks : sequence of str, optional
        Ids; all of the model's by default.
    around : int
        Bases on either side of a base: effects are summed over the bins that hold these.
    ensemble : Ensemble, optional
        Strands and shifts that are averaged; the forward strand alone by default.
    replace : bool
        Replace an atlas of another model, genome or setting; otherwise it is an error.
    progress : callable, optional
        Called with bases done and in total; may raise to stop.

    Raises
    ------
    SighthoundError
        No model, or one that does not fit the project; an unknown track; no base in the regions;
        the folder holds an atlas of something else, or something else, or cannot be written.
    """
    model, genome = load_model(project.model.directory), project.open_genome()
    check_model(model, project.read_tracks(), genome)
    chosen = tuple(dict.fromkeys(tracks or model.tracks))
    model.track_indices(chosen)
    ensemble, workers = ensemble or Ensemble(), workers or Workers()
    places = _places(regions, genome)
    identity = PredictionIdentity(
        model=model.hash,
        genome=genome.fingerprint,
        bases=genome.bases_hash,
        version=__version__,
        bin=model.bin,
        ensemble=ensemble,
        precision="float32",
    )
    manifest = AtlasManifest(
        identity,
        chosen,
        -(-around // model.bin),
        tile_bases(len(chosen)),
        tuple((place.chrom, place.start, place.end) for place in places),
    )
    directory = directory or atlas_folder(project)
    _begin(directory, manifest, replace)
    parts = {chunk: _parts(chunk, places) for chunk in genome_chunks(genome, 1, STRETCH)}
    chunks = [chunk for chunk in parts if regions is None or parts[chunk]]

    def task_of(chunk: Chunk) -> AtlasTask:
        return AtlasTask(
            project.root, project.model.directory, model.hash, directory, chunk, chosen,
            manifest.around, manifest.tile, ensemble,
            ((chunk.first, chunk.end),) if regions is None else parts[chunk],
            workers.threads,
        )  # fmt: skip

    # The products of a small network keep one processor busy; so each takes a stretch.
    at_once = (os.cpu_count() or 1) if workers.are_here else 1
    with workers.open(at_once) as runner:
        for _ in run_chunks(
            runner,
            compute_stretch,
            chunks,
            lambda c: stretch_file(directory, c.chrom, c.first).is_file(),
            task_of,
            progress or silent,
        ):
            pass
    manifest.write(directory, is_complete=True)
    return Atlas(directory, manifest, True)


def compute_stretch(task: AtlasTask) -> None:
    """Compute the effects of a stretch and write its file; runs in a worker."""
    own_gpu()
    model, _ = worker_model(task.model, task.model_hash, task.threads)
    genome = load_project(task.project).open_genome()
    chunk, tile = task.chunk, task.tile
    bases = base_codes(genome.sequence(Interval(chunk.chrom, chunk.first, chunk.end)))
    most = min(_BLOCK_BASES, _BLOCK_EFFECTS // (4 * len(task.tracks)))
    block = max(tile, most // tile * tile)

    def tiles() -> Iterator[np.ndarray]:
        for start in range(chunk.first, chunk.end, block):
            end = min(start + block, chunk.end)
            effects = np.full((end - start, 4, len(task.tracks)), np.nan, np.float32)
            for low, high in task.parts:
                here = max(low, start), min(high, end)
                if here[0] < here[1]:
                    check_running()
                    effects[here[0] - start : here[1] - start] = local_effects(
                        model, genome, Interval(chunk.chrom, *here), task.around, task.tracks,
                        task.ensemble,
                    )  # fmt: skip
            report((chunk.chrom, chunk.first, end - chunk.first))
            for at in range(0, len(effects), tile):
                yield effects[at : at + tile]

    write_stretch(stretch_file(task.directory, chunk.chrom, chunk.first), bases, tiles())


def local_effects(
    model: Model,
    genome: Genome,
    place: Interval,
    around: int,
    tracks: Sequence[str],
    ensemble: Ensemble,
) -> np.ndarray:
    """Predict every substitution of a place, summed over the bins around each base.

    Parameters
    ----------
    around : int
        Bins on either side of a base's own.

    Returns
    -------
    float32 array, (bases, 4, tracks)
        Alternative minus reference, in the tracks' units; 0 at the reference base.
    """
    size = model.bin
    low = max(0, place.start // size - around)
    high = min((place.end - 1) // size + around + 1, -(-genome.lengths[place.chrom] // size))
    further = ensemble.furthest
    window = locus_window(
        model,
        place.chrom,
        min(place.start, low * size) - further,
        max(place.end, high * size) + further,
    )
    at = window.interval.start
    return mutagenesis(
        model,
        window.one_hot(genome),
        place.start - at,
        place.end - at,
        tracks,
        [window.predicted_index(bin * size) for bin in range(low, high)],
        ensemble=ensemble,
        around=around,
    )


def _places(regions: Path | None, genome: Genome) -> list[Interval]:
    if regions is None:
        return []
    places = merge(read_bed(regions, genome))
    if not places:
        raise SighthoundError(f"{regions} has no region on this genome; expected at least one base")
    return places


def _parts(chunk: Chunk, places: Sequence[Interval]) -> tuple[tuple[int, int], ...]:
    cut = (
        (max(place.start, chunk.first), min(place.end, chunk.end))
        for place in places
        if place.chrom == chunk.chrom
    )
    return tuple((low, high) for low, high in cut if low < high)


def _begin(directory: Path, manifest: AtlasManifest, replace: bool) -> None:
    """Go on with the atlas of a folder, or begin one there."""
    check_output_folder(directory)
    known = read_atlas(directory)
    if known is None and directory.is_dir() and own_items(directory):
        raise SighthoundError(f"{directory} holds no atlas but other files; give another folder")
    other = known.manifest.differences(manifest) if known else []
    if other and not replace:
        raise SighthoundError(
            f"{directory} holds an atlas of another {'; another '.join(other)}; give another "
            "folder with --output, or replace it with --replace"
        )
    directory.mkdir(parents=True, exist_ok=True)
    if known and other:  # killed from here on, it is no whole atlas any more
        known.manifest.write(directory, is_complete=False)
    for file in directory.glob("*.part" if known and not other else "*"):
        if file.suffix in (".part", ".tiles", ".tsv"):
            file.unlink(missing_ok=True)
    if known is None or other or not known.is_complete:
        manifest.write(directory, is_complete=False)
