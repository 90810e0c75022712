"""Whether saliency finds annotated elements: Fig. 4B of Kelley et al. 2018.

Saliency of the starts of held-out genes, for the median track of every assay. An element's score is
the largest absolute saliency of its bins, as a share of the start's sum. Saliency falls with the
distance from a start, and elements lie near starts; so what elements are compared with are places
of their lengths at their own distances from other starts, where no element lies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu

from sighthound.core.annotation.genes import Gene
from sighthound.core.genome.bed import bed_regions
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.interpretation.saliency import saliency_profiles
from sighthound.core.interpretation.windows import locus_window
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model
from sighthound.core.progress import Progress

MOST_STARTS = 400
MOST_KINDS = 12
_CURVE = 101
_TRIES = 5  # starts that a background place is sought at
LEAST_ELEMENTS = 10


@dataclass(frozen=True)
class Profile:
    """Saliency around one start: absolute, as shares of their sum.

    Attributes
    ----------
    first : int
        Its first bin, counted from the start of the chromosome.
    shares : float array, (bins, tracks)
    """

    chrom: str
    tss: int
    sign: int
    first: int
    shares: NDArray[np.float64]


def read_elements(files: Sequence[Path], genome: Genome) -> dict[str, list[Interval]]:
    """Read annotated elements by kind: the name of a BED line, or its file's where it has none.

    The kinds with most elements, at most 12; what other lines are called is "other".
    """
    found: dict[str, list[Interval]] = {}
    for file in files:
        for region in bed_regions(file, genome):
            kind = (region.others[0] if region.others else "") or file.name.split(".")[0]
            found.setdefault(kind, []).append(region.interval)
    kinds = sorted(found, key=lambda kind: (-len(found[kind]), kind))
    rest = [place for kind in kinds[MOST_KINDS:] for place in found.pop(kind)]
    return found | ({"other": rest} if rest else {})


def saliency_of_starts(
    model: Model,
    genome: Genome,
    genes: Sequence[Gene],
    tracks: Sequence[str],
    ensemble: Ensemble,
    progress: Progress | None = None,
) -> list[Profile]:
    """Compute the saliency of genes' first starts, a sample of them where they are many."""
    if len(genes) > MOST_STARTS:
        drawn = np.random.default_rng(0).choice(len(genes), MOST_STARTS, replace=False)
        genes = [genes[i] for i in sorted(drawn.tolist())]
    found = []
    reach = model.architecture.stack_reach
    further = -(-ensemble.furthest // model.bin)
    for done, gene in enumerate(genes, 1):
        start = gene.tss.start // model.bin
        window = locus_window(
            model, gene.chrom, start * model.bin, (start + 1) * model.bin, further
        )
        asked = [window.predicted_index(start * model.bin)]
        (profile,) = saliency_profiles(
            model, window.one_hot(genome), tracks, asked, ensemble=ensemble
        )
        sizes = np.abs(np.nan_to_num(np.asarray(profile, float)))
        total = sizes.sum(axis=0)
        sign = -1 if gene.strand == "-" else 1
        found.append(
            Profile(
                gene.chrom,
                gene.tss.start,
                sign,
                start - reach,
                sizes / np.where(total > 0, total, 1),
            )
        )
        if progress:
            progress(done, len(genes), "saliency")
    return found


def element_scores(
    profiles: Sequence[Profile],
    elements: Mapping[str, Sequence[Interval]],
    bin_size: int,
    seed: int = 0,
) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Score elements within reach of starts, and as many places without any.

    Returns
    -------
    dict
        Kind -> scores of its elements, (n, tracks), and of the background, (m, tracks).
    """
    rng = np.random.default_rng(seed)
    every: dict[str, list[Interval]] = {}
    for places in elements.values():
        for place in places:
            every.setdefault(place.chrom, []).append(place)
    bounds = {
        chrom: (
            np.sort([p.start for p in places]),
            np.sort([p.end for p in places]),
        )
        for chrom, places in every.items()
    }

    def is_free(chrom: str, start: int, end: int) -> bool:
        if chrom not in bounds:
            return True
        starts, ends = bounds[chrom]
        # As many have ended before it as have begun before its end.
        return bool(np.searchsorted(starts, end) == np.searchsorted(ends, start, side="right"))

    found = {}
    for kind, places in elements.items():
        own: dict[str, list[Interval]] = {}
        for place in places:
            own.setdefault(place.chrom, []).append(place)
        seen, background = [], []
        for profile in profiles:
            low = profile.first * bin_size
            high = low + len(profile.shares) * bin_size
            for place in own.get(profile.chrom, ()):
                if place.end <= low or place.start >= high:
                    continue
                seen.append(_score(profile, place.start, place.end, bin_size))
                middle = (place.start + place.end) / 2
                offset = (middle - profile.tss) * profile.sign
                for _ in range(_TRIES):
                    other = profiles[int(rng.integers(len(profiles)))]
                    centre = other.tss + other.sign * offset
                    start = round(centre - len(place) / 2)
                    end = start + len(place)
                    if other is profile or not is_free(other.chrom, start, end):
                        continue
                    background.append(_score(other, start, end, bin_size))
                    break
        found[kind] = (np.array(seen), np.array(background))
    return found


def _score(profile: Profile, start: int, end: int, bin_size: int) -> NDArray[np.float64]:
    first = max(0, start // bin_size - profile.first)
    last = max(first + 1, -(-end // bin_size) - profile.first)
    part = profile.shares[min(first, len(profile.shares) - 1) : last]
    return np.asarray(part.max(axis=0))


def element_tables(
    scores: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]], tracks: Sequence[str]
) -> dict[str, pd.DataFrame]:
    """Compare elements with their background, by the Mann-Whitney U test.

    Returns
    -------
    dict
        "elements.tsv": a row a kind and track: how many, U, two-sided p, and auroc = U / (n m), the
        share of pairs in which the element scores higher. "element_curves.tsv": both cumulative
        distributions.
    """
    rows, curves = [], []
    for kind, (seen, background) in scores.items():
        if min(len(seen), len(background)) < LEAST_ELEMENTS:
            continue
        for column, track in enumerate(tracks):
            one, other = seen[:, column], background[:, column]
            test = mannwhitneyu(one, other, alternative="two-sided")
            rows.append(
                {
                    "kind": kind, "track": track, "elements": len(one), "background": len(other),
                    "u": float(test.statistic), "p": float(test.pvalue),
                    "auroc": float(test.statistic) / (len(one) * len(other)),
                }
            )  # fmt: skip
            shares = np.linspace(0, 1, _CURVE)
            for group, values in (("elements", one), ("background", other)):
                curves.append(
                    pd.DataFrame(
                        {
                            "kind": kind, "track": track, "group": group, "share": shares,
                            "score": np.quantile(values, shares),
                        }
                    )
                )  # fmt: skip
    return {
        "elements.tsv": pd.DataFrame(rows),
        "element_curves.tsv": pd.concat(curves, ignore_index=True) if curves else pd.DataFrame(),
    }
