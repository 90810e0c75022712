"""Experiments of fewer reads: what is counts, what thinning does, what is said of the rest."""

import numpy as np
import pytest

from sighthound.core.tracks.track import Track
from sighthound.precompute.evaluation.ablation import (
    AVERAGED,
    NO_COUNTS,
    NO_SIGNAL,
    ablation_table,
    counts_of,
    thinned,
)
from tests.precompute.evaluation.signals_of import signals_of

RNG = np.random.default_rng(5)
RATES = RNG.gamma(0.4, 20.0, 4_000)
COUNTS = RNG.poisson(RATES).astype(np.float32)


@pytest.mark.parametrize("unit", [1.0, 0.0037, 64.0])
def test_counts_are_known_whatever_one_read_adds(unit):
    counts, found = counts_of(np.where(COUNTS > 900, np.nan, COUNTS * unit).astype(np.float32))
    assert found == pytest.approx(unit)
    np.testing.assert_array_equal(counts, np.where(COUNTS > 900, np.nan, COUNTS))


def test_whole_numbers_are_counts_where_no_bin_has_a_single_read():
    counts, unit = counts_of(np.array([2, 5, 9], np.float32))
    assert (counts.tolist(), unit) == ([2, 5, 9], 1)


@pytest.mark.parametrize("values", [RATES, np.zeros(9), np.array([np.nan]), COUNTS - 1, RATES**0.5])
def test_what_is_no_counts_is_not_taken_for_them(values):
    assert counts_of(values) is None


def test_each_read_is_kept_with_the_same_probability():
    kept = thinned(COUNTS, 0.2, np.random.default_rng(1))
    assert (kept <= COUNTS).all()
    assert kept.sum() == pytest.approx(0.2 * COUNTS.sum(), rel=0.02)


def table_of(folder):
    tracks = [
        Track("counts", "counts", assay="CAGE", aggregation="sum"),
        Track("coverage", "coverage", assay="ATAC", aggregation="mean"),
        Track("scaled", "scaled", assay="RNA", aggregation="sum"),
        Track("empty", "empty", assay="RNA", aggregation="sum"),
    ]
    experiments = {
        "counts": COUNTS, "coverage": COUNTS, "scaled": RATES, "empty": np.zeros(4_000),
    }  # fmt: skip
    predictions = dict.fromkeys(experiments, RATES)
    signals = signals_of(folder, tracks, experiments, predictions)
    return ablation_table(signals, signals.held_out.bins(1))


def test_a_right_prediction_is_seen_ever_worse_with_fewer_reads(tmp_path):
    table = table_of(tmp_path)
    rows = table[table["track"] == "counts"].sort_values("share")
    assert rows["share"].iloc[-1] == 1
    assert rows["reads"].iloc[-1] == COUNTS.sum()
    for column in ("pearson_log1p", "pearson"):
        assert (np.diff(rows[column]) > 0).all(), column
    whole, parts = rows.iloc[-1], rows.iloc[:-1]
    assert whole["pearson_log1p"] > 0.95
    assert np.isnan(whole["others_log1p"])
    # The rates themselves say more of reads than other reads do.
    assert (parts["pearson_log1p"] > parts["others_log1p"]).all()
    assert parts["others_log1p"].iloc[-1] > 0.8
    (tmp_path / "again").mkdir()
    again = table_of(tmp_path / "again")
    assert again.equals(table)


def test_what_cannot_be_thinned_is_named_with_its_reason(tmp_path):
    table = table_of(tmp_path)
    notes = table[table["share"].isna()].set_index("track")["note"].to_dict()
    assert notes == {"coverage": AVERAGED, "scaled": NO_COUNTS, "empty": NO_SIGNAL}
