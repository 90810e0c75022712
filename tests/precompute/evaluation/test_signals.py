import numpy as np
import pytest

from sighthound.core.annotation.genes import Gene
from sighthound.core.genome.sequence import Interval
from sighthound.core.tracks.track import Track
from sighthound.precompute.evaluation.scatter import median_tracks, scatter_table
from sighthound.precompute.evaluation.signals import HeldOut
from sighthound.precompute.evaluation.strata import distances, genes_of_bins, strata_table
from tests.precompute.evaluation.signals_of import BIN, signals_of
from tests.precompute.evaluation.test_expression import gene

STRETCHES = [Interval("chrI", 30, 100), Interval("chrII", 0, 40), Interval("chrI", 110, 130)]


def test_bins_are_joined_on_the_grid_of_the_chromosome_and_not_across_stretches():
    joined = HeldOut(STRETCHES, 10).bins(2)
    assert joined.size == 20
    places = [
        ("chrI", "chrII")[c] + f":{s}" for c, s in zip(joined.chrom, joined.start, strict=True)
    ]
    assert places == ["chrI:40", "chrI:60", "chrI:80", "chrII:0", "chrII:20"]
    assert joined.members.tolist()[0] == [1, 2]


def test_windows_on_no_grid_are_joined_from_their_first_base():
    joined = HeldOut(STRETCHES, 10, on_grid=False).bins(2)
    assert joined.start[joined.chrom == 0].tolist() == [30, 50, 70, 110]


def test_a_bin_that_touches_the_blacklist_does_not_count():
    held_out = HeldOut(STRETCHES, 10, [Interval("chrI", 49, 60), Interval("chrIX", 0, 9)])
    assert held_out.start[held_out.masked].tolist() == [40, 50]
    assert held_out.bins(2).counts.tolist() == [False, True, True, True, True]
    # What only touches ends before.
    assert not HeldOut(STRETCHES, 10, [Interval("chrI", 20, 30)]).masked.any()


def test_blocks_hold_neighbours_and_do_not_cross_stretches():
    held_out = HeldOut(STRETCHES, 10, most_blocks=3, least_block=1)
    blocks = held_out.bins().blocks
    assert blocks.tolist() == [0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 3, 4, 4]


def test_chunks_cover_every_bin_once():
    chunks = list(HeldOut(STRETCHES, 10).chunks())
    assert [(str(c.place), c.at) for c in chunks] == [
        ("chrI:31-100", 0), ("chrII:1-40", 7), ("chrI:111-130", 11),
    ]  # fmt: skip


def test_sums_are_added_and_means_averaged(tmp_path):
    tracks = [Track("s", "s", aggregation="sum"), Track("m", "m", aggregation="mean")]
    values = {"s": [1, 2, 3, np.nan], "m": [1, 2, 3, np.nan]}
    signals = signals_of(tmp_path, tracks, values, values)
    joined = signals.held_out.bins(2)
    assert signals.experiment("s", joined)[0] == 3
    assert signals.prediction("m", joined)[0] == 1.5
    assert np.isnan(signals.experiment("s", joined)[1])


def test_the_median_track_of_an_assay_is_the_lower_of_two():
    tracks = [Track(n, n, assay="RNA" if n < "d" else "") for n in "abcdef"]
    score = {"a": 0.5, "b": 0.9, "c": 0.7, "d": 0.1, "e": 0.3, "f": np.nan}
    assert median_tracks(tracks, score) == {"RNA": "c", "no assay given": "d"}


def test_every_counted_bin_is_in_one_cell(tmp_path):
    rng = np.random.default_rng(0)
    y, p = rng.gamma(1, 5, 300), rng.gamma(1, 5, 300)
    y[5] = np.nan
    signals = signals_of(tmp_path, [Track("t", "t")], {"t": y}, {"t": p}, [Interval("chrI", 0, 20)])
    table = scatter_table(signals, signals.held_out.bins(), {"RNA": "t"})
    assert table["bins"].sum() == 300 - 2 - 1
    mean = np.average(table["experiment"], weights=table["bins"])
    known = np.isfinite(y) & (np.arange(300) > 1)
    assert mean == pytest.approx(np.log10(1 + y[known]).mean(), abs=table["width"].iloc[0])


GENES = [gene("a", "+", 100, 205), gene("b", "-", 909), gene("far", "+", 5, chrom="chrII")]


def test_distances_are_to_the_nearest_start_of_the_chromosome(tmp_path):
    values = {"t": np.ones(100)}
    signals = signals_of(tmp_path, [Track("t", "t")], values, values)
    bins = signals.held_out.bins()
    middles = bins.start + BIN / 2
    slow = [min(abs(m - tss) for tss in (100, 205, 909)) for m in middles]
    assert distances(signals, bins, GENES).tolist() == slow
    assert np.isinf(distances(signals, bins, [])).all()


def long_gene(name: str, start: int, end: int) -> Gene:
    short = gene(name, "+", start)
    return Gene(name, name, "chrI", start, end, "+", short.transcripts)


def test_bins_belong_to_the_one_gene_that_they_lie_in_or_beside(tmp_path):
    values = {"t": np.ones(400)}
    signals = signals_of(tmp_path, [Track("t", "t")], values, values)
    of = genes_of_bins(
        signals, signals.held_out.bins(), [long_gene("a", 600, 900), long_gene("b", 1_500, 2_000)]
    )
    starts = np.arange(400) * BIN
    assert starts[of == 0].tolist() == list(range(100, 1_000, BIN))
    assert starts[of == 1].tolist() == list(range(1_400, 2_500, BIN))


def test_strata_are_correlated_one_by_one(tmp_path):
    rng = np.random.default_rng(0)
    y = rng.gamma(1, 5, 1_000)
    p = y.copy()
    p[110:] = rng.gamma(1, 5, 890)
    tracks = [Track("t", "t", assay="RNA")]
    signals = signals_of(tmp_path, tracks, {"t": y}, {"t": p})
    table = strata_table(signals, signals.held_out.bins(), [gene("a", "+", 0)])
    by = table[table["kind"] == "distance"].set_index("stratum")
    assert by.loc["300 bp to 1 kb", "pearson_log1p"] == pytest.approx(1)
    assert abs(by.loc["3 to 10 kb", "pearson_log1p"]) < 0.15
    # Ten bins are no evidence.
    assert "0 to 100 bp" not in by.index
    assert by.loc["300 bp to 1 kb", "n_bins"] == 70
