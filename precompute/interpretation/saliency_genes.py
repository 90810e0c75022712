"""Saliency at transcription start sites, genome-wide: one BigWig a track, and distal elements.

Starts are taken in the order of their position, a stretch of the genome at a time, so that one run
of the tower serves all starts of a stretch. A bin that several starts see keeps the score of the
largest absolute value: sums would let the starts of neighbouring genes cancel.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sighthound.core import __version__
from sighthound.core.annotation.genes import Gene, Genes
from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.errors import SighthoundError
from sighthound.core.files import check_output_folder, whole_file
from sighthound.core.genome.sequence import Genome
from sighthound.core.interpretation.saliency import saliency_profiles
from sighthound.core.interpretation.windows import locus_window
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model, load_model
from sighthound.core.progress import Progress
from sighthound.core.project.layout import saliency_folder, track_bigwig
from sighthound.core.project.manifest import SaliencyManifest, read_saliency
from sighthound.core.project.settings import Project, load_project
from sighthound.core.text import text_lines
from sighthound.core.tracks.contrasts import is_contrast
from sighthound.precompute.cluster.checkpoints import Arrays, Pieces
from sighthound.precompute.cluster.tasks import Workers, run_tasks
from sighthound.precompute.cluster.worker_model import worker_model
from sighthound.precompute.genome_wide.run import check_model

MERGING = "the score of the largest absolute value among the starts that see a bin"
_PIECES = ".partial"
# What a person calls the keys of a manifest that may not differ.
_WORDS = {
    "starts": "set of genes",
    "starts_hash": "set of genes",
    "top": "--top",
    "distal_from": "--distal-from",
    "ensemble": "choice of strands and shifts",
}
# Bins in which the starts of one stretch lie.
_STRETCH_BINS = 1024
# Scores held at once while a stretch is computed.
_SCORES = 40_000_000


@dataclass(frozen=True)
class Start:
    """One transcription start site of one gene, 0-based."""

    chrom: str
    tss: int
    gene: str
    name: str
    strand: str


@dataclass(frozen=True)
class StartsSummary:
    """What a run came to: the folder, starts (and the bins they share), tracks written now."""

    directory: Path
    starts: int
    bins: int
    tracks: tuple[str, ...]


def saliency_of_starts(
    project: Project,
    directory: Path | None = None,
    *,
    genes: Sequence[Gene] | None = None,
    tracks: Sequence[str] | None = None,
    ensemble: Ensemble | None = None,
    top: int = 10,
    distal_from: int = 500,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> StartsSummary:
    """Write saliency of genes' starts, or go on with an interrupted run.

    Parameters
    ----------
    directory : path, optional
        The project's folder "saliency" by default. It gets a BigWig and a Parquet table a track,
        and a manifest.
    genes : sequence of Gene, optional
        All of the project by default; every alternative start counts.
    tracks : sequence of str, optional
        Ids of the tracks; all of the model's by default. Those that are there already stay.
    top, distal_from : int
        Elements a start in the table, and their least distance from it in bases.
    workers : Workers, optional
        This process by default.
    progress : callable, optional
        Called with (done, total); may raise to stop.

    Raises
    ------
    SighthoundError
        No model or genes, or the folder holds saliency of another model, genome or set of genes, or
        cannot be written.
    """
    model = load_model(project.model.directory)
    genome = project.open_genome()
    check_model(model, project.read_tracks(), genome)
    starts = starts_of(project.read_genes() if genes is None else genes)
    if not starts:
        raise SighthoundError("the project has no genes; name an annotation under [genome] genes")
    wanted = list(model.tracks) if tracks is None else list(dict.fromkeys(tracks))
    for track in wanted:
        if is_contrast(track):
            raise SighthoundError(
                f"{track}: saliency of genes is of tracks; ask for a contrast with --region"
            )
        model.track_index(track)
    ensemble = ensemble or Ensemble()
    directory = directory or saliency_folder(project)
    identity = {
        "model": model.hash,
        "genome": genome.fingerprint,
        "version": __version__,
        "bin": model.bin,
        "ensemble": json.loads(json.dumps(dataclasses.asdict(ensemble))),
        "starts": len(starts),
        "starts_hash": hashlib.sha256(repr(starts).encode()).hexdigest()[:16],
        "top": top,
        "distal_from": distal_from,
        "bins_keep": MERGING,
    }
    check_output_folder(directory)
    written = _written(directory, identity)
    pending = [track for track in wanted if track not in written]
    job = _Job(model, genome, ensemble, pending, top, distal_from)
    summary = StartsSummary(directory, len(starts), len(job.bins_of(starts)), tuple(pending))
    if pending:
        directory.mkdir(parents=True, exist_ok=True)
        SaliencyManifest(identity, tuple(written)).write(directory)
        pieces = Pieces(directory / _PIECES, {**identity, "pending": pending})
        _compute(job, starts, pieces, project, workers or Workers(), progress)
        _write_tracks(job, starts, pieces, directory, progress)
        SaliencyManifest(identity, (*written, *pending), complete=True).write(directory)
    shutil.rmtree(directory / _PIECES, ignore_errors=True)
    return summary


def named_genes(project: Project, names: str) -> list[Gene]:
    """Find genes as a person names them: "all", names with commas between, or a file of names.

    Raises
    ------
    SighthoundError
        No gene goes by a name, or none is named.
    """
    genes = project.read_genes()
    if names == "all":
        return list(genes)
    if names in genes:  # with a comma in it, as in DUR1,2
        return genes.called(names)
    lines = text_lines(Path(names)) if Path(names).is_file() else names.split(",")
    found = dict.fromkeys(g for line in lines if line.strip() for g in genes.called(line))
    if not found:
        raise SighthoundError(f"{names!r} names no gene; expected all, names, or a file of names")
    return list(found)


def starts_of(genes: Sequence[Gene] | Genes) -> list[Start]:
    """List every start of every gene, by position."""
    return sorted(
        (
            Start(gene.chrom, tss, gene.id, gene.name, gene.strand)
            for gene in genes
            for tss in gene.tss_positions
        ),
        key=lambda start: (start.chrom, start.tss, start.gene),
    )


@dataclass(frozen=True)
class _Job:
    model: Model
    genome: Genome
    ensemble: Ensemble
    tracks: list[str]
    top: int
    distal_from: int

    @property
    def reach(self) -> int:
        return self.model.architecture.stack_reach

    def bins_of(self, starts: Sequence[Start]) -> list[tuple[str, int]]:
        return sorted({(start.chrom, start.tss // self.model.bin) for start in starts})

    def stretches(self, starts: Sequence[Start]) -> Iterator[tuple[str, list[Start]]]:
        """Starts of one stretch after another, with the name of their piece."""
        groups: dict[tuple[str, int], list[Start]] = {}
        for start in starts:
            stretch = start.tss // self.model.bin // _STRETCH_BINS
            groups.setdefault((start.chrom, stretch), []).append(start)
        for (chrom, stretch), group in groups.items():
            yield f"{quote(chrom, safe='')}.{stretch}", group

    def stretch(self, starts: list[Start]) -> Arrays:
        """Scores of the bins around the starts of a stretch, and each start's distal elements.

        Returns
        -------
        dict
            first: the first bin; scores: (bins, tracks), NaN where no start sees a bin; and of
            (starts, top, tracks), element: bins, -1 where there are fewer; score; share.
        """
        model = self.model
        chrom = starts[0].chrom
        bins = np.array([bin for _, bin in self.bins_of(starts)])
        last_bin = -(-self.genome.lengths[chrom] // model.bin)
        further = -(-self.ensemble.furthest // model.bin)
        window = locus_window(
            model, chrom, int(bins[0]) * model.bin, (int(bins[-1]) + 1) * model.bin, further
        )
        one_hot = window.one_hot(self.genome)
        asked = [window.predicted_index(int(bin) * model.bin) for bin in bins]
        first, end = (
            max(0, int(bins[0]) - self.reach),
            min(last_bin, int(bins[-1]) + self.reach + 1),
        )
        shape = len(starts), self.top, len(self.tracks)
        found: Arrays = {
            "first": np.array(first),
            "scores": np.full((end - first, len(self.tracks)), np.nan, np.float32),
            "element": np.full(shape, -1, np.int64),
            "score": np.full(shape, np.nan, np.float32),
            "share": np.full(shape, np.nan, np.float32),
        }
        at_once = max(1, _SCORES // (len(bins) * (2 * self.reach + 1)))
        for at in range(0, len(self.tracks), at_once):
            columns = slice(at, at + at_once)
            profiles = saliency_profiles(
                model, one_hot, self.tracks[columns], asked, ensemble=self.ensemble
            )
            for bin, profile in zip(bins, profiles, strict=True):
                low, high = max(0, bin - self.reach), min(last_bin, bin + self.reach + 1)
                seen = profile[low - bin + self.reach : high - bin + self.reach]
                _keep_largest(found["scores"][low - first : high - first, columns], seen)
                for row, start in enumerate(starts):
                    if start.tss // model.bin == bin:
                        self._elements(found, row, columns, start, low, seen)
        return found

    def _elements(
        self, found: Arrays, row: int, columns: slice, start: Start, low: int, seen: np.ndarray
    ) -> None:
        """Note the distal bins with the largest scores of one start."""
        bins = low + np.arange(len(seen))
        distal = np.flatnonzero(np.abs(self.distance(start, bins)) >= self.distal_from)
        sizes = np.abs(seen[distal])
        order = np.argsort(-sizes, axis=0, kind="stable")[: self.top]
        rows = distal[order]
        scores = np.take_along_axis(seen, rows, axis=0)
        total = np.abs(seen).sum(axis=0)
        place = row, slice(0, len(order)), columns
        found["element"][place] = np.where(scores != 0, bins[rows], -1)
        found["score"][place] = scores
        found["share"][place] = np.abs(scores) / np.where(total > 0, total, 1)

    def distance(self, start: Start, bins: np.ndarray) -> np.ndarray:
        """Bases from a start to the middle of bins along its strand: negative is upstream."""
        distance = bins * self.model.bin + self.model.bin // 2 - start.tss
        return -distance if start.strand == "-" else distance


def _keep_largest(scores: np.ndarray, new: np.ndarray) -> None:
    # NaN: no score yet, or none to take over.
    is_larger = (np.abs(new) > np.abs(scores)) | (np.isnan(scores) & ~np.isnan(new))
    scores[is_larger] = new[is_larger]


@dataclass(frozen=True)
class _Task:
    """What a worker needs to know to compute the starts of a stretch."""

    project: Path
    model_hash: str
    threads: int
    ensemble: Ensemble
    tracks: tuple[str, ...]
    top: int
    distal_from: int
    starts: tuple[Start, ...]
    pieces: Path
    identity: dict[str, Any]
    name: str


def _compute_stretch(task: _Task) -> None:
    """Compute and keep a stretch; runs in a worker."""
    project = load_project(task.project)
    model, _ = worker_model(project.model.directory, task.model_hash, task.threads)
    job = _Job(
        model, project.open_genome(), task.ensemble, list(task.tracks), task.top, task.distal_from
    )
    Pieces(task.pieces, task.identity).get(task.name, partial(job.stretch, list(task.starts)))


def _compute(
    job: _Job,
    starts: list[Start],
    pieces: Pieces,
    project: Project,
    workers: Workers,
    progress: Progress | None,
) -> None:
    groups = list(job.stretches(starts))
    missing = [(n, name) for n, (name, _) in enumerate(groups) if not pieces.has(name)]
    done = len(starts) - sum(len(groups[n][1]) for n, _ in missing)
    tasks = (
        (
            number,
            _Task(
                project.root, job.model.hash, workers.threads, job.ensemble, tuple(job.tracks),
                job.top, job.distal_from, tuple(groups[number][1]), pieces.directory,
                pieces.identity, name,
            ),
        )
        for number, name in missing
    )  # fmt: skip
    for number, _ in run_tasks(_compute_stretch, tasks, workers):
        done += len(groups[number][1])
        if progress:
            progress(*_work(done, len(starts), 0, len(job.tracks)))


def _write_tracks(
    job: _Job,
    starts: list[Start],
    pieces: Pieces,
    directory: Path,
    progress: Progress | None,
) -> None:
    bins = {chrom: -(-n // job.model.bin) for chrom, n in job.genome.lengths.items()}
    at_once = max(1, _SCORES // sum(bins.values()))
    for at in range(0, len(job.tracks), at_once):
        tracks = job.tracks[at : at + at_once]
        columns = slice(at, at + len(tracks))
        scores = {c: np.full((n, len(tracks)), np.nan, np.float32) for c, n in bins.items()}
        tables: list[list[pa.Table]] = [[] for _ in tracks]
        for name, group in job.stretches(starts):
            piece = pieces.get(name, partial(job.stretch, group))
            first, new = int(piece["first"]), piece["scores"][:, columns]
            _keep_largest(scores[group[0].chrom][first : first + len(new)], new)
            for number, table in enumerate(tables):
                table.append(_table(job, group, piece, at + number))
        for number, track in enumerate(tracks):
            write_bigwig(
                track_bigwig(directory, track),
                job.genome.lengths,
                ((chrom, values[:, number]) for chrom, values in scores.items()),
                job.model.bin,
            )
            file = directory / f"{track}.elements.parquet"
            with whole_file(file) as part:
                pq.write_table(pa.concat_tables(tables[number]), part)
            if progress:
                progress(*_work(len(starts), len(starts), at + number + 1, len(job.tracks)))


def _table(job: _Job, starts: list[Start], piece: Arrays, column: int) -> pa.Table:
    elements = piece["element"][:, :, column]
    row, rank = np.nonzero(elements >= 0)
    bins, bin_size = elements[row, rank], job.model.bin
    of = [starts[i] for i in row]
    ends = [
        min((bin + 1) * bin_size, job.genome.lengths[start.chrom])
        for start, bin in zip(of, bins.tolist(), strict=True)
    ]
    distances = [int(job.distance(s, np.array(b))) for s, b in zip(of, bins, strict=True)]
    return pa.table(
        {
            "gene": pa.array([start.gene for start in of], pa.string()),
            "name": pa.array([start.name for start in of], pa.string()),
            "chrom": pa.array([start.chrom for start in of], pa.string()),
            "tss": pa.array([start.tss + 1 for start in of], pa.int64()),
            "strand": pa.array([start.strand for start in of], pa.string()),
            "rank": pa.array(rank + 1, pa.int32()),
            "start": pa.array(bins * bin_size + 1, pa.int64()),
            "end": pa.array(ends, pa.int64()),
            "distance": pa.array(distances, pa.int64()),
            "score": pa.array(piece["score"][row, rank, column], pa.float32()),
            "share": pa.array(piece["share"][row, rank, column], pa.float32()),
        }
    )


def _written(directory: Path, identity: dict[str, Any]) -> list[str]:
    """Tracks that an earlier run of the same question finished."""
    manifest = read_saliency(directory) or SaliencyManifest({})
    written = [t for t in manifest.tracks if track_bigwig(directory, t).is_file()]
    other = [key for key, value in identity.items() if manifest.identity.get(key) != value]
    if other and written:
        words = ", ".join(dict.fromkeys(_WORDS.get(key, key) for key in other))
        raise SighthoundError(
            f"{directory} holds saliency with another {words}; delete it, or choose another "
            "folder with -o"
        )
    return written


def _work(starts: int, all_starts: int, tracks: int, all_tracks: int) -> tuple[int, int]:
    """Units of progress: the starts, and a tenth on top for writing files."""
    return 10 * starts + all_starts * tracks // all_tracks, 11 * all_starts
