"""What variants do to predictions: scores a track, each with its reference and alternative value.

Predictions of the alternative are aligned to the reference's bins (`core.haplotypes`). A score is
over the bins that the variant can change, inside the chromosome: beyond them its effect is zero.
Sources: SAD and SED of Kelley et al. 2018; the largest log2 ratio is its feature of GWAS loci.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import SighthoundError
from core.genes import Gene, Genes
from core.genome import Genome
from core.haplotypes import Haplotype, haplotype
from core.inference import Ensemble, Model
from core.variant_passes import WindowPass
from core.variant_windows import Window, place, plan_windows
from core.variants import Variant, check_variants

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[int, int], None]
Variants = Sequence[Variant | Sequence[Variant]]

# SAD: alternative minus reference, each summed over bins.
# log-SAD: log2(sum + pseudocount), alternative minus reference.
# largest log2 ratio: |log2((alternative + pseudocount) / (reference + pseudocount))| of the bin
# where it is largest.
# SED: SAD over the bins of a gene's start sites that the variant can change, each bin once.
SCORES = ("sad", "log_sad", "max_log2", "sed")
VALUES = ("score", "reference", "alternative")
COLUMNS = ("record", "variant", "chrom", "position", "id", "ref", "alt")
GENE_COLUMNS = ("gene", "gene_name")
PSEUDOCOUNT = 1.0  # in the tracks' units
# Floats that the bins of some variants may take together, about 100 MB.
_PROFILE_FLOATS = 25_000_000


@dataclass(frozen=True)
class Profile:
    """Predictions of the bins that a variant can change.

    Attributes
    ----------
    start : int
        Base where the first bin begins; beyond the chromosome's start if negative.
    reference, alternative : float32 arrays, (bins, tracks)
        In the tracks' units; the alternative aligned to the reference's bins.
    """

    start: int
    reference: np.ndarray
    alternative: np.ndarray


def score_variants(
    model: Model,
    genome: Genome,
    variants: Variants,
    *,
    scores: Sequence[str] = ("sad",),
    alleles: bool = False,
    tracks: Sequence[str] | None = None,
    genes: Genes | None = None,
    ensemble: Ensemble | None = None,
    pseudocount: float = PSEUDOCOUNT,
    grid: int | None = 0,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Score variants, or haplotypes of several, on every track.

    Parameters
    ----------
    model, genome
    variants : sequence of Variant, or of sequences of Variant
        A sequence of variants is one haplotype: they are scored together, on one sequence.
    scores : sequence of {"sad", "log_sad", "max_log2", "sed"}
    alleles : bool
        Add rows with the score's reference and alternative value, of which it is the difference
        ("max_log2": its absolute value; the two are logarithms at that bin).
    tracks : sequence of str, optional
        Ids; all by default.
    genes : Genes, optional
        For "sed".
    ensemble : Ensemble, optional
        Strands and shifts over which predictions are averaged.
    pseudocount : float
        Of the logarithms, in the tracks' units.
    grid : int or None
        A base where a bin begins. None puts every variant at the same place in its bin, as the
        published scripts do; then none share windows.
    progress : callable, optional
        Called with variants done and in total; may raise to cancel.

    Returns
    -------
    DataFrame
        One row a variant, score (and gene, and value); columns "record" (number of the variant as
        given, from 1), "variant", "chrom", "position" (1-based, of the first), "id", "ref", "alt",
        with "sed" also "gene" and "gene_name", "score", "value", and a float32 column a track.

    Raises
    ------
    SighthoundError
        A variant does not fit the genome, two of a haplotype overlap, or a score or track is
        unknown.
    """
    _check(model, scores, genes, pseudocount)
    scoring = _Scoring(model, genome, variants, tracks, ensemble, grid)
    blocks = _Blocks(scoring, [s for s in SCORES if s in scores], alleles)
    starts = None if genes is None or "sed" not in scores else _StartSites(genes)
    overall = [s for s in blocks.scores if s != "sed"]
    for window, passed in scoring.windows(progress):
        if overall:
            for number, pairs in _window_scores(window, passed, overall, pseudocount):
                blocks.add(window.members[number], None, pairs)
        if starts is not None:
            for number, gene, pair in _gene_scores(window, passed, starts):
                blocks.add(window.members[number], gene, {"sed": pair})
    return blocks.table()


def variant_profiles(
    model: Model,
    genome: Genome,
    variants: Variants,
    *,
    tracks: Sequence[str] | None = None,
    ensemble: Ensemble | None = None,
    grid: int | None = 0,
    dtype: str = "float32",
    progress: Progress | None = None,
) -> list[Profile]:
    """Predict reference and alternative of every bin that variants can change.

    Parameters
    ----------
    model, genome, variants, tracks, ensemble, grid, progress
        As for `score_variants`.
    dtype : {"float32", "float64"}
        What is computed in, and of the arrays.

    Returns
    -------
    list of Profile, one a variant or haplotype
    """
    scoring = _Scoring(model, genome, variants, tracks, ensemble, grid, dtype)
    found: list[Profile | None] = [None] * len(scoring.haplotypes)
    for window, passed in scoring.windows(progress):
        for number, bins, change in _in_chunks(window, passed, window.targets):
            reference = passed.reference[np.searchsorted(window.targets, bins)]
            found[window.members[number]] = Profile(
                window.start + int(bins[0]) * model.bin, reference, reference + change
            )
    return [profile for profile in found if profile is not None]


