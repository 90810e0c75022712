"""Score a model of the demo against what the simulation planted, on its test chromosome.

Three questions: how near predictions come to what the noise allows; whether saliency of a gene's
start finds the distal elements that act on it; whether mutagenesis gives planted effects of bases.
`python -m precompute.truth PROJECT` prints the tables of docs/accuracy.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.errors import SighthoundError
from core.genome import Interval
from core.inference import Model, load_model, window_around
from core.metrics import pearson
from core.mutagenesis import mutagenesis
from core.project import Project, load_project
from core.saliency import saliency
from core.tracks import experiment_bins
from precompute.demo import TRUTH
from precompute.planted import planted_mutation_effects
from precompute.simulation import DISTAL_REACH, Simulation

# An element is strong when it changes its gene's initiation this many fold, up or down, and distal
# when it lies at least this many bases from the start.
STRONG_FOLD = 2.0
DISTAL_FROM = 500
TOP_BINS = 10
FLANK = 10  # bases mutated on each side of a motif


@dataclass(frozen=True)
class Element:
    """A planted distal element and the transcription start it acts on."""

    track: str
    chrom: str
    start: int
    end: int
    strand: str
    factor: str
    gene: str
    tss: int
    log_fold_change: float


def ceilings(project: Project, chrom: str) -> pd.DataFrame:
    """Compare held-out accuracy with what the noise allows: one replicate against the other.

    Returns
    -------
    DataFrame
        One row a track that is repeated: track, pearson_log1p of the model, ceiling.
    """
    genome = project.open_genome()
    held_out = pd.read_csv(project.model.directory / "held_out.tsv", sep="\t")
    bin_size = project.dataset.bin
    chosen = held_out[(held_out.fold == "test") & (held_out.bin == bin_size)].set_index("track")
    bins = -(-genome.lengths[chrom] // bin_size)
    whole = Interval(chrom, 0, bins * bin_size)
    tracks = {track.id: track for track in project.read_tracks()}
    rows = []
    for second in tracks.values():
        if second.replicate_of:
            first = tracks[second.replicate_of]
            one, two = (experiment_bins(t, genome, whole, bin_size) for t in (first, second))
            ceiling = float(pearson(np.log1p(one)[:, None], np.log1p(two)[:, None])[0])
            rows.append((first.id, chosen.pearson_log1p[first.id], ceiling))
    return pd.DataFrame(rows, columns=["track", "pearson_log1p", "ceiling"])


def strong_distal_elements(project: Project, chrom: str) -> list[Element]:
    """List the strong distal elements of a chromosome, one for each track and start they act on."""
    truth = pd.read_parquet(project.root / TRUTH)
    strong = truth[
        (truth.chrom == chrom)
        & (truth.kind == "distal")
        & (truth.distance.abs() >= DISTAL_FROM)
        & (truth.log_fold_change.abs() >= np.log(STRONG_FOLD))
    ]
    fields = list(Element.__dataclass_fields__)
    return [Element(*row) for row in strong[fields].itertuples(index=False)]


def find_elements(
    project: Project,
    model: Model,
    elements: list[Element],
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Rank the bin of each element by saliency of its gene's start.

    Bins nearer to the start than `DISTAL_FROM` do not compete: there every promoter scores.

    Returns
    -------
    DataFrame
        One row an element: the element's fields, rank (0 is the highest), candidates (distal bins
        that competed), sign_is_right.
    """
    genome = project.open_genome()
    rows = []
    scores: dict[tuple[str, int], tuple[int, np.ndarray]] = {}
    for done, element in enumerate(elements):
        if progress is not None:
            progress(done, len(elements))
        key = (element.track, element.tss)
        if key not in scores:
            start = window_around(element.tss, model.sequence_length, model.bin)
            window = Interval(element.chrom, start, start + model.sequence_length)
            target = (element.tss - start) // model.bin - model.crop
            one_hot = genome.one_hot(window)
            scores[key] = start, saliency(model, one_hot, f"{element.track}_r1", [target])
        start, values = scores[key]
        centre = start + (np.arange(len(values)) + 0.5) * model.bin
        far = np.abs(centre - element.tss)
        candidates = np.flatnonzero((far >= DISTAL_FROM) & (far <= DISTAL_REACH))
        own = ((element.start + element.end) // 2 - start) // model.bin
        rank = int((np.abs(values[candidates]) > abs(values[own])).sum())
        is_right = bool(np.sign(values[own]) == np.sign(element.log_fold_change))
        rows.append((*vars(element).values(), rank, len(candidates), is_right))
    columns = [*Element.__dataclass_fields__, "rank", "candidates", "sign_is_right"]
    return pd.DataFrame(rows, columns=columns)


def compare_mutagenesis(
    project: Project, model: Model, simulation: Simulation, elements: list[Element]
) -> pd.DataFrame:
    """Correlate in silico mutagenesis of elements with the planted effects of their bases.

    Returns
    -------
    DataFrame
        One row an element: the element's fields, pearson (over substitutions of its motif and
        `FLANK` bases around), and slope (planted effect explained by one unit of predicted).
    """
    genome = project.open_genome()
    rows = []
    for element in elements:
        start = window_around(element.tss, model.sequence_length, model.bin)
        window = Interval(element.chrom, start, start + model.sequence_length)
        region = Interval(element.chrom, element.start - FLANK, element.end + FLANK)
        target = (element.tss - start) // model.bin
        one_hot = genome.one_hot(window)
        effects = mutagenesis(
            model,
            one_hot,
            region.start - start,
            region.end - start,
            tracks=[f"{element.track}_r1"],
            bins=[target - model.crop],
        )[..., 0]
        at = start + target * model.bin
        planted = planted_mutation_effects(
            simulation, f"{element.track}_r1", region, Interval(element.chrom, at, at + model.bin)
        )
        is_changed = one_hot[region.start - start : region.end - start] == 0
        predicted, expected = effects[is_changed], planted[is_changed]
        r = float(pearson(predicted[:, None], expected[:, None])[0])
        slope = float(np.polyfit(predicted, expected, 1)[0]) if predicted.std() > 0 else np.nan
        rows.append((*vars(element).values(), r, slope))
    columns = [*Element.__dataclass_fields__, "pearson", "slope"]
    return pd.DataFrame(rows, columns=columns)


def main(path: str) -> None:
    """Print the tables of docs/accuracy.md for a demo project."""
    project = load_project(path)
    if not (project.root / TRUTH).is_file():
        raise SighthoundError(f"{path} has no {TRUTH}; expected a demo made by 'sighthound demo'")
    assert isinstance(project.dataset.test, tuple)
    chrom = project.dataset.test[0]
    model = load_model(project.model.directory)
    print("| track | held-out r(log1p) | ceiling |\n|---|---|---|")
    for row in ceilings(project, chrom).itertuples():
        print(f"| {row.track} | {row.pearson_log1p:.3f} | {row.ceiling:.3f} |")
    elements = strong_distal_elements(project, chrom)
    found = find_elements(project, model, elements)
    chance = (TOP_BINS / found.candidates).mean()
    print(
        f"\n{len(found)} pairs of a strong distal element and a start on {chrom}: "
        f"the element's bin is among the top {TOP_BINS} of {found.candidates.mean():.0f} bins for "
        f"{(found['rank'] < TOP_BINS).mean():.1%} (chance {chance:.1%}), the very top for "
        f"{(found['rank'] == 0).mean():.1%}; its sign is right for {found.sign_is_right.mean():.1%}"
    )
    # The strongest elements first: a mutagenesis of a few hundred reads below says little.
    strongest = sorted(elements, key=lambda e: -abs(e.log_fold_change))[:100]
    simulation = Simulation(project.open_genome(), project.read_genes(), chromosomes=[chrom])
    compared = compare_mutagenesis(project, model, simulation, strongest)
    print(
        f"\nmutagenesis of the {len(compared)} strongest: median r with planted effects "
        f"{compared.pearson.median():.3f}; r above 0.5 for {(compared.pearson > 0.5).mean():.1%}"
    )


if __name__ == "__main__":
    main(sys.argv[1])
