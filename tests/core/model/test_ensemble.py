"""That averaging over an ensemble is the plain mean of what one version after another says."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sighthound.core import Ensemble, Model, one_hot
from sighthound.core.interpretation.mutagenesis import mutagenesis, mutagenesis_profiles
from sighthound.core.interpretation.saliency import (
    gradient_times_input,
    saliency,
    saliency_profiles,
)
from sighthound.core.interpretation.scans import deletion_scan, insertion_scan, replacements
from sighthound.core.interpretation.windows import predict_locus
from sighthound.core.model.ensemble import Member, average
from sighthound.core.progress import Progress
from tests.models import random_one_hot, shallow_model

TRACKS = ("x.plus", "y", "x.minus")
ENSEMBLE = Ensemble(True, (0, 3))
LENGTH, BIN = 4096, 64


@pytest.fixture(scope="module")
def model() -> Model:
    """Two strands of one experiment in different units, so that a mix-up of scales shows."""
    made = shallow_model(TRACKS)
    return Model(
        made.architecture,
        made.weights,
        TRACKS,
        strand_pairs=made.strand_pairs.tolist(),
        output_scale=[1.0, 0.5, 3.0],
    )


@pytest.fixture(scope="module")
def window() -> np.ndarray:
    return random_one_hot(LENGTH, seed=5)


Version = tuple[np.ndarray, int, bool]


def versions(window: np.ndarray) -> list[Version]:
    """Each version spelt out, base by base."""
    found: list[Version] = []
    for shift in ENSEMBLE.shifts:
        x = np.zeros_like(window)
        for base in range(LENGTH):
            if 0 <= base + shift < LENGTH:
                x[base + shift] = window[base]
        found += [(x, shift, False), (x[::-1, ::-1], shift, True)]
    return found


def of_strand(model: Model, values: np.ndarray, is_reversed: bool) -> np.ndarray:
    """Of all tracks what the strand says of them, in the units of the track that was asked for."""
    if not is_reversed:
        return values
    units = model.output_scale / model.output_scale[model.strand_pairs]
    return values[..., model.strand_pairs] * units


def test_predictions_are_the_mean_of_versions(model: Model, window: np.ndarray) -> None:
    parts = []
    for x, _, is_reversed in versions(window):
        values = of_strand(model, model.predict(x[None]), is_reversed)
        parts.append(values[:, ::-1] if is_reversed else values)
    mean = np.mean(parts, axis=0)
    np.testing.assert_allclose(model.predict(window[None], ENSEMBLE), mean, rtol=1e-5)
    some = predict_locus(model, window, [30, 20], ["x.minus", "y"], ENSEMBLE)
    np.testing.assert_allclose(some, mean[0, [30 - 8, 20 - 8]][:, [2, 1]], rtol=1e-5)


def test_saliency_is_the_mean_of_versions(model: Model, window: np.ndarray) -> None:
    bins, last = [3, 17], model.bins - 1
    whole, profiles, bases = [], [], []
    for x, shift, is_reversed in versions(window):
        way = -1 if is_reversed else 1
        asked = [last - b for b in bins] if is_reversed else bins
        scores = of_strand(model, saliency(model, x, TRACKS, asked), is_reversed)
        whole.append(scores[::way])
        scores = of_strand(model, saliency_profiles(model, x, TRACKS, asked), is_reversed)
        profiles.append(scores[:, ::way])
        track, unit = ("x.minus", 1 / 3) if is_reversed else ("x.plus", 1)
        scores = unit * gradient_times_input(model, x, track, asked)[::way]
        bases.append([scores[b + shift] if 0 <= b + shift < LENGTH else 0 for b in range(LENGTH)])
    for found, parts in (
        (saliency(model, window, TRACKS, bins, ensemble=ENSEMBLE), whole),
        (saliency_profiles(model, window, TRACKS, bins, ensemble=ENSEMBLE), profiles),
        (gradient_times_input(model, window, "x.plus", bins, ensemble=ENSEMBLE), bases),
    ):
        mean = np.mean(parts, axis=0)
        np.testing.assert_allclose(found, mean, rtol=1e-4, atol=1e-5 * np.abs(mean).max())


@pytest.mark.parametrize("ask", [mutagenesis, mutagenesis_profiles])
def test_mutagenesis_is_the_mean_of_versions(
    model: Model, window: np.ndarray, ask: Callable[..., np.ndarray]
) -> None:
    # The last bases leave the window when it is moved right: there they change nothing.
    start, end = LENGTH - 2, LENGTH
    axes = (0, 1) if ask is mutagenesis else (0, 1, 2)
    parts = []
    for x, shift, is_reversed in versions(window):
        for base in range(start, end):
            at = base + shift
            if at >= LENGTH:
                continue
            at = LENGTH - 1 - at if is_reversed else at
            one = of_strand(model, ask(model, x, at, at + 1), is_reversed)
            parts.append((base - start, np.flip(one, axes)[0] if is_reversed else one[0]))
    found = ask(model, window, start, end, ensemble=ENSEMBLE)
    mean = np.zeros(found.shape)
    for row, effects in parts:
        mean[row] += effects / len(versions(window))
    assert np.abs(mean[0]).max() > 0
    np.testing.assert_allclose(found, mean, rtol=1e-4, atol=1e-5 * np.abs(mean).max())


def test_scans_are_the_mean_of_versions(model: Model, window: np.ndarray) -> None:
    place, bins, motif = 1900, [24, 25], "ACCGT"
    written = window.copy()
    written[place : place + len(motif)] = one_hot(motif)
    # What a deletion or insertion moves is on the side away from the bins, here the left.
    without = np.concatenate([np.zeros((4, 4), np.float32), window[:place], window[place + 4 :]])
    grown = np.concatenate([window[:place], one_hot(motif), window[place:]])[len(motif) :]
    before = model.predict(window[None], ENSEMBLE)[0, bins].sum(axis=0)
    assert place < (model.crop + bins[0]) * BIN
    one: dict[str, Any] = {"bins": bins, "ensemble": ENSEMBLE}
    for found, altered in (
        (replacements(model, window, [place], [motif], **one), written),
        (deletion_scan(model, window, place, place + 1, 4, **one), without),
        (insertion_scan(model, window, place, place + 1, motif, **one), grown),
    ):
        after = model.predict(altered[None], ENSEMBLE)[0, bins].sum(axis=0)
        largest = np.abs(before).max()
        np.testing.assert_allclose(found[0], after - before, atol=1e-5 * largest)


def test_a_region_is_found_in_a_version_and_cut_where_it_leaves_the_window() -> None:
    assert Member(3).region(0, 4, 10) == (3, 7, slice(0, 4))
    assert Member(-3).region(2, 8, 10) == (0, 5, slice(1, 6))
    assert Member(-3, True).region(2, 8, 10) == (5, 10, slice(1, 6))
    low, high, rows = Member(-3).region(0, 2, 10)
    assert low >= high
    assert np.arange(2)[rows].size == 0


def test_no_bin_stays_none_on_the_other_strand() -> None:
    np.testing.assert_array_equal(Member(0, True).bins(np.array([0, -1, 9]), 10), [9, -1, 0])
    np.testing.assert_array_equal(Member(0, True).ascending(np.array([0, 2]), 10), [7, 9])


def test_an_average_tells_progress_of_all_its_members() -> None:
    told = []

    def hear(done: int, total: int, _: str = "") -> None:
        told.append((done, total))

    def answer(member: Member, report: Progress | None) -> np.ndarray:
        assert report is not None
        report(1, 2)
        return np.array([float(member.shift)])

    assert average(Ensemble(shifts=(1, 3)), answer, 10.0, hear) == [20.0]
    assert told == [(1, 4), (3, 4)]
