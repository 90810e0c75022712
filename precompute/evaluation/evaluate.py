"""Evaluate a project's model: one pass over the held-out sequence, then table after table."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sighthound.core import __version__
from sighthound.core.errors import SighthoundError
from sighthound.core.files import stamps
from sighthound.core.genome.bed import read_bed
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model, load_members_of, load_model
from sighthound.core.motifs.jaspar import read_motifs
from sighthound.core.progress import Progress
from sighthound.core.project.evaluation import (
    MASKED,
    TRACKS_FILE,
    About,
    evaluation_folder,
    write_evaluation,
)
from sighthound.core.project.folds import chromosome_folds, read_folds
from sighthound.core.project.layout import cache_folder
from sighthound.core.project.model_card import ModelCard, write_card
from sighthound.core.project.settings import Project
from sighthound.core.project.unmappable import assembly_gaps
from sighthound.core.tracks.experiments import check_experiments
from sighthound.core.tracks.track import Track
from sighthound.precompute.datasets.card import (
    FOLDS,
    data_lines,
    fold_lines,
    leakage_lines,
    model_lines,
)
from sighthound.precompute.datasets.dataset import Dataset, open_dataset
from sighthound.precompute.evaluation.card import (
    accuracy_lines,
    contrast_lines,
    doubts,
    member_lines,
)
from sighthound.precompute.evaluation.elements import read_elements
from sighthound.precompute.evaluation.signals import HeldOut, read_signals
from sighthound.precompute.evaluation.sites import MOST_PROMOTERS
from sighthound.precompute.evaluation.tables import Evaluation, Tables

COARSE_BIN = 128  # bases; what models of smaller bins are given in, too, as in held_out.tsv


@dataclass(frozen=True)
class EvaluationSummary:
    """What an evaluation came to: its folder, tracks with and without numbers, bases, figures."""

    directory: Path
    tracks: tuple[str, ...]
    without: tuple[str, ...]
    bases: int
    missing: dict[str, str]


def evaluate(
    project: Project,
    *,
    fold: str = "test",
    ensemble: Ensemble | None = None,
    elements: Sequence[Path] = (),
    variants: Path | None = None,
    ablation: bool = False,
    sites: Sequence[Path] = (),
    site_promoters: int = MOST_PROMOTERS,
    progress: Progress | None = None,
) -> EvaluationSummary:
    """Measure a project's model on a fold that it never learned from, and write the tables.

    Parameters
    ----------
    fold : {"test", "valid"}
    ensemble : Ensemble, optional
        Strands and shifts that predictions average; by default those of the model's held_out.tsv.
    elements : sequence of path
        BED files of annotated elements, whose saliency is looked at.
    variants : path, optional
        VCF or BCF whose effects the networks that taught the model are compared by; by default
        random substitutions at starts of genes in the fold.
    ablation : bool
        Whether predictions are held against experiments of fewer reads, too.
    sites : sequence of path
        BED files of binding sites, whose bases' contributions to promoters are looked at.
    site_promoters : int
        Promoters that are explained for that, at most.
    progress : callable, optional
        Called with (done, total, phase).

    Raises
    ------
    SighthoundError
        No model, a model of another genome or of none of the tracks; an experiment of another
        assembly; no held-out sequence.
    """
    model, genome = load_model(project.model.directory), project.open_genome()
    members = load_members_of(model, project.model.directory)
    tracks = _tracks(project, model, genome)
    ensemble = ensemble or _stated_ensemble(model)
    records = open_dataset(project) if project.dataset.records else None
    held_out = _held_out(project, genome, model, fold, records)
    signals = read_signals(
        cache_folder(project.root) / "evaluation",
        held_out,
        tracks,
        model,
        genome,
        ensemble,
        _identity(project, model, genome, ensemble, fold, tracks),
        records=records,
        progress=progress,
    )
    parts = [1]
    if model.bin < COARSE_BIN and COARSE_BIN % model.bin == 0:
        parts.append(COARSE_BIN // model.bin)
    places, bound = read_elements(elements, genome), read_elements(sites, genome)
    genes = list(project.read_genes())
    work = Evaluation(signals, [held_out.bins(n) for n in parts], fold, genes, progress)
    motifs = project.motifs
    tables = work.tables() | work.elements(places, model, genome, ensemble)
    tables |= work.effects(model, members, genome, variants)
    tables |= work.ablation(ablation)
    tables |= work.sites(
        bound, model, genome, ensemble,
        lambda: read_motifs(motifs.release, motifs.collection, motifs.tax_group), site_promoters,
    )  # fmt: skip
    about = About(
        model.hash, genome.fingerprint, __version__, fold, work.bins[-1].size,
        tuple(bins.size for bins in work.bins), len(held_out) * model.bin,
        json.loads(json.dumps(dataclasses.asdict(ensemble))), work.missing,
    )  # fmt: skip
    folder = evaluation_folder(project)
    write_evaluation(folder, about, tables)
    write_card(project.model.directory, _card(project, model, members, about, tables, records))
    stated = tables[TRACKS_FILE]
    stated = stated[(stated["region"] == MASKED) & (stated["bin"] == about.bin)]
    has_number = stated["pearson"].notna()
    return EvaluationSummary(
        folder,
        tuple(stated["track"][has_number]),
        tuple(stated["track"][~has_number]),
        about.bases,
        work.missing,
    )


def _tracks(project: Project, model: Model, genome: Genome) -> list[Track]:
    """Tracks with experiments: those that the model has, and their replicates."""
    trained_on = model.info.get("genome")
    if trained_on and trained_on != genome.fingerprint:
        raise SighthoundError(
            f"the model of {project.model.directory} was trained on another genome than "
            f"{genome.path.name} ({trained_on}, here {genome.fingerprint}); use that genome, or "
            "train again"
        )
    # Records hold the values of tracks that have no BigWig.
    of_records = model.tracks if project.dataset.records is not None else ()
    table = project.read_tracks()
    tracks = [track for track in table if track.experiment is not None or track.id in of_records]
    if not any(track.id in model.tracks for track in tracks):
        raise SighthoundError(
            f"{project.tracks.table} has no experiment of a track that the model predicts; add "
            "BigWigs in the column experiment"
        )
    check_experiments(tracks, genome)
    return tracks


def _stated_ensemble(model: Model) -> Ensemble:
    said = model.info.get("held_out_ensemble")
    if not said:
        return Ensemble()
    return Ensemble(bool(said["reverse_complement"]), tuple(said["shifts"]))


def _held_out(
    project: Project, genome: Genome, model: Model, fold: str, records: Dataset | None
) -> HeldOut:
    """The bins of a fold: of the data set's windows, or of whole chromosomes."""
    size = model.bin
    places = _places(project, genome, records).get(fold, [])
    if records is not None:
        return HeldOut(places, size, on_grid=False)
    places = [Interval(p.chrom, p.start, p.end // size * size) for p in places]
    places = [place for place in places if len(place)]
    if not places:
        raise SighthoundError(
            f"no sequence is of the {fold} fold: name chromosomes in [dataset] {fold}, or make the "
            "data set with 'sighthound dataset'"
        )
    blacklist = read_bed(project.genome.blacklist, genome) if project.genome.blacklist else []
    return HeldOut(places, size, blacklist, assembly_gaps(project, genome))


def _places(project: Project, genome: Genome, records: Dataset | None) -> dict[str, list[Interval]]:
    """The sequence of every fold: the data set's, or whole chromosomes before there is one."""
    if records is not None:
        return {
            fold: [Interval(w.chrom, w.start, w.end) for w in records.fold(fold)] for fold in FOLDS
        }
    of_data = read_folds(project, genome)
    of_settings = chromosome_folds(project, genome)
    found = {}
    for fold in FOLDS:
        found[fold] = [Interval(s.chrom, s.start, s.end) for s in of_data if s.fold == fold]
        # A fold that no window of the data set is of may be chromosomes that were left out of it.
        found[fold] = found[fold] or [
            Interval(chrom, 0, genome.lengths[chrom])
            for chrom, own in of_settings.items()
            if own == fold and not (of_data and fold == "train")
        ]
    return found


def _card(
    project: Project,
    model: Model,
    members: Sequence[Model],
    about: About,
    tables: Tables,
    records: Dataset | None,
) -> ModelCard:
    """What is known of the model now."""
    genome = project.open_genome()
    tracks = {track.id: track for track in project.read_tracks()}
    places = _places(project, genome, records)
    own = [tracks[id] for id in model.tracks if id in tracks]
    length, fold = model.sequence_length, about.fold
    lines = (
        *model_lines(model, len(members)),
        *data_lines(project, own, genome),
        *fold_lines(places, length, genome),
        *leakage_lines(places, fold, length, genome),
        *accuracy_lines(tables, tracks, about.bin, fold),
        *contrast_lines(tables),
        *member_lines(tables),
    )
    said = tuple(doubts(lines, tables, tracks, about.bin, fold))
    return ModelCard(model.hash, genome.fingerprint, __version__, True, lines, said)


def _identity(
    project: Project,
    model: Model,
    genome: Genome,
    ensemble: Ensemble,
    fold: str,
    tracks: Sequence[Track],
) -> dict[str, object]:
    files: Iterator[Path] = (file for track in tracks for file in track.files)
    return {
        "model": model.hash,
        "genome": genome.fingerprint,
        "version": __version__,
        "ensemble": dataclasses.asdict(ensemble),
        "fold": [fold, repr(project.dataset), repr(project.genome)],
        "tracks": [[t.id, t.aggregation, t.covered] for t in tracks],
        "files": stamps(files),
    }
