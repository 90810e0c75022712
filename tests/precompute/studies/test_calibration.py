"""Simulated traits are as said, and what they show of the regressions holds on a tiny panel."""

import numpy as np
import pytest

from sighthound.core.association import ld_scores
from sighthound.core.association.ld import ld_matrix
from sighthound.core.association.panel import Panel
from sighthound.core.association.signed_profile import per_standard_deviation
from sighthound.precompute.studies import calibration
from sighthound.precompute.studies.calibration import (
    Share,
    halves,
    main,
    planted_effects,
    random_annotations,
    share_found_of_planted,
    share_found_of_random_annotations,
    share_found_of_random_signs,
    simulated_z,
)
from tests.core.association.panels import simulated_panel


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ld_scores, "FEWEST_IN_BLOCK", 12)
    monkeypatch.setattr(calibration, "WINDOW", 12_000)


@pytest.fixture(scope="module")
def panel() -> Panel:
    return simulated_panel(variants=240, people=100)[0]


def test_statistics_have_the_mean_and_the_covariance_of_ld() -> None:
    panel, _ = simulated_panel(variants=5, people=50)
    r, effects = ld_matrix(panel, 0, 5), np.array([[0.1], [0], [0], [-0.05], [0]])
    many = np.repeat(effects, 20_000, axis=1)
    z = simulated_z(panel, many, 400, np.random.default_rng(0))
    np.testing.assert_allclose(z.mean(axis=1), 20 * (r @ effects)[:, 0], atol=0.04)
    np.testing.assert_allclose(np.cov(z), r, atol=0.05)


def test_planted_effects_have_the_heritability_and_correlation_asked_for(panel: Panel) -> None:
    rng = np.random.default_rng(0)
    values = per_standard_deviation(panel, random_annotations(240, 400, rng))
    effects = planted_effects(values, 0.4, 0.01, rng)
    assert (effects**2).sum(axis=0).mean() == pytest.approx(0.01, rel=0.05)
    r = [np.corrcoef(a, b)[0, 1] for a, b in zip(effects.T, values.T, strict=True)]
    assert np.mean(r) == pytest.approx(0.4, abs=0.03)


def test_nothing_is_found_as_often_as_said_and_a_planted_effect_nearly_always(
    panel: Panel,
) -> None:
    rng = np.random.default_rng(1)
    z = simulated_z(panel, rng.normal(scale=0.01, size=(240, 1)), 20_000, rng)[:, 0]
    assert 0.04 <= share_found_of_random_signs(panel, z, 20_000, 1500).share <= 0.06
    planted = share_found_of_planted(panel, panel, 0.6, 20, people=50_000)
    assert planted.share >= 0.8
    one, two = halves(panel)
    assert len(one) == len(two)
    assert not set(one.samples) & set(two.samples)
    assert share_found_of_planted(one, two, 0.8, 20, people=50_000).share > 0.5


def test_ld_score_regression_is_calibrated_too(panel: Panel) -> None:
    rng = np.random.default_rng(2)
    z = simulated_z(panel, rng.normal(scale=0.01, size=(240, 1)), 5_000, rng)[:, 0]
    share = share_found_of_random_annotations(panel, z, np.full(240, 5_000.0), 80)
    assert share.share <= 0.15


def test_a_share_says_how_sure_it_is() -> None:
    assert str(Share(50, 1000)) == "0.050 +- 0.014 (50 of 1,000)"


def test_the_command_needs_two_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["one"]) == 2
    assert "PANEL STATISTICS" in capsys.readouterr().err
