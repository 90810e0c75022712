"""Pieces that share sequence are of one family, on either strand; others are alone."""

import numpy as np
import pysam

from sighthound.core.genome.sequence import Genome, Interval
from sighthound.precompute.datasets import homology
from sighthound.precompute.datasets.homology import families, shared_with

_COMPLEMENT = str.maketrans("ACGT", "TGCA")


def random_bases(length, seed):
    return "".join("ACGT"[i] for i in np.random.default_rng(seed).integers(0, 4, length))


def genome_of(tmp_path, *pieces):
    """One chromosome of pieces of 4,000 bases, each completed at random."""
    filled = [piece + random_bases(4_000 - len(piece), i) for i, piece in enumerate(pieces)]
    (tmp_path / "genome.fa").write_text(">chr1\n" + "".join(filled) + "\n")
    pysam.faidx(str(tmp_path / "genome.fa"))
    places = [Interval("chr1", i * 4_000, (i + 1) * 4_000) for i in range(len(pieces))]
    return Genome(tmp_path / "genome.fa"), places


def test_a_paralog_on_the_other_strand_is_of_the_family(tmp_path):
    paralog = random_bases(1_500, 100)
    genome, pieces = genome_of(tmp_path, paralog, "", paralog[::-1].translate(_COMPLEMENT), "")
    assert families(genome, pieces, 0.1) == [0, 1, 0, 3]


def test_a_shared_stretch_below_the_share_makes_no_family(tmp_path):
    short = random_bases(200, 100)
    genome, pieces = genome_of(tmp_path, short, short)
    assert families(genome, pieces, 0.3) == [0, 1]


def test_kin_of_kin_are_of_one_family(tmp_path):
    one, other = random_bases(1_500, 100), random_bases(1_500, 101)
    genome, pieces = genome_of(tmp_path, other, "", one, one + other)
    assert families(genome, pieces, 0.1) == [0, 1, 0, 0]


def test_what_stands_in_many_pieces_is_no_kinship(tmp_path, monkeypatch):
    monkeypatch.setattr(homology, "_MOST_PIECES", 3)
    element = random_bases(1_500, 100)
    genome, pieces = genome_of(tmp_path, element, element, element, element)
    assert families(genome, pieces, 0.1) == [0, 1, 2, 3]


def test_pieces_too_short_for_a_k_mer_are_alone(tmp_path):
    genome, _ = genome_of(tmp_path, "")
    assert families(genome, [Interval("chr1", 0, 20), Interval("chr1", 20, 40)], 0.1) == [0, 1]


def test_what_windows_share_with_others_is_counted_on_both_strands(tmp_path):
    paralog = random_bases(2_000, 100)
    turned = paralog[::-1].translate(_COMPLEMENT)
    genome, (first, second, third) = genome_of(tmp_path, paralog, "", turned)
    shares = shared_with(genome, [first, second], [third])
    assert abs(shares[0] - 0.5) < 0.1, "half of the window, by a sixteenth of its k-mers"
    assert shares[1] == 0
    assert shared_with(genome, [first], [second]).tolist() == [0]
