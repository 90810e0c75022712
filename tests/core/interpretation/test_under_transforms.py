"""What a network that learned squashed values says of a sequence, against the obvious slow way.

That is whole passes of the same network as if nothing had been squashed, undone in numpy, one
strand after the other, and only then subtracted.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

from sighthound import core
from sighthound.core import Ensemble, Genome, Model, one_hot
from sighthound.core.interpretation.scores import SCORES
from sighthound.core.interpretation.variant_scores import score_variants, variant_profiles
from sighthound.core.model.target_transforms import TargetTransform
from sighthound.core.variants.variant import Variant
from tests.core.interpretation import test_scans as scans
from tests.core.interpretation.test_mutagenesis import dense_model, naive
from tests.core.interpretation.test_variant_scores import (
    LENGTHS,
    slow_profile,
    substitution,
    tiny_model,
)
from tests.models import random_one_hot

# Tracks a and b are a pair of strands, and so the same; limits lie amid the predictions.
SQRT, POWER = TargetTransform("sqrt", 8.6), TargetTransform("power75")
BORZOI, SOFT = TargetTransform("borzoi75", 0.75 ** (4 / 3)), TargetTransform("", 1.0)
SCALE = (2.0, 2.0, 0.5, 1.0, 1.0)
BOTH = Ensemble(True)


class Slowly:
    """Predictions of whole sequences by a network that nothing is undone in, undone outside."""

    def __init__(self, model: Model) -> None:
        self.plain = Model(
            model.architecture,
            model.weights,
            model.tracks,
            output_scale=model.output_scale.tolist(),
        )
        self.transforms, self.pairs = model.transforms, model.strand_pairs
        self.bin, self.crop = model.bin, model.crop

    def predict(
        self, x: np.ndarray, ensemble: Ensemble | None = None, dtype: str = "float64"
    ) -> np.ndarray:
        forward = self._undone(x)
        if ensemble != BOTH:
            return forward
        other = self._undone(np.ascontiguousarray(x[:, ::-1, ::-1]))
        return (forward + other[:, ::-1][..., self.pairs]) / 2

    def _undone(self, x: np.ndarray) -> np.ndarray:
        learned = self.plain.predict(x, dtype="float64").astype(float)
        return np.stack(
            [t.inverse(learned[..., i]) for i, t in enumerate(self.transforms)], axis=-1
        )


@functools.cache
def squashed(kind: str) -> Model:
    """The dense network of scans and mutagenesis, or the tiny one of variants, with two more."""
    model = dense_model() if kind == "dense" else tiny_model(tracks=tuple("abcde"))
    count = len(model.tracks)
    return Model(
        model.architecture,
        model.weights,
        model.tracks,
        strand_pairs=[1, 0, 2, 3, 4][:count],
        output_scale=SCALE[:count],
        transforms=(SQRT, SQRT, BORZOI, POWER, SOFT)[:count],
    )


@pytest.fixture
def model() -> Model:
    return squashed("dense")


@pytest.fixture(scope="module")
def genome(tmp_path_factory: pytest.TempPathFactory) -> Genome:
    random = np.random.default_rng(3)
    file = tmp_path_factory.mktemp("genome") / "genome.fa"
    bases = {name: "".join(random.choice(list("ACGT"), n)) for name, n in LENGTHS.items()}
    file.write_text("".join(f">{name}\n{text}\n" for name, text in bases.items()))
    return Genome(file)


def test_predictions_lie_on_both_sides_of_the_limits(model: Model) -> None:
    """Or the tests below would try only one branch of what is undone."""
    learned = Slowly(model).plain.predict(random_one_hot(1024)[None])
    for track, transform in enumerate(model.transforms):
        if transform.soft_clip is not None:
            is_above = learned[..., track] > transform.knee
            assert 0 < is_above.mean() < 1


@pytest.mark.parametrize(("bins", "ensemble"), [(None, None), ([20, 29], BOTH)])
def test_mutagenesis(model: Model, bins: list[int] | None, ensemble: Ensemble | None) -> None:
    x, slowly = random_one_hot(1024, seed=2), Slowly(model)
    found = core.mutagenesis(
        model, x, 500, 502, tracks=["c", "a"], bins=bins, ensemble=ensemble, dtype="float64"
    )

    class Averaged:
        predict = staticmethod(lambda sequence: slowly.predict(sequence, ensemble))

    expected = naive(Averaged, x, 500, 502, [2, 0], bins)
    np.testing.assert_allclose(found, expected, atol=1e-9 * abs(expected).max())
    assert (abs(expected).max(axis=(0, 1)) > 0).all()


def test_scans_of_replacements_deletions_and_insertions(model: Model) -> None:
    ensemble = BOTH
    slowly, target = Slowly(model), scans.target()

    def summed(sequence: np.ndarray) -> np.ndarray:
        at = target - model.crop
        return slowly.predict(sequence[None], ensemble)[0][at : at + 2].sum(0)[scans.COLUMNS]

    given: dict[str, Any] = {"tracks": scans.TRACKS, "bins": scans.BINS}
    reference, nothing = summed(scans.LONG), np.zeros((0, 4))
    found = core.deletion_scan(
        model, scans.WINDOW, 470, 530, 5, **given, step=17, ensemble=ensemble, dtype="float64"
    )
    expected = [summed(scans.anchored(5, nothing, p)) - reference for p in (470, 487, 504, 521)]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    found = core.insertion_scan(
        model, scans.WINDOW, 480, 540, "GATTACA", **given, step=20, ensemble=ensemble,
        dtype="float64",
    )  # fmt: skip
    inserted = one_hot("GATTACA").astype(float)
    expected = [summed(scans.anchored(0, inserted, p)) - reference for p in (480, 500, 520)]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    found = core.replacements(
        model, scans.WINDOW, [495, 510], ["TGACTCA", "NNNNNNN"], **given, ensemble=ensemble,
        dtype="float64",
    )  # fmt: skip
    expected = []
    for place, bases in ((495, "TGACTCA"), (510, "NNNNNNN")):
        altered = scans.LONG.copy()
        altered[scans.OFFSET + place : scans.OFFSET + place + 7] = one_hot(bases)
        expected.append(summed(altered) - reference)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("ensemble", [None, BOTH])
def test_every_score_of_a_variant(genome: Genome, ensemble: Ensemble | None) -> None:
    model = squashed("tiny")
    slowly = Slowly(model)
    variants = [
        substitution(genome, "chrI", 100),
        substitution(genome, "chrI", 107, 3),
        Variant("chrI", 520, genome.sequence(core.Interval("chrI", 520, 521)), "GGTTA"),
        Variant("chrII", 200, genome.sequence(core.Interval("chrII", 200, 204)), "T"),
    ]
    by_bins = [score for score in SCORES.values() if score.of_bins is not None]
    table = score_variants(
        model, genome, variants, scores=[s.name for s in by_bins], ensemble=ensemble
    )
    found = table.set_index(["record", "score"])[list(model.tracks)]
    profiles = variant_profiles(model, genome, variants, ensemble=ensemble, dtype="float64")
    given = ensemble or Ensemble()
    for record, (variant, profile) in enumerate(zip(variants, profiles, strict=True), 1):
        bins = len(profile.reference)
        before, after = slow_profile(slowly, genome, [variant], given, profile.start, bins)
        np.testing.assert_allclose(profile.reference, before, rtol=1e-8, atol=1e-9)
        np.testing.assert_allclose(profile.alternative, after, rtol=1e-8, atol=1e-9)
        for score in by_bins:
            assert score.of_bins is not None
            low, high = score.of_bins(before, after, 1.0)
            expected = abs(high - low) if score.is_absolute else high - low
            scale = abs(after - before).sum(axis=0).max() + 1e-3
            np.testing.assert_allclose(
                found.loc[(record, score.name)].to_numpy(float).ravel(), expected,
                rtol=2e-3, atol=1e-3 * scale,
            )  # fmt: skip


def test_slopes_at_the_bases(model: Model) -> None:
    x, slowly = random_one_hot(1024, seed=5).astype(float), Slowly(model)
    bins = [26, 27]

    def predicted(sequence: np.ndarray) -> np.ndarray:
        return slowly.predict(sequence[None])[0][bins].sum(axis=0)

    at = (bins[0] + model.crop) * model.bin + 8
    for track in ("a", "c"):
        column = model.tracks.index(track)
        by_base = core.gradient_times_input(model, x, track, bins)
        largest = float(abs(by_base).max())
        for position in range(at - 6, at + 6, 3):
            up, down = x.copy(), x.copy()
            up[position] *= 1.001
            down[position] *= 0.999
            slope = (predicted(up) - predicted(down))[column] / 0.002
            assert by_base[position] == pytest.approx(slope, rel=0.02, abs=0.01 * largest)
