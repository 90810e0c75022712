import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from sighthound.core.tracks.metrics import pearson
from sighthound.core.tracks.track import Track
from sighthound.precompute.evaluation.expression import GeneValues
from sighthound.precompute.evaluation.profiles import (
    gene_correlations_table,
    heat_map_tables,
    mixture_clusters,
    profiles,
    quantile_normalised,
    rand_index_p,
    variation_table,
)
from tests.precompute.evaluation.signals_of import signals_of
from tests.precompute.evaluation.test_expression import gene


def slow_quantiles(matrix: np.ndarray) -> np.ndarray:
    rows, columns = matrix.shape
    reference = [
        sum(sorted(matrix[:, c])[r] for c in range(columns)) / columns for r in range(rows)
    ]
    found = np.empty_like(matrix)
    for c in range(columns):
        for r in range(rows):
            low = sum(value < matrix[r, c] for value in matrix[:, c])
            ties = sum(value == matrix[r, c] for value in matrix[:, c])
            found[r, c] = np.mean(reference[low : low + ties])
    return found


def test_columns_get_one_distribution_and_ties_their_mean():
    matrix = np.random.default_rng(0).integers(0, 6, (30, 4)).astype(float)
    assert quantile_normalised(matrix) == pytest.approx(slow_quantiles(matrix))
    distinct = np.random.default_rng(1).normal(size=(30, 3)) * [1, 5, 9]
    found = np.sort(quantile_normalised(distinct), axis=0)
    assert found[:, 0] == pytest.approx(found[:, 2])


def test_two_groups_of_rows_are_found_apart():
    rng = np.random.default_rng(0)
    matrix = np.concatenate([rng.normal(0, 1, (40, 5)), rng.normal(6, 1, (40, 5))])
    found = mixture_clusters(matrix, 2)
    assert adjusted_rand_score(found, [0] * 40 + [1] * 40) == 1


def slow_rand(one: list[int], other: list[int]) -> float:
    """Adjusted Rand index by counting pairs (Hubert and Arabie 1985)."""
    pairs = [(i, j) for i in range(len(one)) for j in range(i)]
    a = sum(one[i] == one[j] and other[i] == other[j] for i, j in pairs)
    b = sum(one[i] == one[j] for i, j in pairs)
    c = sum(other[i] == other[j] for i, j in pairs)
    chance = b * c / len(pairs)
    return (a - chance) / ((b + c) / 2 - chance)


def test_the_rand_index_counts_pairs_and_chance_gives_its_p():
    rng = np.random.default_rng(3)
    one = rng.integers(0, 3, 60)
    other = np.where(rng.random(60) < 0.7, one, rng.integers(0, 3, 60))
    index, p = rand_index_p(one, other, 99)
    assert index == pytest.approx(slow_rand(one.tolist(), other.tolist()))
    assert p == 1 / 100
    assert rand_index_p(one, rng.permutation(one), 99)[1] > 0.02


@pytest.fixture
def values(tmp_path):
    """Genes in two groups, of which each is high in half of six experiments."""
    rng = np.random.default_rng(5)
    group = np.arange(80) % 2
    names = [f"t{i}" for i in range(6)]
    base = rng.gamma(2, 10, 80)
    experiments, predictions = {}, {}
    for number, name in enumerate(names):
        level = base * np.where(group == number % 2, 6.0, 1.0)
        experiments[name] = rng.poisson(level)
        predictions[name] = level * rng.lognormal(0, 0.2, 80)
    tracks = [Track(n, n, assay="RNA-seq", aggregation="sum") for n in names]
    tracks.append(Track("again", "again", assay="RNA-seq", aggregation="sum", replicate_of="t0"))
    experiments["again"] = experiments["t0"]
    predictions["again"] = predictions["t0"]
    signals = signals_of(tmp_path, tracks, experiments, predictions)
    genes = [gene(f"g{i}", "+", 10 * i + 3) for i in range(80)]
    return GeneValues(signals, signals.held_out.bins(), genes)


def test_replicates_are_no_columns_of_their_own(values):
    own = profiles(values)
    assert [column.name for column in own.columns] == [f"t{i}" for i in range(6)]
    assert own.is_enough
    assert own.why == "assays of transcription"


def test_too_few_experiments_are_said(values):
    values.columns = values.columns[:3]
    own = profiles(values)
    assert not own.is_enough
    assert own.lack.startswith("3 predicted experiments with data at 80 held-out genes; it takes 4")


def test_genes_that_go_together_cluster_alike_in_both(values):
    tables = heat_map_tables(values, profiles(values))
    (row,) = tables["clusters.tsv"].to_dict("records")
    assert (row["clusters"], row["genes"], row["columns"]) == (2, 80, 6)
    assert row["adjusted_rand"] > 0.9
    assert row["p"] == 0.001
    heat = tables["heat_map.parquet"]
    assert len(heat) == 80 * 6
    assert heat.groupby("gene")["experiment"].mean().abs().max() < 1e-9
    # Genes of a group lie together.
    order = heat.drop_duplicates("gene").sort_values("gene_place")["cluster"].to_numpy()
    assert np.count_nonzero(np.diff(order)) == 1


def test_r_over_experiments_is_beside_that_of_another_gene(values):
    own = profiles(values)
    table = gene_correlations_table(values, own)
    assert table["pearson"].iloc[7] == pytest.approx(
        pearson(own.prediction[7], own.experiment[7]).item()
    )
    assert table["pearson"].median() > 0.9
    assert abs(table["pearson_other"].median()) < table["pearson"].median()
    shown = table[table["example"] > 0].sort_values("example")
    assert shown["example"].tolist() == [25, 50, 75, 95]
    assert shown["pearson"].is_monotonic_increasing


def test_errors_are_in_quarters_by_variation(values):
    own = profiles(values)
    table = variation_table(own)
    assert table["genes"].tolist() == [20] * 4
    assert (table["variation_high"][:3].to_numpy() <= table["variation_low"][1:].to_numpy()).all()
    error = np.square(own.prediction - own.experiment).mean(axis=1)
    assert np.average(table["error"], weights=table["genes"]) == pytest.approx(error.mean())
    assert (table["error"] < table["error_of_mean"]).all()
