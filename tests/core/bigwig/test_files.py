"""BigWigs: what we write, pyBigWig and pybigtools read back; what others wrote, we bin exactly."""

import itertools
import threading
from pathlib import Path

import numpy as np
import pybigtools
import pyBigWig
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sighthound.core.bigwig.chunks import (
    EncodedStretch,
    chromosome_ids,
    encode_stretch,
    stretch_bins,
)
from sighthound.core.bigwig.files import chromosomes, new_bigwig, read_bins, write_bigwig
from sighthound.core.bigwig.zooms import zoom_levels
from sighthound.core.errors import SighthoundError
from tests.paths import SHARED_DATA

YEAST_TRACKS = SHARED_DATA / "yeast" / "tracks"
SPARSE_TRACK = YEAST_TRACKS / "STRIPEseq_S288C_WT_3reps_sum.plus.bw"


def per_base(bins: np.ndarray, step: int, length: int) -> np.ndarray:
    bases = np.full(length, np.nan, np.float32)
    covered = np.repeat(bins, step)[:length]
    bases[: len(covered)] = covered
    return bases


def bases_by_pybigwig(path: Path, chrom: str) -> np.ndarray:
    with pyBigWig.open(str(path)) as file:
        return file.values(chrom, 0, file.chroms(chrom), numpy=True)


def bases_by_pybigtools(path: Path, chrom: str) -> np.ndarray:
    return np.asarray(pybigtools.open(str(path)).values(chrom, fillna=None), np.float32)


def write_with_pybigwig(path: Path, lengths: dict, entries: list) -> Path:
    with pyBigWig.open(str(path), "w") as file:
        file.addHeader(list(lengths.items()))
        for chrom, start, end, value in entries:
            file.addEntries([chrom], [start], ends=[end], values=[value])
    return path


