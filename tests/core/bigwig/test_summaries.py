"""Zoom levels and totals of our BigWigs, read by pyBigWig and pybigtools, against arithmetic."""

import tracemalloc

import numpy as np
import pybigtools
import pyBigWig
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sighthound.core.bigwig.files import read_bins, write_bigwig, write_entries

values_in_stretches = hnp.arrays(
    np.float32,
    st.integers(0, 2500),
    elements=st.floats(-8, 8, width=32),
    fill=st.sampled_from([0.0, 1.5, np.nan]),
)


@st.composite
def genomes(draw):
    """Step, lengths and values: gaps, odd last bins, one-base and empty chromosomes among them."""
    step = draw(st.sampled_from([1, 7, 32, 128]))
    lengths, values = {"one_base": 1, "without_values": 999}, {"one_base": np.float32([2.5])}
    for rank, bins in enumerate(draw(st.lists(values_in_stretches, min_size=1, max_size=4))):
        last = draw(st.integers(1, step))
        lengths[f"chr{9 + rank}"] = max(1, (len(bins) - 1) * step + last)
        values[f"chr{9 + rank}"] = bins
    return step, lengths, values


def bases_of(bins: np.ndarray, step: int, length: int) -> np.ndarray:
    covered = np.repeat(bins.astype(np.float64), step)[:length]
    return np.concatenate([covered, np.full(length - len(covered), np.nan)])


@settings(max_examples=40)
@given(genome=genomes())
def test_every_record_of_every_zoom_level_is_the_statistic_of_its_bases(tmp_path, genome):
    step, lengths, values = genome
    path = tmp_path / "zooms.bw"
    write_bigwig(path, lengths, values.items(), step, mantissa_bits=None)
    file = pybigtools.open(str(path))
    zooms = sorted(file.zooms())
    assert zooms[0] >= 32 * step
    assert zooms[-1] >= max(lengths.values())
    for chrom, length in lengths.items():
        bases = bases_of(values.get(chrom, np.zeros(0, np.float32)), step, length)
        for zoom in zooms:
            with_data = [
                start
                for start in range(0, length, zoom)
                if np.isfinite(bases[start : start + zoom]).any()
            ]
            records = list(file.zoom_records(zoom, chrom, 0, length))
            assert [start for start, _, _ in records] == with_data
            for start, end, record in records:
                piece = bases[start : start + zoom]
                piece = piece[np.isfinite(piece)]
                assert end == min(start + zoom, length)
                assert record["bases_covered"] == len(piece)
                assert (record["min_val"], record["max_val"]) == (piece.min(), piece.max())
                assert record["sum"] == pytest.approx(piece.sum(), rel=1e-6, abs=1e-9)
                assert record["sum_squares"] == pytest.approx((piece**2).sum(), rel=1e-6)


@st.composite
def signals(draw):
    """Lengths and entries of any widths and gaps, of one base and of whole chromosomes."""
    lengths, entries = {"without_entries": 999}, {}
    for rank in range(draw(st.integers(1, 3))):
        widths = draw(st.lists(st.sampled_from([1, 2, 7, 255, 256, 5000]), min_size=1, max_size=40))
        gaps = draw(st.lists(st.sampled_from([0, 0, 1, 300]), min_size=len(widths),
                             max_size=len(widths)))  # fmt: skip
        ends = np.cumsum(np.array(gaps) + np.array(widths))
        values = np.float32(draw(st.lists(st.floats(-8, 8, width=32), min_size=len(widths),
                                          max_size=len(widths))))  # fmt: skip
        entries[f"chr{9 + rank}"] = ends - np.array(widths), ends, values
        lengths[f"chr{9 + rank}"] = int(ends[-1]) + draw(st.sampled_from([0, 1, 700]))
    return lengths, entries


@settings(max_examples=40)
@given(signal=signals())
def test_entries_of_any_width_and_their_zoom_levels_are_read_back_by_three_readers(
    tmp_path, signal
):
    lengths, entries = signal
    path = tmp_path / "entries.bw"
    write_entries(path, lengths, entries)
    first = path.read_bytes()
    write_entries(path, lengths, entries)
    assert path.read_bytes() == first
    other = pybigtools.open(str(path))
    with pyBigWig.open(str(path)) as file:
        for chrom, length in lengths.items():
            bases = np.full(length, np.nan, np.float32)
            for start, end, value in zip(*entries.get(chrom, ((), (), ())), strict=True):
                bases[start:end] = value
            np.testing.assert_array_equal(file.values(chrom, 0, length, numpy=True), bases)
            ours = read_bins(path, chrom, 0, length, length, empty=np.nan)
            np.testing.assert_array_equal(ours, bases)
            for zoom in other.zooms():
                records = list(other.zoom_records(zoom, chrom, 0, length))
                assert [start for start, _, _ in records] == [
                    start
                    for start in range(0, length, zoom)
                    if np.isfinite(bases[start : start + zoom]).any()
                ]
                for start, end, record in records:
                    piece = bases[start:end].astype(float)
                    piece = piece[np.isfinite(piece)]
                    assert record["bases_covered"] == len(piece)
                    assert (record["min_val"], record["max_val"]) == (piece.min(), piece.max())
                    assert record["sum"] == pytest.approx(piece.sum(), rel=1e-6, abs=1e-4)


