"""What a project holds, for the web side: read again when its files change, without TensorFlow."""

from __future__ import annotations

import dataclasses
import hashlib
import logging
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from flask import has_request_context

from sighthound.app.answers.limits import Limits
from sighthound.app.answers.project import (
    Chromosome,
    FoldStretch,
    Heading,
    HeldOut,
    Live,
    MeasuredEffects,
    ProjectAssay,
    ProjectSummary,
    ProjectTrack,
)
from sighthound.core import __version__
from sighthound.core.annotation.genes import Genes
from sighthound.core.errors import SighthoundError, UnavailableError
from sighthound.core.files import stamps
from sighthound.core.genome.sequence import Interval, parse_region
from sighthound.core.interpretation.agreement import LEAST_MEMBERS
from sighthound.core.interpretation.scores import SCORES
from sighthound.core.interpretation.windows import locus_grid
from sighthound.core.model.activations import activation_kinds
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.blocks import block_kinds
from sighthound.core.model.ensemble import Ensemble, claiming, in_words
from sighthound.core.model.model import DESCRIPTION, member_folders, read_description
from sighthound.core.project.evaluation import read_ceilings
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
from sighthound.core.project.truth import truth_chromosomes, truth_files
from sighthound.core.tracks.assays import ASSAYS
from sighthound.core.tracks.card import card_file
from sighthound.core.tracks.sets import read_track_sets
from sighthound.core.tracks.track import Track, read_tracks

# The widest window that is predicted on the spot: so many of the model's own, or so many bases.
LIVE_WINDOWS = 2
LIVE_BP = 100_000
_SEEN_KEPT = 256  # views of people who see other tracks

_log = logging.getLogger(__name__)


# Gives the ids of those of all tracks, and sets of tracks, that who is asking may not see.
Hidden = Callable[[Mapping[str, Track], Mapping[str, Sequence[str]]], frozenset[str]]
_NO_SETS: dict[str, list[str]] = {}


