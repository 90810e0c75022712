"""Repeats are found on both strands, and unique sequence is left alone."""

import numpy as np
import pysam
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.precompute.datasets import repeats
from sighthound.precompute.datasets.repeats import repeated_intervals

READ = 50


@pytest.fixture
def genome_of(tmp_path):
    def write(**chromosomes):
        with (tmp_path / "genome.fa").open("w") as file:
            for name, bases in chromosomes.items():
                file.write(f">{name}\n{bases}\n")
        pysam.faidx(str(tmp_path / "genome.fa"))
        return Genome(tmp_path / "genome.fa")

    return write


def random_bases(length, seed):
    return "".join("ACGT"[i] for i in np.random.default_rng(seed).integers(0, 4, length))


def reverse_complement(bases):
    return bases[::-1].translate(str.maketrans("ACGT", "TGCA"))


def test_unique_sequence_has_no_repeats(genome_of):
    assert repeated_intervals(genome_of(a=random_bases(5000, 1), b="ACGT")) == []


@pytest.mark.parametrize("turn", [str, reverse_complement])
def test_a_copy_is_found_at_both_places_without_its_unplaceable_edges(genome_of, turn):
    copy = random_bases(400, 2)
    left, right = random_bases(1000, 3), random_bases(1000, 4)
    genome = genome_of(a=left + copy + right, b=random_bases(700, 5) + turn(copy))
    found = repeated_intervals(genome)
    assert [interval.chrom for interval in found] == ["a", "b"]
    # More than half of the reads over a base lie in the copy from 25 bases inside it on.
    edge = READ // 2
    assert found[0] == Interval("a", 1000 + edge, 1400 - edge)
    # At a chromosome's end fewer reads lie over a base, and all of them in the copy.
    assert found[1] == Interval("b", 700 + edge, 1100)


def test_a_read_longer_than_the_copy_can_be_placed(genome_of):
    copy = random_bases(60, 6)
    genome = genome_of(a=random_bases(500, 7) + copy + random_bases(500, 8) + copy)
    assert repeated_intervals(genome, read_length=75) == []


def test_blocks_and_passes_change_nothing(genome_of, monkeypatch):
    unit = random_bases(120, 5)
    genome = genome_of(
        chr1=random_bases(300, 6) + unit + random_bases(211, 7),
        chr2=reverse_complement(unit) + random_bases(90, 8),
        short="ACGT",
    )
    whole = repeated_intervals(genome, READ)
    assert whole
    monkeypatch.setattr(repeats, "_BLOCK", 37)
    monkeypatch.setattr(repeats, "_HASHES", 200)
    assert repeated_intervals(genome, READ) == whole


@pytest.mark.parametrize("length", [0, 101])
def test_a_read_no_chromosome_can_hold_is_named(genome_of, length):
    with pytest.raises(SighthoundError, match=f"reads of {length} bases; expected 1 to 100"):
        repeated_intervals(genome_of(chr1=random_bases(100, 1)), length)
