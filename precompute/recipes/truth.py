"""Score a model of the demo against what the simulation planted, on its test chromosome.

Four questions: how near predictions come to what the noise allows; whether saliency of a gene's
start finds the distal elements that act on it; whether mutagenesis gives planted effects of bases;
and whether JASPAR names the motifs that mutagenesis shows.
`python -m sighthound.precompute.recipes.truth PROJECT` prints the tables of docs/accuracy.md.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Interval
from sighthound.core.interpretation.attributions import contributions
from sighthound.core.interpretation.mutagenesis import mutagenesis
from sighthound.core.interpretation.saliency import saliency
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model, load_model
from sighthound.core.model.window import window_around
from sighthound.core.motifs.jaspar import Motif, read_motifs
from sighthound.core.motifs.match import (
    MATCH_Q_VALUE,
    Seqlet,
    find_seqlets,
    match_matrices,
    seqlet_matrix,
)
from sighthound.core.progress import Progress
from sighthound.core.project.held_out import read_held_out
from sighthound.core.project.settings import Project, load_project
from sighthound.core.tracks.experiments import experiment_bins
from sighthound.core.tracks.metrics import auroc, pearson
from sighthound.precompute.recipes.simulated_demo import TRUTH
from sighthound.precompute.simulation.ground_truth import planted_mutation_effects
from sighthound.precompute.simulation.simulator import DISTAL_REACH, Simulation

# An element is strong when it changes its gene's initiation this many fold, up or down, and distal
# when it lies at least this many bases from the start.
STRONG_FOLD = 2.0
DISTAL_FROM = 500
TOP_BINS = 10
FLANK = 10  # bases mutated on each side of a motif
ROC_FLANK = 100  # bases on each side among which those that matter are to be found
MATTERS_SHARE = 0.2  # of the largest planted contribution: what counts as a base that matters
# A site is strong when the factor sits on it at least half of the time and changes some track
# `STRONG_FOLD`, and counts when it lies this near to an annotated start.
OCCUPIED = 0.5
NEAR_START = 1_000  # bp
NAMED_FLANK = 45  # bases mutated on each side of a motif that is to be named
TOP_NAMES = 3
# Matrices this alike (Tomtom's q-value of the planted one against them) are the same motif.
SAME_MOTIF_Q_VALUE = 1e-3


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


@dataclass(frozen=True)
class Site:
    """A planted site, and the track that it changes most; `tss` is -1 where that is no start's."""

    track: str
    chrom: str
    start: int
    end: int
    strand: str
    factor: str
    matrix: str
    tss: int
    occupancy: float
    log_fold_change: float


