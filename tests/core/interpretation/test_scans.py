"""Deletions, insertions and replacements equal full forward passes over altered sequences."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sighthound import core
from sighthound.core import Ensemble, Model, SighthoundError
from sighthound.core.genome.shuffle import dinucleotide_shuffles
from tests.core.interpretation.test_mutagenesis import dense_model
from tests.models import random_one_hot

MODEL = dense_model()
PAIRED = Model(MODEL.architecture, MODEL.weights, "abc", strand_pairs=[1, 0, 2])
TRACKS = ["c", "a"]
COLUMNS = [2, 0]

# The window under test lies inside a longer sequence; its target bins see none of its ends.
LONG = random_one_hot(2048, seed=4)
OFFSET = 512
WINDOW = LONG[OFFSET : OFFSET + 1024]
BINS = [29, 30]


def summed(sequence, first_bin, ensemble=None):
    """Prediction of the two target bins of a long sequence, whose first is `first_bin`."""
    y = PAIRED.predict(sequence[None], ensemble, dtype="float64")[0]
    at = first_bin - PAIRED.crop
    return y[at : at + 2].sum(0)[COLUMNS]


def anchored(deleted, inserted, place):
    """The long sequence altered at a place of the window, its target bins where they were."""
    at = OFFSET + place
    altered = np.concatenate([LONG[:at], inserted, LONG[at + deleted :]])
    grown = len(inserted) - deleted
    middle = OFFSET + (BINS[0] + PAIRED.crop + 1) * PAIRED.bin
    missing = max(0, -grown)
    if at + deleted / 2 <= middle:  # left of the targets: what lies left of it moves
        return np.pad(altered, ((missing, 0), (0, 0)))[-len(LONG) :]
    return np.pad(altered, ((0, missing), (0, 0)))[: len(LONG)]


def target():
    return OFFSET // PAIRED.bin + PAIRED.crop + BINS[0]


@pytest.mark.parametrize("ensemble", [None, Ensemble(True)])
def test_a_deletion_scan_equals_full_passes_over_anchored_sequences(ensemble):
    places = [470, 487, 504, 521]  # the targets are bases 496 to 528
    found = core.deletion_scan(
        PAIRED,
        WINDOW,
        470,
        530,
        5,
        tracks=TRACKS,
        bins=BINS,
        step=17,
        ensemble=ensemble,
        dtype="float64",
    )
    reference = summed(LONG, target(), ensemble)
    nothing = np.zeros((0, 4))
    expected = [summed(anchored(5, nothing, p), target(), ensemble) - reference for p in places]
    np.testing.assert_allclose(found, expected, atol=1e-10)
    assert (found != 0).all()


@pytest.mark.parametrize("ensemble", [None, Ensemble(True)])
def test_an_insertion_scan_equals_full_passes_over_anchored_sequences(ensemble):
    found = core.insertion_scan(
        PAIRED, WINDOW, 480, 540, "GATTACA", tracks=TRACKS, bins=BINS, step=20,
        ensemble=ensemble, dtype="float64",
    )  # fmt: skip
    reference = summed(LONG, target(), ensemble)
    inserted = core.one_hot("GATTACA").astype(float)
    expected = [
        summed(anchored(0, inserted, place), target(), ensemble) - reference
        for place in (480, 500, 520)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-10)


@pytest.mark.parametrize("ensemble", [None, Ensemble(True, (0, 3))])
def test_replacements_equal_full_forward_passes(ensemble):
    starts, motifs = [490, 300, 505], ["TGACTCA", "NNNNNNN", "CCCCCCC"]
    found = core.replacements(
        PAIRED, WINDOW, starts, motifs, tracks=TRACKS, bins=BINS, ensemble=ensemble, dtype="float64"
    )
    reference = PAIRED.predict(WINDOW[None], ensemble, dtype="float64")[0]
    for row, start, motif in zip(found, starts, motifs, strict=True):
        altered = WINDOW.copy()
        altered[start : start + 7] = core.one_hot(motif)
        change = PAIRED.predict(altered[None], ensemble, dtype="float64")[0] - reference
        np.testing.assert_allclose(row, change[BINS].sum(0)[COLUMNS], atol=1e-10)


@pytest.mark.parametrize("function", [core.mutagenesis, core.mutagenesis_profiles])
def test_an_ensemble_averages_the_effects_in_turned_and_shifted_sequences(function):
    ensemble = Ensemble(True, (0, 4, -3))
    found = function(PAIRED, WINDOW, 500, 503, tracks=TRACKS, ensemble=ensemble, dtype="float64")
    reference = PAIRED.predict(WINDOW[None], ensemble, dtype="float64")[0]
    for position in range(500, 503):
        for base in range(4):
            altered = WINDOW.copy()
            altered[position] = np.eye(4)[base]
            change = PAIRED.predict(altered[None], ensemble, dtype="float64")[0] - reference
            if function is core.mutagenesis:
                change = change.sum(0)
            np.testing.assert_allclose(found[position - 500, base], change[..., COLUMNS], atol=1e-9)


def test_what_does_not_fit_the_window_is_refused():
    with pytest.raises(SighthoundError, match="expected 1 to 25, what the window holds"):
        core.deletion_scan(MODEL, WINDOW, 990, 1000, 40, bins=BINS)
    with pytest.raises(SighthoundError, match="not inside the window of 1024 bases"):
        core.insertion_scan(MODEL, WINDOW, 1020, 1030, "A", bins=BINS)
    with pytest.raises(SighthoundError, match="sequence to insert is empty"):
        core.insertion_scan(MODEL, WINDOW, 480, 490, "", bins=BINS)
    with pytest.raises(SighthoundError, match=r"2 places for 2 sequences of lengths \[1, 2\]"):
        core.replacements(MODEL, WINDOW, [1, 2], ["A", "CC"])
    with pytest.raises(SighthoundError, match="shifts move the whole region out of the window"):
        core.mutagenesis(MODEL, WINDOW, 0, 2, ensemble=Ensemble(shifts=(-5,)))


@given(st.text("ACGTN", max_size=60), st.integers(0, 5))
def test_a_shuffle_keeps_dinucleotides_and_ends(sequence, seed):
    (shuffled,) = dinucleotide_shuffles(sequence, 1, seed)

    def pairs(text):
        return Counter(pairwise(text))

    assert pairs(shuffled) == pairs(sequence)
    assert (shuffled[:1], shuffled[-1:]) == (sequence[:1], sequence[-1:])


def test_shuffles_differ_and_are_the_same_for_the_same_seed():
    sequence = "TGACTCATTCAGGATACCA"
    shuffles = dinucleotide_shuffles(sequence, 20, seed=3)
    assert len(set(shuffles)) > 10
    assert shuffles == dinucleotide_shuffles(sequence, 20, seed=3)
