"""Measured effects of variants against predicted ones: readouts, and intervals over networks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from sighthound.core.model.ensemble import Ensemble
from sighthound.precompute.recipes.yeast_effects import (
    Start,
    predicted_effects,
    with_interval,
)
from tests.models import random_one_hot, shallow_model

TRACKS = (
    "Scc1",
    "RNA_fwd",
    "RNA_rev",
    "STRIPE_WT_plus",
    "STRIPE_WT_minus",
    "STRIPE_diamide_plus",
    "STRIPE_diamide_minus",
)


@pytest.fixture(scope="module")
def alleles() -> list[tuple[np.ndarray, np.ndarray]]:
    """More windows than a batch, each with 40 bases of its middle changed."""
    pairs = []
    for seed in range(20):
        reference = random_one_hot(4096, seed).astype(np.uint8)
        altered = reference.copy()
        altered[2028:2068] = random_one_hot(4096, 100 + seed)[:40]
        pairs.append((reference, altered))
    return pairs


def test_effects_are_those_of_the_genes_strand_and_of_what_lies_downstream(
    alleles: list[tuple[np.ndarray, np.ndarray]],
) -> None:
    model = shallow_model(TRACKS)
    starts = [Start(f"g{n}", "chrI", 9_000, "+-"[n % 2]) for n in range(len(alleles))]
    (found,) = predicted_effects([model], starts, iter(alleles)).expression
    stripe, rna = [], []
    for start, pair in zip(starts, alleles, strict=True):
        values = []
        for bases in pair:
            predicted = model.predict(bases[None], Ensemble(True))[0]
            middle = len(predicted) // 2
            sense = [3, 5] if start.strand == "+" else [4, 6]
            gene = predicted[middle : middle + 16, 1]
            if start.strand == "-":
                gene = predicted[middle - 16 : middle, 2]
            values.append((predicted[middle - 8 : middle + 8, sense].sum(), gene.sum()))
        (stripe_ref, rna_ref), (stripe_alt, rna_alt) = values
        stripe.append(np.log2(stripe_alt / stripe_ref))
        rna.append(np.log2(rna_alt / rna_ref))
    expected = np.array(stripe) / np.std(stripe) + np.array(rna) / np.std(rna)
    assert np.corrcoef(found, expected)[0, 1] > 0.999


def test_an_interval_says_what_the_choice_of_the_network_matters() -> None:
    measured = np.arange(50.0)

    def measure(scores: np.ndarray, drawn: np.ndarray) -> float:
        return float(spearmanr(scores, measured[drawn])[0])

    assert with_interval(measured[None], measure) == "1.000 [1.00, 1.00]"
    assert with_interval(np.array([measured, -measured]), measure) == "0.000 [-1.00, 1.00]"