class _Scoring:
    """What is scored on what: haplotypes, windows, track indices."""

    def __init__(
        self,
        model: Model,
        genome: Genome,
        variants: Variants,
        tracks: Sequence[str] | None,
        ensemble: Ensemble | None,
        grid: int | None,
        dtype: str = "float32",
    ) -> None:
        self.model, self.genome, self.dtype = model, genome, dtype
        self.ensemble = ensemble or Ensemble()
        self.haplotypes = [haplotype(v) for v in variants]
        check_variants([v for h in self.haplotypes for v in h.variants], genome)
        self.tracks = list(model.tracks if tracks is None else tracks)
        indices = [model.track_index(t) for t in self.tracks] if tracks is not None else None
        self.indices = None if indices is None else np.array(indices)
        places = [place(h, model, genome, self.ensemble, grid) for h in self.haplotypes]
        self.plan = plan_windows(places, model, self.ensemble)

    def windows(self, progress: Progress | None) -> Iterator[tuple[Window, WindowPass]]:
        done, total = 0, len(self.haplotypes)
        for window in self.plan:
            if progress is not None:
                progress(done, total)
            members = [self.haplotypes[i] for i in window.members]
            yield (
                window,
                WindowPass(
                    self.model, self.genome, window, members, self.indices, self.ensemble,
                    self.dtype,
                ),
            )  # fmt: skip
            done += len(members)
        if progress is not None:
            progress(total, total)


def _window_scores(
    window: Window, passed: WindowPass, scores: Sequence[str], pseudocount: float
) -> Iterator[tuple[int, dict[str, tuple[Any, Any]]]]:
    """Reference and alternative values of the scores that need no genes, haplotype by haplotype."""
    summed = np.zeros((len(window.targets) + 1, passed.reference.shape[1]))
    np.cumsum(passed.reference, axis=0, out=summed[1:])
    everyone = range(len(window.members))
    still = [i for i in everyone if not passed.haplotypes[i].is_moving]
    needs_bins = "max_log2" in scores and not passed.is_single
    quick = [] if needs_bins else still
    slow = [i for i in everyone if i not in set(quick)]

    def values(number: int, change: Any, logarithms: Any) -> dict[str, tuple[Any, Any]]:
        first, last = np.searchsorted(window.targets, window.places[number])
        before = summed[last] - summed[first]
        after = before + change
        found: dict[str, tuple[Any, Any]] = {"sad": (before, after), "max_log2": logarithms}
        if "log_sad" in scores:
            found["log_sad"] = np.log2(before + pseudocount), np.log2(after + pseudocount)
        return {score: found[score] for score in scores}

    if quick:
        sums: Any = None
        if {"sad", "log_sad"} & set(scores):
            sums = passed.sums(quick)
        ratios: Any = None
        if "max_log2" in scores:
            ratios = passed.largest_ratios(quick, pseudocount)
        for row, number in enumerate(quick):
            change = 0.0 if sums is None else sums[row]
            logarithms = None if ratios is None else (ratios[0][row], ratios[1][row])
            yield number, values(number, change, logarithms)
    for number, bins, change in _in_chunks(window, passed, window.targets, slow):
        reference = passed.reference[np.searchsorted(window.targets, bins)]
        logarithms = None
        if "max_log2" in scores:
            pair = np.log2(np.stack([reference, reference + change]) + pseudocount)
            largest = abs(pair[1] - pair[0]).argmax(axis=0)
            logarithms = tuple(np.take_along_axis(x, largest[None], 0)[0] for x in pair)
        yield number, values(number, change.sum(axis=0, dtype=float), logarithms)


def _gene_scores(
    window: Window, passed: WindowPass, starts: _StartSites
) -> Iterator[tuple[int, Gene, tuple[Any, Any]]]:
    """Reference and alternative values at the start sites of every gene in reach."""
    size = passed.model.bin
    positions, genes = starts.between(window.chrom, window.start, window.end)
    sites = (positions - window.start) // size
    wanted = np.intersect1d(sites, window.targets)
    if not len(wanted):
        return
    for number, bins, change in _in_chunks(window, passed, wanted):
        reference = passed.reference[np.searchsorted(window.targets, bins)]
        inside = np.isin(sites, bins)
        for gene in dict.fromkeys(genes[i] for i in np.flatnonzero(inside)):
            own = np.unique([s for s, g in zip(sites, genes, strict=True) if g is gene])
            rows = np.isin(bins, own)
            before = reference[rows].sum(axis=0, dtype=float)
            yield number, gene, (before, before + change[rows].sum(axis=0, dtype=float))


