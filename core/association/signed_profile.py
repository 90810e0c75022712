"""Signed LD profile regression: whether a signed annotation points the way that a trait goes.

SLDP (Reshef et al. 2018, Nature Genetics 50:1483). Marginal effects a = z / sqrt(N) follow R v for
effects v; their covariance is s R^2 + R / N. Of each LD block, R of the study's variants is cut to
the eigenvectors that hold 95 % of its trace; a, R v and the profiles of a background (minor alleles
in five bins of frequency) are whitened by 1 / (s l^2 + l / N), l the eigenvalues (the weights that
Reshef et al. call h), and mu is the slope of a on R v beside the background. P is from turning the
signs of whole blocks, the standard error from leaving blocks out. The eigenvectors of a block are
found once for all annotations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sighthound.core.association.panel import Panel
from sighthound.core.errors import SighthoundError
from sighthound.core.progress import Progress, silent

TRACE_KEPT = 0.95
FREQUENCY_BINS = 5
_FLIPS_AT_ONCE = 4096
_FEWEST_BLOCKS = 5


@dataclass(frozen=True, eq=False)
class BlockSums:
    """Whitened products of each LD block, of which the regression is made.

    Attributes
    ----------
    effect, square : float64 arrays, (blocks, annotations)
        Of the profile with marginal effects, and with itself.
    background : float64 array, (blocks, b, b)
    background_effect : float64 array, (blocks, b, 1), or (blocks, b, annotations)
    background_profile : float64 array, (blocks, b, annotations)
    """

    effect: np.ndarray
    square: np.ndarray
    background: np.ndarray
    background_effect: np.ndarray
    background_profile: np.ndarray

    def __len__(self) -> int:
        return len(self.effect)

    def total(self) -> BlockSums:
        """Give the sums over all blocks, as of one."""
        return BlockSums(*(part.sum(axis=0, keepdims=True) for part in self._parts()))

    def less(self, whole: BlockSums) -> BlockSums:
        """Give what is left of the whole without each block."""
        pairs = zip(whole._parts(), self._parts(), strict=True)
        return BlockSums(*(all_ - own for all_, own in pairs))

    def merged(self, groups: int) -> BlockSums:
        """Put neighbours together, so that about so many are left."""
        if len(self) <= groups:
            return self
        starts = np.arange(groups) * len(self) // groups
        return BlockSums(*(np.add.reduceat(part, starts, axis=0) for part in self._parts()))

    def _parts(self) -> tuple[np.ndarray, ...]:
        return (
            self.effect, self.square, self.background, self.background_effect,
            self.background_profile,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class SignedFit:
    """What signed annotations say of a trait, each by itself beside the background.

    Attributes
    ----------
    mu, mu_se : float64 arrays, (annotations,)
        Slope of marginal effects on the profile, and its jackknifed standard error.
    correlation : float64 array, (annotations,)
        r_f of the paper: of effects with the annotation, over the genome.
    z, p : float64 arrays, (annotations,)
        The sum of the blocks' products over the root of their squares, and P by turning signs.
    products : float64 array, (blocks, annotations)
        Of each block, with the background taken out of both.
    """

    mu: np.ndarray
    mu_se: np.ndarray
    correlation: np.ndarray
    z: np.ndarray
    p: np.ndarray
    products: np.ndarray


def minor_allele_background(panel: Panel) -> np.ndarray:
    """Mark minor alleles in five equally large bins of frequency.

    Returns
    -------
    float64 array, (variants, 5): 1 where the counted allele is the rarer one, -1 where it is not, 0
    in other bins
    """
    minor = panel.minor_frequency
    edges = np.quantile(minor, np.linspace(0, 1, FREQUENCY_BINS + 1)[1:-1])
    bins = np.searchsorted(edges, minor, side="right")
    marks = np.zeros((len(panel), FREQUENCY_BINS))
    marks[np.arange(len(panel)), bins] = np.where(panel.frequency <= 0.5, 1, -1)
    return marks[:, marks.any(axis=0)]


def per_standard_deviation(panel: Panel, values: np.ndarray) -> np.ndarray:
    """Make effects of an allele effects of a standard deviation of genotypes: sqrt(2 p (1 - p))."""
    frequency = panel.frequency
    return values * np.sqrt(2 * frequency * (1 - frequency))[:, None]


@dataclass(frozen=True, eq=False)
class Basis:
    """Eigenvectors of R of an LD block's variants that were studied.

    Attributes
    ----------
    block : slice
        Variants of the panel.
    typed : int array
        Which of them were studied.
    values : float64 array, (eigenvalues,)
    vectors : float64 array, (typed, eigenvalues)
    """

    block: slice
    typed: np.ndarray
    values: np.ndarray
    vectors: np.ndarray


def block_bases(
    panel: Panel,
    blocks: Sequence[slice],
    is_typed: np.ndarray,
    *,
    progress: Progress = silent,
) -> Iterator[Basis]:
    """Take LD apart, block after block: what takes long, and is the same for every trait.

    Parameters
    ----------
    blocks : sequence of slice
        LD blocks; between them LD counts as none. Those of fewer than two studied variants have
        nothing to say.
    is_typed : bool array, (variants,)
        Which were studied.
    """
    for number, block in enumerate(blocks):
        typed = np.flatnonzero(is_typed[block])
        if len(typed) > 1:
            genotypes = panel.standardised(block.start, block.stop).z
            yield Basis(block, typed, *_leading(genotypes[typed]))
        progress(number + 1, len(blocks))


def block_sums(
    panel: Panel,
    bases: Iterable[Basis],
    z: np.ndarray,
    people: float,
    values: np.ndarray,
    background: np.ndarray,
    *,
    variance: float,
) -> BlockSums:
    """Whiten and multiply, block after block.

    Parameters
    ----------
    panel : Panel
    bases : iterable of Basis
        Of the variants that have z.
    z : float array, (variants,), or (variants, annotations)
        Of the counted allele; of one trait for all, or of one for each annotation.
    people : float
        In the study.
    values, background : float arrays, (variants, annotations), (variants, b)
        Per standard deviation of genotypes; of variants that were not studied, too.
    variance : float
        s: expected square of one variant's effect, heritability over variants.

    Raises
    ------
    SighthoundError
        Fewer than five blocks have variants of the study.
    """
    b = background.shape[1]
    given = np.concatenate((background, values), axis=1)
    marginal = (z if z.ndim == 2 else z[:, None]) / np.sqrt(people)
    found: list[tuple[np.ndarray, ...]] = []
    for basis in bases:
        block, typed = basis.block, basis.typed
        genotypes = panel.standardised(block.start, block.stop).z
        profiles = genotypes[typed] @ (genotypes.T @ given[block])
        root = 1 / np.sqrt(variance * basis.values**2 + basis.values / people)
        white = root[:, None] * (basis.vectors.T @ profiles)
        effects = root[:, None] * (basis.vectors.T @ marginal[block][typed])
        behind, own = white[:, :b], white[:, b:]
        found.append(
            (
                (own * effects).sum(axis=0), (own * own).sum(axis=0), behind.T @ behind,
                behind.T @ effects, behind.T @ own,
            )
        )  # fmt: skip
    if len(found) < _FEWEST_BLOCKS:
        raise SighthoundError(
            f"{len(found)} LD blocks have two or more variants of the study; signed LD profile "
            f"regression needs at least {_FEWEST_BLOCKS}: give more of the genome, or "
            "smaller blocks"
        )
    return BlockSums(*(np.stack(part) for part in zip(*found, strict=True)))


def signed_fit(
    sums: BlockSums,
    norms: np.ndarray,
    heritability: float,
    *,
    groups: int = 300,
    flips: int = 100_000,
    seed: int = 0,
) -> SignedFit:
    """Regress marginal effects on each profile beside the background.

    Parameters
    ----------
    sums : BlockSums
    norms : float array, (annotations,)
        Sum of squares of each annotation per standard deviation.
    heritability : float
        Of the variants of the panel.
    groups : int
        Blocks are put together until there are about so many.
    flips : int
        Random signs of blocks; P is no less than 1 / (flips + 1).
    """
    sums = sums.merged(groups)
    whole = sums.total()
    mu = _slopes(whole)[0]
    without = _slopes(sums.less(whole))
    count = len(sums)
    mu_se = np.sqrt((count - 1) / count * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    products = _without_background(sums, whole)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = products.sum(axis=0) / np.sqrt((products**2).sum(axis=0))
        correlation = mu * np.sqrt(norms / heritability)
    return SignedFit(mu, mu_se, correlation, z, sign_flip_p(products, flips, seed), products)


def sign_flip_p(products: np.ndarray, flips: int, seed: int = 0) -> np.ndarray:
    """Say how often random signs of blocks give as large a sum.

    Parameters
    ----------
    products : float array, (blocks, annotations)

    Returns
    -------
    float64 array, (annotations,): (1 + times) / (1 + flips); NaN where all products are 0 or none
    """
    rng = np.random.default_rng(seed)
    observed = np.abs(products.sum(axis=0))
    least = observed * (1 - 1e-12)  # the signs as they are must count, whatever the rounding
    times = np.zeros(products.shape[1], np.int64)
    for start in range(0, flips, _FLIPS_AT_ONCE):
        size = min(_FLIPS_AT_ONCE, flips - start)
        signs = rng.integers(0, 2, (size, len(products)), np.int8) * 2.0 - 1
        times += (np.abs(signs @ products) >= least).sum(axis=0)
    p = (1 + times) / (1 + flips)
    return np.where(np.isfinite(observed) & (observed > 0), p, np.nan)


def _leading(genotypes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues and vectors of R that hold most of its trace."""
    variants, people = genotypes.shape
    if variants <= people:
        values, vectors = np.linalg.eigh(genotypes @ genotypes.T)
    else:  # R has no more eigenvalues than there are people
        values, inner = np.linalg.eigh(genotypes.T @ genotypes)
        values = np.maximum(values, 0)
        vectors = genotypes @ (inner / np.sqrt(np.where(values > 0, values, 1)))
    values, vectors = values[::-1], vectors[:, ::-1]
    share = np.cumsum(values) / max(values.sum(), 1e-300)
    kept = min(int(np.searchsorted(share, TRACE_KEPT)) + 1, len(values))
    return np.maximum(values[:kept], 1e-12), vectors[:, :kept]


def _slopes(sums: BlockSums) -> np.ndarray:
    """Slope of each annotation beside the background, (sums, annotations)."""
    if not sums.background.shape[1]:
        with np.errstate(invalid="ignore", divide="ignore"):
            return sums.effect / sums.square
    taken = np.linalg.pinv(sums.background, hermitian=True) @ sums.background_profile
    effect = sums.effect - (sums.background_effect * taken).sum(axis=1)
    square = sums.square - (sums.background_profile * taken).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return effect / np.where(square > 1e-12 * sums.square, square, np.nan)


def _without_background(sums: BlockSums, whole: BlockSums) -> np.ndarray:
    """Products of each block of a and R v, of both of which the background is taken out."""
    if not sums.background.shape[1]:
        return sums.effect
    inverse = np.linalg.pinv(whole.background[0], hermitian=True)
    of_effect = inverse @ whole.background_effect[0]
    of_profile = inverse @ whole.background_profile[0]
    return (
        sums.effect
        - (sums.background_profile * of_effect).sum(axis=1)
        - (sums.background_effect * of_profile).sum(axis=1)
        + ((sums.background @ of_profile) * of_effect).sum(axis=1)
    )
