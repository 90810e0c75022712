"""Bins of BigWigs against plain arithmetic over their bases, whoever wrote the file."""

import itertools

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sighthound.core.bigwig.files import BLUR_FRACTION, chromosomes, read_bins
from sighthound.core.bigwig.reader import open_bigwig
from sighthound.core.errors import SighthoundError
from tests.core.bigwig.writers import WRITERS, write_sections

LENGTHS = {"c": 900, "without": 40, "zz": 7}
# Distance of the smallest float32 numbers, which have fewer digits than others.
TINIEST = float(np.finfo(np.float32).smallest_subnormal)
exactly = settings(max_examples=25)


@st.composite
def entries(draw, most=900):
    """Entries of one chromosome, ascending and apart, some touching; and one of another."""
    found, at = [], 0
    value = st.floats(-1e6, 1e6, width=32) | st.sampled_from([0.0, 1.0, 1e30, -2.5])
    for gap, width, amount in draw(
        st.lists(st.tuples(st.integers(0, 90), st.integers(1, 60), value), min_size=1, max_size=30)
    ):
        start = at + (gap if gap > 30 else 0)
        at = start + width
        if at > most:
            break
        found.append(("c", start, at, amount))
    return [*(found or [("c", 3, 5, 1.5)]), ("zz", 2, 7, 4.0)]


def bases_of(given_entries, chrom, length):
    bases = np.full(length, np.nan)
    for name, start, end, value in given_entries:
        if name == chrom:
            bases[start:end] = np.float32(value)
    return bases