def _in_chunks(
    window: Window, passed: WindowPass, wanted: np.ndarray, members: Sequence[int] | None = None
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Changes of the wanted bins of some haplotypes, as many at once as memory allows.

    Yields
    ------
    int, int array (bins,), array (bins, tracks)
        The haplotype's position in the window, its wanted bins, and their changes.
    """
    members = range(len(window.members)) if members is None else members
    spans = [np.searchsorted(wanted, window.places[i]) for i in members]
    most = max((last - first for first, last in spans), default=0)
    at_once = max(1, _PROFILE_FLOATS // max(1, most * passed.reference.shape[1]))
    for at in range(0, len(members), at_once):
        chunk = members[at : at + at_once]
        for number, span, change in zip(
            chunk, spans[at : at + at_once], passed.changes(chunk, wanted), strict=True
        ):
            if span[1] > span[0]:
                yield number, wanted[slice(*span)], change


class _StartSites:
    """The start sites of genes, by chromosome and position."""

    def __init__(self, genes: Genes) -> None:
        found: dict[str, list[tuple[int, int, Gene]]] = {}
        for rank, gene in enumerate(genes):
            for position in gene.tss_positions:
                found.setdefault(gene.chrom, []).append((position, rank, gene))
        self._sites = {chrom: sorted(sites, key=lambda s: s[:2]) for chrom, sites in found.items()}
        self._positions = {c: np.array([s[0] for s in sites]) for c, sites in self._sites.items()}

    def between(self, chrom: str, start: int, end: int) -> tuple[np.ndarray, list[Gene]]:
        """Positions, ascending, and the gene of each."""
        if chrom not in self._sites:
            return np.zeros(0, int), []
        positions = self._positions[chrom]
        first, last = np.searchsorted(positions, [start, end])
        return positions[first:last], [s[2] for s in self._sites[chrom][first:last]]


class _Blocks:
    """Collects values and lays them out as the table."""

    def __init__(self, scoring: _Scoring, scores: Sequence[str], alleles: bool) -> None:
        self.scoring, self.scores = scoring, scores
        self.values = VALUES if alleles else VALUES[:1]
        self._keys: list[tuple[int, int, str, str, str]] = []
        self._rows: list[np.ndarray] = []

    def add(self, index: int, gene: Gene | None, pairs: dict[str, tuple[Any, Any]]) -> None:
        """Take the reference and alternative values of a haplotype's scores, each (tracks,)."""
        for score, (before, after) in pairs.items():
            change = np.subtract(after, before)
            rows = np.stack([abs(change) if score == "max_log2" else change, before, after])
            self._rows.append(rows[: len(self.values)].astype(np.float32))
            names = ("", "") if gene is None else (gene.id, gene.name)
            self._keys.append((index, len(self._keys), score, *names))

    def table(self) -> pd.DataFrame:
        import pandas as pd  # here: a web process that imports core stays small

        order = sorted(range(len(self._keys)), key=lambda i: self._keys[i][:2])
        tracks = self.scoring.tracks
        block = np.zeros((0, len(tracks)), np.float32)
        if order:
            block = np.concatenate([self._rows[i] for i in order])
        keys = [self._keys[i] for i in order]
        index = np.repeat(np.array([k[0] for k in keys], int), len(self.values))
        described = _described(self.scoring.haplotypes)
        columns: dict[str, Any] = {"record": index + 1}
        columns |= {name: described[name][index] for name in COLUMNS[1:]}
        if "sed" in self.scores:
            for place_, name in enumerate(GENE_COLUMNS, 3):
                columns[name] = np.repeat([k[place_] for k in keys], len(self.values))
        columns["score"] = np.repeat([k[2] for k in keys], len(self.values))
        columns["value"] = np.tile(self.values, len(keys))
        left = pd.DataFrame(columns, index=range(len(index)))
        return pd.concat([left, pd.DataFrame(block, columns=tracks)], axis=1)


def _described(haplotypes: Sequence[Haplotype]) -> dict[str, np.ndarray]:
    def joined(name: str) -> np.ndarray:
        return np.array(
            ["+".join(getattr(v, name) for v in h.variants) for h in haplotypes], object
        )

    return {
        "variant": np.array([str(h) for h in haplotypes], object),
        "chrom": np.array([h.chrom for h in haplotypes], object),
        "position": np.array([h.variants[0].position + 1 for h in haplotypes], int),
        **{name: joined(name) for name in ("id", "ref", "alt")},
    }


def _check(model: Model, scores: Sequence[str], genes: Genes | None, pseudocount: float) -> None:
    for score in scores:
        if score not in SCORES:
            raise SighthoundError(f"unknown score {score!r}; expected {', '.join(SCORES)}")
    if not scores:
        raise SighthoundError(f"no score is asked for; expected some of {', '.join(SCORES)}")
    if "sed" in scores and genes is None:
        raise SighthoundError("the score sed is by gene; give an annotation of genes")
    if not pseudocount > 0:
        raise SighthoundError(f"the pseudocount is {pseudocount}; expected a number above 0")
    taken = {*COLUMNS, *GENE_COLUMNS, "score", "value"} & set(model.tracks)
    if taken:
        raise SighthoundError(f"track {sorted(taken)[0]!r} has the name of a column; rename it")
