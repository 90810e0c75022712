"""What a project holds, for the web side: read again when its files change, without TensorFlow."""

from __future__ import annotations

import csv
import hashlib
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core import __version__
from core.architecture import Architecture
from core.bed import bed_regions
from core.errors import SighthoundError
from core.files import read_json
from core.genome import Interval, parse_region
from core.inference import DESCRIPTION, Ensemble, read_description
from core.locus import locus_grid
from core.metrics import LEAST_BINS
from core.project import Project
from core.text import text_lines
from core.track_sets import read_track_sets
from core.tracks import Track, read_tracks

# The widest window that is predicted on the spot: so many of the model's own, or so many bases.
LIVE_WINDOWS = 2
LIVE_BP = 100_000


class Catalogue:
    """What the project holds, read again when its files change.

    Parameters
    ----------
    project : Project
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.genome = project.open_genome()
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[object, Any]] = {}

    def tracks(self) -> dict[str, Track]:
        """Tracks by id, in the table's order."""
        table = self.project.tracks.table
        return self._fresh("tracks", [table], lambda: {t.id: t for t in read_tracks(table)})

    def track_sets(self) -> dict[str, list[str]]:
        """Track ids of the sets that the project has for everybody; empty without such."""
        table = self.project.tracks.sets
        if table is None:
            return {}
        files = [table, self.project.tracks.table]
        return self._fresh("sets", files, lambda: read_track_sets(table, self.tracks()))

    def model(self) -> dict[str, Any] | None:
        """The model folder's description, or None before there is a model."""
        directory = self.project.model.directory
        file = directory / DESCRIPTION
        if not file.is_file():
            return None
        return self._fresh("model", [file], lambda: read_description(directory))

    def model_hash(self) -> str | None:
        """Changes whenever predictions could; None before there is a model."""
        model = self.model()
        return None if model is None else str(model["hash"])

    def model_tracks(self) -> tuple[str, ...]:
        """Ids of the tracks that the model predicts."""
        model = self.model()
        return () if model is None else tuple(model["tracks"])

    def architecture(self) -> Architecture | None:
        """The model's architecture, or None before there is a model."""
        model = self.model()
        return None if model is None else Architecture.from_json(model["architecture"])

    def model_bin(self) -> int:
        """Bases a bin of the model; of the data set before there is a model."""
        architecture = self.architecture()
        return self.project.dataset.bin if architecture is None else architecture.bin

    def manifest(self) -> dict[str, Any]:
        """What has been predicted genome-wide; empty before that."""
        file = self.project.predictions.directory / "manifest.json"
        return self._fresh("manifest", [file], lambda: read_json(file))

    def run_progress(self) -> dict[str, Any]:
        """How far a genome-wide prediction is that is under way; empty without one."""
        return read_json(self.project.predictions.directory / "progress.json")

    def native_bin(self) -> int:
        """Bases a bin of the predictions."""
        return int(self.manifest().get("bin") or self.model_bin())

    def prediction(self, track: str) -> Path | None:
        """The predicted BigWig of a track, or None."""
        path = self.project.predictions.directory / f"{track}.bw"
        return path if path.is_file() else None

    def _predicted(self) -> set[str]:
        """Ids of the tracks with a predicted BigWig: one look at the folder, for thousands."""
        try:
            files = list(os.scandir(self.project.predictions.directory))
        except OSError:
            return set()
        return {
            file.name.removesuffix(".bw")
            for file in files
            if file.name.endswith(".bw") and file.is_file()
        }

    def ensemble(self) -> Ensemble:
        """What predictions average: the strands and shifts of the files, else nothing."""
        return Ensemble.of_manifest(self.manifest())

    def live(self) -> dict[str, Any] | None:
        """How windows are predicted on the spot; None where they cannot be.

        `stretch_bp` are the bases of a stretch that is predicted as one, from the start of the
        chromosome, `max_bp` the widest window, and `ensemble` says what is averaged.
        """
        architecture = self.architecture()
        # Files of another bin are of another model: its bins and theirs do not line up.
        if architecture is None or architecture.bin != self.native_bin():
            return None
        return {
            "stretch_bp": locus_grid(architecture) * architecture.bin,
            "max_bp": max(LIVE_WINDOWS * architecture.sequence_length, LIVE_BP),
            "ensemble": _in_words(self.ensemble()),
        }

    def held_out(self) -> dict[str, dict[str, Any]]:
        """Accuracy on a fold that was held out: track id -> its row of held_out.tsv.

        Its keys are pearson, pearson_log1p and r2, None below `core.metrics.LEAST_BINS` bins; and
        the fold (test, where there is one), the bases of a bin and the number of bins.
        """
        file = self.project.model.directory / "held_out.tsv"
        return self._fresh("held_out", [file], lambda: _read_held_out(file, self.model_bin()))

    def folds(self) -> list[dict[str, Any]]:
        """Stretches of the genome by fold, touching windows of one fold joined.

        Whole chromosomes where folds are chromosomes and no data set has been made.
        """
        file = self.project.dataset.directory / "folds.bed"
        found = self._fresh("folds", [file], lambda: _read_folds(file, self))
        if found or not self._folds_are_chromosomes():
            return found
        return [
            {"chrom": chrom, "start": 0, "end": length, "fold": self._fold(chrom, [])}
            for chrom, length in self.genome.lengths.items()
        ]

    def state(self, tracks: Sequence[Track] = ()) -> str:
        """Hash that changes when a file behind an answer about these tracks does."""
        project = self.project
        files = [
            project.tracks.table,
            project.model.directory / DESCRIPTION,
            project.model.directory / "held_out.tsv",
            project.predictions.directory / "manifest.json",
            # Its time changes when a file of a track appears or goes.
            project.predictions.directory,
            project.dataset.directory / "folds.bed",
        ]
        if project.tracks.sets is not None:
            files.append(project.tracks.sets)
        for track in tracks:
            files.append(project.predictions.directory / f"{track.id}.bw")
            if track.experiment is not None:
                files.append(track.experiment)
        named = [self.genome.fingerprint, repr(project), _stamps(files)]
        return hashlib.sha256(repr(named).encode()).hexdigest()[:24]

    def heading(self) -> dict[str, Any]:
        """Give what stands above the page; the first keys of `summary`."""
        project = self.project
        return {
            "title": project.title,
            "genome": project.genome.name,
            "simulated": project.server.simulated,
        }

    def summary(self) -> dict[str, Any]:
        """Give what /api/v1/project says."""
        project, architecture = self.project, self.architecture()
        folds, held_out = self.folds(), self.held_out()
        tracks = self.tracks()
        assays = {a: n for n, a in enumerate(dict.fromkeys(t.assay for t in tracks.values()))}
        live = self.live()
        in_model = frozenset(self.model_tracks())
        modelled = in_model if live else frozenset()
        unit = self.native_bin()
        predicted = self._predicted()
        shown = [t for t in project.server.default_tracks if t in tracks]
        return {
            **self.heading(),
            "chromosomes": [
                {"name": name, "length": length, "fold": self._fold(name, folds)}
                for name, length in self.genome.lengths.items()
            ],
            "folds": folds,
            "bin": self.native_bin(),
            "sequence_length": (
                architecture.sequence_length if architecture else project.dataset.sequence_length
            ),
            "context_bp": architecture.context if architecture else None,
            "tracks": [
                {
                    "id": track.id,
                    "name": track.name,
                    "assay": track.assay,
                    "sample": track.sample,
                    "group": track.group,
                    "strand": track.strand,
                    "strand_pair": track.strand_pair,
                    "replicate_of": track.replicate_of,
                    "description": track.description,
                    "aggregation": track.aggregation,
                    "unit": f"{track.aggregation} per {unit} bp",
                    "has_experiment": track.experiment is not None,
                    "has_prediction": track.id in predicted or track.id in modelled,
                    "modelled": track.id in in_model,
                    # Whether it is predicted on the spot.
                    "live": track.id in modelled and track.id not in predicted,
                    "held_out": held_out.get(track.id),
                    "color": assays[track.assay],
                }
                for track in tracks.values()
            ],
            "default_locus": self.default_locus(),
            "default_tracks": shown or list(tracks)[:8],
            "track_sets": self.track_sets(),
            "has_model": architecture is not None,
            "fingerprint": self.genome.fingerprint,
            "model_hash": self.model_hash(),
            "version": __version__,
            "live": live,
            "max_mutagenesis_bp": project.server.max_mutagenesis_bp,
        }

    def _fold(self, chrom: str, folds: list[dict[str, Any]]) -> str:
        """The fold of a chromosome: by name where folds are chromosomes, else of its windows."""
        held_out = {name: getattr(self.project.dataset, name) for name in ("valid", "test")}
        for name, chosen in held_out.items():
            if isinstance(chosen, tuple) and chrom in map(self._resolved, chosen):
                return name
        if self._folds_are_chromosomes():
            return "train"
        found = {fold["fold"] for fold in folds if fold["chrom"] == chrom}
        return found.pop() if len(found) == 1 else "mixed" if found else ""

    def _folds_are_chromosomes(self) -> bool:
        dataset = self.project.dataset
        return isinstance(dataset.valid, tuple) and isinstance(dataset.test, tuple)

    def _resolved(self, name: str) -> str:
        try:
            return self.genome.resolve(name)
        except SighthoundError:
            return name

    def default_locus(self) -> str:
        """Where the page opens, as people write it."""
        asked = self.project.server.default_locus
        if asked:
            try:
                return str(parse_region(asked, self.genome))
            except SighthoundError:
                pass
        chrom, length = next(iter(self.genome.lengths.items()))
        return str(Interval(chrom, 0, min(length, 100 * self.native_bin())))

    def read_again(self, name: str, files: Sequence[Path], read: Callable[[], Any]) -> Any:
        """Give what was read under a name, read anew when one of the files changed."""
        return self._fresh(f"other {name}", files, read)

    def _fresh(self, name: str, files: Sequence[Path], read: Callable[[], Any]) -> Any:
        stamp = _stamps(files)
        with self._lock:
            kept = self._kept.get(name)
        if kept is not None and kept[0] == stamp:
            return kept[1]
        found = read()
        with self._lock:
            self._kept[name] = (stamp, found)
        return found


