"""Look through a project's experiments before anything is learned from them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sighthound.core.errors import SighthoundError
from sighthound.core.files import write_text
from sighthound.core.progress import Progress
from sighthound.core.project.folds import read_folds
from sighthound.core.project.settings import Project
from sighthound.core.tracks.experiments import check_experiments
from sighthound.precompute.quality.doctor import examine, shallow_words, unjudged
from sighthound.precompute.quality.evidence import Suspicion
from sighthound.precompute.quality.report import report_html
from sighthound.precompute.quality.samples import read_sample


@dataclass(frozen=True)
class Examination:
    """What was looked through: ids of the tracks, what is suspicious, what could not be judged.

    `shallow` says which tracks have too few reads for copy-number steps.
    """

    tracks: tuple[str, ...]
    suspicions: tuple[Suspicion, ...]
    unjudged: tuple[str, ...]
    shallow: str


def check_tracks(
    project: Project, report: Path | None = None, progress: Progress | None = None
) -> Examination:
    """Hold a project's experiments against its genome, its genes and each other.

    Parameters
    ----------
    report : path, optional
        HTML to write: what was found, with windows and folds, values and correlations.
    progress : callable, optional
        Called with (done, total) tracks.

    Raises
    ------
    SighthoundError
        No track has an experiment that can be read on this genome.
    """
    genome = project.open_genome()
    tracks, suspicions = [], []
    for track in project.read_tracks():
        if track.experiment is None:
            continue
        try:
            check_experiments([track], genome)
            tracks.append(track)
        except SighthoundError as error:
            words = str(error).removeprefix(f"track {track.id!r}: ")
            suspicions.append(
                Suspicion("wrong build", (track.id,), words, "count its reads on this genome")
            )
    if not tracks:
        said = str(suspicions[0]) if suspicions else "no track has an experiment"
        raise SighthoundError(f"{project.tracks.table}: {said}")
    sample = read_sample(genome, tracks, project.read_genes(), progress)
    suspicions += examine(sample)
    if report:
        folds = read_folds(project, genome)
        page = report_html(project.title, genome, sample, suspicions, folds)
        write_text(report, page)
    return Examination(
        tuple(track.id for track in tracks),
        tuple(suspicions),
        tuple(unjudged(sample)),
        shallow_words(sample),
    )