def expected_bins(bases: np.ndarray, start: int, end: int, bins: int, summary: str) -> np.ndarray:
    edges = np.clip(start + np.arange(bins + 1) * (end - start) // bins, 0, len(bases))
    known = np.nan_to_num(bases.astype(np.float64))
    result = []
    for a, b in itertools.pairwise(edges):
        piece = known[a:b]
        result.append(getattr(np, summary)(piece) if len(piece) else 0.0)
    return np.array(result)


values_with_gaps = hnp.arrays(
    np.float32,
    st.integers(0, 3000),
    elements=st.one_of(
        st.floats(width=32, allow_infinity=False), st.sampled_from([0.0, 1.0, -0.0])
    ),
    fill=st.sampled_from([0.0, 1.5, np.nan]),
)


@settings(max_examples=60)
@given(arrays=st.lists(values_with_gaps, max_size=4), step=st.integers(1, 40), data=st.data())
def test_what_is_written_is_read_back_bit_for_bit_by_two_other_readers(
    tmp_path, arrays, step, data
):
    lengths, given_values = {}, {}
    for rank, values in enumerate(arrays):
        cut = data.draw(st.integers(0, step - 1)) if len(values) else 0
        extra = 0 if cut else data.draw(st.integers(0, 500))
        name = f"chr{11 - rank}"
        lengths[name] = max(1, len(values) * step - cut + extra)
        given_values[name] = values
    lengths["without_values"] = 1234
    path = tmp_path / "written.bw"
    write_bigwig(path, lengths, given_values.items(), step, mantissa_bits=None)
    assert chromosomes(path) == lengths
    for chrom, length in lengths.items():
        expected = per_base(given_values.get(chrom, np.zeros(0, np.float32)), step, length)
        for bases in (bases_by_pybigwig(path, chrom), bases_by_pybigtools(path, chrom)):
            gap = np.isnan(expected)
            assert np.array_equal(np.isnan(bases), gap)
            assert np.array_equal(bases[~gap].view("u4"), expected[~gap].view("u4"))


def test_a_base_without_an_entry_counts_zero_in_mean_sum_and_maximum(tmp_path):
    entries = [("c", 3, 5, 1.0), ("c", 10, 12, 2.0), ("c", 25, 27, -4.0)]
    path = write_with_pybigwig(tmp_path / "sparse.bw", {"c": 100}, entries)
    assert read_bins(path, "c", 0, 30, 3, "sum").tolist() == [2, 4, -8]
    np.testing.assert_allclose(read_bins(path, "c", 0, 30, 3), [0.2, 0.4, -0.8])
    assert read_bins(path, "c", 0, 30, 3, "max").tolist() == [1, 2, 0]


def test_a_bin_cut_by_the_chromosome_end_is_summarised_over_the_bases_it_has(tmp_path):
    path = tmp_path / "cut.bw"
    write_bigwig(path, {"c": 25}, [("c", np.array([1, 2, 3], np.float32))], 10)
    assert read_bins(path, "c", 0, 40, 4).tolist() == [1, 2, 3, 0]
    assert read_bins(path, "c", 0, 40, 4, "sum").tolist() == [10, 20, 15, 0]
    assert read_bins(path, "c", -10, 10, 2).tolist() == [0, 1]


def test_bins_in_which_no_base_has_an_entry_can_be_told_from_zeros(tmp_path):
    path = tmp_path / "gaps.bw"
    values = np.array([0, np.nan, -2, np.nan, np.nan, 5], np.float32)
    write_bigwig(path, {"c": 60}, [("c", values)], 10)
    for summary, expected in (
        ("mean", [0, -1, np.nan, 2.5]),
        ("max", [0, 0, np.nan, 5]),
    ):
        got = read_bins(path, "c", 0, 60, 6, summary, empty=np.nan)
        assert np.array_equal(np.isnan(got), np.isnan(values))
        np.testing.assert_array_equal(
            read_bins(path, "c", 0, 80, 4, summary, empty=np.nan)[[0, 1, 3]],
            np.array([expected[0], expected[1], np.nan], np.float32),
        )


@pytest.mark.real_data
def test_single_base_tracks_of_others_give_the_sums_of_their_bases():
    bases = bases_by_pybigwig(SPARSE_TRACK, "chrIV")
    for start, end, bins in (
        (0, 1_500_000, 1000),
        (100_003, 160_000, 711),
        (1_531_000, 1_532_024, 8),
    ):
        for summary in ("sum", "mean", "max"):
            got = read_bins(SPARSE_TRACK, "chrIV", start, end, bins, summary)
            expected = expected_bins(bases, start, end, bins, summary)
            np.testing.assert_allclose(got, expected, rtol=1e-6)


def test_predictions_are_rounded_to_ten_bits_unless_asked_otherwise(tmp_path):
    values = np.random.default_rng(0).gamma(0.3, 1, 5000).astype(np.float32)
    write_bigwig(tmp_path / "short.bw", {"c": 640_000}, [("c", values)], 128)
    write_bigwig(tmp_path / "full.bw", {"c": 640_000}, [("c", values)], 128, mantissa_bits=None)
    got = read_bins(tmp_path / "short.bw", "c", 0, 640_000, 5000)
    assert np.abs(got / values - 1).max() <= 2.0**-11
    assert np.array_equal(read_bins(tmp_path / "full.bw", "c", 0, 640_000, 5000), values)
    sizes = [(tmp_path / name).stat().st_size for name in ("short.bw", "full.bw")]
    assert sizes[0] < 0.8 * sizes[1]


def test_the_largest_float_does_not_round_to_infinity(tmp_path):
    values = np.array([np.finfo(np.float32).max, -np.finfo(np.float32).max], np.float32)
    write_bigwig(tmp_path / "large.bw", {"c": 2}, [("c", values)], 1)
    assert np.isfinite(read_bins(tmp_path / "large.bw", "c", 0, 2, 2)).all()


def test_the_summary_block_counts_only_bases_with_data(tmp_path):
    values = np.array([1, np.nan, -3, 2], np.float32)
    write_bigwig(tmp_path / "s.bw", {"c": 35, "d": 7}, [("c", values)], 10)
    with pyBigWig.open(str(tmp_path / "s.bw")) as file:
        header = file.header()
    assert (header["nBasesCovered"], header["minVal"], header["maxVal"]) == (25, -3, 2)
    assert (header["sumData"], header["sumSquared"]) == (10 - 30 + 10, 10 + 90 + 20)


def test_zoom_levels_begin_at_thirty_two_bins_and_hold_right_statistics(tmp_path):
    values = np.random.default_rng(1).normal(size=3001).astype(np.float32)
    values[[5, 700, 701, 2999]] = np.nan
    length = 3001 * 128 - 100
    write_bigwig(tmp_path / "z.bw", {"c": length}, [("c", values)], 128, mantissa_bits=None)
    bases = per_base(values, 128, length).astype(np.float64)
    file = pybigtools.open(str(tmp_path / "z.bw"))
    assert sorted(file.zooms()) == [4096, 16384, 65536, 262144, 1048576]
    for zoom in file.zooms():
        for start, end, record in file.zoom_records(zoom, "c", 0, length):
            piece = bases[start:end]
            assert end - start == zoom or end == length
            assert record["bases_covered"] == np.isfinite(piece).sum()
            assert record["min_val"] == np.nanmin(piece)
            assert record["max_val"] == np.nanmax(piece)
            assert record["sum"] == pytest.approx(np.nansum(piece), rel=1e-6, abs=1e-4)
            assert record["sum_squares"] == pytest.approx(np.nansum(piece**2), rel=1e-6)


def test_zoomed_reads_equal_exact_ones_on_the_grid_of_the_zoom_level(tmp_path):
    values = np.random.default_rng(2).gamma(0.5, size=8000).astype(np.float32)
    values[3000:3100] = np.nan
    length = 8000 * 128 - 60
    write_bigwig(tmp_path / "z.bw", {"c": length}, [("c", values)], 128)
    for summary in ("mean", "sum", "max"):
        arguments = (tmp_path / "z.bw", "c", 8192, 8192 + 8192 * 125, 125, summary)
        np.testing.assert_allclose(
            read_bins(*arguments, exact=False), read_bins(*arguments), rtol=1e-5
        )


@pytest.mark.real_data
def test_zoomed_reads_of_another_writers_file_are_exact_where_its_zooms_would_blur():
    for width in (512, 2048):
        arguments = (SPARSE_TRACK, "chrIV", 0, 700 * width, 700, "max")
        assert np.array_equal(read_bins(*arguments, exact=False), read_bins(*arguments))


def test_zoomed_reads_of_long_stretches_share_records_between_bins(tmp_path):
    rng = np.random.default_rng(7)
    starts = np.flatnonzero(rng.random(1_000_000) < 0.02) * 10
    with pyBigWig.open(str(tmp_path / "f.bw"), "w") as file:
        file.addHeader([("c", 10_000_000)])
        values = rng.gamma(1, size=len(starts))
        file.addEntries(
            ["c"] * len(starts), starts.tolist(), (starts + 3).tolist(), values.tolist()
        )
    for summary, tolerance in (("sum", 0.1), ("mean", 0.1)):
        arguments = (tmp_path / "f.bw", "c", 0, 10_000_000, 100, summary)
        zoomed, exact = read_bins(*arguments, exact=False), read_bins(*arguments)
        assert not np.array_equal(zoomed, exact)
        np.testing.assert_allclose(zoomed, exact, rtol=tolerance)
        assert zoomed.sum() == pytest.approx(exact.sum(), rel=1e-3)


def test_long_runs_of_equal_values_are_stored_as_runs(tmp_path):
    rng = np.random.default_rng(3)
    coverage = np.repeat(rng.integers(0, 50, 3000), rng.integers(1, 200, 3000)).astype(np.float32)
    lengths = {"c": len(coverage)}
    write_bigwig(tmp_path / "runs.bw", lengths, [("c", coverage)], 1)
    assert (tmp_path / "runs.bw").stat().st_size < len(coverage) / 8
    assert np.array_equal(bases_by_pybigwig(tmp_path / "runs.bw", "c"), coverage)
    assert len(pyBigWig.open(str(tmp_path / "runs.bw")).intervals("c")) <= 3001


def test_a_chromosome_longer_than_an_encoding_tile_is_whole(tmp_path):
    values = np.random.default_rng(4).normal(size=600_001).astype(np.float32)
    values[262_140:262_150] = np.nan
    write_bigwig(tmp_path / "l.bw", {"c": 600_001}, [("c", values)], 1, mantissa_bits=None)
    assert np.array_equal(bases_by_pybigwig(tmp_path / "l.bw", "c"), values, equal_nan=True)
    assert np.array_equal(bases_by_pybigtools(tmp_path / "l.bw", "c"), values, equal_nan=True)


def test_an_assembly_of_a_thousand_scaffolds_is_found_by_name(tmp_path):
    lengths = {f"scaffold_{i}": 100 + i for i in range(1000)}
    values = [(name, np.array([i, i + 1], np.float32)) for i, name in enumerate(lengths)]
    write_bigwig(tmp_path / "many.bw", lengths, values, 60)
    assert chromosomes(tmp_path / "many.bw") == lengths
    with pyBigWig.open(str(tmp_path / "many.bw")) as file:
        assert file.chroms() == lengths
        for i in (0, 7, 255, 256, 511, 999):
            assert file.values(f"scaffold_{i}", 59, 61) == [i, i + 1]
            assert read_bins(tmp_path / "many.bw", f"scaffold_{i}", 0, 120, 2).tolist() == [
                i,
                i + 1,
            ]


def test_the_order_in_which_chromosomes_arrive_does_not_matter_to_readers(tmp_path):
    lengths = {"b": 3000, "a": 3000}
    arrays = {name: np.arange(3000, dtype=np.float32) + len(name) for name in lengths}
    for order in (["a", "b"], ["b", "a"]):
        path = tmp_path / f"{order[0]}.bw"
        write_bigwig(path, lengths, ((name, arrays[name]) for name in order), 1, mantissa_bits=None)
        for name in lengths:
            assert np.array_equal(bases_by_pybigwig(path, name), arrays[name])
            assert np.array_equal(bases_by_pybigtools(path, name), arrays[name])


def test_a_file_without_any_value_is_a_readable_bigwig(tmp_path):
    write_bigwig(tmp_path / "none.bw", {"c": 100}, [("c", np.full(100, np.nan, np.float32))], 1)
    assert read_bins(tmp_path / "none.bw", "c", 0, 100, 10).tolist() == [0] * 10
    assert np.isnan(bases_by_pybigwig(tmp_path / "none.bw", "c")).all()


def test_equal_values_give_equal_bytes(tmp_path):
    values = np.random.default_rng(5).normal(size=5000).astype(np.float32)
    for name in ("one.bw", "two.bw"):
        write_bigwig(tmp_path / name, {"c": 5000}, [("c", values)], 1)
    assert (tmp_path / "one.bw").read_bytes() == (tmp_path / "two.bw").read_bytes()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([("chrX", np.ones(3, np.float32))], "chrX"),
        ([("c", np.ones(11, np.float32))], "at most 10 bins of 10 bases"),
        ([("c", np.ones(3, np.float32))] * 2, "twice"),
        ([("c", np.array([1, np.inf], np.float32))], "infinite value in the bin at base 11"),
    ],
)
def test_a_refused_write_leaves_neither_the_file_nor_a_part_of_it(tmp_path, values, message):
    with pytest.raises(SighthoundError, match=message):
        write_bigwig(tmp_path / "bad.bw", {"c": 99}, values, 10)
    assert list(tmp_path.iterdir()) == []


