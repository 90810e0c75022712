"""How often signed LD profiles and LD scores find what is not there, and what is.

`python -m sighthound.precompute.studies.calibration PANEL STATISTICS` prints
the tables of docs/association.md: with random signs beside a real trait, P <= 0.05 should come 5
times in 100; traits are simulated whose effects follow a signed annotation, with the LD of the same
people and of other people than those of the analysis.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sighthound.core.association.heritability import (
    aggregate_variance,
    jackknife_blocks,
    ld_score_regression,
)
from sighthound.core.association.ld_scores import ld_blocks, ld_scores, signed_ld_profile
from sighthound.core.association.panel import Panel
from sighthound.core.association.signed_profile import (
    Basis,
    block_bases,
    block_sums,
    minor_allele_background,
    per_standard_deviation,
    signed_fit,
)
from sighthound.core.association.windows import window_ends
from sighthound.core.errors import SighthoundError
from sighthound.precompute.studies.matched import StatisticsChoice, matched_statistics
from sighthound.precompute.studies.panels import PanelChoice

LEVEL = 0.05
WINDOW = 1_000_000  # bases each way
_AT_ONCE = 1024  # variants
SCORED = 0.1  # share of variants that an annotation scores
# Of simulated traits: people, heritability of the panel's variants, and r_f.
PEOPLE, HERITABILITY = 100_000, 0.01
CORRELATIONS = (0.1, 0.2, 0.3, 0.0)
SIGNS, ANNOTATIONS, TRAITS = 2_000, 400, 100  # how many are tested


@dataclass(frozen=True)
class Share:
    """How many of how many tests have P <= 0.05."""

    found: int
    tests: int

    @property
    def share(self) -> float:
        return self.found / self.tests

    def __str__(self) -> str:
        spread = 1.96 * np.sqrt(max(self.share * (1 - self.share), 1e-4) / self.tests)
        return f"{self.share:.3f} +- {spread:.3f} ({self.found:,} of {self.tests:,})"


def random_annotations(variants: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Signed annotations that score some of the variants, with random signs."""
    sizes = rng.exponential(size=(variants, count)) * (rng.random((variants, count)) < SCORED)
    return sizes * rng.choice([-1.0, 1.0], (variants, count))


def simulated_z(
    panel: Panel, effects: np.ndarray, people: float, rng: np.random.Generator
) -> np.ndarray:
    """Simulate statistics of studies whose LD is the panel's, within a window.

    Parameters
    ----------
    effects : float array, (variants, traits)
        Per standard deviation of genotypes and of the trait.

    Returns
    -------
    float64 array, (variants, traits): sqrt(N) R effects, and noise whose covariance is R
    """
    ends = window_ends(panel.sites, bases=WINDOW)
    z = np.sqrt(people) * signed_ld_profile(panel, ends, effects)
    shared = rng.normal(size=(len(panel.samples), effects.shape[1]))
    for start in range(0, len(panel), _AT_ONCE):
        part = slice(start, min(start + _AT_ONCE, len(panel)))
        z[part] += panel.standardised(part.start, part.stop).z @ shared
    return z


def planted_effects(
    values: np.ndarray, correlation: float, heritability: float, rng: np.random.Generator
) -> np.ndarray:
    """Effects of which a share, correlation^2, follows an annotation, and the rest nothing."""
    signal = values / np.sqrt((values**2).sum(axis=0))
    other = rng.normal(size=values.shape) / np.sqrt(len(values))
    mixed = correlation * signal + np.sqrt(1 - correlation**2) * other
    return np.sqrt(heritability) * mixed


def share_found_of_random_signs(
    panel: Panel, z: np.ndarray, people: float, count: int, seed: int = 0
) -> Share:
    """Test random annotations beside a real trait by signed LD profile regression."""
    rng = np.random.default_rng(seed)
    ends = window_ends(panel.sites, bases=WINDOW)
    variance = aggregate_variance(z, people, ld_scores(panel, ends)[:, 0])
    bases = list(block_bases(panel, ld_blocks(panel, ends), np.isfinite(z)))
    found = 0
    for size in _parts(count):
        values = per_standard_deviation(panel, random_annotations(len(panel), size, rng))
        found += int((_p_values(panel, bases, z, people, values, variance) <= LEVEL).sum())
    return Share(found, count)


