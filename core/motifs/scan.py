"""Where motifs are in a sequence, how surprising that is, and what a substitution makes or breaks.

A score is the sum of log-odds over the motif's width, on either strand. Its p-value is exact: the
probability that a random sequence of the background scores as high, from the distribution of all
scores by dynamic programming, for which log-odds are rounded to `SCORE_STEP` (the method of FIMO,
Grant et al. 2011). Positions are 0-based and half-open in the sequence that was given.

Our own, since memelite 0.5's `fimo` finds motifs over N (11 over a run of ten, where none can be)
and says nothing of substitutions; for 193 motifs in 1,200 bases it takes 0.11 s of a core, 15 s the
first time in a process, where this takes 0.03 s and 1 s.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sighthound.core.compiled import compiled
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import reverse_complement
from sighthound.core.motifs.jaspar import PSEUDOCOUNT, UNIFORM, Motif
from sighthound.core.tracks.metrics import q_values

SCORE_STEP = 0.01  # nats
HIT_P_VALUE = 1e-4  # FIMO's usual threshold
# A motif that is made or lost changes its p-value at least this many fold: less is a site that
# barely crosses the threshold.
CHANGE_FOLD = 10.0
UNKNOWN = 4  # code of N and of anything else that is not A C G T


@dataclass(frozen=True)
class MotifHit:
    """A place where a motif matches; `score` in nats, `q_value` over all places of the motif."""

    motif: str
    name: str
    start: int
    end: int
    strand: str
    score: float
    p_value: float
    q_value: float


@dataclass(frozen=True)
class MotifChange:
    """A motif that a substitution makes ("gain") or destroys ("loss").

    `start`, `end` and `strand` are of the site in the sequence that has it; scores (nats) and
    p-values are of the best site over the substituted base, in either sequence.
    """

    position: int
    reference: str
    alternative: str
    motif: str
    name: str
    start: int
    end: int
    strand: str
    score_reference: float
    score_alternative: float
    p_reference: float
    p_alternative: float
    kind: str


def base_codes(one_hot: np.ndarray) -> np.ndarray:
    """Number bases as A 0, C 1, G 2, T 3; N, all zeros, is `UNKNOWN`.

    Parameters
    ----------
    one_hot : array, (length, 4)

    Returns
    -------
    uint8 array, (length,)
    """
    one_hot = np.asarray(one_hot)
    if one_hot.ndim != 2 or one_hot.shape[1] != 4:
        raise SighthoundError(f"a sequence is {one_hot.shape}; expected (length, 4)")
    numbers = (one_hot != 0) @ np.arange(1, 5, dtype=np.uint8)
    return np.where(numbers, numbers - 1, UNKNOWN).astype(np.uint8)


def score_starts(codes: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Score a matrix at every start of a sequence, on the strand that is given.

    Parameters
    ----------
    codes : uint8 array, (length,)
        As of `base_codes`.
    matrix : float array, (width, 4)

    Returns
    -------
    float32 array, (length - width + 1,), empty for a sequence that is too short
        -inf where the window holds `UNKNOWN`.
    """
    scores = np.empty(max(0, len(codes) - len(matrix) + 1), np.float32)
    _fill_scores(codes, _with_unknown(matrix), len(matrix), scores)
    return scores


@dataclass(frozen=True)
class BestSites:
    """Of every motif the best site over some bases.

    Attributes
    ----------
    starts : int array, (motifs,)
        In the sequence that was given.
    strands : array of "+" and "-", (motifs,)
    scores, p_values : float arrays, (motifs,)
        In nats; -inf and 1 where a motif does not fit.
    """

    starts: np.ndarray
    strands: np.ndarray
    scores: np.ndarray
    p_values: np.ndarray


