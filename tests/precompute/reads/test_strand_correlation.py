"""The length of fragments of single-end reads is learned from their strands."""

import numpy as np
import pysam
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.tracks.card import read_card
from sighthound.precompute.reads.coverage import coverage
from sighthound.precompute.reads.strand_correlation import _facing, fragment_length

LENGTH, READ = 60_000, 36


def sites(rng):
    """Bound places, and fragments of about 170 bases over them, sequenced from either end."""
    middle = rng.choice(np.arange(500, LENGTH - 500, 10), 60)[rng.integers(0, 60, 4000)]
    size = np.round(rng.normal(170, 8, 4000)).astype(int)
    start = middle - size // 2 + rng.integers(-15, 16, 4000)
    is_minus = rng.random(4000) < 0.5
    return start[~is_minus], (start + size - 1)[is_minus]


@pytest.fixture
def bam(tmp_path):
    plus, minus = sites(np.random.default_rng(2))
    header = {"SQ": [{"SN": "chr1", "LN": LENGTH}]}
    with pysam.AlignmentFile(str(tmp_path / "chip.bam"), "wb", header=header) as file:
        for number, (start, flag) in enumerate(
            [(int(s), 0) for s in plus] + [(int(e) - READ + 1, 16) for e in minus]
        ):
            read = pysam.AlignedSegment(file.header)
            read.query_name, read.flag, read.reference_id = f"r{number}", flag, 0
            read.reference_start, read.mapping_quality = start, 60
            read.query_sequence, read.cigartuples = "A" * READ, [(0, READ)]
            file.write(read)
    return tmp_path / "chip.bam"


def test_distances_of_all_pairs_are_counted():
    plus, minus = np.array([10, 12, 900]), np.array([5, 12, 15, 910])
    found = _facing(plus, minus, 20)
    assert {int(d): int(found[d]) for d in np.flatnonzero(found)} == {1: 1, 3: 1, 4: 1, 6: 1, 11: 1}


def test_chip_learns_the_length_and_keeps_it_with_its_picture(tmp_path, bam):
    coverage(bam, tmp_path / "out.bw", assay="chip-tf")
    card = read_card(tmp_path / "out.bw")
    learned = card.fragments
    assert abs(learned.length - 170) <= 5
    assert (learned.reads, learned.read_length) == (4000, READ)
    assert learned.above_chance > 2
    assert dict(card.lines())["fragments"].startswith(f"{learned.length} bases, learned from")
    picture = (tmp_path / "out.bw.fragments.svg").read_text()
    assert f"fragment {learned.length}<" in picture
    given = coverage(bam, tmp_path / "out.bw", assay="chip-tf", fragment_length=170)
    assert given.card.fragments is None
    assert not (tmp_path / "out.bw.fragments.svg").exists()


def test_the_peak_at_the_length_of_a_read_is_passed_over():
    plus, minus = sites(np.random.default_rng(4))
    rng = np.random.default_rng(5)
    placeable = rng.choice(1_000_000, 6000, replace=False) + LENGTH
    plus = np.concatenate([plus, placeable])
    minus = np.concatenate([minus, placeable + 75 - 1])
    assert abs(fragment_length(plus, minus, 75).length - 170) <= 5


def test_strands_that_tell_nothing_ask_for_the_length():
    anywhere = np.random.default_rng(1).integers(0, LENGTH, (2, 3000))
    with pytest.raises(SighthoundError, match=r"6,000 single-end reads do not tell .*give a f"):
        fragment_length(anywhere[0], anywhere[1], READ)


def test_signal_that_only_clusters_has_no_peak_beside_the_length_of_a_read():
    rng = np.random.default_rng(6)
    middle = np.repeat(rng.choice(LENGTH - 4_000, 200, replace=False) + 2_000, 60)
    plus, minus = (middle + rng.normal(0, 250, len(middle)).astype(int) for _ in range(2))
    with pytest.raises(SighthoundError, match="do not tell how long fragments are"):
        fragment_length(plus, minus, READ)