def _in_words(ensemble: Ensemble) -> str:
    strands = "mean of both strands" if ensemble.reverse_complement else "forward strand only"
    shifts = len(ensemble.shifts)
    return strands if shifts == 1 else f"{strands}, mean of {shifts} shifts"


def _read_held_out(file: Path, bin_size: int) -> dict[str, dict[str, Any]]:
    if not file.is_file():
        return {}
    rows = list(csv.DictReader(text_lines(file), delimiter="\t"))
    # Of several rows a track, the last stays: nobody chose anything on a test fold, and the page
    # correlates in the model's own bins.
    rows.sort(key=lambda row: (row.get("fold") == "test", row.get("bin") == str(bin_size)))
    return {row["track"]: _accuracy(row) for row in rows if row.get("track")}


def _accuracy(row: dict[str, Any]) -> dict[str, Any]:
    sizes = (_number(row.get(key)) for key in ("bin", "n_bins"))
    size, bins = (None if number is None else int(number) for number in sizes)
    enough = bins is None or bins >= LEAST_BINS
    scores = {k: _number(row.get(k)) for k in ("pearson", "pearson_log1p", "r2")}
    return {
        **(scores if enough else dict.fromkeys(scores)),
        "fold": row.get("fold") or None,
        "bin": size,
        "n_bins": bins,
    }


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "nan")
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _read_folds(file: Path, catalogue: Catalogue) -> list[dict[str, Any]]:
    if not file.is_file():
        return []
    windows: list[dict[str, Any]] = []
    regions = bed_regions(file, catalogue.genome)
    for interval, fold in sorted((region.interval, region.others[0]) for region in regions):
        last = windows[-1] if windows else None
        if (
            last
            and (last["chrom"], last["fold"]) == (interval.chrom, fold)
            and (interval.start <= last["end"])
        ):
            last["end"] = max(last["end"], interval.end)
        else:
            windows.append(
                {
                    "chrom": interval.chrom,
                    "start": interval.start,
                    "end": interval.end,
                    "fold": fold,
                }
            )
    return windows


def _stamps(files: Sequence[Path]) -> tuple[object, ...]:
    stamps: list[object] = []
    for file in files:
        try:
            stat = file.stat()
        except OSError:
            stamps.append((str(file), None))
        else:
            stamps.append((str(file), stat.st_mtime_ns, stat.st_size))
    return tuple(stamps)