def share_found_of_random_annotations(
    panel: Panel, z: np.ndarray, people: np.ndarray, count: int, seed: int = 0
) -> Share:
    """Test random annotations, one at a time beside the base, by LD score regression."""
    rng = np.random.default_rng(seed)
    ends = window_ends(panel.sites, bases=WINDOW)
    found = 0
    for size in _parts(count):
        values = np.abs(random_annotations(len(panel), size, rng))
        studied = np.isfinite(z)[:, None].astype(float)
        given = np.concatenate((np.ones((len(panel), 1)), values, studied), axis=1)
        scores = ld_scores(panel, ends, given)
        for number in range(1, size + 1):
            pair = [0, number]
            fit = ld_score_regression(
                z, people, scores[:, pair], given[:, pair], scores[:, -1],
                blocks=jackknife_blocks(ends),
            )  # fmt: skip
            found += int(fit.p[1] <= LEVEL)
    return Share(found, count)


def share_found_of_planted(
    panel: Panel,
    truth: Panel,
    correlation: float,
    count: int,
    *,
    people: float = PEOPLE,
    heritability: float = HERITABILITY,
    seed: int = 0,
) -> Share:
    """Test annotations that simulated traits follow.

    Parameters
    ----------
    panel, truth : Panel
        Of the same variants: what the analysis knows of LD, and what the study had.
    correlation : float
        r_f: of effects with the annotation.
    """
    rng = np.random.default_rng(seed)
    ends = window_ends(panel.sites, bases=WINDOW)
    scores = ld_scores(panel, ends)[:, 0]
    everywhere = np.ones(len(panel), bool)
    bases = list(block_bases(panel, ld_blocks(panel, ends), everywhere))
    values = per_standard_deviation(panel, random_annotations(len(panel), count, rng))
    effects = planted_effects(values, correlation, heritability, rng)
    z = simulated_z(truth, effects, people, rng)
    # All simulated traits have one heritability: so one weighting will do.
    variance = float(np.mean([aggregate_variance(one, people, scores) for one in z.T]))
    p = _p_values(panel, bases, z, people, values, variance)
    return Share(int((p <= LEVEL).sum()), count)


def halves(panel: Panel, seed: int = 0) -> tuple[Panel, Panel]:
    """Divide a panel's people at random in two; of variants that are common in both."""
    names = np.array(panel.samples)[np.random.default_rng(seed).permutation(len(panel.samples))]
    one, two = (panel.of_samples(list(part)) for part in np.array_split(names, 2))
    common = np.minimum(one.minor_frequency, two.minor_frequency) > 0.01
    return one.take(np.flatnonzero(common)), two.take(np.flatnonzero(common))


def _p_values(
    panel: Panel,
    bases: Sequence[Basis],
    z: np.ndarray,
    people: float,
    values: np.ndarray,
    variance: float,
) -> np.ndarray:
    background = per_standard_deviation(panel, minor_allele_background(panel))
    sums = block_sums(panel, bases, z, people, values, background, variance=variance)
    norms = (values**2).sum(axis=0)
    return signed_fit(sums, norms, variance * len(panel), flips=4095).p


def _parts(count: int) -> Iterator[int]:
    """Parts of a thousand at most: annotations of a panel are a large matrix."""
    for start in range(0, count, 1000):
        yield min(1000, count - start)


def main(words: Sequence[str]) -> int:
    """Print the tables; 2 where the words are not two files."""
    if len(words) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    panel, said = PanelChoice(Path(words[0])).open()
    matched = matched_statistics(StatisticsChoice(Path(words[1]), {}, use_ambiguous=True), panel)
    people = matched.people_needed()
    print(said, *matched.words, sep="\n", flush=True)
    of_signs = share_found_of_random_signs(panel, matched.z, float(np.nanmean(people)), SIGNS)
    print(f"random signs beside the trait, SLDP: P <= {LEVEL} in {of_signs}", flush=True)
    of_scores = share_found_of_random_annotations(panel, matched.z, people, ANNOTATIONS)
    print(f"random annotations beside the trait, S-LDSC: P <= {LEVEL} in {of_scores}", flush=True)
    for name, (known, truth) in {
        "the same people": (panel, panel),
        "other people": halves(panel),
    }.items():
        for correlation in CORRELATIONS:
            found = share_found_of_planted(known, truth, correlation, TRAITS)
            print(
                f"simulated, LD of {name}, r_f {correlation}: P <= {LEVEL} in {found}", flush=True
            )
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SighthoundError as error:
        sys.exit(f"sighthound: {error}")