def test_few_entries_over_a_long_chromosome_make_a_small_file(tmp_path):
    starts = np.arange(0, 240_000_000, 60_000_000)
    entries = {"chr1": (starts, starts + 60_000_000, np.float32([1, 2, 3, 4]))}
    write_entries(tmp_path / "long.bw", {"chr1": 248_000_000}, entries)
    assert (tmp_path / "long.bw").stat().st_size < 2_000
    with pyBigWig.open(str(tmp_path / "long.bw")) as file:
        assert file.stats("chr1", 0, 240_000_000, nBins=4) == [1, 2, 3, 4]


@settings(max_examples=40)
@given(genome=genomes())
def test_pybigwig_summarises_from_zoom_levels_what_the_bases_say(tmp_path, genome):
    step, lengths, values = genome
    path = tmp_path / "zooms.bw"
    write_bigwig(path, lengths, values.items(), step, mantissa_bits=None)
    zooms = pybigtools.open(str(path)).zooms()
    with pyBigWig.open(str(path)) as file:
        for chrom, length in lengths.items():
            bases = bases_of(values.get(chrom, np.zeros(0, np.float32)), step, length)
            # pyBigWig takes the coarsest level of which two records fit in a bin
            for width in (2 * zoom for zoom in zooms if 2 * zoom <= length):
                bins = length // width
                pieces = list(bases[: bins * width].reshape(bins, width))
                assert_statistics(file, chrom, 0, bins * width, pieces)
                if bins * width < length:
                    odd = [bases[bins * width :]]
                    assert_statistics(file, chrom, bins * width, length, odd)


def assert_statistics(file, chrom, start, end, pieces):
    known = [piece[np.isfinite(piece)] for piece in pieces]
    for kind, statistic in (("mean", np.mean), ("min", np.min), ("max", np.max)):
        got = file.stats(chrom, start, end, type=kind, nBins=len(pieces))
        assert [value is None for value in got] == [len(piece) == 0 for piece in known]
        for value, piece in zip(got, known, strict=True):
            if len(piece):
                assert value == pytest.approx(statistic(piece), rel=1e-6, abs=1e-5)
    covered = file.stats(chrom, start, end, type="coverage", nBins=len(pieces))
    expected = [len(some) / len(every) for some, every in zip(known, pieces, strict=True)]
    assert [value or 0 for value in covered] == pytest.approx(expected)


def test_totals_are_those_of_all_chromosomes_in_both_readers(tmp_path):
    rng = np.random.default_rng(0)
    values = {f"c{i}": rng.normal(size=500 + i).astype(np.float32) for i in range(30)}
    values["c7"][100:400] = np.nan
    lengths = {chrom: len(bins) * 10 - 3 for chrom, bins in values.items()}
    path = tmp_path / "totals.bw"
    write_bigwig(path, lengths, values.items(), 10, mantissa_bits=None)
    bases = np.concatenate([bases_of(values[chrom], 10, lengths[chrom]) for chrom in values])
    known = bases[np.isfinite(bases)]
    with pyBigWig.open(str(path)) as file:
        header = file.header()
    summary = pybigtools.open(str(path)).info()["summary"]
    assert header["nBasesCovered"] == summary["basesCovered"] == len(known)
    assert (header["minVal"], header["maxVal"]) == (int(known.min()), int(known.max()))
    assert (summary["min"], summary["max"]) == (known.min(), known.max())
    assert summary["sum"] == pytest.approx(known.sum())


def test_memory_does_not_grow_with_the_number_of_chromosomes(tmp_path):
    peaks = []
    for count in (4, 40):
        rng = np.random.default_rng(1)
        chroms = [f"c{i}" for i in range(count)]
        values = ((chrom, rng.normal(size=100_000).astype(np.float32)) for chrom in chroms)
        tracemalloc.start()
        write_bigwig(tmp_path / "long.bw", dict.fromkeys(chroms, 100_000), values, 1)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]


def test_a_write_that_fails_half_way_leaves_the_file_that_was_there(tmp_path):
    def half():
        yield "a", np.ones(10, np.float32)
        raise InterruptedError

    path, lengths = tmp_path / "kept.bw", {"a": 10, "b": 10}
    write_bigwig(path, lengths, [("b", np.ones(10, np.float32))], 1)
    before = path.read_bytes()
    with pytest.raises(InterruptedError):
        write_bigwig(path, lengths, half(), 1)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
