"""Whether explanations of promoters point at measured binding sites: summits of ChIP-exo, say.

Every base of a promoter gets the size of its contribution to the prediction at the start, by
mutagenesis and by gradient x input, as a share of the promoter's sum. A site is found where the
strongest base of its surroundings lies at its summit. Contributions lie near starts, and so do
sites: what they are compared with are places at the sites' own distances from other starts, where
no site of their kind lies.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sighthound.core.annotation.genes import Gene
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.interpretation.attributions import contributions
from sighthound.core.interpretation.mutagenesis import mutagenesis
from sighthound.core.interpretation.saliency import gradient_times_input
from sighthound.core.interpretation.windows import locus_window
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model
from sighthound.core.motifs.jaspar import Motif
from sighthound.core.motifs.naming import name_motifs
from sighthound.core.progress import Progress
from sighthound.core.project.evaluation import TABLES
from sighthound.core.tracks.metrics import auroc

METHODS = ("mutagenesis", "gradient")
UPSTREAM, DOWNSTREAM = 400, 100  # bases of a start that are its promoter
NEAR = 10  # bases from a summit
AROUND = 50  # bases to either side among which the strongest is sought
LEAST_SITES = 5
MOST_PROMOTERS = 200
_TRIES = 20  # starts at which a place without a site is sought


@dataclass(frozen=True)
class Promoter:
    """Sizes of contributions around a start.

    Attributes
    ----------
    interval : Interval
    tss : int
    sign : int
        1, or -1 where the gene is on the other strand.
    shares : mapping
        Method -> float array, (bases, tracks): sizes, as shares of their sum.
    motifs : tuple of (int, int, str), one tuple a track
        Start, end and name of the motifs that mutagenesis names.
    """

    interval: Interval
    tss: int
    sign: int
    shares: Mapping[str, NDArray[np.float64]]
    motifs: tuple[tuple[tuple[int, int, str], ...], ...]


def promoters(
    model: Model,
    genome: Genome,
    genes: Sequence[Gene],
    sites: Mapping[str, Sequence[Interval]],
    tracks: Sequence[Mapping[str, str]],
    ensemble: Ensemble,
    known: tuple[Motif, ...],
    *,
    most: int = MOST_PROMOTERS,
    progress: Progress | None = None,
) -> list[Promoter]:
    """Explain the first starts of genes, a sample of them where they are many.

    Genes with a site in their promoter are taken first, others fill up to as many again: places
    without a site are sought at both.

    Parameters
    ----------
    tracks : sequence of mapping
        Which track explains a start on "+", and which on "-", a column of what is found each.
    """
    rng = np.random.default_rng(0)
    shuffled = [genes[i] for i in rng.permutation(len(genes)).tolist()]
    summits = _summits([place for places in sites.values() for place in places])
    with_site = [gene for gene in shuffled if _has_summit(_promoter(gene, genome), summits)]
    taken = {id(gene) for gene in with_site[:most]}
    others = [gene for gene in shuffled if id(gene) not in {id(g) for g in with_site}]
    taken |= {id(gene) for gene in others[: max(0, most - len(taken))]}
    chosen = [gene for gene in genes if id(gene) in taken]
    found = []
    for done, gene in enumerate(chosen, 1):
        own = [by_strand["-" if gene.strand == "-" else "+"] for by_strand in tracks]
        found.append(_explained(model, genome, gene, own, ensemble, known))
        if progress:
            progress(done, len(chosen), "binding sites")
    return found


def sites_table(
    found: Sequence[Promoter],
    sites: Mapping[str, Sequence[Interval]],
    tracks: Sequence[str],
    seed: int = 0,
) -> pd.DataFrame:
    """Compare the bases at sites with those at matched places.

    Returns
    -------
    DataFrame
        A row a kind of sites (and "all"), track and method; see `core.project.evaluation.TABLES`.
        `near` is the share of sites of which the strongest base within 50 lies within 10;
        `by_chance` that of the matched places; `auroc` says how often the strongest base within 10
        of a site is stronger than that of a place; `named` is the share of sites that a named motif
        covers to within 10 bases, `own_name` of those whose motif has the kind's name; both of
        mutagenesis.
    """
    kinds = {**sites, "all": [place for places in sites.values() for place in places]}
    rows = []
    for kind, places in kinds.items():
        rng = np.random.default_rng(seed)
        summits = _summits(places)
        seen, matched = [], []
        for promoter in found:
            here = [s for s in summits.get(promoter.interval.chrom, ()) if _fits(promoter, s)]
            for summit in here:
                seen.append((promoter, summit))
                place = _matched(found, promoter, summit, summits, rng)
                if place is not None:
                    matched.append(place)
        if min(len(seen), len(matched)) < LEAST_SITES or (kind == "all" and len(sites) == 1):
            continue
        for column, track in enumerate(tracks):
            for method in METHODS:
                own = [_of(promoter, at, method, column) for promoter, at in seen]
                other = [_of(promoter, at, method, column) for promoter, at in matched]
                scores = [strongest for strongest, _ in (*own, *other)]
                labels = [True] * len(own) + [False] * len(other)
                names = [_names(promoter, at, column) for promoter, at in seen]
                is_named = method == "mutagenesis"
                rows.append(
                    {
                        "kind": kind, "track": track, "method": method,
                        "sites": len(own), "background": len(other),
                        "near": float(np.mean([near for _, near in own])),
                        "by_chance": float(np.mean([near for _, near in other])),
                        "auroc": float(auroc(scores, labels)),
                        "named": float(np.mean([bool(n) for n in names])) if is_named else math.nan,
                        "own_name": (
                            float(np.mean([_is_called(kind, n) for n in names]))
                            if is_named and kind != "all"
                            else math.nan
                        ),
                    }
                )  # fmt: skip
    return pd.DataFrame(rows, columns=list(TABLES["sites.tsv"]))


def _promoter(gene: Gene, genome: Genome) -> Interval:
    tss = gene.tss.start
    before, after = (UPSTREAM, DOWNSTREAM) if gene.strand != "-" else (DOWNSTREAM, UPSTREAM)
    return Interval(gene.chrom, max(0, tss - before), min(genome.lengths[gene.chrom], tss + after))


def _explained(
    model: Model,
    genome: Genome,
    gene: Gene,
    tracks: Sequence[str],
    ensemble: Ensemble,
    known: tuple[Motif, ...],
) -> Promoter:
    place, tss = _promoter(gene, genome), gene.tss.start
    window = locus_window(
        model, place.chrom, place.start - ensemble.furthest, place.end + ensemble.furthest
    )
    one_hot, first = window.one_hot(genome), window.interval.start
    part = slice(place.start - first, place.end - first)
    bins = [window.predicted_index(tss)]
    effects = mutagenesis(
        model, one_hot, part.start, part.stop, tracks=tracks, bins=bins, ensemble=ensemble
    )
    gradients = [
        gradient_times_input(model, one_hot, track, bins, ensemble=ensemble)[part]
        for track in tracks
    ]
    shares = {}
    for method, values in (
        ("mutagenesis", contributions(one_hot[part], effects)),
        ("gradient", np.stack(gradients, axis=1)),
    ):
        sizes = np.abs(np.nan_to_num(values.astype(float)))
        total = sizes.sum(axis=0)
        shares[method] = sizes / np.where(total > 0, total, 1)
    named = tuple(
        tuple(
            (motif.start, motif.end, motif.name)
            for motif in name_motifs(genome, place, effects[..., column], known)
        )
        for column in range(len(tracks))
    )
    return Promoter(place, tss, -1 if gene.strand == "-" else 1, shares, named)


def _summits(places: Sequence[Interval]) -> dict[str, NDArray[np.int64]]:
    """Middles of sites by chromosome, sorted, each once."""
    found: dict[str, set[int]] = {}
    for place in places:
        found.setdefault(place.chrom, set()).add((place.start + place.end - 1) // 2)
    return {chrom: np.array(sorted(middles)) for chrom, middles in found.items()}


def _has_summit(place: Interval, summits: Mapping[str, NDArray[np.int64]]) -> bool:
    own = summits.get(place.chrom)
    inside = place.start + AROUND, place.end - AROUND
    return own is not None and bool(np.diff(np.searchsorted(own, inside))[0] > 0)


def _fits(promoter: Promoter, summit: int) -> bool:
    """Whether a promoter holds the surroundings of a summit."""
    place = promoter.interval
    return bool(place.start + AROUND <= summit < place.end - AROUND)


def _matched(
    found: Sequence[Promoter],
    promoter: Promoter,
    summit: int,
    summits: Mapping[str, NDArray[np.int64]],
    rng: np.random.Generator,
) -> tuple[Promoter, int] | None:
    """A place as far from another start as a summit is from its own, without any site nearby."""
    offset = (summit - promoter.tss) * promoter.sign
    for _ in range(_TRIES):
        other = found[int(rng.integers(len(found)))]
        at = other.tss + other.sign * offset
        own = summits.get(other.interval.chrom, np.zeros(0, int))
        is_free = not (np.abs(own - at) <= AROUND + NEAR).any()
        if other is not promoter and is_free and _fits(other, at):
            return other, at
    return None


def _of(promoter: Promoter, at: int, method: str, column: int) -> tuple[float, bool]:
    """The strongest share within `NEAR` of a place, and whether none `AROUND` it is stronger."""
    shares = promoter.shares[method][:, column]
    middle = at - promoter.interval.start
    around = shares[middle - AROUND : middle + AROUND + 1]
    near = float(shares[middle - NEAR : middle + NEAR + 1].max())
    return near, bool(abs(int(around.argmax()) - AROUND) <= NEAR and near > 0)


def _names(promoter: Promoter, at: int, column: int) -> list[str]:
    """Names of the motifs that lie within `NEAR` of a place."""
    return [name for start, end, name in promoter.motifs[column] if start - NEAR <= at < end + NEAR]


def _is_called(kind: str, names: Sequence[str]) -> bool:
    return any(kind.upper() in name.upper().split("::") for name in names)
