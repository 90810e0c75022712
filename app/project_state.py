"""What a project holds, for the web side: read again when its files change, without TensorFlow."""

from __future__ import annotations

import dataclasses
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sighthound.core import __version__
from sighthound.core.annotation.genes import Genes
from sighthound.core.errors import SighthoundError
from sighthound.core.files import stamps
from sighthound.core.genome.sequence import Interval, parse_region
from sighthound.core.interpretation.windows import locus_grid
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.model import DESCRIPTION, Ensemble, read_description
from sighthound.core.project.folds import (
    chromosome_folds,
    folds_are_chromosomes,
    read_folds,
)
from sighthound.core.project.formats import Format, files_of, reads
from sighthound.core.project.held_out import read_held_out
from sighthound.core.project.layout import prediction_file
from sighthound.core.project.manifest import (
    PredictionsManifest,
    RunProgress,
    read_predictions,
    read_progress,
)
from sighthound.core.project.settings import Project
from sighthound.core.tracks.sets import read_track_sets
from sighthound.core.tracks.track import Track, read_tracks

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

    def genes(self) -> Genes:
        """Genes of the annotation."""
        reads(Format.GENES)
        return self.project.read_genes()

    def tracks(self) -> dict[str, Track]:
        """Tracks by id, in the table's order."""
        table = self.project.tracks.table
        return self._fresh(Format.TRACKS, lambda: {t.id: t for t in read_tracks(table)})

    def track_sets(self) -> dict[str, list[str]]:
        """Track ids of the sets that the project has for everybody; empty without such."""
        table = self.project.tracks.sets
        reads(Format.TRACK_SETS)
        if table is None:
            return {}
        tracks = self.tracks()
        return self.read_again(
            Format.TRACK_SETS,
            [table, self.project.tracks.table],
            lambda: read_track_sets(table, tracks),
        )

    def model(self) -> dict[str, Any] | None:
        """The model folder's description, or None before there is a model."""
        directory = self.project.model.directory
        reads(Format.MODEL)
        if not (directory / DESCRIPTION).is_file():
            return None
        return self._fresh(Format.MODEL, lambda: read_description(directory))

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

    def manifest(self) -> PredictionsManifest | None:
        """What has been predicted genome-wide; None before that."""
        directory = self.project.predictions.directory
        return self._fresh(Format.MANIFEST, lambda: read_predictions(directory))

    def run_progress(self) -> RunProgress | None:
        """How far a genome-wide prediction is that is under way; None without one."""
        return read_progress(self.project.predictions.directory)

    def native_bin(self) -> int:
        """Bases a bin of the predictions."""
        manifest = self.manifest()
        return (manifest.identity.bin if manifest else None) or self.model_bin()

    def prediction(self, track: str) -> Path | None:
        """The predicted BigWig of a track, or None."""
        reads(Format.SIGNALS)
        path = prediction_file(self.project, track)
        return path if path.is_file() else None

    def _predicted(self) -> set[str]:
        """Ids of the tracks with a predicted BigWig: one look at the folder, for thousands."""
        reads(Format.PREDICTED)
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
        manifest = self.manifest()
        return manifest.ensemble if manifest else Ensemble()

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

        Its keys are pearson, pearson_log1p and r2, None below `core.tracks.metrics.LEAST_BINS`
        bins; and the fold (test, where there is one), the bases of a bin and the number of bins.
        """
        rows = self._fresh(Format.HELD_OUT, lambda: read_held_out(self.project))
        return {
            track: {
                **row.scores,
                "fold": row.fold or None,
                "bin": row.bin or None,
                "n_bins": row.n_bins or None,
            }
            for track, row in rows.items()
        }

    def folds(self) -> list[dict[str, Any]]:
        """Stretches of the genome by fold, touching windows of one fold joined.

        Whole chromosomes where folds are chromosomes and no data set has been made.
        """
        project, genome = self.project, self.genome
        found = self._fresh(Format.FOLDS, lambda: read_folds(project, genome))
        if found or not folds_are_chromosomes(project):
            return [dataclasses.asdict(stretch) for stretch in found]
        folds = chromosome_folds(project, genome)
        return [
            {"chrom": chrom, "start": 0, "end": length, "fold": folds[chrom]}
            for chrom, length in genome.lengths.items()
        ]

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
        of_chromosomes = chromosome_folds(project, self.genome)
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
                {
                    "name": name,
                    "length": length,
                    "fold": of_chromosomes.get(name) or _fold_of_windows(name, folds),
                }
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

    def _fresh(self, kind: Format, read: Callable[[], Any]) -> Any:
        reads(kind)
        return self.read_again(kind, files_of(self.project, kind), read)

    def read_again(self, name: str, files: Sequence[Path], read: Callable[[], Any]) -> Any:
        """Give what was read under a name, read anew when one of the files changed."""
        stamp = stamps(files)
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


def _fold_of_windows(chrom: str, folds: list[dict[str, Any]]) -> str:
    found = {fold["fold"] for fold in folds if fold["chrom"] == chrom}
    return found.pop() if len(found) == 1 else "mixed" if found else ""
