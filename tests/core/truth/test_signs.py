"""How often a predicted sign is right: curves of measurements whose truth is known."""

import numpy as np
import pandas as pd
import pytest

from sighthound.core.model.ensemble import Ensemble
from sighthound.core.project.signs import SIGN_PROBABILITY, SignCalibration
from sighthound.core.truth.signs import (
    LEAST_ALLELES,
    calibration_error,
    measured_signs,
    sign_curves,
    with_sign_probabilities,
)


def measured(n=2000, seed=0, worth=1.0, networks=3):
    """Alleles on eight chromosomes; predictions are the truth times `worth`, and noise."""
    rng = np.random.default_rng(seed)
    effect = rng.normal(size=n)
    rows = pd.DataFrame(
        {
            "chrom": [f"chr{1 + i * 8 // n}" for i in range(n)],
            "position": np.arange(n) * 100, "ref": "A", "alt": "C", "effect": effect, "q": np.nan,
        }
    )  # fmt: skip
    said = worth * effect + rng.normal(size=(networks + 1, n))
    return rows, said[0][:, None], said[1:].mean(axis=0)[:, None], said[1:].std(axis=0)[:, None]


def test_probabilities_of_a_good_model_are_calibrated_and_the_sure_ones_wrong_half_as_often():
    rows, scores, mean, deviation = measured()
    curve = sign_curves(rows, ["t"], scores, mean, deviation)["t"]
    right = np.sign(scores[:, 0]) == np.sign(rows["effect"])
    assert (curve.alleles, curve.right) == (2000, right.sum())
    assert min(curve.weights[1:]) > 0
    out = curve.held_out
    assert out.calibration_error <= 0.05
    assert out.wrong == pytest.approx(1 - right.mean())
    assert out.confident_wrong <= out.wrong / 2


def test_of_a_model_that_knows_nothing_every_probability_is_that_of_a_coin():
    """Also of few alleles, which chance alone makes look right or wrong."""
    for seed in range(10):
        rows, scores, mean, deviation = measured(200, seed, worth=0.0)
        found = sign_curves(rows, ["t"], scores, mean, deviation)
        calibration = SignCalibration("a", "e", "m", 3, Ensemble(), 1.0, {"sad": found})
        p = calibration.probabilities("sad", ["t"], scores, mean, deviation)
        assert np.abs(p - 0.5).max() < 0.15
        assert found["t"].held_out.calibration_error < 0.12


def test_the_probability_never_falls_with_size_or_agreement():
    for worth in (-1.0, 0.0, 1.0):  # also where the predictions of a track have the wrong sign
        curves = sign_curves(*_given(measured(worth=worth)))
        calibration = SignCalibration("a", "e", "m", 3, Ensemble(), 1.0, {"sad": curves})
        sizes = np.array([[0.1], [1.0], [3.0], [-3.0]])
        agreeing, p = np.sign(sizes), []
        for toward in (-1.0, 0.5, 2.0):
            p.append(
                calibration.probabilities("sad", ["t"], sizes, toward * agreeing, [[0.5]] * 4)[:, 0]
            )
        steps = np.diff(np.stack(p), axis=0)
        assert (steps >= 0).all()
        assert (np.diff(p[0][:3]) >= 0).all()
        assert p[0][2] == p[0][3]


def _given(parts):
    rows, scores, mean, deviation = parts
    return rows, ["t"], scores, mean, deviation


def test_an_allele_counts_once_and_only_where_its_sign_is_known():
    rows = pd.DataFrame(
        {
            "chrom": "chr1", "position": [1, 1, 1, 2, 3], "ref": "A", "alt": "C",
            "effect": [1.0, 3.0, -9.0, -1.0, 1.0], "q": [0.01, 0.01, 0.5, 0.01, 0.5],
        }
    )  # fmt: skip
    found = measured_signs(rows)
    assert found[["row", "sign"]].to_numpy().tolist() == [[0, 1], [3, -1]]
    assert measured_signs(rows.assign(q=np.nan))["sign"].tolist() == [-1, -1, 1]


def test_too_few_alleles_or_chromosomes_give_no_curve():
    rows, *given = measured(LEAST_ALLELES - 1)
    assert sign_curves(rows, ["t"], *given) == {}
    rows, *given = measured(500)
    assert sign_curves(rows.assign(chrom="chr1"), ["t"], *given) == {}


def test_calibration_error_is_the_gap_between_probabilities_and_shares():
    right = np.array([True] * 6 + [False] * 4 + [True] * 10)
    probabilities = np.array([0.75] * 10 + [0.95] * 10)
    assert calibration_error(probabilities, right) == pytest.approx((0.15 + 0.05) / 2)


def test_a_calibration_comes_back_from_its_file_and_knows_whose_it_is(tmp_path):
    from types import SimpleNamespace

    from sighthound.core.errors import SighthoundError
    from sighthound.core.project.signs import read_signs, signs_for
    from sighthound.core.project.truth import SIGNS, truth_file

    project = SimpleNamespace(root=tmp_path)
    ensemble = Ensemble(True, (0, 21, -21))
    for name, count in (("small", 200), ("large", 400)):
        curves = sign_curves(*_given(measured(count)))
        table = truth_file(project, name)
        table.parent.mkdir(exist_ok=True)
        table.write_bytes(b"")
        made = SignCalibration(name, "logFC", "m", 3, ensemble, 1.0, {"sad": curves})
        made.write(table)
    found = signs_for(project, "m", ensemble, 3, 1.0)
    assert (found.name, found.effect, found.curves["sad"]["t"].alleles) == ("large", "logFC", 400)
    assert found.curves["sad"]["t"].weights == pytest.approx(curves["t"].weights, rel=1e-5)
    for other in (("x", ensemble, 3, 1.0), ("m", Ensemble(), 3, 1.0), ("m", ensemble, 0, 1.0)):
        assert signs_for(project, *other) is None
    file = tmp_path / "measured" / f"small{SIGNS}"
    file.write_text(file.read_text()[:-40])
    with pytest.raises(SighthoundError, match=r"small\.signs\.json is damaged; run 'sighthound"):
        read_signs(file)


def test_rows_of_probabilities_follow_those_of_their_score():
    rows, scores, mean, deviation = measured(300)
    calibration = SignCalibration(
        "a",
        "e",
        "m",
        3,
        Ensemble(),
        1.0,
        {"sad": sign_curves(rows, ["t"], scores, mean, deviation)},
    )
    values = {"score": scores, "reference": mean, "members_mean": mean, "members_sd": deviation}
    table = pd.DataFrame(
        [
            {"record": n, "score": score, "value": value, "t": block[n, 0], "u": 1.0}
            for n in range(3)
            for score in ("sad", "d1")
            for value, block in values.items()
        ]
    )
    found = with_sign_probabilities(table, calibration, ["t", "u"])
    assert found["value"].tolist()[:9] == [*values, SIGN_PROBABILITY, *values]
    own = found[found["value"] == SIGN_PROBABILITY]
    expected = calibration.probabilities("sad", ["t"], scores[:3], mean[:3], deviation[:3])
    assert own["t"].to_numpy() == pytest.approx(expected[:, 0])
    assert own["u"].isna().all()
    assert (own["score"] == "sad").all()
