"""Where two tracks differ most, in the experiment and in the prediction, and the motif behind it.

Places are the starts of genes or those of a BED file; their values are sums over their bins. What
explains a place is asked as a person asks the page: the bin of the strongest saliency of the
contrast towards the difference, the mutagenesis of the bases around its middle, and the motif there
whose bases add most to the difference.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sighthound.core.bigwig import files as bigwig
from sighthound.core.errors import SighthoundError
from sighthound.core.files import whole_file
from sighthound.core.genome.bed import bed_regions
from sighthound.core.genome.interval_sets import by_chromosome
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.interpretation.attributions import contributions
from sighthound.core.interpretation.mutagenesis import mutagenesis
from sighthound.core.interpretation.saliency import saliency
from sighthound.core.interpretation.windows import locus_window
from sighthound.core.model.ensemble import Ensemble, claiming
from sighthound.core.model.model import Model, load_model
from sighthound.core.motifs.jaspar import Motif, read_motifs
from sighthound.core.motifs.naming import NamedMotif, name_motifs
from sighthound.core.progress import Progress, silent
from sighthound.core.project.contrast_lists import COLUMNS, ContrastList, contrast_list_file
from sighthound.core.project.layout import prediction_file
from sighthound.core.project.settings import Project
from sighthound.core.tracks.contrasts import contrast_name, log_ratio, tracks_of
from sighthound.core.tracks.experiments import experiment_bins
from sighthound.core.tracks.track import Track
from sighthound.precompute.genome_wide.disagreements import (
    Folds,
    both_signals,
    excluded_regions,
)
from sighthound.precompute.genome_wide.run import check_model

TOP = 50
AROUND = 256  # bases about a start that are its place
MUTATED = 200  # bases about the middle of the strongest bin, as a click on the page mutates
ORDERS = ("both", "measured", "predicted")


@dataclass(frozen=True)
class Place:
    """A stretch whose values are contrasted; `strand` is "." where it has none."""

    name: str
    interval: Interval
    strand: str


@dataclass(frozen=True)
class Explained:
    """The motif that does most for a difference, and what its bases add to the log2 ratio."""

    motif: NamedMotif
    effect: float


def find_contrasts(
    project: Project,
    one: str,
    other: str,
    *,
    places: Path | None = None,
    top: int = TOP,
    order: str = "both",
    ensemble: Ensemble | None = None,
    progress: Progress | None = None,
) -> Path:
    """Rank places by how much two tracks differ there, explain them, and write the list.

    Parameters
    ----------
    one, other : str
        Ids of tracks that have an experiment, a predicted BigWig, and the model.
    places : path, optional
        BED file of places; genes' starts with `AROUND` bases about each by default. Places on the
        other strand than the tracks' are asked of these tracks' `strand_pair`, where both have one.
    top : int
        Places in the list. Of places that overlap the one of the largest difference is kept.
    order : {"both", "measured", "predicted"}
        By what is ranked: the smaller of both differences where they have one sign, or one of them.
    ensemble : Ensemble, optional
        What explanations average; both strands and shifts by default, as `claiming` says.
    progress : callable, optional
        Called with (done, total) places.

    Returns
    -------
    path of the Parquet table

    Raises
    ------
    SighthoundError
        No model or predicted BigWigs, tracks that cannot be compared, no places.
    """
    tracks_of(contrast_name(one, other))
    model, genome = load_model(project.model.directory), project.open_genome()
    check_model(model, project.read_tracks(), genome)
    pairs = _pairs(project, model, one, other)
    wanted = _starts(project, genome) if places is None else _of_bed(places, genome)
    if not wanted:
        what = "the project has no genes" if places is None else f"{places} has no places"
        raise SighthoundError(f"{what} to compare tracks at; give a BED file with --places")
    table = _ranked(_compared(project, genome, model.bin, wanted, pairs), order)[:top]
    known = read_motifs(project.motifs.release, project.motifs.collection, project.motifs.tax_group)
    report, folds = progress or silent, Folds(project)
    rows: list[dict[str, Any]] = []
    report(0, len(table))
    for rank, row in enumerate(table, 1):
        place, interval = row.pop("about"), row.pop("bins")
        found = explain(
            model, genome, contrast_name(row["track"], row["other"]), interval,
            np.sign(row["predicted"]) or np.sign(row["measured"]), known,
            ensemble or claiming(model.bin),
        )  # fmt: skip
        rows.append(
            {
                "rank": rank, "place": place.name, "chrom": interval.chrom,
                "start": interval.start + 1,
                "end": min(interval.end, genome.lengths[interval.chrom]),
                "strand": place.strand,
                "fold": folds.at(interval.chrom, interval.start, interval.end),
                **row, **_in_columns(found),
            }
        )  # fmt: skip
        report(rank, len(table))
    said = "genes' starts" if places is None else places.name
    file = contrast_list_file(project, one, other)
    ContrastList(_typed(rows), one, other, model.hash, said).write(file)
    return file


def explain(
    model: Model,
    genome: Genome,
    contrast: str,
    place: Interval,
    sign: float,
    known: tuple[Motif, ...],
    ensemble: Ensemble,
) -> Explained | None:
    """Find the motif whose bases add most to a contrast, towards a sign.

    Parameters
    ----------
    place : Interval
        Whole bins, whose summed predictions are contrasted.
    sign : float
        1 where the first track is the higher one, -1 where the second is.

    Returns
    -------
    Explained or None
        None where nothing that was named adds to the difference.
    """
    size, length = model.bin, genome.lengths[place.chrom]
    window = locus_window(
        model, place.chrom, place.start - ensemble.furthest, place.end + ensemble.furthest
    )
    one_hot = window.one_hot(genome)
    bins = [window.predicted_index(base) for base in range(place.start, place.end, size)]
    scores = sign * saliency(model, one_hot, contrast, bins, ensemble=ensemble)
    inside = window.interval.start + np.arange(len(scores)) * size
    scores[(inside < 0) | (inside >= length)] = -np.inf
    middle = int(inside[int(scores.argmax())]) + size // 2
    first = window.interval.start
    # Beyond the window nothing changes the prediction.
    start = max(0, first, min(middle - MUTATED // 2, length - MUTATED))
    end = min(start + MUTATED, length, window.interval.end)
    effects = mutagenesis(
        model, one_hot, start - first, end - first, tracks=[contrast], bins=bins, ensemble=ensemble
    )[..., 0]
    added = sign * contributions(one_hot[start - first : end - first], effects)
    named = [
        (float(np.nansum(added[max(0, m.start - start) : max(0, m.end - start)])), m)
        for m in name_motifs(genome, Interval(place.chrom, start, end), effects, known)
    ]
    added_most, motif = max(named, key=lambda pair: pair[0], default=(0.0, None))
    return Explained(motif, sign * added_most) if motif is not None and added_most > 0 else None


def write_tsv(file: Path, output: Path) -> None:
    """Write a list as text."""
    with whole_file(output, parents=True) as part:
        pd.read_parquet(file).to_csv(part, sep="\t", index=False, float_format="%.5g")


def _pairs(project: Project, model: Model, one: str, other: str) -> dict[str, tuple[Track, Track]]:
    """Which two tracks are asked, by the strand of a place."""
    first, second = both_signals(project, [one, other])
    for track in (first, second):
        model.track_index(track.id)
    if first.strand != second.strand or first.strand == ".":
        return dict.fromkeys("+-.", (first, second))
    turned = "-" if first.strand == "+" else "+"
    if not (first.strand_pair and second.strand_pair):
        return {first.strand: (first, second), ".": (first, second)}
    one_turned, other_turned = both_signals(project, [first.strand_pair, second.strand_pair])
    return {
        first.strand: (first, second), ".": (first, second), turned: (one_turned, other_turned),
    }  # fmt: skip


def _starts(project: Project, genome: Genome) -> list[Place]:
    starts = {
        (gene.name, gene.chrom, tss, gene.strand)
        for gene in project.read_genes()
        for tss in gene.tss_positions
    }
    return [
        Place(name, Interval(chrom, max(0, tss - AROUND // 2), tss + AROUND // 2), strand)
        for name, chrom, tss, strand in sorted(starts, key=lambda start: start[1:3])
        if chrom in genome.lengths
    ]


def _of_bed(file: Path, genome: Genome) -> list[Place]:
    found = []
    for region in bed_regions(file, genome):
        name, _, strand = (*region.others, "", "", "")[:3]
        strand = strand if strand in ("+", "-") else "."
        found.append(Place(name or str(region.interval), region.interval, strand))
    return found


def _compared(
    project: Project,
    genome: Genome,
    size: int,
    places: Sequence[Place],
    pairs: dict[str, tuple[Track, Track]],
) -> list[dict[str, Any]]:
    """Values of both tracks at every place where all of them are known."""
    rows: list[dict[str, Any]] = []
    masked = by_chromosome(excluded_regions(project))
    tracks = {track.id: track for pair in pairs.values() for track in pair}
    for chrom, length in genome.lengths.items():
        here = [p for p in places if p.interval.chrom == chrom and p.strand in pairs]
        count = length // size
        if not here or not count:
            continue
        signals = {
            id: _signals(project, genome, track, Interval(chrom, 0, count * size), size, masked)
            for id, track in tracks.items()
        }
        for place in here:
            first, last = place.interval.start // size, -(-place.interval.end // size)
            last = min(last, count)
            if first >= last:
                continue
            one, other = pairs[place.strand]
            values = {}
            for track, prefix in ((one, ""), (other, "other_")):
                for kind, signal in signals[track.id].items():
                    of_bins = signal[first:last]
                    total = of_bins.mean() if track.aggregation == "mean" else of_bins.sum()
                    values[prefix + kind] = float(total)
            if not np.isfinite(list(values.values())).all():
                continue
            rows.append(
                {
                    "about": place, "bins": Interval(chrom, first * size, last * size),
                    "track": one.id, "other": other.id, **values,
                    "measured": _contrast(values, "experiment"),
                    "predicted": _contrast(values, "prediction"),
                }
            )  # fmt: skip
    return rows


def _signals(
    project: Project,
    genome: Genome,
    track: Track,
    whole: Interval,
    size: int,
    masked: Mapping[str, Sequence[Interval]],
) -> dict[str, NDArray[np.float64]]:
    """Both signals of a track over a chromosome; NaN where they are not known."""
    experiment = experiment_bins(track, genome, whole, size)
    for stretch in masked.get(whole.chrom, ()):
        experiment[stretch.start // size : -(-stretch.end // size)] = np.nan
    file, count = prediction_file(project, track.id), len(whole) // size
    prediction = np.full(count, np.nan, np.float32)
    if whole.chrom in bigwig.chromosomes(file):
        prediction = bigwig.read_bins(file, whole.chrom, 0, whole.end, count, empty=np.nan)
    return {"experiment": experiment.astype(float), "prediction": prediction.astype(float)}


def _contrast(values: dict[str, float], kind: str) -> float:
    return float(log_ratio(np.array(values[kind]), np.array(values[f"other_{kind}"])))


def _ranked(rows: list[dict[str, Any]], order: str) -> list[dict[str, Any]]:
    """Sort places by their difference; of those that overlap on a strand the first one stays.

    For the order the mean of all places is added to both tracks in place of 1, so that a few reads
    against none do not rank before many against some.
    """
    if order not in ORDERS:
        raise SighthoundError(f"order is {order!r}; expected one of {', '.join(ORDERS)}")
    means = {
        kind: max(1.0, float(np.mean([row[p + kind] for row in rows for p in ("", "other_")])))
        for kind in ("experiment", "prediction")
        if rows
    }

    def difference(row: dict[str, Any], kind: str) -> float:
        one, other = max(0.0, row[kind]), max(0.0, row[f"other_{kind}"])
        return math.log2((one + means[kind]) / (other + means[kind]))

    def size(row: dict[str, Any]) -> float:
        measured, predicted = difference(row, "experiment"), difference(row, "prediction")
        if order != "both":
            return abs(measured if order == "measured" else predicted)
        return min(abs(measured), abs(predicted)) if measured * predicted > 0 else 0.0

    kept: list[dict[str, Any]] = []
    taken: dict[tuple[str, str], list[Interval]] = {}
    for row in sorted(rows, key=lambda row: -size(row)):
        if not size(row):
            break
        place: Interval = row["bins"]
        near = taken.setdefault((place.chrom, row["about"].strand), [])
        if all(place.end <= there.start or there.end <= place.start for there in near):
            near.append(place)
            kept.append(row)
    return kept


def _in_columns(found: Explained | None) -> dict[str, Any]:
    if found is None:
        return {
            "motif": "", "matrix": "", "q_value": np.nan, "by": "", "motif_start": 0,
            "motif_end": 0, "motif_strand": "", "effect": np.nan,
        }  # fmt: skip
    motif = found.motif
    return {
        "motif": motif.name, "matrix": motif.motif, "q_value": motif.q_value, "by": motif.by,
        "motif_start": motif.start + 1, "motif_end": motif.end, "motif_strand": motif.strand,
        "effect": found.effect,
    }  # fmt: skip


def _typed(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """The table, of one form whether it has rows or not."""
    texts = {
        "place", "chrom", "strand", "fold", "track", "other", "motif", "matrix", "by",
        "motif_strand",
    }  # fmt: skip
    whole = {"rank", "start", "end", "motif_start", "motif_end"}
    return pd.DataFrame(
        {
            name: pd.Series(
                [row[name] for row in rows],
                dtype="object" if name in texts else "int64" if name in whole else "float32",
            )
            for name in COLUMNS
        }
    )