class MotifScanner:
    """Motifs made ready to scan: rounded log-odds of both strands and tables of p-values.

    Parameters
    ----------
    motifs : sequence of Motif
    background : float array, (4,), A C G T
        Of the genome, or of the window (`core.motifs.jaspar.background_of`); A as frequent as T, C
        as G.
    pseudocount : float
        Share of the background mixed into every column.

    Raises
    ------
    SighthoundError
        No motifs, or a background that is not one of both strands.
    """

    def __init__(
        self,
        motifs: Sequence[Motif],
        background: np.ndarray = UNIFORM,
        pseudocount: float = PSEUDOCOUNT,
    ) -> None:
        background = np.asarray(background, float)
        is_symmetric = background.shape == (4,) and np.allclose(background, background[::-1])
        if not is_symmetric or background.min() <= 0 or not np.isclose(background.sum(), 1):
            raise SighthoundError(
                f"background is {background.tolist()}; expected four shares above 0 with A as "
                "frequent as T and C as G"
            )
        if not motifs:
            raise SighthoundError("there are no motifs to scan with")
        self.motifs = tuple(motifs)
        self.background = background
        self.widths = np.array([len(motif) for motif in self.motifs])
        # (motifs, strands, widest, codes), whole numbers of `SCORE_STEP`; 0 beyond the width.
        self._weights = np.zeros((len(self.motifs), 2, self.widths.max(), UNKNOWN + 1))
        tables = []
        for index, motif in enumerate(self.motifs):
            weights = np.round(motif.log_odds(background, pseudocount) / SCORE_STEP)
            self._weights[index, 0, : len(motif)] = _with_unknown(weights)
            self._weights[index, 1, : len(motif)] = _with_unknown(reverse_complement(weights))
            tables.append(_survival(weights.astype(int), background))
        self._lowest = self._weights[:, 0, :, :UNKNOWN].min(axis=-1).sum(axis=-1)
        self._table_at = np.cumsum([0, *map(len, tables)])[:-1]
        self._tables = np.concatenate(tables)

    def scan(self, one_hot: np.ndarray, p_below: float = HIT_P_VALUE) -> list[MotifHit]:
        """Find the motifs of a sequence, on both strands.

        Parameters
        ----------
        one_hot : array, (length, 4)
            In the order A C G T; a window with N matches nothing.
        p_below : float
            Largest p-value of a hit.

        Returns
        -------
        list of MotifHit, by p-value
        """
        scores = self._scores(base_codes(one_hot))
        p = np.where(np.isfinite(scores), self._p_values(scores), np.nan)
        hit = np.flatnonzero((p <= p_below).any(axis=(1, 2)))
        q = q_values(p[hit].reshape(len(hit), 2 * p.shape[2])).reshape(p[hit].shape)
        rows = []
        for row, strand, start in np.argwhere(p[hit] <= p_below):
            index = hit[row]
            motif = self.motifs[index]
            rows.append(
                MotifHit(
                    motif.id,
                    motif.name,
                    int(start),
                    int(start) + len(motif),
                    "+-"[strand],
                    float(scores[index, strand, start]) * SCORE_STEP,
                    float(p[index, strand, start]),
                    float(q[row, strand, start]),
                )
            )
        return sorted(rows, key=lambda row: (row.p_value, row.start, row.motif, row.strand))

    def changes(
        self,
        one_hot: np.ndarray,
        start: int,
        end: int,
        p_below: float = HIT_P_VALUE,
        least_fold: float = CHANGE_FOLD,
    ) -> list[MotifChange]:
        """Find the motifs that the substitutions of a region make or destroy.

        Parameters
        ----------
        one_hot : array, (length, 4)
            The reference, best with a motif's width of flanks on both sides of the region.
        start, end : int
            The region, 0-based and half-open in the sequence.
        p_below : float
            A motif is there when its best site over the base has at most this p-value.
        least_fold : float
            And its p-value must change this many fold.

        Returns
        -------
        list of MotifChange, by position, alternative and p-value
        """
        codes = base_codes(one_hot)
        if not 0 <= start < end <= len(codes):
            raise SighthoundError(f"region {start} to {end} is not inside the {len(codes)} bases")
        positions = np.arange(start, end)[codes[start:end] < UNKNOWN]
        reference, reference_at = self._best(codes, positions, mutated=False)
        altered, altered_at = self._best(codes, positions, mutated=True)
        index = np.arange(len(self.motifs))[:, None, None]
        p_reference = self._p_values(reference, index)
        p_altered = self._p_values(altered, index)
        gain = (p_altered <= p_below) & (p_reference > p_below)
        loss = (p_reference <= p_below) & (p_altered > p_below)
        gain &= p_reference >= least_fold * p_altered
        loss &= p_altered >= least_fold * p_reference
        rows = []
        for m, i, base in np.argwhere(gain | loss):
            is_gain = bool(gain[m, i, base])
            best_at = altered_at[m, i, base] if is_gain else reference_at[m, i, 0]
            strand, column = divmod(int(best_at), self._weights.shape[2])
            at = int(positions[i]) - column
            rows.append(
                MotifChange(
                    position=int(positions[i]),
                    reference="ACGT"[codes[positions[i]]],
                    alternative="ACGT"[base],
                    motif=self.motifs[m].id,
                    name=self.motifs[m].name,
                    start=at,
                    end=at + len(self.motifs[m]),
                    strand="+-"[strand],
                    score_reference=float(reference[m, i, 0]) * SCORE_STEP,
                    score_alternative=float(altered[m, i, base]) * SCORE_STEP,
                    p_reference=float(p_reference[m, i, 0]),
                    p_alternative=float(p_altered[m, i, base]),
                    kind="gain" if is_gain else "loss",
                )
            )
        return sorted(
            rows,
            key=lambda r: (r.position, r.alternative, min(r.p_reference, r.p_alternative), r.motif),
        )

    def best_sites(self, one_hot: np.ndarray, start: int, end: int) -> BestSites:
        """Find the best site of every motif among those over some bases.

        Parameters
        ----------
        one_hot : array, (length, 4)
        start, end : int
            Bases, 0-based and half-open; a site lies over them if it holds one.
        """
        codes = base_codes(one_hot)
        if not 0 <= start < end <= len(codes):
            raise SighthoundError(f"region {start} to {end} is not inside the {len(codes)} bases")
        positions = np.arange(start, end)
        best, where = (found[..., 0] for found in self._best(codes, positions, mutated=False))
        choice = best.argmax(axis=1)
        rows = np.arange(len(self.motifs))
        strand, column = np.divmod(where[rows, choice].astype(int), self._weights.shape[2])
        scores = best[rows, choice]
        return BestSites(
            positions[choice] - column,
            np.array(["+", "-"])[strand],
            scores * SCORE_STEP,
            np.where(np.isfinite(scores), self._p_values(scores), 1.0),
        )

    def _scores(self, codes: np.ndarray) -> np.ndarray:
        """Scores of every start in `SCORE_STEP`, float32 (motifs, strands, length).

        -inf where a motif does not fit.
        """
        scores = np.full((len(self.motifs), 2, len(codes)), -np.inf, np.float32)
        _fill_all_scores(codes, self._weights, self.widths, scores)
        return scores

    def _p_values(self, scores: np.ndarray, index: np.ndarray | None = None) -> np.ndarray:
        """P-values of scores whose first axis is the motif; 1 where a motif does not fit."""
        if index is None:
            index = np.arange(len(self.motifs)).reshape(-1, *[1] * (scores.ndim - 1))
        lowest = self._lowest[index].astype(np.float32)
        place = np.maximum(scores - lowest, 0).astype(np.int64)
        return self._tables[self._table_at[index] + place]

    def _best(
        self, codes: np.ndarray, positions: np.ndarray, *, mutated: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        """Best score over each position and where: (motifs, positions, 4 or 1).

        The place is strand x widest + the position's column in the motif. A substitution changes
        one term of the sum, so the sequence is scored once.
        """
        scores = self._scores(codes)
        bases = 4 if mutated else 1
        best = np.full((len(self.motifs), len(positions), bases), -np.inf, np.float32)
        where = np.zeros(best.shape, np.int16)
        widest = self._weights.shape[2]
        known = codes[positions].astype(int)
        weights = self._weights[..., :UNKNOWN].astype(np.float32)
        for strand in range(2):
            for column in range(widest):
                starts = positions - column
                fits = (starts >= 0) & (column < self.widths)[:, None]
                at = np.where(fits, scores[:, strand, np.maximum(starts, 0)], -np.inf)[..., None]
                if mutated:
                    terms = weights[:, strand, column]
                    at = at + terms[:, None, :] - terms[:, known][..., None]
                better = at > best
                best = np.where(better, at, best)
                where = np.where(better, np.int16(strand * widest + column), where)
        return best, where


@functools.lru_cache(maxsize=4)
def motif_scanner(
    motifs: tuple[Motif, ...], background: tuple[float, ...] = (0.25, 0.25, 0.25, 0.25)
) -> MotifScanner:
    """Give the scanner of these motifs and this background, made once a process."""
    return MotifScanner(motifs, np.array(background))


def _with_unknown(matrix: np.ndarray) -> np.ndarray:
    """A matrix with a fifth column for `UNKNOWN`, which matches nothing."""
    return np.pad(np.asarray(matrix, float), ((0, 0), (0, 1)), constant_values=-np.inf)


def _survival(weights: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Probability of each whole score or more, from the lowest score up, float32."""
    columns = weights - weights.min(axis=1, keepdims=True)
    density = np.ones(1)
    for column in columns:
        wider = np.zeros(len(density) + column.max())
        for step, share in zip(column, background, strict=True):
            wider[step : step + len(density)] += share * density
        density = wider
    # Summed from the top, so that small probabilities keep their digits; never above 1.
    return np.minimum(np.cumsum(density[::-1])[::-1], 1).astype(np.float32)


@compiled
def _fill_scores(codes: np.ndarray, matrix: np.ndarray, width: int, scores: np.ndarray) -> None:
    # Six columns are summed in float64 and their sums in float32: the order of additions that the
    # simulated assays of the demo were made with, to the last bit.
    for start in range(len(scores)):
        total = np.float32(0)
        for first in range(0, width, 6):
            part = 0.0
            for column in range(first, min(first + 6, width)):
                part += matrix[column, codes[start + column]]
            total += np.float32(part)
        scores[start] = total


@compiled
def _fill_all_scores(
    codes: np.ndarray, weights: np.ndarray, widths: np.ndarray, scores: np.ndarray
) -> None:
    for m in range(len(widths)):
        starts = len(codes) - widths[m] + 1
        if starts > 0:
            for strand in range(2):
                _fill_scores(codes, weights[m, strand], widths[m], scores[m, strand, :starts])
