"""How large an effect is among those of random substitutions of the same kind and surroundings.

A null is a random substitution of the genome. Those that match a variant are of its substitution
class (strand-symmetric: C>T with G>A), and of them the `NEIGHBOURS` nearest in three things, each
counted as its quantile among all nulls: distance to the nearest start of a gene, GC of the bases
around, and, for every track by itself, the signal that is predicted there without the variant.

Neighbours at an end, as where there is next to no signal, are all to one side, and their effects
are larger or smaller for that alone. So a size counts as a share of what is expected of such
surroundings: a regression of its logarithm, over all nulls, on the same things. The percentile is
the share of the matched nulls whose effect is the smaller one of what is expected of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sighthound.core.annotation.genes import Genes
from sighthound.core.genome.sequence import Genome, Interval, base_codes
from sighthound.core.variants.variant import Variant

NEIGHBOURS = 100
GC_BASES = 100  # on either side
LOCAL_BASES = 256  # on either side, over whose bins the local signal is summed
MATCHED_ON = (
    "substitution class, distance to the nearest start of a gene, GC within "
    f"{GC_BASES} bases, predicted signal within {LOCAL_BASES} bases"
)
LOCAL = "local"  # the value of a table's rows that say it
CLASSES = ("C>A", "C>G", "C>T", "T>A", "T>C", "T>G")
_OTHER = dict(zip("ACGT", "TGCA", strict=True))
_NO_CLASS = -1


@dataclass(frozen=True)
class Surroundings:
    """What variants are matched on, but for the signal, which is a track's own.

    Attributes
    ----------
    kind : int array, (variants,)
        Of `CLASSES`; -1 for what is no substitution of one base.
    distance : float array, (variants,)
        Bases to the nearest start of a gene; infinite where the chromosome has none.
    gc : float array, (variants,)
        Share of G and C; NaN among N.
    """

    kind: NDArray[np.int64]
    distance: NDArray[np.float64]
    gc: NDArray[np.float64]


def surroundings(variants: Sequence[Variant], genome: Genome, genes: Genes) -> Surroundings:
    """Find what variants are matched on."""
    starts: dict[str, NDArray[np.int64]] = {}
    for chrom in {variant.chrom for variant in variants}:
        found = {s for gene in genes if gene.chrom == chrom for s in gene.tss_positions}
        starts[chrom] = np.array(sorted(found), np.int64)
    return Surroundings(
        np.array([substitution_class(v) for v in variants], np.int64),
        np.array([_distance(starts[v.chrom], v.position) for v in variants], float),
        np.array([_gc(genome, v) for v in variants], float),
    )


def substitution_class(variant: Variant) -> int:
    """Give the class of a substitution, the same on both strands; -1 for anything else.

    Examples
    --------
    >>> CLASSES[substitution_class(Variant("chr1", 0, "G", "A"))]
    'C>T'
    """
    ref, alt = variant.ref, variant.alt
    if len(ref) != 1 or len(alt) != 1:
        return _NO_CLASS
    if ref in "AG":
        ref, alt = _OTHER[ref], _OTHER[alt]
    return CLASSES.index(f"{ref}>{alt}")


def random_substitutions(genome: Genome, count: int, seed: int = 0) -> list[Variant]:
    """Draw substitutions, all bases of the genome alike; N is passed over.

    Returns
    -------
    list of Variant, different ones, in the order of the genome; fewer where it has not so many
    """
    random = np.random.default_rng(seed)
    lengths = list(genome.lengths.values())
    count = min(count, 3 * sum(lengths))
    ends = np.cumsum(lengths)
    found: set[tuple[int, int, str, str]] = set()
    for _ in range(4):  # N, and what was drawn before, leave some to be drawn again
        places = np.sort(random.integers(0, ends[-1], count - len(found)))
        alts = random.integers(1, 4, len(places))
        for place, step in zip(places.tolist(), alts.tolist(), strict=True):
            rank = int(np.searchsorted(ends, place, side="right"))
            chrom = list(genome.lengths)[rank]
            at = place - int(ends[rank]) + lengths[rank]
            (code,) = base_codes(genome.sequence(Interval(chrom, at, at + 1)))
            if 0 <= code < 4:
                found.add((rank, at, "ACGT"[code], "ACGT"[(code + step) % 4]))
        if len(found) >= count:
            break
    chroms = list(genome.lengths)
    return [Variant(chroms[rank], at, ref, alt) for rank, at, ref, alt in sorted(found)]


class Ranking:
    """Nulls, to rank variants among.

    Parameters
    ----------
    around : Surroundings
        Of the nulls.
    local, scores : arrays, (nulls, tracks)
        The signal that is predicted at each, and the effect that it has.
    """

    def __init__(
        self, around: Surroundings, local: NDArray[np.floating], scores: NDArray[np.floating]
    ) -> None:
        self.around = around
        self._sorted = [np.sort(around.distance), np.sort(np.nan_to_num(around.gc, nan=0.5))]
        self._sorted_local = np.sort(local, axis=0)
        self._least_local = _least(local)
        self._least_size = _least(np.abs(scores))
        self._own, self._own_local = self._quantiles(around), self._local_quantiles(local)
        self._fits = [
            _fitted(self._design(around, local[:, t], t), self._log(scores[:, t], t))
            for t in range(local.shape[1])
        ]
        self._own_sizes = self._sizes(around, local, scores)

    def percentiles(
        self,
        around: Surroundings,
        local: NDArray[np.floating],
        scores: NDArray[np.floating],
        *,
        are_nulls: bool = False,
    ) -> NDArray[np.float32]:
        """Rank variants among the nulls that match them.

        Parameters
        ----------
        around : Surroundings
            Of the variants.
        local, scores : arrays, (variants, tracks)
        are_nulls : bool
            They are the nulls themselves, in order: each is ranked among the others.

        Returns
        -------
        float32 array, (variants, tracks)
            0 to 100: with r of K matched nulls smaller (see above), half of the equal ones among
            them, 100 (r + 1/2) / (K + 1), which is uniform for a null. NaN for what is no
            substitution of one base, and where there are fewer than ten nulls of its class.
        """
        found = np.full(scores.shape, np.nan, np.float32)
        quantiles, signal = self._quantiles(around), self._local_quantiles(local)
        sizes = self._sizes(around, local, scores)
        for kind in np.unique(around.kind[around.kind >= 0]):
            among = np.flatnonzero(self.around.kind == kind)
            asked = np.flatnonzero(around.kind == kind)
            nearest = min(NEIGHBOURS, len(among) - are_nulls)
            if nearest < 10:
                continue
            apart = _squares(quantiles[asked], self._own[among])
            if are_nulls:
                np.fill_diagonal(apart, np.inf)
            for track in range(scores.shape[1]):
                own = self._own_local[among, track]
                away = apart + (signal[asked, track, None] - own) ** 2
                near = np.argpartition(away, nearest - 1, axis=1)[:, :nearest]
                null = self._own_sizes[among, track][near]
                size = sizes[asked, track, None]
                rank = (null < size).sum(axis=1) + (null == size).sum(axis=1) / 2
                found[asked, track] = 100 * (rank + 0.5) / (nearest + 1)
        return found

    def _sizes(
        self, around: Surroundings, local: NDArray[np.floating], scores: NDArray[np.floating]
    ) -> NDArray[np.float64]:
        """Logarithms of sizes over what is expected, (variants, tracks)."""
        columns = [
            self._log(scores[:, t], t) - self._design(around, local[:, t], t) @ fit
            for t, fit in enumerate(self._fits)
        ]
        return np.stack(columns, axis=1)

    def _log(self, scores: NDArray[np.floating], track: int) -> NDArray[np.float64]:
        return np.asarray(np.log(np.abs(scores) + self._least_size[track]), float)

    def _design(
        self, around: Surroundings, local: NDArray[np.floating], track: int
    ) -> NDArray[np.float64]:
        """What a track's sizes are expected of, (variants, terms)."""
        least = self._least_local[track]
        signal = np.log(np.maximum(local, 0) + least)
        quantiles = self._quantiles(around)
        finite = self._sorted[0][np.isfinite(self._sorted[0])]
        far = float(finite[-1]) if len(finite) else 1.0
        distance = np.minimum(around.distance, far)
        kinds = around.kind[:, None] == np.arange(len(CLASSES))
        smooth = (
            signal**2,
            *quantiles.T,
            *(quantiles**2).T,
            np.log1p(distance),
            distance / max(far, 1),
            signal,
        )
        return np.column_stack([kinds.astype(float), *smooth])

    def _quantiles(self, around: Surroundings) -> NDArray[np.float64]:
        columns = (around.distance, np.nan_to_num(around.gc, nan=0.5))
        return np.stack([_middle(s, c) for s, c in zip(self._sorted, columns, strict=True)], axis=1)

    def _local_quantiles(self, local: NDArray[np.floating]) -> NDArray[np.float64]:
        tracks = range(local.shape[1])
        return np.stack([_middle(self._sorted_local[:, t], local[:, t]) for t in tracks], axis=1)


