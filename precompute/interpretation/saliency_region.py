"""Saliency of one region: which bins, or with gradient x input which bases, drive its predictions.

A first look from the command line. What is explained is the sum of the region's predicted bins.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.files import whole_file
from sighthound.core.genome.sequence import Interval, parse_region
from sighthound.core.interpretation.saliency import gradient_times_input, saliency
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.project.layout import files_of_tracks
from sighthound.core.project.settings import Project
from sighthound.precompute.interpretation.effect_tables import BIGWIG, check_ending, write_dynseq
from sighthound.precompute.interpretation.queries import Question, ask

# Longest region, in bases: it is computed as one window.
LIMIT = 262_144
BEDGRAPH = (".bedgraph", ".bdg")


def saliency_of_region(
    project: Project,
    region: str,
    output: Path | None,
    stdout: TextIO,
    *,
    tracks: Sequence[str] | None = None,
    ensemble: Ensemble | None = None,
    with_members: bool = False,
) -> None:
    """Write the scores of every bin that the region's predictions depend on.

    Parameters
    ----------
    output : path, optional
        .tsv (chrom, start and end, 1-based inclusive, a column a track) or .bedgraph (0-based
        half-open as that format is; one track); without it TSV goes to `stdout`.
    with_members : bool
        Ask the networks that taught the model, too: further columns of a table say what they do,
        and whether a score is known.

    Raises
    ------
    SighthoundError
        The region does not exist or is too long, or the ending is unknown.
    """
    ending = ".tsv" if output is None else check_ending(output, ".tsv", *BEDGRAPH)
    question, place = _asked(project, region, tracks, ensemble, with_members)
    if ending in BEDGRAPH and with_members:
        raise SighthoundError(f"{output} cannot hold what networks say; with --members write .tsv")
    if ending in BEDGRAPH and len(question.tracks) > 1:
        raise SighthoundError(
            f"a BedGraph holds one track, not {len(question.tracks)}; choose one with --track"
        )
    model, size = question.model, question.model.bin
    bins = np.arange(place.start // size, -(-place.end // size))
    window = question.window(place.chrom, place.start, place.end, bins)
    one_hot = window.one_hot(question.genome)
    wanted = [window.predicted_index(int(b) * size) for b in bins]
    scores = question.answered(
        lambda asked: saliency(
            asked.model, one_hot, list(asked.tracks), wanted, ensemble=asked.ensemble
        )
    )
    length, reach = question.genome.lengths[place.chrom], model.architecture.stack_reach
    first, last = max(0, int(bins[0]) - reach), min(-(-length // size), int(bins[-1]) + reach + 1)
    is_table = ending == ".tsv"
    lines = ["\t".join(("chrom", "start", "end", *question.columns))] if is_table else []
    for bin in range(first, last):
        start, end = bin * size, min((bin + 1) * size, length)
        row = [f"{value:.6g}" for value in scores[window.index(start)].tolist()]
        lines.append("\t".join((place.chrom, str(start + is_table), str(end), *row)))
    text = "\n".join(lines) + "\n"
    if output is None:
        stdout.write(text)
        return
    with whole_file(output, parents=True) as part:
        part.write_text(text, encoding="utf-8")


def gradient_of_region(
    project: Project,
    region: str,
    output: Path,
    *,
    tracks: Sequence[str] | None = None,
    ensemble: Ensemble | None = None,
) -> list[Path]:
    """Write gradient x input at every base that the region's predictions depend on.

    Parameters
    ----------
    output : path
        .bw; of several tracks OUT.TRACK.bw each.

    Returns
    -------
    list of paths written
    """
    check_ending(output, *BIGWIG)
    question, place = _asked(project, region, tracks, ensemble)
    size = question.model.bin
    bins = np.arange(place.start // size, -(-place.end // size))
    window = question.window(place.chrom, place.start, place.end, bins)
    one_hot = window.one_hot(question.genome)
    wanted = [window.predicted_index(int(b) * size) for b in bins]
    reach = question.model.context
    start = max(0, int(bins[0]) * size - reach)
    end = min(question.genome.lengths[place.chrom], (int(bins[-1]) + 1) * size + reach)
    rows = slice(start - window.interval.start, end - window.interval.start)
    values = np.stack(
        [
            gradient_times_input(
                question.model, one_hot, track, wanted, ensemble=question.ensemble
            )[rows]
            for track in question.tracks
        ],
        axis=1,
    )
    paths = files_of_tracks(output, question.tracks)
    reached = Interval(place.chrom, start, end)
    write_dynseq(paths, question.genome.lengths, reached, [(reached, values)])
    return paths


def _asked(
    project: Project,
    region: str,
    tracks: Sequence[str] | None,
    ensemble: Ensemble | None,
    with_members: bool = False,
) -> tuple[Question, Interval]:
    place = parse_region(region, project.open_genome())
    if len(place) > LIMIT:
        raise SighthoundError(
            f"{place} has {len(place):,} bases; saliency of one region takes at most {LIMIT:,}; "
            "choose a shorter one, or genes with --genes"
        )
    question = ask(project, tracks, None, ensemble, "float32", with_members=with_members)
    return question, place
