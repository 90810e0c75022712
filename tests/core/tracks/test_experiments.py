"""Experiments read in bins."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sighthound.core import Genome, Interval, SighthoundError, Track
from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.tracks.experiments import check_experiments, experiment_bins


@pytest.fixture
def genome(tmp_path):
    (tmp_path / "g.fa").write_text(f">chrI\n{'A' * 100}\n>chrII\n{'C' * 60}\n")
    return Genome(tmp_path / "g.fa")


def write_experiment(path: Path, lengths: dict[str, int]) -> Path:
    """Base i has the value i."""
    values = ((name, np.arange(n, dtype=np.float32)) for name, n in lengths.items())
    write_bigwig(path, lengths, values, 1, mantissa_bits=None)
    return path


def test_bins_are_means_or_sums_of_bases(tmp_path, genome):
    bigwig = write_experiment(tmp_path / "a.bw", {"chrI": 100})
    mean = Track("a", "a", experiment=bigwig)
    total = Track("b", "b", experiment=bigwig, aggregation="sum")
    np.testing.assert_allclose(
        experiment_bins(mean, genome, Interval("chrI", 0, 30), 10), [4.5, 14.5, 24.5]
    )
    np.testing.assert_allclose(
        experiment_bins(total, genome, Interval("chrI", 0, 20), 10), [45, 145]
    )


def test_a_chromosome_goes_by_the_name_the_bigwig_gives_it(tmp_path, genome):
    track = Track("a", "a", experiment=write_experiment(tmp_path / "a.bw", {"II": 60}))
    assert experiment_bins(track, genome, Interval("chrII", 0, 10), 10) == pytest.approx([4.5])


def test_there_is_no_data_where_the_experiment_has_no_chromosome_or_the_genome_ends(
    tmp_path, genome
):
    track = Track("a", "a", experiment=write_experiment(tmp_path / "a.bw", {"chrI": 100}))
    assert np.isnan(experiment_bins(track, genome, Interval("chrII", 0, 20), 10)).all()
    around = experiment_bins(track, genome, Interval("chrI", -10, 120), 10)
    np.testing.assert_array_equal(np.isnan(around), [True] + [False] * 10 + [True] * 2)
    assert np.isnan(experiment_bins(Track("b", "b"), genome, Interval("chrI", 0, 10), 10)).all()


def test_there_is_no_data_outside_the_regions_that_are_declared(tmp_path, genome):
    bigwig = write_experiment(tmp_path / "a.bw", {"chrI": 100, "chrII": 60})
    (tmp_path / "covered.bed").write_text("chrI\t10\t35\n")
    by_name = Track("a", "a", experiment=bigwig, covered="II")
    by_bed = Track("b", "b", experiment=bigwig, covered=str(tmp_path / "covered.bed"))
    whole = Interval("chrI", 0, 100)
    assert np.isnan(experiment_bins(by_name, genome, whole, 10)).all()
    assert np.isfinite(experiment_bins(by_name, genome, Interval("chrII", 0, 60), 10)).all()
    has_data = np.isfinite(experiment_bins(by_bed, genome, whole, 10))
    np.testing.assert_array_equal(has_data.nonzero()[0], [1, 2])


def test_an_experiment_of_another_assembly_is_refused(tmp_path, genome):
    other = Track("a", "a", experiment=write_experiment(tmp_path / "a.bw", {"chrI": 99}))
    with pytest.raises(SighthoundError, match="another assembly: its chrI has 99 bases"):
        check_experiments([other], genome)
    foreign = Track("b", "b", experiment=write_experiment(tmp_path / "b.bw", {"chr7": 100}))
    with pytest.raises(SighthoundError, match=r"no chromosome of b\.bw is in g\.fa"):
        check_experiments([foreign], genome)


@settings(max_examples=60)
@given(
    bin_size=st.integers(1, 30),
    first=st.integers(-4, 12),
    bins=st.integers(1, 12),
    aggregation=st.sampled_from(["mean", "sum"]),
    regions=st.none() | st.lists(st.tuples(st.integers(0, 90), st.integers(1, 60)), min_size=1),
    exact=st.booleans(),
)
def test_bins_of_an_experiment_are_those_of_its_bases_where_it_has_data(
    tmp_path, genome, bin_size, first, bins, aggregation, regions, exact
):
    bigwig = tmp_path / "e.bw"
    if not bigwig.exists():
        write_experiment(bigwig, {"chrI": 100})
    covered = ""
    if regions is not None:
        covered = str(tmp_path / f"{len(regions)}-{hash(tuple(regions))}.bed")
        lines = [f"chrI\t{at}\t{min(at + size, 100)}\n" for at, size in regions]
        Path(covered).write_text("".join(lines))
    track = Track("t", "t", experiment=bigwig, aggregation=aggregation, covered=covered)
    start = first * bin_size
    got = experiment_bins(
        track, genome, Interval("chrI", start, start + bins * bin_size), bin_size, exact=exact
    )
    spans = [(0, 100)] if regions is None else [(a, min(a + n, 100)) for a, n in regions]
    for rank in range(bins):
        a, b = max(0, start + rank * bin_size), min(100, start + (rank + 1) * bin_size)
        has_data = a < b and any(low <= a and b <= high for low, high in spans)
        expected = getattr(np, aggregation)(np.arange(a, b)) if has_data else np.nan
        assert got[rank] == pytest.approx(expected, rel=1e-6, nan_ok=True)
