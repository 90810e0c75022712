"""Intervals, regions as people write them, chromosome names, and bases as vectors."""

import gzip
import os
from pathlib import Path

import numpy as np
import pysam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sighthound.core import Genome, Interval, SighthoundError, one_hot, parse_region
from sighthound.core.genome.sequence import reverse_complement


def write_fasta(path: Path, **chromosomes: str) -> Path:
    path.write_text("".join(f">{name}\n{bases}\n" for name, bases in chromosomes.items()))
    return path


@pytest.fixture
def genome(tmp_path):
    return Genome(
        write_fasta(tmp_path / "g.fa", chrI="ACGTNacgtn" * 10, chrII="A" * 30, chrIII="C")
    )


def test_an_interval_reads_as_one_based_and_inclusive():
    assert str(Interval("chrI", 0, 1000)) == "chrI:1-1,000"


def test_an_interval_that_ends_before_it_starts_is_refused():
    with pytest.raises(SighthoundError, match="ends before it starts"):
        Interval("chrI", 5, 4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("chrI:1-100", Interval("chrI", 0, 100)),
        ("I:1,0-2,0", Interval("chrI", 9, 20)),
        ("chrI:5..7", Interval("chrI", 4, 7)),
        ("2:30", Interval("chrII", 29, 30)),
        ("chrii", Interval("chrII", 0, 30)),
        (" chrI : 1 - 3 ", Interval("chrI", 0, 3)),
        ("chrI 5 7", Interval("chrI", 4, 7)),
        ("II 5", Interval("chrII", 4, 5)),
        ("chrI:5\u20137", Interval("chrI", 4, 7)),
        ("chr1-5-7", Interval("chrI", 4, 7)),
        ("chrI:0.005k-0.1kb", Interval("chrI", 4, 100)),
        ("chrI:5-7(+)", Interval("chrI", 4, 7)),
        ("chrI\t4\t7", Interval("chrI", 4, 7)),
        ("chrI\t4\t7\tpeak\t960\t.", Interval("chrI", 4, 7)),
        ("chrI 0 7 peak 960", Interval("chrI", 0, 7)),
        ("chrI\tSGD\tgene\t5\t7\t.\t+\t.\tID=x", Interval("chrI", 4, 7)),
    ],
)
def test_regions_are_read_as_people_write_them(genome, text, expected):
    assert parse_region(text, genome) == expected


def test_positions_alone_are_on_the_chromosome_that_is_looked_at(genome):
    assert parse_region("5-7", genome, chrom="chrII") == Interval("chrII", 4, 7)
    assert parse_region("20", genome, chrom="chrII") == Interval("chrII", 19, 20)
    assert parse_region("3", genome, chrom="chrII") == Interval("chrIII", 0, 1), "a chromosome"
    with pytest.raises(SighthoundError, match="names no chromosome"):
        parse_region("5-7", genome)


def test_what_lies_beyond_the_end_may_be_cut_off(genome):
    assert parse_region("chrI:90-2,000", genome, clip=True) == Interval("chrI", 89, 100)
    with pytest.raises(SighthoundError, match="beyond the end"):
        parse_region("chrI:101-2,000", genome, clip=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("chrV:1-2", "unknown chromosome 'chrV'"),
        ("chrI:1-101", "beyond the end of chrI, which has 100 bases"),
        ("chrI:0-5", "counted from 1"),
        ("chrI:9-5", "the end follows the start"),
        ("somewhere over", "is not a region"),
        ("", "is not a region"),
        ("chrI:a-b", "is not a region"),
    ],
)
def test_what_is_no_region_is_refused_with_the_reason(genome, text, message):
    with pytest.raises(SighthoundError, match=message):
        parse_region(text, genome)


@given(start=st.integers(1, 100), length=st.integers(1, 100))
def test_a_region_written_out_is_read_back(start, length):
    class OneChromosome:
        lengths = {"chr1": 1000}  # noqa: RUF012

        def resolve(self, name):
            if name not in self.lengths:
                raise SighthoundError(name)
            return name

    interval = Interval("chr1", start, start + length)
    assert parse_region(str(interval), OneChromosome()) == interval