def test_a_bin_with_an_entry_of_nan_or_infinity_says_so(tmp_path):
    with pyBigWig.open(str(tmp_path / "nan.bw"), "w") as file:
        file.addHeader([("c", 100)])
        file.addEntries("c", 40, values=[1.0, np.nan, 2.0, np.inf, 3.0], span=1, step=1)
    for summary, last in (("sum", np.inf), ("mean", np.inf), ("max", np.inf)):
        got = read_bins(tmp_path / "nan.bw", "c", 39, 45, 3, summary)
        np.testing.assert_array_equal(got[1:], [np.nan, last])


@pytest.mark.parametrize("content", [None, b"", b"chr1\t0\t10\n", b"\x26\xfc\x8f\x88 truncated"])
def test_what_is_not_a_bigwig_is_refused_by_name(tmp_path, content):
    path = tmp_path / "genes.bw"
    if content is not None:
        path.write_bytes(content)
    for read in (chromosomes, lambda p: read_bins(p, "c", 0, 10, 1)):
        with pytest.raises(SighthoundError, match=r"genes\.bw.*BigWig") as error:
            read(path)
        assert "\n" not in str(error.value)


def test_a_folder_is_not_a_bigwig(tmp_path):
    with pytest.raises(SighthoundError, match="not a BigWig"):
        chromosomes(tmp_path)


