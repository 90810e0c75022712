from dataclasses import replace

import numpy as np
import pytest

from sighthound.core.annotation.genes import Gene, Transcript
from sighthound.core.genome.sequence import Interval
from sighthound.core.tracks.metrics import pearson
from sighthound.core.tracks.track import Track
from sighthound.precompute.evaluation.expression import GeneValues, gene_values_table, genes_table
from sighthound.precompute.evaluation.replicates import Family
from tests.precompute.evaluation.signals_of import signals_of


def gene(name: str, strand: str, *starts: int, chrom: str = "chrI") -> Gene:
    spans = [(s, s + 5) if strand == "+" else (s - 4, s + 1) for s in starts]
    transcripts = tuple(Transcript(f"{name}.{a}", chrom, a, b, strand, ((a, b),)) for a, b in spans)
    low, high = min(a for a, _ in spans), max(b for _, b in spans)
    return Gene(name, name, chrom, low, high, strand, transcripts)


def track(id: str, **other: str) -> Track:
    return replace(Track(id, id, "CAGE", aggregation="sum"), **other)  # type: ignore[arg-type]


PAIR = [
    track("plus", strand="+", strand_pair="minus"),
    track("minus", strand="-", strand_pair="plus"),
]


def test_a_gene_has_the_value_of_its_own_strand_summed_over_its_starts(tmp_path):
    values = {"plus": [0, 1, 2, 3, 4, 5], "minus": [0, 10, 20, 30, 40, 50]}
    signals = signals_of(tmp_path, PAIR, values, values)
    genes = [gene("two", "+", 10, 14, 35), gene("back", "-", 29), gene("off", "+", 70),
             gene("elsewhere", "+", 5, chrom="chrII"), gene("half", "+", 20, 90)]  # fmt: skip
    found = GeneValues(signals, signals.held_out.bins(), genes)
    assert [g.name for g in found.genes] == ["two", "back"]
    (column,) = found.columns
    assert column.name == "plus / minus"
    # Two starts in one bin count once.
    assert found.read("experiment", column) == pytest.approx(np.log2([1 + 1 + 3, 1 + 20]))


def test_means_are_averaged_over_starts_and_a_masked_start_leaves_none(tmp_path):
    tracks = [track("atac", aggregation="mean")]
    values = {"atac": [0, 1, 2, 3, 4, 5]}
    blacklist = [Interval("chrI", 52, 53)]
    signals = signals_of(tmp_path, tracks, values, values, blacklist)
    genes = [gene("two", "+", 10, 35), gene("masked", "+", 10, 55)]
    found = GeneValues(signals, signals.held_out.bins(), genes)
    (column,) = found.columns
    assert found.read("experiment", column)[0] == pytest.approx(np.log2(1 + (1 + 3) / 2))
    assert np.isnan(found.read("experiment", column)[1])
    assert found.read("prediction", column)[1] == pytest.approx(np.log2(1 + (1 + 5) / 2))


@pytest.fixture
def many(tmp_path):
    rng = np.random.default_rng(0)
    truth = rng.gamma(0.5, 20, 60)
    truth[:15] = 0
    tracks = [track("one"), track("again", replicate_of="one"), track("none", assay="RNA")]
    experiments = {
        "one": rng.poisson(truth), "again": rng.poisson(truth), "none": np.zeros(60),
    }  # fmt: skip
    predictions = {"one": truth + rng.random(60), "none": truth}
    genes = [gene(f"g{i}", "+", 10 * i + 3) for i in range(60)]
    signals = signals_of(tmp_path, tracks, experiments, predictions)
    return GeneValues(signals, signals.held_out.bins(), genes), experiments, predictions


def test_r_is_over_all_genes_and_over_those_with_signal_beside_its_ceiling(many):
    values, experiments, predictions = many
    table = genes_table(values, [Family(("one", "again"))]).set_index("column")
    y, p = np.log2(1 + experiments["one"]), np.log2(1 + predictions["one"])
    row = table.loc["one"]
    assert row["pearson"] == pytest.approx(pearson(p, y).item(), abs=1e-6)
    assert row["pearson_nonzero"] == pytest.approx(pearson(p[y > 0], y[y > 0]).item(), abs=1e-6)
    assert row["ceiling"] == pytest.approx(
        pearson(y, np.log2(1 + experiments["again"])).item(), abs=1e-6
    )
    assert (row["n_genes"], row["n_nonzero"]) == (60, int((y > 0).sum()))
    assert row["depth"] == experiments["one"].sum()
    assert row["pearson_low"] < row["pearson"] < row["pearson_high"]


def test_a_column_without_signal_has_a_note_and_no_r(many):
    row = genes_table(many[0], []).set_index("column").loc["none"]
    assert np.isnan(row["pearson"])
    assert row["note"] == "signal at 0 of 60 genes"


def test_values_are_given_of_every_gene_and_predicted_column(many):
    table = gene_values_table(many[0])
    assert len(table) == 60 * 2
    row = table[(table["column"] == "one") & (table["gene"] == "g20")].iloc[0]
    assert (row["tss"], row["strand"]) == (204, "+")
    assert row["experiment"] == pytest.approx(np.log2(1 + many[1]["one"][20]))
