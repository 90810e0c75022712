"""The scores of a variant, by name: what each is, in words and in numbers.

All that a command, a writer of files or the page needs to know of a score is here. Those with a
`published` name are the statistics of that name in the scripts published with Kelley et al. 2018
and Kelley 2020 (`basenji_sad.py`), there with a pseudocount of 1.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sighthound.core.errors import SighthoundError

Pair = tuple[NDArray[Any], NDArray[Any]]


@dataclass(frozen=True)
class VariantScore:
    """A score of a variant on a track.

    Attributes
    ----------
    name : str
        As commands and tables have it.
    label : str
        For a person, without the formula.
    formula : str
        With ref and alt, the predictions of a bin, and c, the pseudocount.
    unit : str
        `track` for that of the track's bins.
    by_gene : bool
        Whether it needs genes, and has a value for each in reach.
    """

    name: str
    label: str
    formula: str
    unit: str
    by_gene: bool = dataclasses.field(default=False, kw_only=True)


@dataclass(frozen=True)
class Score(VariantScore):
    """A score, in words and in numbers.

    Attributes
    ----------
    field : str
        Beginning of its INFO fields in VCF.
    of_bins : callable or None
        From predictions of the reference and the alternative, (bins, tracks), and the pseudocount
        to the score's two values, each (tracks,), of which it is the difference. None for a score
        by gene, which is the difference of sums over the gene's bins.
    is_of_sums : bool
        Whether the sums over all bins are enough.
    is_absolute : bool
        Whether it is the size of the difference.
    is_distance : bool
        Whether it is how far the alternative is from the reference: without a direction, too.
    published : str
        Its name in the published scripts, if it is one of theirs.
    """

    field: str
    of_bins: Callable[[NDArray[Any], NDArray[Any], float], Pair] | None
    is_of_sums: bool = False
    is_absolute: bool = False
    is_distance: bool = False
    published: str = ""

    @property
    def has_sign(self) -> bool:
        """Whether it tells more from less, on a track as such."""
        return not (self.is_absolute or self.is_distance or self.by_gene)

    @property
    def in_words(self) -> VariantScore:
        """What is said of it to others."""
        return VariantScore(self.name, self.label, self.formula, self.unit, by_gene=self.by_gene)


def _sums(reference: NDArray[Any], alternative: NDArray[Any], _: float) -> Pair:
    return reference.sum(axis=0), alternative.sum(axis=0)


def _log_of_sums(reference: NDArray[Any], alternative: NDArray[Any], c: float) -> Pair:
    return np.log2(reference.sum(axis=0) + c), np.log2(alternative.sum(axis=0) + c)


def _same(x: NDArray[Any], _: float) -> NDArray[Any]:
    return x


def _log(x: NDArray[Any], c: float) -> NDArray[Any]:
    return np.log2(x + c)


def _root(x: NDArray[Any], _: float) -> NDArray[Any]:
    # A prediction of nothing may come out below 0 by what rounding leaves.
    return np.sqrt(np.maximum(x, 0))


Transform = Callable[[NDArray[Any], float], NDArray[Any]]


def _sum_of(transform: Transform) -> Callable[[NDArray[Any], NDArray[Any], float], Pair]:
    return lambda ref, alt, c: (transform(ref, c).sum(axis=0), transform(alt, c).sum(axis=0))


def _largest_of(transform: Transform) -> Callable[[NDArray[Any], NDArray[Any], float], Pair]:
    def largest(reference: NDArray[Any], alternative: NDArray[Any], c: float) -> Pair:
        before, after = transform(reference, c), transform(alternative, c)
        where = abs(after - before).argmax(axis=0)[None]
        return tuple(np.take_along_axis(x, where, 0)[0] for x in (before, after))

    return largest


def _distance_of(
    transform: Transform, power: int
) -> Callable[[NDArray[Any], NDArray[Any], float], Pair]:
    """The distance from the reference: 0 for the reference itself."""

    def distance(reference: NDArray[Any], alternative: NDArray[Any], c: float) -> Pair:
        change = transform(alternative, c) - transform(reference, c)
        found = np.linalg.norm(change, ord=power, axis=0)
        return np.zeros_like(found), found

    return distance


SCORES = {
    score.name: score
    for score in (
        Score(
            "sad", "SAD", "sum(alt) - sum(ref)", "track", "SAD", _sums,
            is_of_sums=True, published="SAD",
        ),
        Score(
            "log2_ratio", "log2 ratio of sums", "log2(sum(alt) + c) - log2(sum(ref) + c)", "log2",
            "LOG2_RATIO", _log_of_sums, is_of_sums=True,
        ),
        Score(
            "sum_log2_ratio", "sum of log2 ratios", "sum(log2(alt + c) - log2(ref + c))", "log2",
            "SUM_LOG2_RATIO", _sum_of(_log), published="logSAD",
        ),
        Score(
            "sqrt_sad", "SAD of square roots", "sum(sqrt(alt) - sqrt(ref))", "sqrt(track)",
            "SQRT_SAD", _sum_of(_root), published="sqrtSAD",
        ),
        Score(
            "sax", "largest change", "alt - ref of the bin where |alt - ref| is largest", "track",
            "SAX", _largest_of(_same), published="SAX",
        ),
        Score(
            "max_log2", "largest absolute log2 ratio", "max |log2(alt + c) - log2(ref + c)|",
            "log2", "MAX_LOG2", _largest_of(_log), is_absolute=True,
        ),
        *(
            Score(
                f"{prefix}{prefix and '_'}d{power}", f"{words}, {norm} norm",
                {1: "sum |{0}|", 2: "sqrt(sum ({0})^2)"}[power].format(change), unit,
                f"{prefix}{prefix and '_'}d{power}".upper(), _distance_of(transform, power),
                is_distance=True, published=f"{prefix}D{power}",
            )
            for prefix, words, change, unit, transform in (
                ("", "change", "alt - ref", "track", _same),
                ("log", "change of log2", "log2(alt + c) - log2(ref + c)", "log2", _log),
                ("sqrt", "change of square roots", "sqrt(alt) - sqrt(ref)", "sqrt(track)", _root),
            )
            for power, norm in ((1, "L1"), (2, "L2"))
        ),
        Score(
            "sed", "SED", "sum(alt) - sum(ref) over the bins of a gene's start sites", "track",
            "SED", None, by_gene=True,
        ),
    )
}  # fmt: skip
# A name of before, and what it could be taken for.
_AMBIGUOUS = {
    "log_sad": "log2_ratio (the log2 ratio of sums, which it was) or sum_log2_ratio (the published "
    "logSAD)"
}


def scores_named(names: Sequence[str]) -> list[Score]:
    """Give scores by their names, or by those of the published scripts, in the registry's order.

    Raises
    ------
    SighthoundError
        None is named, or one is unknown or could be two.
    """
    published = {score.published: score for score in SCORES.values() if score.published}
    known = ", ".join(SCORES)
    if not names:
        raise SighthoundError(f"no score is asked for; expected some of {known}")
    found = set()
    for name in names:
        if name in _AMBIGUOUS:
            raise SighthoundError(f"the score {name} is ambiguous: ask for {_AMBIGUOUS[name]}")
        score = SCORES.get(name) or published.get(name)
        if score is None:
            raise SighthoundError(f"unknown score {name!r}; expected {known}")
        found.add(score.name)
    return [score for score in SCORES.values() if score.name in found]
