import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sighthound.core import Interval
from sighthound.core.genome.interval_sets import bases_covered, by_chromosome, merge

INTERVALS = st.lists(
    st.builds(
        lambda chrom, start, length: Interval(chrom, start, start + length),
        st.sampled_from(["chrI", "chrII"]),
        st.integers(0, 60),
        st.integers(0, 20),
    ),
    max_size=12,
)


def bases(intervals: list[Interval]) -> set[tuple[str, int]]:
    return {(i.chrom, base) for i in intervals for base in range(i.start, i.end)}


@given(INTERVALS)
def test_merged_intervals_hold_the_same_bases_and_lie_apart(intervals: list[Interval]) -> None:
    merged = merge(intervals)
    assert bases(merged) == bases(intervals)
    assert merged == sorted(merged)
    for listed in by_chromosome(merged).values():
        for one, following in itertools.pairwise(listed):
            assert one.end < following.start


@given(INTERVALS, st.integers(0, 70), st.integers(0, 30))
def test_bases_are_counted_as_one_by_one(
    intervals: list[Interval], start: int, length: int
) -> None:
    there = by_chromosome(merge(intervals)).get("chrI", [])
    counted = bases_covered(np.array([start]), np.array([start + length]), there)
    inside = bases(there) & bases([Interval("chrI", start, start + length)])
    assert counted == [len(inside)]


def test_chromosomes_keep_the_order_that_was_given() -> None:
    given_order = [Interval("chrII", 5, 6), Interval("chrI", 1, 2), Interval("chrII", 0, 1)]
    assert by_chromosome(given_order) == {
        "chrII": [given_order[0], given_order[2]],
        "chrI": [given_order[1]],
    }
