"""Reads that a file should not hold, or not together: each is named in one line, or in the card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pysam
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.tracks.card import Card, read_card
from sighthound.precompute.reads.coverage import coverage
from tests.precompute.reads.test_coverage import (
    PAIRED,
    PROPER,
    READ1,
    READ2,
    REVERSE,
    SECONDARY,
    counted,
    write_bam,
)

PAIR = [
    ("p", PAIRED | PROPER | READ1, 200, {"tlen": 60}),
    ("p", PAIRED | PROPER | READ2 | REVERSE, 250, {"tlen": -60}),
]
MIXED = [("s", 0, 100), *PAIR]


def card_of(folder: Path) -> Card:
    """What lies beside the BigWig that `counted` wrote."""
    card = read_card(folder / "out.bw")
    assert card is not None
    return card


def test_single_ends_among_pairs_are_counted_and_named(tmp_path: Path) -> None:
    assert counted(tmp_path, MIXED) == {100: 1, 200: 1, 259: 1}
    remarks = card_of(tmp_path).remarks
    assert remarks == ("reads.bam mixes 1 alignments of single-end reads with 2 of pairs",)


def test_single_ends_count_as_mate_1_and_never_as_mate_2(tmp_path: Path) -> None:
    assert counted(tmp_path, MIXED, mate=1) == {100: 1, 200: 1}
    assert counted(tmp_path, MIXED, mate=2) == {259: 1}
    assert card_of(tmp_path).left_out == {"single_end": 1}


def test_a_size_that_single_ends_do_not_have_leaves_them_out(tmp_path: Path) -> None:
    assert counted(tmp_path, MIXED, fragment_sizes=(0, 120)) == {200: 1, 259: 1}
    assert card_of(tmp_path).left_out == {"single_end": 1}


@pytest.mark.parametrize("options", [{"mate": 2}, {"fragment_sizes": (0, 120)}])
def test_single_ends_alone_are_refused_where_pairs_are_asked_for(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    bam = write_bam(tmp_path / "reads.bam", MIXED[:1])
    with pytest.raises(SighthoundError, match=r"no alignments that count \(1 single_end\)"):
        coverage(bam, tmp_path / "out.bw", **options)
    assert [path.name for path in tmp_path.iterdir()] == ["reads.bam"]


def test_a_bam_sorted_by_name_gives_the_same_bytes(tmp_path: Path) -> None:
    reads = [(f"u{i}", 0, 3 * i) for i in range(40)]
    reads += [("m", 0, 100), ("m", SECONDARY, 300), ("a", REVERSE, 20)]
    bam = write_bam(tmp_path / "reads.bam", sorted(reads, key=lambda read: read[2]))
    pysam.sort("-n", "-o", str(tmp_path / "by_name.bam"), str(bam))
    for name in ("reads", "by_name"):
        coverage(tmp_path / f"{name}.bam", tmp_path / f"{name}.bw")
    assert (tmp_path / "reads.bw").read_bytes() == (tmp_path / "by_name.bw").read_bytes()


def test_a_bam_with_a_wrong_byte_is_refused(tmp_path: Path) -> None:
    bam = write_bam(tmp_path / "reads.bam", [(f"r{i}" * 9, 0, i % 900) for i in range(9000)])
    data = bytearray(bam.read_bytes())
    data[len(data) // 2] ^= 0xFF
    bam.write_bytes(data)
    with pytest.raises(SighthoundError, match=r"reads\.bam is truncated or broken"):
        coverage(bam, tmp_path / "out.bw")
    assert [path.name for path in tmp_path.iterdir()] == ["reads.bam"]


def test_where_the_output_was_forgotten_the_last_file_of_reads_is_not_written_over(
    tmp_path: Path,
) -> None:
    one, other = (write_bam(tmp_path / name, MIXED[:1]) for name in ("1.bam", "2.bam"))
    before = other.read_bytes()
    with pytest.raises(SighthoundError, match=r"2\.bam is there already and is no BigWig; give"):
        coverage([one], other)
    assert other.read_bytes() == before
    coverage([one], tmp_path / "out.bw")
    coverage([one], tmp_path / "out.bw")  # one of before may be