def ceilings(project: Project, chrom: str) -> pd.DataFrame:
    """Compare held-out accuracy with what the noise allows: one replicate against the other.

    Returns
    -------
    DataFrame
        One row a track that is repeated: track, pearson_log1p of the model, ceiling.
    """
    genome = project.open_genome()
    stated, bin_size = read_held_out(project), project.dataset.bin
    bins = -(-genome.lengths[chrom] // bin_size)
    whole = Interval(chrom, 0, bins * bin_size)
    tracks = {track.id: track for track in project.read_tracks()}
    rows = []
    for second in tracks.values():
        if second.replicate_of:
            first = tracks[second.replicate_of]
            one, two = (experiment_bins(t, genome, whole, bin_size) for t in (first, second))
            ceiling = float(pearson(np.log1p(one)[:, None], np.log1p(two)[:, None])[0])
            rows.append((first.id, stated[first.id].pearson_log1p, ceiling))
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
    progress: Progress | None = None,
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


def saliency_roc(found: pd.DataFrame) -> float:
    """Area under the ROC of saliency for planted distal elements against other distal bins.

    Parameters
    ----------
    found : DataFrame
        What `find_elements` gave. An element of rank k among n bins is above n - 1 - k of them;
        bins of other elements of the same start count as other bins, which can only lower it.
    """
    others = found.candidates - 1
    return float(((others - found["rank"]) / others).mean())


def compare_mutagenesis(
    project: Project, model: Model, simulation: Simulation, elements: list[Element]
) -> pd.DataFrame:
    """Correlate in silico mutagenesis of elements with the planted effects of their bases.

    Returns
    -------
    DataFrame
        One row an element: the element's fields, pearson (over substitutions of its motif and
        `FLANK` bases around), slope (planted effect explained by one unit of predicted), and
        auroc (of the size of contributions, for the bases of the motif that matter in truth,
        against all others within `ROC_FLANK`).
    """
    genome = project.open_genome()
    rows = []
    for element in elements:
        start = window_around(element.tss, model.sequence_length, model.bin)
        window = Interval(element.chrom, start, start + model.sequence_length)
        region = Interval(element.chrom, element.start - ROC_FLANK, element.end + ROC_FLANK)
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
        reference = one_hot[region.start - start : region.end - start]
        matters = np.abs(contributions(reference, planted))
        area = auroc(
            np.abs(contributions(reference, effects)), matters > MATTERS_SHARE * matters.max()
        )
        near = reference == 0
        near[: ROC_FLANK - FLANK] = near[FLANK - ROC_FLANK :] = False
        predicted, expected = effects[near], planted[near]
        r = float(pearson(predicted[:, None], expected[:, None])[0])
        slope = float(np.polyfit(predicted, expected, 1)[0]) if predicted.std() > 0 else np.nan
        rows.append((*vars(element).values(), r, slope, area))
    columns = [*Element.__dataclass_fields__, "pearson", "slope", "auroc"]
    return pd.DataFrame(rows, columns=columns)


def strong_sites(project: Project, chrom: str) -> list[Site]:
    """List the strong sites near the starts of a chromosome, by place.

    Strong is a site with an occupancy of at least `OCCUPIED` that changes the signal of a track at
    its centre, or the initiation of a start, at least `STRONG_FOLD` up or down; the track that it
    changes most is given.
    """
    truth = pd.read_parquet(project.root / TRUTH)
    starts = np.array(
        sorted(
            t for gene in project.read_genes() if gene.chrom == chrom for t in gene.tss_positions
        )
    )
    size = truth.log_fold_change.abs()
    strong = truth[
        (truth.chrom == chrom) & (truth.occupancy >= OCCUPIED) & (size >= np.log(STRONG_FOLD))
    ]
    most = strong.loc[size[strong.index].groupby([strong.start, strong.factor]).idxmax()]
    fields = list(Site.__dataclass_fields__)
    sites = [Site(*row) for row in most[fields].itertuples(index=False)]
    return [s for s in sites if np.abs(starts - (s.start + s.end) // 2).min() <= NEAR_START]


def motif_names(
    project: Project,
    model: Model,
    simulation: Simulation,
    sites: list[Site],
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Name the motifs of planted sites from mutagenesis, by Tomtom against the project's JASPAR.

    The stretch of important bases that holds at least half of the site is matched; mutagenesis
    averages both strands. A name is right when it is the factor's, or its matrix is the same
    motif as the planted one (`SAME_MOTIF_Q_VALUE`).

    Returns
    -------
    DataFrame
        One row a site: the site's fields; pearson (predicted against planted effects of the motif
        and `FLANK` bases around); name, rank and q_value (the best match, and the rank of the
        first right one with q < `MATCH_Q_VALUE`; 0 is the best, -1 where there is none); and
        planted_rank, the same from planted effects: what a perfect model would give.
    """
    settings = project.motifs
    motifs = read_motifs(settings.release, settings.collection, settings.tax_group)
    genome = project.open_genome()
    same: dict[str, set[str]] = {}
    rows = []
    for done, site in enumerate(sites):
        if progress is not None:
            progress(done, len(sites))
        at = site.tss if site.tss >= 0 else (site.start + site.end) // 2
        start = window_around(at, model.sequence_length, model.bin)
        one_hot = genome.one_hot(Interval(site.chrom, start, start + model.sequence_length))
        target = (at - start) // model.bin
        region = Interval(site.chrom, site.start - NAMED_FLANK, site.end + NAMED_FLANK)
        first, last = region.start - start, region.end - start
        track = f"{site.track}_r1"
        predicted = mutagenesis(
            model,
            one_hot,
            first,
            last,
            tracks=[track],
            bins=[target - model.crop],
            ensemble=Ensemble(reverse_complement=True),
        )[..., 0]
        bin_start = start + target * model.bin
        planted = planted_mutation_effects(
            simulation, track, region, Interval(site.chrom, bin_start, bin_start + model.bin)
        )
        reference = one_hot[first:last]
        near = reference == 0
        near[: NAMED_FLANK - FLANK] = near[FLANK - NAMED_FLANK :] = False
        r = float(pearson(predicted[near][:, None], planted[near][:, None])[0])
        if site.matrix not in same:
            same[site.matrix] = _same_motifs(motifs, site)
        own = NAMED_FLANK, NAMED_FLANK + site.end - site.start
        name, q_value, rank = _named(reference, predicted, own, motifs, same[site.matrix])
        _, _, planted_rank = _named(reference, planted, own, motifs, same[site.matrix])
        rows.append((*vars(site).values(), r, name, q_value, rank, planted_rank))
    columns = [*Site.__dataclass_fields__, "pearson", "name", "q_value", "rank", "planted_rank"]
    return pd.DataFrame(rows, columns=columns)


def _same_motifs(motifs: Sequence[Motif], site: Site) -> set[str]:
    """Ids of the matrices that would name the site right."""
    planted = next((motif for motif in motifs if motif.id == site.matrix), None)
    if planted is None:
        raise SighthoundError(f"the project's motifs lack the planted {site.matrix}")
    (alike,) = match_matrices([planted.probabilities], motifs, SAME_MOTIF_Q_VALUE)
    return {m.motif for m in alike} | {m.id for m in motifs if m.name == site.factor}


def _named(
    reference: np.ndarray,
    effects: np.ndarray,
    own: tuple[int, int],
    motifs: Sequence[Motif],
    right: set[str],
) -> tuple[str, float, int]:
    """Name, q-value, and rank of the first right name of the stretch over a site; -1 for none."""

    def overlap(seqlet: Seqlet) -> int:
        return min(seqlet.end, own[1]) - max(seqlet.start, own[0])

    seqlets = find_seqlets(contributions(reference, effects))
    over = [seqlet for seqlet in seqlets if 2 * overlap(seqlet) >= own[1] - own[0]]
    if not over:
        return "", np.nan, -1
    matrix = seqlet_matrix(effects, max(over, key=overlap))
    (matches,) = match_matrices([matrix], motifs, MATCH_Q_VALUE)
    if not matches:
        return "", np.nan, -1
    ranks = [rank for rank, match in enumerate(matches) if match.motif in right]
    return matches[0].name, matches[0].q_value, min(ranks, default=-1)


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
        f"{(found['rank'] == 0).mean():.1%}; its sign is right for "
        f"{found.sign_is_right.mean():.1%}; area under the ROC {saliency_roc(found):.3f}"
    )
    # The strongest elements first: a mutagenesis of a few hundred reads below says little.
    strongest = sorted(elements, key=lambda e: -abs(e.log_fold_change))[:100]
    simulation = Simulation(project.open_genome(), project.read_genes(), chromosomes=[chrom])
    compared = compare_mutagenesis(project, model, simulation, strongest)
    print(
        f"\nmutagenesis of the {len(compared)} strongest: median r with planted effects "
        f"{compared.pearson.median():.3f}; r above 0.5 for {(compared.pearson > 0.5).mean():.1%}; "
        f"bases that matter against {2 * ROC_FLANK} around: area under the ROC, median "
        f"{compared.auroc.median():.3f}, mean {compared.auroc.mean():.3f}"
    )
    named = motif_names(project, model, simulation, strong_sites(project, chrom))
    print(
        "\n| factor | strong sites | named first | among first 3 | the same, from planted effects "
        "| median r |\n|---|---|---|---|---|---|"
    )
    followed = named[named.pearson > 0.5]
    groups = [*named.groupby("factor"), ("all", named), ("all with r above 0.5", followed)]
    for factor, group in groups:
        first, among, ideal = (
            (group["rank"] == 0).mean(),
            group["rank"].between(0, TOP_NAMES - 1).mean(),
            group.planted_rank.between(0, TOP_NAMES - 1).mean(),
        )
        print(
            f"| {factor} | {len(group)} | {first:.0%} | {among:.0%} | {ideal:.0%} "
            f"| {group.pearson.median():.2f} |"
        )


if __name__ == "__main__":
    main(sys.argv[1])