def plain_bins(bases, start, end, bins, summary, empty):
    """Cut, fill with zeros, and let numpy say it."""
    edges = [start + i * (end - start) // bins for i in range(bins + 1)]
    result = []
    for a, b in itertools.pairwise(edges):
        piece = bases[max(0, a) : max(0, min(b, len(bases)))]
        known = not np.isnan(piece).all()
        result.append(getattr(np, summary)(np.nan_to_num(piece)) if known else empty)
    return np.array(result)


@exactly
@given(
    entries=entries(),
    start=st.integers(-300, 1000),
    bins=st.integers(1, 80),
    further=st.integers(0, 2000),
    summary=st.sampled_from(["mean", "sum", "max"]),
    empty=st.sampled_from([0.0, np.nan]),
)
@example(  # 27 once was 13: the last base fell out of its bin
    entries=[("c", i, i + 1, float(i)) for i in range(15)],
    start=0, bins=11, further=4, summary="sum", empty=0.0,
)  # fmt: skip
@pytest.mark.parametrize("writer", WRITERS)
def test_bins_of_any_width_are_those_of_their_bases(
    tmp_path, writer, entries, start, bins, further, summary, empty
):
    path = tmp_path / "any.bw"
    WRITERS[writer](path, LENGTHS, entries)
    end = start + bins + further
    found = chromosomes(path)  # pybigtools leaves out those without entries
    assert {chrom for chrom, *_ in entries} <= found.keys() <= LENGTHS.keys()
    for chrom, length in found.items():
        assert length == LENGTHS[chrom]
        bases = bases_of(entries, chrom, length)
        got = read_bins(path, chrom, start, end, bins, summary, empty=empty)
        expected = plain_bins(bases, start, end, bins, summary, empty)
        magnitude = np.nansum(np.abs(bases)) if summary != "max" else 0
        np.testing.assert_allclose(got, expected, rtol=2e-7, atol=1e-14 * magnitude + TINIEST)


LONG = {"c": 40_000, "d": 9_000}
dense_values = hnp.arrays(
    np.float32, st.integers(1, 400), elements=st.sampled_from([0.0, 1, 2.5, 7, 0.1, -3, np.nan])
)


def write_long(path, writer, values, step):
    """Write values of `step` bases, as long as they fit; give the bases of both chromosomes."""
    found = []
    for chrom, length in LONG.items():
        for rank, value in enumerate(np.resize(values, length // step)):
            if not np.isnan(value):
                found.append((chrom, rank * step, (rank + 1) * step, float(value)))
    WRITERS[writer](path, LONG, found)
    # pybigtools leaves out chromosomes without entries
    return {chrom: bases_of(found, chrom, LONG[chrom]) for chrom in chromosomes(path)}


@pytest.mark.parametrize("writer", ["ours", "pyBigWig, fixedStep", "pybigtools"])
@settings(max_examples=15)
@given(
    values=dense_values,
    step=st.sampled_from([50, 64, 100]),
    first=st.integers(-2, 30),
    width=st.sampled_from([256, 1024, 2048, 1000, 800, 4000]),
    bins=st.integers(1, 40),
    summary=st.sampled_from(["mean", "sum", "max"]),
    empty=st.sampled_from([0.0, np.nan]),
)
def test_zoom_levels_change_short_stretches_by_the_rounding_of_their_sums_at_most(
    tmp_path, writer, values, step, first, width, bins, summary, empty
):
    path = tmp_path / "zoomed.bw"
    for chrom, bases in write_long(path, writer, np.append(values, 1), step).items():
        start, end = first * width, (first + bins) * width
        got = read_bins(path, chrom, start, end, bins, summary, exact=False, empty=empty)
        expected = plain_bins(bases, start, end, bins, summary, empty)
        scale = {"sum": width, "mean": 1, "max": 0}[summary] * np.nanmax(np.abs(bases), initial=0)
        np.testing.assert_allclose(got, expected, rtol=2**-23, atol=2**-23 * scale)


@pytest.mark.parametrize("writer", ["ours", "pyBigWig, bedGraph", "pybigtools"])
@settings(max_examples=15)
@given(seed=st.integers(0, 99), bins=st.integers(3, 60), first=st.integers(-5_000, 90_000))
def test_long_stretches_are_wrong_by_no_more_than_the_records_at_their_edges(
    tmp_path, writer, seed, bins, first
):
    rng = np.random.default_rng(seed)
    lengths, bases = {"c": 200_000}, np.full(200_000, np.nan)
    starts = np.cumsum(rng.integers(30, 400, 600))
    found = [("c", int(a), int(a) + 30, float(np.float32(rng.gamma(1)))) for a in starts]
    found = [entry for entry in found if entry[2] <= 200_000]
    for _, start, end, value in found:
        bases[start:end] = value
    path = tmp_path / "long.bw"
    WRITERS[writer](path, lengths, found)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "sighthound.core.bigwig.files.BLUR_FROM_BASES", 1000
        )  # or the file would take seconds
        end = first + 100_000
        edges = [first + i * (end - first) // bins for i in range(bins + 1)]
        with open_bigwig(path) as file:
            fine = [zoom for zoom in file.zooms if zoom * BLUR_FRACTION <= (end - first) // bins]
        record = max(fine, default=0)
        known = np.nan_to_num(bases)

        def hold(a, b):
            return known[max(0, a) : max(0, min(b, 200_000))]

        sums, maxima = (
            read_bins(path, "c", first, end, bins, summary, exact=False)
            for summary in ("sum", "max")
        )
        for rank, (a, b) in enumerate(itertools.pairwise(edges)):
            least, most = hold(a + record, b - record).sum(), hold(a - record, b + record).sum()
            assert least * (1 - 1e-6) <= sums[rank] <= most * (1 + 1e-6)
            low = hold(a, b).max(initial=0)
            assert np.float32(low) <= maxima[rank] <= hold(a - record, b + record).max(initial=0)


def test_stored_nan_and_infinity_are_not_passed_over(tmp_path):
    entries = [("c", 0, 4, 1.0), ("c", 4, 5, np.nan), ("c", 8, 9, np.inf), ("c", 20, 21, 2.0)]
    for kind in (1, 2, 3):
        write_sections(tmp_path / "n.bw", {"c": 30}, entries, kind, "<", compressed=True)
        for summary in ("mean", "sum", "max"):
            got = read_bins(tmp_path / "n.bw", "c", 0, 28, 7, summary, empty=-1)
            np.testing.assert_array_equal(
                got[:4], [1 if summary != "sum" else 4, np.nan, np.inf, -1]
            )


@pytest.mark.parametrize("kind", [1, 2])
@pytest.mark.parametrize("a_section", [1, 3])
@pytest.mark.parametrize("starts", [(0, 5, 4), (10, 0, 20), (0, 0, 10)])
def test_entries_that_overlap_or_are_out_of_order_are_refused(tmp_path, kind, a_section, starts):
    entries = [("c", start, start + 4, 1.0) for start in starts]
    path = tmp_path / "o.bw"
    write_sections(path, {"c": 40}, entries, kind, "<", compressed=True, a_section=a_section)
    if a_section == 1 and starts == (10, 0, 20):  # apart, in blocks that the index puts in order
        assert read_bins(path, "c", 0, 40, 1, "sum")[0] == 12
        return
    with pytest.raises(SighthoundError, match=r"o\.bw: damaged BigWig, chromosome c \(entries"):
        read_bins(path, "c", 0, 40, 4)


def test_entries_beyond_the_end_of_their_chromosome_count_on_it_alone(tmp_path):
    write_sections(tmp_path / "b.bw", {"c": 10}, [("c", 8, 14, 3.0)], 1, "<", compressed=True)
    assert read_bins(tmp_path / "b.bw", "c", 6, 16, 5, "sum").tolist() == [0, 6, 0, 0, 0]