def test_chromosomes_go_by_their_usual_names(genome):
    assert [genome.resolve(name) for name in ("chrI", "I", "1", "chr1", "CHRI")] == ["chrI"] * 5


def test_a_sex_chromosome_is_not_the_tenth(tmp_path):
    genome = Genome(write_fasta(tmp_path / "h.fa", chr1="A", chr10="C", chrX="G", chrM="T"))
    assert genome.resolve("X") == "chrX"
    assert genome.resolve("10") == "chr10"
    assert genome.resolve("MT") == "chrM"


def test_lower_case_counts_as_upper_case_and_n_is_all_zeros(genome):
    vectors = genome.one_hot(Interval("chrI", 0, 10))
    assert vectors.dtype == np.uint8
    np.testing.assert_array_equal(vectors[:4], np.eye(4))
    np.testing.assert_array_equal(vectors[4], 0)
    np.testing.assert_array_equal(vectors[5:], vectors[:5])


def test_bases_beyond_the_ends_are_n(genome):
    assert genome.sequence(Interval("chrIII", -2, 3)) == "NNCNN"
    assert genome.sequence(Interval("chrIII", 5, 8)) == "NNN"
    assert genome.sequence(Interval("chrIII", -8, -5)) == "NNN"


@given(st.text("ACGTN", max_size=30))
def test_turning_a_sequence_twice_gives_it_back(bases):
    vectors = one_hot(bases)
    np.testing.assert_array_equal(reverse_complement(reverse_complement(vectors)), vectors)


def test_the_fingerprint_tells_assemblies_apart(tmp_path):
    one = Genome(write_fasta(tmp_path / "1.fa", chr1="ACGT"))
    same = Genome(write_fasta(tmp_path / "2.fa", chr1="ACGT"))
    other = Genome(write_fasta(tmp_path / "3.fa", chr1="ACGA"))
    assert one.fingerprint == same.fingerprint != other.fingerprint


def test_the_hash_of_all_bases_tells_one_from_another_and_no_way_of_writing(tmp_path):
    bases = "ACGTTGCA" * 500
    one = Genome(write_fasta(tmp_path / "1.fa", chr1=bases))
    lower = Genome(write_fasta(tmp_path / "2.fa", chr1=bases.lower()))
    other = Genome(write_fasta(tmp_path / "3.fa", chr1=f"{bases[:-1]}C"))
    named = Genome(write_fasta(tmp_path / "4.fa", chr2=bases))
    assert one.fingerprint == other.fingerprint
    assert one.bases_hash == lower.bases_hash
    assert len({genome.bases_hash for genome in (one, other, named)}) == 3


def test_an_index_is_made_where_there_is_none(tmp_path):
    plain = write_fasta(tmp_path / "g.fa", chr1="ACGT")
    compressed = tmp_path / "z.fa.gz"
    pysam.tabix_compress(str(plain), str(compressed))
    assert Genome(plain).lengths == Genome(compressed).lengths == {"chr1": 4}
    assert (tmp_path / "z.fa.gz.gzi").is_file()


def test_a_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    folder = tmp_path / "read-only"
    folder.mkdir()
    fasta = write_fasta(folder / "g.fa", chr1="ACGT")
    monkeypatch.setattr(os, "access", lambda *_: False)  # as for who may not write; root may
    with pytest.raises(SighthoundError, match="has no index and none could be written"):
        Genome(fasta)


def test_gzip_is_told_from_bgzip(tmp_path):
    path = tmp_path / "g.fa.gz"
    path.write_bytes(gzip.compress(b">chr1\nACGT\n"))
    with pytest.raises(SighthoundError, match=r"compressed with gzip.*bgzip"):
        Genome(path)


def test_what_is_no_fasta_is_refused(tmp_path):
    (tmp_path / "g.fa").write_text("ACGT\n")
    with pytest.raises(SighthoundError, match="is not FASTA"):
        Genome(tmp_path / "g.fa")
    with pytest.raises(SighthoundError, match="does not exist"):
        Genome(tmp_path / "none.fa")