def _fitted(terms: NDArray[np.float64], sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Least squares, with a little ridge: of one chromosome, or without genes, terms are alike."""
    gram = terms.T @ terms
    gram[np.diag_indices_from(gram)] += 1e-6 * len(terms)
    return np.asarray(np.linalg.solve(gram, terms.T @ sizes), np.float64)


def _least(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """A size a track, (tracks,), below which nothing is told from nothing: 1e-3 of the median."""
    return np.maximum(1e-3 * np.median(np.abs(values), axis=0), 1e-12)


def _middle(known: NDArray[np.floating], values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Quantile of values among sorted ones; of equals the middle."""
    low, high = (np.searchsorted(known, values, side=side) for side in ("left", "right"))
    return np.asarray((low + high) / (2 * max(1, len(known))))


def _squares(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(((one[:, None] - other[None]) ** 2).sum(axis=2))


def _distance(starts: NDArray[np.int64], position: int) -> float:
    if not len(starts):
        return float("inf")
    at = int(np.searchsorted(starts, position))
    return float(min(abs(int(s) - position) for s in starts[max(0, at - 1) : at + 1]))


def _gc(genome: Genome, variant: Variant) -> float:
    low = max(0, variant.position - GC_BASES)
    high = min(variant.position + GC_BASES + 1, genome.lengths[variant.chrom])
    codes = base_codes(genome.sequence(Interval(variant.chrom, low, high)))
    known = codes[(codes >= 0) & (codes < 4)]
    return float(np.isin(known, (1, 2)).mean()) if len(known) else float("nan")