def test_an_unknown_chromosome_is_named(tmp_path):
    write_bigwig(tmp_path / "a.bw", {"chrI": 10}, [], 1)
    with pytest.raises(SighthoundError, match="no chromosome I; the file has chrI"):
        read_bins(tmp_path / "a.bw", "I", 0, 10, 1)


def test_a_file_replaced_on_disk_is_read_anew(tmp_path):
    path = tmp_path / "a.bw"
    for value in (1, 2, 3):
        write_bigwig(path, {"c": 10}, [("c", np.full(10, value, np.float32))], 1)
        assert read_bins(path, "c", 0, 10, 1) == [value]


def test_many_threads_read_the_same_file_at_once(tmp_path):
    values = np.random.default_rng(6).normal(size=20_000).astype(np.float32)
    write_bigwig(tmp_path / "t.bw", {"c": 20_000}, [("c", values)], 1, mantissa_bits=None)
    wrong = []

    def read(offset: int) -> None:
        for start in range(offset, 10_000, 500):
            got = read_bins(tmp_path / "t.bw", "c", start, start + 1000, 1000)
            if not np.array_equal(got, values[start : start + 1000]):
                wrong.append(start)

    threads = [threading.Thread(target=read, args=(offset,)) for offset in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_file_of_packed_stretches_is_the_file_of_the_whole_values(tmp_path):
    lengths, step = {"chr2": 5_000_003, "chr1": 128_000}, 128
    bins = stretch_bins(step)
    rng = np.random.default_rng(3)
    whole = {c: rng.gamma(1, 1, -(-n // step)).astype(np.float32) for c, n in lengths.items()}
    write_bigwig(tmp_path / "whole.bw", lengths, whole.items(), step, mantissa_bits=None)
    ids, zooms = chromosome_ids(lengths), zoom_levels(max(lengths.values()), step)
    with new_bigwig(tmp_path / "pieces.bw", lengths, step) as writer:
        for chrom, values in whole.items():
            pieces = (
                encode_stretch(values[at : at + bins], at, ids[chrom], lengths[chrom], step, zooms)
                for at in range(0, len(values), bins)
            )
            writer.add_chromosome(chrom, (EncodedStretch.unpack(p.pack()) for p in pieces))
    assert (tmp_path / "pieces.bw").read_bytes() == (tmp_path / "whole.bw").read_bytes()
