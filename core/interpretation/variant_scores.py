"""What variants do to predictions: scores a track, each with its reference and alternative value.

Predictions of the alternative are aligned to the reference's bins (`core.variants.haplotype`). A
score is over the bins that the variant can change, inside the chromosome: beyond them its effect is
zero. What the scores are is in `core.interpretation.scores`. Sources: SAD and SED of Kelley et al.
2018; the largest log2 ratio is its feature of GWAS loci.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sighthound.core.annotation.genes import Gene, Genes
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome
from sighthound.core.interpretation.agreement import with_agreement
from sighthound.core.interpretation.scores import SCORES, Score, scores_named
from sighthound.core.interpretation.variant_passes import WindowPass
from sighthound.core.interpretation.variant_windows import VariantWindow, place, plan_windows
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model
from sighthound.core.progress import Progress, part_of
from sighthound.core.variants.haplotype import Haplotype, haplotype
from sighthound.core.variants.nulls import LOCAL, LOCAL_BASES
from sighthound.core.variants.variant import Variant, check_variants

if TYPE_CHECKING:
    import pandas as pd

Variants = Sequence[Variant | Sequence[Variant]]

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
    members: Sequence[Model] = (),
    local: bool = False,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Score variants, or haplotypes of several, on every track.

    Parameters
    ----------
    model, genome
    variants : sequence of Variant, or of sequences of Variant
        A sequence of variants is one haplotype: they are scored together, on one sequence.
    scores : sequence of str
        Names out of `core.interpretation.scores.SCORES`, or those of the published scripts.
    alleles : bool
        Add rows with the score's reference and alternative value, of which it is the difference
        ("max_log2": its absolute value). They are what the difference is of: logarithms of log
        scores; of a distance (d1, d2 and their kin) the reference's is 0.
    tracks : sequence of str, optional
        Ids; all by default.
    genes : Genes, optional
        For scores by gene.
    ensemble : Ensemble, optional
        Strands and shifts over which predictions are averaged.
    pseudocount : float
        Of the logarithms, in the tracks' units.
    grid : int or None
        A base where a bin begins. None puts every variant at the same place in its bin, as the
        published scripts do; then none share windows.
    members : sequence of Model
        Networks that are asked the same, two at least, as `core.load_members_of` gives them: rows
        of the values "members_mean", "members_sd" and "known" (1 or 0) are added, see
        `core.interpretation.agreement`.
    local : bool
        Add rows of the value "local": what is predicted without the variant, summed over the bins
        of its first base and of `core.variants.nulls.LOCAL_BASES` to either side, as far as it can
        change them.
    progress : callable, optional
        Called with variants done and in total; may raise to cancel.

    Returns
    -------
    DataFrame
        One row a variant, score (and gene, and value); columns "record" (number of the variant as
        given, from 1), "variant", "chrom", "position" (1-based, of the first), "id", "ref", "alt",
        with scores by gene also "gene" and "gene_name", "score", "value", and a float32 column a
        track.

    Raises
    ------
    SighthoundError
        A variant does not fit the genome, two of a haplotype overlap, or a score or track is
        unknown.
    """
    if members:
        tables = [
            score_variants(
                one, genome, variants, scores=scores, alleles=alleles and one is model,
                tracks=tracks, genes=genes, ensemble=ensemble, pseudocount=pseudocount, grid=grid,
                local=local and one is model,
                progress=part_of(progress, number, 1 + len(members)),
            )
            for number, one in enumerate((model, *members))
        ]  # fmt: skip
        return with_agreement(
            tables[0], tables[1:], list(model.tracks if tracks is None else tracks)
        )
    asked = scores_named(scores)
    _check(model, asked, genes, pseudocount)
    scoring = _Scoring(model, genome, variants, tracks, ensemble, grid)
    blocks = _Blocks(scoring, asked, alleles, local)
    overall, by_gene = ([s for s in asked if s.by_gene is kind] for kind in (False, True))
    starts = _StartSites(genes) if genes is not None and by_gene else None
    for window, passed in scoring.windows(progress):
        blocks.take_local(window, passed)
        if overall:
            for number, pairs in _window_scores(window, passed, overall, pseudocount):
                blocks.add(window.members[number], None, pairs)
        if starts is not None:
            for number, gene, pair in _gene_scores(window, passed, starts):
                blocks.add(window.members[number], gene, {s.name: pair for s in by_gene})
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
                window.bin_start(int(bins[0])), reference, reference + change
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

    def windows(self, progress: Progress | None) -> Iterator[tuple[VariantWindow, WindowPass]]:
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
    window: VariantWindow, passed: WindowPass, scores: Sequence[Score], pseudocount: float
) -> Iterator[tuple[int, dict[str, tuple[Any, Any]]]]:
    """Reference and alternative values of the scores that need no genes, haplotype by haplotype."""
    summed = np.zeros((len(window.targets) + 1, passed.reference.shape[1]))
    np.cumsum(passed.reference, axis=0, out=summed[1:])
    everyone = range(len(window.members))
    still = [i for i in everyone if not passed.haplotypes[i].is_moving]
    has_largest = any(s is SCORES["max_log2"] for s in scores)
    # The largest log2 ratio is reduced where it is computed, of one version of the sequence.
    needs_bins = any(
        not s.is_of_sums and not (s is SCORES["max_log2"] and passed.is_single) for s in scores
    )
    quick = [] if needs_bins else still
    slow = [i for i in everyone if i not in set(quick)]

    def of_sums(number: int, change: Any) -> dict[str, tuple[Any, Any]]:
        first, last = np.searchsorted(window.targets, window.places[number])
        before = summed[last] - summed[first]
        totals = before[None], (before + change)[None]  # as if of one bin
        return {
            s.name: s.of_bins(*totals, pseudocount) for s in scores if s.is_of_sums and s.of_bins
        }

    def in_order(found: dict[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
        return {s.name: found[s.name] for s in scores}

    if quick:
        sums: Any = None
        if any(s.is_of_sums for s in scores):
            sums = passed.sums(quick)
        ratios = passed.largest_ratios(quick, pseudocount) if has_largest else None
        for row, number in enumerate(quick):
            found = {} if sums is None else of_sums(number, sums[row])
            if ratios is not None:
                found["max_log2"] = ratios[0][row], ratios[1][row]
            yield number, in_order(found)
    for number, bins, change in _in_chunks(window, passed, window.targets, slow):
        reference = passed.reference[np.searchsorted(window.targets, bins)].astype(float)
        found = of_sums(number, change.sum(axis=0, dtype=float))
        for score in scores:
            if not score.is_of_sums and score.of_bins is not None:
                found[score.name] = score.of_bins(reference, reference + change, pseudocount)
        yield number, in_order(found)


def _gene_scores(
    window: VariantWindow, passed: WindowPass, starts: _StartSites
) -> Iterator[tuple[int, Gene, tuple[Any, Any]]]:
    """Reference and alternative values at the start sites of every gene in reach."""
    place = window.interval
    positions, genes = starts.between(place.chrom, place.start, place.end)
    sites = window.index(positions)
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
    window: VariantWindow,
    passed: WindowPass,
    wanted: np.ndarray,
    members: Sequence[int] | None = None,
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

    def __init__(
        self, scoring: _Scoring, scores: Sequence[Score], alleles: bool, local: bool
    ) -> None:
        self.scoring, self.scores = scoring, scores
        self.own_values = VALUES if alleles else VALUES[:1]
        self.values = (*self.own_values, LOCAL) if local else self.own_values
        self._local: dict[int, np.ndarray] = {}
        self._keys: list[tuple[int, int, str, str, str]] = []
        self._rows: list[np.ndarray] = []

    def take_local(self, window: VariantWindow, passed: WindowPass) -> None:
        """Note the signal around the haplotypes of a window, if it is asked for."""
        if LOCAL not in self.values:
            return
        around = -(-LOCAL_BASES // window.bin)
        for index, (first, last) in zip(window.members, window.places, strict=True):
            own = window.index(self.scoring.haplotypes[index].start)
            # Bins beyond its own reach are there only if a neighbour reaches them.
            span = max(first, own - around), min(last, own + around + 1)
            rows = slice(*np.searchsorted(window.targets, span))
            self._local[index] = passed.reference[rows].sum(axis=0, dtype=float)

    def add(self, index: int, gene: Gene | None, pairs: dict[str, tuple[Any, Any]]) -> None:
        """Take the reference and alternative values of a haplotype's scores, each (tracks,)."""
        for score, (before, after) in pairs.items():
            change = np.subtract(after, before)
            is_absolute = SCORES[score].is_absolute
            rows = [abs(change) if is_absolute else change, before, after][: len(self.own_values)]
            if LOCAL in self.values:
                rows.append(self._local[index])
            self._rows.append(np.stack(rows).astype(np.float32))
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
        if any(score.by_gene for score in self.scores):
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


def _check(model: Model, scores: Sequence[Score], genes: Genes | None, pseudocount: float) -> None:
    by_gene = [score.name for score in scores if score.by_gene]
    if by_gene and genes is None:
        raise SighthoundError(f"the score {by_gene[0]} is by gene; give an annotation of genes")
    if not pseudocount > 0:
        raise SighthoundError(f"the pseudocount is {pseudocount}; expected a number above 0")
    taken = {*COLUMNS, *GENE_COLUMNS, "score", "value"} & set(model.tracks)
    if taken:
        raise SighthoundError(f"track {sorted(taken)[0]!r} has the name of a column; rename it")