class Catalogue:
    """What the project holds, read again when its files change.

    Here is the one place where tracks are looked up: a track that who is asking may not see is in
    none of its answers, so that it is to them as one that is not there.

    Parameters
    ----------
    project : Project
    hidden : callable, optional
        Says what is kept from who is asking; nothing by default.
    """

    def __init__(self, project: Project, hidden: Hidden | None = None) -> None:
        self.project = project
        self._hidden = hidden
        self._seen: dict[frozenset[str], tuple[dict[str, Track], dict[str, Track]]] = {}
        self.genome = project.open_genome()
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[object, Any]] = {}

    @property
    def is_alike_for_all(self) -> bool:
        """Whether nothing is kept from anybody."""
        return self._hidden is None

    def tables(self) -> tuple[object, object]:
        """All tracks and sets, whoever asks: others when a table changed. Never for an answer."""
        return self._every_track(), self._every_set()

    def genes(self) -> Genes:
        """Genes of the annotation."""
        reads(Format.GENES)
        return self.project.read_genes()

    def tracks(self) -> dict[str, Track]:
        """Tracks by id that who is asking may see, in the table's order."""
        every = self._every_track()
        hidden = self.hidden()
        if not hidden:
            return every
        kept = self._seen.get(hidden)
        if kept is None or kept[0] is not every:
            seen = {id: _alone(t, hidden) for id, t in every.items() if id not in hidden}
            if len(self._seen) >= _SEEN_KEPT:
                self._seen.clear()
            kept = self._seen[hidden] = every, seen
        return kept[1]

    def hidden(self) -> frozenset[str]:
        """Ids of the tracks that who is asking may not see: never for an answer."""
        if self._hidden is None:
            return frozenset()
        return self._hidden(self._every_track(), self._every_set())

    def view(self) -> str:
        """Give what differs between people who see other tracks, for keys of what is kept."""
        hidden = self.hidden()
        return hashlib.sha256(repr(sorted(hidden)).encode()).hexdigest() if hidden else ""

    def seen(self, tracks: Iterable[str]) -> tuple[str, ...]:
        """Leave out the tracks of a list that who is asking may not see.

        Those that the table does not have are seen by who sees all that it has.
        """
        hidden = self.hidden()
        if not hidden:
            return tuple(tracks)
        known = self.tracks()
        return tuple(track for track in tracks if track in known)

    def _every_track(self) -> dict[str, Track]:
        table = self.project.tracks.table
        try:
            found: dict[str, Track] = self._fresh(
                Format.TRACKS, lambda: {t.id: t for t in read_tracks(table)}
            )
        except SighthoundError as error:
            if self._hidden is None or not has_request_context():
                raise
            # What is wrong in the table may be of a track that is not for everybody.
            _log.error("%s", error)
            raise UnavailableError(
                "the project's table of tracks cannot be read now; ask the administrator"
            ) from None
        return found

    def track_sets(self) -> dict[str, list[str]]:
        """Track ids of the sets that the project has for everybody; empty without such."""
        reads(Format.TRACK_SETS)
        sets = self._every_set()
        if not self.hidden():
            return sets
        known = self.tracks()
        seen = {name: [id for id in ids if id in known] for name, ids in sets.items()}
        return {name: ids for name, ids in seen.items() if ids}

    def _every_set(self) -> dict[str, list[str]]:
        table = self.project.tracks.sets
        if table is None:
            return _NO_SETS
        tracks = self._every_track()
        found: dict[str, list[str]] = self.read_again(
            Format.TRACK_SETS,
            [table, self.project.tracks.table],
            lambda: read_track_sets(table, tracks),
        )
        return found

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
        return () if model is None else self.seen(model["tracks"])

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

    def claiming(self) -> Ensemble:
        """What is averaged where an effect is claimed, as of a variant."""
        return claiming(self.model_bin())

    def members(self) -> int:
        """How many networks taught the model and can be asked; 0 where it takes more."""
        folder = self.project.model.directory
        count = self._fresh(Format.MEMBERS, lambda: len(member_folders(folder)))
        return count if count >= LEAST_MEMBERS else 0

    def measured(self) -> tuple[MeasuredEffects, ...]:
        """Tables of measured effects, and the chromosomes that they are on."""
        project = self.project
        return self._fresh(
            Format.TRUTH,
            lambda: tuple(
                MeasuredEffects(file.stem, truth_chromosomes(file)) for file in truth_files(project)
            ),
        )

    def live(self) -> Live | None:
        """How windows are predicted on the spot; None where they cannot be."""
        architecture = self.architecture()
        # Files of another bin are of another model: its bins and theirs do not line up.
        if architecture is None or architecture.bin != self.native_bin():
            return None
        return Live(
            locus_grid(architecture) * architecture.bin,
            max(LIVE_WINDOWS * architecture.sequence_length, LIVE_BP),
            in_words(self.ensemble()),
        )

    def held_out(self) -> dict[str, HeldOut]:
        """Accuracy on a fold that was held out, by track, beside what replicates allow."""
        project = self.project
        rows, ceilings = self._fresh(
            Format.HELD_OUT, lambda: (read_held_out(project), read_ceilings(project))
        )
        found, is_partial = {}, bool(self.hidden())
        for track, row in rows.items():
            ceiling = ceilings.get((track, row.fold, row.bin))
            of = ceiling.of if ceiling else ""
            found[track] = HeldOut(
                **row.scores,
                fold=row.fold or None,
                bin=row.bin or None,
                n_bins=row.n_bins or None,
                ceiling_log1p=ceiling.pearson_log1p if ceiling else None,
                ceiling=ceiling.pearson if ceiling else None,
                ceiling_of=(uncounted(of) if is_partial else of) if ceiling else None,
            )
        return found

    def folds(self) -> list[FoldStretch]:
        """Stretches of the genome by fold, touching windows of one fold joined.

        Whole chromosomes where folds are chromosomes and no data set has been made.
        """
        project, genome = self.project, self.genome
        found = self._fresh(Format.FOLDS, lambda: read_folds(project, genome))
        if found or not folds_are_chromosomes(project):
            return [FoldStretch(s.chrom, s.start, s.end, s.fold) for s in found]
        folds = chromosome_folds(project, genome)
        return [
            FoldStretch(chrom, 0, length, folds[chrom]) for chrom, length in genome.lengths.items()
        ]

    def heading(self) -> Heading:
        """Give what stands above the page; the first keys of `summary`."""
        project = self.project
        return Heading(
            project.title, project.genome.name, project.server.simulated, project.server.login
        )

    def summary(self) -> ProjectSummary:
        """Give what /api/v1/project says."""
        project, architecture = self.project, self.architecture()
        folds = self.folds()
        of_chromosomes = chromosome_folds(project, self.genome)
        others = self.genome.other_names()
        return ProjectSummary(
            **vars(self.heading()),
            chromosomes=tuple(
                Chromosome(
                    name,
                    length,
                    of_chromosomes.get(name) or _fold_of_windows(name, folds),
                    others[name],
                )
                for name, length in self.genome.lengths.items()
            ),
            folds=tuple(folds),
            bin=self.native_bin(),
            sequence_length=(
                architecture.sequence_length if architecture else project.dataset.sequence_length
            ),
            context_bp=architecture.context if architecture else None,
            tracks=tuple(self._described_tracks()),
            default_locus=self.default_locus(),
            default_tracks=self.default_tracks(),
            track_sets={name: tuple(ids) for name, ids in self.track_sets().items()},
            has_model=architecture is not None,
            fingerprint=self.genome.fingerprint,
            model_hash=self.model_hash(),
            version=__version__,
            members=self.members(),
            claims=in_words(self.claiming()),
            measured=self.measured(),
            live=self.live(),
            max_mutagenesis_bp=project.server.max_mutagenesis_bp,
            limits=Limits(),
            assays=tuple(self._assays()),
            scores=tuple(score.in_words for score in SCORES.values()),
            blocks=tuple(block_kinds()),
            activations=tuple(activation_kinds()),
        )

    def _assays(self) -> Iterator[ProjectAssay]:
        counts = Counter(track.assay for track in self.tracks().values())
        for number, (name, count) in enumerate(counts.items()):
            known = ASSAYS.get(name)
            yield ProjectAssay(name, known.words if known else "", number, count)

    def _described_tracks(self) -> Iterator[ProjectTrack]:
        tracks, held_out = self.tracks(), self.held_out()
        colors = {assay.name: assay.color for assay in self._assays()}
        in_model = frozenset(self.model_tracks())
        modelled = in_model if self.live() else frozenset()
        predicted = self._predicted()
        unit = self.native_bin()
        reads(Format.CARDS)
        for track in tracks.values():
            yield ProjectTrack(
                id=track.id,
                name=track.name,
                assay=track.assay,
                sample=track.sample,
                group=track.group,
                strand=track.strand,
                strand_pair=track.strand_pair,
                replicate_of=track.replicate_of,
                description=track.description,
                aggregation=track.aggregation,
                unit=f"{track.aggregation} per {unit} bp",
                has_experiment=track.experiment is not None,
                has_card=track.experiment is not None and card_file(track.experiment).is_file(),
                has_prediction=track.id in predicted or track.id in modelled,
                modelled=track.id in in_model,
                live=track.id in modelled and track.id not in predicted,
                held_out=held_out.get(track.id),
                color=colors[track.assay],
            )

    def default_tracks(self) -> tuple[str, ...]:
        """Ids of the tracks that the page opens on."""
        tracks = self.tracks()
        shown = tuple(t for t in self.project.server.default_tracks if t in tracks)
        return shown or tuple(tracks)[:8]

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


def _alone(track: Track, hidden: frozenset[str]) -> Track:
    """Leave out of a track which others it belongs with that are hidden."""
    pair = "" if track.strand_pair in hidden else track.strand_pair
    of = "" if track.replicate_of in hidden else track.replicate_of
    if (pair, of) == (track.strand_pair, track.replicate_of):
        return track
    return dataclasses.replace(track, strand_pair=pair, replicate_of=of)


def uncounted(ceiling: str) -> str:
    """Say what sets a ceiling without how many replicates, of which some may be hidden."""
    return "replicates" if ceiling.startswith("sum of ") else ceiling


def _fold_of_windows(chrom: str, folds: list[FoldStretch]) -> str:
    found = {fold.fold for fold in folds if fold.chrom == chrom}
    return found.pop() if len(found) == 1 else "mixed" if found else ""
