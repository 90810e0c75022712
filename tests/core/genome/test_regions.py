"""Regions as people write and paste them: every usual form means the same place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sighthound.core.genome.regions import TypedRegion, read_region

POSITIONS = st.integers(1, 3_000_000_000)


@given(
    start=POSITIONS,
    length=st.integers(0, 10_000_000),
    form=st.sampled_from(
        [
            "chrIV:{s}-{e}", "chrIV:{s:,}-{e:,}", "chrIV : {s} .. {e}", "chrIV {s} {e}",
            "chrIV {s:,} - {e:,}", "chrIV:{s}\u2013{e}", "chrIV-{s}-{e}", "chrIV:{s:_}-{e:_}",
            "chrIV\t{b}\t{e}", "chrIV\t{b}\t{e}\tname\t0\t+",
            "chrIV:{s}-{e}(-)", "chrIV {s} to {e}",
        ]
    ),
)  # fmt: skip
def test_every_form_of_a_region_means_the_same(start, length, form):
    text = form.format(s=start, e=start + length, b=start - 1)
    assert read_region(text)[-1] == TypedRegion("chrIV", start, start + length)


@given(start=POSITIONS, form=st.sampled_from(["{s}", "{s:,}", "{s:_}", " {s} "]))
def test_a_number_alone_is_a_position_or_a_chromosome(start, form):
    text = form.format(s=start)
    assert read_region(text) == [TypedRegion(text.strip()), TypedRegion(None, start)]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("chr1:1.5M-2M", 1_500_000, 2_000_000),
        ("chr1:12.5kb-13 kb", 12_500, 13_000),
        ("chr1:1.000.000-1.200.000", 1_000_000, 1_200_000),
        ("chr1:1 000 - 2 000", 1_000, 2_000),
    ],
)
def test_thousands_and_units_are_understood(text, start, end):
    assert read_region(text)[-1] == TypedRegion("chr1", start, end)


def test_a_colon_may_be_part_of_a_chromosomes_name():
    whole, cut = read_region("HLA-A*01:01")
    assert (whole, cut) == (TypedRegion("HLA-A*01:01"), TypedRegion("HLA-A*01", 1))


@given(st.text(max_size=30))
def test_no_text_is_too_odd_to_be_read(text):
    for region in read_region(text):
        assert region.start is None or region.start >= 0
