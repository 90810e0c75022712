"""Transcription factors of the simulator, and where their motifs are: JASPAR matrices on sequence.

Positions are 0-based half-open; scores are log-odds in nats. docs/simulation.md has the formulas.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from sighthound.core.genome.sequence import one_hot
from sighthound.core.motifs.jaspar import read_motif
from sighthound.core.motifs.scan import UNKNOWN, base_codes, score_starts

CONDITIONS = ("rich", "starved")
JASPAR_RELEASE = "JASPAR2026"
BACKGROUND = np.array([0.31, 0.19, 0.19, 0.31])  # base composition of S. cerevisiae, A C G T
PSEUDOCOUNT = 0.01  # share of the background mixed into every column of a matrix
WIDEST_MOTIF = 14  # bp, the longest motif of FACTORS
SOFT_THRESHOLD = 0.1  # occupancy up to here counts as none; what is above starts at 0


@dataclass(frozen=True)
class Factor:
    """A transcription factor of the simulation; pairs are (rich, starved).

    Attributes
    ----------
    midpoint, steepness : float
        Log-odds score (nats) of half occupancy at activity 1, and nats for an e-fold of the odds.
    activity : pair of float
        Nuclear concentration relative to the one that `midpoint` refers to.
    openness, acetylation : float
        How much an occupied site opens chromatin, and acetylates its surroundings.
    proximal, distal : pair of float
        Log fold change of initiation by a fully occupied site in the promoter, or beside it.
    window : four of float
        Promoter window upstream of the transcription start, bp: rises between the first two,
        falls between the last two.
    """

    name: str
    matrix: str
    midpoint: float
    steepness: float
    activity: tuple[float, float] = (1.0, 1.0)
    openness: float = 1.0
    acetylation: float = 0.0
    proximal: tuple[float, float] = (0.0, 0.0)
    distal: tuple[float, float] = (0.0, 0.0)
    window: tuple[float, float, float, float] = (0.0, 30.0, 260.0, 340.0)


FACTORS = (
    Factor("REB1", "MA0363.3", 8.4, 0.6, openness=1.6, acetylation=0.4, proximal=(2.2, 2.2)),
    Factor("ABF1", "MA0265.3", 8.6, 0.7, openness=1.6, acetylation=0.4, proximal=(2.0, 2.0)),
    Factor(
        "RAP1",
        "MA0359.3",
        10.0,
        0.8,
        openness=1.3,
        acetylation=1.0,
        proximal=(2.6, 1.4),
        distal=(2.2, 0.8),
    ),
    Factor("TBF1", "MA0403.3", 8.3, 0.6, openness=1.0, proximal=(1.7, 1.7)),
    Factor("CBF1", "MA0281.3", 7.6, 0.7, openness=0.9, proximal=(1.4, 1.4)),
    Factor(
        "GCN4",
        "MA0303.3",
        8.7,
        0.4,
        activity=(0.15, 1.0),
        openness=0.8,
        acetylation=1.2,
        proximal=(2.4, 2.4),
        distal=(2.4, 2.4),
    ),
    Factor(
        "LEU3",
        "MA0324.1",
        10.4,
        0.4,
        openness=0.7,
        acetylation=0.8,
        proximal=(1.6, 1.6),
        distal=(2.0, 2.0),
    ),
    Factor(
        "UME6",
        "MA0412.3",
        10.4,
        0.8,
        activity=(1.0, 0.1),
        openness=0.5,
        proximal=(-2.2, -2.2),
        distal=(-2.0, -2.0),
    ),
    Factor(
        "SPT15",
        "MA0386.2",
        8.6,
        0.5,
        openness=0.0,
        proximal=(1.5, 1.5),
        window=(20.0, 40.0, 130.0, 160.0),
    ),
)
FACTOR_NAMES = tuple(factor.name for factor in FACTORS)


@dataclass(frozen=True)
class Sites:
    """Motif sites of one chromosome, by start.

    Attributes
    ----------
    start, end : int64 array, (sites,)
    strand : int8 array, (sites,)
        1 or -1: the strand on which the matrix scores higher.
    factor : int64 array, (sites,)
        Index into `FACTORS`.
    score : float64 array, (sites,)
        Log-odds, nats.
    occupancy : float64 array, (sites, conditions)
        0 to 1.
    """

    start: np.ndarray
    end: np.ndarray
    strand: np.ndarray
    factor: np.ndarray
    score: np.ndarray
    occupancy: np.ndarray

    def __len__(self) -> int:
        return len(self.start)

    @property
    def centre(self) -> np.ndarray:
        return (self.start + self.end) / 2

    def take(self, chosen: np.ndarray) -> Sites:
        """Give the sites of an index or boolean array."""
        return Sites(
            self.start[chosen],
            self.end[chosen],
            self.strand[chosen],
            self.factor[chosen],
            self.score[chosen],
            self.occupancy[chosen],
        )


@functools.lru_cache(maxsize=1)
def motif_matrices() -> tuple[np.ndarray, ...]:
    """Read the log-odds matrices of `FACTORS` from JASPAR.

    Returns
    -------
    tuple of float64 arrays, (width, 4), nats, A C G T
    """
    return tuple(
        read_motif(factor.matrix, JASPAR_RELEASE).log_odds(BACKGROUND, PSEUDOCOUNT)
        for factor in FACTORS
    )


def find_sites(sequence: str) -> Sites:
    """Find the motif sites of every factor on both strands.

    A site is the best-scoring start within half a motif's width; the first of equals wins.

    Parameters
    ----------
    sequence : str
        Upper case; a window over anything but A, C, G, T is no site.

    Returns
    -------
    Sites
    """
    codes = base_codes(one_hot(sequence))
    found = []
    for index, matrix in enumerate(motif_matrices()):
        forward, reverse = score_starts(codes, matrix), score_starts(codes, matrix[::-1, ::-1])
        best = np.maximum(forward, reverse)
        start = _local_best(best, len(matrix) // 2, _lowest_score(FACTORS[index]))
        score = best[start].astype(float)
        found.append(
            Sites(
                start=start,
                end=start + len(matrix),
                strand=np.where(forward[start] >= reverse[start], 1, -1).astype(np.int8),
                factor=np.full(len(start), index),
                score=score,
                occupancy=occupancy(FACTORS[index], score),
            )
        )
    return _concatenated(found)


def occupancy(factor: Factor, score: np.ndarray) -> np.ndarray:
    """Turn motif scores into occupancy by the factor's activity in each condition.

    Parameters
    ----------
    score : float array, (sites,)
        Log-odds, nats.

    Returns
    -------
    float64 array, (sites, conditions), 0 to 1
    """
    odds = (np.asarray(score, float)[:, None] - factor.midpoint) / factor.steepness
    bound = expit(odds + np.log(factor.activity)[None])
    return np.clip((bound - SOFT_THRESHOLD) / (1 - SOFT_THRESHOLD), 0, None)


def substitutions_that_matter(sequence: str, margin: int, length: int) -> list[tuple[int, int]]:
    """Find the substitutions that can make, lose or change a site; others do nothing.

    Parameters
    ----------
    sequence : str
        `margin` bases, the `length` bases to substitute, and `margin` bases again.

    Returns
    -------
    list of (offset into the middle, index of the base in A C G T)
    """
    codes = base_codes(one_hot(sequence))
    matter = np.zeros((length, 4), bool)
    offsets = np.arange(length)
    reference = codes[margin : margin + length].astype(int)
    for factor, motif in zip(FACTORS, motif_matrices(), strict=True):
        lowest = _lowest_score(factor) - 1e-3
        for matrix in (motif, motif[::-1, ::-1]):
            scores = score_starts(codes, matrix)
            for column in range(len(matrix)):
                at = scores[margin + offsets - column][:, None]
                known = matrix[column][np.minimum(reference, 3)]
                mutated = at - known[:, None] + matrix[column][None]
                matter |= (at > lowest) | (mutated > lowest)
    matter[reference == UNKNOWN] = False
    matter[offsets[reference < UNKNOWN], reference[reference < UNKNOWN]] = False
    return [(int(offset), int(code)) for offset, code in np.argwhere(matter)]


def sites_after_substitution(sites: Sites, mutated: str, at: int, origin: int) -> Sites:
    """Search sites anew around one substituted base.

    Parameters
    ----------
    sites : Sites
        Those before the substitution.
    mutated : str
        Sequence with the substitution, at least 3 x `WIDEST_MOTIF` bases on both sides of it.
    at, origin : int
        The substituted base's index in `mutated`, and the chromosome position of its first base.

    Returns
    -------
    Sites
    """
    reach = 2 * WIDEST_MOTIF
    begin = max(0, at - reach - WIDEST_MOTIF)
    found = find_sites(mutated[begin : at + reach + WIDEST_MOTIF])
    shift = origin + begin
    found = replace(found, start=found.start + shift, end=found.end + shift)
    position = origin + at
    width = np.array([len(matrix) for matrix in motif_matrices()])

    def touched(of: Sites) -> np.ndarray:
        widths = width[of.factor]
        return (of.start >= position - widths + 1 - widths // 2) & (
            of.start <= position + widths // 2
        )

    return _concatenated([sites.take(~touched(sites)), found.take(touched(found))])


def _lowest_score(factor: Factor) -> float:
    """Score at which the factor's occupancy reaches 0 in its most active condition."""
    odds = np.log(SOFT_THRESHOLD / (1 - SOFT_THRESHOLD)) - np.log(max(factor.activity))
    return float(factor.midpoint + factor.steepness * odds)


def _local_best(scores: np.ndarray, radius: int, lowest: float) -> np.ndarray:
    candidates = np.flatnonzero(scores > lowest)
    keep = np.ones(len(candidates), bool)
    padded = np.pad(scores, radius, constant_values=-np.inf)
    for shift in range(1, radius + 1):
        here = scores[candidates]
        keep &= padded[candidates + radius - shift] < here
        keep &= padded[candidates + radius + shift] <= here
    return candidates[keep].astype(np.int64)


def _concatenated(parts: Iterable[Sites]) -> Sites:
    parts = list(parts)
    joined = Sites(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("start", "end", "strand", "factor", "score", "occupancy")
        )
    )
    return joined.take(np.lexsort((joined.factor, joined.start)))
