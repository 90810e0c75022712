"""Which motifs a model reads: mutagenesis effects become contributions, stretches, and names.

The contribution of a base is minus the mean effect of its three alternatives. A stretch of
important bases (a seqlet) becomes a matrix, which Tomtom (Gupta et al. 2007, as in memelite)
compares with JASPAR's. Positions are 0-based and half-open in the sequence that was given.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.interpretation.attributions import contributions
from sighthound.core.motifs.jaspar import Motif
from sighthound.core.motifs.scan import HIT_P_VALUE, MotifHit, MotifScanner
from sighthound.core.tracks.metrics import q_values

# A base is important when its contribution is this many robust standard deviations from 0, and at
# least this share of the largest one.
IMPORTANT_SDS = 2.0
IMPORTANT_SHARE = 0.2
# Important bases of one sign belong together up to this many bases apart: the two halves of a site
# like ABF1's have six bases between them that hardly matter.
JOINED_GAP = 6
LEAST_IMPORTANT = 3  # important bases in a seqlet, and
LONGEST_SEQLET = 25  # bp: a longer stretch is cut at its widest gap
SEQLET_MARGIN = 2  # bp added on both sides
MAD_TO_SD = 1.4826  # of a normal distribution
# Effects count as log-odds, scaled so that the most decisive base of a seqlet is this many nats
# above the worst alternative: 0.97 against 0.01.
DECISIVE = float(np.log(0.97 / 0.01))
MATCH_Q_VALUE = 0.1
_tomtom_turn = threading.Lock()  # its threads are not to be started from two of ours at once


@dataclass(frozen=True)
class Seqlet:
    """A stretch of important bases; `sign` is -1 where the bases lower the prediction."""

    start: int
    end: int
    sign: int
    contribution: float


@dataclass(frozen=True)
class MotifMatch:
    """A motif that looks like a seqlet, or like another motif.

    Attributes
    ----------
    start, end : int
        The seqlet, or 0 and the width of the matrix that was asked about.
    sign : int
        -1 where the seqlet lowers the prediction: its contributions were turned round.
    motif, name : str
    strand : str
        On which the motif lies in the sequence.
    offset : int
        From the seqlet's first base to the motif's; negative where the motif begins before it.
    p_value, q_value : float
        Of Tomtom; q over all motifs that were compared (Benjamini-Hochberg).
    """

    start: int
    end: int
    sign: int
    motif: str
    name: str
    strand: str
    offset: int
    p_value: float
    q_value: float


@dataclass(frozen=True)
class ImportantHit:
    """A motif on important bases, and the share of all importance that lies on it."""

    hit: MotifHit
    share: float


def important_bases(contribution: np.ndarray) -> np.ndarray:
    """Tell which bases of a window stand out.

    A base does when its contribution is both `IMPORTANT_SDS` robust standard deviations (1.4826 x
    the median absolute contribution) from 0 and `IMPORTANT_SHARE` of the largest.

    Parameters
    ----------
    contribution : array, (length,)

    Returns
    -------
    bool array, (length,)
    """
    size = np.abs(contribution)
    spread = MAD_TO_SD * float(np.median(size)) if size.size else 0.0
    least = max(IMPORTANT_SDS * spread, IMPORTANT_SHARE * float(size.max(initial=0.0)))
    return (size >= least) & (size > 0)


def find_seqlets(contribution: np.ndarray) -> list[Seqlet]:
    """Find the important stretches of a window.

    Important bases of one sign at most `JOINED_GAP` unimportant ones apart make a stretch; one
    longer than `LONGEST_SEQLET` is cut at its widest gap, and one of fewer than `LEAST_IMPORTANT`
    important bases is dropped. `SEQLET_MARGIN` bases are added on both sides.

    Parameters
    ----------
    contribution : array, (length,)

    Returns
    -------
    list of Seqlet
        The largest total contribution first.
    """
    contribution = np.asarray(contribution, np.float64)
    important = important_bases(contribution)
    found = []
    for sign in (1, -1):
        places = np.flatnonzero(important & (np.sign(contribution) == sign))
        gaps = np.diff(places) - 1
        for run in np.split(places, np.flatnonzero(gaps > JOINED_GAP) + 1):
            for piece in _short_enough(run):
                if len(piece) >= LEAST_IMPORTANT:
                    total = float(contribution[piece].sum())
                    start = max(0, int(piece[0]) - SEQLET_MARGIN)
                    end = min(len(contribution), int(piece[-1]) + 1 + SEQLET_MARGIN)
                    found.append(Seqlet(start, end, sign, total))
    return sorted(found, key=lambda seqlet: -abs(seqlet.contribution))


def seqlet_matrix(effects: np.ndarray, seqlet: Seqlet) -> np.ndarray:
    """Turn the effects on a seqlet into probabilities, as of a motif.

    Effects, centred on the mean of the four bases and turned round where the seqlet lowers the
    prediction, count as log-odds: p(base) is proportional to exp(scale x effect), with the scale
    that makes the most decisive base as sure as a conserved one (`DECISIVE`). Bases that do not
    matter come out near 1/4 each.

    Parameters
    ----------
    effects : array, (length, 4)

    Returns
    -------
    float64 array, (seqlet's length, 4)
    """
    part = seqlet.sign * np.asarray(effects[seqlet.start : seqlet.end], np.float64)
    widest = float(np.ptp(part, axis=1).max(initial=0.0))
    odds = np.exp(DECISIVE / widest * (part - part.max(axis=1, keepdims=True)))
    return odds / odds.sum(axis=1, keepdims=True)


def match_matrices(
    matrices: Sequence[np.ndarray], motifs: Sequence[Motif], q_below: float = MATCH_Q_VALUE
) -> list[list[MotifMatch]]:
    """Compare matrices with motifs on both strands, by Tomtom.

    The first call of a machine compiles memelite, which takes about 40 seconds, once.

    Parameters
    ----------
    matrices : sequence of arrays, (width, 4)
        Probabilities.
    motifs : sequence of Motif
        At least 25: their columns are Tomtom's background.
    q_below : float
        Largest q-value of a match.

    Returns
    -------
    list, one entry a matrix, of list of MotifMatch, by p-value
    """
    if len(motifs) < 25:
        raise SighthoundError(
            f"{len(motifs)} motifs are too few for p-values of matches; expected at least 25"
        )
    if not len(matrices):
        return []
    from memelite import tomtom

    queries = [np.ascontiguousarray(np.asarray(matrix, np.float64).T) for matrix in matrices]
    targets = [np.ascontiguousarray(motif.probabilities.T) for motif in motifs]
    with _tomtom_turn:
        # One thread: starting two takes longer than a handful of comparisons.
        p, _, offsets, _, strands = tomtom(queries, targets, n_jobs=1 if len(queries) < 32 else -1)
    q = q_values(p)
    found = []
    for index, matrix in enumerate(matrices):
        ranked = np.argsort(p[index], kind="stable")
        found.append(
            [
                MotifMatch(
                    start=0,
                    end=len(matrix),
                    sign=1,
                    motif=motifs[target].id,
                    name=motifs[target].name,
                    strand="+-"[int(strands[index, target])],
                    offset=-int(offsets[index, target]),
                    p_value=float(p[index, target]),
                    q_value=float(q[index, target]),
                )
                for target in ranked
                if q[index, target] <= q_below
            ]
        )
    return found


def match_effects(
    one_hot: np.ndarray,
    effects: np.ndarray,
    motifs: Sequence[Motif],
    q_below: float = MATCH_Q_VALUE,
    most: int = 5,
) -> list[MotifMatch]:
    """Name the important stretches of a mutagenesis window.

    Parameters
    ----------
    one_hot : array, (length, 4), A C G T
        The reference.
    effects : array, (length, 4)
        Of one track.
    motifs : sequence of Motif
    q_below : float
        Largest q-value of a match.
    most : int
        Matches of one stretch, at most.

    Returns
    -------
    list of MotifMatch
        By stretch, the most important first, then by p-value.
    """
    seqlets = find_seqlets(contributions(one_hot, _one_track(effects)))
    matrices = [seqlet_matrix(effects, seqlet) for seqlet in seqlets]
    return [
        replace(match, start=seqlet.start, end=seqlet.end, sign=seqlet.sign)
        for seqlet, matches in zip(seqlets, match_matrices(matrices, motifs, q_below), strict=True)
        for match in matches[:most]
    ]


def hits_on_important_bases(
    scanner: MotifScanner,
    one_hot: np.ndarray,
    effects: np.ndarray,
    start: int = 0,
    p_below: float = HIT_P_VALUE,
) -> list[ImportantHit]:
    """Find the motifs of the reference that lie on the bases that matter.

    Parameters
    ----------
    scanner : MotifScanner
    one_hot : array, (longer, 4)
        The reference, best with flanks: motifs may reach over the window's edges.
    effects : array, (length, 4) or (length, 4, tracks)
        Of the window; with several tracks, the mean of their absolute contributions counts.
    start : int
        The window's first base in `one_hot`.
    p_below : float
        Largest p-value of a hit.

    Returns
    -------
    list of ImportantHit
        With at least one important base, the largest share first; positions are those of
        `one_hot`.
    """
    window = np.asarray(one_hot)[start : start + len(effects)]
    worth = contributions(window, effects)
    importance = np.zeros(len(one_hot))
    importance[start : start + len(effects)] = np.abs(worth).reshape(len(worth), -1).mean(axis=1)
    is_important = np.zeros(len(one_hot), bool)
    is_important[start : start + len(effects)] = important_bases(
        importance[start : start + len(effects)]
    )
    total = importance.sum()
    rows = [
        ImportantHit(hit, float(importance[hit.start : hit.end].sum() / total))
        for hit in scanner.scan(one_hot, p_below)
        if is_important[hit.start : hit.end].any()
    ]
    return sorted(rows, key=lambda row: (-row.share, row.hit.p_value))


def _one_track(effects: np.ndarray) -> np.ndarray:
    if np.ndim(effects) != 2:
        raise SighthoundError(
            f"effects are {np.shape(effects)}; expected those of one track, (length, 4)"
        )
    return effects


def _short_enough(run: np.ndarray) -> list[np.ndarray]:
    """Cut a run of important bases at its widest gap until every piece is short enough."""
    if len(run) < 2 or run[-1] - run[0] < LONGEST_SEQLET:
        return [run]
    cut = int(np.diff(run).argmax()) + 1
    return [*_short_enough(run[:cut]), *_short_enough(run[cut:])]
